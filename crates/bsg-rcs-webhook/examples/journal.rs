//! A receiver that writes each callback as a line into a file, and brings it to the disk before it answers. It
//! sends itself one.
//!
//! ```sh
//! cargo run -p bsg-rcs-webhook --features serve --example journal -- callbacks.jsonl
//! ```
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::fs::File;
use std::io::Write;
use std::sync::{Arc, Mutex};

use bsg_rcs_webhook::{
    Bounds, Inbox, InboxError, Incoming, WebhookSecret, async_trait, router, serve,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Locked while it is written and brought to the disk, for two calls may come at once.
struct Journal(Mutex<File>);

#[async_trait]
impl Inbox for Journal {
    async fn keep(&self, callbacks: Vec<Incoming>) -> Result<(), InboxError> {
        let lines: Vec<_> = callbacks.iter().map(|one| [&one.body[..], b"\n"].concat()).collect();
        let mut file = self.0.lock().map_err(|_| InboxError::new("a writer panicked"))?;
        file.write_all(&lines.concat()).map_err(InboxError::new)?;
        file.sync_data().map_err(InboxError::new)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a file")?;
    let journal = File::options().create(true).append(true).open(path)?;
    // Twenty random bytes, made once and kept.
    let secret = WebhookSecret::from_random([7; 20]);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let app = router(&secret, Arc::new(Journal(Mutex::new(journal))));
    let (stop, stopping) = tokio::sync::oneshot::channel::<()>();
    let stopped = async { drop(stopping.await) };
    let serving = tokio::spawn(serve(listener, app, Bounds::default(), stopped));
    let mut stream = TcpStream::connect(address).await?;
    let path = secret.path();
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 25\r\n\r\n\
         {{\"id\": 7,\"status\": \"READ\"}}"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    println!("{}", answer.lines().next().unwrap_or_default());
    drop(stop);
    serving.await?;
    Ok(())
}

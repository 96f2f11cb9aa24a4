//! Over a real socket: what the platform sees.

use std::io::ErrorKind;

use bsg_rcs_webhook::axum;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::inboxes::{FOUNDING, Gate, app, secret, settle};

#[tokio::test]
async fn the_answer_leaves_only_after_the_callback_is_kept() {
    let (gate, mut entered) = Gate::closed();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(listener, app(gate.clone())).into_future());

    let mut platform = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST {} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{FOUNDING}",
        secret().path(),
        FOUNDING.len()
    );
    platform.write_all(request.as_bytes()).await.unwrap();
    entered.recv().await.unwrap();
    settle().await;
    let early = platform.try_read(&mut [0; 1]);
    assert_eq!(early.unwrap_err().kind(), ErrorKind::WouldBlock);

    gate.open();
    let mut answer = String::new();
    platform.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(gate.behind.kept().len(), 1);
    server.abort();
}

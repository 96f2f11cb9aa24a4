//! A receiver that reads callbacks and throws them away, on the server with bounds: what a receiver
//! that keeps them is measured against.
//!
//! ```sh
//! cargo run --release -p bsg-rcs-webhook --features serve --example discard
//! ```
#![allow(clippy::print_stdout, reason = "it says where it listens")]

use bsg_rcs_webhook::axum::Router;
use bsg_rcs_webhook::axum::routing::post;
use bsg_rcs_webhook::{Bounds, Bytes, serve};
use tokio::net::TcpListener;

// As the program that keeps them has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("http://{}/callbacks/any", listener.local_addr()?);
        let app = Router::new().route("/callbacks/{secret}", post(async |body: Bytes| drop(body)));
        serve(listener, app, Bounds::default(), std::future::pending()).await;
        Ok(())
    })
}

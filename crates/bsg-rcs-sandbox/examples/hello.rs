//! Starts a sandbox, lets three days pass in a moment, and stops it.
//!
//! ```sh
//! cargo run -p bsg-rcs-sandbox --example hello
//! ```
#![allow(clippy::print_stdout, reason = "it is a program")]

use std::time::Duration;

use bsg_rcs_sandbox::{Sandbox, SandboxConfig, Speed, StartError};

#[tokio::main]
async fn main() -> Result<(), StartError> {
    let config = SandboxConfig { speed: Speed::VIRTUAL, ..SandboxConfig::default() };
    let sandbox = Sandbox::start(config).await?;
    println!("point a client at {}, with the key live_sandbox", sandbox.url());
    sandbox.advance(Duration::from_secs(72 * 3600)).await;
    println!("three days later there are {:?} in the account", sandbox.balance("live_sandbox"));
    sandbox.stop().await;
    Ok(())
}

//! `sandbox`: the platform on this machine.

use bsg_rcs_domain::CivilDateTime;
use bsg_rcs_sandbox::{Sandbox, SandboxConfig};

use crate::args::Sandbox as SandboxArgs;
use crate::context;
use crate::exit::{self, Exit, Failure};
use crate::output::Output;

pub(super) async fn run(args: &SandboxArgs, output: Output) -> Result<Exit, Failure> {
    let mut config = SandboxConfig { listen: args.listen, seed: args.seed, ..Default::default() };
    config.speed = args.speed.parse().map_err(|why| Failure::input(format!("--speed: {why}")))?;
    if let Some(start) = &args.start {
        config.start =
            CivilDateTime::parse(start).map_err(|why| Failure::input(format!("--start: {why}")))?;
    }
    let sandbox =
        Sandbox::start(config).await.map_err(|why| Failure::input(exit::with_sources(&why)))?;
    println!("sandbox listening on {}", sandbox.url());
    if !sandbox.address().ip().is_loopback() {
        output.note("WARNING: others on the network reach this sandbox; it protects nothing");
    }
    output.note("keys: live_sandbox (1000 EUR), test_sandbox (10 EUR, test mode); Ctrl-C stops it");
    tokio::select! {
        () = context::termination() => {}
        () = sandbox.wait() => {}
    }
    sandbox.stop().await;
    Ok(Exit::Done)
}

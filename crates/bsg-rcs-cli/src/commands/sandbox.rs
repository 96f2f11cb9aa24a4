//! `sandbox`: the platform on this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use bsg_rcs_domain::CivilDateTime;
use bsg_rcs_sandbox::{Sandbox, SandboxConfig};

use crate::args::Sandbox as SandboxArgs;
use crate::context;
use crate::exit::{self, Exit, Failure};
use crate::output::Output;

/// Where it listens if nobody says so.
const LISTEN: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 8080);

pub(super) async fn run(args: &SandboxArgs, output: Output) -> Result<Exit, Failure> {
    let config = config(args)?;
    let keys: Vec<String> =
        config.world.accounts.iter().map(|account| account.key.to_string()).collect();
    let sandbox =
        Sandbox::start(config).await.map_err(|why| Failure::input(exit::with_sources(&why)))?;
    println!("sandbox listening on {}", sandbox.url());
    if !sandbox.address().ip().is_loopback() {
        output.note("WARNING: others on the network reach this sandbox; it protects nothing");
    }
    output.note(&format!("keys: {}; Ctrl-C stops it", keys.join(", ")));
    let ended = tokio::select! {
        () = context::termination() => Ok(()),
        ended = sandbox.wait() => ended,
    };
    // A second signal does not wait for what is under way.
    tokio::select! {
        () = sandbox.stop() => {}
        () = context::termination() => {}
    }
    ended.map(|()| Exit::Done).map_err(|why| Failure::fault(why.to_string()))
}

/// The default, changed by the file, changed by the options.
fn config(args: &SandboxArgs) -> Result<SandboxConfig, Failure> {
    let mut config = SandboxConfig { listen: SocketAddr::from(LISTEN), ..Default::default() };
    if let Some(path) = &args.config {
        config = from_file(config, path)?;
    }
    config.listen = args.listen.unwrap_or(config.listen);
    config.seed = args.seed.unwrap_or(config.seed);
    if let Some(speed) = &args.speed {
        config.speed = speed.parse().map_err(|why| Failure::input(format!("--speed: {why}")))?;
    }
    if let Some(start) = &args.start {
        config.start = CivilDateTime::written(start)
            .map_err(|why| Failure::input(format!("--start: {why}")))?;
    }
    config.state = args.state.clone().or(config.state);
    Ok(config)
}

/// Every fault on a line of its own, with file, line and column.
fn from_file(config: SandboxConfig, path: &Path) -> Result<SandboxConfig, Failure> {
    let name = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|why| Failure::input(format!("{name} cannot be read: {why}")))?;
    config.with_toml(&text).map_err(|faults| {
        let lines: Vec<_> = faults.all().iter().map(|fault| format!("{name}:{fault}")).collect();
        Failure::input(lines.join("\n"))
    })
}

//! How a sandbox is run: where it listens, its seed, its time.

mod faults;
mod file;
mod values;

#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use bsg_rcs_domain::{Amount, CivilDateTime};

pub use self::faults::{ConfigFault, ConfigFaults};
use crate::bounds::Bounds;
use crate::wall;
use bsg_rcs_sandbox_engine::{VirtualTime, World};

/// How a sandbox is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxConfig {
    /// Where it listens; port 0 picks a free one.
    pub listen: SocketAddr,
    /// What its randomness starts from: the same seed and commands give the same histories.
    pub seed: u64,
    /// How fast its time goes.
    pub speed: Speed,
    /// What its time starts at.
    pub start: CivilDateTime,
    /// Who has an account, which agents there are, what messages cost, and the assumptions.
    pub world: World,
    /// How long a token lives, on the wall clock.
    pub token_life: Duration,
    /// How callbacks are tried again (A9).
    pub callback_retries: CallbackRetries,
    /// What clients may use up.
    pub bounds: Bounds,
    /// Whether it answers in all the ways that the platform is seen to: ids as strings here and numbers there, nothing
    /// as null or as an empty list, fields and words that are not documented. Which way is decided by the seed and by
    /// what is answered. Callbacks do not change.
    pub oddities: bool,
    /// Names with a dot by which it may be reached; `*.example` allows every name that ends so. Addresses, `localhost` and
    /// names without a dot need no permission: a page of another site cannot make them lead here.
    pub allow_hosts: Vec<String>,
    /// Where its state is kept, so that it goes on where it was when it is started again; nowhere without a path.
    ///
    /// The file is for one world and one seed. It keeps the start that it was made with.
    pub state: Option<PathBuf>,
}

/// Loopback, any free port, seed 0, real time from now on, the default world.
impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            seed: 0,
            speed: Speed::REAL_TIME,
            start: now(),
            world: World::default(),
            token_life: Duration::from_secs(30 * 24 * 3600),
            callback_retries: CallbackRetries::default(),
            bounds: Bounds::default(),
            oddities: false,
            allow_hosts: Vec::new(),
            state: None,
        }
    }
}

impl SandboxConfig {
    /// Reads a configuration file: what it does not say is as in the default.
    ///
    /// `docs/sandbox.toml` shows every key with its default. A list that the file has (accounts, agents, prices,
    /// tariffs, rules of fates) is the whole list. Where it has accounts and no agents, default agents whose account is gone belong to
    /// its first account that is not in test mode.
    ///
    /// ```
    /// use bsg_rcs_sandbox::SandboxConfig;
    ///
    /// let config = SandboxConfig::from_toml("speed = 60\n[assumptions]\nA15 = \"b\"")?;
    /// assert_eq!(config.speed, "60".parse().unwrap());
    /// let faults = SandboxConfig::from_toml("speed = 60\nsped = 1").unwrap_err();
    /// assert_eq!(faults.all()[0].line, 2);
    /// # Ok::<(), bsg_rcs_sandbox::ConfigFaults>(())
    /// ```
    ///
    /// # Errors
    /// [`ConfigFaults`]: everything that is wrong with it, each with line and column.
    pub fn from_toml(text: &str) -> Result<Self, ConfigFaults> {
        Self::default().with_toml(text)
    }

    /// Reads a configuration file: what it does not say is as it is here.
    ///
    /// # Errors
    /// [`ConfigFaults`]: everything that is wrong with it, each with line and column.
    pub fn with_toml(mut self, text: &str) -> Result<Self, ConfigFaults> {
        file::apply(&mut self, text)?;
        Ok(self)
    }
}

/// The wall clock's time, UTC: the platform's zone has no name, so any will do.
fn now() -> CivilDateTime {
    match VirtualTime::from_millis(wall::unix_seconds().saturating_mul(1000)).civil() {
        Some(civil) => civil,
        None => unreachable!("virtual time is kept within the years that have a civil date-time"),
    }
}

/// How often a callback is tried that is not answered with 200, and how long it waits before it is tried again:
/// twice as long each time. The waiting is on the wall clock at any speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallbackRetries {
    /// How often it is sent at most.
    pub attempts: u16,
    /// The wait after the first attempt.
    pub first_wait: Duration,
}

/// Six attempts within some two seconds.
impl Default for CallbackRetries {
    fn default() -> Self {
        Self { attempts: 6, first_wait: Duration::from_millis(50) }
    }
}

/// How many seconds of the platform pass in one of ours, exact to seven decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speed {
    ten_millionths: u64,
}

/// One, in ten-millionths.
const ONE: u64 = 10_000_000;

impl Speed {
    /// Time passes only when it is told to.
    pub const VIRTUAL: Self = Self { ten_millionths: 0 };
    /// Time passes as it does outside.
    pub const REAL_TIME: Self = Self::times(1);

    /// So many seconds in one.
    pub const fn times(factor: u32) -> Self {
        Self { ten_millionths: factor as u64 * ONE }
    }

    /// Whether time passes only when it is told to.
    pub const fn is_virtual(self) -> bool {
        self.ten_millionths == 0
    }

    /// How much of the platform's time passes in `wall`.
    pub(crate) fn scale(self, wall: Duration) -> Duration {
        let scaled = wall.as_nanos().saturating_mul(self.ten_millionths.into()) / u128::from(ONE);
        Duration::from_nanos(u64::try_from(scaled).unwrap_or(u64::MAX))
    }
}

/// Reads a decimal number: `0` is virtual time, `60` lets a minute pass each second.
impl FromStr for Speed {
    type Err = InvalidSpeed;

    fn from_str(text: &str) -> Result<Self, InvalidSpeed> {
        let read = Amount::parse(text).map_err(|_| InvalidSpeed)?;
        let ten_millionths =
            u64::try_from(read.amount.ten_millionths()).map_err(|_| InvalidSpeed)?;
        // Slower than the seventh decimal would silently be no speed at all.
        if read.rounded { Err(InvalidSpeed) } else { Ok(Self { ten_millionths }) }
    }
}

/// The text is no speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a speed is 0 or a positive number with at most seven decimals, such as 60 or 0.5")]
pub struct InvalidSpeed;

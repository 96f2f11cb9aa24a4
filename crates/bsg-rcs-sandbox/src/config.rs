//! How a sandbox is run: where it listens, its seed, its time.

use std::net::{Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use bsg_rcs_domain::{Amount, CivilDateTime};

use crate::engine::{VirtualTime, World};
use crate::wall;

/// How a sandbox is run.
#[derive(Debug, Clone)]
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
        }
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
/// twice as long each time. The waiting is on the wall clock, whatever the speed.
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
    type Err = NotASpeed;

    fn from_str(text: &str) -> Result<Self, NotASpeed> {
        let read = Amount::parse(text).map_err(|_| NotASpeed)?;
        let ten_millionths = u64::try_from(read.amount.ten_millionths()).map_err(|_| NotASpeed)?;
        // Slower than the seventh decimal would silently be no speed at all.
        if read.rounded { Err(NotASpeed) } else { Ok(Self { ten_millionths }) }
    }
}

/// The text is no speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a speed is 0 or a positive number with at most seven decimals, such as 60 or 0.5")]
pub struct NotASpeed;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_decimal_number() {
        for (text, wall, virtual_ms) in
            [("0", 1000, 0), ("1", 1000, 1000), ("60", 20, 1200), ("0.5", 3, 1)]
        {
            let speed: Speed = text.parse().unwrap();
            assert_eq!(speed.scale(Duration::from_millis(wall)).as_millis(), virtual_ms, "{text}");
        }
        for text in ["", "-1", "fast", "0.00000001"] {
            assert_eq!(text.parse::<Speed>(), Err(NotASpeed), "{text}");
        }
        assert!(Speed::VIRTUAL.is_virtual() && !Speed::REAL_TIME.is_virtual());
    }
}

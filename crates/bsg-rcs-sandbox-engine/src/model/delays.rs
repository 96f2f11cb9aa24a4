//! How long things take: moderation, each leg of a message's way, and the pace of a campaign.

use serde::Serialize;
use std::time::Duration;

/// How long something takes, in milliseconds of the platform's time: chosen at random between two bounds, both
/// included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Delay {
    /// At least.
    pub least: u32,
    /// At most; not less than the least.
    pub most: u32,
}

impl Delay {
    /// Between so many milliseconds.
    pub const fn between(least: u32, most: u32) -> Self {
        Self { least, most }
    }
}

/// How long everything takes that waits for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Delays {
    /// A campaign's moderation.
    pub moderation: Delay,
    /// From `sending` to `sent`.
    pub sent: Delay,
    /// From `sent` to `delivered`.
    pub delivered: Delay,
    /// From `delivered` to `read`.
    pub read: Delay,
    /// From `read` to the click.
    pub clicked: Delay,
    /// From `sent` to `undelivered`.
    pub undelivered: Delay,
    /// From `sending`, or from `accepted` where a message may not be sent, to `failed`.
    pub failed: Delay,
    /// From `sending` to `not_service_user`.
    pub no_rcs: Delay,
    /// From `sent` to `unknown`.
    pub unknown: Delay,
    /// From `accepted` to `sending`: a campaign hands over so many messages at once; at least 1.
    pub burst: u16,
    /// The time between two bursts, in whole milliseconds.
    pub pause: Duration,
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            moderation: Delay::between(500, 2_000),
            sent: Delay::between(200, 2_000),
            delivered: Delay::between(1_000, 5_000),
            read: Delay::between(5_000, 60_000),
            clicked: Delay::between(1_000, 9_000),
            undelivered: Delay::between(2_000, 10_000),
            failed: Delay::between(500, 2_000),
            no_rcs: Delay::between(500, 3_000),
            unknown: Delay::between(5_000, 15_000),
            burst: 50,
            pause: Duration::from_millis(100),
        }
    }
}

/// A leg of a message's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leg {
    /// To `sent`.
    Sent,
    /// To `delivered`.
    Delivered,
    /// To `read`.
    Read,
    /// To the click.
    Clicked,
    /// To `undelivered`.
    Undelivered,
    /// To `failed`.
    Failed,
    /// To `not_service_user`.
    NoRcs,
    /// To `unknown`.
    Unknown,
}

impl Delays {
    /// How long a leg takes.
    pub(crate) const fn of(&self, leg: Leg) -> Delay {
        match leg {
            Leg::Sent => self.sent,
            Leg::Delivered => self.delivered,
            Leg::Read => self.read,
            Leg::Clicked => self.clicked,
            Leg::Undelivered => self.undelivered,
            Leg::Failed => self.failed,
            Leg::NoRcs => self.no_rcs,
            Leg::Unknown => self.unknown,
        }
    }
}

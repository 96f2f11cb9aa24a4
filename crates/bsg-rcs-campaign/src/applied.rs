//! How a campaign is applied, and how applying can end.

use std::time::Duration;

use bsg_rcs_domain::{Amount, Currency, Money};

/// How a campaign is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ApplyOptions {
    /// Stops after exactly the first so many recipients: a batch is cut there.
    pub first: Option<u64>,
    /// The most recipients a second. Batches are cut to ten seconds of it.
    pub rate: Option<u32>,
    /// The most recipients a request, from 1 to the plan's own bound.
    pub batch_size: Option<u32>,
    /// The most batches that are sent at once; 2 without it.
    pub concurrency: Option<usize>,
    /// How long an unknown outcome may still change: at least the request timeout. Without one, it
    /// is the request timeout, plus the window of the platform's duplicate guard (10 seconds,
    /// assumption A17), plus 5 seconds.
    pub settle: Option<Duration>,
    /// Sends nothing again whose outcome is unknown and that is not found: it is held for manual
    /// review. For a platform that neither refuses a known reference (A15) nor finds an accepted
    /// message in time (A20).
    pub hold_unknown: bool,
    /// Takes held batches up again, as if they had never been tried: they are looked up, and what
    /// is not found is sent. Set after a manual review.
    pub retry_held: bool,
    /// The most that the campaign may cost, in the currency of its plan; without one, the plan's.
    pub max_cost: Option<Amount>,
    /// Sends although the same message went to the same recipients within 24 hours.
    pub again: bool,
    /// Carries the campaign over to the client's API key. Refused while the outcome of a batch is
    /// unknown, because only the key that sent it can look it up.
    pub carry_over: bool,
}

/// Batches that are sent at once unless the options say otherwise.
const CONCURRENCY: usize = 2;

impl ApplyOptions {
    /// How many batches are sent at once, at least 1.
    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency.unwrap_or(CONCURRENCY).max(1)
    }
}

/// How applying ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// Every batch was sent and settled.
    AllSent,
    /// The platform refused a request without naming a recipient. Nothing of it was sent, its
    /// recipients are pending, and the campaign is paused.
    Refused {
        /// The platform's words.
        why: String,
        /// Batches that are held beside it, by number.
        held: Vec<u32>,
    },
    /// Looking up did not settle these batches; they need a manual review.
    Held {
        /// Their numbers, from 0.
        batches: Vec<u32>,
    },
    /// Stopped before the end; applying again goes on.
    Stopped(Stop),
}

/// Why applying stopped before the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The first recipients were asked for, and they are sent.
    First,
    /// The interrupt was raised.
    Interrupted,
    /// The platform paused a campaign: the funds ran out. Nothing restarts by itself after a
    /// top-up.
    PausedByPlatform {
        /// The platform's campaign.
        remote: u64,
    },
    /// What was billed and what is not billed yet leaves no room for the next batch under the cap.
    SpendCap {
        /// What was billed, plus the worst case of every message that was sent and has no end yet.
        spent: Money,
        /// What the next batch may cost at worst.
        next: Money,
        /// The cap.
        cap: Money,
    },
    /// A bill or the account is in another currency than the cap, so the cap cannot be held.
    OtherCurrency {
        /// The currency that was found.
        found: Currency,
        /// The cap.
        cap: Money,
    },
    /// A message was billed at a price that the plan's price list does not have, so the cap cannot
    /// be held.
    UnlistedPrice {
        /// What the message was billed.
        billed: Money,
        /// The cap.
        cap: Money,
    },
    /// Another worker paused the campaign; applying again goes on.
    Elsewhere,
    /// The campaign was stopped for good.
    ForGood,
}

impl Stop {
    /// Whether it concerns the campaign, and so every worker, rather than this run alone.
    pub(crate) const fn is_for_all(self) -> bool {
        match self {
            Self::PausedByPlatform { .. }
            | Self::SpendCap { .. }
            | Self::OtherCurrency { .. }
            | Self::UnlistedPrice { .. } => true,
            Self::First | Self::Interrupted | Self::Elsewhere | Self::ForGood => false,
        }
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::First => f.write_str("the first recipients were sent"),
            Self::Interrupted => f.write_str("it was interrupted"),
            Self::PausedByPlatform { remote } => {
                write!(f, "the platform paused its campaign {remote}: the funds ran out")
            }
            Self::SpendCap { spent, next, cap } => write!(
                f,
                "the cap of {cap} leaves no room: {spent} are spent or may be, and the next batch \
                 may cost {next}"
            ),
            Self::OtherCurrency { found, cap } => {
                write!(f, "the cap is {cap}, and the platform bills in {found}")
            }
            Self::UnlistedPrice { billed, cap } => write!(
                f,
                "a message was billed {billed}, which the plan's price list does not have, so the \
                 cap of {cap} cannot be held"
            ),
            Self::Elsewhere => f.write_str("another worker paused the campaign"),
            Self::ForGood => f.write_str("the campaign was stopped for good"),
        }
    }
}

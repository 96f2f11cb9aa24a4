//! Fates: the last two digits of a number decide what becomes of its messages.
//!
//! | ends in | way after `sending` |
//! | --- | --- |
//! | 91 | sent, delivered, read |
//! | 92 | sent; expires when its validity runs out |
//! | 93 | sent, undelivered |
//! | 94 | failed |
//! | 95 | not a service user |
//! | 96 | sent, unknown; its money is let go when its validity runs out |
//! | 97 | sent, then never a word; its money likewise |
//! | 98 | sent, delivered, read, first button clicked |
//! | 99 | sent, delivered, reported twice and backwards |
//! | else | sent, delivered |
//!
//! Two more come from elsewhere: a message that may not be sent at all fails, and a fallback SMS is delivered.

use bsg_rcs_domain::{MessageStatus, Msisdn};

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It arrives.
    Delivered,
    /// It arrives and is opened.
    Read,
    /// Nobody fetches it in time.
    Expires,
    /// It cannot be delivered.
    Undelivered,
    /// It cannot be sent.
    Failed,
    /// The handset has no RCS.
    NoRcs,
    /// The platform never learns.
    Unknown,
    /// The platform never says.
    Silent,
    /// It arrives, is opened, and its first button is clicked.
    Clicks,
    /// It arrives; its reports come doubled and in the wrong order.
    Scrambled,
    /// It may not be sent: the agent's countries, or a stopped campaign (A19).
    Barred,
}

/// How long until a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// So many milliseconds, at least and at most.
    Between(u32, u32),
    /// Until the message's validity runs out.
    Validity,
}

/// One step of a message's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Its status changes.
    To(MessageStatus),
    /// Its first button is clicked.
    Click,
    /// Its money is let go; nobody is told.
    LetGo,
}

use MessageStatus as Is;

const SENT: (Wait, Turn) = (Wait::Between(200, 2_000), Turn::To(Is::Sent));
const ARRIVED: (Wait, Turn) = (Wait::Between(1_000, 5_000), Turn::To(Is::Delivered));
const OPENED: (Wait, Turn) = (Wait::Between(5_000, 60_000), Turn::To(Is::Read));

impl Fate {
    /// The fate of a number.
    pub fn of(number: Msisdn) -> Self {
        match number.as_u64() % 100 {
            91 => Self::Read,
            92 => Self::Expires,
            93 => Self::Undelivered,
            94 => Self::Failed,
            95 => Self::NoRcs,
            96 => Self::Unknown,
            97 => Self::Silent,
            98 => Self::Clicks,
            99 => Self::Scrambled,
            _ => Self::Delivered,
        }
    }

    /// The steps after `sending` (or, if it is barred, after `accepted`).
    pub(super) const fn way(self) -> &'static [(Wait, Turn)] {
        match self {
            Self::Delivered | Self::Scrambled => &[SENT, ARRIVED],
            Self::Read => &[SENT, ARRIVED, OPENED],
            Self::Expires => &[SENT, (Wait::Validity, Turn::To(Is::Expired))],
            Self::Undelivered => &[SENT, (Wait::Between(2_000, 10_000), Turn::To(Is::Undelivered))],
            Self::Failed | Self::Barred => &[(Wait::Between(500, 2_000), Turn::To(Is::Failed))],
            Self::NoRcs => &[(Wait::Between(500, 3_000), Turn::To(Is::NotServiceUser))],
            Self::Unknown => &[
                SENT,
                (Wait::Between(5_000, 15_000), Turn::To(Is::Unknown)),
                (Wait::Validity, Turn::LetGo),
            ],
            Self::Silent => &[SENT, (Wait::Validity, Turn::LetGo)],
            Self::Clicks => &[SENT, ARRIVED, OPENED, (Wait::Between(1_000, 9_000), Turn::Click)],
        }
    }
}

//! Message statuses: the platform's eleven and the ends that it calls "not a service user".

use alloc::string::String;
use core::fmt;

/// What can be said of one message, in the order of precedence: of two, the later one is shown.
///
/// | precedence | statuses |
/// | --- | --- |
/// | says nothing | unknown |
/// | stations on the way | scheduled, moderation, accepted, sending, sent |
/// | ends without delivery | not a service user, expired, undelivered, failed |
/// | ends with delivery | delivered, read |
///
/// The order among the undelivered ends is ours; it only has to be total, so that the order of
/// reports cannot matter. Read implies delivered (assumption A5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageStatus {
    /// There is no delivery status.
    Unknown,
    /// Waits for its start.
    Scheduled,
    /// Waits for the platform's consent.
    Moderation,
    /// Taken by the platform.
    Accepted,
    /// Being handed to the carrier.
    Sending,
    /// Handed to the carrier.
    Sent,
    /// The handset has no RCS (or, by name, no Viber: the platform shares the word).
    NotServiceUser,
    /// Its validity ran out.
    Expired,
    /// Could not be delivered.
    Undelivered,
    /// Could not be sent.
    Failed,
    /// Arrived on the handset: it is charged now.
    Delivered,
    /// Was opened.
    Read,
}

impl MessageStatus {
    /// Every status, lowest precedence first.
    pub const ALL: [Self; 12] = [
        Self::Unknown,
        Self::Scheduled,
        Self::Moderation,
        Self::Accepted,
        Self::Sending,
        Self::Sent,
        Self::NotServiceUser,
        Self::Expired,
        Self::Undelivered,
        Self::Failed,
        Self::Delivered,
        Self::Read,
    ];

    /// Whether it says that the message arrived; it is charged then, once.
    pub const fn is_delivered(self) -> bool {
        matches!(self, Self::Delivered | Self::Read)
    }

    /// Whether it ends the message without delivery; nothing is charged.
    pub const fn is_undelivered_end(self) -> bool {
        matches!(self, Self::NotServiceUser | Self::Expired | Self::Undelivered | Self::Failed)
    }

    /// Whether it ends the message's way.
    pub const fn is_end(self) -> bool {
        self.is_delivered() || self.is_undelivered_end()
    }

    /// The word that we show: lower case, as the platform's payloads have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Scheduled => "scheduled",
            Self::Moderation => "moderation",
            Self::Accepted => "accepted",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::NotServiceUser => "not_service_user",
            Self::Expired => "expired",
            Self::Undelivered => "undelivered",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }
}

impl fmt::Display for MessageStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A status as it was reported: one that we know, or a word that we do not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReportedStatus {
    /// One of ours.
    Known(MessageStatus),
    /// A word of a later platform, in lower case. It is listed and changes nothing.
    Other(String),
}

impl ReportedStatus {
    /// Reads a word in any case.
    pub fn from_word(word: &str) -> Self {
        let word = word.trim().to_ascii_lowercase();
        // A6: the statistics' name for a handset without RCS, and its Viber sister.
        if matches!(word.as_str(), "not_rcs_user" | "not_viber_user") {
            return Self::Known(MessageStatus::NotServiceUser);
        }
        match MessageStatus::ALL.into_iter().find(|status| status.as_str() == word) {
            Some(status) => Self::Known(status),
            None => Self::Other(word),
        }
    }

    /// The status, if we know it.
    pub const fn known(&self) -> Option<MessageStatus> {
        match self {
            Self::Known(status) => Some(*status),
            Self::Other(_) => None,
        }
    }

    /// The word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Known(status) => status.as_str(),
            Self::Other(word) => word,
        }
    }
}

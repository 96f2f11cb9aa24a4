//! For backends: closed sets as words in a column, readable by people who open the store. Writing is an exhaustive
//! match, so that a new member cannot be forgotten; an unknown word is a corrupt row.

use bsg_rcs_domain::{Channel, MessageStatus};

use crate::error::StoreError;
use crate::rows::{BatchState, CampaignState, Kind, Outcome};

/// A member of a closed set that has a word.
pub trait Word: Copy + 'static {
    /// What the set is called when a word is not of it.
    const WHAT: &'static str;
    /// Its members.
    const ALL: &'static [Self];

    /// The member's word.
    fn word(self) -> &'static str;

    /// The member of this word.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if none has it.
    fn read(word: &str) -> Result<Self, StoreError> {
        let found = Self::ALL.iter().copied().find(|member| member.word() == word);
        found.ok_or_else(|| StoreError::Corrupt(Self::WHAT.to_owned()))
    }
}

impl Word for Kind {
    const WHAT: &'static str = "kind of campaign";
    const ALL: &'static [Self] = &[Self::Campaign, Self::Single];

    fn word(self) -> &'static str {
        match self {
            Self::Campaign => "campaign",
            Self::Single => "single",
        }
    }
}

impl Word for CampaignState {
    const WHAT: &'static str = "campaign state";
    const ALL: &'static [Self] =
        &[Self::Preparing, Self::Planned, Self::Sending, Self::Paused, Self::Stopped, Self::Done];

    fn word(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Planned => "planned",
            Self::Sending => "sending",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Done => "done",
        }
    }
}

impl Word for BatchState {
    const WHAT: &'static str = "batch state";
    const ALL: &'static [Self] =
        &[Self::Planned, Self::Sending, Self::Accepted, Self::Rejected, Self::Unknown, Self::Held];

    fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
            Self::Held => "held",
        }
    }
}

impl Word for Outcome {
    const WHAT: &'static str = "outcome";
    const ALL: &'static [Self] =
        &[Self::Pending, Self::Accepted, Self::Rejected, Self::Undetermined];

    fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Undetermined => "undetermined",
        }
    }
}

impl Word for MessageStatus {
    const WHAT: &'static str = "shown status";
    const ALL: &'static [Self] = &MessageStatus::ALL;

    fn word(self) -> &'static str {
        self.as_str()
    }
}

impl Word for Channel {
    const WHAT: &'static str = "channel";
    const ALL: &'static [Self] = &[Self::Rcs, Self::Sms];

    fn word(self) -> &'static str {
        match self {
            Self::Rcs => "rcs",
            Self::Sms => "sms",
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]
mod tests {
    use super::*;

    fn check<W: Word + PartialEq + std::fmt::Debug>() {
        for member in W::ALL {
            assert_eq!(W::read(member.word()).unwrap(), *member);
        }
        W::read("teleported").unwrap_err();
    }

    #[test]
    fn every_member_is_read_as_it_was_written() {
        check::<Kind>();
        check::<CampaignState>();
        check::<BatchState>();
        check::<Outcome>();
        check::<MessageStatus>();
        check::<Channel>();
    }
}

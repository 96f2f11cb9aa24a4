//! The platform's campaign statuses and the machine that they form.
//!
//! | from | event | to |
//! | --- | --- | --- |
//! | creation | moderate | moderation |
//! | creation, moderation | schedule | scheduled |
//! | creation, moderation, scheduled | start | sending |
//! | moderation | reject | spam |
//! | sending | pause (by hand, or the funds ran out) | paused |
//! | paused | resume | sending |
//! | sending | finish | done |
//! | moderation, scheduled, sending, paused | stop | stopped |
//!
//! What a client may ask for, and where:
//!
//! | from | stop | pause | resume |
//! | --- | --- | --- | --- |
//! | moderation, scheduled | yes | no | no |
//! | sending | yes | yes | no |
//! | paused | yes | no | yes |
//! | creation, stopped, done, spam | no | no | no |
//!
//! A stop is a call of the API, refused elsewhere with 422; pause and resume exist in the account's
//! page only (assumption A4). Nothing paused goes on by itself, not even after a top-up.
//!
//! Stopped, done and spam are final (assumption A8). Only `sending` sends. `done` means handed
//! over, not delivered.

use alloc::string::String;

/// Where a campaign of the platform stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CampaignStatus {
    /// Being made.
    Creation,
    /// Waits for the platform's consent.
    Moderation,
    /// Waits for its start.
    Scheduled,
    /// Its messages are being sent.
    Sending,
    /// Nothing is sent until it is resumed.
    Paused,
    /// Stopped by the client; final.
    Stopped,
    /// Every message was handed over; final.
    Done,
    /// Refused by moderation; final.
    Spam,
}

/// What can happen to a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CampaignEvent {
    /// It is put before a moderator.
    Moderate,
    /// The moderator refuses it.
    Reject,
    /// Its start is set for later.
    Schedule,
    /// Its messages may leave.
    Start,
    /// The funds ran out, or the client paused it.
    Pause,
    /// The client resumes it (in the account's page only, assumption A4).
    Resume,
    /// The client stops it.
    Stop,
    /// Its last message was handed over.
    Finish,
}

impl CampaignEvent {
    /// Every event.
    pub const ALL: [Self; 8] = [
        Self::Moderate,
        Self::Reject,
        Self::Schedule,
        Self::Start,
        Self::Pause,
        Self::Resume,
        Self::Stop,
        Self::Finish,
    ];
}

/// The event is not allowed where the campaign stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a campaign that is {} cannot {event:?}", .status.as_str())]
pub struct NotAllowed {
    /// Where it stands.
    pub status: CampaignStatus,
    /// What was asked.
    pub event: CampaignEvent,
}

impl CampaignStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Creation,
        Self::Moderation,
        Self::Scheduled,
        Self::Sending,
        Self::Paused,
        Self::Stopped,
        Self::Done,
        Self::Spam,
    ];

    /// The status after `event`.
    ///
    /// # Errors
    /// [`NotAllowed`] if the table has no such row.
    pub const fn after(self, event: CampaignEvent) -> Result<Self, NotAllowed> {
        use CampaignEvent as On;
        Ok(match (self, event) {
            (Self::Creation, On::Moderate) => Self::Moderation,
            (Self::Moderation, On::Reject) => Self::Spam,
            (Self::Creation | Self::Moderation, On::Schedule) => Self::Scheduled,
            (Self::Creation | Self::Moderation | Self::Scheduled, On::Start)
            | (Self::Paused, On::Resume) => Self::Sending,
            (Self::Sending, On::Pause) => Self::Paused,
            (Self::Sending, On::Finish) => Self::Done,
            (Self::Moderation | Self::Scheduled | Self::Sending | Self::Paused, On::Stop) => {
                Self::Stopped
            }
            (status, event) => return Err(NotAllowed { status, event }),
        })
    }

    /// Whether `event` can happen where the campaign stands: what stop, pause and resume may do.
    ///
    /// ```
    /// use bsg_rcs_domain::{CampaignEvent, CampaignStatus};
    ///
    /// assert!(CampaignStatus::Paused.allows(CampaignEvent::Resume));
    /// assert!(!CampaignStatus::Done.allows(CampaignEvent::Stop));
    /// ```
    pub const fn allows(self, event: CampaignEvent) -> bool {
        self.after(event).is_ok()
    }

    /// Whether nothing can change it any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Stopped | Self::Done | Self::Spam)
    }

    /// Whether its messages leave.
    pub const fn sends(self) -> bool {
        matches!(self, Self::Sending)
    }

    /// The platform's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creation => "creation",
            Self::Moderation => "moderation",
            Self::Scheduled => "scheduled",
            Self::Sending => "sending",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Done => "done",
            Self::Spam => "spam",
        }
    }

    /// Reads the platform's word in any case.
    ///
    /// # Errors
    /// The word itself, in lower case, if it is none of these.
    pub fn from_word(word: &str) -> Result<Self, String> {
        let word = word.trim().to_ascii_lowercase();
        Self::ALL.into_iter().find(|status| status.as_str() == word).ok_or(word)
    }
}

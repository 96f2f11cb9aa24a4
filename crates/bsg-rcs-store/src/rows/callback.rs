//! Callbacks: what they say, of which recipient, and what is kept of them.

use bsg_rcs_domain::{CampaignId, CivilDateTime, MessageId, Report};

use super::campaign::Timestamp;

/// A click on a suggestion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Click {
    /// Which message.
    pub message: MessageId,
    /// What the button says.
    pub text: Option<String>,
    /// What it echoes.
    pub postback: Option<String>,
    /// When it was clicked.
    pub clicked_at: Option<CivilDateTime>,
}

/// What a callback says of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallbackKind {
    /// A status report.
    Report(Report),
    /// A click.
    Click(Click),
}

/// Which recipient a callback concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A recipient of ours: its reference was opened, or is the caller's own.
    Ours {
        /// Its campaign.
        campaign: CampaignId,
        /// Its index.
        index: u32,
        /// What is said of it.
        callback: CallbackKind,
    },
    /// None of ours; kept, and changes nothing.
    SetAside {
        /// Why: foreign, broken, unreadable.
        why: String,
    },
}

/// A callback to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// Its body, byte by byte.
    pub body: Vec<u8>,
    /// Which recipient it concerns.
    pub verdict: Verdict,
}

/// Callbacks that are set aside and kept at most; of more, the oldest go.
pub const ASIDE_MAX: u32 = 10_000;

/// The body of a callback, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBody {
    /// Its number in the store: what came later has a greater one.
    pub id: u64,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// A callback that concerns no recipient of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Its number in the store: what came later has a greater one.
    pub id: u64,
    /// When it was kept, by the store's clock.
    pub at: Timestamp,
    /// Why it was set aside.
    pub why: String,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// The recipient that carries a caller's own reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Its campaign.
    pub campaign: CampaignId,
    /// Its index in that campaign.
    pub index: u32,
    /// The platform that the campaign goes to.
    pub platform: String,
    /// The fingerprint of the account that the campaign is sent under.
    pub account: String,
}

/// A button, and how often it was clicked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ButtonRow {
    /// What it says.
    pub text: Option<String>,
    /// What it echoes.
    pub postback: Option<String>,
    /// Clicks; the same click told twice counts once.
    pub clicks: u64,
}

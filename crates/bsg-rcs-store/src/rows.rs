//! What a store keeps, row by row.
//!
//! Campaign 1 - n batches of consecutive recipients 1 - n recipients 1 - n reports. A single send
//! is a campaign of one recipient that goes through the single endpoint.

use std::time::Duration;

use bsg_rcs_domain::{
    CampaignId, CivilDateTime, MessageId, MessageStatus, Money, Msisdn, ReferenceId, Report,
    SealKey,
};

/// A moment: milliseconds since 1970-01-01 00:00:00 UTC, by the clock that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// Through which call a campaign leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Batches through the campaign call.
    Campaign,
    /// One recipient through the single call.
    Single,
}

/// Where a campaign of ours stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CampaignState {
    /// Its recipients are being written; a crash leaves it so, and it is never sent.
    Preparing,
    /// Reviewed or to be reviewed; nothing was sent.
    Planned,
    /// Batches leave, or reports are awaited.
    Sending,
    /// Nothing leaves until it is applied again: funds, a refusal, an interrupt.
    Paused,
    /// Stopped for good.
    Stopped,
    /// Every accepted message has an end or is never told, and nothing is pending.
    Done,
}

/// A campaign of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignRow {
    /// Its id: 64 random bits.
    pub id: CampaignId,
    /// Through which call it leaves.
    pub kind: Kind,
    /// The caller's name for it.
    pub name: Option<String>,
    /// When it was planned.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: CampaignState,
    /// The key that its references are sealed with.
    pub key: SealKey,
    /// The platform's base URL; no other is ever sent to.
    pub platform: String,
    /// The fingerprint of the account's key; no other account ever sends it.
    pub account: String,
    /// The message, as the campaign crate writes it.
    pub message: String,
    /// Whether the message has an alternative channel: an undelivered RCS message is then not the
    /// end yet.
    pub alternative_channel: bool,
    /// A digest of message and recipients, to recognise the same plan made twice. Empty while
    /// preparing.
    pub digest: String,
    /// When the platform shall begin; at once if `None`.
    pub start_at: Option<CivilDateTime>,
    /// Recipients a batch: recipient `i` stands in batch `i / batch_cap`.
    pub batch_cap: u16,
    /// How many recipients it has; 0 while preparing.
    pub recipients: u32,
    /// What planning found, as the campaign crate writes it. Empty while preparing.
    pub summary: String,
}

/// What a plan ends with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlanEnd {
    /// How many recipients were written.
    pub recipients: u32,
    /// A digest of message and recipients.
    pub digest: String,
    /// What planning found, as the campaign crate writes it.
    pub summary: String,
    /// What each batch costs at worst; empty without prices.
    pub worst: Vec<Money>,
    /// Refuses the plan if a finished one of this moment or later has the same digest, platform and
    /// account.
    pub unless_since: Option<Timestamp>,
}

/// A recipient to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRecipient {
    /// Who is written to.
    pub number: Msisdn,
    /// The caller's label.
    pub label: Option<String>,
    /// The caller's own reference (single sends only); else it is minted from key and index.
    pub reference: Option<ReferenceId>,
}

/// A recipient of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientRow {
    /// Its index in the campaign, from 0, in the order of the source.
    pub index: u32,
    /// Who is written to; `None` once that was forgotten.
    pub number: Option<Msisdn>,
    /// The caller's label.
    pub label: Option<String>,
    /// The caller's own reference.
    pub reference: Option<ReferenceId>,
    /// What became of it, where that differs from its batch.
    pub outcome: Option<Outcome>,
    /// Why, in the platform's words or ours.
    pub note: Option<String>,
    /// The status to show, once something was reported of it.
    pub shown: Option<MessageStatus>,
    /// Whether an end was reported.
    pub ended: bool,
    /// Whether the alternative channel delivered.
    pub sms: bool,
    /// What it was charged by its reports; more than one entry for two currencies.
    pub billed: Vec<Money>,
}

/// What became of one recipient, to be written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Its index in the campaign.
    pub index: u32,
    /// What became of it.
    pub outcome: Outcome,
    /// Why; `None` leaves what is there.
    pub note: Option<String>,
}

/// What became of one recipient's message on its way to the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Nothing yet, or it can still change.
    Pending,
    /// The platform took it.
    Accepted,
    /// The platform refused it.
    Rejected,
    /// Nobody knows, and a person must decide.
    Undetermined,
}

impl Outcome {
    /// A recipient's outcome: accepted if anything was reported of it, for then there is a message;
    /// else its own; else its batch's; pending as long as it has none.
    pub fn of(own: Option<Self>, reported: bool, batch: Option<BatchState>) -> Self {
        match (own, batch) {
            _ if reported => Self::Accepted,
            (Some(own), _) => own,
            (None, Some(batch)) => batch.outcome(),
            (None, None) => Self::Pending,
        }
    }
}

/// Where a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BatchState {
    /// Not sent.
    Planned,
    /// The request leaves, or left and its writer died: the outcome is not known.
    Sending,
    /// The platform took it.
    Accepted,
    /// The platform refused it as a whole.
    Rejected,
    /// The request may have arrived; it is looked up before anything is sent again.
    Unknown,
    /// Looking up did not settle it; a person must decide.
    Held,
}

impl BatchState {
    /// Whether there is work left on it: whoever has a lease may do it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Sending | Self::Unknown)
    }

    /// The outcome of its recipients, unless they have their own.
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Planned | Self::Sending | Self::Unknown => Outcome::Pending,
            Self::Accepted => Outcome::Accepted,
            Self::Rejected => Outcome::Rejected,
            Self::Held => Outcome::Undetermined,
        }
    }
}

/// Who works: one run of applying, by a number that no other run has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(pub u64);

/// The right to say where one batch stands. It is given with [`crate::Store::lease`], for a span of
/// the store's own clock, and stays good beyond it until somebody else is given the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The batch's campaign.
    pub campaign: CampaignId,
    /// The batch's number.
    pub batch: u32,
    /// The how manieth lease of this batch it is: only the latest is good.
    pub serial: u64,
}

/// A lease as others see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leased {
    /// Whose it is.
    pub by: WorkerId,
    /// Until when nobody else is given the batch, by the store's clock.
    pub until: Timestamp,
}

impl Leased {
    /// The longest span of a lease. One that seems to last longer was given before the store's
    /// clock was set back, and is over.
    pub const SPAN_MAX: Duration = Duration::from_secs(3600);

    /// Whether nobody else is given the batch at this moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.until > now && self.until <= Self::until(now, Self::SPAN_MAX)
    }

    /// When a lease ends that begins now.
    pub fn until(now: Timestamp, span: Duration) -> Timestamp {
        let millis = i64::try_from(span.min(Self::SPAN_MAX).as_millis()).unwrap_or(i64::MAX);
        Timestamp(now.0.saturating_add(millis))
    }
}

/// A batch: consecutive recipients that leave in one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchRow {
    /// Its number in the campaign, from 0.
    pub number: u32,
    /// The index of its first recipient.
    pub first: u32,
    /// How many recipients it has.
    pub count: u32,
    /// Where it stands.
    pub state: BatchState,
    /// How often its request may have left.
    pub attempts: u32,
    /// When its state last changed.
    pub changed_at: Timestamp,
    /// The platform's campaigns (or the message of a single send) that hold its messages, as they
    /// became known: more than one where a part of it had to be sent again.
    pub remotes: Vec<u64>,
    /// The platform's words, where it refused, or why the outcome is unknown.
    pub note: Option<String>,
    /// What it costs at worst by the plan's prices, if it had any.
    pub worst: Option<Money>,
    /// Who works on it, unless that ended.
    pub leased: Option<Leased>,
}

/// What happens to a batch, all at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchChange {
    /// Where it stands from now on. [`BatchState::Sending`] counts an attempt.
    pub state: BatchState,
    /// When.
    pub at: Timestamp,
    /// One of the platform's ids, if it became known now; those known before stay.
    pub remote: Option<u64>,
    /// Words for a person.
    pub note: Option<String>,
    /// Recipients that get an outcome of their own with it.
    pub settled: Vec<Settled>,
}

impl BatchChange {
    /// A change of state alone.
    pub const fn to(state: BatchState, at: Timestamp) -> Self {
        Self { state, at, remote: None, note: None, settled: Vec::new() }
    }
}

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
pub enum Said {
    /// A status report.
    Report(Report),
    /// A click.
    Click(Click),
}

/// Whom a callback concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// A recipient of ours: its reference was opened, or is the caller's own.
    Ours {
        /// Its campaign.
        campaign: CampaignId,
        /// Its index.
        index: u32,
        /// What is said.
        said: Said,
    },
    /// Nobody of ours; kept, and changes nothing.
    SetAside {
        /// Why: foreign, broken, unreadable.
        why: String,
    },
}

/// A callback to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// When it came in.
    pub at: Timestamp,
    /// Its body, byte by byte.
    pub body: Vec<u8>,
    /// Whom it concerns.
    pub verdict: Verdict,
}

/// Callbacks that are set aside and kept at most; of more, the oldest go.
pub const ASIDE_MAX: u32 = 10_000;

/// Bodies, and changes, that are removed in one transaction, so that nobody waits long for it.
pub const PRUNED_AT_ONCE: u32 = 5000;

/// The body of a callback, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBody {
    /// Its number in the store: what came later has a greater one.
    pub id: u64,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// Something that changed of a recipient, as others may follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its place in the log, which is the order of the commits: whoever has read up to here has
    /// missed nothing before it.
    pub cursor: u64,
    /// When, by the store's clock.
    pub at: Timestamp,
    /// The recipient's campaign.
    pub campaign: CampaignId,
    /// The recipient's index.
    pub index: u32,
    /// What changed.
    pub what: Changed,
}

/// What changed of a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// The set of its reports grew; it now shows this.
    Reported {
        /// The status to show.
        shown: MessageStatus,
        /// Whether an end was reported.
        ended: bool,
    },
    /// A suggestion was clicked.
    Clicked,
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

/// Whose number is to be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forget {
    /// A number, in every campaign.
    Number(Msisdn),
    /// Every number of a campaign.
    Campaign(CampaignId),
}

/// How many recipients stand alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TallyRow {
    /// Their outcome: [`Outcome::of`].
    pub outcome: Outcome,
    /// The status to show, if something was reported.
    pub shown: Option<MessageStatus>,
    /// Whether an end was reported.
    pub ended: bool,
    /// Whether their batch was accepted at or before the moment asked about.
    pub overdue: bool,
    /// Whether the alternative channel delivered.
    pub sms: bool,
    /// What each is charged; more than one entry for two currencies.
    pub billed: Vec<Money>,
    /// How many.
    pub count: u64,
}

//! Campaigns: their rows, their states, and how a plan ends.

use std::time::Duration;

use bsg_rcs_domain::{CampaignId, CivilDateTime, Money, SealKey};

/// A moment: milliseconds since 1970-01-01 00:00:00 UTC, by the store's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment so much later; the last one that there is, if it would lie behind that.
    #[must_use]
    pub fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }

    /// The moment so much earlier; the first one that there is, if it would lie before that.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

/// Through which call a campaign leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Batches through the campaign call.
    Campaign,
    /// One recipient through the single call.
    Single,
}

/// Where a campaign of ours stands.
///
/// | from | may become, by [`CampaignState::after`] |
/// | --- | --- |
/// | preparing | nothing: finishing its plan makes it planned |
/// | planned, sending, paused | sending, paused, stopped; done if no batch is open |
/// | stopped, done | nothing: reopening held batches makes a done one sending |
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

impl CampaignState {
    /// Every state, in the order of a campaign's life.
    pub const ALL: [Self; 6] =
        [Self::Preparing, Self::Planned, Self::Sending, Self::Paused, Self::Stopped, Self::Done];

    /// Where a campaign stands once it was asked to be in state `wished`: there, or still where it
    /// is. The table of [`CampaignState`] says which.
    #[must_use]
    pub const fn after(self, wished: Self, has_open_batches: bool) -> Self {
        if self.grants(wished, has_open_batches) { wished } else { self }
    }

    /// Whether a campaign that is asked to be in state `wished` is so from now on, with the words
    /// that come with the wish.
    pub const fn grants(self, wished: Self, has_open_batches: bool) -> bool {
        match (self, wished) {
            (Self::Preparing | Self::Stopped | Self::Done, _)
            | (_, Self::Preparing | Self::Planned) => false,
            (_, Self::Done) => !has_open_batches,
            (Self::Planned | Self::Sending | Self::Paused, _) => true,
        }
    }

    /// Whether nothing leaves any more and the state stays.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Stopped | Self::Done)
    }
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
    /// When it was created, by the store's clock: [`crate::PlanStore::create`] sets it.
    pub created_at: Timestamp,
    /// When it first became [`CampaignState::Sending`], by the store's clock.
    pub begun_at: Option<Timestamp>,
    /// Where it stands.
    pub state: CampaignState,
    /// Why it stands there, in the platform's words or ours. Sending clears it.
    pub note: Option<String>,
    /// The key that its references are sealed with.
    pub key: SealKey,
    /// The platform's base URL; no other is ever sent to.
    pub platform: String,
    /// The fingerprint of the account's key; no other account sends it.
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
    /// Recipients a batch when the plan was finished. Batches may be cut later.
    pub batch_cap: u16,
    /// How many recipients it has; while preparing, how many are written.
    pub recipients: u32,
    /// What planning found, as the campaign crate writes it. Empty while preparing.
    pub summary: String,
}

impl CampaignRow {
    /// For backends: the row as [`crate::PlanStore::create`] writes it.
    #[must_use]
    pub fn as_created(self, now: Timestamp) -> Self {
        Self {
            created_at: now,
            begun_at: None,
            state: CampaignState::Preparing,
            note: None,
            digest: String::new(),
            recipients: 0,
            summary: String::new(),
            ..self
        }
    }
}

/// For backends: how long nothing was written to a preparation of a shared store until its planner
/// counts as dead.
pub const ABANDONED_AFTER: Duration = Duration::from_secs(600);

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
    /// Which same plans refuse this one.
    pub guard: Option<Guard>,
    /// Recipients a batch, if other than the row's `batch_cap`, which it then replaces.
    pub batch_size: Option<u16>,
}

/// Which campaigns of the same digest refuse a plan. An empty digest is the same as no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// One of the same platform, under any account, that was begun within this span before now.
    Begun {
        /// Time between its beginning and now, at most.
        within: Duration,
    },
    /// Any finished plan of the same platform and account, begun or not, however old: for single
    /// sends under the caller's own reference.
    Reference,
}

/// Which campaigns are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignFilter {
    /// Of these kinds.
    pub kinds: Vec<Kind>,
    /// In these states.
    pub states: Vec<CampaignState>,
    /// Behind this one in the list: its `created_at` and id.
    pub before: Option<(Timestamp, CampaignId)>,
    /// At most so many.
    pub limit: u32,
}

impl Default for CampaignFilter {
    /// The first hundred of every kind and state.
    fn default() -> Self {
        Self {
            kinds: vec![Kind::Campaign, Kind::Single],
            states: CampaignState::ALL.to_vec(),
            before: None,
            limit: 100,
        }
    }
}

impl CampaignFilter {
    /// Whether a row is one of those that are listed.
    pub fn contains(&self, row: &CampaignRow) -> bool {
        let place = |(at, id): (Timestamp, CampaignId)| (at, id.0.cast_signed());
        let behind = |first| place((row.created_at, row.id)) < place(first);
        self.kinds.contains(&row.kind)
            && self.states.contains(&row.state)
            && self.before.is_none_or(behind)
    }
}

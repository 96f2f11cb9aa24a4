//! The engine's state, and what every rule does with it: time, randomness, adding and counting messages.

use std::collections::HashMap;
use std::time::Duration;

use bsg_rcs_domain::{Channel, MessageStatus, ReferenceId};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::api::effect::Effect;
use crate::model::account::Books;
use crate::model::block_vec::BlockVec;
use crate::model::campaign::CampaignRecord;
use crate::model::counts::Counts;
use crate::model::duplicate_guard::DuplicateGuard;
use crate::model::event_queue::{Event, EventQueue};
use crate::model::ids::{AccountIx, CampaignIx, FirstIds, Ids, MessageIx};
use crate::model::message::{Delivery, MessageRecord};
use crate::model::time::VirtualTime;
use crate::model::world::World;

/// The platform.
#[derive(Debug)]
pub struct Engine {
    pub(crate) world: World,
    seed: u64,
    first_ids: FirstIds,
    pub(crate) now: VirtualTime,
    pub(crate) random: ChaCha8Rng,
    pub(crate) books: Books,
    pub(crate) messages: BlockVec<MessageRecord>,
    pub(crate) campaigns: BlockVec<CampaignRecord>,
    /// All messages by status.
    pub(crate) counts: Counts,
    /// The first message of each reference that an account has used.
    pub(crate) references: HashMap<(AccountIx, ReferenceId), MessageIx>,
    /// Further ones, in a world that sends them again (A15c).
    pub(crate) repeated: HashMap<(AccountIx, ReferenceId), Vec<MessageIx>>,
    pub(crate) ids: Ids,
    pub(crate) guard: DuplicateGuard,
    pub(crate) queue: EventQueue,
    pub(crate) effects: Vec<Effect>,
    /// Events so far: an observer can tell whether there were any.
    pub(crate) happened: u64,
}

impl Engine {
    /// A platform at its start.
    pub fn new(world: World, seed: u64, start: VirtualTime) -> Self {
        Self::with_first_ids(world, seed, start, FirstIds::default())
    }

    /// A world at its start, whose ids go on where this engine's end: none comes twice.
    pub fn begin_anew(&self, world: World, start: VirtualTime) -> Self {
        let place = |end: usize| u64::try_from(end).unwrap_or(u64::MAX);
        let FirstIds { message, campaign, .. } = FirstIds::default();
        let ids = FirstIds {
            message: message.saturating_add(place(self.messages.end())),
            campaign: campaign.saturating_add(place(self.campaigns.end())),
            other: self.ids.0,
        };
        Self::with_first_ids(world, self.seed, start, ids)
    }

    /// A platform at its start, whose ids begin here.
    pub fn with_first_ids(
        world: World,
        seed: u64,
        start: VirtualTime,
        first_ids: FirstIds,
    ) -> Self {
        let messages = MessageIx::of_id(first_ids.message).map_or(0, MessageIx::at);
        let campaigns = CampaignIx::of_id(first_ids.campaign).map_or(0, CampaignIx::at);
        Self {
            seed,
            first_ids,
            books: Books::new(&world.accounts),
            world,
            now: start,
            random: ChaCha8Rng::seed_from_u64(seed),
            messages: BlockVec::beginning_at(messages),
            campaigns: BlockVec::beginning_at(campaigns),
            counts: Counts::default(),
            references: HashMap::new(),
            repeated: HashMap::new(),
            ids: Ids(first_ids.other),
            guard: DuplicateGuard::default(),
            queue: EventQueue::default(),
            effects: Vec::new(),
            happened: 0,
        }
    }

    /// A number that grows whenever something happens by itself.
    pub fn happened(&self) -> u64 {
        self.happened
    }

    /// What time it is.
    pub fn now(&self) -> VirtualTime {
        self.now
    }

    /// The ids that its first things got.
    pub fn first_ids(&self) -> FirstIds {
        self.first_ids
    }

    /// What was given at the start.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// When something happens next by itself.
    pub fn next_event_at(&self) -> Option<VirtualTime> {
        self.queue.next_at()
    }

    /// What is to be done outside, oldest first.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Notes what became of a callback.
    pub fn settle_callback(&mut self, message: MessageIx, note: u16, how: Delivery, attempts: u16) {
        let record = self.messages.get_mut(message.at());
        if let Some(note) = record.and_then(|record| record.callbacks.get_mut(usize::from(note))) {
            note.delivery = how;
            note.attempts = attempts;
        }
    }

    /// Holds a callback back: it comes again as an effect, `by` later than it was told.
    pub fn postpone_callback(&mut self, message: MessageIx, note: u16, by: Duration) {
        let record = self.messages.get(message.at());
        if let Some(noted) = record.and_then(|record| record.callbacks.get(usize::from(note))) {
            self.queue.plan(noted.at.plus(by), Event::Emit(message, note));
        }
    }

    /// A number of milliseconds between two, both included.
    pub(crate) fn random_between(&mut self, least: u32, most: u32) -> u32 {
        let span = most.saturating_sub(least).saturating_add(1).max(1);
        least.saturating_add(self.random.next_u32() % span)
    }

    /// Puts a message into the list.
    pub(crate) fn add_message(&mut self, record: MessageRecord) -> MessageIx {
        let ix = MessageIx::from_index(self.messages.end());
        // The SMS of an alternative channel shares its message's reference and is found through it.
        if let Some(reference) = record.reference.filter(|_| record.origin.is_none()) {
            let key = (record.account, reference);
            let first = *self.references.entry(key).or_insert(ix);
            if first != ix {
                self.repeated.entry(key).or_default().push(ix);
            }
        }
        self.books.get_mut(record.account).messages.push(ix);
        self.count_new(ix, &record);
        self.messages.push(record);
        ix
    }

    /// All messages by status.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Counts a message that is new. Those that a campaign begins with are counted by the campaign itself.
    pub(crate) fn count_new(&mut self, ix: MessageIx, message: &MessageRecord) {
        self.counts.one_more(message.status());
        if let (Some(campaign), Some(_)) = (message.campaign, message.origin) {
            let campaign = &mut self.campaigns[campaign.at()];
            campaign.followers.push(ix);
            campaign.follower_counts.one_more(message.status());
        }
    }

    /// Counts a message that went from one status to another.
    pub(crate) fn count_change(
        &mut self,
        ix: MessageIx,
        before: MessageStatus,
        after: MessageStatus,
    ) {
        self.counts.one_moves(before, after);
        let message = &self.messages[ix.at()];
        let Some(campaign) = message.campaign else { return };
        let campaign = &mut self.campaigns[campaign.at()];
        campaign.counts_of(message.channel).one_moves(before, after);
        if message.channel == Channel::Rcs && after == MessageStatus::Sent {
            campaign.sent += 1;
        }
    }
}

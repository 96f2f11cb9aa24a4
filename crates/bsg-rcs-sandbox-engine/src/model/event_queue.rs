//! What will happen: one heap of events for all messages and campaigns, ordered by time and, within a
//! moment, by the order in which they were planned, so that the same commands give the same world.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::model::ids::{CampaignIx, MessageIx};
use crate::model::time::VirtualTime;

/// Something that happens at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Event {
    /// A campaign leaves moderation.
    Moderated(CampaignIx),
    /// A scheduled campaign starts.
    Start(CampaignIx),
    /// A campaign hands over its next messages; the number tells a pump from those before a pause.
    Pump(CampaignIx, u32),
    /// A message takes the next step of its way.
    Step(MessageIx),
    /// A callback that was held back leaves.
    Emit(MessageIx, u16),
}

/// The events to come.
#[derive(Debug, Default)]
pub(crate) struct EventQueue {
    heap: BinaryHeap<Reverse<(VirtualTime, u64, Event)>>,
    planned: u64,
}

impl EventQueue {
    /// Plans an event.
    pub(crate) fn plan(&mut self, at: VirtualTime, event: Event) {
        self.planned += 1;
        self.heap.push(Reverse((at, self.planned, event)));
    }

    /// When the next one happens.
    pub(crate) fn next_at(&self) -> Option<VirtualTime> {
        self.heap.peek().map(|Reverse((at, _, _))| *at)
    }

    /// Takes the next one, unless it happens after `until`.
    pub(crate) fn pop_until(&mut self, until: VirtualTime) -> Option<(VirtualTime, Event)> {
        if self.next_at()? > until {
            return None;
        }
        self.heap.pop().map(|Reverse((at, _, event))| (at, event))
    }
}

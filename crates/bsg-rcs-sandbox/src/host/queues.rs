//! Which callback is posted next. Callbacks to one URL never wait for those to another.
//!
//! A URL has some lanes, which its messages share. Within a lane one callback is posted after the other, so the
//! callbacks of a message arrive in the order in which the engine told them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bsg_rcs_sandbox_engine::Callback;

use super::epoch::Epoch;

/// Lanes of a URL: so many callbacks to it are posted at once.
const LANES: u64 = 32;
/// Callbacks that wait for one URL at most; further ones are given up at once.
pub(super) const WAITING_MAX: usize = 100_000;

/// A callback on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Posted {
    /// The life of the sandbox that it belongs to.
    pub(super) epoch: Epoch,
    /// The message id that decides its lane: its own, or that of the message it is to follow.
    pub(super) after: u64,
    /// What is posted.
    pub(super) callback: Callback,
}

/// A lane of a URL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Lane(Arc<str>, u64);

/// The callbacks that wait, lane by lane.
#[derive(Debug, Default)]
pub(super) struct Queues {
    /// Present while a callback of the lane is being posted; those behind it wait here.
    lanes: HashMap<Lane, VecDeque<Posted>>,
    /// How many wait for each URL.
    waiting: HashMap<Arc<str>, usize>,
}

/// What becomes of a callback that is put into the queues.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is posted now.
    Now(Lane, Posted),
    /// It waits behind another.
    Waits,
    /// Too many wait for its URL.
    Full(Posted),
}

impl Queues {
    /// Puts a callback into its lane.
    pub(super) fn put(&mut self, posted: Posted) -> Place {
        let url = posted.callback.url.clone();
        let lane = Lane(url.clone(), posted.after % LANES);
        let Some(behind) = self.lanes.get_mut(&lane) else {
            self.lanes.insert(lane.clone(), VecDeque::new());
            return Place::Now(lane, posted);
        };
        let waiting = self.waiting.entry(url).or_default();
        if *waiting >= WAITING_MAX {
            return Place::Full(posted);
        }
        *waiting += 1;
        behind.push_back(posted);
        Place::Waits
    }

    /// The callback that follows in a lane whose last one is through.
    pub(super) fn next(&mut self, lane: &Lane) -> Option<Posted> {
        let Some(posted) = self.lanes.get_mut(lane).and_then(VecDeque::pop_front) else {
            self.lanes.remove(lane);
            return None;
        };
        if let Some(waiting) = self.waiting.get_mut(&lane.0) {
            *waiting -= 1;
            if *waiting == 0 {
                self.waiting.remove(&lane.0);
            }
        }
        Some(posted)
    }

    /// Forgets every callback that waits; says how many there were.
    pub(super) fn clear(&mut self) -> usize {
        self.lanes.clear();
        self.waiting.drain().map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use bsg_rcs_domain::Msisdn;
    use bsg_rcs_sandbox_engine::{Body, MessageIx, VirtualTime};

    use super::*;

    fn posted(url: &str, message: u64, note: u16) -> Posted {
        let callback = Callback {
            message: MessageIx::of_id(4_419_393_001 + message).unwrap(),
            note,
            url: url.into(),
            phone: Msisdn::from_u64(380_661_231_231).unwrap(),
            reference: None,
            body: Body::Click {
                text: String::new(),
                postback: None,
                at: VirtualTime::from_millis(0),
            },
        };
        Posted { epoch: Epoch::default(), after: message, callback }
    }

    fn begin(queues: &mut Queues, one: Posted) -> Lane {
        match queues.put(one) {
            Place::Now(lane, _) => lane,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn callbacks_of_a_message_leave_one_after_the_other_in_their_order() {
        let mut queues = Queues::default();
        let lane = begin(&mut queues, posted("a", 1, 0));
        assert_eq!(queues.put(posted("a", 1, 1)), Place::Waits);
        assert_eq!(queues.put(posted("a", 1, 2)), Place::Waits);
        assert_eq!(queues.next(&lane), Some(posted("a", 1, 1)));
        assert_eq!(queues.next(&lane), Some(posted("a", 1, 2)));
        assert_eq!(queues.next(&lane), None);
        assert_eq!(begin(&mut queues, posted("a", 1, 3)), lane, "a free lane begins anew");
    }

    #[test]
    fn nothing_waits_for_another_url() {
        let mut queues = Queues::default();
        for message in 0..2 * LANES {
            let _ = queues.put(posted("dead", message, 0));
        }
        for message in 0..LANES {
            begin(&mut queues, posted("alive", message, 0));
        }
    }

    #[test]
    fn what_waits_is_bounded_and_forgotten_at_once() {
        let mut queues = Queues::default();
        let lane = begin(&mut queues, posted("a", 1, 0));
        for _ in 0..WAITING_MAX {
            assert_eq!(queues.put(posted("a", 1, 0)), Place::Waits);
        }
        assert!(matches!(queues.put(posted("a", 1, 0)), Place::Full(_)));
        begin(&mut queues, posted("b", 1, 0));
        assert_eq!(queues.clear(), WAITING_MAX);
        assert_eq!(queues.next(&lane), None);
        begin(&mut queues, posted("a", 1, 0));
    }
}

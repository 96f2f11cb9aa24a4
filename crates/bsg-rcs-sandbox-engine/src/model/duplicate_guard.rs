//! The duplicate guard (A17): the same body on the same sending call of one account within a short time.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::model::ids::AccountIx;
use crate::model::time::VirtualTime;

/// Who asked for what, told by the hash of call and body.
type Mark = (AccountIx, u64);

/// The requests that were accepted a moment ago. Refused ones are not remembered.
#[derive(Debug, Default)]
pub(crate) struct DuplicateGuard {
    last: HashMap<Mark, VirtualTime>,
    order: VecDeque<(VirtualTime, Mark)>,
}

impl DuplicateGuard {
    /// Whether the same was accepted within the window.
    pub(crate) fn knows(&mut self, mark: Mark, now: VirtualTime, window: Duration) -> bool {
        self.forget(now.minus(window));
        !window.is_zero() && self.last.get(&mark).is_some_and(|at| now.since(*at) < window)
    }

    /// Remembers an accepted request.
    pub(crate) fn remember(&mut self, mark: Mark, now: VirtualTime) {
        self.last.insert(mark, now);
        self.order.push_back((now, mark));
    }

    fn forget(&mut self, until: VirtualTime) {
        while let Some((at, mark)) = self.order.front().copied().filter(|(at, _)| *at <= until) {
            self.order.pop_front();
            if self.last.get(&mark) == Some(&at) {
                self.last.remove(&mark);
            }
        }
    }
}

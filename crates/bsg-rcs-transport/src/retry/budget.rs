//! The tokens that all exchanges of a wrapper share.

use std::sync::atomic::{AtomicU32, Ordering};

use super::policy::BudgetPolicy;
use super::verdict::Verdict;

/// A bucket of tokens. It is never in debt and never above what it started with.
#[derive(Debug)]
pub(super) struct Budget {
    policy: BudgetPolicy,
    tokens: AtomicU32,
}

impl Budget {
    pub(super) fn new(policy: BudgetPolicy) -> Self {
        Self { tokens: AtomicU32::new(policy.tokens), policy }
    }

    /// Takes what a repeat costs, and says how much that was; nothing when there is not enough.
    pub(super) fn take(&self, verdict: Verdict) -> Option<u32> {
        let cost = match verdict {
            Verdict::Throttled => self.policy.throttled_cost,
            Verdict::Trouble | Verdict::Settled => self.policy.trouble_cost,
        };
        // Relaxed: the number guards nothing but itself.
        self.tokens
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| tokens.checked_sub(cost))
            .ok()
            .map(|_| cost)
    }

    /// A success gives back what its last repeat took, or the small refund when there was none.
    pub(super) fn give_back(&self, last_cost: Option<u32>) {
        let refund = last_cost.unwrap_or(self.policy.refund);
        let _ = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| {
            Some(tokens.saturating_add(refund).min(self.policy.tokens))
        });
    }

    pub(super) fn left(&self) -> u32 {
        self.tokens.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_never_in_debt_and_never_overflows() {
        let budget = Budget::new(BudgetPolicy { tokens: 20, ..BudgetPolicy::default() });
        assert_eq!(budget.take(Verdict::Trouble), Some(14));
        assert_eq!(budget.take(Verdict::Trouble), None);
        assert_eq!(budget.take(Verdict::Throttled), Some(5));
        assert_eq!(budget.left(), 1);
        budget.give_back(None);
        assert_eq!(budget.left(), 2);
        budget.give_back(Some(14));
        budget.give_back(Some(14));
        assert_eq!(budget.left(), 20);
    }
}

//! What stops the next batch from leaving: a campaign of ours that the platform paused, and a cap
//! on the cost. And a word about the funds, which stop nothing here: the platform pauses when they
//! run out.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use bsg_rcs_domain::{Amount, CampaignId, CampaignStatus, Currency, Money};
use bsg_rcs_store::{BatchRow, BatchState, CampaignRow, Kind, Timestamp};

use crate::apply::{Stop, Tools};
use crate::clock::between;
use crate::error::CampaignError;
use crate::kept::summary_of;
use crate::progress::Event;
use crate::report::report;

/// How often the platform is asked about one campaign that it has not come to the end of, and the
/// store about what was billed.
const ASK_EVERY: Duration = Duration::from_secs(10);

/// How often the balance is read.
const FUNDS_EVERY: Duration = Duration::from_secs(60);

/// What is watched while a campaign is applied. Other workers may be at it: what counts is what the
/// store has now, not what this run has done.
pub(crate) struct Brakes<'a> {
    tools: &'a Tools,
    campaign: CampaignId,
    kind: Kind,
    /// The platform's campaigns that may still be paused, and when each was asked about.
    running: VecDeque<(u64, Option<Timestamp>)>,
    /// Those that are in the list, or were until they came to their end.
    known: HashSet<u64>,
    /// When the funds were read last.
    funds_at: Option<Timestamp>,
    cap: Option<Cap>,
}

/// A cap on the cost.
struct Cap {
    cap: Money,
    /// What was billed by the reports, and when that was read.
    billed: Option<(Amount, Timestamp)>,
}

impl<'a> Brakes<'a> {
    /// # Errors
    /// [`CampaignError::CapWithoutPrices`] if there is a cap, and a batch of which it is not known
    /// what it may cost.
    pub(crate) fn of(
        tools: &'a Tools,
        campaign: &CampaignRow,
        rows: &[BatchRow],
        max_cost: Option<Amount>,
    ) -> Result<Self, CampaignError> {
        let cap = cap_of(campaign, max_cost)?.map(|cap| Cap { cap, billed: None });
        if cap.is_some() && rows.iter().any(|row| row.state.is_open() && row.worst.is_none()) {
            return Err(CampaignError::CapWithoutPrices);
        }
        let (running, known) = (VecDeque::new(), HashSet::new());
        let (campaign, kind) = (campaign.id, campaign.kind);
        Ok(Self { tools, campaign, kind, running, known, funds_at: None, cap })
    }

    /// Tells, at first and then once a minute, how the funds compare with what the open batches may
    /// cost. Not knowing stops nothing.
    pub(crate) async fn look_at_funds(&mut self, rows: &[BatchRow]) {
        let now = self.tools.clock.now();
        if self.funds_at.is_some_and(|at| now >= at && between(at, now) < FUNDS_EVERY) {
            return;
        }
        self.funds_at = Some(now);
        let open = rows.iter().filter(|row| row.state.is_open());
        let worst = worst_of(open);
        if worst == Amount::ZERO {
            return;
        }
        match self.tools.client.account().balance().await {
            Ok(funds) => {
                let (balance, credit) = (funds.balance, funds.credit);
                let all = balance.amount.checked_add(credit.amount).unwrap_or(balance.amount);
                let worst = Money::new(worst, balance.currency);
                let enough = all >= worst.amount;
                (self.tools.progress)(Event::Funds { balance, credit, worst, enough });
            }
            Err(error) => tracing::warn!(%error, "the balance could not be read"),
        }
    }

    /// The first of the platform's campaigns that is paused. Not knowing is no pause; what has come
    /// to its end is not asked about again.
    pub(crate) async fn paused_remote(&mut self, rows: &[BatchRow]) -> Option<u64> {
        if self.kind == Kind::Campaign {
            let taken = rows.iter().filter(|row| row.state == BatchState::Accepted);
            for remote in taken.flat_map(|row| &row.remotes) {
                if self.known.insert(*remote) {
                    self.running.push_back((*remote, None));
                }
            }
        }
        for _ in 0..self.running.len() {
            let (remote, asked_at) = self.running.pop_front()?;
            let now = self.tools.clock.now();
            if asked_at.is_some_and(|at| now >= at && between(at, now) < ASK_EVERY) {
                self.running.push_back((remote, asked_at));
                continue;
            }
            let asked = self.tools.client.campaigns().get(remote).await;
            let status = asked.ok().and_then(|campaign| campaign.status.ok());
            if !status.is_some_and(CampaignStatus::is_final) {
                self.running.push_back((remote, Some(now)));
            }
            if status == Some(CampaignStatus::Paused) {
                return Some(remote);
            }
        }
        None
    }

    /// Whether a batch would go beyond the cap on the cost.
    pub(crate) async fn over_cap(
        &mut self,
        batch: &BatchRow,
    ) -> Result<Option<Stop>, CampaignError> {
        let (Some(cap), Some(next)) = (&mut self.cap, batch.worst) else { return Ok(None) };
        if batch.state != BatchState::Planned {
            return Ok(None);
        }
        // A lease is in the store before its holder looks here: of two that look at the same
        // moment, each counts the other.
        let rows = self.tools.store.batches(self.campaign).await?;
        let counts = |row: &&BatchRow| match row.state {
            BatchState::Planned => row.leased.is_some() && row.number != batch.number,
            BatchState::Rejected => false,
            _ => true,
        };
        let sent = worst_of(rows.iter().filter(counts));
        let now = self.tools.clock.now();
        let billed = match cap.billed {
            Some((billed, at)) if now >= at && between(at, now) < ASK_EVERY => billed,
            _ => {
                let told = report(&*self.tools.store, &*self.tools.clock, self.campaign).await?;
                let billed = told.billed_in(cap.cap.currency);
                cap.billed = Some((billed, now));
                billed
            }
        };
        let spent = billed.max(sent);
        let total = spent.checked_add(next.amount);
        let over = total.is_none_or(|total| total > cap.cap.amount);
        let spent = Money::new(spent, cap.cap.currency);
        Ok(over.then_some(Stop::SpendCap { spent, next, cap: cap.cap }))
    }
}

/// The cap on the cost: the one that was asked for, else the plan's.
fn cap_of(
    campaign: &CampaignRow,
    max_cost: Option<Amount>,
) -> Result<Option<Money>, CampaignError> {
    let plan = summary_of(campaign)?;
    let planned = || plan.max_cost.as_deref().and_then(|text| Amount::parse(text).ok());
    let Some(cap) = max_cost.or_else(|| planned().map(|parsed| parsed.amount)) else {
        return Ok(None);
    };
    let currency = plan.estimate.as_ref().map(|estimate| Currency::parse(&estimate.currency));
    match currency {
        Some(Ok(currency)) => Ok(Some(Money::new(cap, currency))),
        _ => Err(CampaignError::CapWithoutPrices),
    }
}

fn worst_of<'r>(rows: impl Iterator<Item = &'r BatchRow>) -> Amount {
    let worst = rows.filter_map(|row| row.worst);
    worst.fold(Amount::ZERO, |sum, worst| sum.checked_add(worst.amount).unwrap_or(sum))
}

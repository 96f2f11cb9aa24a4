//! What keeps the next request back: the rate, a campaign of ours that the platform paused, and a
//! cap on the cost. It also tells how the funds stand. They stop nothing here, for the platform pauses
//! when they run out, unless the account is in another currency than the cap.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::Ordering;
use std::time::Duration;

use bsg_rcs_domain::{Amount, CampaignStatus, Currency, Money};
use bsg_rcs_store::{BatchRow, BatchState, BatchSums, Kind};
use tokio::sync::Mutex;

use crate::applied::Stop;
use crate::cost::{Closeness, Spending, plus, read_spending};
use crate::error::CampaignError;
use crate::hand::Work;
use crate::progress::Event;
use crate::stored_plan::UnitPrices;

/// How often the platform is asked about one campaign that it has not come to the end of.
const ASK_EVERY: Duration = Duration::from_secs(10);
/// Campaigns of the platform that are asked about before the first request.
const ASKED_AT_FIRST: u32 = 8;
/// Campaigns of the platform that are asked about once every batch was sent.
const ASKED_AT_THE_END: usize = 16;
/// Open campaigns of the platform that are read from the store at once.
const REMOTES_AT_ONCE: u32 = 1000;
/// How often the balance is read.
const FUNDS_EVERY: Duration = Duration::from_secs(60);
/// Campaigns whose last question is remembered.
const REMEMBERED: usize = 64;

/// Whether a request may leave now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permit {
    Granted,
    Refused(Stop),
    /// The interrupt was raised, or another batch failed.
    Interrupted,
}

/// What is watched while a campaign is applied. Other workers may be at it: what counts is what the
/// store has now, not what this run has done.
pub(crate) struct StopConditions<'a> {
    work: &'a Work<'a>,
    cap: Option<Money>,
    watched: Mutex<Watched>,
}

/// What was looked at last, on the monotonic clock.
#[derive(Default)]
struct Watched {
    /// When the rate lets the next request leave.
    free_at: Duration,
    funds_at: Option<Duration>,
    asked_at: HashMap<u64, Duration>,
    /// The batch whose remote campaign was asked about last.
    asked_after: Option<u32>,
    began: bool,
    /// Why nothing leaves any more in this run.
    stop: Option<Stop>,
    told_unlisted: bool,
}

impl<'a> StopConditions<'a> {
    /// # Errors
    /// [`CampaignError::CapWithoutPrices`] if there is a cap and the plan has no prices.
    pub(crate) fn new(work: &'a Work<'a>) -> Result<Self, CampaignError> {
        let cap = cap_of(work)?;
        Ok(Self { work, cap, watched: Mutex::default() })
    }

    /// Waits for the rate, then says whether this batch may be sent.
    pub(crate) async fn permit(&self, batch: &BatchRow) -> Result<Permit, CampaignError> {
        let mut watched = self.watched.lock().await;
        if !self.pace(&mut watched, batch.count).await {
            return Ok(Permit::Interrupted);
        }
        if self.work.failed.load(Ordering::SeqCst) {
            return Ok(Permit::Interrupted);
        }
        if let Some(stop) = watched.stop {
            return Ok(Permit::Refused(stop));
        }
        let looked = async {
            if let Some(stop) = self.look_at_funds(&mut watched).await? {
                return Ok(Some(stop));
            }
            if let Some(remote) = self.paused_remote(&mut watched).await? {
                return Ok(Some(Stop::PausedByPlatform { remote }));
            }
            self.over_cap(&mut watched, batch).await
        };
        match self.work.tools.unless_interrupted(looked).await {
            None => Ok(Permit::Interrupted),
            Some(looked) => {
                watched.stop = looked?;
                // Another batch may have its permit already.
                self.work.withheld.store(watched.stop.is_some(), Ordering::SeqCst);
                Ok(watched.stop.map_or(Permit::Granted, Permit::Refused))
            }
        }
    }

    /// Waits until the rate allows so many recipients more; `false` if the interrupt was
    /// raised.
    async fn pace(&self, watched: &mut Watched, recipients: u32) -> bool {
        let Some(rate) = self.work.options.rate.filter(|rate| *rate > 0) else {
            return !self.work.tools.interrupt.is_raised();
        };
        let clock = &self.work.tools.clock;
        let wait = watched.free_at.saturating_sub(clock.monotonic());
        if !wait.is_zero() && !self.work.tools.pause(wait).await {
            return false;
        }
        let taken = Duration::from_secs(recipients.into()) / rate;
        watched.free_at = clock.monotonic().max(watched.free_at).saturating_add(taken);
        !self.work.tools.interrupt.is_raised()
    }

    /// Tells, at first and then once a minute, how the funds compare with what the open batches may
    /// cost. Not knowing stops nothing; an account in another currency than the cap does.
    async fn look_at_funds(&self, watched: &mut Watched) -> Result<Option<Stop>, CampaignError> {
        let now = self.work.tools.clock.monotonic();
        if watched.funds_at.is_some_and(|at| now.saturating_sub(at) < FUNDS_EVERY) {
            return Ok(None);
        }
        watched.funds_at = Some(now);
        let Some(prices) = &self.work.prices else { return Ok(None) };
        let sums = self.work.tools.store.batch_sums(self.work.campaign.id).await?;
        let worst = open_worst(&sums, prices.currency())?;
        let funds = match self.work.tools.client.account().balance().await {
            Ok(funds) => funds,
            Err(error) => {
                tracing::warn!(%error, "the balance could not be read");
                return Ok(None);
            }
        };
        let Some(found) = funds.currency else {
            tracing::warn!("the balance names no currency");
            return Ok(None);
        };
        if let Some(cap) = self.cap.filter(|cap| cap.currency != found) {
            return Ok(Some(Stop::OtherCurrency { found, cap }));
        }
        if worst != Amount::ZERO {
            let (balance, credit) =
                (Money::new(funds.balance, found), Money::new(funds.credit, found));
            let worst = Money::new(worst, prices.currency());
            (self.work.tools.progress)(funds_event(balance, credit, worst));
        }
        Ok(None)
    }

    /// A campaign of ours that the platform paused. A bounded number is asked about before each
    /// request, in turn. Not knowing is no pause.
    async fn paused_remote(&self, watched: &mut Watched) -> Result<Option<u64>, CampaignError> {
        if self.work.campaign.kind == Kind::Single {
            return Ok(None);
        }
        let (store, id) = (&self.work.tools.store, self.work.campaign.id);
        let most = if std::mem::replace(&mut watched.began, true) { 1 } else { ASKED_AT_FIRST };
        let mut open = store.open_remotes(id, watched.asked_after, most).await?;
        if open.is_empty() && watched.asked_after.is_some() {
            open = store.open_remotes(id, None, most).await?;
        }
        watched.asked_after = open.last().map(|open| open.batch);
        let latest = self.work.latest_remote.load(Ordering::Relaxed);
        let latest = (latest > 0).then_some(latest);
        for remote in open.iter().map(|open| open.remote).chain(latest) {
            let now = self.work.tools.clock.monotonic();
            let asked_at = watched.asked_at.get(&remote);
            if asked_at.is_some_and(|at| now.saturating_sub(*at) < ASK_EVERY) {
                continue;
            }
            if watched.asked_at.len() >= REMEMBERED {
                watched.asked_at.clear();
            }
            let asked = self.work.tools.client.campaigns().get(remote).await;
            let status = asked.ok().and_then(|campaign| campaign.status.ok());
            watched.asked_at.insert(remote, now);
            if status == Some(CampaignStatus::Paused) {
                return Ok(Some(remote));
            }
        }
        Ok(None)
    }

    /// A campaign of ours that the platform paused, once every batch was sent: the latest are asked
    /// about, for the funds run out at the end.
    pub(crate) async fn paused_at_the_end(&self) -> Result<Option<Stop>, CampaignError> {
        if self.work.campaign.kind == Kind::Single {
            return Ok(None);
        }
        let (store, id) = (&self.work.tools.store, self.work.campaign.id);
        let (mut latest, mut after) = (VecDeque::new(), None);
        loop {
            let page = store.open_remotes(id, after, REMOTES_AT_ONCE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.batch);
            latest.extend(page.iter().map(|open| open.remote));
            latest.drain(..latest.len().saturating_sub(ASKED_AT_THE_END));
        }
        for remote in latest.into_iter().rev() {
            let asked = self.work.tools.client.campaigns().get(remote);
            let Some(asked) = self.work.tools.unless_interrupted(asked).await else { break };
            if asked.is_ok_and(|campaign| campaign.status == Ok(CampaignStatus::Paused)) {
                return Ok(Some(Stop::PausedByPlatform { remote }));
            }
        }
        Ok(None)
    }

    /// Whether a batch would go beyond the cap on the cost, or the cap cannot be held any more.
    async fn over_cap(
        &self,
        watched: &mut Watched,
        batch: &BatchRow,
    ) -> Result<Option<Stop>, CampaignError> {
        let Some(prices) = &self.work.prices else { return Ok(None) };
        // A batch that was looked up and is sent again counts as sent already.
        if self.cap.is_none() && watched.told_unlisted {
            return Ok(None);
        }
        let spending = self.spending(prices, batch, Closeness::Bound).await?;
        if let Some(billed) = spending.unlisted {
            if let Some(cap) = self.cap {
                return Ok(Some(match billed.currency == cap.currency {
                    true => Stop::UnlistedPrice { billed, cap },
                    false => Stop::OtherCurrency { found: billed.currency, cap },
                }));
            }
            if !std::mem::replace(&mut watched.told_unlisted, true) {
                (self.work.tools.progress)(Event::UnlistedPrice { billed });
            }
        }
        let (Some(cap), BatchState::Planned) = (self.cap, batch.state) else { return Ok(None) };
        if no_room(cap, &spending).is_none() {
            return Ok(None);
        }
        Ok(no_room(cap, &self.spending(prices, batch, Closeness::Exact).await?))
    }

    async fn spending(
        &self,
        prices: &UnitPrices,
        next: &BatchRow,
        closeness: Closeness,
    ) -> Result<Spending, CampaignError> {
        read_spending(self.work.tools, &self.work.campaign, prices, next, closeness).await
    }
}

/// Why the next batch does not fit under the cap, if it does not.
fn no_room(cap: Money, spending: &Spending) -> Option<Stop> {
    let total = spending.spent.checked_add(spending.next);
    let over = total.is_none_or(|total| total > cap.amount);
    let spent = Money::new(spending.spent, cap.currency);
    let next = Money::new(spending.next, cap.currency);
    over.then_some(Stop::SpendCap { spent, next, cap })
}

/// What the batches that need work may cost at worst, in the plan's currency.
fn open_worst(sums: &BatchSums, currency: Currency) -> Result<Amount, CampaignError> {
    let open = [&sums.planned, &sums.sending, &sums.unknown];
    let worst = open.iter().flat_map(|sum| &sum.worst).filter(|worst| worst.currency == currency);
    worst.map(|worst| worst.amount).try_fold(Amount::ZERO, plus)
}

/// The funds beside what is needed; what cannot be compared is not.
fn funds_event(balance: Money, credit: Money, worst: Money) -> Event {
    let all = balance.checked_add(credit).ok().filter(|all| all.currency == worst.currency);
    let enough = all.map(|all| all.amount >= worst.amount);
    Event::Funds { balance, credit, worst, enough }
}

/// The cap on the cost: the one that was asked for, else the plan's.
fn cap_of(work: &Work<'_>) -> Result<Option<Money>, CampaignError> {
    let planned = work.plan.summary.max_cost.as_deref().map(Amount::parse).transpose();
    let planned = planned.map_err(|_| CampaignError::Corrupt("cap"))?;
    let Some(cap) = work.options.max_cost.or(planned.map(|parsed| parsed.amount)) else {
        return Ok(None);
    };
    let currency: Option<Currency> = work.prices.as_ref().map(|prices| prices.currency());
    let currency = currency.ok_or(CampaignError::CapWithoutPrices)?;
    Ok(Some(Money::new(cap, currency)))
}

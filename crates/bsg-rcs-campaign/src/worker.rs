//! A worker: it takes one batch after another and carries each to its end, until none is left.
//!
//! Several batches are under way at once. One that waits for its outcome to settle keeps nothing
//! else back, until so many wait that something must be wrong with the platform.

use std::pin::pin;
use std::sync::atomic::Ordering;

use bsg_rcs_store::{BatchRow, BatchState, CampaignState, StoreError};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::applied::{Applied, Stop};
use crate::cost::BATCHES_AT_ONCE;
use crate::error::CampaignError;
use crate::hand::{Hand, Work};
use crate::progress::Event;
use crate::resolve::{LOOK_EVERY, resolve};
use crate::send::{End, Step, send};
use crate::stop_conditions::StopConditions;

/// Batches that wait for their outcome before no more are begun.
const RESOLVING_MAX: usize = 8;
/// Batches are cut to so many seconds of the rate.
const RATE_SECONDS: u32 = 10;

/// Carries every batch of a campaign that needs work to its end.
pub(crate) async fn run(work: &Work<'_>) -> Result<Applied, CampaignError> {
    let conditions = StopConditions::new(work)?;
    let settled = closed_recipients(work).await?;
    Worker { work, conditions: &conditions, settled, why: None, refused_before: Vec::new() }
        .run()
        .await
}

/// Why no more batches are begun.
#[derive(Debug)]
enum Why {
    Refused(String),
    Stopped(Stop),
    Failed(CampaignError),
}

struct Worker<'a> {
    work: &'a Work<'a>,
    conditions: &'a StopConditions<'a>,
    /// Recipients of batches that are settled.
    settled: u64,
    why: Option<Why>,
    /// Batches whose request was refused as a whole by an earlier run: they go last, so that one
    /// that is always refused keeps no other back.
    refused_before: Vec<Hand<'a>>,
}

/// A batch, and how its work ended.
type Done<'a> = (Hand<'a>, Result<End, CampaignError>);

impl<'a> Worker<'a> {
    async fn run(mut self) -> Result<Applied, CampaignError> {
        let (work, conditions) = (self.work, self.conditions);
        let mut under_way = FuturesUnordered::new();
        loop {
            while self.why.is_none() && has_room(work, under_way.len()) {
                if work.tools.interrupt.is_raised() {
                    self.why = Some(Why::Stopped(Stop::Interrupted));
                    break;
                }
                match self.next(under_way.is_empty()).await {
                    Ok(Some(hand)) => under_way.push(carry(hand, conditions)),
                    Ok(None) => break,
                    // Another worker took over a batch that was kept for the end.
                    Err(CampaignError::Store(StoreError::LeaseLost { .. })) => {}
                    Err(error) => self.end(Why::Failed(error)),
                }
            }
            if under_way.is_empty() {
                if let Some(why) = self.why.take() {
                    self.give_back().await;
                    return conclude(work, why).await;
                }
                if let Some(applied) = conclusion(work).await? {
                    let is_told_why =
                        matches!(&applied, Applied::Stopped(stop) if *stop != Stop::First);
                    let stop = match is_told_why {
                        true => None,
                        false => conditions.paused_at_the_end().await?,
                    };
                    return Ok(stop.map_or(applied, Applied::Stopped));
                }
                // Others are at the rest: this worker takes over from those that die.
                work.tools.pause(LOOK_EVERY).await;
                continue;
            }
            // A lease of another worker may end meanwhile.
            let mut look_again = pin!(work.tools.clock.tick(LOOK_EVERY));
            let done: Option<Done<'_>> = tokio::select! {
                biased;
                done = under_way.next() => done,
                () = work.has_room.notified(), if self.why.is_none() => None,
                () = &mut look_again, if self.why.is_none() => None,
            };
            if let Some((hand, ended)) = done {
                let ended = settle(&hand, ended).await;
                self.settled += ended_recipients(&hand, &ended);
                tell(work, &hand, &ended, self.settled);
                why_of(ended).into_iter().for_each(|why| self.end(why));
            }
        }
    }

    /// Begins no more batches. The first reason stands; what is under way is still carried to its
    /// end, but after a failure nothing is sent again: what the store or the platform does next is
    /// not known.
    fn end(&mut self, why: Why) {
        if matches!(why, Why::Failed(_)) {
            self.work.failed.store(true, Ordering::SeqCst);
        }
        self.why.get_or_insert(why);
    }

    /// The next batch that needs work and has no holder, cut to what may leave at once. Those that
    /// were refused before come last, the longest ago first.
    async fn next(&mut self, is_idle: bool) -> Result<Option<Hand<'a>>, CampaignError> {
        let before = before(self.work);
        while let Some(hand) = Hand::take(self.work, before).await? {
            if hand.row.state == BatchState::Planned && hand.row.note.is_some() {
                self.refused_before.push(hand);
            } else {
                return self.cut(hand, before).await.map(Some);
            }
        }
        if !is_idle {
            return Ok(None);
        }
        self.refused_before.sort_by_key(|hand| std::cmp::Reverse(hand.row.changed_at));
        match self.refused_before.pop() {
            Some(hand) => self.cut(hand, before).await.map(Some),
            None => Ok(None),
        }
    }

    async fn cut(&self, mut hand: Hand<'a>, before: u32) -> Result<Hand<'a>, CampaignError> {
        let options = &self.work.options;
        let of_rate = |rate: u32| rate.saturating_mul(RATE_SECONDS).max(1);
        let rate = options.rate.filter(|rate| *rate > 0).map(of_rate);
        let most = rate.unwrap_or(u32::MAX).min(options.batch_size.unwrap_or(u32::MAX).max(1));
        let keep = hand.row.count.min(most).min(before - hand.row.first);
        if hand.row.state == BatchState::Planned && keep < hand.row.count {
            hand.cut(keep).await?;
        }
        Ok(hand)
    }

    /// Gives back what was kept for the end.
    async fn give_back(&mut self) {
        for hand in self.refused_before.drain(..) {
            // Its lease ends by itself too, only later.
            let _ = hand.release().await;
        }
    }
}

/// The recipient before which the batches begin that are sent.
fn before(work: &Work<'_>) -> u32 {
    let first = work.options.first;
    first.map_or(u32::MAX, |first| u32::try_from(first).unwrap_or(u32::MAX))
}

/// Whether another batch may be begun.
fn has_room(work: &Work<'_>, under_way: usize) -> bool {
    let resolving = usize::try_from(work.resolving.load(Ordering::SeqCst)).unwrap_or(usize::MAX);
    let sending = under_way.saturating_sub(resolving);
    sending < work.options.concurrency() && resolving < RESOLVING_MAX
}

/// Does what there is to do for a batch in its state, until it is settled or cannot go on.
async fn carry<'a>(mut hand: Hand<'a>, conditions: &StopConditions<'_>) -> Done<'a> {
    let ended = async {
        let mut step = match hand.row.state {
            BatchState::Planned => Step::Send,
            BatchState::Sending => {
                // Its worker died, and the request may have left long after this was written.
                hand.become_unknown(None).await?;
                Step::Resolve
            }
            _ => Step::Resolve,
        };
        loop {
            step = match step {
                Step::Send => send(&mut hand, conditions).await?,
                Step::Resolve => resolve(&mut hand).await?,
                Step::End(end) => return Ok(end),
            };
        }
    };
    let ended = ended.await;
    (hand, ended)
}

/// Gives back a batch that is not settled. A lease that was lost ends nothing: the batch is
/// another worker's now, which looks up what this one may have sent.
async fn settle(
    hand: &Hand<'_>,
    ended: Result<End, CampaignError>,
) -> Result<Option<End>, CampaignError> {
    match ended {
        Ok(end @ (End::Accepted | End::Held)) => Ok(Some(end)),
        Ok(end) => hand.release().await.map(|()| Some(end)),
        Err(CampaignError::Store(error @ StoreError::LeaseLost { .. })) => {
            tracing::warn!("{error}");
            Ok(None)
        }
        Err(error) => {
            // The lease ends by itself too, only later.
            let _ = hand.release().await;
            Err(error)
        }
    }
}

fn ended_recipients(hand: &Hand<'_>, ended: &Result<Option<End>, CampaignError>) -> u64 {
    match ended {
        Ok(Some(End::Accepted | End::Held)) => hand.row.count.into(),
        _ => 0,
    }
}

fn tell(
    work: &Work<'_>,
    hand: &Hand<'_>,
    ended: &Result<Option<End>, CampaignError>,
    settled: u64,
) {
    let outcome = match ended {
        Ok(Some(End::Accepted)) => BatchState::Accepted,
        Ok(Some(End::Held)) => BatchState::Held,
        _ => return,
    };
    (work.tools.progress)(Event::Settled { batch: hand.row.number, outcome });
    let of = work.campaign.recipients.into();
    (work.tools.progress)(Event::Batch { settled, of });
}

/// Why no more batches are begun after this end.
fn why_of(ended: Result<Option<End>, CampaignError>) -> Option<Why> {
    match ended {
        Err(error) => Some(Why::Failed(error)),
        Ok(None | Some(End::Accepted | End::Held)) => None,
        Ok(Some(End::Refused { why })) => Some(Why::Refused(why)),
        Ok(Some(End::Stopped(stop))) => Some(Why::Stopped(stop)),
        Ok(Some(End::Interrupted)) => Some(Why::Stopped(Stop::Interrupted)),
        Ok(Some(End::Withdrawn(CampaignState::Stopped))) => Some(Why::Stopped(Stop::ForGood)),
        Ok(Some(End::Withdrawn(_))) => Some(Why::Stopped(Stop::Elsewhere)),
    }
}

async fn conclude(work: &Work<'_>, why: Why) -> Result<Applied, CampaignError> {
    match why {
        Why::Failed(error) => Err(error),
        Why::Stopped(stop) => Ok(Applied::Stopped(stop)),
        Why::Refused(why) => Ok(Applied::Refused { why, held: held(work).await? }),
    }
}

/// How applying ends, now that nothing is left to take; `None` while others are at it.
async fn conclusion(work: &Work<'_>) -> Result<Option<Applied>, CampaignError> {
    let (store, id) = (&work.tools.store, work.campaign.id);
    if has_open_batch(work, before(work)).await? {
        let campaign = store.campaign(id).await?.ok_or(CampaignError::NoCampaign(id))?;
        return Ok(match campaign.state {
            CampaignState::Stopped => Some(Applied::Stopped(Stop::ForGood)),
            CampaignState::Sending if work.tools.interrupt.is_raised() => {
                Some(Applied::Stopped(Stop::Interrupted))
            }
            CampaignState::Sending => None,
            _ => Some(Applied::Stopped(Stop::Elsewhere)),
        });
    }
    if has_open_batch(work, u32::MAX).await? {
        return Ok(Some(Applied::Stopped(Stop::First)));
    }
    let batches = held(work).await?;
    Ok(Some(if batches.is_empty() { Applied::AllSent } else { Applied::Held { batches } }))
}

/// Whether a batch that begins before this recipient needs work.
async fn has_open_batch(work: &Work<'_>, before: u32) -> Result<bool, CampaignError> {
    let sums = work.tools.store.batch_sums(work.campaign.id).await?;
    if !sums.has_open() || before == u32::MAX {
        return Ok(sums.has_open());
    }
    let is_open = |row: &BatchRow| row.state.is_open() && row.first < before;
    Ok(!find_batches(work, is_open, Some(before)).await?.is_empty())
}

/// The numbers of the batches that are held for manual review.
async fn held(work: &Work<'_>) -> Result<Vec<u32>, CampaignError> {
    let sums = work.tools.store.batch_sums(work.campaign.id).await?;
    if sums.get(BatchState::Held).batches == 0 {
        return Ok(Vec::new());
    }
    let held = find_batches(work, |row| row.state == BatchState::Held, None).await?;
    Ok(held.into_iter().map(|row| row.number).collect())
}

async fn find_batches(
    work: &Work<'_>,
    wanted: impl Fn(&BatchRow) -> bool,
    before: Option<u32>,
) -> Result<Vec<BatchRow>, CampaignError> {
    let (mut found, mut from) = (Vec::new(), 0);
    loop {
        let rows = work.tools.store.batches(work.campaign.id, from, BATCHES_AT_ONCE).await?;
        let Some(last) = rows.last() else { return Ok(found) };
        from = last.first.saturating_add(last.count.max(1));
        found.extend(rows.into_iter().filter(|row| wanted(row)));
        if before.is_some_and(|before| from >= before) {
            return Ok(found);
        }
    }
}

/// Recipients of the batches that need no work any more.
async fn closed_recipients(work: &Work<'_>) -> Result<u64, CampaignError> {
    let sums = work.tools.store.batch_sums(work.campaign.id).await?;
    let closed = [BatchState::Accepted, BatchState::Rejected, BatchState::Held];
    Ok(closed.into_iter().map(|state| sums.get(state).recipients).sum())
}

//! Counting: every recipient once, in the row of those that stand alike.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_domain::{CampaignId, MessageStatus};

use super::fixtures::{
    ABSENT, ID, batches, campaign, change, later, leases, money, planned, priced, report, settled,
    tally,
};
use crate::rows::{BatchRow, BatchState, CampaignRow, Outcome, TallyRow};
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    where_there_are_no_recipients_none_are_counted(&*fresh().await).await;
    the_outcome_follows_its_rule(&*fresh().await).await;
    overdue_is_measured_from_acceptance(&*fresh().await).await;
    those_who_stand_alike_share_a_row(&*fresh().await).await;
}

async fn where_there_are_no_recipients_none_are_counted(store: &dyn Store) {
    assert_eq!(tally(store, ABSENT).await, [], "no campaign, no count");
    planned(store, campaign(ID), 0).await;
    assert_eq!(tally(store, ID).await, [], "no recipients, no count");
}

/// The recipient's own outcome, whether something was reported, and what comes of it: `None` where
/// the batch decides.
const RULE: [(Option<Outcome>, bool, Option<Outcome>); 10] = [
    (None, false, None),
    (None, true, Some(Outcome::Accepted)),
    (Some(Outcome::Pending), false, Some(Outcome::Pending)),
    (Some(Outcome::Pending), true, Some(Outcome::Accepted)),
    (Some(Outcome::Accepted), false, Some(Outcome::Accepted)),
    (Some(Outcome::Accepted), true, Some(Outcome::Accepted)),
    (Some(Outcome::Rejected), false, Some(Outcome::Rejected)),
    (Some(Outcome::Rejected), true, Some(Outcome::Accepted)),
    (Some(Outcome::Undetermined), false, Some(Outcome::Undetermined)),
    (Some(Outcome::Undetermined), true, Some(Outcome::Accepted)),
];

/// Each state of a batch, and what comes of its recipients.
const BATCHES: [(BatchState, Outcome); 6] = [
    (BatchState::Planned, Outcome::Pending),
    (BatchState::Sending, Outcome::Pending),
    (BatchState::Unknown, Outcome::Pending),
    (BatchState::Accepted, Outcome::Accepted),
    (BatchState::Rejected, Outcome::Rejected),
    (BatchState::Held, Outcome::Undetermined),
];

async fn the_outcome_follows_its_rule(store: &dyn Store) {
    planned(store, CampaignRow { batch_cap: 10, ..campaign(ID) }, 60).await;
    let leases = leases(store, ID).await;
    let mut expected = Vec::new();
    for ((number, lease), (state, of_batch)) in (0_u32..).zip(leases).zip(BATCHES) {
        store.change_batch(lease, change(state)).await.unwrap();
        for (place, (own, reported, outcome)) in (0..).zip(RULE) {
            let index = number * 10 + place;
            if let Some(own) = own {
                store.settle(ID, vec![settled(index, own)]).await.unwrap();
            }
            if reported {
                let sent = report(1, MessageStatus::Sent);
                store.add_reports(ID, vec![(index, sent)]).await.unwrap();
            }
            expected.push((outcome.unwrap_or(of_batch), reported));
        }
    }
    let rows = tally(store, ID).await;
    for outcome in [Outcome::Pending, Outcome::Accepted, Outcome::Rejected, Outcome::Undetermined] {
        for reported in [false, true] {
            let alike = |row: &&TallyRow| (row.outcome, row.shown.is_some()) == (outcome, reported);
            let counted: u64 = rows.iter().filter(alike).map(|row| row.count).sum();
            let expected = expected.iter().filter(|one| **one == (outcome, reported)).count();
            assert_eq!(
                usize::try_from(counted).unwrap(),
                expected,
                "{outcome:?}, reported: {reported}: accepted if anything was reported; else the own \
                 outcome; else the batch's"
            );
        }
    }
}

async fn overdue_is_measured_from_acceptance(store: &dyn Store) {
    planned(store, campaign(ID), 9).await;
    let leases = leases(store, ID).await;
    for (batch, state) in [(0, BatchState::Accepted), (2, BatchState::Held)] {
        store.change_batch(leases[batch], change(state)).await.unwrap();
    }
    let between = later(store).await;
    store.change_batch(leases[1], change(BatchState::Accepted)).await.unwrap();
    let rows = batches(store, ID).await;
    let since_between = store.now().await.unwrap().0 - between.0;
    let millis = u64::try_from(since_between).expect("the clock goes forward");
    for span in [0, 1, millis, millis + 1, millis + 5, 3_600_000].map(Duration::from_millis) {
        let found = store.snapshot(ID, span).await.unwrap();
        let is_overdue = |row: &&BatchRow| {
            row.state == BatchState::Accepted && row.changed_at.after(span) <= found.now
        };
        let expected: u64 = rows.iter().filter(is_overdue).map(|row| u64::from(row.count)).sum();
        let rows = found.tally;
        let overdue: u64 = rows.iter().filter(|row| row.overdue).map(|row| row.count).sum();
        assert_eq!(overdue, expected, "overdue are those accepted since {span:?}");
        let all: u64 = rows.iter().map(|row| row.count).sum();
        assert_eq!(all, 9, "every recipient is counted, overdue or not");
    }
}

async fn those_who_stand_alike_share_a_row(store: &dyn Store) {
    let other = CampaignId(2);
    planned(store, campaign(ID), 12).await;
    planned(store, campaign(other), 5).await;
    let leases = leases(store, ID).await;
    // Different batch states with one outcome between them, and two prices.
    for (batch, state) in [(0, BatchState::Unknown), (1, BatchState::Sending)] {
        store.change_batch(leases[batch], change(state)).await.unwrap();
    }
    let (cheap, dear) = (money("0.1", "EUR"), money("0.2", "EUR"));
    let reports = [(0, cheap), (1, cheap), (4, cheap), (5, dear)];
    let reports = reports.map(|(index, price)| (index, priced(u64::from(index), price)));
    store.add_reports(ID, reports.to_vec()).await.unwrap();
    let rows = tally(store, ID).await;
    let mut ways = HashSet::new();
    for row in &rows {
        assert!(ways.insert(TallyRow { count: 0, ..row.clone() }), "{row:?} stands in two rows");
    }
    let mut counted: Vec<_> =
        rows.into_iter().map(|row| (row.count, row.outcome, row.billed)).collect();
    counted.sort_by_key(|(count, ..)| *count);
    let expected = [
        (1, Outcome::Accepted, vec![dear]),
        (3, Outcome::Accepted, vec![cheap]),
        (8, Outcome::Pending, Vec::new()),
    ];
    assert_eq!(counted, expected, "recipients that stand alike are counted in one row");
    let count: u64 = tally(store, other).await.iter().map(|row| row.count).sum();
    assert_eq!(count, 5, "another campaign's recipients are not counted");
}

//! What a plan reads, counts, quotes and refuses. No platform is needed.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_campaign::plan::{PlanOrder, check, discard_abandoned, plan as plan_into};
use bsg_rcs_campaign::{CampaignError, Clock, Interrupt, PlanSummary};
use bsg_rcs_domain::message::{CardDraft, SuggestionDraft};
use bsg_rcs_domain::{Amount, BatchCap, CampaignId, Currency, MessageDraft, Money};
use bsg_rcs_store::{BatchState, CampaignState, MemoryStore, StoreError};
use proptest::prelude::*;

use crate::bench::{
    Bench, TestClock, all, list, list_of, message, message_with, order, plan_for, prices,
    unconnected,
};
use crate::stores::*;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn an_order() -> PlanOrder {
    order(&unconnected(), &message())
}

async fn plan(
    store: &MemoryStore,
    order: &PlanOrder,
    lines: &[&str],
) -> Result<PlanSummary, CampaignError> {
    let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    plan_for(store, order, &lines).await
}

fn euro(text: &str) -> Money {
    Money::new(Amount::parse(text).unwrap().amount, Currency::EUR)
}

#[tokio::test]
async fn a_plan_counts_and_lists_what_it_refuses() {
    let store = MemoryStore::default();
    let lines = ["+380 66 000 00 01", "hello", "380660000001", "00380660000002", "0661231231"];
    let summary = plan(&store, &an_order(), &lines).await.unwrap();
    assert_eq!((summary.read, summary.refused), (5, 2));
    assert_eq!((summary.duplicates, summary.recipients, summary.batches), (1, 2, 1));
    let refusals: Vec<_> = summary.refusals.iter().map(|r| (r.line, r.value.as_str())).collect();
    assert_eq!(refusals, [(3, "hello"), (6, "0661231231")]);
    assert!(summary.refusals.iter().all(|refusal| refusal.rule.starts_with("NUM-")));

    let id = CampaignId::parse(&summary.campaign).unwrap();
    let campaign = store.campaign(id).await.unwrap().unwrap();
    assert_eq!((campaign.state, campaign.recipients), (CampaignState::Planned, 2));
    assert_eq!(bsg_rcs_campaign::stored_plan::summary_of(&campaign).unwrap(), summary);
    let recipients = store.recipients(id, 0, 9).await.unwrap();
    let numbers: Vec<u64> = recipients.iter().map(|to| to.number.unwrap().as_u64()).collect();
    assert_eq!(numbers, [380_660_000_001, 380_660_000_002]);
}

#[tokio::test]
async fn a_hundred_refusals_are_listed_each_cut_short() {
    let bad = "x".repeat(100);
    let mut lines = vec![bad.as_str(); 101];
    lines.push("380660000001");
    let summary = plan(&MemoryStore::default(), &an_order(), &lines).await.unwrap();
    assert_eq!((summary.refused, summary.refusals.len()), (101, 100));
    assert!(summary.refusals.iter().all(|refusal| refusal.value == "x".repeat(64)));
}

#[tokio::test]
async fn a_price_is_quoted_and_capped_at_its_worst() {
    let store = MemoryStore::default();
    let sms = r#", "sms": {"sender": "Bistro", "text": "Ready."}"#;
    let lines = ["380660000001", "49151000000001"];
    for (more, worst) in [("", "0.1000000"), (sms, "0.1000000")] {
        let mut order = order(&unconnected(), &message_with(more));
        order.prices = Some(prices());
        let summary = plan(&store, &order, &lines).await.unwrap();
        let estimate = summary.estimate.unwrap();
        assert_eq!(estimate.expected, "0.1000000");
        assert_eq!((estimate.worst.as_str(), estimate.currency.as_str()), (worst, "EUR"));
    }
    let mut order = an_order();
    (order.prices, order.again) = (Some(prices()), true);
    for (cap, fits) in [("0.0999999", false), ("0.1000000", true)] {
        order.max_cost = Some(euro(cap));
        match plan(&store, &order, &lines).await {
            Ok(_) => assert!(fits, "{cap}"),
            Err(why) => assert!(!fits && matches!(why, CampaignError::TooDear { .. }), "{why}"),
        }
    }
    order.prices = None;
    let error = plan(&store, &order, &lines).await.unwrap_err();
    assert!(matches!(error, CampaignError::CapWithoutPrices), "{error}");
}

/// The guard counts what was begun, under any API key: only that can message a recipient twice.
#[tokio::test]
async fn the_same_plan_is_refused_once_it_was_begun_in_whatever_order_its_lines_are() {
    let clock = Arc::new(TestClock::default());
    let store = clock.store();
    let mut order = an_order();
    let one = ["380660000001".to_owned(), "+380 66 000 00 02".to_owned()];
    let other = ["380660000002".to_owned(), "380660000001".to_owned(), "x".to_owned()];
    let first = plan_for(&store, &order, &one).await.unwrap();
    let second = plan_for(&store, &order, &other).await.expect("nothing was sent yet");
    let first = CampaignId::parse(&first.campaign).unwrap();
    let second = CampaignId::parse(&second.campaign).unwrap();
    store.begin(first, Some(DAY)).await.unwrap();
    let begun = store.begin(second, Some(DAY)).await.unwrap_err();
    assert!(matches!(begun, StoreError::Planned(id) if id == first), "{begun}");
    assert!(store.discard(second).await.unwrap(), "it can be removed");

    let error = plan_for(&store, &order, &other).await.unwrap_err();
    assert!(matches!(error, CampaignError::PlannedBefore(id) if id == first), "{error}");
    order.destination.account = "another".to_owned();
    let error = plan_for(&store, &order, &other).await.unwrap_err();
    assert!(matches!(error, CampaignError::PlannedBefore(_)), "another key, {error}");
    order.destination = an_order().destination;
    assert_eq!(store.campaigns(all()).await.unwrap().len(), 1, "refused plans leave nothing");

    plan_for(&store, &order, &one[..1]).await.expect("other recipients");
    order.message = message_with(r#", "validity": "1h""#);
    plan_for(&store, &order, &one).await.expect("another message");
    order.message = message();
    order.destination.platform = "https://another.example".to_owned();
    plan_for(&store, &order, &one).await.expect("another platform");
    order.destination = an_order().destination;
    order.again = true;
    plan_for(&store, &order, &other).await.expect("again, as was said");
    order.again = false;
    clock.sleep(DAY + Duration::from_secs(1)).await;
    plan_for(&store, &order, &other).await.expect("a day later");
}

/// Ctrl-C ends a plan cleanly; a planner that died leaves what the next one removes.
#[tokio::test]
async fn a_plan_that_ends_early_leaves_nothing() {
    let store = MemoryStore::default();
    let numbers: Vec<u64> = (0..12_001).map(|i| 380_660_000_000 + i).collect();
    let (interrupter, interrupt) = Interrupt::new();
    let progress: bsg_rcs_campaign::Progress = Arc::new(move |_| interrupter.raise());
    let order = an_order();
    let planned = plan_into(&store, &order, list_of(&numbers), &progress, &interrupt).await;
    assert!(matches!(planned, Err(CampaignError::Interrupted)), "{planned:?}");
    assert!(store.campaigns(all()).await.unwrap().is_empty());

    let bench = Bench::new().await;
    let lines = ["380660000001".to_owned()];
    let planning = plan_for(&*bench.tools.store, &order, &lines);
    assert!(bench.steps.until(3, planning).await.is_none(), "the planner dies");
    let left = bench.store.campaigns(all()).await.unwrap();
    assert_eq!((left[0].state, left[0].recipients), (CampaignState::Preparing, 1));
    let report = bench.report(left[0].id).await;
    assert_eq!((report.recipients, report.pending), (1, 1), "the equations hold");
    assert_eq!(discard_abandoned(&*bench.store).await.unwrap(), 1);
    assert!(bench.store.campaigns(all()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_plan_that_fails_leaves_nothing() {
    let mut dear = an_order();
    (dear.prices, dear.max_cost) = (Some(prices()), Some(euro("0.01")));
    let mut unpriced = order(&unconnected(), &message());
    unpriced.prices = Some({
        let file = "country,type,price,currency\nUA,text,0.01,EUR\n";
        bsg_rcs_campaign::input::prices::read_prices("p", file.as_bytes()).unwrap()
    });
    let cases: [(PlanOrder, &[&str], &str); 4] = [
        (an_order(), &["x"], "no valid recipients: 1 lines were read, 1 of them refused"),
        (an_order(), &[], "no valid recipients: 0 lines"),
        (dear, &["380660000001"], "it could cost 0.0500000 EUR, more than the 0.0100000 EUR"),
        (unpriced, &["49151000000001"], "the price cannot be quoted"),
    ];
    for (order, lines, why) in cases {
        let store = MemoryStore::default();
        let error = plan(&store, &order, lines).await.unwrap_err().to_string();
        assert!(error.starts_with(why), "{error}");
        assert!(store.campaigns(all()).await.unwrap().is_empty(), "{why}");
    }
}

#[test]
fn many_more_recipients_than_are_written_at_once() {
    let numbers: Vec<u64> = (0..12_001).map(|i| 380_660_000_000 + i).collect();
    let lines: Vec<String> = numbers.iter().map(u64::to_string).collect();
    let store = MemoryStore::default();
    let mut order = an_order();
    order.cap = BatchCap::PLATFORM;
    let summary = now(plan_for(&store, &order, &lines)).unwrap();
    assert_eq!((summary.recipients, summary.batches), (12_001, 3));
    let id = CampaignId::parse(&summary.campaign).unwrap();
    let sizes: Vec<u32> =
        now(store.batches(id, 0, u32::MAX)).unwrap().iter().map(|b| b.count).collect();
    assert_eq!(sizes, [5000, 5000, 2001]);
    let written = now(store.recipients(id, 0, 20_000)).unwrap();
    assert!(written.iter().map(|to| to.number.unwrap().as_u64()).eq(numbers.iter().copied()));
    let checked = check(Some(&order.message), None, &mut list_of(&numbers)).unwrap();
    assert_eq!((checked.summary.recipients, checked.summary.batches), (12_001, 3));
}

/// The result of work on a store in memory.
fn now<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

proptest! {
    #[test]
    fn counts_add_up_and_no_batch_is_too_large(
        lines in prop::collection::vec("3806600000[0-2][0-9]|[a-z]{1,6}|\\+380 66 000 00 [01]", 0..60),
        cap in 1_u16..9,
    ) {
        let store = MemoryStore::default();
        let mut order = an_order();
        order.cap = BatchCap::new(cap).unwrap();
        let planned = now(plan_for(&store, &order, &lines));
        let checked = check(Some(&order.message), None, &mut list(&lines)).unwrap();
        prop_assert_eq!(planned.is_err(), !checked.problems.is_empty());
        let Ok(planned) = &planned else { return Ok(()) };
        let checked = checked.summary;
        prop_assert_eq!(planned.read, planned.refused + planned.duplicates + planned.recipients);
        let counts = |s: &PlanSummary| (s.read, s.refused, s.duplicates, s.recipients);
        prop_assert_eq!(counts(planned), counts(&checked));
        prop_assert_eq!(&planned.refusals, &checked.refusals);

        let id = CampaignId::parse(&planned.campaign).unwrap();
        let batches = now(store.batches(id, 0, u32::MAX)).unwrap();
        prop_assert_eq!(batches.len() as u64, planned.batches);
        let mut next = 0;
        for batch in &batches {
            prop_assert_eq!((batch.first, batch.state), (next, BatchState::Planned));
            prop_assert!(batch.count >= 1 && batch.count <= u32::from(cap));
            next += batch.count;
        }
        prop_assert_eq!(u64::from(next), planned.recipients);
    }
}

#[tokio::test]
async fn a_number_that_hardly_exists_is_kept_and_told() {
    let lines = ["380660000001", "380660001", "999660000001"];
    let summary = plan(&MemoryStore::default(), &an_order(), &lines).await.unwrap();
    assert_eq!((summary.recipients, summary.refused, summary.doubtful), (3, 0, 2));
    let doubts: Vec<_> = summary.doubts.iter().map(|d| (d.line, d.rule.as_str())).collect();
    assert_eq!(doubts, [(3, "NUM-PLAUSIBLE"), (4, "NUM-PLAUSIBLE")]);
}

#[tokio::test]
async fn a_message_that_is_forbidden_where_it_goes_is_refused_with_its_place() {
    let call = SuggestionDraft {
        text: "Call".into(),
        phone: Some("491701234567".into()),
        ..SuggestionDraft::default()
    };
    let card =
        CardDraft { text: Some("a".into()), suggestions: vec![call], ..CardDraft::default() };
    let draft = MessageDraft { agent: "a".into(), cards: vec![card], ..MessageDraft::default() };
    let order = order(&unconnected(), &draft.check().unwrap().value);
    let store = MemoryStore::default();
    let refused = plan(&store, &order, &["491701234567", "380660000001"]).await.unwrap_err();
    assert!(refused.to_string().contains("cards[0].suggestions[0].phone"), "{refused}");
    assert_eq!(store.campaigns(all()).await.unwrap(), []);
    plan(&store, &order, &["491701234567"]).await.unwrap();
}

//! What a plan reads, counts, quotes and refuses. No platform is needed.

use std::time::Duration;

use bsg_rcs_campaign::plan::{PlanOrder, check};
use bsg_rcs_campaign::{CampaignError, Clock, PlanSummary};
use bsg_rcs_domain::message::{CardDraft, SuggestionDraft};
use bsg_rcs_domain::{Amount, BatchCap, CampaignId, Currency, MessageDraft, Money};
use bsg_rcs_store::{BatchState, CampaignState, MemoryStore, Store};
use proptest::prelude::*;

use crate::bench::{
    TestClock, list, list_of, message, message_with, order, plan_for, prices, unconnected,
};

fn an_order() -> PlanOrder {
    order(&unconnected(), &message())
}

async fn plan(
    store: &MemoryStore,
    order: &PlanOrder,
    lines: &[&str],
) -> Result<PlanSummary, CampaignError> {
    let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    plan_for(store, &TestClock::default(), order, &lines).await
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
    assert_eq!(bsg_rcs_campaign::kept::summary_of(&campaign).unwrap(), summary);
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

#[tokio::test]
async fn the_same_plan_is_recognised_whatever_the_order_of_its_lines() {
    let (store, clock) = (MemoryStore::default(), TestClock::default());
    let mut order = an_order();
    let one = ["380660000001".to_owned(), "+380 66 000 00 02".to_owned()];
    let other = ["380660000002".to_owned(), "380660000001".to_owned(), "x".to_owned()];
    let first = plan_for(&store, &clock, &order, &one).await.unwrap();
    let error = plan_for(&store, &clock, &order, &other).await.unwrap_err();
    let named =
        matches!(error, CampaignError::PlannedBefore(id) if id.to_string() == first.campaign);
    assert!(named, "{error}");
    assert_eq!(store.campaigns().await.unwrap().len(), 1, "the refused plan leaves nothing");

    plan_for(&store, &clock, &order, &one[..1]).await.expect("other recipients");
    order.message = message_with(r#", "validity": "1h""#);
    plan_for(&store, &clock, &order, &one).await.expect("another message");
    order.message = message();
    order.destination.account = "another".to_owned();
    plan_for(&store, &clock, &order, &one).await.expect("another account");
    order.destination = an_order().destination;
    order.again = true;
    plan_for(&store, &clock, &order, &other).await.expect("again, as was said");
    order.again = false;
    clock.sleep(Duration::from_secs(24 * 3600 + 1)).await;
    plan_for(&store, &clock, &order, &other).await.expect("a day later");
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
        (an_order(), &["x"], "there is nobody to write to: 1 lines were read, 1 of them refused"),
        (an_order(), &[], "there is nobody to write to: 0 lines"),
        (dear, &["380660000001"], "it could cost 0.0500000 EUR, more than the 0.0100000 EUR"),
        (unpriced, &["49151000000001"], "the price cannot be quoted"),
    ];
    for (order, lines, why) in cases {
        let store = MemoryStore::default();
        let error = plan(&store, &order, lines).await.unwrap_err().to_string();
        assert!(error.starts_with(why), "{error}");
        assert!(store.campaigns().await.unwrap().is_empty(), "{why}");
    }
}

#[test]
fn many_more_recipients_than_are_written_at_once() {
    let numbers: Vec<u64> = (0..12_001).map(|i| 380_660_000_000 + i).collect();
    let lines: Vec<String> = numbers.iter().map(u64::to_string).collect();
    let (store, clock) = (MemoryStore::default(), TestClock::default());
    let mut order = an_order();
    order.cap = BatchCap::PLATFORM;
    let summary = now(plan_for(&store, &clock, &order, &lines)).unwrap();
    assert_eq!((summary.recipients, summary.batches), (12_001, 3));
    let id = CampaignId::parse(&summary.campaign).unwrap();
    let sizes: Vec<u32> = now(store.batches(id)).unwrap().iter().map(|b| b.count).collect();
    assert_eq!(sizes, [5000, 5000, 2001]);
    let written = now(store.recipients(id, 0, 20_000)).unwrap();
    assert!(written.iter().map(|to| to.number.unwrap().as_u64()).eq(numbers.iter().copied()));
    let checked = check(&order.message, None, &mut list_of(&numbers)).unwrap();
    assert_eq!((checked.recipients, checked.batches), (12_001, 3));
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
        let (store, clock) = (MemoryStore::default(), TestClock::default());
        let mut order = an_order();
        order.cap = BatchCap::new(cap).unwrap();
        let planned = now(plan_for(&store, &clock, &order, &lines));
        let checked = check(&order.message, None, &mut list(&lines));
        let (Ok(planned), Ok(checked)) = (&planned, &checked) else {
            prop_assert!(planned.is_err() && checked.is_err(), "{planned:?} {checked:?}");
            return Ok(());
        };
        prop_assert_eq!(planned.read, planned.refused + planned.duplicates + planned.recipients);
        let counts = |s: &PlanSummary| (s.read, s.refused, s.duplicates, s.recipients);
        prop_assert_eq!(counts(planned), counts(checked));
        prop_assert_eq!(&planned.refusals, &checked.refusals);

        let id = CampaignId::parse(&planned.campaign).unwrap();
        let batches = now(store.batches(id)).unwrap();
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
    assert_eq!(store.campaigns().await.unwrap(), []);
    plan(&store, &order, &["491701234567"]).await.unwrap();
}

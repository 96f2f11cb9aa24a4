//! Single sends: journalled as a campaign of one, sent once under a caller's own reference.

use bsg_rcs_campaign::Applied;
use bsg_rcs_campaign::single::{SingleOrder, SingleSend, find, look_up, resume, send};
use bsg_rcs_campaign::track::poll;
use bsg_rcs_campaign::{CampaignError, single};
use bsg_rcs_domain::ReferenceId;
use bsg_rcs_store::BatchState;

use crate::bench::{Bench, Fault, all, message, number};
use crate::stores::*;

const NUMBER: u64 = 380_660_000_001;

async fn prepare(
    bench: &Bench,
    digits: u64,
    reference: Option<ReferenceId>,
) -> Result<SingleSend, CampaignError> {
    let (message, number) = (message(), number(digits));
    let order = SingleOrder { message: &message, number, reference, again: false };
    single::prepare(&bench.tools, order).await
}

fn mine() -> ReferenceId {
    ReferenceId::parse("order4711").unwrap()
}

#[tokio::test]
async fn the_same_reference_twice_sends_once() {
    let bench = Bench::new().await;
    for known in [false, true, true] {
        let single = prepare(&bench, NUMBER, Some(mine())).await.unwrap();
        assert_eq!((single.known, single.reference), (known, mine()));
        assert_eq!(send(&bench.tools, single.campaign).await.unwrap(), Applied::AllSent);
    }
    assert_eq!((bench.line.send_count(), bench.sent_to().await), (1, vec![NUMBER]));
    assert_eq!(bench.store.campaigns(all()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn another_number_under_a_reference_is_refused() {
    let bench = Bench::new().await;
    let first = prepare(&bench, NUMBER, Some(mine())).await.unwrap();
    let error = prepare(&bench, NUMBER + 1, Some(mine())).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains(&first.campaign.to_string()) && !error.contains("38066"), "{error}");
    assert_eq!(bench.store.campaigns(all()).await.unwrap().len(), 1);
}

/// The guard of plans holds for single sends too: the same text to the same number sends once a day.
#[tokio::test]
async fn without_a_reference_the_same_is_sent_once_a_day() {
    let bench = Bench::new().await;
    let first = prepare(&bench, NUMBER, None).await.unwrap();
    assert_eq!(send(&bench.tools, first.campaign).await.unwrap(), Applied::AllSent);
    let error = prepare(&bench, NUMBER, None).await.unwrap_err();
    assert!(matches!(error, CampaignError::SameSent { other } if other == first.campaign));
    prepare(&bench, NUMBER + 1, None).await.expect("another number");
    let (message, number) = (message(), number(NUMBER));
    let again = SingleOrder { message: &message, number, reference: None, again: true };
    bench.sandbox.advance(std::time::Duration::from_secs(11)).await;
    let second = single::prepare(&bench.tools, again).await.unwrap();
    assert_eq!(send(&bench.tools, second.campaign).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sent_to().await, [NUMBER, NUMBER]);
}

/// A reference that is known at one platform says nothing of another.
#[tokio::test]
async fn a_reference_belongs_to_its_platform_and_account() {
    let (here, there) = (Bench::new().await, Bench::new().await);
    let one = prepare(&here, NUMBER, Some(mine())).await.unwrap();
    assert_eq!(send(&here.tools, one.campaign).await.unwrap(), Applied::AllSent);
    let tools = bsg_rcs_campaign::Tools { store: here.tools.store.clone(), ..there.tools.clone() };
    let (message, number) = (message(), number(NUMBER));
    let order = SingleOrder { message: &message, number, reference: Some(mine()), again: false };
    let other = single::prepare(&tools, order).await.unwrap();
    assert!(!other.known && other.campaign != one.campaign);
    assert_eq!(send(&tools, other.campaign).await.unwrap(), Applied::AllSent);
    assert_eq!((here.sent_to().await, there.sent_to().await), (vec![NUMBER], vec![NUMBER]));
}

/// Looking up sends nothing; resuming goes on.
#[tokio::test]
async fn looking_up_sends_nothing() {
    let bench = Bench::new().await;
    let single = prepare(&bench, NUMBER, None).await.unwrap();
    assert_eq!(look_up(&bench.tools, single.campaign).await.unwrap().pending, 1);
    bench.line.sends([Fault::RequestLost]);
    bench.line.every_ask(Fault::NotSent);
    send(&bench.tools, single.campaign).await.expect_err("it cannot be looked up");
    bench.line.every_ask(Fault::No);
    bench.sandbox.advance(std::time::Duration::from_secs(90_000)).await;
    assert_eq!(look_up(&bench.tools, single.campaign).await.unwrap().pending, 1);
    assert_eq!(bench.line.send_count(), 1, "a day later it only looks");
    let found = find(&bench.tools, single.reference).await.unwrap();
    assert_eq!((found.campaign, found.known), (single.campaign, true));
    assert_eq!(resume(&bench.tools, single.campaign).await.unwrap(), Applied::AllSent);
    assert_eq!(look_up(&bench.tools, single.campaign).await.unwrap().accepted, 1);
    assert_eq!(bench.sent_to().await, [NUMBER]);
}

#[tokio::test]
async fn it_is_written_down_before_it_leaves_and_looked_up_when_unknown() {
    for (fault, sends) in [(Fault::No, 1), (Fault::AnswerLost, 1), (Fault::RequestLost, 2)] {
        for reference in [None, Some(mine())] {
            let bench = Bench::new().await;
            bench.line.sends([fault]);
            let single = prepare(&bench, NUMBER, reference).await;
            let single = single.unwrap();
            assert_eq!(
                send(&bench.tools, single.campaign).await.unwrap(),
                Applied::AllSent,
                "{fault:?}"
            );
            assert_eq!(bench.line.seen()[0][0].state, BatchState::Sending);
            assert_eq!((bench.line.send_count(), bench.sent_to().await), (sends, vec![NUMBER]));
            // However it became known, it can be asked about.
            assert!(bench.batches(single.campaign).await[0].remotes.len() == 1, "{fault:?}");
            bench.sandbox.advance(std::time::Duration::from_secs(60)).await;
            assert!(poll(&bench.tools, single.campaign).await.unwrap());
            assert_eq!(bench.report(single.campaign).await.statuses["delivered"], 1);
        }
    }
}

#[tokio::test]
async fn a_refusal_that_names_no_recipient_can_be_tried_again() {
    let bench = Bench::new().await;
    bench.line.sends([Fault::Before(422), Fault::Before(404)]);
    let single = prepare(&bench, NUMBER, Some(mine())).await.unwrap();
    for sends in 1..=2 {
        let applied = send(&bench.tools, single.campaign).await.unwrap();
        assert!(matches!(applied, Applied::Refused { .. }), "{applied:?}");
        let report = bench.report(single.campaign).await;
        assert_eq!((bench.line.send_count(), report.rejected, report.pending), (sends, 0, 1));
    }
    assert_eq!(send(&bench.tools, single.campaign).await.unwrap(), Applied::AllSent);
    assert_eq!(bench.sent_to().await, [NUMBER]);
}

/// Two that do not know of each other: the platform lets one through (A15), the other finds it.
#[tokio::test]
async fn two_stores_with_one_reference_send_once() {
    let one = Bench::new().await;
    let other = one.beside();
    for bench in [&one, &other] {
        let single = prepare(bench, NUMBER, Some(mine())).await.unwrap();
        assert_eq!(send(&bench.tools, single.campaign).await.unwrap(), Applied::AllSent);
        assert_eq!(bench.report(single.campaign).await.accepted, 1);
        one.sandbox.advance(std::time::Duration::from_secs(11)).await;
    }
    assert_eq!(one.sent_to().await, [NUMBER]);
}

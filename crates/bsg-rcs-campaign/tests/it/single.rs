//! Single sends: journalled as a campaign of one, sent once under a caller's own reference.

use bsg_rcs_campaign::apply::Applied;
use bsg_rcs_campaign::single::{prepare, send};
use bsg_rcs_campaign::track::poll;
use bsg_rcs_domain::ReferenceId;
use bsg_rcs_store::{BatchState, Store};

use crate::bench::{Bench, Fault, message, number};

const NUMBER: u64 = 380_660_000_001;

fn mine() -> ReferenceId {
    ReferenceId::parse("order4711").unwrap()
}

#[tokio::test]
async fn the_same_reference_twice_sends_once() {
    let bench = Bench::new().await;
    let (message, to) = (message(), number(NUMBER));
    for known in [false, true, true] {
        let single = prepare(&bench.tools, &message, to, Some(mine())).await.unwrap();
        assert_eq!((single.known, single.reference), (known, mine()));
        assert_eq!(send(&bench.tools, &single).await.unwrap(), Applied::AllSent);
    }
    assert_eq!((bench.line.send_count(), bench.sent_to().await), (1, vec![NUMBER]));
    assert_eq!(bench.store.campaigns().await.unwrap().len(), 1);
}

#[tokio::test]
async fn another_number_under_a_reference_is_refused() {
    let bench = Bench::new().await;
    let first = prepare(&bench.tools, &message(), number(NUMBER), Some(mine())).await.unwrap();
    let error = prepare(&bench.tools, &message(), number(NUMBER + 1), Some(mine())).await;
    let error = error.unwrap_err().to_string();
    assert!(error.contains(&first.campaign.to_string()) && !error.contains("38066"), "{error}");
    assert_eq!(bench.store.campaigns().await.unwrap().len(), 1);
}

#[tokio::test]
async fn without_a_reference_each_is_a_send_of_its_own() {
    let bench = Bench::new().await;
    for seconds in [0, 11] {
        bench.sandbox.advance(std::time::Duration::from_secs(seconds)).await;
        let single = prepare(&bench.tools, &message(), number(NUMBER), None).await.unwrap();
        assert_eq!(send(&bench.tools, &single).await.unwrap(), Applied::AllSent);
    }
    assert_eq!(bench.sent_to().await, [NUMBER, NUMBER]);
}

#[tokio::test]
async fn it_is_written_down_before_it_leaves_and_looked_up_when_unknown() {
    for (fault, sends) in [(Fault::No, 1), (Fault::AnswerLost, 1), (Fault::RequestLost, 2)] {
        for reference in [None, Some(mine())] {
            let bench = Bench::new().await;
            bench.line.sends([fault]);
            let single = prepare(&bench.tools, &message(), number(NUMBER), reference).await;
            let single = single.unwrap();
            assert_eq!(send(&bench.tools, &single).await.unwrap(), Applied::AllSent, "{fault:?}");
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
async fn a_refused_send_is_refused_for_good() {
    let bench = Bench::new().await;
    bench.line.sends([Fault::Before(422)]);
    let single = prepare(&bench.tools, &message(), number(NUMBER), Some(mine())).await.unwrap();
    for _ in 0..2 {
        let applied = send(&bench.tools, &single).await.unwrap();
        assert!(matches!(applied, Applied::Refused { .. }), "{applied:?}");
    }
    assert_eq!((bench.line.send_count(), bench.report(single.campaign).await.rejected), (1, 1));
}

/// Two that do not know of each other: the platform lets one through (A15), the other finds it.
#[tokio::test]
async fn two_stores_with_one_reference_send_once() {
    let one = Bench::new().await;
    let other = one.beside();
    for bench in [&one, &other] {
        let single = prepare(&bench.tools, &message(), number(NUMBER), Some(mine())).await.unwrap();
        assert_eq!(send(&bench.tools, &single).await.unwrap(), Applied::AllSent);
        assert_eq!(bench.report(single.campaign).await.accepted, 1);
        one.sandbox.advance(std::time::Duration::from_secs(11)).await;
    }
    assert_eq!(one.sent_to().await, [NUMBER]);
}

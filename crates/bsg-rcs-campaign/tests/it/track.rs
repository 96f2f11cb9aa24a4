//! How messages end: told by callbacks, found by polling, or never; and what they cost.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_campaign::inbox::CallbackKeeper;
use bsg_rcs_campaign::track::{TrackOptions, track};
use bsg_rcs_campaign::{CampaignReport, Event, Interrupt};
use bsg_rcs_domain::CampaignId;
use bsg_rcs_store::CampaignState;
use serde_json::json;

use crate::bench::{Bench, Fault, KEY, message_with};
use crate::stores::*;

/// Delivered, read, undelivered, failed, no RCS, reported twice and backwards.
const TOLD: [u64; 6] = [
    380_660_000_001,
    380_660_000_091,
    380_660_000_093,
    380_660_000_094,
    380_660_000_095,
    380_660_000_099,
];
/// Never a word after that it was sent.
const SILENT: u64 = 380_660_000_097;

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn tracked(bench: &Bench, id: CampaignId) -> CampaignReport {
    let look_max = Duration::from_secs(600);
    let report = track(&bench.tools, id, TrackOptions { look_max }).await.unwrap();
    assert_eq!(bench.report(id).await, report);
    report
}

async fn applied(numbers: &[u64], more: &str) -> (Bench, CampaignId) {
    let bench = Bench::new().await;
    let id = bench.plan_message(numbers, &message_with(more)).await;
    bench.apply(id).await.unwrap();
    (bench, id)
}

fn told(report: &CampaignReport) -> Vec<(&str, u64)> {
    report.statuses.iter().map(|(status, count)| (status.as_str(), *count)).collect()
}

const ENDS: [(&str, u64); 5] =
    [("delivered", 2), ("failed", 1), ("not_service_user", 1), ("read", 1), ("undelivered", 1)];

#[tokio::test]
async fn callbacks_alone_tell_every_end() {
    let (bench, id) = applied(&TOLD, "").await;
    bench.line.every_ask(Fault::RequestLost);
    bench.sandbox.advance(Duration::from_secs(120)).await;
    for _ in 0..2 {
        bench.call_back(100).await;
    }
    let began = bench.sandbox.now_ms();
    let report = tracked(&bench, id).await;
    assert!(report.is_done());
    assert_eq!((told(&report), bench.sandbox.now_ms()), (ENDS.to_vec(), began));
    assert_eq!((report.billed.as_str(), report.never_told), ("0.0300000", 0));
    let campaign = bench.store.campaign(id).await.unwrap().unwrap();
    assert_eq!(campaign.state, CampaignState::Done);
}

#[tokio::test]
async fn polling_alone_finds_every_end_and_the_bill_is_the_platforms() {
    let before = {
        let bench = Bench::new().await;
        bench.sandbox.balance(KEY).unwrap()
    };
    let (bench, id) = applied(&TOLD, "").await;
    let report = tracked(&bench, id).await;
    assert!(report.is_done());
    // Who was asked about between delivery and reading counts as delivered: that is an end.
    assert_eq!((report.ended(), report.never_told), (report.accepted, 0));
    let after = bench.sandbox.balance(KEY).unwrap();
    assert_eq!(before.checked_sub(after).unwrap().to_string(), report.billed);
    assert!(bench.heard(|event| matches!(event, Event::Tracking(_))) > 3);
}

#[tokio::test]
async fn who_never_ends_is_given_up_after_validity_and_an_hour() {
    for (more, hours) in [("", 73), (r#", "validity": "2h""#, 3)] {
        let (bench, id) = applied(&[TOLD[0], SILENT], more).await;
        let began = bench.sandbox.now_ms();
        let report = tracked(&bench, id).await;
        assert!(report.is_done());
        assert_eq!((report.never_told, report.accepted, report.ended()), (1, 2, 2));
        let passed = bench.sandbox.now_ms() - began;
        assert!((0..=600_000).contains(&(passed - hours * 3_600_000)), "{passed}");
    }
}

/// The machine was off for days, and nobody heard a callback.
#[tokio::test]
async fn nobody_is_given_up_who_was_not_asked_for() {
    let (bench, id) = applied(&TOLD, "").await;
    bench.sandbox.advance(5 * DAY).await;
    bench.line.asks([Fault::RequestLost; 6]);
    let report = tracked(&bench, id).await;
    assert!(report.is_done());
    assert_eq!((told(&report), report.never_told), (ENDS.to_vec(), 0));
}

#[tokio::test]
async fn an_sms_is_waited_for_and_counted_once() {
    let sms = r#", "sms": {"sender": "Bistro", "text": "Your table is ready."}"#;
    let (bench, id) = applied(&[TOLD[0], TOLD[2], TOLD[3]], sms).await;
    // Long enough that the RCS messages ended, too short for any SMS.
    let remote = bench.batches(id).await[0].remotes.first().copied();
    assert!(remote.is_some());
    let report = tracked(&bench, id).await;
    assert!(report.is_done(), "{report:?}");
    assert_eq!((told(&report), report.sms), (vec![("delivered", 3)], 2));
    for _ in 0..2 {
        bench.call_back(100).await;
    }
    let again = bench.report(id).await;
    assert_eq!((again.sms, &again.billed), (2, &report.billed), "what is said twice counts once");
    assert_eq!(report.billed, "0.0260000");
}

#[tokio::test]
async fn an_undelivered_message_is_no_end_while_its_sms_is_on_its_way() {
    let sms = r#", "sms": {"sender": "Bistro", "text": "Your table is ready."}"#;
    let (bench, id) = applied(&[TOLD[2]], sms).await;
    let key = bench.store.campaign(id).await.unwrap().unwrap().key;
    let to = crate::bench::number(TOLD[2]);
    let body = json!({
        "id": 1_000_001, "msisdn": TOLD[2], "reference": key.mint(id, 0, to).as_str(),
        "status": "undelivered", "price": "0.0100000", "currency": "EUR",
    });
    let body = body.to_string().into_bytes();
    let keeper = CallbackKeeper::new(bench.store.clone());
    keeper.keep(vec![body]).await.unwrap();
    let report = bench.report(id).await;
    assert_eq!((report.ended(), report.statuses["undelivered"]), (0, 1));
    let report = tracked(&bench, id).await;
    assert!(report.is_done(), "tracking waited: {report:?}");
}

#[tokio::test]
async fn clicks_are_counted_once_each() {
    let (bench, id) = applied(&TOLD[..1], "").await;
    let key = bench.store.campaign(id).await.unwrap().unwrap().key;
    let reference = key.mint(id, 0, crate::bench::number(TOLD[0]));
    let keeper = CallbackKeeper::new(bench.store.clone());
    for (text, times) in [("Yes", 2), ("No", 1)] {
        for _ in 0..times {
            let body = json!({
                "id": 1, "reference": reference.as_str(), "msisdn": TOLD[0], "text": text,
                "time_click": "2026-01-05 09:00:30",
            });
            let body = body.to_string().into_bytes();
            keeper.keep(vec![body]).await.unwrap();
        }
    }
    assert_eq!(tracked(&bench, id).await.clicks, 2);
}

#[tokio::test]
async fn tracking_ends_where_nothing_more_can_come_and_when_it_is_told_to() {
    let mut bench = Bench::new().await;
    let id = bench.plan(&TOLD).await;
    assert_eq!(tracked(&bench, id).await.pending, 6, "nothing was sent");

    bench.apply(id).await.unwrap();
    let (interrupter, interrupt) = Interrupt::new();
    bench.tools.interrupt = interrupt;
    bench.tools.progress = Arc::new(move |_| interrupter.raise());
    let report = tracked(&bench, id).await;
    assert!(!report.is_done());
    bench.tools.interrupt = Interrupt::never();
    assert!(tracked(&bench, id).await.is_done());
}

/// Ids as text, prices without a currency, other field names: polled, it is the same report.
#[tokio::test]
async fn a_platform_that_writes_everything_oddly_costs_the_same() {
    let mut reports = Vec::new();
    for oddities in [false, true] {
        let bench = Bench::of(|config| config.oddities = oddities).await;
        let before = bench.sandbox.balance(KEY).unwrap();
        let id = bench.plan(&TOLD).await;
        bench.apply(id).await.unwrap();
        let report = tracked(&bench, id).await;
        let paid = before.checked_sub(bench.sandbox.balance(KEY).unwrap()).unwrap();
        assert_eq!(report.billed, paid.to_string(), "oddities: {oddities}");
        reports.push((report.statuses, report.billed, report.accepted));
    }
    assert_eq!(reports[0], reports[1]);
}

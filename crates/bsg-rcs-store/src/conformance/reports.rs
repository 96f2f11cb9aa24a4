//! Reports are a set: order, repetition and lateness change nothing, and what is derived is never
//! older than the set. What a report says comes back to the letter.

use std::sync::Arc;

use bsg_rcs_domain::{
    Channel, MessageStatus, Money, Report, ReportedStatus, Reports, reports::MessageId,
};

use super::fixtures::{
    ABSENT, ID, assert_missing, assert_told, called_back, campaign, civil, money, planned, priced,
    report, seen, tally,
};
use crate::rows::CampaignRow;
use crate::store::Store;

pub(super) async fn prove(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    order_and_repetition_change_nothing(fresh).await;
    reports_that_differ_are_kept_apart(&*fresh().await).await;
    money_is_exact(fresh).await;
    two_currencies_are_billed_apart(&*fresh().await).await;
    the_alternative_channel_is_seen(fresh).await;
    adding_is_whole_or_not_at_all(&*fresh().await).await;
}

/// A station, an end, the end's contradiction and a second delivery at another price.
fn story() -> [Report; 4] {
    [
        report(7, MessageStatus::Sent),
        report(7, MessageStatus::Undelivered),
        priced(7, money("1.1", "EUR")),
        priced(7, money("1.2", "EUR")),
    ]
}

/// Every order of four things.
fn orders() -> Vec<[usize; 4]> {
    let all = (0..256).map(|n| [n & 3, n >> 2 & 3, n >> 4 & 3, n >> 6]);
    all.filter(|order| (0..4).all(|place| order.contains(&place))).collect()
}

async fn order_and_repetition_change_nothing(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    let store = fresh().await;
    for (number, order) in (0..).zip(orders()) {
        let id = bsg_rcs_domain::CampaignId(number);
        planned(&*store, campaign(id), 1).await;
        let mut told = Reports::default();
        assert_told(&*store, id, &told).await;
        for at in order {
            let report = story()[at].clone();
            told.insert(report.clone());
            // Both doors lead into one set, and the second knock changes nothing.
            let called = called_back(id, 0, report.clone());
            if at % 2 == 0 {
                store.keep_callbacks(vec![called.clone(), called]).await.expect("kept");
                store.add_reports(id, vec![(0, report)]).await.expect("added");
            } else {
                store.add_reports(id, vec![(0, report.clone()), (0, report)]).await.expect("added");
                store.keep_callbacks(vec![called]).await.expect("kept");
            }
            assert_told(&*store, id, &told).await;
        }
    }
    let id = bsg_rcs_domain::CampaignId(1000);
    planned(&*store, campaign(id), 1).await;
    let at_once = story().map(|report| called_back(id, 0, report)).to_vec();
    store.keep_callbacks(at_once).await.expect("several callbacks are kept at once");
    assert_told(&*store, id, &story().into_iter().collect()).await;
}

async fn reports_that_differ_are_kept_apart(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    let plain = report(u64::MAX, MessageStatus::Delivered);
    let at = |text| Some(civil(text));
    let other = |word: &str| ReportedStatus::Other(word.into());
    let variants = [
        Report { message: MessageId(0), ..plain.clone() },
        Report { message: MessageId(2_415_772_812), ..plain.clone() },
        Report { channel: Some(Channel::Rcs), ..plain.clone() },
        Report { channel: Some(Channel::Sms), ..plain.clone() },
        Report { status: other("teleported"), ..plain.clone() },
        Report { status: other(""), ..plain.clone() },
        Report { price: Some(money("0", "EUR")), ..plain.clone() },
        Report { price: Some(money("0", "USD")), ..plain.clone() },
        Report { sent_at: at("2024-08-22 11:47:42"), ..plain.clone() },
        Report { reported_at: at("2024-08-22 11:47:42"), ..plain.clone() },
        Report { reported_at: at("2024-08-22 11:47:43"), ..plain.clone() },
        Report {
            sent_at: at("0000-01-01 00:00:00"),
            reported_at: at("9999-12-31 23:59:59"),
            ..plain.clone()
        },
        plain,
    ];
    let mut told = Reports::default();
    for variant in variants.iter().chain(&variants) {
        told.insert(variant.clone());
        store.add_reports(ID, vec![(0, variant.clone())]).await.expect("a report is added");
        assert_told(store, ID, &told).await;
    }
    for status in MessageStatus::ALL {
        told.insert(report(3, status));
        store.add_reports(ID, vec![(0, report(3, status))]).await.expect("a report is added");
    }
    assert_told(store, ID, &told).await;
    assert_eq!(told.iter().count(), 25, "13 variants and 12 statuses are all different");
}

async fn money_is_exact(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    // 2^53 + 1 ten-millionths, where a float begins to lose; then beyond 64 bits.
    for amount in [
        "0.0000000",
        "0.0000001",
        "1.1000000",
        "0.1000000",
        "-0.0000001",
        "-50.2500000",
        "900719925.4740993",
        "922337203685.4775808",
        "9223372036854775808.0000001",
        "17014118346046923173168730371.5884105",
    ] {
        let store = fresh().await;
        planned(&*store, campaign(ID), 1).await;
        let price = money(amount, "EUR");
        assert_eq!(price.amount.to_string(), amount, "the case itself is exact");
        store.add_reports(ID, vec![(0, priced(1, price))]).await.expect("a price is kept");
        assert_told(&*store, ID, &[priced(1, price)].into_iter().collect()).await;
        let billed = tally(&*store, ID).await.remove(0).billed;
        assert_eq!(billed, [price], "{amount} goes through the store to the last digit");
    }
    let store = fresh().await;
    planned(&*store, campaign(ID), 1).await;
    let (great, small) = (money("900719925474.0992000", "EUR"), money("0.0000001", "EUR"));
    let both = vec![(0, priced(1, great)), (0, priced(2, small))];
    store.add_reports(ID, both).await.expect("two prices are kept");
    let billed: Vec<Money> = tally(&*store, ID).await.remove(0).billed;
    assert_eq!(billed, [money("900719925474.0992001", "EUR")], "sums are exact");
}

async fn two_currencies_are_billed_apart(store: &dyn Store) {
    planned(store, campaign(ID), 1).await;
    let [euro, dollar] = ["EUR", "USD"].map(|currency| money("0.0175696", currency));
    let both = vec![(0, priced(2, dollar)), (0, priced(1, euro))];
    store.add_reports(ID, both).await.expect("prices in two currencies are kept");
    let billed = tally(store, ID).await.remove(0).billed;
    assert_eq!(billed, [euro, dollar], "two currencies are never added up");
}

async fn the_alternative_channel_is_seen(fresh: &impl AsyncFn() -> Arc<dyn Store>) {
    for alternative_channel in [false, true] {
        let store = fresh().await;
        planned(&*store, CampaignRow { alternative_channel, ..campaign(ID) }, 1).await;
        let mut told = Reports::default();
        for report in [report(1, MessageStatus::NotServiceUser), priced(2, money("0.5", "EUR"))] {
            told.insert(report.clone());
            store.keep_callbacks(vec![called_back(ID, 0, report)]).await.expect("kept");
            assert_told(&*store, ID, &told).await;
        }
    }
}

async fn adding_is_whole_or_not_at_all(store: &dyn Store) {
    planned(store, campaign(ID), 2).await;
    let before = seen(store, ID).await;
    let sent = report(1, MessageStatus::Sent);
    let beyond = vec![(0, sent.clone()), (2, sent.clone()), (1, sent.clone())];
    assert_missing(store.add_reports(ID, beyond).await, "a recipient beyond the last");
    assert_eq!(seen(store, ID).await, before, "a refused call adds no report");
    let of_none = store.add_reports(ABSENT, vec![(0, sent)]).await;
    assert_missing(of_none, "a recipient of no campaign");
    store.add_reports(ID, Vec::new()).await.expect("adding nothing is no error");
    for (id, index) in [(ABSENT, 0), (ID, 2), (ID, u32::MAX)] {
        let reports = store.reports(id, index).await.expect("no recipient, no reports");
        assert!(reports.is_empty(), "no recipient, no reports");
    }
}

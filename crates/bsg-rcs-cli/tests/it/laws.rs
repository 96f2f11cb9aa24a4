//! The laws of reports, through HTTP and the database: whatever is said, in whatever order and how
//! often, what the store has is what the domain makes of the set.

use std::cell::Cell;

use bsg_rcs_domain::{
    Amount, CivilDateTime, Currency, MessageId, MessageStatus, Money, Report, ReportedStatus,
    Reports,
};
use bsg_rcs_store::column_enums::Word;
use bsg_rcs_store::columns::money_column;
use bsg_rcs_store::view::MessageView;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rusqlite::Connection;

use crate::http;
use crate::load::{Known, accepted};
use crate::stage::Stage;

/// Cases; each has two recipients of its own.
const CASES: u32 = 48;

/// Something said: message, status, price, whether it names a time.
type Saying = (u64, usize, u8, bool);

fn sayings() -> impl Strategy<Value = (Vec<Saying>, Vec<prop::sample::Index>)> {
    let one = (1_u64..4, 0..MessageStatus::ALL.len(), 0_u8..3, any::<bool>());
    (prop::collection::vec(one, 1..8), prop::collection::vec(any::<prop::sample::Index>(), 0..12))
}

fn report((message, status, price, timed): Saying) -> Report {
    let price = (price > 0).then(|| {
        let amount = Amount::from_ten_millionths(i128::from(price) * 1_000_000);
        Money::new(amount, Currency::EUR)
    });
    Report {
        message: MessageId(message),
        channel: None,
        status: ReportedStatus::Known(MessageStatus::ALL[status]),
        price,
        sent_at: None,
        reported_at: timed.then(|| CivilDateTime::parse("2026-01-05 09:00:09").unwrap()),
    }
}

fn body(to: &Known, said: &Report) -> String {
    let status = said.status.as_str();
    let price = said.price.map_or("null".into(), |price| format!("\"{}\"", price.amount));
    let at = said.reported_at.map_or("null".into(), |at| format!("\"{at}\""));
    let (id, phone, reference) = (said.message.0, &to.phone, &to.reference);
    format!(
        r#"{{"id":"{id}","msisdn":"{phone}","reference":"{reference}","status":"{status}","price":{price},"currency":"EUR","time_dr":{at}}}"#
    )
}

/// What the store has of a recipient, as its columns have it.
fn kept(store: &Connection, index: usize) -> (String, bool, bool, String, bool) {
    let sql = "SELECT shown, ended, sms, billed, contradicted FROM messages WHERE idx = ?1";
    let of = [i64::try_from(index).unwrap()];
    store
        .query_row(sql, of, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .unwrap()
}

#[test]
fn order_and_repetition_do_not_matter() {
    let stage = Stage::new();
    let (_, known) = accepted(&stage, u64::from(CASES) * 2);
    let (_receiver, url) = stage.webhook();
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let post = |body: &str| {
        let (status, _) = http::call(address, "POST", &format!("/{path}"), body);
        assert_eq!(status, 200);
    };
    let store = Connection::open(stage.folder.path().join("store.db")).unwrap();
    let next = Cell::new(0);
    let mut runner =
        TestRunner::new(Config { cases: CASES, max_shrink_iters: 0, ..Config::default() });
    let law = |(said, again): (Vec<Saying>, Vec<prop::sample::Index>)| {
        let (one, other) = (next.get(), next.get() + 1);
        next.set(other + 1);
        let said: Vec<Report> = said.into_iter().map(report).collect();
        for report in &said {
            post(&body(&known[one], report));
        }
        // The other hears the same backwards, with repetitions between.
        for (place, report) in said.iter().rev().enumerate() {
            post(&body(&known[other], report));
            if let Some(again) = again.get(place) {
                post(&body(&known[other], &said[said.len() - 1 - again.index(place + 1)]));
            }
        }
        let set: Reports = said.iter().cloned().collect();
        let view = MessageView::of(&set, false);
        let shown = view.shown.word().to_owned();
        let expected = (shown, view.ended, view.sms, money_column(&view.billed), view.contradicted);
        prop_assert_eq!(&kept(&store, one), &expected, "{:?}", said);
        prop_assert_eq!(&kept(&store, other), &expected, "{:?}", said);
        Ok(())
    };
    runner.run(&sayings(), law).unwrap();
}

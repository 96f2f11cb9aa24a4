//! The laws of report sets: order, repetition and lateness cannot matter.

use bsg_rcs_domain::reports::Contradiction;
use bsg_rcs_domain::{
    Amount, Channel, Currency, MessageId, MessageStatus as Status, Money, Report, ReportedStatus,
    Reports,
};
use proptest::prelude::*;

fn report(message: u64, status: Status, price: Option<i128>) -> Report {
    Report {
        message: MessageId(message),
        channel: None,
        status: ReportedStatus::Known(status),
        price: price.map(|p| Money::new(Amount::from_ten_millionths(p), Currency::EUR)),
        sent_at: None,
        reported_at: None,
    }
}

fn any_report() -> impl Strategy<Value = Report> {
    let status = prop_oneof![
        8 => prop::sample::select(&Status::ALL[..]).prop_map(ReportedStatus::Known),
        1 => "[a-z]{3}".prop_map(|word| ReportedStatus::from_word(&word)),
    ];
    let channel = prop::option::of(prop_oneof![Just(Channel::Rcs), Just(Channel::Sms)]);
    (1_u64..3, status, prop::option::of(1_i128..4), channel).prop_map(
        |(message, status, price, channel)| Report {
            status,
            channel,
            ..report(message, Status::Unknown, price)
        },
    )
}

/// Everything that is shown of a set.
fn shown(reports: &Reports) -> impl PartialEq + std::fmt::Debug + use<> {
    let words: Vec<String> = reports.unknown_words().into_iter().map(str::to_owned).collect();
    (
        reports.shown(),
        reports.charges(),
        reports.contradictions(),
        words,
        reports.has_end(true),
        reports.has_end(false),
    )
}

proptest! {
    #[test]
    fn any_order_and_repetition_shows_the_same(
        (list, shuffled) in prop::collection::vec(any_report(), 0..10)
            .prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
        repeats in prop::collection::vec(any::<prop::sample::Index>(), 0..10),
    ) {
        let once: Reports = list.iter().cloned().collect();
        let mut again: Reports = shuffled.iter().cloned().collect();
        if !list.is_empty() {
            again.extend(repeats.iter().map(|at| list[at.index(list.len())].clone()));
        }
        prop_assert_eq!(&once, &again);
        prop_assert_eq!(shown(&once), shown(&again));
    }

    #[test]
    fn joining_is_associative_commutative_and_idempotent(
        a in prop::collection::vec(any_report(), 0..6),
        b in prop::collection::vec(any_report(), 0..6),
        c in prop::collection::vec(any_report(), 0..6),
    ) {
        let set = |list: &[Report]| list.iter().cloned().collect::<Reports>();
        let join = |mut left: Reports, right: Reports| { left.join(right); left };
        let (a, b, c) = (set(&a), set(&b), set(&c));
        prop_assert_eq!(join(a.clone(), b.clone()), join(b.clone(), a.clone()));
        prop_assert_eq!(join(join(a.clone(), b.clone()), c.clone()), join(a.clone(), join(b, c)));
        prop_assert_eq!(join(a.clone(), a.clone()), a);
    }

    #[test]
    fn more_reports_never_lower_the_shown_status_nor_take_a_charge_back(
        list in prop::collection::vec(any_report(), 1..10),
    ) {
        let mut reports = Reports::default();
        let (mut before, mut charged) = (Status::Unknown, 0);
        for report in list {
            reports.insert(report);
            prop_assert!(reports.shown() >= before);
            prop_assert!(reports.charges().len() >= charged);
            (before, charged) = (reports.shown(), reports.charges().len());
        }
    }

    #[test]
    fn what_is_contradicted_stays_so(list in prop::collection::vec(any_report(), 1..10)) {
        let mut reports = Reports::default();
        let mut before = Vec::new();
        for report in list {
            reports.insert(report);
            let now = reports.contradictions();
            prop_assert!(before.iter().all(|found| now.contains(found)), "{before:?}, {now:?}");
            before = now;
        }
    }

    #[test]
    fn a_message_is_charged_once_if_delivered_and_never_otherwise(
        list in prop::collection::vec(any_report(), 0..12),
    ) {
        let reports: Reports = list.iter().cloned().collect();
        for message in [1, 2].map(MessageId) {
            let delivered = list.iter().any(|r| {
                r.message == message && r.status.known().is_some_and(Status::is_delivered)
            });
            let charges = reports.charges().iter().filter(|c| c.message == message).count();
            prop_assert_eq!(charges, usize::from(delivered));
        }
    }
}

#[test]
fn a_set_grows_by_what_it_is_extended_with() {
    let mut reports: Reports = [report(1, Status::Sent, None)].into_iter().collect();
    reports.extend([report(1, Status::Delivered, Some(5))]);
    assert_eq!(reports.shown(), Status::Delivered);
}

#[test]
fn precedence_and_charge_by_table() {
    use Status::{
        Accepted, Delivered, Expired, Failed, NotServiceUser, Read, Sending, Sent, Undelivered,
        Unknown,
    };
    for (said, shown, billed) in [
        (&[][..], Unknown, false),
        (&[Unknown], Unknown, false),
        (&[Sent, Unknown], Sent, false),
        (&[Accepted, Sending, Sent], Sent, false),
        (&[Sent, Expired], Expired, false),
        (&[Expired, Sent], Expired, false),
        (&[NotServiceUser, Sent], NotServiceUser, false),
        (&[Sent, Delivered, Sent], Delivered, true),
        (&[Read], Read, true),
        (&[Read, Delivered], Read, true),
        (&[Failed, Delivered], Delivered, true),
        (&[Undelivered, Sending], Undelivered, false),
    ] {
        let reports: Reports = said.iter().map(|status| report(1, *status, Some(5))).collect();
        assert_eq!(reports.shown(), shown, "{said:?}");
        assert_eq!(!reports.charges().is_empty(), billed, "{said:?}");
    }
}

#[test]
fn the_alternative_channel_is_told_from_the_message_that_failed() {
    let reports: Reports =
        [report(7, Status::Expired, None), report(9, Status::Delivered, Some(3))]
            .into_iter()
            .collect();
    assert_eq!(reports.channel_of(MessageId(7)), Channel::Rcs);
    assert_eq!(reports.channel_of(MessageId(9)), Channel::Sms);
    assert!(reports.delivered_by_sms() && reports.has_end(true));
    assert_eq!(reports.shown(), Status::Delivered);
    assert!(reports.contradictions().is_empty());
}

#[test]
fn an_undelivered_message_waits_for_its_alternative_channel() {
    let reports: Reports = [report(7, Status::Expired, None)].into_iter().collect();
    assert!(reports.has_end(false) && !reports.has_end(true));
}

#[test]
fn contradictions_are_listed() {
    let reports: Reports = [
        report(1, Status::Failed, None),
        report(1, Status::Delivered, Some(3)),
        report(1, Status::Read, Some(4)),
    ]
    .into_iter()
    .collect();
    let found = reports.contradictions();
    assert!(found.contains(&Contradiction::DeliveredAndNot(MessageId(1))));
    assert!(found.contains(&Contradiction::TwoPrices(MessageId(1))));
}

//! The book of one account: nothing appears, nothing vanishes.

use bsg_rcs_domain::{Amount, Ledger};
use proptest::prelude::*;

use crate::big::Big;

#[derive(Debug, Clone)]
enum Step {
    Reserve(i128),
    Charge(prop::sample::Index),
    Release(prop::sample::Index),
    TopUp(i128),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (-5_i128..400_000_000).prop_map(Step::Reserve),
        2 => any::<prop::sample::Index>().prop_map(Step::Charge),
        2 => any::<prop::sample::Index>().prop_map(Step::Release),
        1 => (0_i128..1_000_000_000).prop_map(Step::TopUp),
    ]
}

const fn amount(ten_millionths: i128) -> Amount {
    Amount::from_ten_millionths(ten_millionths)
}

proptest! {
    #[test]
    fn balance_and_charged_change_only_by_top_ups_and_reserved_stays_within_the_funds(
        start in 0_i128..3_000_000_000, credit in 0_i128..1_000_000_000,
        steps in prop::collection::vec(step(), 0..80),
    ) {
        let mut ledger = Ledger::new(amount(start), amount(credit));
        let mut open = Vec::new();
        let (mut topped_up, mut charged) = (0, 0);
        for step in steps {
            match step {
                Step::Reserve(price) => match ledger.reserve(amount(price)) {
                    Ok(reservation) => open.push(reservation),
                    Err(why) => prop_assert!(price < 0 || why.available < amount(price)),
                },
                Step::Charge(at) if !open.is_empty() => {
                    let reservation = open.swap_remove(at.index(open.len()));
                    charged += reservation.amount().ten_millionths();
                    ledger.charge(reservation);
                }
                Step::Release(at) if !open.is_empty() => {
                    ledger.release(open.swap_remove(at.index(open.len())));
                }
                Step::TopUp(more) => {
                    topped_up += more;
                    ledger.top_up(amount(more));
                }
                _ => {}
            }
            let reserved: i128 = open.iter().map(|r| r.amount().ten_millionths()).sum();
            prop_assert_eq!(ledger.reserved(), amount(reserved));
            prop_assert_eq!(ledger.charged(), amount(charged));
            prop_assert_eq!(ledger.balance(), amount(start + topped_up - charged));
            prop_assert!(ledger.reserved() <= amount(start + topped_up - charged + credit));
        }
    }
}

/// Amounts of every size, the greatest among them.
fn any_amount() -> impl Strategy<Value = i128> {
    let near_the_end = (0_i128..1_000).prop_map(|less| i128::MAX - less);
    prop_oneof![0_i128..1_000, 0..=i128::MAX, near_the_end]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any_amount().prop_map(Step::Reserve),
        3 => any::<prop::sample::Index>().prop_map(Step::Charge),
        1 => any::<prop::sample::Index>().prop_map(Step::Release),
        2 => any_amount().prop_map(Step::TopUp),
    ]
}

proptest! {
    /// The same book, kept in numbers that have no bound.
    #[test]
    fn any_amounts_are_booked_exactly(
        start in any_amount(), credit in any_amount(),
        steps in prop::collection::vec(any_step(), 0..60),
    ) {
        let mut ledger = Ledger::new(amount(start), amount(credit));
        let mut open = Vec::new();
        let (mut balance, mut reserved, mut charged) = (Big::from(start), Big::ZERO, Big::ZERO);
        for step in steps {
            let available = balance.add(Big::from(credit)).sub(reserved);
            prop_assert_eq!(ledger.available(), amount(available.small().unwrap_or(i128::MAX)));
            match step {
                Step::Reserve(price) => {
                    let booked = reserved.add(Big::from(price));
                    let fits = Big::from(price) <= available && charged.add(booked).small().is_some();
                    let reservation = ledger.reserve(amount(price));
                    prop_assert_eq!(reservation.is_ok(), fits, "{}", price);
                    if let Ok(reservation) = reservation {
                        open.push(reservation);
                        reserved = booked;
                    }
                }
                Step::Charge(at) if !open.is_empty() => {
                    let reservation = open.swap_remove(at.index(open.len()));
                    let price = Big::from(reservation.amount().ten_millionths());
                    ledger.charge(reservation);
                    (balance, reserved, charged) =
                        (balance.sub(price), reserved.sub(price), charged.add(price));
                }
                Step::Release(at) if !open.is_empty() => {
                    let reservation = open.swap_remove(at.index(open.len()));
                    reserved = reserved.sub(Big::from(reservation.amount().ten_millionths()));
                    ledger.release(reservation);
                }
                Step::TopUp(more) => {
                    // What does not fit is not taken.
                    let topped_up = balance.add(Big::from(more));
                    balance = topped_up.small().map_or(balance, |_| topped_up);
                    ledger.top_up(amount(more));
                }
                _ => {}
            }
            prop_assert_eq!(ledger.balance().ten_millionths(), balance.small().unwrap());
            prop_assert_eq!(ledger.reserved().ten_millionths(), reserved.small().unwrap());
            prop_assert_eq!(ledger.charged().ten_millionths(), charged.small().unwrap());
        }
    }
}

#[test]
fn what_was_not_enough_is_named_and_a_top_up_is_enough_afterwards() {
    let mut ledger = Ledger::new(amount(5), amount(2));
    let first = ledger.reserve(amount(7)).unwrap();
    assert_eq!((ledger.credit(), ledger.available()), (amount(2), amount(0)));
    let refusal = ledger.reserve(amount(1)).unwrap_err();
    assert_eq!((refusal.price, refusal.available), (amount(1), amount(0)));
    ledger.top_up(amount(1));
    let second = ledger.reserve(amount(1)).unwrap();
    ledger.charge(first);
    ledger.release(second);
    assert_eq!((ledger.balance(), ledger.charged()), (amount(-1), amount(7)));
    assert_eq!((ledger.reserved(), ledger.available()), (amount(0), amount(1)));
    assert!(ledger.reserve(amount(-1)).is_err() && ledger.reserve(amount(0)).is_ok());
}

#[test]
fn less_than_nothing_is_no_top_up() {
    let mut ledger = Ledger::new(amount(10), amount(0));
    let reservation = ledger.reserve(amount(10)).unwrap();
    assert!(!ledger.top_up(amount(-5)));
    assert!(!ledger.top_up(Amount::MAX));
    assert!(ledger.top_up(amount(0)));
    assert_eq!((ledger.balance(), ledger.available()), (amount(10), amount(0)));
    ledger.charge(reservation);
}

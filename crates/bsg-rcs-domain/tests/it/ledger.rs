//! The book of one account: nothing appears, nothing vanishes.

use bsg_rcs_domain::{Amount, Ledger};
use proptest::prelude::*;

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

//! The cap: every batch holds 1 to 5000, together they hold everyone once.

use bsg_rcs_domain::batch::NotABatch;
use bsg_rcs_domain::{Addressee, Batch, BatchCap, Msisdn, ReferenceId};
use proptest::prelude::*;

fn addressees(count: u64) -> Vec<Addressee> {
    (0..count)
        .map(|n| Addressee {
            number: Msisdn::from_u64(380_000_000_000 + n).unwrap(),
            reference: ReferenceId::parse(&format!("r{n}")).unwrap(),
        })
        .collect()
}

proptest! {
    #[test]
    fn ranges_hold_everyone_once_in_order_and_none_exceeds_the_cap(
        recipients in 0_u32..2_000_000,
        cap in 1_u16..=5000,
    ) {
        let cap = BatchCap::new(cap).unwrap();
        let mut next = 0;
        for range in cap.ranges(recipients) {
            prop_assert_eq!(range.start, next);
            prop_assert!(!range.is_empty() && range.len() <= usize::from(cap.get()));
            next = range.end;
            // Only the last one may be short.
            prop_assert!(range.len() == usize::from(cap.get()) || range.end == recipients);
        }
        prop_assert_eq!(next, recipients);
    }

    #[test]
    fn the_batches_joined_are_the_recipients_and_no_number_is_in_two(
        count in 0_u64..120, cap in 1_u16..50,
    ) {
        let (list, cap) = (addressees(count), BatchCap::new(cap).unwrap());
        let mut joined = Vec::new();
        for range in cap.ranges(u32::try_from(list.len()).unwrap()) {
            let part = &list[range.start as usize..range.end as usize];
            joined.extend_from_slice(Batch::new(part.to_vec(), cap).unwrap().addressees());
        }
        let mut numbers: Vec<_> = joined.iter().map(|addressee| addressee.number).collect();
        numbers.dedup();
        prop_assert_eq!(numbers.len(), joined.len());
        prop_assert_eq!(joined, list);
    }

    #[test]
    fn a_batch_with_a_number_or_a_reference_twice_is_refused(
        count in 2_u64..200, first in any::<prop::sample::Index>(), second in any::<prop::sample::Index>(),
        numbers in any::<bool>(),
    ) {
        let mut list = addressees(count);
        let (first, second) = (first.index(list.len()), second.index(list.len()));
        prop_assume!(first != second);
        if numbers {
            list[second].number = list[first].number;
        } else {
            list[second].reference = list[first].reference;
        }
        let at = first.max(second);
        prop_assert_eq!(Batch::new(list, BatchCap::PLATFORM), Err(NotABatch::Twice { at }));
    }
}

#[test]
fn a_batch_has_1_to_5000_recipients() {
    for (count, fits) in [(0, false), (1, true), (5000, true), (5001, false)] {
        let batch = Batch::new(addressees(count), BatchCap::PLATFORM);
        assert_eq!(batch.is_ok(), fits, "{count}");
    }
    assert_eq!(BatchCap::new(0), None);
    assert_eq!(BatchCap::new(5001), None);
    assert_eq!(BatchCap::new(5000), Some(BatchCap::PLATFORM));
}

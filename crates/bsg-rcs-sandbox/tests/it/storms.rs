//! Storms of random requests: no answer is a failure of ours, and the books balance after each.

use proptest::prelude::*;

use crate::storm::storm;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_is_asked_the_books_balance_and_every_answer_can_be_read(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        storm(&bytes);
    }
}

//! A set of phone numbers in as little room as it needs: there can be tens of millions.
//!
//! It is cut into parts by the numbers' hashes; each part is one list in which a number stands at the first free
//! place from where its hash points to. A part of which three quarters are taken is made larger by a third, by
//! itself, so growing never needs the whole set twice. That takes 10 to 15 bytes a number. A list that is made to
//! collide takes longer; it is no less right.

use alloc::vec::Vec;

use crate::msisdn::Msisdn;

/// Parts; a power of two.
const PARTS: usize = 256;
/// Places of a part at first.
const FIRST_PLACES: usize = 16;

/// A set of numbers.
#[derive(Debug, Clone)]
pub(crate) struct NumberSet {
    parts: Vec<Part>,
}

/// Numbers whose hashes begin alike. No number is 0: that is a free place.
#[derive(Debug, Clone, Default)]
struct Part {
    places: Vec<u64>,
    taken: usize,
}

impl Default for NumberSet {
    fn default() -> Self {
        Self { parts: alloc::vec![Part::default(); PARTS] }
    }
}

impl NumberSet {
    /// Adds a number; whether it is new.
    pub(crate) fn insert(&mut self, number: Msisdn) -> bool {
        let hash = mixed(number.as_u64());
        let part = usize::try_from(hash >> 56).unwrap_or(0);
        // There are as many parts as the highest eight bits name.
        self.parts.get_mut(part).is_some_and(|part| part.insert(number.as_u64(), hash))
    }

    /// Looks at where a number would stand, so that it is near by when it comes: the memory of a large set is far
    /// away, and many looks take hardly longer than one.
    pub(crate) fn expect(&self, number: Msisdn) {
        let hash = mixed(number.as_u64());
        let part = self.parts.get(usize::try_from(hash >> 56).unwrap_or(0));
        core::hint::black_box(
            part.and_then(|part| part.places.get(place(hash, part.places.len())).copied()),
        );
    }

    /// How many bytes the numbers take.
    pub(crate) fn memory(&self) -> usize {
        let places: usize = self.parts.iter().map(|part| part.places.capacity()).sum();
        places.saturating_mul(size_of::<u64>())
    }
}

impl Part {
    fn insert(&mut self, number: u64, hash: u64) -> bool {
        // There is always a free place to end at.
        if self.taken.saturating_mul(4) >= self.places.len().saturating_mul(3) {
            self.grow();
        }
        let is_new = put(&mut self.places, number, hash);
        self.taken = self.taken.saturating_add(usize::from(is_new));
        is_new
    }

    fn grow(&mut self) {
        let len = self.places.len();
        let more = len.saturating_add(len.div_euclid(3)).max(FIRST_PLACES);
        let mut grown = alloc::vec![0; more];
        for number in self.places.iter().copied().filter(|number| *number != 0) {
            put(&mut grown, number, mixed(number));
        }
        self.places = grown;
    }
}

/// Puts a number at the first free place from where its hash points to, unless it is there already.
fn put(places: &mut [u64], number: u64, hash: u64) -> bool {
    let begin = place(hash, places.len());
    let (before, from) = places.split_at_mut_checked(begin).unwrap_or_default();
    put_into(from, number).or_else(|| put_into(before, number)).unwrap_or(false)
}

/// The same within one stretch; nothing if it has neither the number nor a free place.
fn put_into(places: &mut [u64], number: u64) -> Option<bool> {
    for place in places {
        if *place == number {
            return Some(false);
        }
        if *place == 0 {
            *place = number;
            return Some(true);
        }
    }
    None
}

/// Where the lower bits of a hash point to, of so many places.
fn place(hash: u64, places: usize) -> usize {
    let wide = u128::from(hash << 8).saturating_mul(u128::try_from(places).unwrap_or(0)) >> 64;
    usize::try_from(wide).unwrap_or(0)
}

/// Spreads a number over all 64 bits, so that neighbours stand apart.
const fn mixed(number: u64) -> u64 {
    let mut hash = number;
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_says_what_a_plain_set_says(numbers in prop::collection::vec(100_000_000_u64..100_000_400, 0..2000)) {
            let (mut set, mut plain) = (NumberSet::default(), BTreeSet::new());
            for number in numbers {
                let number = Msisdn::from_u64(number).unwrap();
                prop_assert_eq!(set.insert(number), plain.insert(number));
            }
        }
    }

    #[test]
    fn a_number_takes_less_than_sixteen_bytes() {
        let mut set = NumberSet::default();
        for count in 1..=2_000_000_u64 {
            assert!(set.insert(Msisdn::from_u64(380_500_000_000 + count * 7).unwrap()));
            if count >= 20_000 && count.is_multiple_of(1000) {
                let bytes = u64::try_from(set.memory()).unwrap();
                assert!(bytes < 16 * count, "{bytes} bytes for {count} numbers");
            }
        }
        assert!(!set.insert(Msisdn::from_u64(380_500_000_007).unwrap()));
    }
}

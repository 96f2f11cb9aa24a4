//! A set of phone numbers in as little room as it needs: there can be tens of millions.
//!
//! It is cut into parts by the numbers' hashes, and each part into lines of the processor's cache. A number stands
//! in the line that its hash points to, or, if that is full, in the next one with a free place: mostly the memory
//! is asked once for a number, and it is far away. A part of which seven eighths are taken is made larger by half,
//! by itself, so growing never needs the whole set twice. That takes 9 to 14 bytes a number. A list that is
//! made to collide takes longer; it is no less right.

use alloc::vec::Vec;

use crate::msisdn::Msisdn;

/// Parts; a power of two.
const PARTS: usize = 256;
/// Lines of a part at first.
const FIRST_LINES: usize = 2;
/// Numbers in a line.
const PLACES: usize = 8;
/// Numbers that are looked for at once, before any of them is needed.
pub(crate) const TOGETHER: usize = 64;

/// A set of numbers.
#[derive(Debug, Clone)]
pub(crate) struct NumberSet {
    parts: Vec<Part>,
}

/// Numbers whose hashes begin alike.
#[derive(Debug, Clone, Default)]
struct Part {
    lines: Vec<Line>,
    taken: usize,
}

/// A line of the cache, filled from its beginning. No number is 0: that is a free place.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(64))]
struct Line([u64; PLACES]);

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

    /// Looks at where numbers would stand, so that it is near by when they come: the memory of a large set is far
    /// away, and many looks take hardly longer than one.
    pub(crate) fn expect(&self, numbers: impl Iterator<Item = Msisdn>) {
        // Worked out first: between looks that wait for memory there is no room for much else.
        let mut hashes = [0; TOGETHER];
        let mut count: usize = 0;
        for (hash, number) in hashes.iter_mut().zip(numbers) {
            *hash = mixed(number.as_u64());
            count = count.saturating_add(1);
        }
        let stretch = |hash: &u64| {
            let part = self.parts.get(usize::try_from(*hash >> 56).unwrap_or(0));
            part.and_then(|part| part.lines.get(line(*hash, part.lines.len())..))
                .unwrap_or_default()
        };
        let hashes = hashes.get(..count).unwrap_or_default();
        let last = |line: &Line| line.0.last().copied().unwrap_or(0);
        let mut seen = 0;
        for hash in hashes {
            seen |= stretch(hash).first().map_or(0, last);
        }
        // Of those whose line is full the next one, too.
        for hash in hashes {
            if let [first, next, ..] = stretch(hash)
                && last(first) != 0
            {
                seen |= last(next);
            }
        }
        core::hint::black_box(seen);
    }

    /// How many bytes the numbers take.
    pub(crate) fn memory(&self) -> usize {
        let lines: usize = self.parts.iter().map(|part| part.lines.capacity()).sum();
        lines.saturating_mul(size_of::<Line>())
    }
}

impl Part {
    fn insert(&mut self, number: u64, hash: u64) -> bool {
        // There is always a free place to end at.
        let places = self.lines.len().saturating_mul(PLACES);
        if self.taken.saturating_mul(8) >= places.saturating_mul(7) {
            self.grow();
        }
        let is_new = put(&mut self.lines, number, hash, |places| {
            // All places at once, for a branch for each costs more than the looks.
            places.iter().fold(false, |found, place| found | (*place == number))
        });
        self.taken = self.taken.saturating_add(usize::from(is_new));
        is_new
    }

    fn grow(&mut self) {
        let len = self.lines.len();
        let more = len.saturating_add(len.div_ceil(2)).max(FIRST_LINES);
        let mut grown = alloc::vec![Line::default(); more];
        for number in self.lines.iter().flat_map(|Line(places)| places) {
            if *number != 0 {
                put(&mut grown, *number, mixed(*number), |_| false);
            }
        }
        self.lines = grown;
    }
}

/// Puts a number into the line that its hash points to, or the next with a free place, unless a line before has it.
fn put(
    lines: &mut [Line],
    number: u64,
    hash: u64,
    has_it: impl Fn(&[u64; PLACES]) -> bool,
) -> bool {
    let begin = line(hash, lines.len());
    let (before, from) = lines.split_at_mut_checked(begin).unwrap_or_default();
    for Line(places) in from.iter_mut().chain(before) {
        if has_it(places) {
            return false;
        }
        let taken = places.iter().map(|place| usize::from(*place != 0)).sum::<usize>();
        if let Some(free) = places.get_mut(taken) {
            *free = number;
            return true;
        }
    }
    false
}

/// Which line the lower bits of a hash point to, of so many.
fn line(hash: u64, lines: usize) -> usize {
    let wide = u128::from(hash << 8).saturating_mul(u128::try_from(lines).unwrap_or(0)) >> 64;
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
        /// All of one part: full lines, the way round at its end, and growing.
        #[test]
        fn a_crowded_part_says_what_a_plain_set_says(
            chosen in prop::collection::vec(0_usize..400, 0..1500),
        ) {
            let of_one_part = |number: &u64| mixed(*number) >> 56 == 7;
            let numbers: Vec<u64> = (100_000_000..).filter(of_one_part).take(400).collect();
            let (mut set, mut plain) = (NumberSet::default(), BTreeSet::new());
            for number in chosen.into_iter().map(|at| Msisdn::from_u64(numbers[at]).unwrap()) {
                prop_assert_eq!(set.insert(number), plain.insert(number));
            }
            let kept = set.parts[7].lines.iter().flat_map(|line| line.0).filter(|place| *place != 0);
            let kept: BTreeSet<u64> = kept.collect();
            prop_assert_eq!(kept, plain.into_iter().map(Msisdn::as_u64).collect());
        }

        #[test]
        fn it_says_what_a_plain_set_says(
            numbers in prop::collection::vec(100_000_000_u64..100_000_400, 0..2000),
        ) {
            let (mut set, mut plain) = (NumberSet::default(), BTreeSet::new());
            for number in numbers {
                let number = Msisdn::from_u64(number).unwrap();
                prop_assert_eq!(set.insert(number), plain.insert(number));
            }
        }
    }

    #[test]
    fn a_number_takes_less_than_fourteen_bytes() {
        let mut set = NumberSet::default();
        for count in 1..=2_000_000_u64 {
            assert!(set.insert(Msisdn::from_u64(380_500_000_000 + count * 7).unwrap()));
            if count >= 20_000 && count.is_multiple_of(1000) {
                let bytes = u64::try_from(set.memory()).unwrap();
                assert!(bytes < 14 * count, "{bytes} bytes for {count} numbers");
            }
        }
        for count in 1..=2_000_000_u64 {
            assert!(!set.insert(Msisdn::from_u64(380_500_000_000 + count * 7).unwrap()), "{count}");
        }
    }
}

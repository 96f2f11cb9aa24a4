//! Numbers that look random: for spreading waits and for injecting faults, never for secrets.

/// SplitMix64: one word of state, every seed is a good one.
#[derive(Clone, Debug)]
pub(crate) struct SplitMix64(u64);

impl SplitMix64 {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Seeded by the standard library's hasher, whose keys differ from process to process and from
    /// call to call: that much chance is enough to spread waits, and costs no dependency.
    pub(crate) fn from_the_process() -> Self {
        use std::hash::{BuildHasher, Hasher};
        Self(std::hash::RandomState::new().build_hasher().finish())
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }
}

/// Brings a random word into `0..count`, evenly; `count` is at least 1.
pub(crate) fn below(count: u64, word: u64) -> u64 {
    let scaled = (u128::from(word) * u128::from(count)) >> 64;
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        let mut random = SplitMix64::seeded(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn a_word_is_brought_into_its_range() {
        assert_eq!(below(1, u64::MAX), 0);
        assert_eq!(below(1000, 0), 0);
        assert_eq!(below(1000, u64::MAX), 999);
        assert_eq!(below(u64::MAX, u64::MAX), u64::MAX - 1);
    }
}

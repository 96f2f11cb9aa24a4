//! Whole numbers without bound (up to 216 bits), written for the tests alone, to hold exact sums
//! against.

/// Four limbs of eighteen decimal places, the last first; all but the highest are not negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Big([i128; 4]);

const LIMB: i128 = 1_000_000_000_000_000_000;

impl Big {
    pub(crate) const ZERO: Self = Self([0; 4]);

    pub(crate) fn add(self, other: Self) -> Self {
        let Self(mut limbs) = self;
        limbs.iter_mut().zip(other.0).for_each(|(limb, more)| *limb += more);
        Self(carried(limbs))
    }

    pub(crate) fn times(self, factor: i128) -> Self {
        Self(carried(self.0.map(|limb| limb * factor)))
    }

    pub(crate) fn sub(self, other: Self) -> Self {
        self.add(other.times(-1))
    }

    /// The number, if 128 bits hold it.
    pub(crate) fn small(self) -> Option<i128> {
        if self.0[3] < 0 {
            let lowest = (self == Self::from(i128::MIN)).then_some(i128::MIN);
            return lowest.or_else(|| self.times(-1).small().map(|size| -size));
        }
        let fold = |sum: i128, limb: &i128| sum.checked_mul(LIMB)?.checked_add(*limb);
        self.0.iter().rev().try_fold(0, fold)
    }
}

impl From<i128> for Big {
    fn from(number: i128) -> Self {
        Self(carried([number, 0, 0, 0]))
    }
}

impl PartialOrd for Big {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.0.iter().rev().partial_cmp(other.0.iter().rev())
    }
}

fn carried(mut limbs: [i128; 4]) -> [i128; 4] {
    for at in 0..3 {
        limbs[at + 1] += limbs[at].div_euclid(LIMB);
        limbs[at] = limbs[at].rem_euclid(LIMB);
    }
    limbs
}

#[test]
fn it_calculates() {
    let big = |number: i128| Big::from(number);
    assert_eq!(big(i128::MAX).add(big(1)).small(), None);
    assert_eq!(big(i128::MAX).add(big(1)).sub(big(2)).small(), Some(i128::MAX - 1));
    assert_eq!(big(-7).times(3).small(), Some(-21));
    assert!(big(-7) < big(3) && big(i128::MAX) > big(i128::MIN));
    assert_eq!(big(i128::MIN).small(), Some(i128::MIN));
}

//! Shares of a whole, in whole numbers.

/// `part` of `whole`, in thousandths, rounded down; of nothing it is nothing.
pub(crate) fn permille(part: u64, whole: u64) -> u64 {
    let (part, whole) = (u128::from(part), u128::from(whole));
    let share = (part * 1000).checked_div(whole).unwrap_or(0);
    u64::try_from(share).unwrap_or(u64::MAX)
}

/// A share in per cent with one decimal, as people read it.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let share = permille(part, whole);
    format!("{}.{} %", share / 10, share % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares() {
        for (part, whole, expected) in
            [(0, 0, "0.0 %"), (1, 3, "33.3 %"), (3, 3, "100.0 %"), (u64::MAX, u64::MAX, "100.0 %")]
        {
            assert_eq!(percent(part, whole), expected);
        }
    }
}

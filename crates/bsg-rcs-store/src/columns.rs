//! For backends: values as text in a column, and back. What no version of this program writes is
//! refused as corrupt, never guessed.

use std::fmt::Write;

use bsg_rcs_domain::{Amount, CivilDateTime, Currency, Money};

use crate::error::StoreError;

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(what.to_owned())
}

/// A column of the set of reports: what was not said is ''.
pub fn optional_column<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// Reads a column of the set of reports.
///
/// # Errors
/// As `read` answers.
pub fn read_optional<T>(
    text: &str,
    read: impl FnOnce(&str) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    if text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

/// Several amounts of money in one column, in the order that they have; '' for none.
pub fn money_column(billed: &[Money]) -> String {
    let mut column = String::new();
    for money in billed {
        let comma = if column.is_empty() { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(column, "{comma}{money}");
    }
    column
}

/// Reads what [`money_column`] writes.
///
/// # Errors
/// [`StoreError::Corrupt`] if it writes no such thing.
pub fn read_money_column(column: &str) -> Result<Vec<Money>, StoreError> {
    column.split(", ").filter(|text| !text.is_empty()).map(read_money).collect()
}

/// Reads `1.1000000 EUR` as [`Money`] writes it: exactly seven decimals, any number of digits.
///
/// # Errors
/// [`StoreError::Corrupt`] if it writes no such thing.
pub fn read_money(text: &str) -> Result<Money, StoreError> {
    let exact = || {
        let (amount, currency) = text.split_once(' ')?;
        let (whole, fraction) = amount.split_once('.')?;
        let digits = (fraction.len() == 7).then(|| format!("{whole}{fraction}"))?;
        let amount = Amount::from_ten_millionths(digits.parse().ok()?);
        Some(Money::new(amount, Currency::parse(currency).ok()?))
    };
    exact().ok_or_else(|| corrupt("amount of money"))
}

/// Reads a civil date-time as the domain writes it.
///
/// # Errors
/// [`StoreError::Corrupt`] if it writes no such thing.
pub fn read_civil(text: &str) -> Result<CivilDateTime, StoreError> {
    CivilDateTime::parse(text).map_err(|_| corrupt("date-time"))
}

/// Reads the platform's ids of one column, apart by spaces: each its bits as a signed number.
///
/// # Errors
/// [`StoreError::Corrupt`] if it writes no such thing.
pub fn read_ids(column: &str) -> Result<Vec<u64>, StoreError> {
    let id = |text: &str| text.parse().map(i64::cast_unsigned);
    let ids: Result<_, _> = column.split_whitespace().map(id).collect();
    ids.map_err(|_| corrupt("remote ids"))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_to_the_last_of_128_bits() {
        for ten_millionths in [0, 1, -1, 11_000_000, -5_000_000, i128::MAX, i128::MIN] {
            let money = Money::new(Amount::from_ten_millionths(ten_millionths), Currency::EUR);
            assert_eq!(read_money(&money.to_string()).unwrap(), money);
        }
        for text in ["", "1 EUR", "1.1 EUR", "1.1000000", "1.1000000 EURO", "1.10000000 EUR"] {
            read_money(text).unwrap_err();
        }
    }

    #[test]
    fn a_column_holds_several_amounts() {
        let euro = Money::new(Amount::from_ten_millionths(1), Currency::EUR);
        for billed in [vec![], vec![euro], vec![euro, euro]] {
            assert_eq!(read_money_column(&money_column(&billed)).unwrap(), billed);
        }
    }

    #[test]
    fn a_column_holds_several_ids() {
        for (column, ids) in [("", vec![]), ("7", vec![7]), ("-1 0 7", vec![u64::MAX, 0, 7])] {
            assert_eq!(read_ids(column).unwrap(), ids);
        }
        read_ids("7 x").unwrap_err();
    }
}

//! Money: exact to the seventh decimal, with its currency. Never a float.

use core::cmp::Ordering;
use core::fmt;

/// An amount without its currency: a whole number of ten-millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(i128);

/// Decimal places that are kept.
const PLACES: usize = 7;
/// One unit of currency in ten-millionths.
const UNIT: u128 = 10_000_000;
/// The longest text that is read, in bytes.
const TEXT_MAX: usize = 1000;

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The greatest amount: what 128 bits hold.
    pub const MAX: Self = Self(i128::MAX);

    /// So many ten-millionths.
    pub const fn from_ten_millionths(count: i128) -> Self {
        Self(count)
    }

    /// The amount in ten-millionths.
    pub const fn ten_millionths(self) -> i128 {
        self.0
    }

    /// Reads a decimal number as JSON or a callback writes it: an optional sign, digits, an
    /// optional fraction, an optional exponent. Beyond seven places it is rounded half to even.
    ///
    /// # Errors
    /// [`NotAnAmount`] if it is no such number, is beyond what 128 bits hold, or is longer than 1000
    /// bytes.
    pub fn parse(text: &str) -> Result<ParsedAmount, NotAnAmount> {
        read_decimal(text.trim()).ok_or(NotAnAmount)
    }

    /// The sum; `None` beyond what 128 bits hold.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference; `None` beyond what 128 bits hold.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }

    /// `count` times the amount; `None` beyond what 128 bits hold.
    pub fn checked_mul(self, count: u64) -> Option<Self> {
        self.0.checked_mul(i128::from(count)).map(Self)
    }

    /// Whether it is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

/// Seven decimals, always: `1.1000000`.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative() { "-" } else { "" };
        let size = self.0.unsigned_abs();
        let whole = size.checked_div(UNIT).unwrap_or(0);
        let fraction = size.checked_rem(UNIT).unwrap_or(0);
        write!(f, "{sign}{whole}.{fraction:07}")
    }
}

/// An amount that was read, and whether reading lost something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedAmount {
    /// The amount.
    pub amount: Amount,
    /// Whether it had more than seven places and was rounded, half to even.
    pub rounded: bool,
}

/// The text is no decimal number that we read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an amount is a decimal number such as 1.1000000")]
pub struct NotAnAmount;

fn read_decimal(text: &str) -> Option<ParsedAmount> {
    if text.len() > TEXT_MAX {
        return None;
    }
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, read_exponent(exponent)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    let has_digits = !(whole.is_empty() && fraction.is_empty());
    if !has_digits || !digits().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // How many of the digits stand before the point once it is moved by the exponent and the
    // seven places: those are kept, the rest decides the rounding.
    let kept = i64::try_from(whole.len().checked_add(PLACES)?).ok()?.saturating_add(exponent);
    let mut size: u128 = 0;
    let mut rest = Rest::default();
    let mut places = 0..kept;
    for digit in digits() {
        if places.next().is_some() {
            size = size.checked_mul(10)?.checked_add(digit.checked_sub(b'0')?.into())?;
        } else {
            rest.take(digit, kept < 0);
        }
    }
    if size > 0 {
        // A zero stays one however far the point is moved.
        for _ in places {
            size = size.checked_mul(10)?;
        }
    }
    if rest.rounds_up(size) {
        size = size.checked_add(1)?;
    }
    let amount = Amount(signed(size, negative)?);
    Some(ParsedAmount { amount, rounded: rest.is_something })
}

/// The digits of an exponent, which may be of any size.
fn read_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // Only its size can be wrong now.
    let bound = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(text.parse().unwrap_or(bound))
}

fn signed(size: u128, negative: bool) -> Option<i128> {
    if negative { 0_i128.checked_sub_unsigned(size) } else { i128::try_from(size).ok() }
}

/// What is known of the digits that are rounded away.
#[derive(Default)]
struct Rest {
    /// The first of them, which stands for tenths of what is kept; 0 while none came.
    first: Option<u8>,
    /// Whether one behind the first is not zero.
    is_more: bool,
    /// Whether any is not zero.
    is_something: bool,
}

impl Rest {
    /// Takes the next digit. `is_far` if zeros stand between what is kept and these digits.
    fn take(&mut self, digit: u8, is_far: bool) {
        let is_zero = digit == b'0';
        self.is_something |= !is_zero;
        match self.first {
            None if is_far => {
                self.first = Some(b'0');
                self.is_more |= !is_zero;
            }
            None => self.first = Some(digit),
            Some(_) => self.is_more |= !is_zero,
        }
    }

    /// Half to even: up beyond a half, and at a half if the last kept digit is odd.
    fn rounds_up(&self, kept: u128) -> bool {
        match self.first {
            Some(b'6'..=b'9') => true,
            Some(b'5') => self.is_more || kept & 1 == 1,
            _ => false,
        }
    }
}

/// A currency: three capital letters of ISO 4217.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// Reads a code in any case; whether ISO lists it is not checked.
    ///
    /// # Errors
    /// [`NotACurrency`] unless it is three ASCII letters.
    pub fn parse(text: &str) -> Result<Self, NotACurrency> {
        let code: [u8; 3] = text.trim().as_bytes().try_into().map_err(|_| NotACurrency)?;
        if code.iter().all(u8::is_ascii_alphabetic) {
            Ok(Self(code.map(|letter| letter.to_ascii_uppercase())))
        } else {
            Err(NotACurrency)
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no currency code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is three letters, such as EUR")]
pub struct NotACurrency;

/// An amount in a currency. Amounts of one currency add up and compare; for two currencies a sum is
/// an error, and there is no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// In which currency.
    pub currency: Currency,
    /// How much.
    pub amount: Amount,
}

impl Money {
    /// So much in this currency.
    pub const fn new(amount: Amount, currency: Currency) -> Self {
        Self { currency, amount }
    }

    /// The sum.
    ///
    /// # Errors
    /// [`NotAddable`] for two currencies, or beyond what 128 bits hold.
    pub fn checked_add(self, other: Self) -> Result<Self, NotAddable> {
        if self.currency != other.currency {
            return Err(NotAddable::Currencies(self.currency, other.currency));
        }
        let amount = self.amount.checked_add(other.amount).ok_or(NotAddable::TooMuch)?;
        Ok(Self { amount, ..self })
    }
}

/// Within one currency; two currencies have no order.
impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self.currency == other.currency).then(|| self.amount.cmp(&other.amount))
    }
}

/// `1.1000000 EUR`
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

/// Two amounts that have no sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAddable {
    /// They are of two currencies.
    #[error("{0} and {1} do not add up")]
    Currencies(Currency, Currency),
    /// The sum is beyond what 128 bits hold.
    #[error("the sum is too great")]
    TooMuch,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn decimals_are_read_exactly() {
        for (text, shown, rounded) in [
            ("1.1000000", "1.1000000", false),
            ("0.10", "0.1000000", false),
            ("0.0175696", "0.0175696", false),
            ("-50.25", "-50.2500000", false),
            ("0", "0.0000000", false),
            (".5", "0.5000000", false),
            ("5.", "5.0000000", false),
            ("1e3", "1000.0000000", false),
            ("1.5E-3", "0.0015000", false),
            ("12345678901234567890.1234567", "12345678901234567890.1234567", false),
            ("0.00000005", "0.0000000", true),
            ("0.00000015", "0.0000002", true),
            ("0.000000050000001", "0.0000001", true),
            ("0.99999995", "1.0000000", true),
            ("-0.00000015", "-0.0000002", true),
            ("1e-8", "0.0000000", true),
            ("9e-8", "0.0000001", true),
            ("9e-9", "0.0000000", true),
            ("0.00000000", "0.0000000", false),
            // Beyond a half without a zero behind it, and at a half with zeros behind it.
            ("0.000000051", "0.0000001", true),
            ("0.00000005000", "0.0000000", true),
            // However many digits, and however far the point is moved.
            ("0.1000000000000000055511151231257827021181583404541015625", "0.1000000", true),
            ("0.0000000000000000000000000000000000000000000000000000001", "0.0000000", true),
            ("000000000000000000000000000000000000000000000000000001.5", "1.5000000", false),
            ("0.25000000000000000000000000000000000000000", "0.2500000", false),
            ("5e-324", "0.0000000", true),
            ("-5e-324", "0.0000000", true),
            ("0E-50", "0.0000000", false),
            ("0e999", "0.0000000", false),
            ("1e-99999999999999999999", "0.0000000", true),
            ("10000000000000000000000000000000000000000e-40", "1.0000000", false),
            ("6e-9", "0.0000000", true),
            (
                "17014118346046923173168730371588.4105727",
                "17014118346046923173168730371588.4105727",
                false,
            ),
            (
                "-17014118346046923173168730371588.4105728",
                "-17014118346046923173168730371588.4105728",
                false,
            ),
        ] {
            let read = Amount::parse(text).unwrap();
            assert_eq!(
                (read.amount.to_string().as_str(), read.rounded),
                (shown, rounded),
                "{text}"
            );
        }
        for text in
            ["170141183460469231731687303715884105728", "1e32", "1e99", "1e99999999999999999999"]
        {
            assert_eq!(Amount::parse(text), Err(NotAnAmount), "{text} does not fit");
        }
        for text in ["", "-", ".", "1,5", "1.2.3", "NaN", "1e", "1e99", "--1", "0x10", "1 2"] {
            assert_eq!(Amount::parse(text), Err(NotAnAmount), "{text}");
        }
    }

    #[test]
    fn two_currencies_have_no_order() {
        let of = |count, code| {
            Money::new(Amount::from_ten_millionths(count), Currency::parse(code).unwrap())
        };
        assert!(of(1, "EUR") < of(5, "EUR"));
        assert_eq!(of(1, "USD").partial_cmp(&of(5, "EUR")), None);
        assert_eq!(of(5, "USD").partial_cmp(&of(5, "EUR")), None);
    }

    #[test]
    fn two_currencies_have_no_sum() {
        let one = Amount::from_ten_millionths(1);
        let usd = Currency::parse("usd").unwrap();
        let sum = Money::new(one, Currency::EUR).checked_add(Money::new(one, usd));
        assert_eq!(sum, Err(NotAddable::Currencies(Currency::EUR, usd)));
    }
}

//! The account: what it has to spend, and by which tariffs.

use core::fmt;

use bsg_rcs_domain::{Amount, Currency, Money, TariffId};

use super::{Unmappable, amount, currency};
use crate::generated as wire;
use crate::lenient::Flag;

/// What the account has to spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Balance {
    /// Own funds; below zero where the credit is used.
    pub balance: Amount,
    /// The credit limit.
    pub credit: Amount,
    /// The currency of both, if the platform names one.
    pub currency: Option<Currency>,
}

impl Balance {
    /// Own funds in their currency, if that is known.
    pub fn funds(&self) -> Option<Money> {
        self.currency.map(|currency| Money::new(self.balance, currency))
    }
}

/// `10.0000000 EUR, credit 0.0000000 EUR`
impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.currency {
            Some(currency) => {
                write!(f, "{} {currency}, credit {} {currency}", self.balance, self.credit)
            }
            None => write!(f, "{}, credit {}", self.balance, self.credit),
        }
    }
}

/// A tariff of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tariff {
    /// The platform's id.
    pub id: Option<TariffId>,
    /// What a send names it by; `None` if the platform does not say it.
    pub code: Option<i64>,
    /// Its name.
    pub name: Option<String>,
    /// Whether it can be used; `None` if that is not said, or cannot be read.
    pub is_active: Option<bool>,
    /// Whether it is used where a send names none; `None` if that is not said, or cannot be read.
    pub is_default: Option<bool>,
}

/// The balance.
///
/// # Errors
/// [`Unmappable`] if the balance is missing, or the credit is there and cannot be read. A missing
/// credit is none.
pub fn balance(wire: &wire::Balance) -> Result<Balance, Unmappable> {
    let missing = |field| Unmappable { what: "the balance", field };
    let balance = wire.balance.as_ref().and_then(amount).ok_or(missing("balance"))?;
    let credit = match &wire.credit {
        Some(text) => amount(text).ok_or(missing("credit"))?,
        None => Amount::ZERO,
    };
    Ok(Balance { balance, credit, currency: currency(wire.currency.as_deref()) })
}

/// A tariff.
///
/// # Errors
/// [`Unmappable`] with neither a code, an id nor a name.
pub fn tariff(wire: &wire::Tariff) -> Result<Tariff, Unmappable> {
    if wire.code.is_none() && wire.id.is_none() && wire.name.is_none() {
        return Err(Unmappable { what: "the tariff", field: "code" });
    }
    Ok(Tariff {
        id: wire.id.map(|id| TariffId::new(id.0)),
        code: wire.code.map(|code| code.0),
        name: wire.name.clone(),
        is_active: wire.is_active.and_then(Flag::get),
        is_default: wire.is_default.and_then(Flag::get),
    })
}

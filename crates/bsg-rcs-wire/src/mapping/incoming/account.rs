//! The account: what it has to spend, and by which tariffs.

use bsg_rcs_domain::{Amount, Money};

use super::{Unmappable, amount, currency};
use crate::generated as wire;

/// What the account has to spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// Own funds; below zero where the credit is used.
    pub balance: Money,
    /// The credit limit.
    pub credit: Money,
}

/// A tariff of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tariff {
    /// What a send names it by.
    pub code: i64,
    /// Its name.
    pub name: Option<String>,
    /// Whether it can be used; not said counts as yes.
    pub is_active: bool,
    /// Whether it is used where a send names none; not said counts as no.
    pub is_default: bool,
}

/// The balance.
///
/// # Errors
/// [`Unmappable`] if balance or currency are missing. A missing credit is none.
pub fn balance(wire: &wire::Balance) -> Result<Balance, Unmappable> {
    let missing = |field| Unmappable { what: "the balance", field };
    let currency = currency(wire.currency.as_deref()).ok_or(missing("currency"))?;
    let own = wire.balance.as_ref().and_then(amount).ok_or(missing("balance"))?;
    let credit = match &wire.credit {
        Some(text) => amount(text).ok_or(missing("credit"))?,
        None => Amount::ZERO,
    };
    Ok(Balance { balance: Money::new(own, currency), credit: Money::new(credit, currency) })
}

/// A tariff.
///
/// # Errors
/// [`Unmappable`] without a code.
pub fn tariff(wire: &wire::Tariff) -> Result<Tariff, Unmappable> {
    let code = wire.code.ok_or(Unmappable { what: "the tariff", field: "code" })?;
    Ok(Tariff {
        code: code.0,
        name: wire.name.clone(),
        is_active: wire.is_active.unwrap_or(true),
        is_default: wire.is_default.unwrap_or(false),
    })
}

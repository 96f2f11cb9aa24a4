//! The platform's book of one account (assumption A18).
//!
//! A message reserves its price when it is sent; the reservation becomes a charge when it is
//! delivered and is released at any other end. What can be reserved is
//! `balance + credit - reserved`. Always `balance + charged = start + top-ups`, and never
//! `reserved > balance + credit`.

use crate::money::Amount;

/// Balance, credit, reservations and charges of one account, in its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    balance: Amount,
    credit: Amount,
    reserved: Amount,
    charged: Amount,
}

/// Money set aside for one message, to be settled by [`Ledger::charge`] or [`Ledger::release`].
#[derive(Debug, PartialEq, Eq)]
#[must_use = "a reservation is charged or released"]
pub struct Reservation(Amount);

impl Reservation {
    /// How much.
    pub const fn amount(&self) -> Amount {
        self.0
    }
}

/// The funds do not allow it: the campaign pauses, a single send is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the funds are not sufficient: {price} is asked for and {available} is left")]
pub struct InsufficientFunds {
    /// What was asked for.
    pub price: Amount,
    /// What is left: balance + credit - reserved.
    pub available: Amount,
}

impl Ledger {
    /// An account with this balance and a credit limit (not negative).
    pub const fn new(balance: Amount, credit: Amount) -> Self {
        Self { balance, credit, reserved: Amount::ZERO, charged: Amount::ZERO }
    }

    /// The principal balance; below zero where the credit is used.
    pub const fn balance(&self) -> Amount {
        self.balance
    }

    /// How far below zero the balance may go.
    pub const fn credit(&self) -> Amount {
        self.credit
    }

    /// What is set aside for messages on their way.
    pub const fn reserved(&self) -> Amount {
        self.reserved
    }

    /// What was charged so far.
    pub const fn charged(&self) -> Amount {
        self.charged
    }

    /// What can still be reserved: balance + credit - reserved, or the greatest amount where that
    /// is beyond what 128 bits hold.
    pub fn available(&self) -> Amount {
        // What is reserved never exceeds balance + credit, so the difference always has room.
        self.balance
            .checked_sub(self.reserved)
            .and_then(|left| left.checked_add(self.credit))
            .unwrap_or(Amount::MAX)
    }

    /// Sets a price aside.
    ///
    /// # Errors
    /// [`InsufficientFunds`] if it exceeds what is available, is negative, or if 128 bits would not
    /// hold all that was charged and reserved: so charging it can never fail.
    pub fn reserve(&mut self, price: Amount) -> Result<Reservation, InsufficientFunds> {
        let available = self.available();
        let refusal = InsufficientFunds { price, available };
        if price.is_negative() || price > available {
            return Err(refusal);
        }
        let reserved = self.reserved.checked_add(price).ok_or(refusal)?;
        self.charged.checked_add(reserved).ok_or(refusal)?;
        self.reserved = reserved;
        Ok(Reservation(price))
    }

    /// The message was delivered: what was set aside is paid.
    #[expect(clippy::needless_pass_by_value, reason = "a reservation is used up")]
    pub fn charge(&mut self, reservation: Reservation) {
        self.settle(&reservation);
        // Both have room: see `reserve`.
        self.balance = self.balance.checked_sub(reservation.0).unwrap_or(self.balance);
        self.charged = self.charged.checked_add(reservation.0).unwrap_or(self.charged);
    }

    /// The message ended without delivery: what was set aside is free again.
    #[expect(clippy::needless_pass_by_value, reason = "a reservation is used up")]
    pub fn release(&mut self, reservation: Reservation) {
        self.settle(&reservation);
    }

    /// Sets the balance and the credit limit (not negative). What is reserved or was charged stays.
    pub const fn set_funds(&mut self, balance: Amount, credit: Amount) {
        self.balance = balance;
        self.credit = credit;
    }

    /// Adds to the balance. Nothing that is paused restarts by itself. What 128 bits do not hold is
    /// not taken, and neither is less than nothing: the balance stays, and the answer is `false`.
    pub fn top_up(&mut self, amount: Amount) -> bool {
        let sum = self.balance.checked_add(amount).filter(|_| !amount.is_negative());
        self.balance = sum.unwrap_or(self.balance);
        sum.is_some()
    }

    fn settle(&mut self, reservation: &Reservation) {
        self.reserved = self.reserved.checked_sub(reservation.0).unwrap_or(self.reserved);
    }
}

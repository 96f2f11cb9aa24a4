//! Accounts: what each has, funds by the domain's ledger, and the log of everything that moved them.

use std::collections::BTreeSet;
use std::sync::Arc;

use bsg_rcs_domain::ledger::{InsufficientFunds, Reservation};
use bsg_rcs_domain::{Amount, Ledger, Msisdn};

use super::contacts::Contacts;
use super::lists::ContactLists;
use super::record::{AccountIx, MessageIx};
use super::stop_list::StopList;
use super::time::VirtualTime;
use super::world::AccountSetup;

/// An account.
#[derive(Debug)]
pub struct Account {
    /// Its API key.
    pub key: Arc<str>,
    /// Its funds.
    pub ledger: Ledger,
    /// In test mode: the numbers that were confirmed with a code.
    pub verified: Option<BTreeSet<Msisdn>>,
    /// Its Callback URL For RCS.
    pub callback_url: Option<Arc<str>>,
    /// Its stop list.
    pub stop_list: StopList,
    /// Its contact book.
    pub contacts: Contacts,
    /// Its contact lists.
    pub lists: ContactLists,
    /// Its messages, oldest first.
    pub(super) messages: Vec<MessageIx>,
}

/// What may be put into an account altogether: ten to the twentieth. Amounts of more than 30 digits are read nowhere.
const HOLDS_MOST: Amount = Amount::from_ten_millionths(10_i128.pow(27));

/// What moved an account's funds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Movement {
    /// A price was set aside.
    Reserved,
    /// What was set aside was paid.
    Charged,
    /// What was set aside is free again.
    Released,
    /// Funds were added.
    ToppedUp,
}

impl Movement {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reservation",
            Self::Charged => "charge",
            Self::Released => "release",
            Self::ToppedUp => "top-up",
        }
    }
}

/// One line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerEntry {
    /// When.
    pub at: VirtualTime,
    /// Whose funds.
    pub account: AccountIx,
    /// What.
    pub movement: Movement,
    /// How much.
    pub amount: Amount,
    /// For which message.
    pub message: Option<MessageIx>,
}

/// All accounts and their common log.
#[derive(Debug)]
pub(super) struct Books {
    accounts: Vec<Account>,
    log: Vec<LedgerEntry>,
}

impl Books {
    pub(super) fn new(setups: &[AccountSetup]) -> Self {
        let accounts = setups
            .iter()
            .map(|setup| Account {
                key: setup.key.clone(),
                ledger: Ledger::new(setup.balance, setup.credit),
                verified: setup.verified.clone(),
                callback_url: setup.callback_url.clone(),
                stop_list: StopList::default(),
                contacts: Contacts::default(),
                lists: ContactLists::default(),
                messages: Vec::new(),
            })
            .collect();
        Self { accounts, log: Vec::new() }
    }

    pub(super) fn log(&self) -> &[LedgerEntry] {
        &self.log
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (AccountIx, &Account)> {
        self.accounts.iter().enumerate().map(|(at, account)| (AccountIx::from_index(at), account))
    }

    pub(super) fn get(&self, account: AccountIx) -> &Account {
        &self.accounts[account.at()]
    }

    pub(super) fn get_mut(&mut self, account: AccountIx) -> &mut Account {
        &mut self.accounts[account.at()]
    }

    /// Adds to the funds; `false` if that is more than an account can hold.
    #[must_use = "nothing was added if it says so"]
    pub(super) fn top_up(&mut self, account: AccountIx, amount: Amount, at: VirtualTime) -> bool {
        let ledger = &mut self.get_mut(account).ledger;
        // What was charged is kept beside the balance.
        let all = ledger.balance().checked_add(ledger.charged());
        if all.and_then(|all| all.checked_add(amount)).is_none_or(|all| all > HOLDS_MOST) {
            return false;
        }
        ledger.top_up(amount);
        self.note(account, Movement::ToppedUp, amount, None, at);
        true
    }

    pub(super) fn reserve(
        &mut self,
        account: AccountIx,
        price: Amount,
        message: MessageIx,
        at: VirtualTime,
    ) -> Result<Reservation, InsufficientFunds> {
        let reservation = self.get_mut(account).ledger.reserve(price)?;
        self.note(account, Movement::Reserved, price, Some(message), at);
        Ok(reservation)
    }

    /// Charges what was set aside, or lets it go.
    pub(super) fn settle(
        &mut self,
        account: AccountIx,
        reservation: Reservation,
        movement: Movement,
        message: MessageIx,
        at: VirtualTime,
    ) {
        let amount = reservation.amount();
        let ledger = &mut self.get_mut(account).ledger;
        match movement {
            Movement::Charged => ledger.charge(reservation),
            _ => ledger.release(reservation),
        }
        self.note(account, movement, amount, Some(message), at);
    }

    fn note(
        &mut self,
        account: AccountIx,
        movement: Movement,
        amount: Amount,
        message: Option<MessageIx>,
        at: VirtualTime,
    ) {
        self.log.push(LedgerEntry { at, account, movement, amount, message });
    }
}

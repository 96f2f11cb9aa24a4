//! Accounts: what each has, funds by the domain's ledger, and the log of everything that moved them.

use std::collections::BTreeSet;
use std::sync::Arc;

use bsg_rcs_domain::ledger::{InsufficientFunds, Reservation};
use bsg_rcs_domain::{Amount, Ledger, Msisdn};

use crate::model::contact_book::ContactBook;
use crate::model::contact_fields::ContactFields;
use crate::model::contact_lists::ContactLists;
use crate::model::ids::{AccountIx, MessageIx};
use crate::model::stat_jobs::StatJobs;
use crate::model::stop_list::StopList;
use crate::model::time::VirtualTime;
use crate::model::world::AccountSetup;

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
    pub contacts: ContactBook,
    /// Its contact lists.
    pub lists: ContactLists,
    /// The fields that its contacts can have.
    pub contact_fields: ContactFields,
    /// Its statistics jobs.
    pub stat_jobs: StatJobs,
    /// Its messages, oldest first.
    pub(crate) messages: Vec<MessageIx>,
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
    /// The balance was set; the amount is the difference, which may be negative.
    Set,
}

impl Movement {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reserved => "reservation",
            Self::Charged => "charge",
            Self::Released => "release",
            Self::ToppedUp => "top-up",
            Self::Set => "set",
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
pub(crate) struct Books {
    accounts: Vec<Account>,
    log: Vec<LedgerEntry>,
}

impl Books {
    pub(crate) fn new(setups: &[AccountSetup]) -> Self {
        let accounts = setups
            .iter()
            .map(|setup| Account {
                key: setup.key.clone(),
                ledger: Ledger::new(setup.balance, setup.credit),
                verified: setup.verified.clone(),
                callback_url: setup.callback_url.clone(),
                stop_list: StopList::default(),
                contacts: ContactBook::default(),
                lists: ContactLists::default(),
                contact_fields: ContactFields::default(),
                stat_jobs: StatJobs::default(),
                messages: Vec::new(),
            })
            .collect();
        Self { accounts, log: Vec::new() }
    }

    pub(crate) fn log(&self) -> &[LedgerEntry] {
        &self.log
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (AccountIx, &Account)> {
        self.accounts.iter().enumerate().map(|(at, account)| (AccountIx::from_index(at), account))
    }

    pub(crate) fn get(&self, account: AccountIx) -> &Account {
        &self.accounts[account.at()]
    }

    pub(crate) fn get_mut(&mut self, account: AccountIx) -> &mut Account {
        &mut self.accounts[account.at()]
    }

    /// Adds to the funds; `false` if that is more than an account can hold.
    #[must_use = "nothing was added if it says so"]
    pub(crate) fn top_up(&mut self, account: AccountIx, amount: Amount, at: VirtualTime) -> bool {
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

    /// Sets balance and credit limit; `false` if that is more than an account can hold.
    #[must_use = "nothing was set if it says so"]
    pub(crate) fn set(
        &mut self,
        account: AccountIx,
        balance: Amount,
        credit: Option<Amount>,
        at: VirtualTime,
    ) -> bool {
        let ledger = &mut self.get_mut(account).ledger;
        let credit = credit.unwrap_or(ledger.credit());
        let all = balance.checked_add(ledger.charged()).filter(|all| *all <= HOLDS_MOST);
        let difference = balance.checked_sub(ledger.balance());
        let (Some(difference), true) = (difference, all.is_some() && credit <= HOLDS_MOST) else {
            return false;
        };
        ledger.set_funds(balance, credit);
        self.note(account, Movement::Set, difference, None, at);
        true
    }

    pub(crate) fn reserve(
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
    pub(crate) fn settle(
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

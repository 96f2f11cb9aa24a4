//! How things are looked up and counted; nothing changes here.

use std::collections::BTreeMap;

use bsg_rcs_domain::{MessageStatus, Msisdn, ReferenceId};

use super::Engine;
use super::account::{Account, LedgerEntry};
use super::record::{AccountIx, CampaignIx, CampaignRecord, MessageIx, MessageRecord};
use super::search::{Held, Operator};
use super::time::VirtualTime;

/// Messages by status.
pub type Counts = BTreeMap<MessageStatus, u64>;

/// Which messages to find: those that match everything that is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this account, as its owner sees them: not before the lookup lag has passed (A20).
    pub account: Option<AccountIx>,
    /// With this id.
    pub id: Option<u64>,
    /// Of the campaign with this id.
    pub campaign: Option<u64>,
    /// With this reference.
    pub reference: Option<ReferenceId>,
    /// To this number.
    pub phone: Option<Msisdn>,
    /// Sent at or after this.
    pub from: Option<VirtualTime>,
    /// Sent at or before this.
    pub to: Option<VirtualTime>,
}

/// Which campaigns to find: those that match everything that is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignFilter {
    /// Of this account.
    pub account: AccountIx,
    /// Made at or after this.
    pub from: Option<VirtualTime>,
    /// Made at or before this.
    pub to: Option<VirtualTime>,
    /// That this finds.
    pub search: Option<CampaignSearch>,
}

/// A search among campaigns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CampaignSearch {
    /// A part of the agent's name, in any case.
    Sender(String),
    /// The id, as it is written: the platform calls it the task's name.
    Id(String),
}

impl Engine {
    /// The campaigns that match, by their ids.
    pub fn find_campaigns(&self, filter: &CampaignFilter) -> Vec<CampaignIx> {
        let matches = |ix: &CampaignIx| {
            let campaign = self.campaign_at(*ix);
            campaign.account == filter.account
                && filter.from.is_none_or(|from| campaign.created >= from)
                && filter.to.is_none_or(|to| campaign.created <= to)
                && filter.search.as_ref().is_none_or(|search| match search {
                    CampaignSearch::Sender(part) => {
                        Operator::Like.finds(Held::Text(&campaign.letter.sender), part)
                    }
                    CampaignSearch::Id(id) => Operator::Equal.finds(Held::Number(ix.id()), id),
                })
        };
        self.campaigns().filter(matches).collect()
    }

    /// The messages that match, by their ids.
    pub fn find(&self, filter: &Filter) -> Vec<MessageIx> {
        let mut found: Vec<MessageIx> = match (filter.id, filter.reference, filter.campaign) {
            (Some(id), _, _) => self.message(id).into_iter().collect(),
            (_, Some(reference), _) => self.with_reference(reference),
            (_, _, Some(campaign)) => self.of_campaign(campaign),
            _ => (0..self.messages.len()).map(MessageIx::from_index).collect(),
        };
        found.retain(|ix| self.matches(*ix, filter));
        found.sort_unstable();
        found
    }

    fn matches(&self, ix: MessageIx, filter: &Filter) -> bool {
        let message = self.at(ix);
        let sent = message.since(MessageStatus::Sent).unwrap_or_else(|| message.created());
        let visible = |account: AccountIx| {
            let known_since = message.created().plus(self.world.assumptions.lookup_lag);
            message.account == account && known_since <= self.now
        };
        filter.account.is_none_or(visible)
            && filter.id.is_none_or(|id| id == ix.id())
            && filter.campaign.is_none_or(|id| message.campaign.is_some_and(|of| of.id() == id))
            && filter.reference.is_none_or(|reference| message.reference == Some(reference))
            && filter.phone.is_none_or(|phone| message.phone == phone)
            && filter.from.is_none_or(|from| sent >= from)
            && filter.to.is_none_or(|to| sent <= to)
    }

    fn with_reference(&self, reference: ReferenceId) -> Vec<MessageIx> {
        let accounts = self.accounts().map(|(account, _)| (account, reference));
        let with = accounts.flat_map(|key| {
            let again = self.repeated.get(&key).into_iter().flatten();
            self.references.get(&key).into_iter().chain(again).copied()
        });
        with.flat_map(|ix| self.with_fallback(ix)).collect()
    }

    fn of_campaign(&self, id: u64) -> Vec<MessageIx> {
        let messages = self.campaign(id).map(|campaign| self.campaign_at(campaign).messages());
        messages.into_iter().flatten().flat_map(|ix| self.with_fallback(ix)).collect()
    }

    fn with_fallback(&self, ix: MessageIx) -> impl Iterator<Item = MessageIx> + use<> {
        std::iter::once(ix).chain(self.at(ix).fallback)
    }

    /// The message with this id.
    pub fn message(&self, id: u64) -> Option<MessageIx> {
        MessageIx::of_id(id).filter(|ix| ix.at() < self.messages.len())
    }

    /// The campaign with this id.
    pub fn campaign(&self, id: u64) -> Option<CampaignIx> {
        CampaignIx::of_id(id).filter(|ix| ix.at() < self.campaigns.len())
    }

    /// The message at a place that the engine gave out.
    pub fn at(&self, ix: MessageIx) -> &MessageRecord {
        &self.messages[ix.at()]
    }

    /// The campaign at a place that the engine gave out.
    pub fn campaign_at(&self, ix: CampaignIx) -> &CampaignRecord {
        &self.campaigns[ix.at()]
    }

    /// All campaigns.
    pub fn campaigns(&self) -> impl Iterator<Item = CampaignIx> + use<> {
        (0..self.campaigns.len()).map(CampaignIx::from_index)
    }

    /// All accounts.
    pub fn accounts(&self) -> impl Iterator<Item = (AccountIx, &Account)> {
        self.books.all()
    }

    /// An account at a place that the engine gave out.
    pub fn account(&self, account: AccountIx) -> &Account {
        self.books.get(account)
    }

    /// The account with this API key.
    pub fn account_with_key(&self, key: &str) -> Option<AccountIx> {
        self.accounts().find(|(_, account)| &*account.key == key).map(|(ix, _)| ix)
    }

    /// Everything that moved funds, oldest first.
    pub fn ledger(&self) -> &[LedgerEntry] {
        self.books.log()
    }

    /// Messages by status, of those given.
    pub fn count(&self, messages: impl Iterator<Item = MessageIx>) -> Counts {
        let mut counts = Counts::new();
        for ix in messages {
            *counts.entry(self.at(ix).status()).or_default() += 1;
        }
        counts
    }

    /// Messages by status, of all.
    pub fn count_all(&self) -> Counts {
        self.count((0..self.messages.len()).map(MessageIx::from_index))
    }
}

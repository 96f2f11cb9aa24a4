//! How things are looked up and counted; nothing changes here.

use std::ops::Range;

use bsg_rcs_domain::{MessageStatus, Msisdn, ReferenceId};

use crate::model::account::{Account, LedgerEntry};
use crate::model::campaign::CampaignRecord;
use crate::model::ids::{AccountIx, CampaignIx, MessageIx};
use crate::model::message::MessageRecord;
use crate::model::time::VirtualTime;
use crate::model::world::Agent;
use crate::query::compare::{FieldValue, Operator};
use crate::state::Engine;

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

/// Messages that were found, by their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookupResult<'a> {
    /// As the engine keeps them: neighbours in its list, and then some that came later. They were not looked at.
    Kept(Range<u32>, &'a [MessageIx]),
    /// Picked one by one.
    These(Vec<MessageIx>),
}

impl LookupResult<'_> {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::Kept(neighbours, later) => neighbours.len() + later.len(),
            Self::These(these) => these.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// One of them, counted from 0.
    pub fn get(&self, at: usize) -> Option<MessageIx> {
        match self {
            Self::Kept(neighbours, later) => match neighbours.clone().nth(at) {
                Some(ix) => Some(MessageIx(ix)),
                None => later.get(at.checked_sub(neighbours.len())?).copied(),
            },
            Self::These(these) => these.get(at).copied(),
        }
    }

    /// The last of them.
    pub fn last(&self) -> Option<MessageIx> {
        self.get(self.len().checked_sub(1)?)
    }

    /// So many of them from one on; counted from the end if they are to come backwards.
    pub fn page(&self, offset: usize, limit: usize, backwards: bool) -> Vec<MessageIx> {
        let end = self.len().min(offset.saturating_add(limit));
        let places = offset.min(end)..end;
        let at = |place: usize| if backwards { self.len() - 1 - place } else { place };
        places.filter_map(|place| self.get(at(place))).collect()
    }

    /// All of them.
    pub fn into_vec(self) -> Vec<MessageIx> {
        match self {
            Self::These(these) => these,
            kept => kept.page(0, kept.len(), false),
        }
    }
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
                        Operator::Like.finds(FieldValue::Text(&campaign.spec.sender), part)
                    }
                    CampaignSearch::Id(id) => {
                        Operator::Equal.finds(FieldValue::Number(ix.id()), id)
                    }
                })
        };
        self.campaigns().filter(matches).collect()
    }

    /// The messages that match, by their ids.
    ///
    /// Those of an account, of a campaign, and all of them are not looked at one by one, as long as the window of
    /// time leaves none of them out.
    pub fn find(&self, filter: &Filter) -> LookupResult<'_> {
        let by_name = filter.id.is_some() || filter.reference.is_some() || filter.phone.is_some();
        let candidates = match (filter.id, filter.reference, filter.campaign, filter.account) {
            (Some(id), _, _, _) => LookupResult::These(self.message(id).into_iter().collect()),
            (_, Some(reference), _, _) => LookupResult::These(self.with_reference(reference)),
            (_, _, Some(campaign), _) => self.of_campaign(campaign),
            (_, _, _, Some(account)) => LookupResult::Kept(0..0, &self.books.get(account).messages),
            _ => LookupResult::Kept(self.all_messages(), &[]),
        };
        if !by_name && self.leaves_none_out(&candidates, filter) {
            return candidates;
        }
        let all = (0..candidates.len()).filter_map(|at| candidates.get(at));
        let mut found: Vec<_> = all.filter(|ix| self.matches(*ix, filter)).collect();
        found.sort_unstable();
        LookupResult::These(found)
    }

    /// Whether every candidate matches, told by the first and the last of them: they are in the order in which they
    /// were made, and none is sent before it is made or after now.
    fn leaves_none_out(&self, candidates: &LookupResult<'_>, filter: &Filter) -> bool {
        let (Some(first), Some(last)) = (candidates.get(0), candidates.last()) else { return true };
        let (first, last) = (self.at(first), self.at(last));
        let lag = self.world.assumptions.lookup_lag;
        filter.from.is_none_or(|from| from <= first.created())
            && filter.to.is_none_or(|to| self.now <= to)
            && filter.account.is_none_or(|account| {
                account == first.account && last.created().plus(lag) <= self.now
            })
    }

    pub(crate) fn matches(&self, ix: MessageIx, filter: &Filter) -> bool {
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

    fn all_messages(&self) -> Range<u32> {
        let place = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let all = self.messages.places();
        place(all.start)..place(all.end)
    }

    fn with_reference(&self, reference: ReferenceId) -> Vec<MessageIx> {
        let accounts = self.accounts().map(|(account, _)| (account, reference));
        let with = accounts.flat_map(|key| {
            let again = self.repeated.get(&key).into_iter().flatten();
            self.references.get(&key).into_iter().chain(again).copied()
        });
        with.flat_map(|ix| std::iter::once(ix).chain(self.at(ix).fallback)).collect()
    }

    fn of_campaign(&self, id: u64) -> LookupResult<'_> {
        let Some(ix) = self.campaign(id) else { return LookupResult::These(Vec::new()) };
        let campaign = self.campaign_at(ix);
        let first = campaign.first.0;
        LookupResult::Kept(first..first.saturating_add(campaign.count), &campaign.followers)
    }

    /// The message with this id.
    pub fn message(&self, id: u64) -> Option<MessageIx> {
        MessageIx::of_id(id).filter(|ix| self.messages.get(ix.at()).is_some())
    }

    /// The campaign with this id.
    pub fn campaign(&self, id: u64) -> Option<CampaignIx> {
        CampaignIx::of_id(id).filter(|ix| self.campaigns.get(ix.at()).is_some())
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
        self.campaigns.places().map(CampaignIx::from_index)
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

    pub(crate) fn agent(&self, name: &str) -> Option<&Agent> {
        self.world.agents.iter().find(|agent| agent.name == name)
    }
}

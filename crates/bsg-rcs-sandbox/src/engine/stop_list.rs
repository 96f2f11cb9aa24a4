//! The stop list of an account: numbers that asked not to be written to, channel by channel.
//!
//! An entry lives as long as a channel is stopped in it. What a send makes of a stopped number is the sends' to say.

use std::collections::{BTreeMap, BTreeSet};

use bsg_rcs_domain::Msisdn;

use super::Engine;
use super::command::{Answer, AnyChannel, Outcome, Refusal};
use super::record::{AccountIx, Ids};
use super::time::VirtualTime;

/// What is asked of a stop list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopListCommand {
    /// Stop these channels for these numbers.
    Attach {
        /// The numbers.
        phones: Vec<Msisdn>,
        /// The channels.
        channels: BTreeSet<AnyChannel>,
    },
    /// Open these channels again.
    Detach {
        /// Ids of the entries.
        ids: Vec<u64>,
        /// The channels.
        channels: BTreeSet<AnyChannel>,
    },
}

/// A number with the channels that are stopped for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopEntry {
    /// The entry's id.
    pub id: u64,
    /// The number.
    pub phone: Msisdn,
    /// When it was first stopped.
    pub created: VirtualTime,
    /// What is stopped; never empty.
    pub channels: BTreeSet<AnyChannel>,
}

/// The stop list of an account.
#[derive(Debug, Default)]
pub struct StopList {
    entries: BTreeMap<u64, StopEntry>,
    by_phone: BTreeMap<Msisdn, u64>,
}

impl StopList {
    /// Every entry, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &StopEntry> {
        self.entries.values()
    }

    /// The entry of a number.
    pub fn of(&self, phone: Msisdn) -> Option<&StopEntry> {
        self.entries.get(self.by_phone.get(&phone)?)
    }

    /// Whether a channel is stopped for a number.
    pub fn stops(&self, phone: Msisdn, channel: AnyChannel) -> bool {
        self.of(phone).is_some_and(|entry| entry.channels.contains(&channel))
    }

    pub(super) fn attach(
        &mut self,
        phone: Msisdn,
        channels: &BTreeSet<AnyChannel>,
        ids: &mut Ids,
        now: VirtualTime,
    ) {
        let id = *self.by_phone.entry(phone).or_insert_with(|| ids.fresh());
        let entry = self.entries.entry(id).or_insert_with(|| StopEntry {
            id,
            phone,
            created: now,
            channels: BTreeSet::new(),
        });
        entry.channels.extend(channels);
    }

    fn detach(&mut self, id: u64, channels: &BTreeSet<AnyChannel>) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.channels.retain(|channel| !channels.contains(channel));
        if entry.channels.is_empty() {
            self.by_phone.remove(&entry.phone);
            self.entries.remove(&id);
        }
    }
}

impl Engine {
    pub(super) fn stop_list(&mut self, account: AccountIx, command: StopListCommand) -> Answer {
        match command {
            StopListCommand::Attach { phones, channels } => {
                for phone in phones {
                    self.stop_number(account, phone, &channels);
                }
            }
            StopListCommand::Detach { ids, channels } => {
                let list = &mut self.books.get_mut(account).stop_list;
                let mut refusal = Refusal::invalid();
                for (at, id) in ids.iter().enumerate() {
                    if !list.entries.contains_key(id) {
                        refusal.headline(format!("ids[{at}]"), "Invalid stop list id");
                    }
                }
                refusal.unless_empty()?;
                for id in ids {
                    list.detach(id, &channels);
                }
            }
        }
        Ok(Outcome::Done)
    }

    pub(super) fn stop_number(
        &mut self,
        account: AccountIx,
        phone: Msisdn,
        channels: &BTreeSet<AnyChannel>,
    ) {
        let list = &mut self.books.get_mut(account).stop_list;
        list.attach(phone, channels, &mut self.ids, self.now);
    }
}

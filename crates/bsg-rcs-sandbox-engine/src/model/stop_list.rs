//! The stop list of an account: numbers that must not be messaged, channel by channel.
//!
//! An entry lives as long as a channel is stopped in it.

use std::collections::{BTreeMap, BTreeSet};

use bsg_rcs_domain::Msisdn;

use crate::model::channel::AnyChannel;
use crate::model::ids::Ids;
use crate::model::time::VirtualTime;

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
    pub(crate) entries: BTreeMap<u64, StopEntry>,
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

    pub(crate) fn attach(
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

    pub(crate) fn detach(&mut self, id: u64, channels: &BTreeSet<AnyChannel>) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        entry.channels.retain(|channel| !channels.contains(channel));
        if entry.channels.is_empty() {
            self.by_phone.remove(&entry.phone);
            self.entries.remove(&id);
        }
    }
}

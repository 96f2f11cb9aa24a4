//! Changes of the stop list.

use std::collections::BTreeSet;

use bsg_rcs_domain::Msisdn;

use crate::api::account_data::StopListCommand;
use crate::api::outcome::{Answer, Outcome, Refusal};
use crate::model::channel::AnyChannel;
use crate::model::ids::AccountIx;
use crate::state::Engine;

impl Engine {
    pub(crate) fn stop_list(&mut self, account: AccountIx, command: StopListCommand) -> Answer {
        match command {
            StopListCommand::Attach { phones, channels } => {
                // An entry stops a channel at least.
                for phone in phones.into_iter().filter(|_| !channels.is_empty()) {
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

    pub(crate) fn stop_number(
        &mut self,
        account: AccountIx,
        phone: Msisdn,
        channels: &BTreeSet<AnyChannel>,
    ) {
        let list = &mut self.books.get_mut(account).stop_list;
        list.attach(phone, channels, &mut self.ids, self.now);
    }
}

//! Changes of the fields that contacts have.

use crate::api::account_data::ContactFieldCommand;
use crate::api::outcome::{Answer, Outcome, Refusal, RefusalKind};
use crate::model::account::Account;
use crate::model::contact_fields::ContactField;
use crate::model::ids::AccountIx;
use crate::state::Engine;

impl Engine {
    pub(crate) fn contact_fields(
        &mut self,
        account: AccountIx,
        command: ContactFieldCommand,
    ) -> Answer {
        let owner = self.books.get_mut(account);
        match command {
            ContactFieldCommand::Make { name, kind, description, visible } => {
                refuse_taken(owner, &name, None)?;
                let id = self.ids.fresh();
                let field = ContactField { id, name, kind, description, visible };
                owner.contact_fields.0.insert(id, field);
                Ok(Outcome::ContactField(id))
            }
            ContactFieldCommand::Change { id, name, description, visible } => {
                owner.contact_fields.get(id).ok_or_else(no_field)?;
                if let Some(name) = &name {
                    refuse_taken(owner, name, Some(id))?;
                }
                let field = owner.contact_fields.0.get_mut(&id).ok_or_else(no_field)?;
                field.name = name.unwrap_or(std::mem::take(&mut field.name));
                field.description = description.or(field.description.take());
                field.visible = visible.unwrap_or(field.visible);
                Ok(Outcome::ContactField(id))
            }
            ContactFieldCommand::Delete(ids) => {
                let mut refusal = Refusal::invalid();
                for (at, id) in ids.iter().enumerate() {
                    if owner.contact_fields.get(*id).is_none() {
                        refusal.headline(format!("ids[{at}]"), "Invalid contact field id");
                    }
                }
                refusal.unless_empty()?;
                for id in ids {
                    owner.contact_fields.0.remove(&id);
                    owner.contacts.forget_field(id);
                }
                Ok(Outcome::Done)
            }
        }
    }
}

fn refuse_taken(owner: &Account, name: &str, but_by: Option<u64>) -> Result<(), Refusal> {
    let mut refusal = Refusal::invalid();
    if owner.contact_fields.all().any(|field| field.name == name && Some(field.id) != but_by) {
        refusal.headline("name", "Contact field is already exists");
    }
    refusal.unless_empty()
}

fn no_field() -> Refusal {
    Refusal::because(RefusalKind::NotFound, "Contact field is not found")
}

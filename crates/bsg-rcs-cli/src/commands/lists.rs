//! `lists`: contact lists of the account.

use bsg_rcs::{ContactList, ContactListDraft};
use futures_util::TryStreamExt;
use serde::Serialize;

use crate::args::{General, Lists};
use crate::context;
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};

#[derive(Serialize)]
struct Shown {
    id: u64,
    name: Option<String>,
    contacts: Option<u64>,
    default: bool,
}

pub(super) async fn run(general: &General, asked: &Lists, output: Output) -> Result<Exit, Failure> {
    let client = context::client(general)?;
    let lists = client.contact_lists();
    let changed = match asked {
        Lists::List => lists.all().try_collect().await?,
        Lists::Create { name } => {
            let draft = ContactListDraft::new(name, None)
                .map_err(|faults| Failure::input(faults.to_string()))?;
            vec![lists.create(&draft).await?]
        }
        Lists::Delete { id } => {
            let list = lists.get(*id).await?;
            lists.delete(*id).await?;
            vec![list]
        }
        Lists::Attach(members) => {
            lists.attach(&members.contacts, &[members.list]).await?;
            vec![lists.get(members.list).await?]
        }
        Lists::Detach(members) => {
            lists.detach(&members.contacts, &[members.list]).await?;
            vec![lists.get(members.list).await?]
        }
    };
    let shown: Vec<_> = changed.into_iter().map(shown).collect();
    output.result(&shown, || {
        let row = |list: &Shown| {
            let contacts = list.contacts.map(|count| count.to_string()).unwrap_or_default();
            vec![list.id.to_string(), list.name.clone().unwrap_or_default(), contacts]
        };
        output::table(&["list", "name", "contacts"], shown.iter().map(row).collect())
    })?;
    Ok(Exit::Done)
}

fn shown(list: ContactList) -> Shown {
    Shown {
        id: list.id.get(),
        name: list.name,
        contacts: list.contacts,
        default: list.is_default.unwrap_or(false),
    }
}

//! The contact book against a model of maps and sets: after any commands both say the same and hold the same.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// Something that a test asks for. ContactBook and lists are picked among all that ever were, of both accounts, so
/// that deleted and foreign ones are asked for too.
#[derive(Debug, Clone)]
enum Ask {
    Contact(u8, Vec<u8>),
    Renumber(u8, u8),
    List(u8),
    Attach(Vec<u8>, Vec<u8>),
    Detach(Vec<u8>, Vec<u8>),
    DropContact(u8),
    DropList(u8),
    DropMany(Vec<u8>, Vec<u8>),
}

fn asks() -> impl Strategy<Value = Vec<(bool, Ask)>> {
    let some = || prop::collection::vec(0..12_u8, 1..3);
    let ask = prop_oneof![
        3 => (0..8_u8, prop::collection::vec(0..12_u8, 0..2)).prop_map(|(n, on)| Ask::Contact(n, on)),
        1 => (0..12_u8, 0..8_u8).prop_map(|(which, number)| Ask::Renumber(which, number)),
        2 => (0..4_u8).prop_map(Ask::List),
        4 => (some(), some()).prop_map(|(contacts, lists)| Ask::Attach(contacts, lists)),
        2 => (some(), some()).prop_map(|(contacts, lists)| Ask::Detach(contacts, lists)),
        1 => (0..12_u8).prop_map(Ask::DropContact),
        1 => (0..12_u8).prop_map(Ask::DropList),
        1 => (some(), some()).prop_map(|(contacts, lists)| Ask::DropMany(contacts, lists)),
    ];
    prop::collection::vec((prop::bool::weighted(0.2), ask), 0..60)
}

/// What an account has: numbers by contact; name and members by list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Model {
    contacts: BTreeMap<u64, u64>,
    lists: BTreeMap<u64, (String, BTreeSet<u64>)>,
}

impl Model {
    fn of(engine: &Engine, account: AccountIx) -> Self {
        let owner = engine.account(account);
        let contacts = owner.contacts.all().map(|c| (c.id, c.phone.as_u64()));
        let lists = owner.lists.all().map(|l| (l.id, (l.name.clone(), l.members.clone())));
        Self { contacts: contacts.collect(), lists: lists.collect() }
    }

    fn has(&self, contacts: &[u64], lists: &[u64]) -> bool {
        contacts.iter().all(|id| self.contacts.contains_key(id))
            && lists.iter().all(|id| self.lists.contains_key(id))
    }

    fn drop_contact(&mut self, id: u64) {
        self.contacts.remove(&id);
        for (_, members) in self.lists.values_mut() {
            members.remove(&id);
        }
    }
}

fn number(of: u8) -> u64 {
    380_661_231_200 + u64::from(of)
}

/// The ids of those that are picked; where nothing ever was, an id of nothing.
fn pick(of: &[u64], which: &[u8]) -> Vec<u64> {
    let one = |which: &u8| of.get(usize::from(*which) % of.len().max(1)).copied().unwrap_or(1);
    which.iter().map(one).collect()
}

/// Asks the engine and the model; says whether the model would have taken it, and what the engine answered.
fn ask(
    engine: &mut Engine,
    account: AccountIx,
    model: &mut Model,
    what: &Ask,
    ever: &mut (Vec<u64>, Vec<u64>),
) -> (bool, Answer) {
    let contact = |number: u8, lists: Option<Vec<u64>>| ContactDraft {
        phone: to(super::book_model::number(number)).number,
        fields: None,
        lists,
    };
    let contacts = |command| Command::Contacts(account, command);
    let lists = |command| Command::Lists(account, command);
    match what {
        Ask::Contact(n, on) => {
            let on = pick(&ever.1, on);
            let known = model.contacts.values().any(|held| *held == number(*n));
            let answer =
                handle(engine, contacts(ContactCommand::Make(contact(*n, Some(on.clone())))));
            if let Ok(Outcome::Contact(id)) = answer {
                ever.0.push(id);
                model.contacts.insert(id, number(*n));
                for list in &on {
                    model.lists.entry(*list).or_default().1.insert(id);
                }
                return (!known, answer);
            }
            (!known && model.has(&[], &on), answer)
        }
        Ask::Renumber(which, n) => {
            let id = pick(&ever.0, &[*which])[0];
            let free = model.contacts.iter().all(|(of, held)| *of == id || *held != number(*n));
            let takes = free && model.has(&[id], &[]);
            if takes {
                model.contacts.insert(id, number(*n));
            }
            (takes, handle(engine, contacts(ContactCommand::Change(id, contact(*n, None)))))
        }
        Ask::List(n) => {
            let name = format!("List {n}");
            let takes = model.lists.values().all(|(held, _)| *held != name);
            let answer = new_list(engine, account, &name);
            if let Ok(Outcome::List(id)) = answer {
                ever.1.push(id);
                model.lists.insert(id, (name, BTreeSet::new()));
            }
            (takes, answer)
        }
        Ask::Attach(some, on) | Ask::Detach(some, on) => {
            let members = Members { contacts: pick(&ever.0, some), lists: pick(&ever.1, on) };
            let takes = model.has(&members.contacts, &members.lists);
            let attaches = matches!(what, Ask::Attach(..));
            for list in members.lists.iter().filter(|_| takes) {
                let (_, held) = model.lists.get_mut(list).unwrap();
                for id in &members.contacts {
                    if attaches {
                        held.insert(*id)
                    } else {
                        held.remove(id)
                    };
                }
            }
            let command =
                if attaches { ListCommand::Attach(members) } else { ListCommand::Detach(members) };
            (takes, handle(engine, lists(command)))
        }
        Ask::DropContact(which) => {
            let id = pick(&ever.0, &[*which])[0];
            let takes = model.has(&[id], &[]);
            model.drop_contact(id);
            (takes, handle(engine, contacts(ContactCommand::Delete(id))))
        }
        Ask::DropList(which) => {
            let id = pick(&ever.1, &[*which])[0];
            let takes = model.lists.remove(&id).is_some();
            (takes, handle(engine, lists(ListCommand::Delete(id))))
        }
        Ask::DropMany(some, on) => {
            let (some, on) = (pick(&ever.0, some), pick(&ever.1, on));
            let takes = model.has(&some, &on);
            let of_lists = on.iter().filter_map(|id| model.lists.get(id)).flat_map(|list| &list.1);
            let doomed: Vec<u64> = some.iter().chain(of_lists).copied().collect();
            for id in doomed.into_iter().filter(|_| takes) {
                model.drop_contact(id);
            }
            let command = ContactCommand::DeleteMany { contacts: some, lists: on };
            (takes, handle(engine, contacts(command)))
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_book_is_what_the_model_says(asks in asks()) {
        let mut engine = engine_with(|world| world.accounts[1].verified = None);
        let accounts: Vec<_> = engine.accounts().map(|(ix, _)| ix).collect();
        let mut models = [Model::default(), Model::default()];
        let mut ever = (Vec::new(), Vec::new());
        for (foreign, what) in &asks {
            let which = usize::from(*foreign);
            let model = &mut models[which];
            let (takes, answer) = ask(&mut engine, accounts[which], model, what, &mut ever);
            prop_assert_eq!(takes, answer.is_ok(), "{:?}: {:?}", what, answer);
            for (model, account) in models.iter().zip(&accounts) {
                prop_assert_eq!(model, &Model::of(&engine, *account), "{:?}", what);
            }
        }
    }
}

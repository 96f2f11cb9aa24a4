//! ContactBook and contact lists: what is refused in which words, and what a change leaves as it is.

use super::*;

const UA: u64 = 380_661_231_211;

fn contacts(engine: &mut Engine, command: ContactCommand) -> Answer {
    let account = live(engine);
    handle(engine, Command::Contacts(account, command))
}

fn lists(engine: &mut Engine, command: ListCommand) -> Answer {
    let account = live(engine);
    handle(engine, Command::Lists(account, command))
}

fn draft(number: u64, fields: &[(u64, &str)], lists: &[u64]) -> ContactDraft {
    let fields = fields.iter().map(|(id, value)| (*id, (*value).to_owned())).collect();
    ContactDraft { phone: to(number).number, fields: Some(fields), lists: Some(lists.to_vec()) }
}

#[track_caller]
fn refused_with(answer: Answer, place: &str, sentence: &str) {
    assert_eq!(answer.as_ref().unwrap_err().message, sentence);
    refused_at(answer, &[place]);
}

#[test]
fn a_number_is_in_the_book_once_and_a_name_on_one_list() {
    let mut engine = engine();
    let account = live(&engine);
    let one = id_of(new_contact(&mut engine, account, UA));
    let other = id_of(new_contact(&mut engine, account, UA + 1));
    let known = "Phone number is already exist in contact book";
    refused_with(new_contact(&mut engine, account, UA), "phone", known);
    let change = ContactCommand::Change(other, draft(UA, &[], &[]));
    refused_with(contacts(&mut engine, change), "phone", known);
    contacts(&mut engine, ContactCommand::Change(one, draft(UA, &[], &[]))).unwrap();
    contacts(&mut engine, ContactCommand::Change(one, draft(UA + 2, &[], &[]))).unwrap();
    new_contact(&mut engine, account, UA).unwrap();

    let regulars = id_of(new_list(&mut engine, account, "Regulars"));
    let taken = "Contact group is already exists";
    refused_with(new_list(&mut engine, account, "Regulars"), "name", taken);
    let guests = id_of(new_list(&mut engine, account, "Guests"));
    let named = |name: &str| ListDraft { name: name.into(), description: None, default: None };
    let change = ListCommand::Change(guests, named("Regulars"));
    refused_with(lists(&mut engine, change), "name", taken);
    lists(&mut engine, ListCommand::Change(regulars, named("Regulars"))).unwrap();
    let elsewhere = engine.account_with_key("test_sandbox").unwrap();
    new_list(&mut engine, elsewhere, "Regulars").unwrap();
}

#[test]
fn what_is_not_there_is_not_found_or_invalid() {
    let mut engine = engine();
    let account = live(&engine);
    let contact = id_of(new_contact(&mut engine, account, UA));
    let list = id_of(new_list(&mut engine, account, "Regulars"));
    let named = ListDraft { name: "Guests".into(), description: None, default: None };
    let missing = [
        Command::Contacts(account, ContactCommand::Change(list, draft(UA, &[], &[]))),
        Command::Contacts(account, ContactCommand::Delete(list)),
        Command::Lists(account, ListCommand::Change(contact, named)),
        Command::Lists(account, ListCommand::Delete(contact)),
    ];
    for command in missing {
        let refusal = handle(&mut engine, command.clone()).unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::NotFound, "{command:?}");
    }
    let members = |contacts: &[u64], lists: &[u64]| Members {
        contacts: contacts.to_vec(),
        lists: lists.to_vec(),
    };
    for (command, place, sentence) in [
        (ListCommand::Attach(members(&[contact, 1], &[list])), "contacts[1]", "Invalid contact id"),
        (ListCommand::Attach(members(&[contact], &[1])), "groups[0]", "Contact group is not found"),
        (ListCommand::Detach(members(&[1], &[list])), "contacts[0]", "Invalid contact id"),
    ] {
        refused_with(lists(&mut engine, command), place, sentence);
    }
    let many = |contacts: &[u64], lists: &[u64]| ContactCommand::DeleteMany {
        contacts: contacts.to_vec(),
        lists: lists.to_vec(),
    };
    refused_at(contacts(&mut engine, many(&[], &[])), &["contact_ids[]"]);
    refused_at(contacts(&mut engine, many(&[contact, list], &[])), &["contact_ids[]"]);
    refused_at(contacts(&mut engine, many(&[contact], &[contact])), &["group_ids[0]"]);
    let on_no_list = ContactCommand::Make(draft(UA + 1, &[], &[contact]));
    refused_at(contacts(&mut engine, on_no_list), &["groups[0]"]);
    assert_eq!(engine.account(account).contacts.all().count(), 1);
}

#[test]
fn what_a_change_does_not_name_stays() {
    let mut engine = engine();
    let account = live(&engine);
    let list = id_of(new_list(&mut engine, account, "Regulars"));
    let made = ContactCommand::Make(draft(UA, &[(1, "Ann"), (2, "Kyiv")], &[list]));
    let id = id_of(contacts(&mut engine, made));
    let silent = ContactDraft { phone: to(UA + 1).number, fields: None, lists: None };
    contacts(&mut engine, ContactCommand::Change(id, silent)).unwrap();
    let seen = |engine: &Engine| {
        let owner = engine.account(account);
        let contact = owner.contacts.get(id).unwrap();
        assert_eq!(owner.contacts.of(to(UA).number), None, "the old number is free");
        (contact.fields.len(), owner.lists.of(id).collect::<Vec<_>>())
    };
    assert_eq!(seen(&engine), (2, vec![list]));
    contacts(&mut engine, ContactCommand::Change(id, draft(UA + 1, &[(2, "Lviv")], &[]))).unwrap();
    assert_eq!(seen(&engine), (1, vec![]));

    let described = |description: Option<&str>| ListDraft {
        name: "Regulars".into(),
        description: description.map(str::to_owned),
        default: None,
    };
    for (change, description) in [(Some("often here"), "often here"), (None, "often here")] {
        lists(&mut engine, ListCommand::Change(list, described(change))).unwrap();
        let owner = engine.account(account);
        assert_eq!(owner.lists.get(list).unwrap().description.as_deref(), Some(description));
    }
}

#[test]
fn in_test_mode_contacts_are_verified() {
    let mut engine = engine();
    let account = engine.account_with_key("test_sandbox").unwrap();
    refused_at(new_contact(&mut engine, account, UA), &["phone"]);
    let id = id_of(new_contact(&mut engine, account, 380_661_231_231));
    let change = ContactCommand::Change(id, draft(UA, &[], &[]));
    refused_at(handle(&mut engine, Command::Contacts(account, change)), &["phone"]);
}

#[test]
fn searches_compare() {
    use FieldValue::{Number, Text, Time};
    let at = Time(start());
    for (operator, held, value, finds) in [
        ("like", Number(380_661_231_211), "1231", true),
        ("=", Number(600_001), "600001", true),
        ("=", Number(600_001), "60000", false),
        (">", Number(9), "10", false),
        (">=", Number(10), "10", true),
        ("<", Number(9), "10", true),
        ("<=", Number(10), "nine", false),
        ("like", Text("Regulars"), "REG", true),
        ("=", Text("Regulars"), "regulars", false),
        (">", Text("b"), "a", true),
        ("=", at, "2026-01-05", true),
        ("=", at, "2026-01-05 09:00:00", true),
        ("=", at, "2026-01-05T09:00:01", false),
        ("<=", at, "2026-01-05", true),
        (">", at, "2026-01-05", false),
        (">", at, "2026-01-05 08:59:59", true),
        ("like", at, "09:00", true),
    ] {
        let compare = Operator::from_word(operator).unwrap();
        assert_eq!(compare.finds(held, value), finds, "{held:?} {operator} {value}");
        assert_eq!(compare.as_str(), operator);
    }
    assert_eq!(Operator::from_word("<>"), None);
}

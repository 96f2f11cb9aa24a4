//! Campaigns to contact lists: who is sent to, and what is refused.

use super::*;

const UA: u64 = 380_661_231_200;

fn send(engine: &mut Engine, account: AccountIx, lists: &[u64], options: SendOptions) -> Answer {
    let fingerprint = u64::try_from(engine.messages.len()).unwrap();
    let (lists, options) = (lists.to_vec(), Box::new(options));
    let start_at = None;
    handle(engine, Command::SendToLists { account, fingerprint, lists, options, start_at })
}

/// A list with contacts of these numbers, new or known.
fn list_of(engine: &mut Engine, account: AccountIx, name: &str, numbers: &[u64]) -> u64 {
    let list = id_of(new_list(engine, account, name));
    let contacts = numbers.iter().map(|number| {
        let known = engine.account(account).contacts.of(to(*number).number).map(|c| c.id);
        known.unwrap_or_else(|| id_of(new_contact(engine, account, *number)))
    });
    let members = Members { contacts: contacts.collect(), lists: vec![list] };
    handle(engine, Command::Lists(account, ListCommand::Attach(members))).unwrap();
    list
}

#[test]
fn everybody_on_one_of_the_lists_is_sent_to_once_without_a_reference() {
    let mut engine = engine();
    let account = live(&engine);
    let one = list_of(&mut engine, account, "One", &[UA + 1, UA + 2]);
    let other = list_of(&mut engine, account, "Other", &[UA + 2, UA + 3]);
    list_of(&mut engine, account, "Neither", &[UA + 4]);
    let answer = send(&mut engine, account, &[one, other, one], text("demo_agent"));
    let campaign = campaign_of(answer);
    let messages: Vec<_> = engine.campaign_at(campaign).messages().collect();
    let numbers: Vec<_> = messages.iter().map(|ix| engine.at(*ix).phone.as_u64()).collect();
    assert_eq!(numbers, [UA + 1, UA + 2, UA + 3]);
    assert!(messages.iter().all(|ix| engine.at(*ix).reference.is_none()));
    pass(&mut engine, ENOUGH);
    assert_eq!(engine.campaign_at(campaign).charged, amount("0.03"));
}

#[test]
fn unknown_empty_and_too_large_lists_are_refused() {
    let mut engine = engine();
    let account = live(&engine);
    let full = list_of(&mut engine, account, "Full", &[UA]);
    let empty = id_of(new_list(&mut engine, account, "Empty"));
    let refusal = send(&mut engine, account, &[full, 1], text("demo_agent"));
    assert_eq!(refusal.as_ref().unwrap_err().message, "Contact group is not found");
    refused_at(refusal, &["groups[1]"]);
    refused_at(send(&mut engine, account, &[empty], text("demo_agent")), &["groups"]);
    let elsewhere = engine.account_with_key("test_sandbox").unwrap();
    refused_at(send(&mut engine, elsewhere, &[full], text("bsg_test_agent")), &["groups[0]"]);

    let mut options = text("demo_agent");
    options.add_to_contact_book = true;
    for batch in 0..2 {
        let to = (0..2500).map(|at| to(UA + 10_000 * (batch + 1) + at)).collect();
        send_campaign(&mut engine, to, options.clone()).unwrap();
    }
    let all: Vec<_> =
        engine.account(account).contacts.all().map(|contact| contact.phone.as_u64()).collect();
    let most = list_of(&mut engine, account, "Most", &all[..all.len() - 1]);
    let rest = list_of(&mut engine, account, "Rest", &all[all.len() - 1..]);
    refused_at(send(&mut engine, account, &[most, rest], text("demo_agent")), &["groups"]);
    let campaign = campaign_of(send(&mut engine, account, &[most], text("demo_agent")));
    assert_eq!(engine.campaign_at(campaign).count, 5000);
}

#[test]
fn the_guard_and_the_rules_of_sends_hold_for_lists_too() {
    let mut engine = engine();
    let account = live(&engine);
    let list = list_of(&mut engine, account, "One", &[UA]);
    refused_at(send(&mut engine, account, &[list], text("pending_agent")), &["sender"]);
    let (lists, options) = (vec![list], Box::new(text("demo_agent")));
    let (fingerprint, start_at) = (5, None);
    let command = Command::SendToLists { account, fingerprint, lists, options, start_at };
    handle(&mut engine, command.clone()).unwrap();
    assert_eq!(handle(&mut engine, command).unwrap_err().kind, RefusalKind::Duplicate);
}

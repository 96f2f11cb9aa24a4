//! What testers rely on: moderation, test mode, funds and fates that are set, ids that never come again.

use super::*;

#[test]
fn messages_of_a_campaign_are_in_moderation_until_it_passes() {
    let mut engine = engine();
    let campaign =
        campaign_of(send_campaign(&mut engine, vec![to(380_661_231_211)], text("demo_agent")));
    let ix = engine.campaign_at(campaign).first;
    assert_eq!(engine.at(ix).status(), MessageStatus::Moderation);
    assert_eq!(engine.campaign_at(campaign).counts.of_status(MessageStatus::Moderation), 1);
    pass(&mut engine, ENOUGH);
    assert_eq!(way(&engine, ix), "moderation accepted sending sent delivered");
}

#[test]
fn in_test_mode_only_the_test_agent_sends() {
    let key: std::sync::Arc<str> = "test_sandbox".into();
    let mut engine = engine_with(|world| {
        let mine = world.agents[0].clone();
        world.agents.push(Agent { name: "own".into(), owner: Owner::Account(key), ..mine });
    });
    let account = engine.account_with_key("test_sandbox").unwrap();
    let mut send = |agent: &str, fingerprint| {
        let (to, options) = (to(380_661_231_231), Box::new(text(agent)));
        handle(&mut engine, Command::SendOne { account, fingerprint, to, options })
    };
    refused_at(send("own", 1), &["sender"]);
    assert!(send("bsg_test_agent", 2).is_ok());
}

#[test]
fn funds_that_are_set_are_what_can_be_spent() {
    let mut engine = engine();
    let account = live(&engine);
    message_of(send_one(&mut engine, to(380_661_231_211), text("demo_agent")));
    let set = |balance, credit: Option<&str>| Command::SetFunds {
        account,
        balance: amount(balance),
        credit: credit.map(amount),
    };
    handle(&mut engine, set("0.0150000", Some("0.0100000"))).unwrap();
    let ledger = &engine.account(account).ledger;
    assert_eq!((ledger.reserved(), ledger.available()), (amount("0.01"), amount("0.015")));
    let line = engine.ledger().last().unwrap();
    assert_eq!((line.movement, line.amount.to_string().as_str()), (Movement::Set, "-999.9850000"));
    message_of(send_one(&mut engine, to(380_661_231_212), text("demo_agent")));
    assert!(send_one(&mut engine, to(380_661_231_213), text("demo_agent")).is_err());
    handle(&mut engine, set("1", None)).unwrap();
    assert_eq!(engine.account(account).ledger.credit(), amount("0.01"));
    assert!(handle(&mut engine, set("999999999999999999999999", None)).is_err());
}

#[test]
fn fates_that_are_set_are_those_of_later_messages() {
    let mut engine = engine();
    let first = message_of(send_one(&mut engine, to(380_661_231_211), text("demo_agent")));
    let rule = FateRule { pattern: Pattern::parse("*1?").unwrap(), fate: Fate::Failed };
    handle(&mut engine, Command::SetFates(Fates { rules: vec![rule], builtin: true })).unwrap();
    let later = message_of(send_one(&mut engine, to(380_661_231_212), text("demo_agent")));
    pass(&mut engine, ENOUGH);
    assert_eq!(engine.at(first).status(), MessageStatus::Delivered);
    assert_eq!(engine.at(later).status(), MessageStatus::Failed);
}

#[test]
fn begun_anew_no_id_comes_twice() {
    let mut engine = engine();
    let account = live(&engine);
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let message = message_of(send_one(&mut engine, to(380_661_231_211), text("demo_agent")));
        let campaign =
            campaign_of(send_campaign(&mut engine, vec![to(380_661_231_212)], text("demo_agent")));
        let contact = id_of(new_contact(&mut engine, account, 380_661_231_213));
        pass(&mut engine, ENOUGH);
        assert!(ids.insert(message.id()) && ids.insert(campaign.id()) && ids.insert(contact));
        assert_eq!(engine.find(&Filter::default()).len(), 2);
        let before = engine.ledger().len();
        engine = engine.begin_anew(engine.world().clone(), start());
        assert_eq!((engine.now(), engine.find(&Filter::default()).len()), (start(), 0));
        assert!(before > 0 && engine.ledger().is_empty());
        assert_eq!(engine.message(message.id()), None);
        assert_eq!(engine.campaign(campaign.id()), None);
    }
}

#[test]
fn a_button_can_be_clicked_a_hundred_times() {
    let mut engine = engine();
    let ix =
        message_of(send_one(&mut engine, to(380_661_231_211), with_buttons(text("demo_agent"))));
    pass(&mut engine, ENOUGH);
    for _ in 0..100 {
        let click = Command::Click { message: ix.id(), card: 0, suggestion: 0 };
        handle(&mut engine, click).unwrap();
    }
    assert_eq!(engine.at(ix).callbacks.len(), 102);
}

#[test]
fn a_call_resumes_only_an_own_paused_campaign() {
    let mut engine = engine();
    let account = live(&engine);
    let other = engine.account_with_key("test_sandbox").unwrap();
    handle(&mut engine, Command::SetFunds { account, balance: amount("0"), credit: None }).unwrap();
    let ix = campaign_of(send_campaign(&mut engine, vec![to(380_661_231_211)], text("demo_agent")));
    let renew = |account| Command::Renew { account, campaign: ix.id() };
    assert_eq!(handle(&mut engine, renew(account)).unwrap_err().message, "Invalid campaign status");
    pass(&mut engine, ENOUGH);
    assert_eq!(engine.campaign_at(ix).status, CampaignStatus::Paused);
    assert_eq!(handle(&mut engine, renew(other)).unwrap_err().kind, RefusalKind::NotFound);
    handle(&mut engine, Command::TopUp(account, amount("1"))).unwrap();
    handle(&mut engine, renew(account)).unwrap();
    pass(&mut engine, ENOUGH);
    assert_eq!(engine.campaign_at(ix).status, CampaignStatus::Done);
}

#[test]
fn one_list_at_most_is_the_default_one() {
    let mut engine = engine();
    let account = live(&engine);
    let draft = |name: &str, default| ListDraft { name: name.into(), description: None, default };
    let mut make = |name, default| {
        let command = ListCommand::Make(draft(name, default));
        id_of(handle(&mut engine, Command::Lists(account, command)))
    };
    let (one, other) = (make("one", Some(true)), make("other", Some(true)));
    let defaults = |engine: &Engine| -> Vec<u64> {
        let all = engine.account(account).lists.all();
        all.filter(|list| list.default).map(|list| list.id).collect()
    };
    assert_eq!(defaults(&engine), [other]);
    for (id, default, expected) in
        [(one, None, vec![other]), (one, Some(false), vec![other]), (other, Some(false), vec![])]
    {
        let command = ListCommand::Change(id, draft(&id.to_string(), default));
        handle(&mut engine, Command::Lists(account, command)).unwrap();
        assert_eq!(defaults(&engine), expected);
    }
}

#[test]
fn a_field_that_is_deleted_takes_its_values_along() {
    let mut engine = engine();
    let account = live(&engine);
    let make = |name: &str| ContactFieldCommand::Make {
        name: name.into(),
        kind: ContactFieldKind::Text,
        description: None,
        visible: true,
    };
    let mut perform = |command| handle(&mut engine, Command::ContactFields(account, command));
    let Ok(Outcome::ContactField(id)) = perform(make("Birthday")) else { panic!("no field") };
    refused_at(perform(make("Birthday")), &["name"]);
    refused_at(perform(ContactFieldCommand::Delete(vec![id, 1])), &["ids[1]"]);
    let draft = ContactDraft {
        phone: to(380_661_231_211).number,
        fields: Some([(id, "x".to_owned()), (7, "y".to_owned())].into()),
        lists: None,
    };
    let contact =
        id_of(handle(&mut engine, Command::Contacts(account, ContactCommand::Make(draft))));
    handle(&mut engine, Command::ContactFields(account, ContactFieldCommand::Delete(vec![id])))
        .unwrap();
    let left = &engine.account(account).contacts.get(contact).unwrap().fields;
    assert_eq!(left.keys().collect::<Vec<_>>(), [&7]);
}

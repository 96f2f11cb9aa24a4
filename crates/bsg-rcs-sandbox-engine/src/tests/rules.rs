//! What is refused, and at which place.

use super::*;

const UA: u64 = 380_661_231_200;

#[test]
fn agents() {
    let mut engine = engine();
    for agent in ["nobody", "pending_agent", "bsg_test_agent"] {
        refused_at(send_one(&mut engine, to(UA), text(agent)), &["sender"]);
    }
    send_one(&mut engine, to(UA), text("demo_agent")).unwrap();
}

#[test]
fn in_test_mode_only_the_test_agent_to_verified_contacts() {
    let mut engine = engine();
    let account = engine.account_with_key("test_sandbox").unwrap();
    let mut send = |fingerprint, number, agent: &str| {
        let (now, options) = (engine.now(), Box::new(text(agent)));
        let to = to(number);
        engine.handle(Command::SendOne { account, fingerprint, to, options }, now)
    };
    refused_at(send(1, 380_661_231_231, "demo_agent"), &["sender"]);
    refused_at(send(2, 380_661_231_232, "bsg_test_agent"), &["phone.number"]);
    send(3, 380_661_231_231, "bsg_test_agent").unwrap();
}

#[test]
fn recipients_are_unique_and_at_most_5000() {
    let mut engine = engine();
    let twice = vec![to(UA), to(UA + 1), to(UA)];
    refused_at(send_campaign(&mut engine, twice, text("demo_agent")), &["phones[2].number"]);
    let many = (0..5001).map(|at| to(UA + at)).collect();
    refused_at(send_campaign(&mut engine, many, text("demo_agent")), &["phones"]);
    assert!(engine.messages.is_empty() && engine.campaigns.is_empty());
}

#[test]
fn a_known_reference_refuses_the_request_or_the_message_or_nothing() {
    for (world, expected) in [
        (KnownReference::RefuseRequest, None),
        (KnownReference::RejectMessage, Some(1)),
        (KnownReference::SendAgain, Some(2)),
    ] {
        let mut engine = engine_with(|it| it.assumptions.known_reference = world);
        send_one(&mut engine, with_reference(UA, "a1"), text("demo_agent")).unwrap();
        let numbers = vec![with_reference(UA + 1, "b2"), with_reference(UA + 2, "a1")];
        let answer = send_campaign(&mut engine, numbers, text("demo_agent"));
        match expected {
            None => refused_at(answer, &["phones[1].reference_id"]),
            Some(count) => {
                assert_eq!(engine.campaign_at(campaign_of(answer)).count, count);
                let reference = ReferenceId::parse("a1").ok();
                let found = engine.find(&Filter { reference, ..Filter::default() });
                assert_eq!(found.len(), usize::try_from(count).unwrap());
            }
        }
    }
    let mut engine = engine();
    let numbers = vec![with_reference(UA, "a1"), with_reference(UA + 1, "a1")];
    let answer = send_campaign(&mut engine, numbers, text("demo_agent"));
    refused_at(answer, &["phones[1].reference_id"]);
}

#[test]
fn the_guard_remembers_what_was_accepted_for_ten_seconds() {
    let mut engine = engine();
    let account = live(&engine);
    let mut send = |agent: &str, wait: u64| {
        let now = engine.now().plus(Duration::from_millis(wait));
        let options = Box::new(text(agent));
        let command = Command::SendOne { account, fingerprint: 5, to: to(UA), options };
        engine.handle(command, now).map_err(|refusal| refusal.kind)
    };
    assert_eq!(send("nobody", 0), Err(RefusalKind::Invalid));
    assert!(send("demo_agent", 0).is_ok(), "a refused request is not remembered");
    assert_eq!(send("demo_agent", 9_999), Err(RefusalKind::Duplicate));
    assert!(send("demo_agent", 1).is_ok());
    assert_eq!(send("demo_agent", 0), Err(RefusalKind::Duplicate));

    let mut engine = engine_with(|world| world.assumptions.duplicate_window = Duration::ZERO);
    for _ in 0..2 {
        let (account, now, options) = (live(&engine), engine.now(), Box::new(text("demo_agent")));
        let command = Command::SendOne { account, fingerprint: 5, to: to(UA), options };
        engine.handle(command, now).unwrap();
    }
}

#[test]
fn contents_that_a_schema_cannot_judge() {
    let mut engine = engine();
    let mut long = text("demo_agent");
    long.content = Content::Text("🎉".repeat(81));
    refused_at(send_one(&mut engine, to(UA), long), &["options.text"]);
    let mut many_parts = with_sms(text("demo_agent"));
    many_parts.sms.as_mut().unwrap().text = "ї".repeat(336);
    refused_at(send_one(&mut engine, to(UA), many_parts), &["alternative_channel.sms.text"]);
    let mut call = with_buttons(text("demo_agent"));
    if let Content::Cards(cards) = &mut call.content {
        cards[0].suggestions[0].action = Action::Call("491701234567".into());
    }
    let place = "options.cards[0].suggestions[0].phone";
    refused_at(send_one(&mut engine, to(UA), call.clone()), &[place]);
    send_one(&mut engine, to(491_701_234_567), call).unwrap();
}

#[test]
fn a_tariff_is_there_and_active() {
    let mut engine = engine();
    for (code, sentence) in
        [(1, Some("Tariff was not found")), (4, Some("Tariff is not active")), (9, None)]
    {
        let mut options = text("demo_agent");
        options.tariff_code = Some(code);
        let answer = send_one(&mut engine, to(UA), options);
        assert_eq!(answer.err().map(|refusal| refusal.message).as_deref(), sentence, "{code}");
    }
}

#[test]
fn what_is_sent_to_is_kept_as_a_contact_if_asked_for() {
    let mut engine = engine();
    let mut options = text("demo_agent");
    send_one(&mut engine, to(UA), options.clone()).unwrap();
    assert_eq!(engine.account(live(&engine)).contacts.all().count(), 0);
    options.add_to_contact_book = true;
    send_one(&mut engine, to(UA), options.clone()).unwrap();
    send_campaign(&mut engine, vec![to(UA), to(UA + 1)], options.clone()).unwrap();
    options.agent = "nobody".into();
    send_one(&mut engine, to(UA + 2), options).unwrap_err();
    let contacts = engine.account(live(&engine)).contacts.all();
    let numbers: Vec<_> = contacts.map(|contact| contact.phone.as_u64()).collect();
    assert_eq!(numbers, [UA, UA + 1], "each once, and none of a refused request");
}

#[test]
fn a_start_is_not_past_and_within_thirty_days() {
    for (text_at, allowed) in [
        ("2026-01-05 08:59:59", false),
        ("2026-01-05 09:00:00", true),
        ("2026-02-03 23:59:59", true),
        ("2026-02-04 00:00:00", false),
    ] {
        let mut engine = engine();
        let (account, now, options) = (live(&engine), engine.now(), Box::new(text("demo_agent")));
        let start_at = CivilDateTime::parse(text_at).ok();
        let command =
            Command::SendCampaign { account, fingerprint: 1, to: vec![to(UA)], options, start_at };
        assert_eq!(engine.handle(command, now).is_ok(), allowed, "{text_at}");
    }
}

#[test]
fn a_lag_hides_new_messages_from_their_owner_for_a_while() {
    let lag = Duration::from_secs(5);
    let mut engine = engine_with(|world| world.assumptions.lookup_lag = lag);
    send_one(&mut engine, with_reference(UA, "a1"), text("demo_agent")).unwrap();
    let reference = ReferenceId::parse("a1").ok();
    let filter = Filter { account: Some(live(&engine)), reference, ..Filter::default() };
    assert!(engine.find(&filter).is_empty());
    pass(&mut engine, lag);
    assert_eq!(engine.find(&filter).len(), 1);
}

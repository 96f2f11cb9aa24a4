//! Commands as they are kept: every one comes back as it was.

use super::*;

fn options(content: Content, sms: Option<Sms>) -> Box<SendOptions> {
    Box::new(SendOptions {
        agent: "agent".into(),
        content,
        sms,
        validity: Duration::from_secs(31),
        tariff_code: Some(9),
        callback_url: Some("http://127.0.0.1:9/".into()),
        check_stop_list: false,
        add_to_contact_book: false,
    })
}

fn cards() -> Content {
    let button = |action| Suggestion { text: "Go".into(), action, postback: Some("go".into()) };
    let link = button(Action::Link("https://example.com/".into()));
    let call = button(Action::Call("380661231231".into()));
    let card = Card {
        title: Some("Title".into()),
        text: Some("\"Text\"\n".into()),
        media: Some("https://example.com/a.png".into()),
        suggestions: vec![link, call],
    };
    Content::Cards(vec![card, Card { text: Some("plain".into()), ..Card::default() }])
}

fn to_one(reference: Option<&str>) -> Addressee {
    let reference = reference.map(|text| ReferenceId::parse(text).unwrap());
    Addressee { number: Msisdn::from_u64(380_661_231_231).unwrap(), reference }
}

/// Every command that changes something, with nothing in it that is as it would be without it.
fn commands() -> Vec<Command> {
    let account = AccountIx::of_id(2).unwrap();
    let sms = Sms {
        sender: "Bistro".into(),
        text: "Hi".into(),
        validity: Duration::from_secs(77),
        check_stop_list: false,
    };
    let start_at = Some(CivilDateTime::parse("2026-01-05 09:00:01").unwrap());
    let phone = to_one(None).number;
    let contact =
        || ContactDraft { phone, fields: Some([(7, "x".to_owned())].into()), lists: Some(vec![5]) };
    let list = || ListDraft {
        name: "list".into(),
        description: Some("what for".into()),
        default: Some(true),
    };
    let members = || Members { contacts: vec![1, 2], lists: vec![3] };
    let channels =
        || [AnyChannel::Rcs, AnyChannel::Sms, AnyChannel::Viber, AnyChannel::Whatsapp].into();
    let plain = || Content::Text("Hello".into());
    vec![
        Command::SendOne {
            account,
            fingerprint: u64::MAX,
            to: to_one(Some("r1")),
            options: options(plain(), Some(sms)),
        },
        Command::SendCampaign {
            account,
            fingerprint: 1,
            to: vec![to_one(None), to_one(Some("r2"))],
            options: options(cards(), None),
            start_at,
        },
        Command::SendToLists {
            account,
            fingerprint: 2,
            lists: vec![8, 9],
            options: options(plain(), None),
            start_at: None,
        },
        Command::StopList(
            account,
            StopListCommand::Attach { phones: vec![phone], channels: channels() },
        ),
        Command::StopList(account, StopListCommand::Detach { ids: vec![4], channels: channels() }),
        Command::Contacts(account, ContactCommand::Make(contact())),
        Command::Contacts(account, ContactCommand::Change(6, contact())),
        Command::Contacts(account, ContactCommand::Delete(6)),
        Command::Contacts(
            account,
            ContactCommand::DeleteMany { contacts: vec![1], lists: vec![2] },
        ),
        Command::Lists(account, ListCommand::Make(list())),
        Command::Lists(account, ListCommand::Change(6, list())),
        Command::Lists(account, ListCommand::Delete(6)),
        Command::Lists(account, ListCommand::Attach(members())),
        Command::Lists(account, ListCommand::Detach(members())),
        Command::Stop { account, campaign: 7 },
        Command::Renew { account, campaign: 7 },
        Command::ContactFields(
            account,
            ContactFieldCommand::Make {
                name: "Birthday".into(),
                kind: ContactFieldKind::Date,
                description: Some("When".into()),
                visible: false,
            },
        ),
        Command::ContactFields(
            account,
            ContactFieldCommand::Change {
                id: 1,
                name: Some("x".into()),
                description: Some("y".into()),
                visible: Some(true),
            },
        ),
        Command::ContactFields(account, ContactFieldCommand::Delete(vec![1])),
        Command::StatJobs(account, StatJobCommand::Make(vec![1, 2])),
        Command::StatJobs(account, StatJobCommand::Delete(3)),
        Command::SetFunds {
            account,
            balance: Amount::from_ten_millionths(1),
            credit: Some(Amount::from_ten_millionths(2)),
        },
        Command::SetFates(Fates {
            rules: vec![FateRule { pattern: Pattern::parse("*7?").unwrap(), fate: Fate::NoRcs }],
            builtin: false,
        }),
        Command::Pause(7),
        Command::Resume(7),
        Command::TopUp(account, Amount::from_ten_millionths(1)),
        Command::SetCallbackUrl(account, Some("http://127.0.0.1:9/".into())),
        Command::SetCallbackUrl(account, None),
        Command::Click { message: 1, card: 2, suggestion: 3 },
    ]
}

#[test]
fn every_command_comes_back_as_it_was() {
    for command in commands() {
        let line = serde_json::to_string(&command).unwrap();
        let back: Command = serde_json::from_str(&line).unwrap();
        assert_eq!(format!("{back:?}"), format!("{command:?}"), "{line}");
    }
}

#[test]
fn what_no_command_says_is_refused() {
    for line in [
        r#"{"resume":"x"}"#,
        r#"{"resume":1,"pause":2}"#,
        r#"{"top_up":[1,"1.00000001"]}"#,
        r#"{"stop":{"account":1,"campaign":7,"why":1}}"#,
        r#"{"dry_run":[1,{}]}"#,
        r#"{"stop_list":[1,{"attach":{"phones":[1],"channels":["rcs"]}}]}"#,
    ] {
        assert!(serde_json::from_str::<Command>(line).is_err(), "{line}");
    }
}

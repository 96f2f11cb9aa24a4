//! Every rule of the catalogue has a case that triggers it; a rule without one fails here.

use bsg_rcs_domain::eligibility::{AccountFacts, AgentFacts, RecipientFacts, Sending};
use bsg_rcs_domain::message::{CallbackUrl, CardDraft, Media, SmsDraft, StartAt, SuggestionDraft};
use bsg_rcs_domain::msisdn::NotANumber;
use bsg_rcs_domain::recipients::{Intake, Refusal, Verdict};
use bsg_rcs_domain::{
    Addressee, Amount, Batch, BatchCap, CivilDateTime, ContactListDraft, Country, Faults,
    MessageDraft, Msisdn, ReferenceId, rules,
};

fn number(digits: u64) -> Msisdn {
    Msisdn::from_u64(digits).unwrap()
}

/// The ids of the rules that a draft breaks.
fn of_draft(change: impl FnOnce(&mut MessageDraft)) -> Vec<&'static str> {
    let mut draft =
        MessageDraft { agent: "a".into(), text: Some("a".into()), ..MessageDraft::default() };
    change(&mut draft);
    let faults = draft.check().map_or_else(|faults| faults, |checked| Faults(checked.warnings));
    faults.iter().map(|fault| fault.rule.id).collect()
}

fn of_cards(count: usize, change: impl FnOnce(&mut CardDraft)) -> Vec<&'static str> {
    let mut card = CardDraft { text: Some("a".into()), ..CardDraft::default() };
    change(&mut card);
    of_draft(|draft| (draft.text, draft.cards) = (None, vec![card; count]))
}

fn of_buttons(count: usize, change: impl FnOnce(&mut SuggestionDraft)) -> Vec<&'static str> {
    let url = Some("https://example.com".into());
    let mut button = SuggestionDraft { text: "a".into(), url, ..SuggestionDraft::default() };
    change(&mut button);
    of_cards(1, |card| card.suggestions = vec![button; count])
}

fn of_sms(sender: &str, text: &str) -> Vec<&'static str> {
    let sms = SmsDraft { sender: sender.into(), text: text.into(), ..SmsDraft::default() };
    of_draft(|draft| draft.sms = Some(sms))
}

fn of_list(name: &str, description: Option<&str>) -> Vec<&'static str> {
    let faults = ContactListDraft::new(name, description).err().unwrap_or_default();
    faults.iter().map(|fault| fault.rule.id).collect()
}

fn of_number(written: &str) -> Vec<&'static str> {
    Msisdn::normalise(written).err().map(|why| why.rule().id).into_iter().collect()
}

fn of_sending(change: impl FnOnce(&mut Sending<'_>)) -> Vec<&'static str> {
    let mut sending = Sending::to(number(380_661_231_231));
    change(&mut sending);
    sending.faults().iter().map(|fault| fault.rule.id).collect()
}

fn of_batch(numbers: &[u64]) -> Vec<&'static str> {
    let reference = ReferenceId::parse("a").unwrap();
    let addressees =
        numbers.iter().map(|digits| Addressee { number: number(*digits), reference }).collect();
    let refusal = Batch::new(addressees, BatchCap::PLATFORM).unwrap_err().to_string();
    rules::ALL.iter().map(|rule| rule.id).filter(|id| refusal.contains(id)).collect()
}

fn of_start(text: &str) -> Vec<&'static str> {
    let now = CivilDateTime::parse("2026-08-01 12:00:00").unwrap();
    StartAt::parse(text, now).err().map(|why| why.rule().id).into_iter().collect()
}

/// What triggers each rule.
fn triggers() -> Vec<(&'static str, Vec<&'static str>)> {
    let long = |count: usize| "x".repeat(count);
    let label = Intake::default().take("380661231231", Some(&long(65)));
    let Verdict::Refused(label) = label else { panic!("{label:?}") };
    let reference = ReferenceId::parse("a-b").unwrap_err().to_string();
    let doubtful = number(380_661_231).plausibility().at("phone").unwrap();
    let landline = number(442_079_460_018).plausibility().at("phone").unwrap();
    let ambiguous = Msisdn::normalise_in("15205551234", Country::parse("DE").ok()).unwrap_err();
    let callback = CallbackUrl::parse(&format!("https://{}", long(93))).unwrap_err();
    let size = |media: Media| vec![media.check_size(1 << 40, "media").unwrap_err().rule.id];
    vec![
        ("NUM-EMPTY", of_number("")),
        ("NUM-CHAR", of_number("x")),
        ("NUM-LEN", of_number("12345678")),
        ("NUM-NATIONAL", of_number("0661231231")),
        ("NUM-AMBIGUOUS", vec![ambiguous.rule().id]),
        ("NUM-PLAUSIBLE", vec![doubtful.rule.id]),
        ("NUM-LANDLINE", vec![landline.rule.id]),
        ("RCPT-ENCODING", vec![Refusal::Encoding.rule().id]),
        ("RCPT-COUNTRY", vec![Refusal::Country.rule().id]),
        ("RCPT-LABEL", vec![label.rule().id]),
        ("REF-FORM", if reference.contains("REF-FORM") { vec!["REF-FORM"] } else { vec![] }),
        ("BATCH-SIZE", of_batch(&[])),
        ("BATCH-UNIQUE", of_batch(&[380_661_231_231, 380_661_231_231])),
        ("AGENT-LEN", of_draft(|draft| draft.agent = long(41))),
        ("CONTENT-NONE", of_draft(|draft| draft.text = None)),
        ("CONTENT-BOTH", {
            let card = CardDraft { text: Some("a".into()), ..CardDraft::default() };
            of_draft(|draft| draft.cards = vec![card])
        }),
        ("RCS-TEXT-LEN", of_draft(|draft| draft.text = Some(long(161)))),
        ("CARD-COUNT", of_cards(11, |_| {})),
        ("CARD-COUNT-PROSE", of_cards(6, |_| {})),
        ("CARD-EMPTY", of_cards(1, |card| card.text = None)),
        ("CARD-TITLE-LEN", of_cards(1, |card| card.title = Some(long(201)))),
        ("CARD-TEXT-LEN", of_cards(1, |card| card.text = Some(String::new()))),
        ("BUTTON-COUNT", of_buttons(5, |_| {})),
        ("BUTTON-COUNT-PROSE", of_buttons(3, |_| {})),
        ("BUTTON-TEXT-LEN", of_buttons(1, |button| button.text = long(26))),
        ("BUTTON-POSTBACK-LEN", of_buttons(1, |button| button.postback = Some(String::new()))),
        ("BUTTON-ACTION", of_buttons(1, |button| button.url = None)),
        ("TEXT-PLACEHOLDER", of_draft(|draft| draft.text = Some("Hi {{name}}".into()))),
        ("URL-LEN", of_buttons(1, |button| button.url = Some(format!("http://{}", long(994))))),
        ("URL-FORM", of_buttons(1, |button| button.url = Some("example.com".into()))),
        ("MEDIA-TYPE", of_cards(1, |card| card.media = Some("http://a/b.bmp".into()))),
        ("MEDIA-SIZE-PICTURE", size(Media::Picture)),
        ("MEDIA-SIZE-VIDEO", size(Media::Video)),
        ("UNSUB-FORM", of_draft(|draft| draft.text = Some("nosms.cc/XXXX".into()))),
        ("BUTTON-CALL-UA", abroad()),
        ("CALLBACK-URL-LEN", vec![callback.at("callback_url").rule.id]),
        ("START-FORM", of_start("soon")),
        ("START-PAST", of_start("2026-08-01 11:59:59")),
        ("START-LATE", of_start("2026-08-31 00:00:00")),
        ("VALIDITY-FORM", of_draft(|draft| draft.validity = Some("24".into()))),
        ("VALIDITY-HOURS", of_draft(|draft| draft.validity = Some("73h".into()))),
        ("VALIDITY-SECONDS", of_draft(|draft| draft.validity = Some("29s".into()))),
        ("SMS-TEXT-EMPTY", of_sms("Bistro", "")),
        ("SMS-TEXT-GSM7", of_sms("Bistro", &long(766))),
        ("SMS-TEXT-UCS2", of_sms("Bistro", &"ж".repeat(336))),
        ("SMS-PARTS", of_sms("abc", &("€".repeat(382) + "a"))),
        ("SMS-TEXT-FORCED", of_sms("abc", &(long(100) + "\u{a0}"))),
        ("SMS-SENDER", of_sms("", "a")),
        ("SMS-SENDER-NARROW", of_sms("ab", "a")),
        ("LIST-NAME-LEN", of_list("ab", None)),
        ("LIST-DESCRIPTION-LEN", of_list("Regulars", Some(""))),
        ("AGENT-ACTIVE", {
            let agent = AgentFacts { active: Some(false), ..AgentFacts::default() };
            of_sending(|sending| sending.agent = agent)
        }),
        ("AGENT-COUNTRY", {
            let germany = Country::parse("DE").into_iter().collect();
            let facts = AgentFacts { countries: Some(&germany), ..AgentFacts::default() };
            let sending = Sending { agent: facts, ..Sending::to(number(380_661_231_231)) };
            sending.faults().iter().map(|fault| fault.rule.id).collect()
        }),
        ("STOP-LIST", {
            let facts = RecipientFacts { on_stop_list: Some(true), ..RecipientFacts::default() };
            of_sending(|sending| sending.recipient = facts)
        }),
        ("RCS-CAPABLE", {
            let facts = RecipientFacts { has_rcs: Some(false), ..RecipientFacts::default() };
            of_sending(|sending| sending.recipient = facts)
        }),
        (
            "TEST-AGENT",
            of_sending(|sending| {
                sending.account = AccountFacts { test_mode: Some(true), ..AccountFacts::default() };
                sending.agent.is_test_agent = Some(false);
            }),
        ),
        (
            "TEST-CONTACT",
            of_sending(|sending| {
                sending.account = AccountFacts { test_mode: Some(true), ..AccountFacts::default() };
                sending.recipient.verified = Some(false);
            }),
        ),
        (
            "FUNDS",
            of_sending(|sending| {
                sending.price = Some(Amount::from_ten_millionths(1));
                sending.account.available = Some(Amount::ZERO);
            }),
        ),
    ]
}

/// A call button of a German number in a message to Ukraine.
fn abroad() -> Vec<&'static str> {
    let phone = Some("491701234567".into());
    let button = SuggestionDraft { text: "a".into(), phone, ..SuggestionDraft::default() };
    let card =
        CardDraft { text: Some("a".into()), suggestions: vec![button], ..CardDraft::default() };
    let draft = MessageDraft { agent: "a".into(), cards: vec![card], ..MessageDraft::default() };
    let faults = draft.check().unwrap().value.faults_in(Country::parse("UA").unwrap());
    faults.iter().map(|fault| fault.rule.id).collect()
}

#[test]
fn every_rule_has_a_case_that_triggers_it_and_nothing_else() {
    let triggers = triggers();
    for rule in rules::ALL {
        let Some((_, found)) = triggers.iter().find(|(id, _)| *id == rule.id) else {
            panic!("{} has no case", rule.id);
        };
        assert_eq!(found, &[rule.id]);
    }
    assert_eq!(triggers.len(), rules::ALL.len());
}

#[test]
fn the_table_has_a_row_for_each_rule_that_begins_with_its_id() {
    let table = rules::table();
    for rule in rules::ALL {
        let start = format!("| {} | {} | {} |", rule.id, rule.severity, rule.place);
        let row = table.lines().find(|line| line.starts_with(&start)).unwrap();
        assert!(row.contains(rule.says) && row.ends_with(&format!("| {} |", rule.source)));
    }
    assert!(table.contains("| RCS-TEXT-LEN | refuses | text |"));
    assert!(table.contains("| MEDIA-TYPE | warns | cards[i].media |"));
    assert!(table.contains("| 1 to 160 UTF-16 code units | OpenAPI document |"));
    assert_eq!(table.lines().count(), rules::ALL.len() + 2);
}

#[test]
fn a_refused_number_carries_its_measure() {
    let fault = NotANumber::Length(16).at("recipients[3]");
    assert_eq!((fault.rule.id, fault.measured), ("NUM-LEN", Some(16)));
    assert_eq!(NotANumber::National.at("x").measured, None);
}

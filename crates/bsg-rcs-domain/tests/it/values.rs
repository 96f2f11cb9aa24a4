//! What values give back of themselves: accessors, words, and how they are shown.

use bsg_rcs_domain::fault::Fault;
use bsg_rcs_domain::message::{
    Action, CardDraft, Content, NotAValidity, SmsDraft, SuggestionDraft, Validity,
};
use bsg_rcs_domain::money::NotAddable;
use bsg_rcs_domain::reports::Contradiction;
use bsg_rcs_domain::{
    Amount, Channel, CivilDateTime, ContactListDraft, Country, Currency, Faults, MessageDraft,
    MessageId, MessageStatus as Status, MessageType, Money, Msisdn, ReferenceId, Report,
    ReportedStatus, Reports, SealKey, rules,
};

#[test]
fn a_message_gives_back_what_was_written() {
    let button = |text: &str| SuggestionDraft {
        text: text.into(),
        postback: Some("p".into()),
        ..SuggestionDraft::default()
    };
    let suggestions = vec![
        SuggestionDraft { url: Some("https://example.com".into()), ..button("Book") },
        SuggestionDraft { phone: Some("+380661231231".into()), ..button("Call") },
    ];
    let card = CardDraft {
        title: Some("Menu".into()),
        text: Some("Today's three.".into()),
        media: Some("https://example.com/menu.jpg".into()),
        suggestions,
    };
    let sms = SmsDraft {
        sender: "Bistro".into(),
        text: "€".repeat(81),
        validity: Some("90s".into()),
        check_stop_list: false,
    };
    let draft = MessageDraft {
        agent: "demo_agent".into(),
        cards: vec![card],
        sms: Some(sms),
        validity: Some("24h".into()),
        check_stop_list: false,
        add_to_contact_book: true,
        tariff_code: Some(9),
        ..MessageDraft::default()
    };
    let message = draft.check().unwrap().value;
    assert_eq!((message.agent(), message.tariff_code()), ("demo_agent", Some(9)));
    assert!(!message.check_stop_list() && message.add_to_contact_book());
    assert_eq!(message.validity(), Validity::hours(24).ok());
    let sms = message.sms().unwrap();
    assert_eq!((sms.sender(), sms.text()), ("Bistro", "€".repeat(81).as_str()));
    assert_eq!((sms.validity(), sms.parts()), (Validity::seconds(90).ok(), 2));
    assert!(!sms.check_stop_list());
    let Content::Cards(cards) = message.content() else { panic!("cards were written") };
    assert_eq!((cards[0].title(), cards[0].text()), (Some("Menu"), Some("Today's three.")));
    assert_eq!(cards[0].media(), Some("https://example.com/menu.jpg"));
    let [book, call] = cards[0].suggestions() else { panic!("two buttons were written") };
    assert_eq!((book.text(), book.postback()), ("Book", Some("p")));
    assert_eq!(book.action(), &Action::Link("https://example.com".into()));
    assert_eq!(call.action(), &Action::Call(Msisdn::from_u64(380_661_231_231).unwrap()));
}

#[test]
fn a_draft_that_says_nothing_more_checks_the_stop_list_and_keeps_no_contacts() {
    let message = bsg_rcs_domain::Message::text("a", "b").unwrap();
    assert!(message.check_stop_list() && !message.add_to_contact_book());
    assert_eq!((message.validity(), message.tariff_code()), (None, None));
    assert!(message.sms().is_none());
    let sms = SmsDraft { sender: "Bistro".into(), text: "b".into(), ..SmsDraft::default() };
    let draft = MessageDraft {
        agent: "a".into(),
        text: Some("b".into()),
        sms: Some(sms),
        ..MessageDraft::default()
    };
    assert!(draft.check().unwrap().value.sms().unwrap().check_stop_list());
}

#[test]
fn a_contact_list_keeps_its_words() {
    let list = |description| ContactListDraft::new("Regulars", description).unwrap();
    assert_eq!(list(Some("came twice")).name(), "Regulars");
    assert_eq!(list(Some("came twice")).description(), Some("came twice"));
    assert_eq!(list(None).description(), None);
    assert!(ContactListDraft::new(&"ä".repeat(50), Some(&"ä".repeat(255))).is_ok());
}

#[test]
fn validities_by_their_words() {
    for (text, validity, seconds) in [
        ("1h", Validity::hours(1), 3600),
        ("72h", Validity::hours(72), 259_200),
        (" 30s ", Validity::seconds(30), 30),
        ("86400s", Validity::seconds(86_400), 86_400),
        ("1m", Validity::seconds(60), 60),
        ("1440m", Validity::seconds(86_400), 86_400),
        ("0h", Err(NotAValidity::Bounds(&rules::VALIDITY_HOURS, 0)), 0),
        ("73h", Err(NotAValidity::Bounds(&rules::VALIDITY_HOURS, 73)), 0),
        ("29s", Err(NotAValidity::Bounds(&rules::VALIDITY_SECONDS, 29)), 0),
        ("86401s", Err(NotAValidity::Bounds(&rules::VALIDITY_SECONDS, 86_401)), 0),
        ("", Err(NotAValidity::Form), 0),
        ("h", Err(NotAValidity::Form), 0),
        ("-1h", Err(NotAValidity::Form), 0),
        ("5d", Err(NotAValidity::Form), 0),
        ("5ж", Err(NotAValidity::Form), 0),
    ] {
        let read = Validity::parse(text);
        assert_eq!(read, validity, "{text}");
        if let Ok(validity) = read {
            assert_eq!(validity.duration().as_secs(), seconds, "{text}");
            assert_eq!(Validity::parse(&validity.to_string()), Ok(validity));
        }
    }
    assert_eq!(Validity::hours(0), Err(NotAValidity::Bounds(&rules::VALIDITY_HOURS, 0)));
    assert_eq!(Validity::DEFAULT.duration().as_secs(), 72 * 3600);
}

#[test]
fn statuses_are_stations_or_ends() {
    use Status::{Delivered, Expired, Failed, NotServiceUser, Read, Undelivered};
    for status in Status::ALL {
        let delivered = [Delivered, Read].contains(&status);
        let undelivered = [NotServiceUser, Expired, Undelivered, Failed].contains(&status);
        assert_eq!(status.is_delivered(), delivered, "{status}");
        assert_eq!(status.is_undelivered_end(), undelivered, "{status}");
        assert_eq!(status.is_end(), delivered || undelivered, "{status}");
        let word = status.to_string();
        assert_eq!(ReportedStatus::from_word(&word.to_uppercase()), ReportedStatus::Known(status));
        assert_eq!(ReportedStatus::Known(status).as_str(), word);
    }
    for alias in ["NOT_RCS_USER", " not_viber_user "] {
        assert_eq!(ReportedStatus::from_word(alias).known(), Some(NotServiceUser));
    }
    let other = ReportedStatus::from_word("Teleported");
    assert_eq!((other.known(), other.as_str()), (None, "teleported"));
}

fn report(message: u64, status: &str) -> Report {
    Report {
        message: MessageId(message),
        channel: None,
        status: ReportedStatus::from_word(status),
        price: None,
        sent_at: None,
        reported_at: None,
    }
}

#[test]
fn a_set_of_reports_says_what_it_holds() {
    let mut reports = Reports::default();
    assert!(reports.is_empty() && !reports.has_end(false) && !reports.delivered_by_sms());
    assert!(reports.insert(report(1, "sent")) && !reports.insert(report(1, "sent")));
    assert!(!reports.is_empty() && reports.iter().count() == 1 && !reports.has_end(false));
    assert!(reports.insert(report(1, "teleported")));
    assert_eq!(reports.unknown_words().into_iter().collect::<Vec<_>>(), ["teleported"]);
    assert!(reports.insert(report(1, "delivered")) && !reports.delivered_by_sms());
}

#[test]
fn channels_are_those_that_were_named() {
    let named = |message, status: &str, channel| Report {
        channel: Some(channel),
        ..report(message, status)
    };
    let two: Reports =
        [named(1, "sent", Channel::Rcs), named(1, "sent", Channel::Sms)].into_iter().collect();
    assert_eq!(two.contradictions(), [Contradiction::TwoChannels(MessageId(1))]);
    // Beside a message that is named RCS, the other one is the SMS.
    let beside: Reports =
        [named(1, "sent", Channel::Rcs), report(2, "delivered")].into_iter().collect();
    assert_eq!(beside.channel_of(MessageId(2)), Channel::Sms);
    assert!(beside.delivered_by_sms() && beside.contradictions().is_empty());
    let sms: Reports = [named(7, "sent", Channel::Sms)].into_iter().collect();
    assert_eq!(sms.channel_of(MessageId(7)), Channel::Sms);
    // Both ended without delivery: neither can be told from the other.
    let failed: Reports = [report(1, "failed"), report(2, "expired")].into_iter().collect();
    assert_eq!(failed.channel_of(MessageId(1)), Channel::Rcs);
    assert!(failed.has_end(true));
    // Nothing tells two messages apart that are on their way.
    let two: Reports = [report(1, "sent"), report(2, "sent")].into_iter().collect();
    assert_eq!([1, 2].map(|id| two.channel_of(MessageId(id))), [Channel::Rcs; 2]);
    // One of two is still on its way.
    let waiting: Reports = [report(1, "failed"), report(2, "sent")].into_iter().collect();
    assert!(!waiting.has_end(true) && !waiting.has_end(false));
}

#[test]
fn a_charge_has_the_highest_price_that_was_named_with_the_delivery() {
    let priced = |status: &str, price| Report {
        price: Some(Money::new(Amount::from_ten_millionths(price), Currency::EUR)),
        ..report(1, status)
    };
    let reports: Reports =
        [priced("sent", 9), priced("delivered", 3), priced("read", 5)].into_iter().collect();
    let charges = reports.charges();
    let price = charges[0].price.map(|price| price.amount.ten_millionths());
    assert_eq!((charges.len(), charges[0].channel, price), (1, Channel::Rcs, Some(5)));
    assert_eq!(reports.contradictions(), [Contradiction::TwoPrices(MessageId(1))]);
}

#[test]
fn faults_are_shown_one_after_the_other() {
    let faults = Faults(vec![
        Fault::at(&rules::CARD_EMPTY, "cards[0]"),
        Fault::measured(&rules::CARD_COUNT_PROSE, "", 6),
    ]);
    assert_eq!(
        faults.to_string(),
        "cards[0]: a card has a text or media (CARD-EMPTY); \
         the platform's prose allows at most 5 cards; here 6 cards (CARD-COUNT-PROSE)"
    );
    assert!(faults.refuse() && !Faults(faults.0[1..].to_vec()).refuse());
    assert_eq!(faults.iter().count(), 2);
}

#[test]
fn codes_are_shown_as_they_are_written() {
    let country = Country::parse(" ua ").unwrap();
    assert_eq!(format!("{country} {country:?} {}", country.as_str()), "UA UA UA");
    assert!(Country::parse("U1").is_err() && Country::parse("UKR").is_err());
    let currency = Currency::parse("usd").unwrap();
    assert_eq!(format!("{currency} {currency:?} {}", currency.as_str()), "USD USD USD");
    assert!(Currency::parse("U1D").is_err() && Currency::parse("US").is_err());
    let reference: ReferenceId = "hello".parse().unwrap();
    assert_eq!(format!("{reference} {reference:?}"), "hello ReferenceId(hello)");
    assert_eq!(SealKey::from_bytes([7; 16]).to_bytes(), [7; 16]);
    for kind in MessageType::ALL {
        assert_eq!(MessageType::from_word(&kind.as_str().to_uppercase()), Some(kind));
    }
    assert_eq!(MessageType::from_word("mms"), None);
    let at = CivilDateTime::parse("2024-08-02 01:07:02").unwrap();
    assert_eq!(at.to_string(), "2024-08-02 01:07:02");
}

#[test]
fn money_adds_up_in_one_currency_and_within_128_bits() {
    let amount = Amount::from_ten_millionths;
    assert_eq!(amount(5).checked_sub(amount(7)), Some(amount(-2)));
    assert_eq!(amount(i128::MIN).checked_sub(amount(1)), None);
    assert_eq!(Amount::MAX.checked_add(amount(1)), None);
    assert_eq!(amount(3).checked_mul(4), Some(amount(12)));
    assert_eq!(Amount::MAX.checked_mul(2), None);
    assert!(amount(-1).is_negative() && !Amount::ZERO.is_negative());
    let euros = |count| Money::new(amount(count), Currency::EUR);
    assert_eq!(euros(1).checked_add(euros(2)), Ok(euros(3)));
    assert_eq!(
        Money::new(Amount::MAX, Currency::EUR).checked_add(euros(1)),
        Err(NotAddable::TooMuch)
    );
    assert_eq!(euros(11_000_000).to_string(), "1.1000000 EUR");
    let nines = "9".repeat(31);
    assert!(Amount::parse(&nines).is_ok() && Amount::parse(&format!("{nines}9")).is_err());
    assert!(Amount::parse(&format!("0.{nines}")).is_ok_and(|read| read.rounded));
    assert!(Amount::parse("1e31").is_ok() && Amount::parse("1e32").is_err());
    assert!(Amount::parse(&format!("0.{}", "9".repeat(998))).is_ok_and(|read| read.rounded));
    assert!(Amount::parse(&format!("0.{}", "9".repeat(999))).is_err(), "a text of 1001 bytes");
    assert!(Amount::parse("+1e-30").is_ok_and(|read| read.rounded && read.amount == Amount::ZERO));
    // Beyond 128 bits: 17 times 10^37 ten-millionths do not fit.
    assert!(Amount::parse("18e30").is_err() && Amount::parse("17e30").is_ok());
}

//! Wire to domain: what is made of everything that the platform may say.

use bsg_rcs_domain::{
    Amount, CampaignStatus, Channel, CivilDateTime, Currency, MessageId, MessageStatus, Money,
    Msisdn, ReferenceId, Report, ReportedStatus,
};
use bsg_rcs_wire::generated::{Balance, Campaign, CampaignDetail, Message};
use bsg_rcs_wire::mapping::incoming::{self, CallbackReport, Price, RemoteMessage, Unmappable};
use bsg_rcs_wire::{Callback, Data, read};
use serde::de::DeserializeOwned;

use crate::callbacks::FOUNDING;

fn money(ten_millionths: i128) -> Option<Money> {
    Some(Money::new(Amount::from_ten_millionths(ten_millionths), Currency::EUR))
}

fn civil(text: &str) -> Option<CivilDateTime> {
    Some(CivilDateTime::parse(text).unwrap())
}

/// What the founding example says.
fn founding() -> CallbackReport {
    let told = told(FOUNDING).unwrap();
    assert_eq!(told.reference, ReferenceId::parse("hello").ok());
    assert_eq!(told.number, Msisdn::from_u64(380_997_087_351).ok());
    let report = Report {
        message: MessageId(3_266_500_452),
        channel: None,
        status: ReportedStatus::Known(MessageStatus::Delivered),
        price: money(11_000_000),
        sent_at: civil("2024-08-22 11:47:42"),
        reported_at: civil("2024-08-22 11:47:53"),
    };
    assert_eq!(told.report, report);
    assert_eq!(told.price, Price::Exact(money(11_000_000).unwrap()));
    told
}

/// The same report with another price.
fn priced(told: &mut CallbackReport, price: Price) {
    (told.report.price, told.price) = (price.money(), price);
}

fn lacks(why: Unmappable) -> (&'static str, &'static str) {
    (why.what, why.field)
}

fn told(json: &str) -> Result<CallbackReport, Unmappable> {
    match Callback::read(json.as_bytes()) {
        Ok(Callback::StatusReport(report)) => incoming::status_report(&report),
        other => panic!("{json}: {other:?}"),
    }
}

/// Maps the founding example with one thing in it replaced.
fn check(from: &str, to: &str, change: fn(&mut CallbackReport)) {
    assert!(FOUNDING.contains(from), "{from}");
    let mut expected = founding();
    change(&mut expected);
    assert_eq!(told(&FOUNDING.replace(from, to)), Ok(expected), "{to}");
}

#[test]
fn the_founding_example_becomes_values_exactly() {
    let told = told(FOUNDING).unwrap();
    assert_eq!(told, founding());
    assert_eq!(told.report.price.unwrap().to_string(), "1.1000000 EUR");
}

#[test]
fn every_other_way_to_say_the_same() {
    for (from, to) in [
        (r#""delivered""#, r#""DELIVERED""#),
        (r#""delivered""#, r#"" Delivered ""#),
        (r#""3266500452""#, "3266500452"),
        (r#""380997087351""#, "380997087351"),
        (r#""380997087351""#, r#""+380997087351""#),
        (r#""hello""#, r#"" hello ""#),
        (r#""1.1000000""#, "1.1000000"),
        (r#""1.1000000""#, r#""1.1""#),
        (r#""1.1000000""#, "1.1"),
        (r#""1.1000000""#, "11e-1"),
        (r#""EUR""#, r#""eur""#),
        ("2024-08-22 11:47:42", "2024-08-22T11:47:42"),
        ("2024-08-22 11:47:53", "2024-08-22T11:47:53.000000+00:00"),
        (r#""error": 0"#, r#""error": "0""#),
        (r#""currency""#, r#""novelty": [{}], "currency""#),
    ] {
        check(from, to, |_| {});
    }
}

#[test]
fn what_says_less_or_something_else() {
    check(r#""hello""#, "null", |told| told.reference = None);
    check(r#""hello""#, r#""not-a-reference""#, |told| told.reference = None);
    check(r#""hello""#, r#""""#, |told| told.reference = None);
    check(r#""hello""#, "17", |told| told.reference = ReferenceId::parse("17").ok());
    check(r#""380997087351""#, "null", |told| told.number = None);
    check(r#""380997087351""#, "7", |told| told.number = None);
    check(r#""1.1000000""#, "null", |told| priced(told, Price::Unsaid));
    check(r#""1.1000000""#, r#""cheap""#, |told| {
        priced(told, Price::Unreadable("cheap".into()));
    });
    check(r#""1.1000000""#, r#""0.10""#, |told| {
        priced(told, Price::Exact(money(1_000_000).unwrap()));
    });
    check(r#""1.1000000""#, "0.0175696", |told| {
        priced(told, Price::Exact(money(175_696).unwrap()));
    });
    check(r#""1.1000000""#, "-50.25", |told| {
        priced(told, Price::Exact(money(-502_500_000).unwrap()));
    });
    // Half to even at the seventh place, and never by way of a float.
    check(r#""1.1000000""#, "0.00000025", |told| {
        priced(told, Price::Rounded(money(2).unwrap()));
    });
    check(r#""EUR""#, "null", |told| {
        let amount = Amount::from_ten_millionths(11_000_000);
        priced(told, Price::Bare { amount, rounded: false });
    });
    check(r#""2024-08-22 11:47:53""#, "null", |told| told.report.reported_at = None);
    check(r#""2024-08-22 11:47:53""#, r#""soon""#, |told| told.report.reported_at = None);
    check(r#""time_sent": "2024-08-22 11:47:42","#, "", |told| told.report.sent_at = None);
}

#[test]
fn status_words() {
    for status in MessageStatus::ALL {
        for word in [status.as_str().to_owned(), status.as_str().to_uppercase()] {
            let json = FOUNDING.replace("delivered", &word);
            assert_eq!(told(&json).unwrap().report.status, ReportedStatus::Known(status), "{word}");
        }
    }
    for word in ["not_rcs_user", "not_viber_user", "NOT_SERVICE_USER"] {
        let status = told(&FOUNDING.replace("delivered", word)).unwrap().report.status;
        assert_eq!(status, ReportedStatus::Known(MessageStatus::NotServiceUser), "{word}");
    }
    for (word, kept) in [("Teleported", "teleported"), ("", ""), ("доставлено", "доставлено")]
    {
        let status = told(&FOUNDING.replace("delivered", word)).unwrap().report.status;
        assert_eq!(status, ReportedStatus::Other(kept.to_owned()), "{word}");
    }
}

#[test]
fn a_report_needs_an_id_and_a_status() {
    let without = |field| Err(("the status report", field));
    for id in ["null", "[]", r#""none""#, "-1", "1.5", "99999999999999999999"] {
        let read = told(&FOUNDING.replace(r#""3266500452""#, id)).map(|_| ());
        assert_eq!(read.map_err(lacks), without("id"), "{id}");
    }
    let read = told(&FOUNDING.replace(r#""delivered""#, "null")).map(|_| ());
    assert_eq!(read.map_err(lacks), without("status"));
    let words = told(r#"{"status": "sent"}"#).unwrap_err().to_string();
    assert_eq!(words, "the status report has no readable `id`");
}

fn data<T: DeserializeOwned>(json: &str) -> T {
    read::<Data<T>>(format!(r#"{{"data": {json}}}"#).as_bytes()).unwrap().data.unwrap()
}

fn message(json: &str) -> Result<RemoteMessage, Unmappable> {
    incoming::message(&data::<Message>(json))
}

#[test]
fn a_message_of_an_answer() {
    let read = message(
        r#"{"id": 4419393338, "reference_id": "hello", "source": "rest", "type": "rcs",
            "phone": 380997087351, "status": "accepted", "validity": 72, "campaign_id": "7",
            "amount": {"value": "1.1000000", "currency": "EUR"}, "sender": "demo_agent",
            "created_at": "2024-08-22 11:47:42", "sent_at": null, "delivered_at": null,
            "text": "secret", "parts": "2", "country": "UA",
            "alternative_channels": {"sms": {"parts": 1, "id": ["8"]}}}"#,
    );
    let read = read.unwrap();
    assert_eq!(read.reference, ReferenceId::parse("hello").ok());
    assert_eq!(
        (read.number, read.campaign),
        (Msisdn::from_u64(380_997_087_351).ok(), Some(7.into()))
    );
    let report = Report {
        message: MessageId(4_419_393_338),
        channel: Some(Channel::Rcs),
        status: ReportedStatus::Known(MessageStatus::Accepted),
        price: money(11_000_000),
        sent_at: None,
        reported_at: None,
    };
    assert_eq!(read.report, report);
    assert_eq!(read.price, Price::Exact(money(11_000_000).unwrap()));
    assert_eq!((read.agent.as_deref(), read.text.as_deref()), (Some("demo_agent"), Some("secret")));
    assert_eq!((read.created_at, read.parts), (civil("2024-08-22 11:47:42"), Some(2)));
    assert_eq!((read.country.as_deref(), read.sms.as_slice()), (Some("UA"), &[MessageId(8)][..]));
    assert!(!format!("{read:?}").contains("secret"));
    let bare =
        message(r#"{"id": 1, "status": "sent", "amount": {"value": "0.10", "currency": null}}"#);
    let bare = bare.unwrap();
    assert_eq!(bare.report.price, None);
    assert_eq!(bare.bare_price(), Some(Amount::from_ten_millionths(1_000_000)));
}

#[test]
fn channels_of_messages() {
    for (written, channel) in [
        (r#""rcs""#, Some(Channel::Rcs)),
        (r#""SMS""#, Some(Channel::Sms)),
        (r#""viber""#, None),
        (r#""pigeon""#, None),
        ("null", None),
    ] {
        let json = format!(r#"{{"id": 1, "status": "sent", "type": {written}}}"#);
        assert_eq!(message(&json).unwrap().report.channel, channel, "{written}");
    }
}

#[test]
fn amounts_of_messages() {
    for (written, price) in [
        ("null", None),
        ("[]", None),
        ("{}", None),
        (r#"{"value": "1.1"}"#, None),
        (r#"{"value": "1.1", "currency": null}"#, None),
        (r#"{"value": 1.1, "currency": "EUR"}"#, money(11_000_000)),
    ] {
        let json = format!(r#"{{"id": 1, "status": "sent", "amount": {written}}}"#);
        assert_eq!(message(&json).unwrap().report.price, price, "{written}");
    }
}

#[test]
fn a_message_needs_an_id() {
    let without = |field| Err(("the message", field));
    let read = |json| message(json).map(|_| ()).map_err(lacks);
    assert_eq!(read(r#"{"status": "sent"}"#), without("id"));
    // It is there all the same.
    for json in [r#"{"id": 1}"#, r#"{"id": 1, "status": null}"#] {
        let status = message(json).unwrap().report.status;
        assert_eq!(status, ReportedStatus::Known(MessageStatus::Unknown), "{json}");
    }
    assert_eq!(read("{}"), without("id"));
}

#[test]
fn balances() {
    let balance = |json: &str| {
        let read = incoming::balance(&data::<Balance>(json));
        read.map(|balance| balance.to_string()).map_err(|why| why.field)
    };
    let both = |own: &str, credit: &str| Ok(format!("{own}, credit {credit}"));
    let exact = r#"{"balance": 0.0175696, "credit": -50.25, "currency": "EUR"}"#;
    assert_eq!(balance(exact), both("0.0175696 EUR", "-50.2500000 EUR"));
    let no_credit = r#"{"balance": "10", "credit": null, "currency": "EUR"}"#;
    assert_eq!(balance(no_credit), both("10.0000000 EUR", "0.0000000 EUR"));
    assert_eq!(balance(r#"{"balance": 1}"#), both("1.0000000", "0.0000000"));
    let euros = r#"{"balance": 1, "currency": "euros"}"#;
    assert_eq!(balance(euros), both("1.0000000", "0.0000000"));
    assert_eq!(balance(r#"{"currency": "EUR"}"#), Err("balance"));
    assert_eq!(balance(r#"{"balance": "much", "currency": "EUR"}"#), Err("balance"));
    let odd_credit = r#"{"balance": 1, "credit": "some", "currency": "EUR"}"#;
    assert_eq!(balance(odd_credit), Err("credit"));
}

#[test]
fn campaigns() {
    let campaign = |json: &str| incoming::campaign(&data::<Campaign>(json));
    for status in CampaignStatus::ALL {
        let word = status.as_str().to_uppercase();
        let json = format!(r#"{{"id": "7", "status": "{word}", "calculated_price": null}}"#);
        let read = campaign(&json).unwrap();
        assert_eq!(
            (read.id, read.status, read.calculated_price),
            (7.into(), Ok(status), Price::Unsaid)
        );
    }
    let priced = r#"{"id": 7, "status": "napping", "calculated_price": 1.1, "currency": "EUR"}"#;
    let read = campaign(priced).unwrap();
    assert_eq!(read.status, Err("napping".to_owned()));
    assert_eq!(read.calculated_price.money(), money(11_000_000));
    assert_eq!(campaign(r#"{"id": 7}"#).unwrap().status, Err(String::new()));
    let lost = campaign(r#"{"status": "done"}"#).map(|_| ()).map_err(lacks);
    assert_eq!(lost, Err(("the campaign", "id")));
}

#[test]
fn details() {
    let detail = |json: &str| incoming::detail(&data::<CampaignDetail>(json));
    let full = detail(
        r#"{"id": 7, "status": "done", "total_messages": "5001", "total_phones": 5000,
            "total_price": "250.0500000", "alternative_channels": []}"#,
    )
    .unwrap();
    assert_eq!((full.id, full.status), (7.into(), Ok(CampaignStatus::Done)));
    assert_eq!(full.total_messages, Some(5001));
    assert_eq!(full.total_price.bare(), Some(Amount::from_ten_millionths(2_500_500_000)));
    let odd = detail(r#"{"id": 7, "total_messages": -1, "total_price": "free"}"#).unwrap();
    assert_eq!((odd.total_messages, odd.total_price), (None, Price::Unreadable("free".into())));
    assert_eq!(detail("{}").map(|_| ()).map_err(lacks), Err(("the campaign's detail", "id")));
}

//! Answers: envelopes, and what the contract marks as varying inside them.

use bsg_rcs_wire::generated::{
    Balance, Campaign, CampaignDetail, CampaignStatus, Message, MessageSource, MessageStatus,
    MessageType, Token,
};
use bsg_rcs_wire::{CivilText, Data, Decimal, Id, Integer, Kept, Maybe, Page, Phone, read};

fn data<T: serde::de::DeserializeOwned>(json: &str) -> T {
    let answer: Data<T> = read(json.as_bytes()).unwrap_or_else(|error| panic!("{json}: {error}"));
    answer.data.unwrap_or_else(|| panic!("{json}: no data"))
}

#[test]
fn a_token_has_no_envelope_and_is_not_printed() {
    let token: Token = read(br#"{"bearer": "eyJhbGciOi.x.y"}"#).unwrap();
    assert_eq!(format!("{token:?}"), "Token { bearer: Some(***) }");
    assert_eq!(token.bearer.unwrap().expose(), "eyJhbGciOi.x.y");
}

#[test]
fn balances_are_numbers_and_stay_exact() {
    for (json, balance, credit) in [
        (
            r#"{"data":{"balance":0.0175696,"credit":-50.25,"currency":"EUR"}}"#,
            "0.0175696",
            "-50.25",
        ),
        (r#"{"data":{"balance":"1000.0000000","credit":0}}"#, "1000.0000000", "0"),
        (r#"{"data":{"balance":1e-7,"credit":"-1"}}"#, "1e-7", "-1"),
    ] {
        let read: Balance = data(json);
        assert_eq!(read.balance.as_ref().map(Decimal::as_str), Some(balance));
        assert_eq!(read.credit.as_ref().map(Decimal::as_str), Some(credit));
    }
}

#[test]
fn a_sent_message_is_read() {
    let message: Message = data(
        r#"{"data":{"id":4419393338,"reference_id":null,"source":"rest","type":"rcs",
            "phone":380661231231,"status":"accepted","validity":72,
            "amount":{"value":"0.0500000","currency":null},"sender":"demo_agent",
            "created_at":"2025-04-10 09:00:00","sent_at":null}}"#,
    );
    assert_eq!(message.id, Some(Id(4_419_393_338)));
    assert_eq!(message.reference_id, None);
    assert_eq!(message.source, Some(MessageSource::Rest));
    assert_eq!(message.r#type, Some(MessageType::Rcs));
    assert_eq!(message.phone, Some(Phone(380_661_231_231)));
    assert_eq!(message.status, Some(MessageStatus::Accepted));
    assert_eq!(message.validity, Some(Integer(72)));
    let amount = message.amount.get().unwrap();
    assert_eq!(amount.value, Some(Decimal::string("0.0500000")));
    assert_eq!(amount.currency, None);
    assert_eq!(message.created_at, Some(CivilText::from("2025-04-10 09:00:00")));
    assert_eq!((message.sent_at, message.delivered_at), (None, None));
}

#[test]
fn empty_things_vary() {
    for alternative in ["null", "[]", "[ ]"] {
        let json = format!(r#"{{"data":{{"alternative_channels":{alternative}}}}}"#);
        assert_eq!(data::<Message>(&json).alternative_channels, Maybe::Absent, "{json}");
        assert_eq!(data::<Campaign>(&json).alternative_channels, Maybe::Absent, "{json}");
    }
    let json =
        r#"{"data":{"alternative_channels":{"sms":{"parts":"2","id":["7",8]},"viber":{"x":1}}}}"#;
    let message: Message = data(json);
    let sms = message.alternative_channels.get().unwrap().sms.get().unwrap().clone();
    assert_eq!((sms.parts, sms.id), (Some(Integer(2)), Some(vec![Id(7), Id(8)])));
}

#[test]
fn what_is_odd_is_kept_and_fails_nothing() {
    let message: Message = data(
        r#"{"data":{"id":1,"phone":{},"amount":"0.05","rcs_options":{"text":7},"source":"carrier pigeon"}}"#,
    );
    assert_eq!(message.id, Some(Id(1)));
    assert_eq!(message.phone, None);
    assert_eq!(message.amount, Maybe::Odd(r#""0.05""#.into()));
    assert_eq!(message.rcs_options, Maybe::Odd(r#"{"text":7}"#.into()));
    assert_eq!(message.source, Some(MessageSource::Other("carrier pigeon".into())));
}

#[test]
fn a_campaign_is_read() {
    let campaign: Campaign = data(
        r#"{"data":{"id":"77","name":"RCS api campaign / 2025-04-10 09:00:00","status":"MODERATION",
            "message_type":"rcs","statistics":{"delivered":0,"sent":0},"calculated_price":0.0175696,
            "currency":"EUR","start_at":"2025-04-10 06:00:00","created_at":"2025-04-10 09:00:00"}}"#,
    );
    assert_eq!(campaign.id, Some(Id(77)));
    assert_eq!(campaign.status, Some(CampaignStatus::Moderation));
    assert_eq!(campaign.calculated_price, Decimal::number("0.0175696"));
    assert_eq!(campaign.statistics.get().unwrap().sent, Some(Integer(0)));
}

#[test]
fn a_detail_is_read_under_either_name() {
    for json in [
        r#"{"data":{"type":"rcs","started_at":"a","actual_start_at":"b"}}"#,
        r#"{"data":{"message_type":"rcs","start_at":"a","real_start_at":"b"}}"#,
        r#"{"data":{"type":"rcs","message_type":"sms","started_at":"a","start_at":"x",
            "actual_start_at":"b","real_start_at":"y"}}"#,
    ] {
        let detail: CampaignDetail = data(json);
        assert_eq!(detail.channel(), Some(&MessageType::Rcs), "{json}");
        assert_eq!(detail.start(), Some(&CivilText::from("a")), "{json}");
        assert_eq!(detail.actual_start(), Some(&CivilText::from("b")), "{json}");
    }
}

#[test]
fn a_detail_has_a_price_and_counts() {
    let detail: CampaignDetail = data(
        r#"{"data":{"statistics":{"delivered":3,"read":"2","not_rcs_user":1,"brand_new":9},
            "total_messages":6,"total_price":"0.2500000",
            "alternative_channels":{"sms":{"statistics":{"delivered":1}}}}}"#,
    );
    let counts = detail.statistics.get().unwrap();
    assert_eq!(counts.delivered, Some(Integer(3)));
    assert_eq!(counts.read, Some(Integer(2)));
    assert_eq!(counts.not_rcs_user, Some(Integer(1)));
    assert_eq!(counts.failed, None);
    assert_eq!(detail.total_price, Some(Decimal::string("0.2500000")));
    let sms = detail.alternative_channels.get().unwrap().sms.get().unwrap();
    assert_eq!(sms.statistics.get().unwrap().delivered, Some(Integer(1)));
}

#[test]
fn a_page_says_where_it_is() {
    let page: Page<Message> = read(
        br#"{"data":[{"id":1},{"id":2}],"meta":{"page":{"limit":50,"offset":"0","total":2}}}"#,
    )
    .unwrap();
    assert_eq!(page.data.len(), 2);
    assert_eq!(page.bounds().unwrap().total, Some(Integer(2)));
    let bare: Page<Message> = read(br#"{"data":[],"meta":[]}"#).unwrap();
    assert_eq!((bare.data.len(), bare.bounds()), (0, None));
}

#[test]
fn a_page_without_items_is_not_an_empty_page() {
    for json in ["{}", r#"{"data":null}"#, r#"{"meta":{}}"#, "[]", "null", "", r#"{"message":"x"}"#]
    {
        assert!(read::<Page<Message>>(json.as_bytes()).is_err(), "{json}");
    }
}

#[test]
fn data_may_be_missing() {
    for json in ["{}", r#"{"data":null}"#] {
        assert_eq!(read::<Data<Campaign>>(json.as_bytes()).unwrap().data, None, "{json}");
    }
}

#[test]
fn a_list_is_no_object_whatever_it_holds() {
    let by_position = br#"{"data": ["123", "n", "a", "sending"]}"#;
    assert!(read::<Data<Campaign>>(by_position).is_err());
    assert!(read::<Data<Kept<Campaign>>>(by_position).is_err());
    assert!(read::<Data<Campaign>>(br#"{"data": []}"#).is_err());
    assert!(read::<Data<Campaign>>(br#"{"data": "123"}"#).is_err());
    let listed =
        read::<Page<Maybe<Campaign>>>(br#"{"data": [["123", "n"], {"id": 7}, null]}"#).unwrap();
    let read: Vec<_> = listed.data.iter().map(|item| item.get().and_then(|it| it.id)).collect();
    assert_eq!(read, [None, Some(Id(7)), None]);
}

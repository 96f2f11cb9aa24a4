//! Whatever comes, reading ends: with a value or with a misread, never with a panic.

use bsg_rcs_wire::generated::{
    Balance, Campaign, CampaignDetail, CampaignSend, Message, SingleSend,
};
use bsg_rcs_wire::{Callback, Data, Page, Refusal, read};
use proptest::prelude::*;

/// Every door, one after the other.
fn knock(bytes: &[u8]) {
    let _ = Callback::read(bytes).map(|callback| format!("{callback:?}"));
    let _ = read::<Data<Balance>>(bytes);
    let _ = read::<Data<Campaign>>(bytes);
    let _ = read::<Data<CampaignDetail>>(bytes);
    let _ = read::<Page<Message>>(bytes).map_err(|misread| misread.to_string());
    let _ = serde_json::from_slice::<SingleSend>(bytes);
    let _ = serde_json::from_slice::<CampaignSend>(bytes);
    let _ = Refusal::read(500, bytes).to_string();
}

/// Any scalar, among them those that readers stumble over.
fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("\"\"".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i128>().prop_map(|n| n.to_string()),
        "-?(0|[1-9][0-9]{0,30})\\.[0-9]{1,30}([eE][+-]?[0-9]{1,4})?",
        any::<String>().prop_map(|s| serde_json::to_string(&s).unwrap()),
        "\\+?[0-9]{0,20}".prop_map(|s| format!("\"{s}\"")),
    ]
}

/// A name that means something to some reader.
fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "data",
        "meta",
        "page",
        "total",
        "id",
        "msisdn",
        "phone",
        "status",
        "reference",
        "price",
        "text",
        "postback",
        "time_click",
        "error",
        "errorDescription",
        "message",
        "errors",
        "amount",
        "value",
        "currency",
        "alternative_channels",
        "sms",
        "statistics",
        "delivered",
        "rcs_options",
        "cards",
        "type",
        "start_at",
        "started_at",
        "phones",
        "number",
        "options",
    ])
    .prop_map(str::to_owned)
}

/// Any JSON text over those names.
fn json() -> impl Strategy<Value = String> {
    scalar().prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6)
                .prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((name(), inner), 0..8).prop_map(|fields| {
                let fields: Vec<_> =
                    fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_survived(json in json()) {
        knock(json.as_bytes());
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        knock(&bytes);
    }

    #[test]
    fn a_status_makes_an_object_a_report_whatever_else_it_holds(
        status in scalar(),
        price in json(),
        id in json(),
    ) {
        let body = format!(r#"{{"id":{id},"price":{price},"status":{status}}}"#);
        prop_assert!(matches!(Callback::read(body.as_bytes()), Ok(Callback::StatusReport(_))));
    }
}

#[test]
fn depth_is_no_weapon() {
    for (open, close) in
        [("[", "]"), (r#"{"data":"#, "}"), (r#"{"status":"#, "}"), (r#"{"errors":["#, "]}")]
    {
        let deep = format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
        knock(deep.as_bytes());
        knock(open.repeat(100_000).as_bytes());
    }
}

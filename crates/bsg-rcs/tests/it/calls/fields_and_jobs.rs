//! Rows of the calls about contact fields, statistics jobs and resuming; and what they refuse by
//! themselves, and make of an answer that is no success.

use bsg_rcs::{
    BilledMessage, Certainty, Client, ContactFieldChange, ContactFieldDraft, ContactFieldId,
    ContactFieldKind, ErrorKind, MessageId, Resumption, StatJobDraft, StatJobFilter, StatJobKey,
};
use serde_json::{Value, json};

use super::{Made, Row, TOLD_CAMPAIGN, at, row, show};
use crate::stage::{Step, answered, client, ids, number};
use std::future::Future;
use std::pin::Pin;

const TOLD_FIELD: &str = r#"{"data": {"id": "7", "name": "First name", "type": "Telepathy",
    "description": null, "is_visible": true, "novelty": 1}}"#;

const TOLD_ROWS: &str = r#"{"data": [
    {"message_id": "4419393338", "message_type": "RCS", "msisdn": "380661231231",
     "country_name": "Ukraine", "brand": "Kyivstar", "mcc": 255, "mnc": "03",
     "originator": "demo_agent", "price": "0.0300001", "currency": "EUR",
     "time_in": "2026-01-05 09:00:00", "time_sent": "2026-01-05T09:00:01", "time_dlr": null,
     "status": "Rejected", "body": "Your table is ready.", "novelty": {}},
    {"message_id": 2, "price": 0.01, "status": "Delivered"},
    {"msisdn": "380661231231"}], "novelty": []}"#;

fn key(text: &str) -> StatJobKey {
    StatJobKey::parse(text).unwrap()
}

fn all_of_january() -> (bsg_rcs::CivilDateTime, bsg_rcs::CivilDateTime) {
    (at("2026-01-01 00:00:00").unwrap(), at("2026-01-31 23:59:59").unwrap())
}

fn narrowed() -> StatJobDraft {
    let (from, to) = all_of_january();
    let mut filter = StatJobFilter::default();
    filter.sent_from = Some(from);
    filter.sent_to = Some(to);
    filter.numbers = Some(vec![number()]);
    filter.sender = Some("demo_agent".to_owned());
    filter.source = Some("rest".to_owned());
    filter.country = Some("Ukraine".to_owned());
    filter.operator_id = Some("12".to_owned());
    filter.status = Some("Delivered".to_owned());
    StatJobDraft::taken_and(from, to, filter)
}

pub(super) fn resume() -> Vec<Row> {
    vec![
        row(
            call!(campaigns().resume(9)),
            "PUT /api/campaigns/9/renew",
            Value::Null,
            (200, TOLD_CAMPAIGN),
        ),
        row(
            call!(campaigns().resume(9)),
            "PUT /api/campaigns/9/renew",
            Value::Null,
            (405, r#"{"message": "Method not allowed", "novelty": 1}"#),
        ),
    ]
}

pub(super) fn contact_fields() -> Vec<Row> {
    vec![
        row(
            call!(contacts().fields()),
            "GET /api/contacts/fields",
            Value::Null,
            (
                200,
                r#"{"data": [{"id": 7, "name": "Birthday", "type": "date", "description": "x",
                "is_visible": false}, {"id": "8", "type": null}], "novelty": 1}"#,
            ),
        ),
        row(
            call!(
                contacts().create_field(
                    &ContactFieldDraft::new("First name", ContactFieldKind::Text)
                        .description("As they say it")
                        .visible(false)
                )
            ),
            "POST /api/contacts/fields",
            json!({"name": "First name", "type": "text", "description": "As they say it",
                "is_visible": false}),
            (201, TOLD_FIELD),
        ),
        row(
            call!(contacts().change_field(7, &ContactFieldChange::default().name("Name"))),
            "PATCH /api/contacts/fields/7",
            json!({"name": "Name"}),
            (200, TOLD_FIELD),
        ),
        row(
            call!(contacts().delete_fields(&ids([7, 8]))),
            "POST /api/contacts/fields/delete",
            json!({"ids": [7, 8]}),
            (204, ""),
        ),
    ]
}

pub(super) fn stat_jobs() -> Vec<Row> {
    vec![
        row(
            call!(account().stat_jobs()),
            "GET /api/stat/jobs",
            Value::Null,
            (
                200,
                r#"{"data": [{"key": "00ab", "created_at": "2026-01-05 09:00:00", "novelty": 1},
                {"key": 17}], "error": "0"}"#,
            ),
        ),
        row(
            call!(
                account().create_stat_job(&StatJobDraft::of_messages([MessageId(5), MessageId(6)]))
            ),
            "POST /api/stat/jobs",
            json!({"type": "message", "message_id": [5, 6]}),
            (200, r#"{"error": 0, "key": "00ab", "novelty": 1}"#),
        ),
        row(
            call!(account().create_stat_job(&narrowed())),
            "POST /api/stat/jobs",
            json!({"type": "params", "time_in_from": "2026-01-01 00:00:00",
                "time_in_to": "2026-01-31 23:59:59", "time_sent_from": "2026-01-01 00:00:00",
                "time_sent_to": "2026-01-31 23:59:59", "phones": [380_661_231_231_u64],
                "sender": "demo_agent", "source": "rest", "country": "Ukraine",
                "operator_id": "12", "status": "Delivered"}),
            (200, r#"{"error": "0", "errorDescription": "No errors", "key": "00ab"}"#),
        ),
        row(
            call!(account().stat_job(&key("00ab"))),
            "GET /api/stat/jobs/00ab",
            Value::Null,
            (200, TOLD_ROWS),
        ),
        row(
            call!(account().delete_stat_job(&key("00ab"))),
            "DELETE /api/stat/jobs/00ab",
            Value::Null,
            (200, r#"{"error": 0, "key": "00ab"}"#),
        ),
    ]
}

#[tokio::test]
async fn a_platform_without_the_call_resumes_in_the_account_page_only() {
    for status in [404, 405] {
        let (client, _) = answered(status, "");
        let Resumption::OnlyInAccountPage(why) = client.campaigns().resume(9).await.unwrap() else {
            panic!("{status}")
        };
        assert_eq!(why.status, status);
    }
    for status in [422, 429, 500] {
        let (client, _) = answered(status, r#"{"message": "Invalid campaign status"}"#);
        let error = client.campaigns().resume(9).await.unwrap_err();
        assert!(error.to_string().contains("Invalid campaign status"), "{error}");
    }
}

#[tokio::test]
async fn an_older_error_with_status_200_is_a_refusal() {
    let no_file = r#"{"error": "90", "errorDescription": "File not found"}"#;
    let full = r#"{"error": 0, "errorDescription": "Maximum count of exports reached"}"#;
    let key = key("00ab");
    let draft = StatJobDraft::of_messages([MessageId(5)]);
    let of = |body| answered(200, body).0;
    let errors = [
        ("error 90", of(no_file).account().stat_jobs().await.unwrap_err()),
        ("error 90", of(no_file).account().stat_job(&key).await.unwrap_err()),
        ("error 90", of(no_file).account().delete_stat_job(&key).await.unwrap_err()),
        ("error 90", of(no_file).account().create_stat_job(&draft).await.unwrap_err()),
        ("Maximum count", of(full).account().create_stat_job(&draft).await.unwrap_err()),
    ];
    for (words, error) in errors {
        assert!(matches!(error.kind(), ErrorKind::Refused(_)), "{error:?}");
        assert!(error.to_string().contains(words), "{error}");
    }
    for body in [r#"{"error": 0}"#, "{}", r#"{"error": 0, "key": ".."}"#] {
        let error = of(body).account().create_stat_job(&draft).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Misread(_)), "{body}: {error:?}");
    }
}

#[tokio::test]
async fn a_row_is_exact_and_an_unreadable_one_is_counted() {
    let page = answered(200, TOLD_ROWS).0.account().stat_job(&key("00ab")).await.unwrap();
    assert_eq!(page.unreadable, 1);
    let [first, second]: [BilledMessage; 2] = page.items.try_into().unwrap();
    assert_eq!((first.price.to_string().as_str(), first.number), ("0.0300001 EUR", Some(number())));
    assert_eq!(first.status.as_ref().map(|status| status.as_str()), Some("rejected"));
    assert_eq!((first.mcc.as_deref(), first.mnc.as_deref()), (Some("255"), Some("03")));
    assert_eq!(first.text.as_deref(), Some("Your table is ready."));
    assert!(!format!("{first:?}").contains("table"));
    assert_eq!(second.price.bare().map(|amount| amount.to_string()), Some("0.0100000".to_owned()));
}

#[tokio::test]
async fn a_key_is_escaped_in_its_address() {
    let (client, script) = client(&[Step::Login, Step::Answer(200, r#"{"error": 0}"#)]);
    client.account().delete_stat_job(&key("a/b?c=%#d")).await.unwrap();
    let request = &script.requests()[1];
    assert_eq!(request.uri().path(), "/api/stat/jobs/a%2Fb%3Fc%3D%25%23d");
}

#[tokio::test]
async fn what_the_platform_would_refuse_for_its_bounds_does_not_leave() {
    let (client, script) = client(&[]);
    let field = |name: &str| ContactFieldDraft::new(name, ContactFieldKind::Number);
    let (from, to) = all_of_january();
    let (contacts, account) = (client.contacts(), client.account());
    let long = "x".repeat(256);
    let errors = [
        contacts.create_field(&field("")).await.unwrap_err(),
        contacts.create_field(&field(&long[..31])).await.unwrap_err(),
        contacts.create_field(&field("x").description("")).await.unwrap_err(),
        contacts.create_field(&field("x").description(&long)).await.unwrap_err(),
        contacts.change_field(7, &ContactFieldChange::default()).await.unwrap_err(),
        contacts.change_field(7, &ContactFieldChange::default().name("")).await.unwrap_err(),
        account.create_stat_job(&StatJobDraft::of_messages([])).await.unwrap_err(),
        account.create_stat_job(&StatJobDraft::taken(to, from)).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error.kind(), ErrorKind::Request(_)), "{error:?}");
        assert_eq!(error.certainty(), Certainty::NotSent, "{error:?}");
    }
    contacts.delete_fields(&[]).await.unwrap();
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn fields_are_deleted_thirty_at_a_time() {
    let (client, script) = client(&[Step::Login, Step::Answer(204, ""), Step::Answer(204, "")]);
    let ids: Vec<_> = (1..=31).map(ContactFieldId::new).collect();
    client.contacts().delete_fields(&ids).await.unwrap();
    let [_, first, second] = script.requests().try_into().unwrap();
    let count = |request| crate::stage::json(request)["ids"].as_array().map(Vec::len);
    assert_eq!((count(&first), count(&second)), (Some(30), Some(1)));
}

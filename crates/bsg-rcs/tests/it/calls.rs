//! Every call of the client, one row each: what leaves, and what is made of the platform's answer.
//!
//! The names of the calls are taken from the code that makes them, and must be those of the OpenAPI
//! document; an operation of the document without a row fails. Each answer is written as the
//! platform writes it, with a field that nobody knows, and with words that nobody knows where words
//! stand.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bsg_rcs::{
    CampaignFilter, CivilDateTime, Client, ContactDraft, ContactListDraft, MessageFilter,
    MessageId, StoppedChannel,
};
use bsg_rcs_transport::Bytes;
use bsg_rcs_transport::http::Request;
use serde_json::{Value, json};

use crate::stage::Step::{Answer, Login};
use crate::stage::{
    answered, campaign, carousel, client, ids, json, line, number, operation_of, operations, plain,
    reference, script_of, single, text,
};

/// A call, as a closure that shows what the client made of the answer.
type Made = Box<dyn FnOnce(Client) -> Pin<Box<dyn Future<Output = String>>>>;

/// One row: a call, what must leave, and what is answered. What is made of it stands in the snapshot.
struct Row {
    /// The call as the document names it: `messages().send`.
    facade: &'static str,
    call: Made,
    /// `METHOD path?query`, the query unescaped.
    line: &'static str,
    body: Value,
    answer: (u16, &'static str),
}

fn show<T: Debug, E: Debug>(result: Result<T, E>) -> String {
    match result {
        Ok(made) => format!("{made:?}"),
        Err(error) => format!("failed: {error:?}"),
    }
}

/// The name of a call and the call itself, both from the same code.
macro_rules! call {
    ($family:ident().$method:ident($($argument:expr),*)) => {(
        concat!(stringify!($family), "().", stringify!($method)),
        Box::new(|client: Client| -> Pin<Box<dyn Future<Output = String>>> {
            Box::pin(async move { show(client.$family().$method($($argument),*).await) })
        }) as Made,
    )};
}

mod fields_and_jobs;

fn row(
    (facade, call): (&'static str, Made),
    line: &'static str,
    body: Value,
    answer: (u16, &'static str),
) -> Row {
    Row { facade, call, line, body, answer }
}

fn at(text: &str) -> Option<CivilDateTime> {
    CivilDateTime::parse(text).ok()
}

fn list() -> ContactListDraft {
    ContactListDraft::new("Regulars", Some("Those who come often")).unwrap()
}

fn contact() -> ContactDraft {
    ContactDraft::new(number()).field(7, "Ann").lists(ids([3, 4]))
}

const TOLD_MESSAGE: &str = r#"{"data": {"id": 4419393338, "reference_id": "r0", "source": "rest",
    "type": "telepathy", "phone": 380661231231, "status": "Resting", "validity": 72,
    "amount": {"value": "0.0100000", "currency": "EUR", "novelty": 1}, "sender": "demo_agent",
    "created_at": "2026-01-05 09:00:00", "sent_at": null, "novelty": {"a": [1]}}}"#;

const TOLD_CAMPAIGN: &str = r#"{"data": {"id": "4419393338", "name": "RCS api campaign / 2026-01-05",
    "sender": "demo_agent", "status": "Daydreaming", "message_type": "telepathy",
    "start_at": "2026-01-05 09:00:00", "created_at": "2026-01-05T09:00:00",
    "statistics": {"delivered": 1, "sent": "2", "novelty": 3}, "calculated_price": 0.0175696,
    "currency": "EUR", "alternative_channels": [], "novelty": [{}]}}"#;

const TOLD_LIST: &str = r#"{"data": {"id": 3, "name": "Regulars", "description": null, "default": true,
    "created_at": "2026-01-05 09:00:00", "items": "12", "stop_list_count": 1, "novelty": "x"}}"#;

const TOLD_MESSAGES: &str = r#"{"data": [{"id": 1, "reference_id": "r0", "phone": "380661231231",
    "status": "delivered", "campaign_id": "9", "type": "rcs", "country": "UA", "parts": 1,
    "sent_at": "2026-01-05 09:00:01", "delivered_at": "2026-01-05T09:00:02.000000+00:00",
    "rcs_options": {"text": "x", "novelty": 1}, "alternative_channels": null, "source": "owl"}],
    "meta": {"page": {"limit": 15, "offset": 30, "total": 31}, "novelty": []}}"#;

const TOLD_CONTACT: &str = r#"{"data": {"id": "5", "phone": "380661231231", "fields": {"7": "Ann"},
    "groups": [{"id": "3", "name": "Regulars", "novelty": 1}, 4], "created_at": "2026-01-05 09:00:00", "hlr_status": "levitating",
    "hlr_last_check": null, "novelty": null}}"#;

const TOLD_ENTRIES: &str = r#"{"data": [{"id": 8, "phone": 380661231231,
    "created_at": "2026-01-05 09:00:00", "rcs_stoplist": true, "sms_stoplist": false,
    "telepathy_stoplist": true}], "total": 41, "novelty": {}}"#;

fn text_body() -> Value {
    json!({"text": "Your table is ready."})
}

fn sends() -> Vec<Row> {
    vec![
        row(
            call!(messages().send(&text(), &single())),
            "POST /api/messages/rcs/send",
            json!({"phone": {"number": "380661231231", "reference_id": "r0"},
                "sender": "demo_agent", "options": text_body(),
                "add_to_contact_book": false, "check_stop_list": true}),
            (200, TOLD_MESSAGE),
        ),
        row(
            call!(campaigns().send(&text(), &campaign())),
            "POST /api/campaigns/rcs/send",
            json!({"phones": [
                    {"number": "380661231231", "reference_id": "r0"},
                    {"number": "380661231232", "reference_id": "r1"},
                    {"number": "380661231233", "reference_id": "r2"}],
                "sender": "demo_agent", "options": text_body(),
                "add_to_contact_book": false, "check_stop_list": true}),
            (200, TOLD_CAMPAIGN),
        ),
        row(
            call!(campaigns().send_to_lists(&text(), &ids([3, 4]), at("2026-01-06 10:00:00"))),
            "POST /api/campaigns/rcs/send-groups",
            json!({"groups": [3, 4], "sender": "demo_agent", "options": text_body(),
                "start_at": "2026-01-06 10:00:00", "check_stop_list": true}),
            (200, TOLD_CAMPAIGN),
        ),
        row(
            call!(campaigns().dry_run(&text(), campaign().recipients())),
            "POST /api/campaigns/send",
            json!({"recipients": {"phones": [
                    {"number": "380661231231", "reference_id": "r0"},
                    {"number": "380661231232", "reference_id": "r1"},
                    {"number": "380661231233", "reference_id": "r2"}]},
                "channels": ["rcs"], "dry_run": true,
                "rcs": {"sender": "demo_agent", "text": "Your table is ready."}}),
            (200, r#"{"data": {"dry_run": true, "novelty": "x"}}"#),
        ),
        row(
            call!(messages().dry_run(&carousel(), number())),
            "POST /api/messages/send",
            json!({"phone": {"number": "380661231231", "reference_id": "(minted)"},
                "channels": ["rcs", "sms"], "dry_run": true,
                "rcs": {"sender": "demo_agent", "cards": [
                    {"title": "Menu", "text": "Today's three.",
                     "media": {"url": "https://example.com/menu.jpg"},
                     "suggestions": [
                        {"type": "link", "text": "Book", "url": "https://example.com/book",
                         "postback_data": "book"},
                        {"type": "call", "text": "Call us", "phone": "380661231231"}]},
                    {"text": "Dessert"}]},
                "sms": {"sender": "Bistro", "text": "Your table is ready."}}),
            (204, ""),
        ),
    ]
}

fn looks_at_sends() -> Vec<Row> {
    vec![
        row(
            call!(
                messages().page(
                    MessageFilter::default()
                        .campaign(9)
                        .reference(reference("r0"))
                        .id(MessageId(4_419_393_338))
                        .from(at("2026-01-05 09:00:00"))
                        .to(at("2026-01-06 09:00:00")),
                    30,
                    15
                )
            ),
            "GET /api/messages?page[offset]=30&page[limit]=15&sort=id&way=asc\
             &filter[campaign_id]=9&filter[reference_id]=r0&filter[id]=4419393338\
             &filter[from]=2026-01-05 09:00:00&filter[to]=2026-01-06 09:00:00",
            Value::Null,
            (200, TOLD_MESSAGES),
        ),
        row(
            call!(messages().find(reference("r0"))),
            "GET /api/messages?page[offset]=0&page[limit]=15&sort=id&way=asc\
             &filter[reference_id]=r0",
            Value::Null,
            (200, TOLD_MESSAGES),
        ),
        row(
            call!(campaigns().page(&CampaignFilter::default(), 0, 50)),
            "GET /api/campaigns?page[offset]=0&page[limit]=50&sort=id&way=asc&filter[type]=rcs",
            Value::Null,
            (
                200,
                r#"{"data": [], "meta": {"page": {"limit": 50, "offset": 0, "total": "0"},
                "novelty": 1}}"#,
            ),
        ),
        row(
            call!(
                campaigns().page(
                    &CampaignFilter::default()
                        .from(at("2026-01-05 09:00:00"))
                        .to(at("2026-01-06 09:00:00"))
                        .agent("demo & agent"),
                    7,
                    3
                )
            ),
            "GET /api/campaigns?page[offset]=7&page[limit]=30&sort=id&way=asc&filter[type]=rcs\
             &filter[from]=2026-01-05 09:00:00&filter[to]=2026-01-06 09:00:00\
             &search[field]=sender&search[value]=demo & agent",
            Value::Null,
            (
                200,
                r#"{"data": [{"id": 7, "status": null, "statistics": null, "sender": null}],
                "meta": {"page": {"total": 8}, "search": {"field": "sender", "value": "x"}}}"#,
            ),
        ),
        row(
            call!(campaigns().get(4_419_393_338)),
            "GET /api/campaigns/4419393338",
            Value::Null,
            (200, TOLD_CAMPAIGN),
        ),
        row(
            call!(campaigns().detail(9)),
            "GET /api/campaigns/9/detail",
            Value::Null,
            (
                200,
                r#"{"data": {"id": 9, "status": "done", "type": "rcs", "total_messages": 3,
                "total_phones": "2", "total_price": "0.0300000", "currency": "EUR",
                "statistics": {"delivered": 1, "read": "1", "failed": 0, "teleported": 5,
                    "not_rcs_user": 1, "not_viber_user": 0},
                "alternative_channels": {"sms": {"statistics": {"delivered": 1}}, "owl": {}},
                "novelty": true}}"#,
            ),
        ),
        row(
            call!(campaigns().stop(9)),
            "PATCH /api/campaigns/9/stop",
            Value::Null,
            (200, TOLD_CAMPAIGN),
        ),
    ]
}

fn account() -> Vec<Row> {
    vec![
        row(
            call!(account().balance()),
            "GET /api/accounts/balance",
            Value::Null,
            (200, r#"{"data": {"balance": -50.25, "credit": 100, "currency": "EUR", "bonus": 3}}"#),
        ),
        row(
            call!(account().tariffs()),
            "GET /api/accounts/tariff?page[offset]=0&page[limit]=100",
            Value::Null,
            (
                200,
                r#"{"data": [
                {"id": 1, "name": "Standard", "code": "9", "is_active": true, "is_default": true},
                {"id": 2, "code": 4, "is_active": false, "novelty": "x"}], "total": 2}"#,
            ),
        ),
        row(
            call!(stop_list().page(Some(StoppedChannel::WhatsApp), 40, 20)),
            "GET /api/stoplist?page[offset]=40&page[limit]=20&type=whatsapp",
            Value::Null,
            (200, TOLD_ENTRIES),
        ),
        row(
            call!(stop_list().add(
                &[number()],
                &[StoppedChannel::Rcs, StoppedChannel::Sms, StoppedChannel::Viber]
            )),
            "POST /api/stoplist/attach",
            json!({"phones": [380_661_231_231_u64], "types": ["rcs", "sms", "viber"]}),
            (200, TOLD_ENTRIES),
        ),
        row(
            call!(stop_list().remove(&ids([8, 9]), &[StoppedChannel::Rcs])),
            "POST /api/stoplist/detach",
            json!({"ids": [8, 9], "types": ["rcs"]}),
            (200, r#"{"data": {"novelty": 1}}"#),
        ),
        row(
            call!(stop_list().find(number())),
            "GET /api/stoplist/search?search[field]=phone&search[operator]==\
             &search[value]=380661231231",
            Value::Null,
            (200, TOLD_ENTRIES),
        ),
    ]
}

fn contacts() -> Vec<Row> {
    vec![
        row(
            call!(contacts().page(&ids([3, 4]), 0, 20)),
            "GET /api/contacts?page[offset]=0&page[limit]=20&groups[]=3&groups[]=4",
            Value::Null,
            (200, r#"{"data": [{"id": 5, "phone": null, "fields": [], "groups": null}]}"#),
        ),
        row(
            call!(contacts().create(&contact())),
            "POST /api/contacts",
            json!({"phone": 380_661_231_231_u64, "fields": [{"id": 7, "value": "Ann"}],
                "groups": [3, 4]}),
            (201, TOLD_CONTACT),
        ),
        row(
            call!(contacts().delete_many(&ids([5, 6]), &ids([3]))),
            "POST /api/contacts/delete?contact_ids[]=5&contact_ids[]=6&group_ids[]=3",
            Value::Null,
            (204, ""),
        ),
        row(
            call!(contacts().find(number())),
            "GET /api/contacts/search?search[field]=phone&search[operator]==\
             &search[value]=380661231231",
            Value::Null,
            (
                200,
                r#"{"data": [{"id": 5, "phone": 380661231231}, {"id": 6, "phone": 380661231232}],
                "meta": {"page": {"total": 2}, "search": {"operator": "resembles"}}}"#,
            ),
        ),
        row(
            call!(contacts().find_by_field(7, "Ann & Bob", 0, 20)),
            "GET /api/contacts/search?page[offset]=0&page[limit]=20&search_fields[0][field]=7\
             &search_fields[0][operator]==&search_fields[0][value]=Ann & Bob",
            Value::Null,
            (200, r#"{"data": [], "meta": {"page": {"total": 0}}}"#),
        ),
        row(call!(contacts().delete(5)), "DELETE /api/contacts/5", Value::Null, (204, "")),
        row(call!(contacts().get(5)), "GET /api/contacts/5", Value::Null, (200, TOLD_CONTACT)),
        row(
            call!(contacts().change(5, &ContactDraft::new(number()))),
            "PUT /api/contacts/5",
            json!({"phone": 380_661_231_231_u64}),
            (200, TOLD_CONTACT),
        ),
    ]
}

fn contact_lists() -> Vec<Row> {
    vec![
        row(
            call!(contact_lists().page(0, 20)),
            "GET /api/groups?page[offset]=0&page[limit]=20",
            Value::Null,
            (200, r#"{"data": [{"id": 3}], "total": "7", "novelty": 1}"#),
        ),
        row(
            call!(contact_lists().create(&list())),
            "POST /api/groups",
            json!({"name": "Regulars", "description": "Those who come often"}),
            (201, TOLD_LIST),
        ),
        row(
            call!(contact_lists().attach(&ids([5, 6]), &ids([3]))),
            "POST /api/groups/attach",
            json!({"contacts": [5, 6], "groups": [3]}),
            (200, r#"{"data": {}}"#),
        ),
        row(
            call!(contact_lists().detach(&ids([5]), &ids([3, 4]))),
            "POST /api/groups/detach",
            json!({"contacts": [5], "groups": [3, 4]}),
            (200, r#"{"novelty": {}}"#),
        ),
        row(
            call!(contact_lists().find("Regulars")),
            "GET /api/groups/search?search[field]=name&search[operator]==&search[value]=Regulars",
            Value::Null,
            (
                200,
                r#"{"data": [{"id": 3, "name": "Regulars", "is_default": true},
                {"id": 4, "name": "Irregulars", "is_default": false}],
                "meta": {"page": {"total": 2}, "search": {"field": "mood"}}}"#,
            ),
        ),
        row(call!(contact_lists().delete(3)), "DELETE /api/groups/3", Value::Null, (204, "")),
        row(call!(contact_lists().get(3)), "GET /api/groups/3", Value::Null, (200, TOLD_LIST)),
        row(
            call!(contact_lists().change(3, &ContactListDraft::new("Regulars", None).unwrap())),
            "PUT /api/groups/3",
            json!({"name": "Regulars"}),
            (200, TOLD_LIST),
        ),
    ]
}

fn rows() -> Vec<Row> {
    let families = [sends(), looks_at_sends(), account(), contacts(), contact_lists()];
    let newer = [
        fields_and_jobs::resume(),
        fields_and_jobs::contact_fields(),
        fields_and_jobs::stat_jobs(),
    ];
    families.into_iter().chain(newer).flatten().collect()
}

/// The body of a request, with the references that nobody can know by their kind.
fn body(request: &Request<Bytes>) -> Value {
    if request.body().is_empty() {
        return Value::Null;
    }
    let mut body = json(request);
    if let Some(reference) = body.pointer_mut("/phone/reference_id")
        && reference.as_str().is_some_and(|text| text.len() == 32)
    {
        *reference = "(minted)".into();
    }
    body
}

/// Makes a call, and checks what leaves. The id of its operation, and what is made of the answer.
async fn check(row: Row) -> (String, String) {
    let (status, answer) = row.answer;
    let (client, script) = client(&[Login, Answer(status, answer)]);
    let made = (row.call)(client).await;
    let [_login, request] = script.requests().try_into().expect("a login and one request");
    assert_eq!(plain(&line(&request)), row.line, "{}", row.facade);
    assert_eq!(body(&request), row.body, "{}", row.line);
    assert_eq!(request.headers()["authorization"], "Bearer tok3n.of.login", "{}", row.line);
    let id = operation_of(request.method().as_str(), request.uri().path()).expect(row.line);
    (id, format!("{}\n{made}\n", row.line))
}

#[tokio::test]
async fn every_operation_of_the_document_has_its_call() {
    let mut calls: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut all = Vec::new();
    for row in rows() {
        let facade = row.facade;
        let (id, made) = check(row).await;
        calls.entry(id).or_default().push(facade);
        all.push(made);
    }
    insta::assert_snapshot!(all.join("\n"));
    for (id, facade) in check_tokens().await {
        calls.entry(id).or_default().push(facade);
    }
    for (id, operation) in operations() {
        let made_by = calls.get(&id).unwrap_or_else(|| panic!("{id} has no row"));
        assert!(made_by.contains(&operation.facade.as_str()), "{id}: {made_by:?}, {operation:?}");
    }
}

/// The calls that the client makes by itself: each with the words that the document has for it.
async fn check_tokens() -> [(String, &'static str); 2] {
    const BALANCE: &str = r#"{"data": {"balance": 1, "currency": "EUR"}}"#;
    // It lives for 100 seconds.
    let short = r#"{"bearer": "e30.eyJpYXQiOjEwMDAsImV4cCI6MTEwMH0.c2ln", "novelty": {}}"#;
    let steps = [(200, short), (200, BALANCE), (200, short), (200, BALANCE)];
    let steps = steps.map(|(status, body)| Answer(status, body));
    let script = Arc::new(script_of(&steps));
    let clock = Arc::new(AtomicU64::new(0));
    let seconds = Arc::clone(&clock);
    let client = Client::builder()
        .base_url("https://platform.test")
        .api_key("live_7kq2wz")
        .transport(Arc::clone(&script))
        .clock(move || Duration::from_secs(seconds.load(Ordering::Relaxed)))
        .build()
        .unwrap();
    client.account().balance().await.unwrap();
    clock.store(95, Ordering::Relaxed);
    client.account().balance().await.unwrap();
    let [login, _, refresh, _] = script.requests().try_into().unwrap();
    assert_eq!(line(&login), "POST /api/auth/login");
    assert_eq!(json(&login), json!({"api_key": "live_7kq2wz"}));
    assert_eq!(line(&refresh), "POST /api/auth/refresh");
    assert!(refresh.body().is_empty());
    let id = |request: &Request<Bytes>| operation_of("POST", request.uri().path()).unwrap();
    [
        (id(&login), "(by itself, on first use)"),
        (id(&refresh), "(by itself, ahead of the token's end)"),
    ]
}

#[tokio::test]
async fn what_a_contact_holds_is_read_though_it_is_not_printed() {
    let (client, _) = answered(200, TOLD_CONTACT);
    let contact = client.contacts().get(5).await.unwrap();
    assert_eq!(contact.fields, BTreeMap::from([("7".to_owned(), "Ann".to_owned())]));
    assert_eq!(contact.number, Some(number()));
    assert_eq!(contact.hlr_status.as_deref(), Some("levitating"));
    assert_eq!(contact.created_at, at("2026-01-05 09:00:00"));
}

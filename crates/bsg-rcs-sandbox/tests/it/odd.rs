//! A sandbox that is odd says the same as a plain one to a lenient reader.

use std::fmt::Debug;

use bsg_rcs_sandbox::{InProcess, SandboxConfig};
use bsg_rcs_wire::generated as wire;
use bsg_rcs_wire::mapping::incoming;
use bsg_rcs_wire::{Data, Page, Refusal, read};
use bytes::Bytes;
use http::Request;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::client::{CAMPAIGN, SEND, campaign_to, config, text_to};

/// How a client reads the answer of one call.
type Reads = fn(&[u8]) -> String;

/// Every call that looks, and how a client reads it.
const LOOKS: &[(&str, Reads)] = &[
    ("/api/accounts/balance", |body| one(body, |balance| incoming::balance(balance).unwrap())),
    ("/api/accounts/tariff", |body| many(body, |tariff| incoming::tariff(tariff).unwrap())),
    ("/api/campaigns?filter[type]=rcs", |body| many(body, campaign)),
    ("/api/campaigns/7000001", |body| one(body, campaign)),
    ("/api/campaigns/7000002", |body| one(body, campaign)),
    ("/api/campaigns/7000001/detail", |body| one(body, detail)),
    ("/api/campaigns/7000002/detail", |body| one(body, detail)),
    ("/api/messages?page[limit]=500", |body| many(body, message)),
    ("/api/messages?filter[reference_id]=hello", |body| many(body, message)),
    ("/api/messages?filter[campaign_id]=7000002", |body| many(body, message)),
    ("/api/stoplist", |body| many(body, |entry| incoming::stop_list_entry(entry).unwrap())),
    ("/api/stoplist/search?search[field]=id&search[operator]=%3E&search[value]=1", |body| {
        many(body, |entry| incoming::stop_list_entry(entry).unwrap())
    }),
    ("/api/contacts?page[limit]=500", |body| many(body, contact)),
    ("/api/contacts/600001", |body| one(body, contact)),
    ("/api/contacts/search?search[field]=id&search[operator]=%3E&search[value]=1", |body| {
        many(body, contact)
    }),
    ("/api/groups", |body| many(body, |list| incoming::contact_list(list).unwrap())),
    ("/api/groups/600002", |body| one(body, |list| incoming::contact_list(list).unwrap())),
    ("/api/groups/search?search[field]=name&search[operator]=like&search[value]=i", |body| {
        many(body, |list| incoming::contact_list(list).unwrap())
    }),
];

/// Calls that are refused.
const REFUSED: &[&str] = &[
    "/api/campaigns/1",
    "/api/campaigns?page[limit]=9999&sort=colour",
    "/api/contacts/1",
    "/api/groups/1",
    "/api/stoplist/search?search[field]=colour",
];

fn one<T: DeserializeOwned, R: Debug>(body: &[u8], map: impl Fn(&T) -> R) -> String {
    let answer: Data<T> = read(body).unwrap();
    format!("{:#?}", map(&answer.data.unwrap()))
}

fn many<T: DeserializeOwned, R: Debug>(body: &[u8], map: impl Fn(&T) -> R) -> String {
    let page: Page<T> = read(body).unwrap();
    let items: Vec<R> = page.data.iter().map(map).collect();
    format!("{:?} {items:#?}", page.total())
}

/// A campaign without what is seen to be left out or shifted: its price where it names no currency, and its start.
fn campaign(campaign: &wire::Campaign) -> incoming::RemoteCampaign {
    let mut read = incoming::campaign(campaign).unwrap();
    (read.calculated_price, read.start_at) = (incoming::Price::Unsaid, None);
    read
}

/// A campaign in detail without its price, whose currency an odd one may not name, and its start,
/// which an odd one shows hours earlier.
fn detail(detail: &wire::CampaignDetail) -> incoming::RemoteDetail {
    let mut read = incoming::detail(detail).unwrap();
    (read.total_price, read.start_at) = (incoming::Price::Unsaid, None);
    read
}

/// A message without its price, which an odd one may name no currency of.
fn message(message: &wire::Message) -> (incoming::RemoteMessage, Option<Vec<u64>>) {
    let mut read = incoming::message(message).unwrap();
    read.report.price = None;
    read.price = incoming::Price::Unsaid;
    let sms = message.alternative_channels.get().and_then(|channels| channels.sms.get());
    let ids = sms.and_then(|sms| sms.id.as_ref()).map(|ids| ids.iter().map(|id| id.0).collect());
    (read, ids)
}

fn contact(contact: &wire::Contact) -> (incoming::Contact, Vec<(String, String)>) {
    let read = incoming::contact(contact).unwrap();
    let fields = read.fields.clone().into_iter().collect();
    (read, fields)
}

struct Life {
    inside: InProcess,
    token: String,
}

impl Life {
    async fn new(config: SandboxConfig) -> Self {
        let mut life = Self { inside: InProcess::new(config).unwrap(), token: String::new() };
        let login = life.post("/api/auth/login", &json!({ "api_key": "live_sandbox" })).await;
        let token: wire::Token = read(&login.1).unwrap();
        life.token = token.bearer.unwrap().expose().to_owned();
        life.populate().await;
        life
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Bytes) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", self.token))
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let answer = self.inside.answer(request).await.unwrap();
        (answer.status().as_u16(), answer.into_body())
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Bytes) {
        let answer = self.call("POST", path, body).await;
        assert!(answer.0 < 300, "{path}: {answer:?}");
        answer
    }

    async fn get(&self, path: &str) -> (u16, Bytes) {
        self.call("GET", path, &Value::Null).await
    }

    /// Something of everything.
    async fn populate(&self) {
        let mut contact = json!({ "phone": "380661231201" });
        contact["fields"] = json!([{ "id": 1, "value": "2026-01-05 09:00:00" }]);
        self.post("/api/contacts", &contact).await;
        self.post("/api/groups", &json!({ "name": "Friends" })).await;
        self.post("/api/groups/attach", &json!({ "contacts": [600_001], "groups": [600_002] }))
            .await;
        self.post(SEND, &text_to("380661231291", "hello")).await;
        let mut campaign = campaign_to(380_661_231_280..380_661_231_300);
        self.post(CAMPAIGN, &campaign).await;
        campaign["alternative_channel"] = json!({ "sms": { "sender": "Bistro", "text": "Hello" } });
        self.post(CAMPAIGN, &campaign).await;
        let stop = json!({ "phones": [380_661_231_202_u64], "types": ["rcs", "sms"] });
        self.post("/api/stoplist/attach", &stop).await;
        self.post("/sandbox/clock", &json!({ "advance": "100h" })).await;
        // Something that is not over yet.
        self.post(SEND, &text_to("380661231292", "later")).await;
        self.post("/sandbox/clock", &json!({ "advance": "1m" })).await;
    }
}

#[tokio::test]
async fn whatever_is_asked_an_odd_sandbox_says_what_a_plain_one_says() {
    let mut differ = vec![false; LOOKS.len()];
    for seed in 0..12 {
        let plain = Life::new(SandboxConfig { seed, ..config() }).await;
        let odd = Life::new(SandboxConfig { seed, oddities: true, ..config() }).await;
        for (at, (path, reads)) in LOOKS.iter().enumerate() {
            let ((status, plainly), (odd_status, oddly)) =
                (plain.get(path).await, odd.get(path).await);
            assert_eq!((status, odd_status), (200, 200), "{path}");
            differ[at] |= plainly != oddly;
            assert_eq!(reads(&plainly), reads(&oddly), "{path} {oddly:?}");
            assert_eq!(oddly, odd.get(path).await.1, "{path} is odd in one way");
        }
        for path in REFUSED {
            let ((status, plainly), (odd_status, oddly)) =
                (plain.get(path).await, odd.get(path).await);
            assert!(status >= 400 && status == odd_status, "{path}: {status} {odd_status}");
            let (plainly, oddly) = (Refusal::read(status, &plainly), Refusal::read(status, &oddly));
            assert_eq!(plainly.message, oddly.message, "{path}");
            assert!(oddly.raw.is_none(), "{path}");
            let sentences = |refusal: Refusal| {
                refusal.faults.into_iter().map(|fault| fault.sentence).collect::<Vec<_>>()
            };
            assert_eq!(sentences(plainly), sentences(oddly), "{path}");
        }
    }
    assert!(differ.iter().all(|differ| *differ), "{differ:?}");
}

#[tokio::test]
async fn every_message_of_an_odd_sandbox_keeps_its_price_in_digits() {
    let plain = Life::new(config()).await;
    let odd = Life::new(SandboxConfig { oddities: true, ..config() }).await;
    let amounts = |body: &[u8]| -> Vec<_> {
        let page: Page<wire::Message> = read(body).unwrap();
        let value = |message: &wire::Message| {
            let value = message.amount.get().unwrap().value.clone().unwrap();
            bsg_rcs_domain::Amount::parse(value.as_str()).unwrap()
        };
        page.data.iter().map(value).collect()
    };
    let path = "/api/messages?page[limit]=500";
    assert_eq!(amounts(&plain.get(path).await.1), amounts(&odd.get(path).await.1));
}

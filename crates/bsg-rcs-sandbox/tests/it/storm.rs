//! A storm of requests out of bytes: calls of the document with bodies that are almost right, steering, arbitrary
//! calls, and time that passes; and what has to hold after each of them.
//!
//! The tests feed it with random bytes, the fuzzer (`fuzz/fuzz_targets/sandbox.rs`) with bytes that it grows.

use std::sync::OnceLock;

use bsg_rcs_domain::{Amount, CivilDateTime};
use bsg_rcs_sandbox::{InProcess, SandboxConfig};
use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};

/// Requests of one storm at most.
const REQUESTS: usize = 40;
/// What the live account has at the start, in ten-millionths: campaigns run dry.
const START: i128 = 10_000_000;

/// Choices, read from bytes; when they are used up, every choice is the first.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, count: usize) -> usize {
        usize::from(self.byte()) % count.max(1)
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn chance(&mut self, one_in: u8) -> bool {
        self.byte() % one_in == one_in - 1
    }

    fn bytes(&mut self) -> Vec<u8> {
        let count = self.below(40).min(self.0.len());
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken.to_vec()
    }

    fn text(&mut self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}

/// Lets one storm pass over a sandbox of its own; panics if something does not hold.
pub(crate) fn storm(bytes: &[u8]) {
    // Time stands still on the wall: the waits of fault scripts are over at once.
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true);
    runtime.build().expect("a runtime").block_on(pass_over(bytes));
}

async fn pass_over(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let mut world = World::new(&mut choices).await;
    for _ in 0..REQUESTS {
        if choices.0.is_empty() {
            break;
        }
        world.one_request(&mut choices).await;
        world.check().await;
    }
}

struct World {
    sandbox: InProcess,
    token: String,
    /// Ids that were answered, for later requests to name.
    ids: Vec<u64>,
}

impl World {
    async fn new(choices: &mut Choices<'_>) -> Self {
        let mut config = SandboxConfig { seed: choices.byte().into(), ..SandboxConfig::default() };
        config.start = CivilDateTime::parse("2026-01-05 09:00:00").expect("a time");
        let account = &mut config.world.accounts[0];
        account.balance = Amount::from_ten_millionths(START);
        account.credit = Amount::from_ten_millionths(500_000 * i128::from(choices.byte() % 2));
        let sandbox = InProcess::new(config).expect("the document compiles");
        let mut world = Self { sandbox, token: String::new(), ids: Vec::new() };
        world.token = token(&world.sandbox).await;
        let url = json!({ "key": "live_sandbox", "url": "http://127.0.0.1:9/" });
        world.call(Method::POST, "/sandbox/callbacks", &url).await;
        world
    }

    async fn one_request(&mut self, choices: &mut Choices<'_>) {
        let (method, path, body) = self.choose(choices);
        let mut request = Request::builder().method(method).uri(path);
        if !choices.chance(16) {
            request = request.header("content-type", "application/json");
        }
        match choices.byte() % 16 {
            14 => {}
            15 => request = request.header("authorization", choices.bytes()),
            _ => request = request.header("authorization", format!("Bearer {}", self.token)),
        }
        // What is no request cannot be sent.
        let Ok(request) = request.body(Bytes::from(body)) else { return };
        let seen = format!("{request:?}");
        let Some(answer) = self.sandbox.answer(request).await else { return };
        self.ids.extend(sane(&seen, &answer));
        let surplus = self.ids.len().saturating_sub(32);
        self.ids.drain(..surplus);
    }

    /// Method, path with query, body.
    fn choose(&self, choices: &mut Choices<'_>) -> (Method, String, Vec<u8>) {
        match choices.byte() % 16 {
            0 | 1 => {
                let by = ["0s", "1s", "3s", "10s", "20m", "73h", "40d", "9000000d"];
                let advance = json!({ "advance": choices.one_of(&by) });
                (Method::POST, "/sandbox/clock".into(), self.body(advance, choices))
            }
            2 => self.arbitrary(choices),
            3..=6 => self.call_of(STEERING, choices),
            _ => self.call_of(operations(), choices),
        }
    }

    fn arbitrary(&self, choices: &mut Choices<'_>) -> (Method, String, Vec<u8>) {
        let method = Method::from_bytes(&choices.bytes()).unwrap_or(Method::POST);
        let path = match choices.byte() % 3 {
            0 => format!("/{}", choices.text()),
            1 => format!("/api/{}", choices.text()),
            _ => choices.one_of(operations()).1.replace("{id}", &choices.text()),
        };
        (method, path, choices.bytes())
    }

    fn call_of<S: AsRef<str>>(
        &self,
        calls: &[(S, S)],
        choices: &mut Choices<'_>,
    ) -> (Method, String, Vec<u8>) {
        let (method, path) = choices.one_of(calls);
        let (method, path) = (method.as_ref(), path.as_ref());
        let good = self.good(path, choices);
        let body = if method == "GET" { Vec::new() } else { self.body(good, choices) };
        let named = path.replace("{id}", &self.id(choices).to_string());
        let keys = ["live_sandbox", "test_sandbox", "x"];
        let named = named.replace("{key}", keys[choices.below(3)]);
        let query =
            if method == "GET" || choices.chance(4) { self.query(choices) } else { String::new() };
        let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
        (method, named + "?" + &query, body)
    }

    fn id(&self, choices: &mut Choices<'_>) -> u64 {
        let at = choices.below(self.ids.len() + 3);
        self.ids.iter().rev().nth(at).copied().unwrap_or([0, 7_000_001, u64::MAX][at % 3])
    }

    fn query(&self, choices: &mut Choices<'_>) -> String {
        let names = [
            "page[limit]",
            "page[offset]",
            "sort",
            "way",
            "filter[from]",
            "filter[to]",
            "filter[type]",
            "filter[id]",
            "filter[campaign_id]",
            "filter[reference_id]",
            "search[field]",
            "search[operator]",
            "search[value]",
            "search_fields[0][field]",
            "search_fields[0][value]",
            "groups[]",
            "contact_ids[]",
            "group_ids[]",
            "type",
            "limit",
            "offset",
            "phone",
            "reference",
            "campaign_id",
        ];
        let mut query = String::new();
        for _ in 0..choices.below(4) {
            let value = match choices.byte() % 4 {
                0 => self.id(choices).to_string(),
                1 => choices.text(),
                _ => (*choices.one_of(&[
                    "15",
                    "50",
                    "500",
                    "0",
                    "-1",
                    "id",
                    "phone",
                    "delivered",
                    "desc",
                    "asc",
                    "rcs",
                    "date",
                    "status",
                    "sender",
                    "taskname",
                    "created_at",
                    "like",
                    "<=",
                    "2026-01-05",
                    "380",
                    "2026-01-05 09:00:00",
                    "380661231211",
                    "ref0",
                    "1",
                    "18446744073709551615",
                ]))
                .to_owned(),
            };
            let name = choices.one_of(&names);
            query.push_str(&format!("{}={}&", encoded(name), encoded(&value)));
        }
        query
    }

    /// A body as it should be, or almost.
    fn body(&self, good: Value, choices: &mut Choices<'_>) -> Vec<u8> {
        let mut body = good;
        match choices.byte() % 8 {
            0..=4 => {}
            5 => spoil(&mut body, choices),
            6 => {
                for _ in 0..choices.below(5) {
                    spoil(&mut body, choices);
                }
            }
            _ if choices.chance(4) => return choices.bytes(),
            _ => {
                let mut bytes = body.to_string().into_bytes();
                let at = choices.below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = choices.byte();
                }
                return bytes;
            }
        }
        body.to_string().into_bytes()
    }

    /// What a call is asked so that it may succeed.
    fn good(&self, path: &str, choices: &mut Choices<'_>) -> Value {
        let id = self.id(choices);
        let number = recipient(choices);
        match path {
            "/api/auth/login" => json!({ "api_key": "live_sandbox" }),
            "/api/messages/rcs/send" => letter(json!({ "phone": number }), choices),
            "/api/campaigns/rcs/send" => {
                let count = choices.below(60);
                let phones: Vec<_> = (0..count).map(|_| recipient(choices)).collect();
                letter(json!({ "phones": phones }), choices)
            }
            "/api/campaigns/rcs/send-groups" => letter(json!({ "groups": [id] }), choices),
            "/api/messages/send" => universal(json!({ "phone": number }), choices),
            "/api/campaigns/send" => universal(json!({ "phones": [number] }), choices),
            "/api/stoplist/attach" => {
                let number: u64 =
                    number["number"].as_str().and_then(|n| n.parse().ok()).unwrap_or(0);
                json!({ "phones": [number], "types": [choices.one_of(&["rcs", "sms", "viber"])] })
            }
            "/api/stoplist/detach" => json!({ "ids": [id], "types": ["rcs"] }),
            "/api/groups" | "/api/groups/{id}" => {
                json!({ "name": choices.one_of(&["Regulars", "Guests", "Friends"]) })
            }
            "/api/groups/attach" | "/api/groups/detach" => {
                json!({ "contacts": [self.id(choices)], "groups": [id] })
            }
            "/api/contacts" | "/api/contacts/{id}" => {
                let fields = json!([{ "id": 1, "value": "Ann" }]);
                let groups = if choices.chance(2) { json!([id]) } else { json!([]) };
                json!({ "phone": number["number"], "fields": fields, "groups": groups })
            }
            "/sandbox/accounts/{key}/top-up" => {
                let greatest = "99999999999999999999";
                json!({ "amount": choices.one_of(&["1.0000000", "0.1", "1000", "0", "-1", greatest]) })
            }
            "/sandbox/callbacks" => json!({ "key": "live_sandbox", "url": "http://127.0.0.1:9/" }),
            "/sandbox/messages/{id}/click" => json!({ "suggestion": 0, "card": 0 }),
            "/sandbox/faults" => json!([rule(choices)]),
            _ => json!({}),
        }
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Value {
        let request = Request::builder().method(method).uri(path);
        let request = request.body(Bytes::from(body.to_string())).expect("a request");
        let answer = self.sandbox.answer(request).await.expect("steering is never lost");
        assert_eq!(answer.status(), 200, "{path}");
        serde_json::from_slice(answer.body()).expect("JSON")
    }

    /// What holds at every moment: the books of every account, and that the counts are those of the messages.
    async fn check(&self) {
        let state = self.call(Method::GET, "/sandbox/state", &Value::Null).await;
        let ledger = self.call(Method::GET, "/sandbox/ledger", &Value::Null).await;
        for account in state["accounts"].as_array().expect("accounts") {
            balances(account, &ledger);
        }
        let all = self.call(Method::GET, "/sandbox/messages?limit=10000", &Value::Null).await;
        let counts = state["messages"].as_object().expect("counts");
        let counted: u64 = counts.values().filter_map(Value::as_u64).sum();
        assert_eq!(all["total"], counted, "{state}");
        for (status, count) in counts {
            let messages = all["data"].as_array().expect("messages");
            let have = messages.iter().filter(|message| message["status"] == **status).count();
            if messages.len() < 10_000 {
                assert_eq!(*count, have, "{status}");
            }
        }
    }
}

/// The token is the same in every life: made once, because signing takes its time.
async fn token(sandbox: &InProcess) -> String {
    static TOKEN: OnceLock<String> = OnceLock::new();
    if let Some(token) = TOKEN.get() {
        return token.clone();
    }
    let request = Request::post("/api/auth/login").header("content-type", "application/json");
    let request = request.body(Bytes::from(r#"{"api_key":"live_sandbox"}"#)).expect("a request");
    let answer = sandbox.answer(request).await.expect("an answer");
    let answer: Value = serde_json::from_slice(answer.body()).expect("JSON");
    TOKEN.get_or_init(|| answer["bearer"].as_str().expect("a token").to_owned()).clone()
}

fn balances(account: &Value, ledger: &Value) {
    let of = |name: &str| amount(&account[name]);
    let (balance, credit) = (of("balance"), of("credit"));
    let (reserved, charged) = (of("reserved"), of("charged"));
    let start = if account["key"] == "live_sandbox" { START } else { 10 * 10_000_000 };
    let sum = |kind: &str| -> i128 {
        let lines = ledger["data"].as_array().expect("lines").iter();
        let lines = lines.filter(|line| line["kind"] == kind && line["account"] == account["key"]);
        lines.map(|line| amount(&line["amount"])).sum()
    };
    assert_eq!(balance + charged, start + sum("top-up"), "{account}");
    assert_eq!(charged, sum("charge"), "{account}");
    assert_eq!(reserved, sum("reservation") - sum("charge") - sum("release"), "{account}");
    assert!(reserved - credit <= balance, "{account}");
}

fn amount(text: &Value) -> i128 {
    let text = text.as_str().expect("an amount is a string");
    Amount::parse(text).expect("an amount").amount.ten_millionths()
}

/// What every answer is: no failure of ours, and JSON that can be read. Answers the ids in it.
fn sane(asked: &str, answer: &Response<Bytes>) -> Vec<u64> {
    let kind = answer.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    let read: Option<Value> = match kind {
        Some("application/json") => Some(serde_json::from_slice(answer.body()).expect(asked)),
        _ => None,
    };
    let scripted = read.as_ref().is_some_and(|read| read["message"] == "A fault script says so.");
    assert!(answer.status().as_u16() < 500 || scripted, "{asked} {answer:?}");
    let Some(read) = read else { return Vec::new() };
    let data = &read["data"];
    let items = data.as_array().map_or(std::slice::from_ref(data), Vec::as_slice);
    items.iter().filter_map(|item| item["id"].as_u64()).collect()
}

/// Every operation of the document: method and path.
fn operations() -> &'static [(String, String)] {
    static OPERATIONS: OnceLock<Vec<(String, String)>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        let document: Value = serde_json::from_str(bsg_rcs_wire::OPENAPI).expect("JSON");
        let paths = document["paths"].as_object().expect("paths").iter();
        let all = paths.flat_map(|(path, item)| {
            let methods = item.as_object().expect("an item").iter();
            let described = methods.filter(|(_, one)| one.get("operationId").is_some());
            described.map(move |(method, _)| (method.to_uppercase(), path.clone()))
        });
        // What sends and what looks comes up more often.
        let sends =
            ["/api/messages/rcs/send", "/api/campaigns/rcs/send", "/api/campaigns/rcs/send"];
        all.chain(sends.map(|path| ("POST".to_owned(), path.to_owned()))).collect()
    })
}

const STEERING: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/sandbox/state"),
    ("GET", "/sandbox/messages"),
    ("GET", "/sandbox/clock"),
    ("POST", "/sandbox/messages/{id}/click"),
    ("POST", "/sandbox/accounts/{key}/top-up"),
    ("POST", "/sandbox/campaigns/{id}/pause"),
    ("POST", "/sandbox/campaigns/{id}/resume"),
    ("POST", "/sandbox/callbacks"),
    ("POST", "/sandbox/faults"),
    ("POST", "/sandbox/reset"),
];

fn recipient(choices: &mut Choices<'_>) -> Value {
    let country =
        choices.one_of(&[380_661_231_200_u64, 380_661_231_290, 48_661_231_200, 15_551_231_200]);
    let number = (country + u64::from(choices.byte() % 100)).to_string();
    match choices.byte() % 4 {
        0 => json!({ "number": number, "reference_id": format!("ref{}", choices.byte()) }),
        _ => json!({ "number": number }),
    }
}

fn letter(mut body: Value, choices: &mut Choices<'_>) -> Value {
    body["sender"] = json!(choices.one_of(&[
        "demo_agent",
        "demo_agent",
        "demo_agent_ua",
        "pending_agent",
        "bsg_test_agent"
    ]));
    let button = json!({ "text": "Stop", "url": "http://nosms.cc/XXXX", "postback_data": "stop" });
    let card = json!({ "text": "Menu", "suggestions": [button] });
    body["options"] = match choices.byte() % 4 {
        0 => json!({ "cards": [card] }),
        1 => json!({ "cards": [card, card] }),
        _ => json!({ "text": format!("Hello {}", choices.byte()) }),
    };
    if choices.chance(3) {
        body["alternative_channel"] = json!({ "sms": { "text": "Hello", "sender": "Bistro" } });
    }
    match choices.byte() % 8 {
        0 => body["validity_seconds"] = json!(30),
        1 => body["validity"] = json!(72),
        2 => body["start_at"] = json!("2026-01-20 09:00:00"),
        3 => body["tariff_code"] = json!(choices.one_of(&[9, 4, 1])),
        4 => body["check_stop_list"] = json!(false),
        _ => {}
    }
    body
}

fn universal(mut body: Value, choices: &mut Choices<'_>) -> Value {
    body["channels"] = json!([choices.one_of(&["rcs", "sms"])]);
    body["rcs"] = json!({ "sender": "demo_agent", "text": "Hello" });
    body["sms"] = json!({ "sender": "Bistro", "text": "Hello" });
    body["dry_run"] = json!(true);
    body
}

/// A rule of a fault script.
fn rule(choices: &mut Choices<'_>) -> Value {
    let on = [
        "callback",
        "callback",
        "POST /api/messages/rcs/send",
        "GET /api/messages",
        "POST /api/campaigns/rcs/send",
    ];
    let what = [
        json!("drop"),
        json!("repeat"),
        json!("reorder"),
        json!({ "delay": "1m" }),
        json!("drop_before"),
        json!("drop_after"),
        json!("garble"),
        json!({ "status": 503 }),
        json!({ "status": 200 }),
    ];
    match choices.byte() % 8 {
        0 => json!({ "do": "refuse_connection", "for": "3s" }),
        1..=3 => json!({ "on": choices.one_of(&on), "do": choices.one_of(&what) }),
        _ => {
            json!({ "on": choices.one_of(&on), "nth": choices.byte() % 4, "do": choices.one_of(&what) })
        }
    }
}

/// Makes one thing in a value wrong.
fn spoil(value: &mut Value, choices: &mut Choices<'_>) {
    let deeper = !choices.chance(3);
    match value {
        Value::Object(members) if deeper && !members.is_empty() => {
            let at = choices.below(members.len());
            let name = members.keys().nth(at).cloned().unwrap_or_default();
            match choices.byte() % 8 {
                0 => drop(members.remove(&name)),
                1 => drop(members.insert(choices.text(), json!(1))),
                _ => spoil(&mut members[&name], choices),
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = choices.below(items.len());
            match choices.byte() % 8 {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                2 => *items = vec![items[at].clone(); 300],
                _ => spoil(&mut items[at], choices),
            }
        }
        other => *other = strange(choices),
    }
}

fn strange(choices: &mut Choices<'_>) -> Value {
    match choices.byte() % 12 {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(u64::MAX),
        4 => json!(1e300),
        5 => json!(0.5),
        6 => json!([]),
        7 => json!({}),
        8 => json!("x".repeat(2000)),
        9 => json!("ї🚕\u{0}"),
        10 => json!(choices.byte()),
        _ => json!(choices.text()),
    }
}

/// As a query writes it.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

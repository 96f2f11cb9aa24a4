//! The state file: a sandbox that is stopped at any moment goes on where it was.

use std::fs;
use std::path::{Path, PathBuf};

use bsg_rcs_sandbox::{InProcess, SandboxConfig, StartError};
use bytes::Bytes;
use http::Request;
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::client::{CAMPAIGN, SEND, campaign_to, config, text_to};

/// Longer than any validity and any step.
const ENOUGH: &str = "100h";

/// A sandbox without a socket, and the token of its live account.
struct Life {
    inside: InProcess,
    token: String,
}

impl Life {
    async fn on(path: &Path) -> Self {
        match Self::open(with_state(path)).await {
            Ok(life) => life,
            Err(why) => panic!("{why}: {:?}", std::error::Error::source(&why)),
        }
    }

    async fn open(config: SandboxConfig) -> Result<Self, StartError> {
        let mut life = Self { inside: InProcess::new(config)?, token: String::new() };
        let (_, answer) = life.post("/api/auth/login", &json!({ "api_key": "live_sandbox" })).await;
        life.token = answer["bearer"].as_str().unwrap().to_owned();
        Ok(life)
    }

    async fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {}", self.token))
            .body(Bytes::from(body.to_string()))
            .unwrap();
        let answer = self.inside.answer(request).await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.call("POST", path, body).await
    }

    async fn advance(&self, by: &str) {
        assert_eq!(self.post("/sandbox/clock", &json!({ "advance": by })).await.0, 200);
    }

    /// Everything that can be seen, to the last history and ledger line.
    async fn dump(&self) -> String {
        let mut dump = String::new();
        for path in [
            "/sandbox/state",
            "/sandbox/messages?limit=10000",
            "/sandbox/ledger",
            "/api/campaigns?filter[type]=rcs&page[limit]=500",
            "/api/contacts?page[limit]=500",
            "/api/groups?page[limit]=500",
            "/api/stoplist?page[limit]=500",
        ] {
            let (status, answer) = self.call("GET", path, &Value::Null).await;
            assert_eq!(status, 200, "{path}: {answer}");
            dump += &format!("{path}\n{answer:#}\n");
        }
        dump
    }

    /// Everything that can be seen when nothing is on its way to the account's address.
    async fn settled(&self) -> String {
        self.advance("0s").await;
        assert_eq!(self.post("/sandbox/faults", &json!([])).await.0, 200);
        self.dump().await
    }
}

fn with_state(path: &Path) -> SandboxConfig {
    SandboxConfig { state: Some(path.to_owned()), ..config() }
}

/// What is left of a state file if the process is killed now.
fn killed(path: &Path) -> PathBuf {
    let copy = path.with_extension("copy");
    fs::copy(path, &copy).unwrap();
    copy
}

/// Something that is asked of a sandbox.
#[derive(Debug, Clone)]
enum Ask {
    One { fate: u8, reference: u8, sms: bool, kept: bool },
    Campaign { count: u8, later: bool, sms: bool, buttons: bool },
    ToList(u8),
    Campaigns(&'static str, &'static str, u8),
    TopUp(u16),
    Stop { fate: u8, channel: &'static str },
    Open(u8),
    Contact(u8),
    Change(u8, u8),
    Forget(u8),
    ForgetList(u8),
    List(u8),
    Rename(u8, u8),
    Delete(u8),
    Members(&'static str, u8, u8),
    Url(bool),
    Click(u8),
    Fault(&'static str),
    Pass(u32),
    Reset,
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let few = 0..6_u8;
    let ask = prop_oneof![
        4 => (80..100_u8, 0..20_u8, any::<bool>(), any::<bool>())
            .prop_map(|(fate, reference, sms, kept)| Ask::One { fate, reference, sms, kept }),
        3 => (0..70_u8, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(count, later, sms, buttons)| Ask::Campaign { count, later, sms, buttons }
        ),
        1 => few.clone().prop_map(Ask::ToList),
        1 => (prop_oneof![Just("pause"), Just("resume")], few.clone())
            .prop_map(|(what, which)| Ask::Campaigns("POST", what, which)),
        1 => few.clone().prop_map(|which| Ask::Campaigns("PATCH", "stop", which)),
        1 => any::<u16>().prop_map(Ask::TopUp),
        1 => (any::<u8>(), prop_oneof![Just("rcs"), Just("sms")])
            .prop_map(|(fate, channel)| Ask::Stop { fate, channel }),
        1 => few.clone().prop_map(Ask::Open),
        1 => any::<u8>().prop_map(Ask::Contact),
        1 => (few.clone(), any::<u8>()).prop_map(|(which, fate)| Ask::Change(which, fate)),
        1 => few.clone().prop_map(Ask::Forget),
        1 => few.clone().prop_map(Ask::ForgetList),
        1 => few.clone().prop_map(Ask::List),
        1 => (few.clone(), few.clone()).prop_map(|(which, name)| Ask::Rename(which, name)),
        1 => few.clone().prop_map(Ask::Delete),
        1 => (prop_oneof![Just("attach"), Just("detach")], few.clone(), few.clone())
            .prop_map(|(what, contact, list)| Ask::Members(what, contact, list)),
        1 => any::<bool>().prop_map(Ask::Url),
        1 => any::<u8>().prop_map(Ask::Click),
        1 => prop_oneof![Just("drop"), Just("repeat"), Just("reorder"), Just("delay")]
            .prop_map(Ask::Fault),
        4 => prop_oneof![0..3_000_u32, 0..100_000_000_u32].prop_map(Ask::Pass),
    ];
    let ask = prop_oneof![40 => ask, 1 => Just(Ask::Reset)];
    prop::collection::vec(ask, 0..30)
}

fn number(fate: u8) -> u64 {
    380_661_231_000 + u64::from(fate)
}

/// An id of a contact, a list or an entry of the stop list: they count up together.
fn other(which: u8) -> u64 {
    600_001 + u64::from(which)
}

fn campaign(which: u8) -> u64 {
    7_000_001 + u64::from(which)
}

async fn ask(life: &Life, what: &Ask) {
    let (method, path, body) = request(what);
    let (status, answer) = life.call(method, &path, &body).await;
    assert!(status < 500, "{method} {path} {body}: {status} {answer}");
}

fn request(what: &Ask) -> (&'static str, String, Value) {
    let post = |path: &str, body| ("POST", path.to_owned(), body);
    let terms = |mut body: Value, sms: bool| {
        if sms {
            body["alternative_channel"] =
                json!({ "sms": { "sender": "Bistro", "text": "Hello", "validity_seconds": 60 } });
        }
        body
    };
    match what {
        Ask::One { fate, reference, sms, kept } => {
            let body = text_to(&number(*fate).to_string(), &format!("r{reference}"));
            let mut body = terms(body, *sms);
            body["add_to_contact_book"] = json!(kept);
            body["callback_url"] = json!("http://127.0.0.1:9/one");
            post(SEND, body)
        }
        Ask::Campaign { count, later, sms, buttons } => {
            let numbers = number(60)..number(60) + u64::from(*count);
            let mut body = terms(campaign_to(numbers), *sms);
            if *later {
                body["start_at"] = json!("2026-01-05 19:00:00");
            }
            if *buttons {
                let link = json!({ "type": "link", "text": "Book", "url": "https://example.com/" });
                let call = json!({ "type": "call", "text": "Call", "phone": "380661231231" });
                body["options"] = json!({ "cards": [{ "text": "Menu", "suggestions": [link, call],
                    "media": { "url": "https://example.com/a.png" } }] });
            }
            post(CAMPAIGN, body)
        }
        Ask::ToList(list) => {
            let text = json!({ "text": "Hello" });
            let body = json!({ "groups": [other(*list)], "sender": "demo_agent", "options": text });
            post("/api/campaigns/rcs/send-groups", body)
        }
        Ask::Campaigns("POST", what, which) => {
            post(&format!("/sandbox/campaigns/{}/{what}", campaign(*which)), Value::Null)
        }
        Ask::Campaigns(method, what, which) => {
            (method, format!("/api/campaigns/{}/{what}", campaign(*which)), Value::Null)
        }
        Ask::TopUp(by) => {
            let amount = format!("0.{by:07}");
            post("/sandbox/accounts/live_sandbox/top-up", json!({ "amount": amount }))
        }
        Ask::Stop { fate, channel } => {
            let body = json!({ "phones": [number(*fate)], "types": [channel, "viber"] });
            post("/api/stoplist/attach", body)
        }
        Ask::Open(id) => {
            post("/api/stoplist/detach", json!({ "ids": [other(*id)], "types": ["rcs", "viber"] }))
        }
        Ask::Contact(fate) => post(
            "/api/contacts",
            json!({ "phone": number(*fate).to_string(), "fields": [{ "id": 1, "value": "x" }] }),
        ),
        Ask::Change(id, fate) => {
            let body = json!({ "phone": number(*fate).to_string() });
            ("PUT", format!("/api/contacts/{}", other(*id)), body)
        }
        Ask::Forget(id) => ("DELETE", format!("/api/contacts/{}", other(*id)), Value::Null),
        Ask::ForgetList(id) => {
            post(&format!("/api/contacts/delete?group_ids[]={}", other(*id)), Value::Null)
        }
        Ask::List(name) => post("/api/groups", json!({ "name": format!("list {name}") })),
        Ask::Rename(id, name) => {
            let body = json!({ "name": format!("list {name}"), "description": "renamed" });
            ("PUT", format!("/api/groups/{}", other(*id)), body)
        }
        Ask::Delete(id) => ("DELETE", format!("/api/groups/{}", other(*id)), Value::Null),
        Ask::Members(what, contact, list) => {
            let body = json!({ "contacts": [other(*contact)], "groups": [other(*list)] });
            post(&format!("/api/groups/{what}"), body)
        }
        Ask::Url(there) => {
            let url = there.then_some("http://127.0.0.1:9/all");
            post("/sandbox/callbacks", json!({ "key": "live_sandbox", "url": url }))
        }
        Ask::Click(which) => {
            let id = 4_419_393_001 + u64::from(*which % 40);
            post(&format!("/sandbox/messages/{id}/click"), json!({ "suggestion": 0 }))
        }
        Ask::Fault("delay") => {
            post("/sandbox/faults", json!([{ "on": "callback", "do": { "delay": "7s" } }]))
        }
        Ask::Fault(wrong) => {
            post("/sandbox/faults", json!([{ "on": "callback", "nth": 2, "do": wrong }]))
        }
        Ask::Pass(millis) => post("/sandbox/clock", json!({ "advance": format!("{millis}ms") })),
        Ask::Reset => post("/sandbox/reset", Value::Null),
    }
}

fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(test)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_was_asked_a_sandbox_that_is_killed_stands_where_it_stood(asks in asks()) {
        run(async {
            let folder = TempDir::new().unwrap();
            let path = folder.path().join("state");
            let life = Life::on(&path).await;
            for what in &asks {
                ask(&life, what).await;
            }
            let before = life.settled().await;
            let after = Life::on(&killed(&path)).await;
            pretty(&before, &after.settled().await);
            // Nor does it come to stand elsewhere later: what is planned and what is left to chance goes on too.
            life.advance(ENOUGH).await;
            after.advance(ENOUGH).await;
            pretty(&life.dump().await, &after.dump().await);
        });
    }

    #[test]
    fn a_file_that_ends_anywhere_is_cut_off_behind_its_last_whole_line(
        asks in asks(),
        at in any::<prop::sample::Index>(),
    ) {
        run(async {
            let folder = TempDir::new().unwrap();
            let path = folder.path().join("state");
            let life = Life::on(&path).await;
            for what in &asks {
                ask(&life, what).await;
            }
            let copy = killed(&path);
            let bytes = fs::read(&copy).unwrap();
            let cut = at.index(bytes.len() + 1);
            fs::write(&copy, &bytes[..cut]).unwrap();
            Life::on(&copy).await.inside.stop().await;
            let whole = bytes[..cut].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            let left = fs::read(&copy).unwrap();
            assert!(left.starts_with(&bytes[..whole]));
            assert!(left.ends_with(b"\n"));
            Life::on(&copy).await.inside.stop().await;
        });
    }
}

/// Fails at the first line that is not the same.
#[track_caller]
fn pretty(one: &str, other: &str) {
    let mut lines = one.lines().zip(other.lines()).enumerate();
    if let Some((at, (one, other))) = lines.find(|(_, (one, other))| one != other) {
        panic!("line {at}: {one} is now {other}");
    }
    assert_eq!(one.len(), other.len());
}

#[track_caller]
fn refused(config: SandboxConfig, says: &str) {
    let path = config.state.clone().unwrap();
    let before = fs::read(&path).unwrap();
    let error = run(async { Life::open(config).await.err() }).expect("it is refused");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains(says), "{source}");
    assert!(error.to_string().contains("state"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before, "it is left as it is");
}

/// A file with a send, a top-up, and some time.
fn some(folder: &TempDir) -> PathBuf {
    let path = folder.path().join("state");
    run(async {
        let life = Life::on(&path).await;
        ask(&life, &Ask::One { fate: 11, reference: 1, sms: false, kept: true }).await;
        ask(&life, &Ask::TopUp(5)).await;
        life.advance("1h").await;
    });
    path
}

#[test]
fn a_file_of_another_world_or_seed_is_refused_and_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = some(&folder);
    let mut seed = with_state(&path);
    seed.seed = 8;
    refused(seed, "it was made with seed 0 and not 8");
    let mut world = with_state(&path);
    world.world.accounts[0].balance = bsg_rcs_domain::Amount::ZERO;
    refused(world, "it was made with other accounts;");
    let mut fates = with_state(&path);
    fates.world.fates.builtin = false;
    refused(fates, "it was made with other fates;");
    let mut two = with_state(&path);
    two.world.delays.burst += 1;
    two.world.assumptions.spam_word = Some("casino".into());
    refused(two, "it was made with other assumptions, delays;");
    let mut prices = with_state(&path);
    prices.world.prices =
        prices.world.prices.in_currency(bsg_rcs_domain::Currency::parse("USD").unwrap());
    refused(prices, "it was made with other prices;");
}

#[test]
fn a_file_that_is_none_of_ours_is_refused_and_left_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    for foreign in ["hello", "hello\n", "{}\n", "{\"bsg-rcs-sandbox\":1}\n", "\n"] {
        fs::write(&path, foreign).unwrap();
        refused(with_state(&path), "no state file");
    }
    fs::remove_file(&path).unwrap();
    if cfg!(unix) {
        refused(with_state(Path::new("/dev/null")), "no state file");
    }
    let path = some(&folder);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\"format\":2", "\"format\":99", 1)).unwrap();
    refused(with_state(&path), "its format is 99, and this version reads 2");
    let broken: String = text.lines().enumerate().fold(String::new(), |broken, (at, line)| {
        broken + if at == 1 { "{\"do\":[1]}" } else { line } + "\n"
    });
    fs::write(&path, broken).unwrap();
    refused(with_state(&path), "line 2 cannot be read");
    fs::write(&path, text.replacen("\"account\":0,", "\"account\":9,", 1)).unwrap();
    refused(with_state(&path), "line 2 cannot be read");
}

/// A command that was refused and whose line could not be taken back would be refused again, and changes nothing.
#[test]
fn a_line_that_is_refused_is_passed_over() {
    let folder = TempDir::new().unwrap();
    let path = some(&folder);
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    let refused = lines[1].replacen("demo_agent", "lost_agent", 1).replacen("r1", "r2", 1);
    lines.insert(2, &refused);
    let before = run(async { Life::on(&killed(&path)).await.dump().await });
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    run(async {
        let life = Life::on(&path).await;
        pretty(&before, &life.dump().await);
        ask(&life, &Ask::TopUp(5)).await;
    });
    run(async { Life::on(&path).await.advance("1h").await });
}

#[test]
fn one_sandbox_at_a_time_uses_a_file() {
    let folder = TempDir::new().unwrap();
    let path = some(&folder);
    run(async {
        let _first = Life::on(&path).await;
        let second = Life::open(with_state(&path)).await.err().expect("it is refused");
        let source = std::error::Error::source(&second).unwrap().to_string();
        assert_eq!(source, "another sandbox uses it");
    });
}

#[test]
fn what_is_refused_leaves_no_line_and_idle_time_one() {
    let folder = TempDir::new().unwrap();
    let path = some(&folder);
    let size = || fs::metadata(&path).unwrap().len();
    run(async {
        let life = Life::on(&path).await;
        life.advance("1s").await;
        let before = size();
        for _ in 0..100 {
            life.advance("1s").await;
        }
        assert_eq!(size(), before, "the line that says the time is written over");
        let (status, _) = life.post(SEND, &text_to("380661231211", "r1")).await;
        assert_eq!(status, 422, "the reference is known");
        assert_eq!(size(), before);
        ask(&life, &Ask::TopUp(5)).await;
        assert!(size() > before);
        life.post("/sandbox/reset", &Value::Null).await;
        // The header, and where ids go on.
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
    });
}

#[test]
fn a_file_keeps_the_start_that_it_was_made_with() {
    let folder = TempDir::new().unwrap();
    let path = some(&folder);
    run(async {
        let mut later = with_state(&path);
        later.start = bsg_rcs_domain::CivilDateTime::parse("2027-01-01 00:00:00").unwrap();
        let life = Life::open(later).await.unwrap();
        let (_, clock) = life.call("GET", "/sandbox/clock", &Value::Null).await;
        assert_eq!(clock["now"], "2026-01-05 10:00:00");
        life.post("/sandbox/reset", &Value::Null).await;
        let (_, clock) = life.call("GET", "/sandbox/clock", &Value::Null).await;
        assert_eq!(clock["now"], "2026-01-05 09:00:00");
    });
}

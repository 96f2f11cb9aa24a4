//! What those who run it need: metrics, a doctor, replay, retention, and to forget.

use serde_json::{Value, json};

use crate::http;
use crate::load::accepted;
use crate::program::run;
use crate::stage::Stage;

fn parts(url: &str) -> (&str, String) {
    let (address, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    (address, format!("/{path}"))
}

/// The value of a line of metrics that begins so.
fn metric(page: &str, begins: &str) -> Option<f64> {
    let line = page.lines().find(|line| line.starts_with(begins))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn the_receiver_counts_what_comes() {
    let stage = Stage::new();
    let (_, known) = accepted(&stage, 2);
    let (_receiver, url) = stage.webhook();
    let (address, path) = parts(&url);
    let post = |path: &str, body: &str| http::call(address, "POST", path, body).0;
    assert_eq!(post(&path, &known[0].report("delivered")), 200);
    assert_eq!(post(&path, "{\"id\": 1}"), 200);
    assert_eq!(post("/callbacks/wrong", "{}"), 404);
    assert_eq!(post(&path, &"x".repeat(70_000)), 413);
    let (status, page) = http::call(address, "GET", "/metrics", "");
    assert_eq!(status, 200);
    for (line, value) in [
        ("bsg_rcs_callbacks_total{result=\"kept\"}", 2.0),
        ("bsg_rcs_callbacks_total{result=\"refused\"}", 1.0),
        ("bsg_rcs_callbacks_total{result=\"unfit\"}", 1.0),
        ("bsg_rcs_callbacks_judged_total{verdict=\"ours\"}", 1.0),
        ("bsg_rcs_callbacks_judged_total{verdict=\"aside\"}", 1.0),
        ("bsg_rcs_inbox_depth", 0.0),
        ("bsg_rcs_commit_seconds_count", 2.0),
    ] {
        assert_eq!(metric(&page, line), Some(value), "{line} in {page}");
    }
    assert!(!page.contains(&known[0].phone), "no number is shown");
}

/// An address that was free a moment ago.
fn free_address() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn what_the_receiver_counts_can_be_kept_from_strangers() {
    let stage = Stage::new();
    let metrics = free_address();
    let mut webhook = stage.start(&["webhook", "--listen", "127.0.0.1:0", "--metrics", &metrics]);
    let url = webhook.out.until("http://");
    let (address, path) = parts(&url);
    assert_eq!(http::call(address, "POST", &path, "{}").0, 200);
    assert_eq!(http::call(address, "GET", "/metrics", "").0, 404);
    let (_, page) = http::call(&metrics, "GET", "/metrics", "");
    assert_eq!(metric(&page, "bsg_rcs_callbacks_total{result=\"kept\"}"), Some(1.0));
    assert_eq!(metric(&page, "bsg_rcs_inbox_group_bucket{le=\"1\"}"), Some(1.0), "{page}");
}

#[test]
fn applying_can_be_measured() {
    let stage = Stage::new();
    stage.people(7000);
    let id = stage.plan();
    let address = free_address();
    // It stays, since nobody tells it of any end: the sandbox's time stands still.
    let apply = stage.start(&["campaign", "apply", &id, "--wait", "--metrics", &address]);
    while stage.total() < 7000 {}
    let page = loop {
        let (_, page) = http::call(&address, "GET", "/metrics", "");
        if metric(&page, "bsg_rcs_batches_total{outcome=\"accepted\"}") == Some(2.0) {
            break page;
        }
    };
    assert_eq!(metric(&page, "bsg_rcs_token_renewals_total"), Some(1.0), "{page}");
    let sends = "bsg_rcs_api_seconds_count{call=\"POST /api/campaigns/rcs/send\",status=\"200\"}";
    assert_eq!(metric(&page, sends), Some(2.0), "{page}");
    apply.interrupt();
    apply.end().expect(6, "");
}

#[test]
fn what_was_set_aside_is_judged_anew_by_a_replay() {
    let stage = Stage::new();
    let (id, known) = accepted(&stage, 1);
    // Another store receives it, which does not know the campaign.
    let elsewhere = |command: &mut std::process::Command| {
        command.env("BSG_RCS_STORE", "sqlite:other.db");
    };
    let mut webhook = stage.command(&["webhook", "--listen", "127.0.0.1:0"]);
    elsewhere(&mut webhook);
    let mut webhook = crate::program::Running::start(&mut webhook);
    let url = webhook.out.until("http://");
    let (address, path) = parts(&url);
    assert_eq!(http::call(address, "POST", &path, &known[0].report("delivered")).0, 200);
    webhook.kill();
    let mut replay = stage.command(&["webhook", "replay", "--output", "json"]);
    elsewhere(&mut replay);
    assert_eq!(run(&mut replay).expect(0, "").json(), json!({ "ours": 0, "aside": 1 }));
    // In the store of the campaign the same words are its recipient's, however often they are read.
    let (webhook, url) = stage.webhook();
    let (address, path) = parts(&url);
    assert_eq!(http::call(address, "POST", &path, &known[0].report("delivered")).0, 200);
    drop(webhook);
    let before = stage.report(&id);
    assert_eq!(stage.json(&["webhook", "replay"]), json!({ "ours": 1, "aside": 0 }));
    assert_eq!((stage.report(&id), before["statuses"]["delivered"].clone()), (before, json!(1)));
}

/// Whether the files of the store hold these bytes anywhere.
fn is_in_the_store(stage: &Stage, needle: &str) -> bool {
    let names = ["store.db", "store.db-wal"].map(|name| stage.folder.path().join(name));
    names.iter().any(|path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(needle.len()).any(|part| part == needle.as_bytes())
    })
}

#[test]
fn a_forgotten_number_is_nowhere_and_counts_stay() {
    let stage = Stage::new();
    let (id, known) = accepted(&stage, 3);
    let (webhook, url) = stage.webhook();
    let (address, path) = parts(&url);
    for one in &known {
        assert_eq!(http::call(address, "POST", &path, &one.report("delivered")).0, 200);
    }
    let before = stage.report(&id);
    let forgotten = stage.json(&["forget", &format!("+{}", known[1].phone)]);
    assert_eq!(forgotten, json!({ "recipients": 1 }));
    assert_eq!(stage.report(&id), before);
    // What is told of it later counts, and is not kept by the letter.
    assert_eq!(http::call(address, "POST", &path, &known[1].report("read")).0, 200);
    assert_eq!(stage.report(&id)["statuses"], json!({ "delivered": 2, "read": 1 }));
    let file = |needle: &str| is_in_the_store(&stage, needle);
    assert!(file(&known[0].phone), "bodies of others hold theirs");
    assert!(!file(&known[1].phone), "no byte of the store holds it");
    assert_eq!(stage.json(&["campaign", "forget", &id]), json!({ "recipients": 2 }));
    drop(webhook);
    stage.json(&["campaign", "apply", &id]);
    assert_eq!(stage.total(), 3, "nobody is written to again");
}

#[test]
fn the_lines_that_a_plan_lists_are_forgotten_too() {
    let stage = Stage::new();
    // A number that hardly exists, and a line that is refused for what stands behind the number.
    let odd = "999 12 345 678";
    stage.file("people.csv", format!("phone\n380661000001\n{odd}\n380661000002 or so\n"));
    let id = stage.plan();
    let kept = |needle: &str| is_in_the_store(&stage, needle);
    assert!(kept(odd) && kept("380661000002"));
    stage.json(&["forget", "380661000002"]);
    assert!(kept(odd) && !kept("380661000002"));
    stage.json(&["campaign", "forget", &id]);
    assert!(!kept(odd));
    stage.report(&id);
}

#[test]
fn a_reference_of_ones_own_is_forgotten_and_still_sends_once() {
    let stage = Stage::new();
    let send =
        ["send", "--message", "message.toml", "--to", "380661231210", "--reference", "order4711"];
    stage.run(&send).expect(0, "");
    assert!(is_in_the_store(&stage, "order4711"));
    stage.json(&["forget", "380661231210"]);
    assert!(!is_in_the_store(&stage, "order4711"), "no byte of the store holds it");
    assert_ne!(stage.run(&send).code, Some(0));
    assert_eq!(stage.total(), 1, "the same is not sent again");
}

#[test]
fn what_is_not_sent_yet_is_not_sent_to_the_forgotten() {
    let stage = Stage::new();
    stage.people(3);
    let id = stage.plan();
    let phone = crate::stage::delivered(3).nth(1).unwrap();
    stage.json(&["forget", &phone.to_string()]);
    stage.run(&["campaign", "apply", &id]).expect(0, "");
    let report = stage.report(&id);
    assert_eq!((&report["accepted"], &report["rejected"]), (&json!(2), &json!(1)));
    stage.expect_each_once(crate::stage::delivered(3).filter(|number| *number != phone));
}

#[test]
fn clicks_are_reported_by_button() {
    let stage = Stage::new();
    let (id, known) = accepted(&stage, 2);
    let (_webhook, url) = stage.webhook();
    let (address, path) = parts(&url);
    for (one, button) in [(0, "Book"), (1, "Book"), (1, "Book"), (1, "Call")] {
        let known = &known[one];
        let body = json!({
            "id": known.id, "reference": known.reference, "msisdn": known.phone,
            "text": button, "postback": button.to_lowercase(), "time_click": "2026-01-05 09:00:00",
        });
        assert_eq!(http::call(address, "POST", &path, &body.to_string()).0, 200);
    }
    let report = stage.report(&id);
    let button = |text: &str, postback: &str, clicks: u64| json!({ "text": text, "postback": postback, "clicks": clicks });
    assert_eq!(report["clicks"], 3);
    assert_eq!(report["buttons"], json!([button("Book", "book", 2), button("Call", "call", 1)]));
}

#[test]
fn contradictions_are_listed() {
    let stage = Stage::new();
    let (id, known) = accepted(&stage, 2);
    let (_webhook, url) = stage.webhook();
    let (address, path) = parts(&url);
    for status in ["delivered", "failed"] {
        assert_eq!(http::call(address, "POST", &path, &known[1].report(status)).0, 200);
    }
    let expected = json!([{ "recipient": 1, "what": ["delivered and not"] }]);
    assert_eq!(stage.report(&id)["contradictions"], expected);
}

/// What the doctor finds: what is ill, by its name.
fn ill(found: &Value) -> Vec<&str> {
    let found = found.as_array().unwrap().iter();
    found.filter(|one| one["well"] == false).map(|one| one["what"].as_str().unwrap()).collect()
}

#[test]
fn the_doctor_says_what_is_wrong() {
    let stage = Stage::new();
    let (webhook, url) = stage.webhook();
    let doctor =
        |url: &str| run(&mut stage.command(&["doctor", "--output", "json", "--callback-url", url]));
    let well = doctor(&url);
    // The sandbox's clock is its own, and may be far from this machine's; it answers by the real one.
    assert_eq!(ill(&well.expect(0, "").json()), Vec::<&str>::new(), "{well:?}");
    let wrong = doctor(&format!("{url}x"));
    assert_eq!(ill(&wrong.expect(3, "").json()), ["callbacks"]);
    webhook.kill();
    let gone = doctor(&url);
    let says = gone.expect(3, "").stdout.clone();
    assert!(says.contains("nothing answers at the URL"), "{says}");
    let mut refused = stage.command(&["doctor", "--output", "json"]);
    let refused = run(refused.env("BSG_API_KEY", "live_wrong"));
    assert_eq!(ill(&refused.expect(7, "").json()), ["key"]);
    let mut away = stage.command(&["doctor", "--output", "json"]);
    let away = run(away.env("BSG_BASE_URL", "http://127.0.0.1:1"));
    assert_eq!(ill(&away.expect(7, "").json()), ["key"]);
}

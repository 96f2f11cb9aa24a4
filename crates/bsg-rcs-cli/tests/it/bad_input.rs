//! Bad input gets a clear error and the right exit code; nothing is lost or half done.

use crate::bench::Bench;

/// Runs and expects this code and these words on standard error; nothing was planned or sent.
fn check(bench: &Bench, arguments: &[&str], code: i32, words: &str) {
    let said = bench.run(arguments);
    assert_eq!(said.code, code, "{arguments:?}: {}", said.stderr);
    assert!(said.stderr.contains(words), "{arguments:?}: {}", said.stderr);
    assert!(!said.stderr.contains("live_sandbox"), "the key shows: {}", said.stderr);
    assert!(bench.messages().is_empty(), "{arguments:?} sent something");
}

fn plan<'a>(message: &'a str, recipients: &'a str) -> Vec<&'a str> {
    vec!["campaign", "plan", "--message", message, "--recipients", recipients]
}

#[test]
fn recipients_that_are_none() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("folder")).unwrap();
    for (name, content, words) in [
        ("empty.csv", &b""[..], "empty.csv: it is empty"),
        ("columns.csv", b"name,email\nAnn,a@b\n", "it has: name, email"),
        ("binary.csv", b"phone\n\x00\x01\x02\n", "it is a binary file"),
        ("sheet.csv", b"PK\x03\x04....", "save it as CSV"),
        ("refused.csv", b"phone\n123\nabc\n", "there is nobody to write to: 2 lines were read, 2"),
        ("header.csv", b"phone\n", "there is nobody to write to: 0 lines were read"),
    ] {
        bench.file(name, content);
        check(&bench, &plan("message.toml", name), 3, words);
    }
    check(&bench, &plan("message.toml", "absent.csv"), 3, "absent.csv: there is no such file");
    check(&bench, &plan("message.toml", "folder"), 3, "folder: it is a folder");
    assert_eq!(bench.json(&["campaign", "list"], 0), serde_json::json!([]));
}

#[test]
fn messages_that_are_none() {
    let bench = Bench::new();
    bench.file("people.csv", "380661231210\n");
    let long = format!("agent = \"demo_agent\"\ntext = \"{}\"\n", "x".repeat(161));
    let both = "agent = \"a\"\ntext = \"b\"\n[[cards]]\ntext = \"c\"\n";
    for (name, content, words) in [
        ("both.toml", both, "CONTENT-BOTH"),
        ("long.toml", &long, "here 161 UTF-16 code units (RCS-TEXT-LEN)"),
        ("typo.toml", "agent = \"a\"\ntexd = \"b\"\n", "unknown field `texd`"),
        ("broken.toml", "agent = \"a\"\ntext = \n", "line 2"),
        ("broken.json", "{\"agent\": \"a\",\n \"text\": }", "line 2"),
        ("empty.toml", "", "empty.toml: it is empty"),
    ] {
        bench.file(name, content);
        check(&bench, &plan(name, "people.csv"), 3, words);
        check(&bench, &["send", "--message", name, "--to", "380661231210"], 3, words);
    }
    check(&bench, &plan("absent.toml", "people.csv"), 3, "absent.toml: there is no such file");
    check(&bench, &["send", "--message", "message.toml", "--to", "066123"], 3, "NUM-NATIONAL");
    let reference =
        ["send", "--message", "message.toml", "--to", "380661231210", "--reference", "a b"];
    check(&bench, &reference, 3, "REF-FORM");
}

#[test]
fn a_store_that_is_no_database_is_left_untouched() {
    let bench = Bench::new();
    let text =
        "dear diary, this is not a database, and longer than any header could be. ".repeat(20);
    bench.file("diary.txt", &text);
    let list = ["campaign", "list", "--store"];
    check(&bench, &[&list[..], &["sqlite:diary.txt"]].concat(), 3, "diary.txt");
    assert_eq!(std::fs::read_to_string(bench.path("diary.txt")).unwrap(), text);
    check(&bench, &[&list[..], &["mysql:x"]].concat(), 3, "write --store sqlite:PATH");
    check(&bench, &[&list[..], &["sqlite:no/such/folder/x.db"]].concat(), 3, "no/such/folder");
}

#[test]
fn plans_that_are_refused_leave_nothing() {
    let bench = Bench::new();
    bench.file("people.csv", "380661231210\n491701234510\n");
    bench.file("holes.csv", "country,type,price,currency\nUA,text,0.01,EUR\n");
    bench.file("prices.csv", "country,type,price,currency\n*,text,0.05,EUR\n");
    let with = |more: &[&'static str]| [&plan("message.toml", "people.csv")[..], more].concat();
    check(&bench, &with(&["--max-cost", "1"]), 2, "--prices");
    check(&bench, &with(&["--prices", "holes.csv"]), 3, "no price for text in DE");
    let dear = with(&["--prices", "prices.csv", "--max-cost", "0.09"]);
    check(&bench, &dear, 3, "it could cost 0.1000000 EUR, more than the 0.0900000 EUR");
    check(&bench, &with(&["--prices", "prices.csv", "--max-cost", "much"]), 3, "--max-cost");
    check(&bench, &with(&["--start-at", "tomorrow"]), 3, "--start-at");
    assert_eq!(bench.json(&["campaign", "list"], 0), serde_json::json!([]));
    let id = bench.json(&with(&[]), 0)["campaign"].as_str().unwrap().to_owned();
    // The same people in another order and writing are the same plan.
    bench.file("people.csv", "phone\n+49 170 1234510\n00380661231210\n");
    check(&bench, &with(&[]), 3, &format!("campaign {id} of the last 24 hours"));
    assert_eq!(bench.run(&with(&["--again"])).code, 0);
}

#[test]
fn campaigns_that_cannot_be_applied() {
    let bench = Bench::new();
    check(&bench, &["campaign", "apply", "nonsense"], 3, "a campaign id has 13 characters");
    check(&bench, &["campaign", "apply", "aaaaaaaaaaaaa"], 3, "the store has no campaign");
    check(&bench, &["campaign", "report", "aaaaaaaaaaaaa"], 3, "the store has no campaign");
    let id = bench.plan("380661231210\n");
    let elsewhere = ["campaign", "apply", &id, "--base-url", "http://127.0.0.1:9"];
    check(&bench, &elsewhere, 3, "goes nowhere else");
    bench.file("key", "test_sandbox\n");
    let another = ["campaign", "apply", &id, "--api-key-file", "key"];
    check(&bench, &another, 3, "another API key");
}

#[test]
fn a_platform_that_cannot_be_reached_and_a_key_that_is_refused() {
    let bench = Bench::new();
    let nobody = ["account", "balance", "--base-url", "http://127.0.0.1:1"];
    check(&bench, &nobody, 7, "could not be reached");
    bench.file("key", "live_wrong");
    let wrong = ["account", "balance", "--api-key-file", "key"];
    check(&bench, &wrong, 7, "refused the API key");
    check(&bench, &["account", "balance", "--base-url", "http://example.com"], 3, "use https");
    check(&bench, &["account", "balance", "--api-key-file", "absent"], 3, "no such file");
    check(&bench, &["campaign", "frobnicate"], 2, "Usage");
}

#[test]
fn a_port_in_use_is_named() {
    let mut bench = Bench::new();
    let address = bench.url.trim_start_matches("http://").to_owned();
    check(&bench, &["sandbox", "--listen", &address], 3, &address);
    check(&bench, &["webhook", "--listen", &address], 3, "choose another port");
    assert!(bench.sandbox_is_up());
}

//! Bad input: an exit code, a sentence that says what, where and what to do, and nothing done.

use std::fs;
use std::net::TcpListener;

use crate::program::{Ended, run};
use crate::stage::{MESSAGE, Stage, lines};

/// A number that no message may quote.
const NUMBER: &str = "380661231210";

/// A stage with a good message, good people and good prices.
fn stage() -> Stage {
    let stage = Stage::new();
    stage.file("people.csv", format!("phone\n{NUMBER}\n"));
    stage.file("prices.csv", "country,type,price,currency\n*,text,0.0500000,EUR\n");
    fs::create_dir(stage.folder.path().join("folder")).unwrap();
    stage
}

/// Fails unless nothing was planned, nothing sent, and nothing said that must not be.
#[track_caller]
fn expect_nothing_done(stage: &Stage, ended: &Ended) {
    assert_eq!(ended.stdout, "");
    expect_no_secrets(ended);
    assert_eq!(stage.json(&["campaign", "list"]), serde_json::json!([]));
    assert_eq!(stage.total(), 0);
}

#[track_caller]
fn expect_no_secrets(ended: &Ended) {
    for secret in [NUMBER, "live_sandbox", "live_another"] {
        assert!(!ended.stderr.contains(secret), "{ended:#?}");
    }
}

/// Plans with one file that is not as it should be.
#[track_caller]
fn check(stage: &Stage, args: &[&str], code: i32, says: &str) {
    let ended = stage.run(&[&["campaign", "plan"], args].concat());
    expect_nothing_done(stage, ended.expect(code, says));
}

#[test]
fn a_message_file_that_is_no_message() {
    let stage = stage();
    let cards = "[[cards]]\ntext = \"Menu\"\n";
    let long = "\u{1f600}".repeat(80);
    for (name, content, says) in [
        ("empty.toml", String::new(), "empty.toml: it is empty"),
        ("blank.json", " \n".into(), "blank.json: it is empty"),
        ("both.toml", format!("{MESSAGE}{cards}"), "never both: remove one (CONTENT-BOTH)"),
        ("none.toml", "agent = \"demo_agent\"\n".into(), "(CONTENT-NONE)"),
        (
            "long.toml",
            format!("agent = \"demo_agent\"\ntext = \"{long}a\"\n"),
            "text: a text message has 1 to 160 UTF-16 code units; here 161 UTF-16 code units",
        ),
        ("field.toml", format!("{MESSAGE}colour = \"red\"\n"), "unknown field `colour`"),
        ("field.json", r#"{"agent": "a", "colour": 1}"#.into(), "unknown field `colour`"),
        ("line.toml", "agent = \"demo_agent\"\ntext = Hello\n".into(), "line 2"),
        ("line.json", "{\n\"agent\": oops}".into(), "line 2"),
        ("agentless.toml", "text = \"Hello\"\n".into(), "missing field `agent`"),
    ] {
        stage.file(name, content);
        check(&stage, &["--message", name, "--recipients", "people.csv"], 3, says);
    }
    stage.file("binary.toml", b"\x7fELF\xff\xfe\x00");
    check(&stage, &["--message", "binary.toml", "--recipients", "people.csv"], 3, "not UTF-8 text");
    for (name, says) in [
        ("nothing.toml", "nothing.toml: there is no such file"),
        ("folder", "folder: it is a folder, not a file"),
    ] {
        check(&stage, &["--message", name, "--recipients", "people.csv"], 3, says);
    }
}

#[test]
fn the_longest_text_is_no_fault() {
    let stage = stage();
    let long = "\u{1f600}".repeat(80);
    stage.file("message.toml", format!("agent = \"demo_agent\"\ntext = \"{long}\"\n"));
    stage.plan();
}

#[test]
fn a_recipients_file_that_is_no_list() {
    let stage = stage();
    for (name, content, says) in [
        ("empty.csv", &b""[..], "empty.csv: it is empty"),
        (
            "columns.csv",
            b"name,email\nAnn,ann@example.com\n",
            "no column is named phone, mobile, msisdn or number: choose one with --column; it has: name, email",
        ),
        ("headless.csv", b"380661231210,Ann\n", "has 2 fields and is no header"),
        ("binary.csv", b"phone\n\x00\x01\x02\n", "binary.csv: it is a binary file"),
        ("sheet.csv", b"PK\x03\x04\x14\x00", "it is a spreadsheet or archive"),
        ("wide.csv", b"\xff\xfep\x00h\x00", "choose one with --column; it has: ph"),
        (
            "refused.csv",
            b"phone\n0661231210\nnobody\n12\n",
            "no valid recipients: 3 lines were read, 3 of them refused\n  line 2: \"0661231210\" (NUM-NATIONAL)\n  line 3: \"nobody\" (NUM-CHAR)\n  line 4: \"12\" (NUM-LEN)",
        ),
        ("header.csv", b"phone\n", "no valid recipients"),
    ] {
        stage.file(name, content);
        check(&stage, &["--message", "message.toml", "--recipients", name], 3, says);
    }
    for (name, says) in [
        ("nothing.csv", "nothing.csv: there is no such file"),
        ("folder", "folder: it is a folder, not a file"),
        ("-", "standard input: it is empty"),
    ] {
        check(&stage, &["--message", "message.toml", "--recipients", name], 3, says);
    }
}

#[test]
fn a_price_or_cost_that_does_not_hold() {
    let stage = stage();
    stage.file("hole.csv", "country,type,price,currency\nDE,text,0.0500000,EUR\n");
    let files = ["--message", "message.toml", "--recipients", "people.csv"];
    for (more, code, says) in [
        (&["--max-cost", "1"][..], 2, "--prices"),
        (&["--prices", "prices.csv", "--max-cost", "cheap"], 3, "write an amount such as 25.50"),
        (
            &["--prices", "prices.csv", "--max-cost", "0.0499999"],
            3,
            "it could cost 0.0500000 EUR, more than the 0.0499999 EUR that are allowed",
        ),
        (&["--prices", "hole.csv"], 3, "UA"),
        (&["--prices", "nothing.csv"], 3, "nothing.csv: there is no such file"),
        (&["--start-at", "tomorrow"], 3, "--start-at"),
    ] {
        check(&stage, &[&files, more].concat(), code, says);
    }
    let allowed = ["--prices", "prices.csv", "--max-cost", "0.05"];
    stage.run(&[&["campaign", "plan"], &files[..], &allowed].concat()).expect(0, "");
}

#[test]
fn a_store_that_is_none_stays_as_it_is() {
    let stage = stage();
    let other = b"These are my notes.\n".repeat(100);
    stage.file("notes.txt", &other);
    stage.file("short.txt", "a");
    let names = || {
        let entries = fs::read_dir(stage.folder.path()).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    for (store, says) in [
        ("sqlite:notes.txt", "notes.txt cannot be opened: it is no SQLite database"),
        ("sqlite:short.txt", "short.txt cannot be opened: it is no SQLite database"),
        ("sqlite:folder", "folder cannot be opened: it is a folder"),
        ("sqlite:none/store.db", "its folder is not there"),
        (
            "redis://user:password@host/0",
            "the store \"redis\" is not known: write sqlite:PATH or postgres:",
        ),
        ("store.db", "write sqlite:PATH or postgres:"),
        ("sqlite:", "the store has no name: write --store sqlite:PATH"),
    ] {
        for command in [
            &["campaign", "list"][..],
            &["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"],
            &["send", "--message", "message.toml", "--to", NUMBER],
            &["webhook", "--listen", "127.0.0.1:0"],
        ] {
            let ended = run(stage.command(command).args(["--store", store]));
            expect_no_secrets(ended.expect(3, says));
            assert!(!ended.stderr.contains("password"), "{ended:#?}");
            assert_eq!(ended.stdout, "");
        }
    }
    assert_eq!(names(), before, "nothing was made beside them");
    assert_eq!(fs::read(stage.folder.path().join("notes.txt")).unwrap(), other);
    assert_eq!(fs::read(stage.folder.path().join("short.txt")).unwrap(), b"a");
    assert_eq!(stage.total(), 0);
}

#[test]
fn a_port_in_use() {
    let stage = stage();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for command in ["sandbox", "webhook"] {
        let ended = stage.run(&[command, "--listen", &address]);
        assert_eq!(ended.expect(3, "choose another port").stdout, "", "{command}");
        assert!(ended.stderr.contains(&address), "{ended:#?}");
    }
}

#[test]
fn an_address_that_is_not_this_machines() {
    // Kept for documentation (RFC 5737): nobody has it.
    for command in ["sandbox", "webhook"] {
        let ended = stage().run(&[command, "--listen", "192.0.2.1:8080"]);
        ended.expect(3, "cannot listen on 192.0.2.1:8080: ");
    }
}

#[test]
fn a_campaign_that_is_none() {
    let stage = stage();
    for command in ["apply", "status", "report", "stop"] {
        for (id, says) in [
            ("mine", "\"mine\": "),
            ("aaaaaaaaaaaaa", "the store has no campaign aaaaaaaaaaaaa: `campaign list` shows"),
        ] {
            let ended = stage.run(&["campaign", command, id]);
            expect_nothing_done(&stage, ended.expect(3, says));
        }
    }
    stage.run(&["resolve", "hello"]).expect(3, "the store has no send with the reference hello");
    stage.run(&["resolve", "not one"]).expect(3, "the reference: ");
}

#[test]
fn a_number_or_reference_that_is_none_is_not_sent() {
    let stage = stage();
    for (to, reference, says) in [
        ("0661231210", "hello", "NUM-NATIONAL"),
        ("12", "hello", "NUM-LEN"),
        (NUMBER, "not one", "the reference: "),
    ] {
        let to = ["--to", to, "--reference", reference];
        let ended = stage.run(&[&["send", "--message", "message.toml"][..], &to].concat());
        expect_nothing_done(&stage, ended.expect(3, says));
    }
}

#[test]
fn the_same_plan_a_second_time_is_refused_unless_it_is_wished() {
    let stage = stage();
    let id = stage.plan();
    // The same people, written differently.
    stage.file("same.csv", "+380 (66) 123-12-10\n00380661231210\n");
    let plan = ["campaign", "plan", "--message", "message.toml", "--recipients", "same.csv"];
    // Nothing was sent yet; the second plan can be removed, and is refused once the first began.
    let second = stage.json(&plan)["campaign"].as_str().unwrap().to_owned();
    stage.run(&["campaign", "apply", &id]).expect(0, "");
    let ended = stage.run(&["campaign", "apply", &second]);
    ended.expect(3, &format!("campaign {id} sent the same message")).expect(3, "--again");
    stage.run(&["campaign", "discard", &second]).expect(0, "");
    stage.run(&["campaign", "discard", &id]).expect(3, "its record is kept");
    let ended = stage.run(&plan);
    ended.expect(3, &format!("campaign {id} sent the same message")).expect(3, "say --again");
    expect_no_secrets(&ended);
    assert_eq!(stage.json(&["campaign", "list"]).as_array().unwrap().len(), 1);
    stage.run(&[&plan[..], &["--again"]].concat()).expect(0, "");
    assert_eq!(stage.json(&["campaign", "list"]).as_array().unwrap().len(), 2);
    // Others, or something else, are another plan.
    stage.file("same.csv", lines([380_661_231_210, 380_661_231_211]));
    stage.run(&plan).expect(0, "");
}

#[test]
fn a_plan_goes_nowhere_else_than_it_was_made_for() {
    let stage = stage();
    let id = stage.plan();
    let apply = ["campaign", "apply", &id];
    let key = run(stage.command(&apply).env("BSG_API_KEY", "live_another"));
    expect_no_secrets(key.expect(3, "was planned with another API key"));
    let url = run(stage.command(&apply).env("BSG_BASE_URL", "http://127.0.0.1:9"));
    expect_no_secrets(url.expect(3, &format!("was planned for {}", stage.base_url)));
    assert_eq!(stage.total(), 0);
    assert_eq!(stage.report(&id)["state"], "planned");
    stage.run(&apply).expect(0, "");
    assert_eq!(stage.total(), 1);
}

//! Files that people bring: what spreadsheets and editors make of them.

use serde_json::json;

use crate::stage::Stage;

const CHECK: [&str; 5] = ["check", "--message", "message.toml", "--recipients", "people.csv"];

fn utf16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// What a terminal shows, without its line breaks.
fn unwrapped(shown: &str) -> String {
    shown.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Fails unless the list has these recipients, refusals and labels, checked and planned.
#[track_caller]
fn check(file: impl AsRef<[u8]>, args: &[&str], recipients: u64, refused: u64) {
    let stage = Stage::new();
    stage.file("people.csv", file);
    let told = stage.json(&[&CHECK[..], args].concat());
    let counts = (&told["recipients"]["recipients"], &told["recipients"]["refused"]);
    assert_eq!(counts, (&json!(recipients), &json!(refused)), "{told:#}");
    let plan = ["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"];
    let plan = stage.json(&[&plan[..], args].concat());
    assert_eq!((&plan["recipients"], &plan["refused"]), (&json!(recipients), &json!(refused)));
}

#[test]
fn a_list_of_every_dialect_is_read() {
    let list = "Name;Phone Number;reference\r\nAnn;+380 66 123 12 10;a\r\n;;\r\nBob;380661231211;b\r\n;;\r\n";
    check(list, &[], 2, 0);
    check(format!("sep=;\r\n{list}"), &[], 2, 0);
    check(utf16(list), &[], 2, 0);
    check(utf16(&list.replace(';', "\t")), &[], 2, 0);
    check(list.replace("Phone Number", "\u{200b}Phone 1 - Value"), &[], 2, 0);
    let two = list.replace("Name", "Mobile");
    check(two.replace("Ann", "380661231212").replace("Bob", ""), &["--column", "Mobile"], 1, 1);
    check(two, &["--column", "phone number", "--label-column", "Mobile"], 2, 0);
}

#[test]
fn a_list_in_another_encoding_is_refused_line_by_line_or_decoded() {
    let list = b"phone;reference\n380661231210;M\xfcller\n380661231211;Ann\n";
    check(list, &[], 1, 1);
    check(list, &["--encoding", "windows-1252"], 2, 0);
    let stage = Stage::new();
    stage.file("people.csv", list);
    let told = stage.json(&CHECK);
    assert_eq!(told["recipients"]["refusals"][0]["rule"], "RCPT-ENCODING");
    stage.run(&[&CHECK[..], &["--encoding", "ansi"]].concat()).expect(2, "no such encoding");
}

/// R9: a list of which no line can be used.
#[test]
fn a_list_that_is_refused_whole_is_told_line_by_line() {
    let stage = Stage::new();
    stage.file("people.csv", "phone\n\"3,80661E+11\"\n#N/A\n");
    let ended = stage.run(&CHECK);
    ended.expect(3, "");
    let shown = unwrapped(&ended.stdout);
    for part in [
        "no valid recipients: 2 lines were read, 2 of them refused",
        "3,80661E+11",
        "#N/A",
        "NUM-CHAR",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    let told = stage.run(&[&CHECK[..], &["--output", "json"]].concat());
    let told = told.expect(3, "").json();
    let rows = &told["recipients"]["refusals"];
    assert_eq!(rows[0], json!({ "line": 2, "value": "3,80661E+11", "rule": "NUM-CHAR" }));
    assert_eq!(rows[1]["value"], "#N/A");
    let plan = ["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"];
    stage.run(&plan).expect(3, "  line 3: \"#N/A\" (NUM-CHAR)");
}

/// P1: prices of countries that are none.
#[test]
fn a_price_for_a_country_that_is_none_is_refused() {
    let stage = Stage::new();
    stage.file("people.csv", "phone\n+447911123456\n");
    let check = [&CHECK[..], &["--prices", "prices.csv"]].concat();
    for (code, meant) in [("UK", "GB"), ("EL", "GR")] {
        let prices = format!("country,type,price,currency\n*,text,0.02,EUR\n{code},text,0.5,EUR\n");
        stage.file("prices.csv", prices);
        let says = format!("line 3: country: {code} is not a country code: did you mean {meant}?");
        let ended = stage.run(&check);
        ended.expect(3, "");
        assert!(unwrapped(&ended.stdout).contains(&says), "{ended:#?}");
        let plan = ["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"];
        let cap = ["--prices", "prices.csv", "--max-cost", "0.05"];
        stage.run(&[&plan[..], &cap].concat()).expect(3, &says);
    }
}

#[test]
fn the_faults_of_all_files_are_told_at_once() {
    let stage = Stage::new();
    stage.file("message.toml", "agent = \"\"\ntext = \"Hello\"\n");
    stage.file("people.csv", "phone\n0661231210\n+380661231211\n");
    stage.file("prices.csv", "country;type;price;currency\n*;text;0,05;EUR\n");
    let check = [&CHECK[..], &["--prices", "prices.csv", "--output", "json"]].concat();
    let told = stage.run(&check).expect(3, "").json();
    assert_eq!(told["faults"][0]["rule"], "AGENT-LEN");
    let problem = told["problems"][0].as_str().unwrap();
    assert!(problem.contains("prices.csv: line 2: price: 0,05 has a decimal comma"), "{problem}");
    assert_eq!(told["recipients"]["refusals"][0]["rule"], "NUM-NATIONAL");
    stage.file("message.toml", "agent = \"a\"\ntext = Hello\n");
    let told = stage.run(&check).expect(3, "").json();
    let problem = told["problems"][0].as_str().unwrap();
    assert!(problem.starts_with("message.toml: line 2: "), "{problem}");
    assert_eq!(told["problems"].as_array().unwrap().len(), 2);
    assert_eq!(told["recipients"]["refused"], 1);
}

/// R11 and R4: what a file says in an error.
#[test]
fn foreign_text_is_cut_and_escaped() {
    let stage = Stage::new();
    stage.file("people.csv", format!("{},x\n", "a".repeat(900_000)));
    let ended =
        stage.run(&["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"]);
    assert!(ended.expect(3, "(900000 characters)").stderr.len() < 500);
    stage.file("long.toml", format!("agent = \"a\"\n{} = 1\n", "b".repeat(100_000)));
    let ended = stage.run(&["preview", "--message", "long.toml"]);
    assert!(ended.expect(3, "long.toml").stderr.len() < 500);
    stage.file("people.csv", "n\u{202e}ame,b\n");
    let ended =
        stage.run(&["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"]);
    ended.expect(3, "n\\u{202e}ame, b");
}

#[test]
fn a_message_and_a_key_may_be_saved_as_utf_16() {
    let stage = Stage::new();
    stage.file("message.toml", utf16("agent = \"demo_agent\"\r\ntext = \"Привіт\"\r\n"));
    stage.file("people.csv", "phone\n380661231210\n");
    assert_eq!(stage.json(&CHECK)["accepted"], true);
    stage.file("key", utf16("live_sandbox\r\n"));
    let account = ["account", "balance", "--api-key-file", "key"];
    stage.run(&account).expect(0, "");
}

/// S7: a file that is standard input.
#[test]
fn standard_input_is_one_file() {
    let stage = Stage::new();
    stage.people(1);
    for args in [
        &["check", "--message", "-", "--recipients", "-"][..],
        &["check", "--message", "message.toml", "--recipients", "-", "--prices", "-"],
        &["campaign", "plan", "--message", "-", "--recipients", "-"],
    ] {
        stage.run(args).expect(3, "only one of the files can be standard input");
    }
    let ended = stage.run(&["preview", "--message", "-"]);
    ended.expect(3, "standard input: it is empty");
}

/// P5 and P6: what an editor makes of an SMS, and what it costs.
#[test]
fn the_parts_of_an_sms_are_told_and_what_makes_them_more() {
    let stage = Stage::new();
    let sms = |text: &str| {
        let file = format!(
            "agent = \"demo_agent\"\ntext = \"Hi\"\n[sms]\nsender = \"Bistro\"\ntext = \"\"\"{text}\"\"\"\n"
        );
        stage.file("message.toml", file);
    };
    sms(&format!("{}\r\n{}", "a".repeat(79), "b".repeat(80)));
    let check = ["check", "--message", "message.toml"];
    let told = stage.json(&check);
    assert_eq!(
        told["sms"],
        json!({ "encoding": "GSM 7-bit", "parts": 1, "units": 160, "forcing": [] })
    );
    assert_eq!(told["faults"], json!([]));
    for (odd, code, replacement) in [
        ("\u{a0}", "U+00A0", json!(" ")),
        ("\u{200c}", "U+200C", json!("")),
        ("\u{2019}", "U+2019", json!("'")),
        ("\t", "U+0009", json!(" ")),
    ] {
        sms(&format!("{}{odd}{}", "a".repeat(70), "b".repeat(80)));
        let told = stage.json(&check);
        assert_eq!((&told["sms"]["parts"], &told["sms"]["encoding"]), (&json!(3), &json!("UCS-2")));
        let forcing = &told["sms"]["forcing"][0];
        assert_eq!((&forcing["code"], &forcing["at"]), (&json!(code), &json!(71)));
        assert_eq!(forcing["replacement"], replacement);
        assert_eq!(told["faults"][0]["rule"], "SMS-TEXT-FORCED");
        let preview = stage.json(&["preview", "--message", "message.toml"]);
        assert_eq!(preview["sms"], told["sms"]);
        for command in [&check[..], &["preview", "--message", "message.toml"]] {
            let shown = unwrapped(&stage.run(command).stdout);
            assert!(shown.contains("SMS: 3 parts in UCS-2, 151 UTF-16 code units"), "{shown}");
        }
    }
}

/// P8: parts are counted.
#[test]
fn an_sms_of_six_parts_is_refused() {
    let stage = Stage::new();
    for text in [format!("{}a", "€".repeat(382)), format!("{}a", "\u{1f600}".repeat(167))] {
        let file = format!(
            "agent = \"demo_agent\"\ntext = \"Hi\"\n[sms]\nsender = \"Bistro\"\ntext = \"{text}\"\n"
        );
        stage.file("message.toml", file);
        let told = stage.run(&["check", "--message", "message.toml", "--output", "json"]);
        let told = told.expect(3, "").json();
        assert_eq!(told["faults"][0]["rule"], "SMS-PARTS", "{told}");
        assert_eq!(told["faults"][0]["measured"], 6);
    }
}

/// P7: what looks like a placeholder.
#[test]
fn a_placeholder_that_nothing_fills_in_is_warned_of() {
    let stage = Stage::new();
    for found in ["{{name}}", "#NAME#", "%firstname%"] {
        stage.file("message.toml", format!("agent = \"demo_agent\"\ntext = \"Hi {found}!\"\n"));
        let told = stage.json(&["check", "--message", "message.toml"]);
        assert_eq!(told["faults"][0]["rule"], "TEXT-PLACEHOLDER");
        assert_eq!(told["faults"][0]["detail"], format!("here {found}"));
    }
}

/// P3 and P4: the time that a campaign is to start at.
#[test]
fn a_start_that_would_be_lost_or_refused_is_told_before() {
    let stage = Stage::new();
    stage.people(1);
    for (start, says) in [
        ("2036-03-29T09:00:00+03:00", "without Z or +03:00"),
        ("2036-03-29T09:00:00Z", "without Z or +03:00"),
        ("tomorrow", "a time is written 2024-08-22 11:47:42"),
        ("2020-01-01 09:00:00", "START-PAST"),
        ("2099-01-01 09:00:00", "START-LATE"),
    ] {
        let plan = ["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"];
        stage.run(&[&plan[..], &["--start-at", start]].concat()).expect(3, says);
        let told = stage.run(&[&CHECK[..], &["--start-at", start, "--output", "json"]].concat());
        let problem = told.expect(3, "").json()["problems"][0].as_str().unwrap().to_owned();
        assert!(problem.starts_with("--start-at: ") && problem.contains(says), "{problem}");
    }
    stage.run(&["sandbox", "--start", "2026-01-05T09:00:00Z"]).expect(3, "without Z or +03:00");
}

/// U9: what a shop's spreadsheet is told.
#[test]
fn a_check_says_what_cannot_be_used() {
    let stage = Stage::new();
    stage.file(
        "people.csv",
        "phone\n0664/1234567\n+43 662 123456\n+491711234567\n+380661231210\n=1+1\n",
    );
    let ended = stage.run(&CHECK);
    let headline = "The message may be sent to 3 recipients. 2 of 5 lines cannot be used.";
    assert_eq!(ended.expect(0, "").stdout.lines().next(), Some(headline));
    for part in [
        "NUM-LANDLINE",
        "2: 1 NUM-CHAR, 1 NUM-NATIONAL",
        "NUM-NATIONAL: ",
        "(--country)",
        "country recipients",
    ] {
        assert!(unwrapped(&ended.stdout).contains(part), "{part} is not in {ended:#?}");
    }
    let args = ["--country", "AT", "--countries", "AT,DE", "--refused", "refused.csv"];
    let told = stage.json(&[&CHECK[..], &args].concat());
    let people = &told["recipients"];
    assert_eq!(people["countries"], json!({ "AT": 2, "DE": 1 }));
    assert_eq!(people["refused_by_rule"], json!({ "NUM-CHAR": 1, "RCPT-COUNTRY": 1 }));
    let refused = std::fs::read_to_string(stage.folder.path().join("refused.csv")).unwrap();
    let lines: Vec<&str> = refused.lines().collect();
    assert_eq!(lines[0], "line,value,rule,why");
    assert!(lines[1].starts_with("5,'+380661231210,RCPT-COUNTRY,"), "{refused}");
    assert!(lines[2].starts_with("6,'=1+1,NUM-CHAR,"), "{refused}");
    // A list of which nothing is left is told, too.
    stage.file("people.csv", "phone\n0664/1234567\n");
    let plan = ["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"];
    stage
        .run(&[&plan[..], &["--refused", "plan.csv"]].concat())
        .expect(3, "1 refused lines are written to plan.csv");
    assert!(
        std::fs::read_to_string(stage.folder.path().join("plan.csv"))
            .unwrap()
            .contains("NUM-NATIONAL")
    );
    stage.run(&[&CHECK[..], &["--countries", "AT,UK"]].concat()).expect(2, "did you mean GB?");
}

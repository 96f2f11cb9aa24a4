//! What people see: terminal output at two widths, files for colleagues, help, completions, manual.

use std::fs;

use crate::program::{program, run};
use crate::stage::Stage;

const CARDS: &str = r#"
agent = "demo_agent"
[[cards]]
title = "Menu"
text = "Today's three: soup, pie, and the cook's surprise. See https://example.com/menu."
media = "https://example.com/menu.jpg"
[[cards.suggestions]]
text = "Book a table for this evening"
url = "https://example.com/book"
postback = "book"
[[cards]]
title = "Wine"
text = "By the glass"
[sms]
sender = "Bistro"
text = "Today's three: soup, pie, surprise."
"#;
const PEOPLE: &str = "phone,reference\n380661231210,table 1\n380661231291,table 2\n380661231298,table 3\n\
    380661231295,table 4\n380661231292,table 5\n380661231210,again\n0661231213,national\n48601234567,abroad\n";
const PRICES: &str = "country,type,price,currency\n*,text,0.05,EUR\n*,sms,0.03,EUR\nUA,text,0.01,EUR\nUA,sms,0.008,EUR\n";

const PLAN: [&str; 8] = [
    "campaign",
    "plan",
    "--message",
    "message.toml",
    "--recipients",
    "people.csv",
    "--prices",
    "prices.csv",
];

/// The same text at both widths, the campaign's id made the same in every run.
fn at_both_widths(stage: &Stage, args: &[&str], id: &str) -> String {
    let at = |columns: &str| {
        let ended = run(stage.command(args).env("COLUMNS", columns));
        let shown =
            if id.is_empty() { ended.stdout } else { ended.stdout.replace(id, "campaign00000") };
        for line in shown.lines() {
            let wide = line.trim_end().chars().count();
            assert!(wide <= columns.parse().unwrap(), "{wide} columns of {columns}: {line}");
        }
        format!("{columns} columns, exit {:?}\n{shown}", ended.code.unwrap())
    };
    [at("80"), at("120")].join("\n")
}

fn stage() -> Stage {
    let stage = Stage::new();
    stage.file("people.csv", PEOPLE);
    stage.file("prices.csv", PRICES);
    stage.file("cards.toml", CARDS);
    let long = format!("agent = \"demo_agent\"\ntext = \"{}\"\n", "long ".repeat(40));
    stage.file("long.toml", long);
    stage
}

#[test]
fn check_and_preview_in_a_terminal() {
    let stage = stage();
    let check = |message| {
        at_both_widths(
            &stage,
            &[
                "check",
                "--message",
                message,
                "--recipients",
                "people.csv",
                "--prices",
                "prices.csv",
            ],
            "",
        )
    };
    insta::assert_snapshot!("check", check("message.toml"));
    insta::assert_snapshot!("check_refused", check("long.toml"));
    let preview = |message| at_both_widths(&stage, &["preview", "--message", message], "");
    insta::assert_snapshot!("preview_cards", preview("cards.toml"));
    insta::assert_snapshot!("preview_refused", preview("long.toml"));
}

/// A campaign that went its way; its id.
fn campaign(stage: &Stage) -> String {
    let _webhook = stage.webhook();
    let id = stage.json(&PLAN)["campaign"].as_str().unwrap().to_owned();
    stage.run(&["campaign", "apply", &id]).expect(0, "");
    stage.advance("80h");
    id
}

#[test]
fn a_plan_in_a_terminal() {
    let stage = stage();
    let planned = |columns: &str| {
        let ended = run(stage.command(&PLAN).arg("--again").env("COLUMNS", columns));
        let line = ended.stdout.lines().find(|line| line.contains("campaign")).unwrap().to_owned();
        let id = line.split_whitespace().last().unwrap();
        ended.stdout.replace(id, "campaign00000")
    };
    insta::assert_snapshot!("plan", [planned("80"), planned("120")].join("\n"));
}

#[test]
fn a_report_as_files() {
    let stage = stage();
    let id = campaign(&stage);
    insta::assert_snapshot!("report", at_both_widths(&stage, &["campaign", "report", &id], &id));
    let report = ["campaign", "report", &id, "--html", "report.html", "--csv", "rows.csv"];
    stage.run(&report).expect(0, "written to rows.csv");
    let read = |name: &str| fs::read_to_string(stage.folder.path().join(name)).unwrap();
    insta::assert_snapshot!("rows", read("rows.csv").replace("\r\n", "\n"));
    let html = read("report.html");
    for part in
        ["delivered", "expired", "not_service_user", "UA", "PL", "polyline", "0.0300000 EUR"]
    {
        assert!(html.contains(part), "{part} in {html}");
    }
    // A file that is there is not left half: it is replaced whole, and not at all where that fails.
    stage
        .run(&["campaign", "report", &id, "--html", "no/such/folder.html"])
        .expect(3, "cannot be written");
}

#[test]
fn no_text_runs_in_a_file_or_a_terminal() {
    let stage = stage();
    for text in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</style><script>alert(1)</script>",
        "\\\" onmouseover=\\\"alert(1)",
        "\\u001b[2J\\u001b]0;owned\\u0007",
        "javascript:alert(1)",
        "</title><script>alert(1)</script>",
        "=HYPERLINK(0)",
        "+1",
        "@SUM(A1)",
    ] {
        let card = format!(
            "agent = \"demo_agent\"\n[[cards]]\ntitle = \"{text}\"\ntext = \"{text}\"\n[[cards.suggestions]]\ntext = \"x\"\nurl = \"https://example.com/\"\n"
        );
        stage.file("message.toml", card);
        stage.file(
            "people.csv",
            format!(
                "phone,reference\n380661231210,\"{}\"\n",
                text.replace("\\\"", "'").replace("\\u001b", "").replace("\\u0007", "")
            ),
        );
        let previewed =
            stage.run(&["preview", "--message", "message.toml", "--html", "preview.html"]);
        assert!(!previewed.stdout.contains('\u{1b}'), "{previewed:?}");
        let plan = ["campaign", "plan", "--message", "message.toml", "--recipients", "people.csv"];
        let planned = run(stage.command(&plan).args(["--output", "json"]));
        if planned.code == Some(0) {
            let id = planned.json()["campaign"].as_str().unwrap().to_owned();
            stage
                .run(&["campaign", "report", &id, "--html", "report.html", "--csv", "rows.csv"])
                .expect(0, "");
            let rows = fs::read_to_string(stage.folder.path().join("rows.csv")).unwrap();
            let label = rows.lines().nth(1).unwrap().split(',').nth(2).unwrap();
            assert!(!label.trim_start_matches('"').starts_with(['=', '+', '@', '-']), "{rows}");
        }
        for name in ["preview.html", "report.html"] {
            let Ok(html) = fs::read_to_string(stage.folder.path().join(name)) else { continue };
            for tag in ["<script", "<img", "<a href=\"javascript", "\" onmouseover"] {
                assert!(!html.contains(tag), "{tag} in {name} of {text}");
            }
            assert!(html.contains("default-src 'none'"), "{name}");
        }
    }
}

#[test]
fn every_command_has_an_example() {
    let folder = tempfile::tempdir().unwrap();
    let help =
        |words: &[&str]| run(&mut program(folder.path(), &[words, &["--help"]].concat())).stdout;
    let commands = |help: &str| -> Vec<String> {
        let listed = help
            .split("Commands:\n")
            .nth(1)
            .and_then(|rest| rest.split("\n\n").next())
            .unwrap_or("");
        let words =
            listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        words
            .filter_map(|line| line.split_whitespace().next())
            .filter(|word| *word != "help")
            .map(str::to_owned)
            .collect()
    };
    let top = commands(&help(&[]));
    assert!(top.len() >= 12, "{top:?}");
    for command in &top {
        let said = help(&[command]);
        assert!(said.contains("Example:\n  bsg-rcs"), "{command}: {said}");
        for below in commands(&said) {
            assert!(help(&[command, &below]).contains("Example:\n  bsg-rcs"), "{command} {below}");
        }
    }
}

#[test]
fn shells_and_manual_readers_are_served() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ended = run(&mut program(folder.path(), &["completions", shell]));
        ended.expect(0, "");
        assert!(ended.stdout.contains("webhook"), "{shell}");
    }
    assert!(run(&mut program(folder.path(), &["man"])).stdout.contains(".TH bsg-rcs"));
    run(&mut program(folder.path(), &["man", "--folder", "."])).expect(0, "");
    assert!(folder.path().join("bsg-rcs-campaign-apply.1").is_file());
}

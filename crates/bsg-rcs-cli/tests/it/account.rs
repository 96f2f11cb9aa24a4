//! The account: tariffs, the stop list, contact lists, dry runs.

use serde_json::json;

use crate::stage::Stage;

#[test]
fn tariffs_and_balance_are_shown() {
    let stage = Stage::new();
    let tariffs = stage.json(&["account", "tariffs"]);
    assert!(tariffs.as_array().is_some_and(|all| !all.is_empty()), "{tariffs}");
    assert!(stage.run(&["account", "tariffs"]).expect(0, "").stdout.contains("code"));
}

#[test]
fn who_is_on_the_stop_list_is_not_written_to_until_taken_off() {
    let stage = Stage::new();
    let number = "+380 66 123 12 10";
    let added = stage.json(&["stop-list", "add", number]);
    assert_eq!(added[0]["number"], "380661231210");
    assert_eq!((&added[0]["rcs"], &added[0]["sms"]), (&json!(true), &json!(true)));
    assert_eq!(stage.json(&["stop-list", "list"]), added);
    stage.run(&["stop-list", "remove", number]).expect(0, "");
    assert_eq!(stage.json(&["stop-list", "list"]), json!([]));
    stage.run(&["stop-list", "add", "066"]).expect(3, "NUM-");
}

#[test]
fn contact_lists_are_made_and_deleted() {
    let stage = Stage::new();
    let made = stage.json(&["lists", "create", "guests"]);
    let id = made[0]["id"].to_string();
    let all = stage.json(&["lists", "list"]);
    assert!(all.as_array().unwrap().iter().any(|list| list["name"] == "guests"), "{all}");
    stage.run(&["lists", "delete", &id]).expect(0, "");
    stage.run(&["lists", "delete", &id]).expect(4, "");
    stage.run(&["lists", "create", "x"]).expect(3, "LIST-NAME-LEN");
}

#[test]
fn a_dry_run_sends_nothing() {
    let stage = Stage::new();
    let send = ["send", "--message", "message.toml", "--to", "380661231210", "--dry-run"];
    assert_eq!(stage.json(&send)["accepted"], true);
    stage.file("message.toml", "agent = \"nobody\"\ntext = \"x\"\n");
    stage.run(&send).expect(4, "");
    assert_eq!(stage.total(), 0);
    assert!(!stage.folder.path().join("store.db").exists(), "nothing is kept");
}

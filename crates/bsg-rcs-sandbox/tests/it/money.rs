//! Money over the wire: what can be paid is sent, what cannot is not, and the books balance at every moment.

use bsg_rcs_domain::Amount;
use serde_json::{Value, json};

use crate::client::{CAMPAIGN, SEND, World, campaign_to, config, places, text_to};

/// A number of Ukraine with this serial that is delivered to.
fn number(serial: u64) -> u64 {
    380_661_000_000 + serial * 100
}

async fn with_funds(text: &str) -> World {
    let mut config = config();
    config.world.accounts[0].balance = Amount::parse(text).unwrap().amount;
    World::with(config).await
}

fn amount(value: &Value) -> Amount {
    Amount::parse(value.as_str().unwrap()).unwrap().amount
}

/// The live account, whose books balance: what was put in is its balance and what was charged, and what is reserved
/// is not more than there is.
async fn books(world: &World, put_in: &str) -> Value {
    let (_, state) = world.get("/sandbox/state").await;
    let account = state["accounts"][0].clone();
    let of = |name: &str| amount(&account[name]);
    let (balance, reserved) = (of("balance"), of("reserved"));
    let put_in = Amount::parse(put_in).unwrap().amount;
    assert_eq!(balance.checked_add(of("charged")), Some(put_in), "{account}");
    let available = balance.checked_add(of("credit")).unwrap().checked_sub(reserved).unwrap();
    assert_eq!(available, of("available"));
    assert!(!available.is_negative(), "{account}");
    let (_, answered) = world.get("/api/accounts/balance").await;
    let answered = Amount::parse(&answered["data"]["balance"].to_string()).unwrap().amount;
    assert_eq!(answered, balance);
    account
}

#[tokio::test]
async fn five_thousand_with_money_for_three_thousand() {
    let world = with_funds("30").await;
    let (status, sent) = world.post(CAMPAIGN, &campaign_to((0..5000).map(number))).await;
    assert_eq!(status, 200, "{sent}");
    assert_eq!(sent["data"]["calculated_price"].to_string(), "50.0", "more than there is");
    let id = sent["data"]["id"].to_string();
    let campaign = async || world.get(&format!("/api/campaigns/{id}")).await.1["data"].clone();
    let mut seen = Vec::new();
    for _ in 0..40 {
        world.advance("500ms").await;
        books(&world, "30").await;
        let status = campaign().await["status"].as_str().unwrap().to_owned();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
    }
    assert_eq!(seen, ["moderation", "sending", "paused"]);
    let paid = json!({ "delivered": 3000, "sent": 3000 });
    assert_eq!(campaign().await["statistics"], paid);
    let account = books(&world, "30").await;
    assert_eq!(
        (&account["balance"], &account["charged"]),
        (&json!("0.0000000"), &json!("30.0000000"))
    );

    let top_up = json!({ "amount": "20.0000000" });
    assert_eq!(world.post("/sandbox/accounts/live_sandbox/top-up", &top_up).await.0, 200);
    world.advance("100h").await;
    let stands = campaign().await;
    assert_eq!((&stands["status"], &stands["statistics"]), (&json!("paused"), &paid));
    let account = books(&world, "50").await;
    assert_eq!(
        (&account["available"], &account["reserved"]),
        (&json!("20.0000000"), &json!("0.0000000"))
    );

    assert_eq!(world.post(&format!("/sandbox/campaigns/{id}/resume"), &json!({})).await.0, 200);
    for _ in 0..40 {
        world.advance("500ms").await;
        books(&world, "50").await;
    }
    let stands = campaign().await;
    assert_eq!(stands["status"], "done");
    assert_eq!(stands["statistics"], json!({ "delivered": 5000, "sent": 5000 }));
    assert_eq!(books(&world, "50").await["balance"], "0.0000000");
    let (_, detail) = world.get(&format!("/api/campaigns/{id}/detail")).await;
    assert_eq!(detail["data"]["total_price"], "50.0000000");
}

#[tokio::test]
async fn with_every_fate_only_what_is_delivered_is_paid() {
    let world = with_funds("30").await;
    let mut body = campaign_to(380_661_230_000..380_661_235_000);
    body["alternative_channel"] = json!({ "sms": { "text": "Hello", "sender": "Bistro" } });
    let (_, sent) = world.post(CAMPAIGN, &body).await;
    let id = sent["data"]["id"].to_string();
    let mut pauses = 0;
    let mut put_in = 30;
    for moment in 0..120 {
        world.advance(if moment < 100 { "700ms" } else { "5h" }).await;
        books(&world, &put_in.to_string()).await;
        let (_, campaign) = world.get(&format!("/api/campaigns/{id}")).await;
        if campaign["data"]["status"] == "paused" {
            pauses += 1;
            put_in += 10;
            let top_up = json!({ "amount": "10" });
            assert_eq!(world.post("/sandbox/accounts/live_sandbox/top-up", &top_up).await.0, 200);
            assert_eq!(
                world.post(&format!("/sandbox/campaigns/{id}/resume"), &json!({})).await.0,
                200
            );
        }
    }
    assert!(pauses > 0);
    let account = books(&world, &put_in.to_string()).await;
    assert_eq!(account["reserved"], "0.0000000");
    // Of a hundred, 94 RCS messages and 4 SMS are delivered.
    let (rcs, sms) = (50 * 94, 50 * 4);
    let charged = Amount::from_ten_millionths(rcs * 100_000 + sms * 80_000);
    assert_eq!(amount(&account["charged"]), charged);
    let (_, detail) = world.get(&format!("/api/campaigns/{id}/detail")).await;
    assert_eq!(amount(&detail["data"]["total_price"]), charged);
    let by_sms = &detail["data"]["alternative_channels"]["sms"]["statistics"];
    assert_eq!(by_sms["delivered"], sms_count(sms));
}

fn sms_count(count: i128) -> Value {
    json!(i64::try_from(count).unwrap())
}

#[tokio::test]
async fn a_single_send_without_funds_is_refused_and_nothing_is_made() {
    let world = with_funds("0.015").await;
    assert_eq!(world.post(SEND, &text_to("380661231211", "a")).await.0, 200);
    let (status, refused) = world.post(SEND, &text_to("380661231212", "b")).await;
    assert_eq!((status, &refused["message"]), (422, &json!("Insufficient funds")));
    let (_, found) = world.get("/sandbox/messages").await;
    assert_eq!(found["total"], 1);
    books(&world, "0.015").await;
    // The reference is free, and the duplicate guard remembers no refusal.
    let top_up = json!({ "amount": "0.0050000" });
    assert_eq!(world.post("/sandbox/accounts/live_sandbox/top-up", &top_up).await.0, 200);
    assert_eq!(world.post(SEND, &text_to("380661231212", "b")).await.0, 200);
    assert_eq!(books(&world, "0.02").await["available"], "0.0000000");
}

#[tokio::test]
async fn more_than_an_account_can_hold_is_not_taken() {
    let world = World::new().await;
    let path = "/sandbox/accounts/live_sandbox/top-up";
    let sentence = "The amount is more than an account can hold.";
    let unread = "amount: write it as \"10.0000000\"";
    for (wrong, reason) in [
        ("99999999999999999000.0000001", sentence),
        ("-1", unread),
        ("1.00000001", unread),
        ("much", unread),
        ("", unread),
    ] {
        let (status, refused) = world.post(path, &json!({ "amount": wrong })).await;
        assert_eq!((status, &refused["message"]), (422, &json!(reason)), "{wrong}");
    }
    books(&world, "1000").await;
    assert_eq!(world.get("/sandbox/ledger").await.1["data"], json!([]));
}

#[tokio::test]
async fn in_test_mode_only_the_test_agent_writes_and_only_to_verified_contacts() {
    let mut world = World::new().await;
    world.log_in("test_sandbox").await;
    let send = |number: &str, agent: &str| {
        let mut body = text_to(number, "a");
        body["sender"] = json!(agent);
        body
    };
    for (number, agent, place, sentence) in [
        (
            "380661231231",
            "demo_agent",
            "sender",
            "In test mode only the platform's test agent may send.",
        ),
        (
            "380661231232",
            "bsg_test_agent",
            "phone.number",
            "In test mode only verified contacts may be sent to.",
        ),
    ] {
        let (status, refused) = world.post(SEND, &send(number, agent)).await;
        assert_eq!((status, places(&refused)), (422, vec![place]));
        assert_eq!(refused["errors"][place], json!([sentence]));
    }
    let mut body = campaign_to([380_661_231_231, 380_661_231_232]);
    body["sender"] = json!("bsg_test_agent");
    let (status, refused) = world.post(CAMPAIGN, &body).await;
    assert_eq!((status, places(&refused)), (422, vec!["phones[1].number"]));
    let (status, refused) = world.post("/api/contacts", &json!({ "phone": "380661231232" })).await;
    assert_eq!((status, places(&refused)), (422, vec!["phone"]));
    assert_eq!(world.post(SEND, &send("380661231231", "bsg_test_agent")).await.0, 200);
    world.advance("1h").await;
    let (_, state) = world.get("/sandbox/state").await;
    assert_eq!(state["accounts"][1]["charged"], "0.0100000", "paid from its own funds");
    assert_eq!(state["accounts"][0]["charged"], "0.0000000");
}

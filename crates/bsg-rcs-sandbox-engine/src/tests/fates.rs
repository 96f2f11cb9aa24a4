//! Every fate: its history, its callbacks, its money.

use super::*;

/// A message to a number that ends so, with buttons, in Ukraine: a card costs 0.015.
#[track_caller]
fn check(ends_in: u64, expected_way: &str, expected_told: &str, movements: &str) {
    let mut engine = engine();
    let number = to(380_661_231_200 + ends_in);
    let ix = message_of(send_one(&mut engine, number, with_buttons(text("demo_agent"))));
    pass(&mut engine, ENOUGH);
    assert_eq!(way(&engine, ix), expected_way);
    assert_eq!(told(&engine, ix), expected_told);
    let moved: Vec<_> = engine.ledger().iter().map(|entry| entry.movement.as_str()).collect();
    assert_eq!(moved.join(" "), movements);
    assert!(engine.ledger().iter().all(|entry| entry.amount == amount("0.015")));
    let posted: Vec<_> = engine.take_effects();
    assert_eq!(posted.len(), engine.at(ix).callbacks.len());
}

#[test]
fn each_goes_its_way() {
    let paid = "reservation charge";
    let free = "reservation release";
    check(31, "accepted sending sent delivered", "sent delivered", paid);
    check(91, "accepted sending sent delivered read", "sent delivered read", paid);
    check(92, "accepted sending sent expired", "sent expired", free);
    check(93, "accepted sending sent undelivered", "sent undelivered", free);
    check(94, "accepted sending failed", "failed", free);
    check(95, "accepted sending not_service_user", "not_service_user", free);
    check(96, "accepted sending sent unknown", "sent unknown", free);
    check(97, "accepted sending sent", "sent", free);
    check(98, "accepted sending sent delivered read", "sent delivered read click", paid);
    check(99, "accepted sending sent delivered", "delivered delivered sent sent", paid);
}

#[test]
fn expiry_waits_for_the_validity() {
    let mut engine = engine();
    let ix = message_of(send_one(&mut engine, to(380_661_231_292), text("demo_agent")));
    pass(&mut engine, 24 * HOUR - Duration::from_millis(1));
    assert_eq!(engine.at(ix).status().as_str(), "sent");
    pass(&mut engine, Duration::from_millis(1));
    assert_eq!(engine.at(ix).status().as_str(), "expired");
}

#[test]
fn a_text_has_no_button_to_click() {
    let mut engine = engine();
    let ix = message_of(send_one(&mut engine, to(380_661_231_298), text("demo_agent")));
    pass(&mut engine, ENOUGH);
    assert_eq!(told(&engine, ix), "sent delivered read");
    let now = engine.now();
    let click = Command::Click { message: ix.id(), card: 0, suggestion: 0 };
    assert_eq!(engine.handle(click, now).unwrap_err().kind, RefusalKind::Invalid);
}

#[test]
fn undelivered_ends_are_followed_by_an_sms_of_its_own() {
    for ends_in in 92..=95 {
        let mut engine = engine();
        let number = with_reference(380_661_231_200 + ends_in, "hello");
        let ix = message_of(send_one(&mut engine, number, with_sms(text("demo_agent"))));
        pass(&mut engine, ENOUGH);
        let sms = engine.at(ix).fallback.unwrap();
        assert_ne!(sms, ix);
        assert_eq!(way(&engine, sms), "accepted sending sent delivered", "{ends_in}");
        assert_eq!(told(&engine, sms), "sent delivered");
        assert_eq!(engine.at(sms).reference, number.reference);
        assert_eq!(engine.at(sms).price, amount("0.008"));
        let charged = engine.account(live(&engine)).ledger.charged();
        assert_eq!(charged, amount("0.008"));
        let found = engine.find(&Filter { reference: number.reference, ..Filter::default() });
        assert_eq!(found.into_vec(), [ix, sms]);
    }
    let mut engine = engine();
    let ix = message_of(send_one(&mut engine, to(380_661_231_297), with_sms(text("demo_agent"))));
    pass(&mut engine, ENOUGH);
    assert_eq!(engine.at(ix).fallback, None, "silence is no end");
}

#[test]
fn a_country_that_the_agent_does_not_serve_fails_unpaid() {
    let mut engine = engine();
    let numbers = vec![to(491_701_234_511), to(380_661_231_211)];
    let campaign = campaign_of(send_campaign(&mut engine, numbers, text("demo_agent_ua")));
    assert_eq!(engine.campaign_at(campaign).calculated_price, amount("0.01"));
    pass(&mut engine, ENOUGH);
    let ways: Vec<_> = engine.campaign_at(campaign).messages().map(|ix| way(&engine, ix)).collect();
    assert_eq!(ways, ["moderation accepted failed", "moderation accepted sending sent delivered"]);
    assert_eq!(engine.campaign_at(campaign).charged, amount("0.01"));
    assert_eq!(engine.account(live(&engine)).ledger.charged(), amount("0.01"));
}

#[test]
fn a_callback_says_what_the_founding_example_says() {
    let mut engine = engine();
    send_one(&mut engine, with_reference(380_997_087_351, "hello"), text("demo_agent")).unwrap();
    pass(&mut engine, ENOUGH);
    let effects = engine.take_effects();
    let Effect::Callback(callback) = effects.last().unwrap();
    assert_eq!(callback.reference.unwrap().as_str(), "hello");
    let Body::Report { status, time_in, time_sent, time_dr, price, currency } = &callback.body
    else {
        panic!("no report")
    };
    assert_eq!(status.as_str(), "delivered");
    assert_eq!(time_in.to_string(), "2026-01-05 09:00:00");
    assert!(time_sent.unwrap() > *time_in && time_dr.unwrap() > time_sent.unwrap());
    assert_eq!((price.to_string().as_str(), currency.as_str()), ("0.0100000", "EUR"));
}

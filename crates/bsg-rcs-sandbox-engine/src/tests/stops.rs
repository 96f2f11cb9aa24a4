//! The stop list: what it holds, what a send makes of it, and how a click gets a number there.

use super::*;
use AnyChannel::{Rcs, Sms as BySms, Viber, Whatsapp};

const UA: u64 = 380_661_231_211;

fn attach(numbers: &[u64], channels: &[AnyChannel]) -> StopListCommand {
    let phones = numbers.iter().map(|number| to(*number).number).collect();
    StopListCommand::Attach { phones, channels: channels.iter().copied().collect() }
}

fn perform(engine: &mut Engine, command: StopListCommand) -> Answer {
    let account = live(engine);
    handle(engine, Command::StopList(account, command))
}

/// Each entry as its number's last two digits and its channels.
fn shown(engine: &Engine) -> Vec<(u64, Vec<AnyChannel>)> {
    let entries = engine.account(live(engine)).stop_list.entries();
    let shown = |entry: &StopEntry| {
        (entry.phone.as_u64() % 100, entry.channels.iter().copied().collect::<Vec<_>>())
    };
    entries.map(shown).collect()
}

#[test]
fn an_entry_lives_as_long_as_a_channel_is_stopped() {
    let mut engine = engine();
    perform(&mut engine, attach(&[UA, UA + 1, UA], &[Rcs])).unwrap();
    perform(&mut engine, attach(&[UA], &[BySms, Whatsapp])).unwrap();
    assert_eq!(shown(&engine), [(11, vec![Rcs, BySms, Whatsapp]), (12, vec![Rcs])]);
    let ids: Vec<u64> =
        engine.account(live(&engine)).stop_list.entries().map(|entry| entry.id).collect();
    let detach = |ids: &[u64], channels: &[AnyChannel]| StopListCommand::Detach {
        ids: ids.to_vec(),
        channels: channels.iter().copied().collect(),
    };
    perform(&mut engine, detach(&ids, &[Rcs, Viber])).unwrap();
    assert_eq!(shown(&engine), [(11, vec![BySms, Whatsapp])]);
    refused_at(perform(&mut engine, detach(&ids, &[BySms])), &["ids[1]"]);
    assert_eq!(shown(&engine), [(11, vec![BySms, Whatsapp])], "refused whole");
    let other = engine.account_with_key("test_sandbox").unwrap();
    let foreign = Command::StopList(other, detach(&ids[..1], &[BySms]));
    refused_at(handle(&mut engine, foreign), &["ids[0]"]);
    perform(&mut engine, attach(&[UA + 1], &[Rcs])).unwrap();
    let again = engine.account(live(&engine)).stop_list.of(to(UA + 1).number).unwrap();
    assert!(again.id > ids[1], "an id is not given out twice");
}

#[test]
fn a_stopped_number_fails_unpaid_if_the_check_is_asked_for() {
    for (channel, check, expected) in [
        (Rcs, true, "accepted failed"),
        (Rcs, false, "accepted sending sent delivered"),
        (BySms, true, "accepted sending sent delivered"),
        (Viber, true, "accepted sending sent delivered"),
    ] {
        let mut engine = engine_with(|world| world.accounts[0].balance = amount("0.01"));
        stop(&mut engine, UA, channel);
        let mut options = with_sms(text("demo_agent"));
        options.check_stop_list = check;
        let ix = message_of(send_one(&mut engine, to(UA), options));
        pass(&mut engine, ENOUGH);
        assert_eq!(way(&engine, ix), expected, "{channel:?} {check}");
        let failed = expected.ends_with("failed");
        assert_eq!(engine.ledger().is_empty(), failed, "nothing is even set aside");
        assert_eq!(engine.at(ix).fallback, None, "and no SMS follows");
    }
}

#[test]
fn a_campaign_looks_when_it_hands_over() {
    let mut engine = engine();
    stop(&mut engine, UA, Rcs);
    let (account, now, options) = (live(&engine), engine.now(), Box::new(text("demo_agent")));
    let start_at = CivilDateTime::parse("2026-01-05 12:00:00").ok();
    let to = vec![to(UA), to(UA + 1), to(UA + 2)];
    let command = Command::SendCampaign { account, fingerprint: 1, to, options, start_at };
    let campaign = campaign_of(engine.handle(command, now));
    assert_eq!(engine.campaign_at(campaign).calculated_price, amount("0.02"));
    pass(&mut engine, HOUR);
    stop(&mut engine, UA + 1, Rcs);
    pass(&mut engine, ENOUGH);
    let ends: Vec<_> =
        engine.campaign_at(campaign).messages().map(|ix| engine.at(ix).status().as_str()).collect();
    assert_eq!(ends, ["failed", "failed", "delivered"]);
    assert_eq!(engine.campaign_at(campaign).charged, amount("0.01"));
}

#[test]
fn the_fallback_sms_asks_the_stop_list_for_sms() {
    for (check, expected) in [(true, "accepted failed"), (false, "accepted sending sent delivered")]
    {
        let mut engine = engine();
        let number = 380_661_231_293;
        stop(&mut engine, number, BySms);
        let mut options = with_sms(text("demo_agent"));
        options.sms.as_mut().unwrap().check_stop_list = check;
        let ix = message_of(send_one(&mut engine, to(number), options));
        pass(&mut engine, ENOUGH);
        assert_eq!(engine.at(ix).status().as_str(), "undelivered");
        let sms = engine.at(ix).fallback.unwrap();
        assert_eq!(way(&engine, sms), expected);
    }
}

fn with_link(url: &str) -> SendOptions {
    let mut options = with_buttons(text("demo_agent"));
    if let Content::Cards(cards) = &mut options.content {
        cards[0].suggestions[0].action = Action::Link(url.into());
    }
    // Without a callback URL the click is one all the same.
    options.callback_url = None;
    options
}

#[test]
fn a_click_that_unsubscribes_stops_rcs() {
    for (number, by_hand, url, stops) in [
        (380_661_231_298, false, "http://nosms.cc/XXXX", true),
        (380_661_231_298, false, "https://example.com/", false),
        (380_661_231_211, false, "http://nosms.cc/XXXX", false),
        (380_661_231_211, true, "http://nosms.cc/XXXX", true),
        (380_661_231_211, true, "http://nosms.cc/", false),
    ] {
        let mut engine = engine();
        let ix = message_of(send_one(&mut engine, to(number), with_link(url)));
        pass(&mut engine, ENOUGH);
        if by_hand {
            let click = Command::Click { message: ix.id(), card: 0, suggestion: 0 };
            handle(&mut engine, click).unwrap();
        }
        let expected = if stops { vec![(number % 100, vec![Rcs])] } else { vec![] };
        assert_eq!(shown(&engine), expected, "{url} {by_hand}");
    }
}

#[test]
fn every_recipient_has_a_link_of_its_own() {
    let mut engine = engine();
    let mut options = text("demo_agent");
    options.content = Content::Text("Stop: http://nosms.cc/XXXX".into());
    let one = message_of(send_one(&mut engine, to(UA), options.clone()));
    let other = message_of(send_one(&mut engine, to(UA + 1), options));
    let plain = message_of(send_one(&mut engine, to(UA + 2), text("demo_agent")));
    let link = |ix| engine.unsubscribe_link(ix);
    assert!(link(one).unwrap().starts_with("http://nosms.cc/"));
    assert_ne!(link(one), link(other));
    assert_eq!(link(plain), None);
}

//! Dry runs: judged as a send is, and nothing is there afterwards.

use super::*;

const UA: u64 = 380_661_231_200;

fn run() -> DryRun {
    let content = Content::Text("Your table is ready.".into());
    DryRun {
        tariff_code: None,
        start_at: None,
        check_stop_list: true,
        to: Recipients::One(with_reference(UA, "a1")),
        channels: vec![AnyChannel::Rcs, AnyChannel::Sms],
        rcs: Some(RcsPart { agent: "demo_agent".into(), content }),
        sms: with_sms(text("demo_agent")).sms,
    }
}

fn perform(engine: &mut Engine, change: impl FnOnce(&mut DryRun)) -> Answer {
    let (mut run, account) = (run(), live(engine));
    change(&mut run);
    handle(engine, Command::DryRun(account, Box::new(run)))
}

#[test]
fn nothing_is_there_afterwards() {
    let mut engine = engine();
    for _ in 0..2 {
        assert_eq!(perform(&mut engine, |_| {}), Ok(Outcome::Done), "no guard, no reference");
    }
    let many = (0..10).map(|at| to(UA + at)).collect();
    perform(&mut engine, |run| run.to = Recipients::Many(many)).unwrap();
    assert!(engine.messages.is_empty() && engine.campaigns.is_empty());
    assert!(engine.ledger().is_empty() && engine.take_effects().is_empty());
    assert_eq!(engine.next_event_at(), None);
    assert_eq!(engine.account(live(&engine)).contacts.all().count(), 0);
    send_one(&mut engine, with_reference(UA, "a1"), text("demo_agent")).unwrap();
    refused_at(perform(&mut engine, |_| {}), &["phone.reference_id"]);
}

#[test]
fn what_a_send_refuses_a_dry_run_refuses() {
    let mut engine = engine();
    let agent = |run: &mut DryRun, name: &str| run.rcs.as_mut().unwrap().agent = name.into();
    refused_at(perform(&mut engine, |run| agent(run, "nobody")), &["rcs.sender"]);
    let long = Content::Text("🎉".repeat(81));
    refused_at(perform(&mut engine, |run| run.rcs.as_mut().unwrap().content = long), &["rcs.text"]);
    let long = "ї".repeat(336);
    refused_at(perform(&mut engine, |run| run.sms.as_mut().unwrap().text = long), &["sms.text"]);
    let twice = Recipients::Many(vec![to(UA), to(UA)]);
    refused_at(perform(&mut engine, |run| run.to = twice), &["recipients.phones[1].number"]);
    let many = || Recipients::Many((0..5001).map(|at| to(UA + at)).collect());
    refused_at(perform(&mut engine, |run| run.to = many()), &["recipients.phones"]);
    perform(&mut engine, |run| {
        run.to = many();
        run.channels = vec![AnyChannel::Sms];
    })
    .unwrap();
}

#[test]
fn channels_come_once_and_with_their_parts() {
    use AnyChannel::{Rcs, Sms, Viber};
    let mut engine = engine();
    for (channels, place) in [
        (vec![Rcs, Rcs], "channels[1]"),
        (vec![Viber], "channels[0]"),
        (vec![Rcs, Viber], "channels[1]"),
    ] {
        refused_at(perform(&mut engine, |run| run.channels = channels), &[place]);
    }
    refused_at(perform(&mut engine, |run| run.rcs = None), &["rcs"]);
    refused_at(perform(&mut engine, |run| run.sms = None), &["sms"]);
    // What is not named is not looked at.
    perform(&mut engine, |run| (run.channels, run.sms) = (vec![Rcs], None)).unwrap();
    perform(&mut engine, |run| (run.channels, run.rcs) = (vec![Sms], None)).unwrap();
}

#[test]
fn a_single_one_needs_funds() {
    let mut engine = engine_with(|world| world.accounts[0].balance = amount("0.009"));
    assert_eq!(perform(&mut engine, |_| {}).unwrap_err().message, "Insufficient funds");
    perform(&mut engine, |run| run.channels = vec![AnyChannel::Sms]).unwrap();
    perform(&mut engine, |run| run.to = Recipients::Many(vec![to(UA)])).unwrap();
}

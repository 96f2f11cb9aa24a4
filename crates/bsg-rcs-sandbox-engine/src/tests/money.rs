//! Campaigns and their money: pausing, resuming, stopping.

use bsg_rcs_domain::CampaignStatus;

use super::*;

fn many(count: u64) -> Vec<Addressee> {
    (0..count).map(|at| to(380_661_000_000 + at * 100)).collect()
}

fn poor(funds: &str) -> Engine {
    let funds = amount(funds);
    engine_with(|world| world.accounts[0].balance = funds)
}

fn status(engine: &Engine, campaign: CampaignIx) -> CampaignStatus {
    engine.campaign_at(campaign).status
}

fn steer(engine: &mut Engine, command: Command) -> Answer {
    let now = engine.now();
    engine.handle(command, now)
}

#[test]
fn without_funds_a_campaign_pauses_and_goes_on_only_when_resumed() {
    let mut engine = poor("3.0000000");
    let campaign = campaign_of(send_campaign(&mut engine, many(500), text("demo_agent")));
    pass(&mut engine, ENOUGH);
    assert_eq!(status(&engine, campaign), CampaignStatus::Paused);
    assert_eq!(engine.campaign_at(campaign).handed_over, 300);
    assert_eq!(engine.account(live(&engine)).ledger.balance(), Amount::ZERO);

    let account = live(&engine);
    steer(&mut engine, Command::TopUp(account, amount("2"))).unwrap();
    pass(&mut engine, ENOUGH);
    assert_eq!(engine.campaign_at(campaign).handed_over, 300, "a top-up alone restarts nothing");

    steer(&mut engine, Command::Resume(campaign.id())).unwrap();
    pass(&mut engine, ENOUGH);
    assert_eq!(status(&engine, campaign), CampaignStatus::Done);
    assert_eq!(engine.campaign_at(campaign).charged, amount("5"));
    assert_eq!(engine.account(live(&engine)).ledger.balance(), Amount::ZERO);
}

#[test]
fn a_single_send_needs_its_funds_at_once() {
    let mut engine = poor("0.0150000");
    send_one(&mut engine, to(380_661_000_001), text("demo_agent")).unwrap();
    let refusal = send_one(&mut engine, to(380_661_000_002), text("demo_agent")).unwrap_err();
    assert_eq!(refusal.message, "Insufficient funds");
    assert_eq!(engine.messages.len(), 1);
}

#[test]
fn paused_by_hand_nothing_leaves_and_stopped_is_the_end() {
    let mut engine = engine();
    let campaign = campaign_of(send_campaign(&mut engine, many(5000), text("demo_agent")));
    pass(&mut engine, Duration::from_secs(4));
    steer(&mut engine, Command::Pause(campaign.id())).unwrap();
    let handed_over = engine.campaign_at(campaign).handed_over;
    assert!(0 < handed_over && handed_over < 5000);
    pass(&mut engine, ENOUGH);
    assert_eq!(engine.campaign_at(campaign).handed_over, handed_over);

    // Resumed twice, paused in between: still one pump.
    steer(&mut engine, Command::Resume(campaign.id())).unwrap();
    steer(&mut engine, Command::Pause(campaign.id())).unwrap();
    steer(&mut engine, Command::Resume(campaign.id())).unwrap();
    let handed_over = engine.campaign_at(campaign).handed_over;
    pass(&mut engine, Duration::from_millis(100));
    assert_eq!(engine.campaign_at(campaign).handed_over, handed_over + 100);

    let stop = Command::Stop { account: live(&engine), campaign: campaign.id() };
    steer(&mut engine, stop.clone()).unwrap();
    assert_eq!(steer(&mut engine, stop).unwrap_err().message, "Invalid campaign status");
    assert_eq!(
        steer(&mut engine, Command::Resume(campaign.id())).unwrap_err().message,
        "Invalid campaign status"
    );
    pass(&mut engine, ENOUGH);
    assert_eq!(status(&engine, campaign), CampaignStatus::Stopped);
    let counts = engine.counts();
    let delivered = u64::from(handed_over) + 100;
    assert_eq!(counts.of_status(MessageStatus::Delivered), delivered);
    assert_eq!(
        counts.of_status(MessageStatus::Failed),
        5000 - delivered,
        "unsent ones fail, unpaid"
    );
}

#[test]
fn a_campaign_waits_for_its_start() {
    let mut engine = engine();
    let (account, now) = (live(&engine), engine.now());
    let start_at = CivilDateTime::parse("2026-01-05 12:00:00").ok();
    let options = Box::new(text("demo_agent"));
    let command = Command::SendCampaign { account, fingerprint: 1, to: many(2), options, start_at };
    let campaign = campaign_of(engine.handle(command, now));
    assert_eq!(status(&engine, campaign), CampaignStatus::Moderation);
    pass(&mut engine, 2 * HOUR);
    assert_eq!(status(&engine, campaign), CampaignStatus::Scheduled);
    pass(&mut engine, ENOUGH);
    assert_eq!(status(&engine, campaign), CampaignStatus::Done);
    let first = engine.campaign_at(campaign).first;
    assert_eq!(way(&engine, first), "scheduled accepted sending sent delivered");
    let started = engine.campaign_at(campaign).started.unwrap();
    assert_eq!(started.to_string(), "2026-01-05 12:00:00");
}

#[test]
fn twenty_thousand_messages_walk_to_their_ends() {
    let mut engine = engine();
    for batch in 0..4_u64 {
        let numbers = (0..5000).map(|at| to(380_660_000_000 + batch * 5000 + at)).collect();
        campaign_of(send_campaign(&mut engine, numbers, with_sms(text("demo_agent"))));
    }
    pass(&mut engine, ENOUGH);
    let counts = engine.counts();
    assert_eq!(
        counts.each().map(|(_, count)| count).sum::<u64>(),
        20_800,
        "four in a hundred are followed by an SMS"
    );
    assert_eq!(counts.of_status(MessageStatus::Read), 400);
    assert_eq!(counts.of_status(MessageStatus::Sent), 200, "silent ones stay sent");
    assert_eq!(engine.next_event_at(), None);
    assert_eq!(engine.account(live(&engine)).ledger.reserved(), Amount::ZERO);
}

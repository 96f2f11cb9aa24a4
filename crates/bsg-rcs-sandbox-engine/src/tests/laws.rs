//! What holds after any commands: the books balance, a pause is a pause, and the seed decides everything.

use bsg_rcs_domain::CampaignStatus;
use proptest::prelude::*;

use super::*;

/// Something that a test asks for.
#[derive(Debug, Clone)]
enum Ask {
    One(u8, bool),
    Campaign(u8, bool),
    Stop(u8),
    Pause(u8),
    Resume(u8),
    TopUp(u16),
    Unsubscribe(u8, u8),
    Pass(u32),
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let ask = prop_oneof![
        (any::<u8>(), any::<bool>()).prop_map(|(fate, sms)| Ask::One(fate, sms)),
        (any::<u8>(), any::<bool>()).prop_map(|(count, sms)| Ask::Campaign(count, sms)),
        any::<u8>().prop_map(Ask::Stop),
        any::<u8>().prop_map(Ask::Pause),
        any::<u8>().prop_map(Ask::Resume),
        any::<u16>().prop_map(Ask::TopUp),
        (0..40_u8, any::<u8>()).prop_map(|(serial, at)| Ask::Unsubscribe(serial, at)),
        prop_oneof![0..2_000_u32, 0..400_000_000_u32].prop_map(Ask::Pass),
    ];
    prop::collection::vec(ask, 0..40)
}

/// One euro and a little credit: campaigns run dry.
fn poor() -> Engine {
    let (balance, credit) = (amount("1"), amount("0.05"));
    engine_with(|world| {
        world.accounts[0].balance = balance;
        world.accounts[0].credit = credit;
    })
}

fn ask(engine: &mut Engine, what: &Ask, serial: u64) {
    let options = |sms| if sms { with_sms(text("demo_agent")) } else { text("demo_agent") };
    let campaign = |engine: &Engine, which: &u8| {
        let count = engine.campaigns.len().max(1);
        CampaignIx::from_index(usize::from(*which) % count).id()
    };
    let now = engine.now();
    let account = live(engine);
    let number = 380_660_000_000 + serial * 1000;
    let _ = match what {
        Ask::One(fate, sms) => send_one(engine, to(number + u64::from(*fate)), options(*sms)),
        Ask::Campaign(count, sms) => {
            let numbers = (0..u64::from(*count)).map(|at| to(number + at)).collect();
            send_campaign(engine, numbers, options(*sms))
        }
        Ask::Stop(which) => {
            let campaign = campaign(engine, which);
            engine.handle(Command::Stop { account, campaign }, now)
        }
        Ask::Pause(which) => engine.handle(Command::Pause(campaign(engine, which)), now),
        Ask::Resume(which) => engine.handle(Command::Resume(campaign(engine, which)), now),
        Ask::TopUp(by) => {
            let by = Amount::from_ten_millionths(i128::from(*by) * 1000);
            engine.handle(Command::TopUp(account, by), now)
        }
        Ask::Unsubscribe(serial, at) => {
            let number = 380_660_000_000 + u64::from(*serial) * 1000 + u64::from(*at);
            stop(engine, number, if at % 3 == 0 { AnyChannel::Sms } else { AnyChannel::Rcs });
            Ok(Outcome::Done)
        }
        Ask::Pass(millis) => {
            engine.advance_to(now.plus(Duration::from_millis((*millis).into())));
            Ok(Outcome::Done)
        }
    };
}

fn sum(engine: &Engine, movement: Movement) -> Amount {
    let entries = engine.ledger().iter().filter(|entry| entry.movement == movement);
    entries.fold(Amount::ZERO, |sum, entry| sum.checked_add(entry.amount).unwrap())
}

fn books_balance(engine: &Engine) {
    let ledger = &engine.account(live(engine)).ledger;
    let put_in = amount("1").checked_add(sum(engine, Movement::ToppedUp)).unwrap();
    assert_eq!(ledger.balance().checked_add(ledger.charged()).unwrap(), put_in);
    assert!(!ledger.available().is_negative());
    assert_eq!(sum(engine, Movement::Charged), ledger.charged());
    let settled = sum(engine, Movement::Charged).checked_add(sum(engine, Movement::Released));
    let open = sum(engine, Movement::Reserved).checked_sub(settled.unwrap()).unwrap();
    assert_eq!(open, ledger.reserved());
    let delivered = engine.messages.iter().filter(|m| m.since(MessageStatus::Delivered).is_some());
    let prices = delivered.fold(Amount::ZERO, |sum, m| sum.checked_add(m.price).unwrap());
    assert_eq!(prices, ledger.charged(), "what is delivered is paid, and nothing else");
    let of_campaigns = engine
        .campaigns
        .iter()
        .fold(Amount::ZERO, |sum, campaign| sum.checked_add(campaign.charged).unwrap());
    assert!(of_campaigns <= ledger.charged());
}

/// What is counted as it goes is what is there.
fn tallies_are_true(engine: &Engine) {
    let count = |messages: Vec<&MessageRecord>| {
        MessageStatus::ALL
            .map(|status| messages.iter().filter(|message| message.status() == status).count())
    };
    let tallied = |counts: &Counts| {
        MessageStatus::ALL
            .map(|status| usize::try_from(counts.of_status(status)).unwrap_or(usize::MAX))
    };
    assert_eq!(tallied(engine.counts()), count(engine.messages.iter().collect()));
    for ix in engine.campaigns() {
        let campaign = engine.campaign_at(ix);
        let of = |channel| {
            let all = engine.messages.iter();
            all.filter(|m| m.campaign == Some(ix) && m.channel == channel).collect::<Vec<_>>()
        };
        let (rcs, sms) = (of(Channel::Rcs), of(Channel::Sms));
        let sent = rcs.iter().filter(|m| m.since(MessageStatus::Sent).is_some()).count();
        assert_eq!(usize::try_from(campaign.sent), Ok(sent));
        assert_eq!(campaign.followers.len(), sms.len());
        assert_eq!(tallied(&campaign.counts), count(rcs));
        assert_eq!(tallied(&campaign.follower_counts), count(sms));
    }
}

/// What is found is what is found by looking at every message.
fn finding_is_looking(engine: &Engine, serial: u64) {
    let times = |at: u64| [None, Some(start().plus(HOUR * u32::try_from(at).unwrap_or(0)))];
    let ids = [None, Some(7_000_001 + serial % 3)];
    for account in [None, Some(live(engine)), AccountIx::of_id(2)] {
        for campaign in ids {
            for (from, to) in
                times(serial % 60).into_iter().zip(times(serial % 90).into_iter().rev())
            {
                let filter = Filter { account, campaign, from, to, ..Filter::default() };
                let all = (0..engine.messages.len()).map(MessageIx::from_index);
                let looked: Vec<_> = all.filter(|ix| engine.matches(*ix, &filter)).collect();
                let found = engine.find(&filter);
                assert_eq!(found.len(), looked.len(), "{filter:?}");
                let backwards: Vec<_> = looked.iter().rev().skip(3).take(5).copied().collect();
                assert_eq!(found.page(3, 5, true), backwards);
                assert_eq!(found.into_vec(), looked, "{filter:?}");
            }
        }
    }
}

fn paused(engine: &Engine) -> Vec<(CampaignIx, u32)> {
    let paused =
        engine.campaigns().filter(|ix| engine.campaign_at(*ix).status == CampaignStatus::Paused);
    paused.map(|ix| (ix, engine.campaign_at(ix).handed_over)).collect()
}

/// Everything that can be seen of a world.
fn seen(engine: &Engine) -> String {
    format!("{:?}\n{:?}\n{:?}", engine.messages, engine.campaigns, engine.ledger())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_books_balance_and_a_pause_is_a_pause(asks in asks()) {
        let mut engine = poor();
        for (serial, what) in (0..).zip(&asks) {
            let before = paused(&engine);
            ask(&mut engine, what, serial);
            books_balance(&engine);
            tallies_are_true(&engine);
            finding_is_looking(&engine, serial);
            for (ix, handed_over) in before {
                let campaign = engine.campaign_at(ix);
                prop_assert!(matches!(what, Ask::Resume(_)) || campaign.handed_over == handed_over);
            }
        }
        pass(&mut engine, ENOUGH);
        books_balance(&engine);
        prop_assert_eq!(engine.account(live(&engine)).ledger.reserved(), Amount::ZERO);
    }

    #[test]
    fn the_same_seed_and_commands_give_the_same_world(asks in asks()) {
        let (mut one, mut other) = (poor(), poor());
        for (serial, what) in (0..).zip(&asks) {
            ask(&mut one, what, serial);
            ask(&mut other, what, serial);
        }
        prop_assert_eq!(seen(&one), seen(&other));
    }

    #[test]
    fn it_does_not_matter_in_how_many_steps_time_passes(asks in asks(), steps in 1..20_u32) {
        let (mut one, mut other) = (poor(), poor());
        for (serial, what) in (0..).zip(&asks) {
            ask(&mut one, what, serial);
            ask(&mut other, what, serial);
        }
        let end = one.now().plus(ENOUGH);
        one.advance_to(end);
        for _ in 0..steps {
            pass(&mut other, ENOUGH / steps);
        }
        other.advance_to(end);
        prop_assert_eq!(seen(&one), seen(&other));
    }
}

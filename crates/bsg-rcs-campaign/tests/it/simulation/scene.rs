//! A scene: the world, the campaign and how bad everything is, all drawn from one seed.

use std::time::Duration;

use bsg_rcs_campaign::ApplyOptions;
use bsg_rcs_campaign::MessageFile;
use bsg_rcs_domain::{Amount, BatchCap, CivilDateTime, Message};
use bsg_rcs_sandbox::engine::{BarredRecipient, KnownReference, RefusedRecipient, World};

use super::chance::Chance;
use crate::bench::KEY;

/// When every run begins.
pub(super) const START: &str = "2026-01-05 09:00:00";
/// The request timeout plus 15 seconds: how long an unknown outcome may still change.
const SETTLE_MS: u64 = 75_000;
/// How long a request may be under way at most: a client gives it up then.
const UNDER_WAY_MS: u64 = 60_000;

/// What a run is about.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub(super) world: World,
    /// Of the engine's own chance.
    pub(super) engine_seed: u64,
    pub(super) message: Message,
    /// The recipients' file, line by line.
    pub(super) lines: Vec<String>,
    /// The numbers in it, each once.
    pub(super) numbers: Vec<u64>,
    pub(super) cap: BatchCap,
    /// A single send; with a reference of the caller's own.
    pub(super) single: bool,
    pub(super) start_at: Option<CivilDateTime>,
    pub(super) options: ApplyOptions,
    /// Whether the client repeats by itself what may be repeated.
    pub(super) retry: bool,
    /// The life of a token, in seconds.
    pub(super) token_life: i64,
    /// How long a request can be under way, in milliseconds.
    pub(super) late_max: u64,
    /// Whether what goes wrong is mostly that things take long.
    pub(super) slow: bool,
    /// Whether a network that doubles requests cannot make the platform send twice.
    pub(super) doubles: bool,
    /// Whether the second of them is refused because of the first, so that its answer may be heard.
    /// Else that answer (nobody is left; the token has ended) tells nothing, and no client can know.
    pub(super) second_tells: bool,
    /// Somebody sends other people messages under the references of these recipients.
    pub(super) strangers: Vec<u32>,
    /// Whether many processes may apply at once, and share the store.
    pub(super) shared: bool,
    /// Whether processes are suspended now and then, for longer than their leases last. What they
    /// send when they wake nobody can call back: the platform has to know its references.
    pub(super) suspends: bool,
    /// How many processes work beside the first at most.
    pub(super) company: usize,
    pub(super) callbacks: bool,
    /// Callbacks name no currency.
    pub(super) bare_prices: bool,
    /// A cap on the cost while things go wrong; the plan has prices then.
    pub(super) cap_on_cost: Option<Amount>,
    /// An operator forgets numbers.
    pub(super) forgets: bool,
    /// An operator stops the campaign for good.
    pub(super) stops: bool,
    /// How far the wall clocks of processes may be off, in milliseconds.
    pub(super) clocks_off: u64,
    pub(super) rates: Rates,
    /// Lives after which nothing goes wrong any more.
    pub(super) troubled_lives: u64,
}

/// Once in how many times something goes wrong; 0 is never.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rates {
    /// An exchange.
    pub(super) exchange: u64,
    /// A call of the store.
    pub(super) store: u64,
    /// A process dies at an await point.
    pub(super) crash: u64,
    /// Somebody presses Ctrl-C, at an await point.
    pub(super) interrupt: u64,
}

impl Scene {
    pub(super) fn draw(chance: &mut Chance) -> Self {
        let mut world = World::default();
        let lag = match chance.below(4) {
            0 | 1 => 0,
            2 => chance.between(1, 60),
            _ => chance.between(80, 600),
        };
        let known = chance.pick(&[
            KnownReference::RefuseRequest,
            KnownReference::RejectMessage,
            KnownReference::SendAgain,
        ]);
        let sends_again = known == KnownReference::SendAgain;
        let guarded = chance.one_in(2);
        world.assumptions.lookup_lag = Duration::from_secs(lag);
        world.assumptions.known_reference = known;
        world.assumptions.duplicate_window = Duration::from_secs(if guarded { 10 } else { 0 });
        world.assumptions.read_after_delivered = !chance.one_in(4);
        let refused = [RefusedRecipient::RefuseRequest, RefusedRecipient::LeaveOut];
        world.assumptions.refused_recipient = chance.pick(&refused);
        let barred = [BarredRecipient::Refused, BarredRecipient::Fails];
        world.assumptions.barred_recipient = chance.pick(&barred);
        world.delays.burst = u16::try_from(chance.between(1, 20)).unwrap();
        let callbacks = !chance.one_in(5);
        let account = world.accounts.iter_mut().find(|account| &*account.key == KEY).unwrap();
        account.callback_url = callbacks.then(|| "http://receiver.example/".into());
        if chance.one_in(4) {
            // A text costs 0.01 or 0.05.
            let cents = i128::from(chance.below(40));
            account.balance = Amount::from_ten_millionths(cents * 100_000);
        }
        let single = chance.one_in(10);
        let count = if single { 1 } else { chance.between(1, 40) };
        let national = chance.one_in(2);
        let numbers = numbers(chance, count, national);
        let beyond = lag * 1000 >= SETTLE_MS;
        let hold_unknown = (sends_again && beyond) || chance.one_in(12);
        // What protects nobody but by looking up is relied on to be found once it has settled.
        let late_max = if sends_again && !beyond {
            UNDER_WAY_MS.min(SETTLE_MS - 1000 - lag * 1000)
        } else {
            UNDER_WAY_MS
        };
        let trouble = !chance.one_in(10);
        let shared = chance.one_in(3);
        let company = match chance.below(4) {
            0 | 1 if shared => usize::try_from(chance.between(1, 3)).unwrap(),
            2 => 1,
            _ => 0,
        };
        Self {
            engine_seed: chance.word(),
            message: message(chance, national),
            lines: lines(chance, &numbers),
            numbers,
            cap: BatchCap::new(u16::try_from(chance.between(1, 7)).unwrap()).unwrap(),
            single,
            start_at: (!single && chance.one_in(6)).then(|| start(chance)),
            options: ApplyOptions {
                first: (!single && chance.one_in(8)).then(|| chance.between(1, count)),
                rate: chance.one_in(6).then(|| u32::try_from(chance.between(1, 20)).unwrap()),
                settle: None,
                hold_unknown,
                batch_size: chance.one_in(8).then(|| u32::try_from(chance.between(1, 4)).unwrap()),
                concurrency: Some(usize::try_from(chance.between(1, 3)).unwrap()),
                ..ApplyOptions::default()
            },
            retry: chance.one_in(3),
            token_life: chance.pick(&[90, 600, 3600, 90_000]),
            late_max,
            slow: chance.one_in(3),
            doubles: guarded || !sends_again,
            second_tells: known == KnownReference::RefuseRequest,
            strangers: strangers(chance, count),
            shared,
            suspends: shared && !sends_again && chance.one_in(2),
            company,
            callbacks,
            bare_prices: chance.one_in(6),
            cap_on_cost: (!single && chance.one_in(6)).then(|| {
                // A text costs 0.01 or 0.05, an SMS 0.008 or 0.03.
                Amount::from_ten_millionths(i128::from(chance.between(1, 120)) * 100_000)
            }),
            forgets: chance.one_in(6),
            stops: chance.one_in(12),
            clocks_off: chance.pick(&[0, 0, 120_000, 3_600_000, 36_000_000]),
            rates: if trouble { Rates::draw(chance) } else { Rates::default() },
            troubled_lives: if trouble { chance.between(1, 12) } else { 0 },
            world,
        }
    }

    /// Whether a recipient that was reported as accepted may turn out to have been left out.
    pub(super) fn leaves_out(&self) -> bool {
        let assumed = &self.world.assumptions;
        // A refused recipient (A21), or one whose reference a stranger has used (A15 b).
        assumed.refused_recipient == RefusedRecipient::LeaveOut
            || assumed.known_reference == KnownReference::RejectMessage
    }
}

impl Rates {
    fn draw(chance: &mut Chance) -> Self {
        Self {
            exchange: chance.pick(&[0, 2, 4, 4, 8, 8, 20, 60]),
            store: chance.pick(&[0, 0, 30, 100, 300]),
            crash: chance.pick(&[0, 20, 60, 60, 150, 150, 400]),
            interrupt: chance.pick(&[0, 0, 0, 100]),
        }
    }
}

/// Different numbers; the last two digits are fates.
fn numbers(chance: &mut Chance, count: u64, national: bool) -> Vec<u64> {
    let number = |place: u64| {
        let fate = if chance.one_in(2) { chance.between(91, 99) } else { chance.below(91) };
        // An agent of one country may not write to the others.
        let country = if national && chance.one_in(5) { 491_701_000_000 } else { 380_660_000_000 };
        country + place * 100 + fate
    };
    (0..count).map(number).collect()
}

/// The file: some lines come twice, some are no numbers.
fn lines(chance: &mut Chance, numbers: &[u64]) -> Vec<String> {
    let mut lines = Vec::new();
    for number in numbers {
        lines.push(number.to_string());
        if chance.one_in(15) {
            lines.push(format!("+{number}"));
        }
        if chance.one_in(25) {
            lines.push("12".to_owned());
        }
    }
    lines
}

fn message(chance: &mut Chance, national: bool) -> Message {
    let validity = chance.pick(&["5m", "1h", "2h"]);
    let sms = r#", "sms": {"sender": "Bistro", "text": "Your table is ready.", "validity": "1h"}"#;
    let sms = if chance.one_in(3) { sms } else { "" };
    let agent = if national { "demo_agent_ua" } else { "demo_agent" };
    let more = format!(r#", "validity": "{validity}"{sms}"#);
    let file = format!(r#"{{"agent": "{agent}", "text": "Your table is ready."{more}}}"#);
    let file: MessageFile = serde_json::from_str(&file).unwrap();
    file.into_draft().check().unwrap().value
}

fn start(chance: &mut Chance) -> CivilDateTime {
    // Soon, so that it passes in the middle, or later.
    let soon = chance.one_in(2);
    let (hour, minute) =
        if soon { (9, chance.between(1, 30)) } else { (chance.between(10, 12), chance.below(60)) };
    CivilDateTime::parse(&format!("2026-01-05 {hour:02}:{minute:02}:00")).unwrap()
}

fn strangers(chance: &mut Chance, count: u64) -> Vec<u32> {
    if !chance.one_in(12) {
        return Vec::new();
    }
    (0..chance.between(1, 3)).map(|_| u32::try_from(chance.below(count)).unwrap()).collect()
}

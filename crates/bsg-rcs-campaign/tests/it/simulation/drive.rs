//! One run: processes live and die, callbacks come in, time passes; then a calm end, and the
//! judgement.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bsg_rcs_campaign::compare::compare;
use bsg_rcs_campaign::inbox::CallbackKeeper;
use bsg_rcs_campaign::track::poll as ask_platform;
use bsg_rcs_domain::{Amount, CampaignStatus, Msisdn, SealKey};
use bsg_rcs_sandbox::engine::{Addressee, Command};
use bsg_rcs_store::Forget;
use bsg_rcs_wire::generated as wire;

use super::chance::Chance;
use super::clock::Pulse;
use super::platform::terms;
use super::process::{End, Job, Process, off_by};
use super::scene::Scene;
use super::storage::Storage;
use super::verdict::Verdict;
use super::world::{Shared, Tallies, at_once, poll, poll_with};
use crate::stores::*;

/// Lives in which nothing goes wrong, and still no end.
const CALM_LIVES: u64 = 60;
/// Turns of one run.
const TURNS: u64 = 3_000_000;
/// After this, everything that can be told was told.
const LONG: i64 = 12 * 3_600_000;

/// What must not have been, and how it came to be.
#[derive(Debug)]
pub(super) struct Violation {
    pub(super) what: String,
    pub(super) trace: Vec<String>,
}

/// Runs one seed to its end.
pub(super) fn run(seed: u64, traced: bool) -> Result<Tallies, Violation> {
    let mut chance = Chance::seeded(seed);
    let scene = Arc::new(Scene::draw(&mut chance));
    let world = Shared::new(scene.clone(), chance.fork(), traced);
    world.lock().note("scene", || format!("{:?}", Described(&scene)));
    let mut drive = Drive {
        chance,
        verdict: Verdict::default(),
        world: world.clone(),
        scene,
        main: None,
        others: Vec::new(),
        strangers_wrote: false,
        stopping: false,
        companions: 0,
    };
    drive.live();
    let mut world = world.lock();
    match world.violation().cloned() {
        Some(what) => Err(Violation { what, trace: world.take_trace() }),
        None => Ok(world.tallies),
    }
}

/// A scene in a few words.
struct Described<'a>(&'a Scene);

impl std::fmt::Debug for Described<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scene = self.0;
        let assumed = &scene.world.assumptions;
        write!(
            f,
            "{} numbers, batches of {}, single: {}, {:?}, lag {:?}, window {:?}, {:?}, {:?}, {:?}, \
             late by {} ms, slow: {}, retry: {}, shared: {}, suspends: {}, company: {}, callbacks: {}, strangers: {:?}, \
             start {:?}, cap {:?}, forgets: {}, stops: {}, clocks off {}, bare: {}, {:?}, {} lives; \
             numbers {:?}",
            scene.numbers.len(),
            scene.cap.get(),
            scene.single,
            assumed.known_reference,
            assumed.lookup_lag,
            assumed.duplicate_window,
            assumed.refused_recipient,
            assumed.barred_recipient,
            scene.options,
            scene.late_max,
            scene.slow,
            scene.retry,
            scene.shared,
            scene.suspends,
            scene.company,
            scene.callbacks,
            scene.strangers,
            scene.start_at,
            scene.cap_on_cost,
            scene.forgets,
            scene.stops,
            scene.clocks_off,
            scene.bare_prices,
            scene.rates,
            scene.troubled_lives,
            scene.numbers,
        )
    }
}

type Work = Pin<Box<dyn Future<Output = End>>>;

/// A process that lives.
struct Living {
    process: Process,
    work: Work,
}

struct Drive {
    chance: Chance,
    verdict: Verdict,
    world: Shared,
    scene: Arc<Scene>,
    main: Option<Living>,
    others: Vec<Living>,
    strangers_wrote: bool,
    stopping: bool,
    companions: u64,
}

impl Drive {
    fn live(&mut self) {
        let mut over = false;
        for _ in 0..TURNS {
            if self.world.lock().violation().is_some() {
                return;
            }
            if self.main.is_none() {
                if over {
                    return self.judge();
                }
                // In the end the first process waits for the others.
                let waits = !self.others.is_empty() && self.world.lock().calm;
                if !waits && !self.next_life() {
                    return;
                }
            }
            if self.others.len() < self.scene.company
                && self.may_have_company()
                && self.chance.one_in(100)
            {
                let job = if self.chance.one_in(2) { Job::All } else { Job::Track };
                self.companions += 1;
                let companion = self.begin(&format!("companion {}", self.companions), job);
                self.others.push(companion);
            }
            over |= self.turn();
            self.people_meddle();
            self.strangers_write();
            self.take_callbacks();
        }
        self.world.lock().violate("it hangs".to_owned());
    }

    /// An operator forgets a number, stops the campaign, or sets a clock.
    fn people_meddle(&mut self) {
        if !self.may_have_company() {
            return;
        }
        if self.scene.forgets && self.chance.one_in(200) {
            self.forget_one();
        }
        if self.scene.stops && !self.stopping && self.chance.one_in(300) {
            self.stopping = true;
            let stopper = self.begin("stopper", Job::Stop);
            self.others.push(stopper);
        }
        if self.scene.clocks_off > 0 && self.chance.one_in(100) {
            for living in self.main.iter().chain(&self.others) {
                let off_by = off_by(&self.scene, &mut self.chance);
                living.process.pulse.set_clock(off_by);
            }
        }
    }

    fn forget_one(&mut self) {
        let mut world = self.world.lock();
        let number = self.chance.pick(&self.scene.numbers);
        at_once(world.store.forget(Forget::Number(Msisdn::from_u64(number).unwrap()))).unwrap();
        let now = world.now();
        world.forgotten.entry(number).or_insert(now);
        world.note("operator", || format!("forgets {number}"));
    }

    /// Other processes come once there is a plan: they apply by its id.
    fn may_have_company(&self) -> bool {
        let world = self.world.lock();
        !world.calm && world.id.is_some()
    }

    /// Begins the next life of the first process; `false` if there were too many.
    fn next_life(&mut self) -> bool {
        let lives = {
            let mut world = self.world.lock();
            world.tallies.lives += 1;
            let lives = world.tallies.lives;
            if lives > self.scene.troubled_lives && !world.calm {
                world.calm = true;
                world.note("world", || "from now on nothing goes wrong".to_owned());
            }
            if lives > self.scene.troubled_lives + CALM_LIVES {
                world.violate("it never comes to its end".to_owned());
                return false;
            }
            lives
        };
        // Somebody starts it again: at once, soon, or much later.
        let pause = match self.chance.below(4) {
            0 | 1 => 0,
            2 => self.chance.below(90_000),
            _ => self.chance.below(1_000_000),
        };
        self.wait(i64::try_from(pause).unwrap());
        if self.world.lock().calm || self.chance.one_in(3) {
            self.pay();
        }
        self.main = Some(self.begin(&format!("life {lives}"), Job::All));
        true
    }

    fn begin(&mut self, name: &str, job: Job) -> Living {
        let process = Process::new(name.to_owned(), &self.world, &mut self.chance);
        self.world.lock().note(name, || format!("begins: {job:?}"));
        let work: Work = Box::pin(process.work(job));
        Living { process, work }
    }

    /// One turn of whoever can have it; whether the first process found that all is done.
    fn turn(&mut self) -> bool {
        let now = self.world.lock().now();
        let wakes = |living: &Living| living.process.pulse.sleeps_until().unwrap_or(now);
        let first = self.main.iter().chain(&self.others).map(wakes).min();
        let Some(first) = first else { return false };
        if first > now {
            self.world.lock().pass_until(first);
            return false;
        }
        let awake: Vec<usize> =
            (0..self.others.len()).filter(|place| wakes(&self.others[*place]) <= now).collect();
        let takes_main = self.main.as_ref().is_some_and(|main| wakes(main) <= now)
            && (awake.is_empty() || self.chance.one_in(2));
        let mut living = if takes_main {
            self.main.take()
        } else {
            let place = awake[usize::try_from(self.chance.below(awake.len() as u64)).unwrap()];
            Some(self.others.swap_remove(place))
        };
        let Some(lives) = living.as_mut() else { return false };
        let waker = lives.process.pulse.begin_turn();
        match poll_with(lives.work.as_mut(), &waker) {
            Poll::Ready(end) => self.ended(takes_main, &lives.process.pulse, &end),
            Poll::Pending => {
                let rates = self.world.lock().rates();
                if self.chance.one_in(rates.crash) {
                    self.died(living.as_ref());
                    return false;
                }
                if self.chance.one_in(rates.interrupt) {
                    self.world.lock().note(lives.process.pulse.name(), || "Ctrl-C".to_owned());
                    lives.process.interrupter.raise();
                    // A wait ends; an exchange or a call of the store goes on.
                    lives.process.pulse.wake();
                }
                if takes_main {
                    self.main = living
                } else {
                    self.others.extend(living)
                }
                false
            }
        }
    }

    /// Nothing that would have been reported is lost, and the counts add up.
    fn remember(&mut self) {
        let mut world = self.world.lock();
        self.verdict.remember(&mut world);
        world.check_equations();
    }

    fn died(&mut self, living: Option<&Living>) {
        let name = living.map_or("", |living| living.process.pulse.name()).to_owned();
        {
            let mut world = self.world.lock();
            world.tallies.crashes += 1;
            world.note(&name, || "DIES".to_owned());
        }
        self.remember();
    }

    fn ended(&mut self, main: bool, pulse: &Pulse, end: &End) -> bool {
        let name = pulse.name().to_owned();
        self.world.lock().note(&name, || format!("ends: {end:?}"));
        self.remember();
        if matches!(end, End::Paused) {
            self.pay();
        }
        main && matches!(end, End::Settled)
    }

    /// Lets time pass while the first process is not there. The others go on, unless they are
    /// suspended meanwhile.
    fn wait(&mut self, millis: i64) {
        let until = self.world.lock().now() + millis;
        loop {
            let now = self.world.lock().now();
            let wakes = |living: &Living| living.process.pulse.sleeps_until().unwrap_or(now);
            let first = self.others.iter().map(wakes).min().filter(|_| !self.scene.suspends);
            if now >= until || self.world.lock().violation().is_some() {
                return;
            }
            if first.is_some_and(|first| first <= now) {
                self.turn();
            } else {
                self.world.lock().pass_until(first.map_or(until, |first| first.min(until)));
            }
            self.take_callbacks();
        }
    }

    /// Somebody tops up, and resumes what is paused.
    fn pay(&mut self) {
        let mut world = self.world.lock();
        let cents = if world.calm { 10_000 } else { i128::from(self.chance.below(60)) };
        let amount = Amount::from_ten_millionths(cents * 100_000);
        let account = world.platform.account();
        let _ = world.platform.perform(Command::TopUp(account, amount));
        let engine = &world.platform.engine;
        let paused = |ix| engine.campaign_at(ix).status == CampaignStatus::Paused;
        let paused: Vec<u64> =
            engine.campaigns().filter(|ix| paused(*ix)).map(|ix| ix.id()).collect();
        for id in paused {
            world.note("somebody", || format!("tops up and resumes campaign {id}"));
            let _ = world.platform.perform(Command::Resume(id));
        }
    }

    /// Somebody uses our references for other people, once they are known.
    fn strangers_write(&mut self) {
        if self.strangers_wrote || self.scene.strangers.is_empty() {
            return;
        }
        let mut world = self.world.lock();
        let Some(id) = world.id else { return };
        self.strangers_wrote = true;
        let key: SealKey = at_once(world.store.campaign(id)).unwrap().unwrap().key;
        for index in &self.scene.strangers {
            let rows = at_once(world.store.recipients(id, *index, 1)).unwrap();
            let Some(row) = rows.first() else { continue };
            let Some(number) = row.number else { continue };
            let reference = row.reference.unwrap_or_else(|| key.mint(id, *index, number));
            let stranger = Msisdn::from_u64(380_990_000_000 + u64::from(*index)).unwrap();
            let to = Addressee { number: stranger, reference: Some(reference) };
            let options = wire::Options { text: Some("Hello.".to_owned()), cards: None };
            let hour = Duration::from_secs(3600);
            let terms = Box::new(terms("demo_agent".to_owned(), options, None, hour));
            let (account, fingerprint) = (world.platform.account(), u64::from(*index));
            let command = Command::SendOne { account, fingerprint, to, options: terms };
            let done = world.platform.perform(command).is_ok();
            world.note("stranger", || format!("uses the reference of {index}: {done}"));
        }
    }

    /// Callbacks that have arrived are kept, in whatever order; or not, and come again.
    fn take_callbacks(&mut self) {
        let mut bodies = std::mem::take(&mut self.world.lock().inbox);
        if bodies.is_empty() {
            return;
        }
        self.chance.shuffle(&mut bodies);
        let rate = self.world.lock().rates().crash;
        let store = Arc::new(Storage::new("receiver", &self.world));
        let keeper = CallbackKeeper::new(store);
        let mut keeping = std::pin::pin!(keeper.keep(bodies.clone()));
        let kept = loop {
            match poll(keeping.as_mut()) {
                Poll::Ready(kept) => break kept.is_ok(),
                Poll::Pending if self.chance.one_in(rate) => break false,
                Poll::Pending => {}
            }
        };
        if !kept {
            for body in bodies {
                // What was not answered comes again, a few times; then it is lost.
                if !self.chance.one_in(4) {
                    self.world.lock().post_later(body, 60_000);
                }
            }
        }
    }

    /// Everything that can be told is asked for; then all of it is judged.
    fn judge(&mut self) {
        self.others.clear();
        self.world.lock().calm = true;
        for _ in 0..3 {
            self.pay();
            self.wait(LONG);
        }
        let process = Process::new("the end".to_owned(), &self.world, &mut self.chance);
        let id = self.world.lock().id;
        let Some(id) = id else {
            return self.world.lock().violate("nothing was planned".to_owned());
        };
        let asked = at_once(ask_platform(process.tools(), id));
        if !matches!(asked, Ok(true)) {
            self.world.lock().violate(format!("at the end the platform answers {asked:?}"));
        }
        self.remember();
        let report = bsg_rcs_campaign::report::report(&*process.tools().store, id);
        match at_once(report) {
            Ok(report) => {
                self.verdict.judge(&mut self.world.lock(), &report);
                let differences = at_once(compare(process.tools(), id));
                if report.undetermined == 0 && !matches!(&differences, Ok(none) if none.is_empty())
                {
                    let what = format!("the bill differs from the platform's: {differences:?}");
                    self.world.lock().violate(what);
                }
            }
            Err(error) => self.world.lock().violate(error.to_string()),
        }
    }
}

//! A process: the real runner with the real client. It plans if nobody has, applies, tracks; and
//! when it dies, nothing stays of it but what the store has.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use bsg_rcs::Client;
use bsg_rcs_campaign::input::recipients::RecipientsFile;
use bsg_rcs_campaign::plan::{Destination, PlanOrder, plan};
use bsg_rcs_campaign::report::report;
use bsg_rcs_campaign::stop::stop;
use bsg_rcs_campaign::track::{TrackOptions, track};
use bsg_rcs_campaign::{Applied, ApplyOptions, Stop, Tools, apply::apply};
use bsg_rcs_campaign::{CampaignError, Event, Interrupt, interrupt::Interrupter, progress, single};
use bsg_rcs_domain::{Amount, CampaignId, Msisdn, ReferenceId};
use bsg_rcs_store::{Outcome, StoreError};
use bsg_rcs_transport::retry::Retry;

use super::chance::Chance;
use super::clock::Pulse;
use super::network::Network;
use super::scene::Scene;
use super::storage::Storage;
use super::world::{Shared, World};
use crate::bench::{KEY, list};

/// How a process came to its end, if it did not die.
#[derive(Debug)]
#[expect(dead_code, reason = "the trace shows what is in it")]
pub(super) enum End {
    /// Tracking answered, and nothing is pending.
    Settled,
    /// Something is left to do for the next.
    Unfinished(&'static str),
    /// The platform paused a campaign.
    Paused,
    /// Another process is at it.
    Busy,
    /// It gave up.
    Failed(CampaignError),
}

/// What a process is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Job {
    /// All of it.
    All,
    /// To track alone, beside the other.
    Track,
    /// To stop the campaign for good.
    Stop,
}

/// What a process is made of.
pub(super) struct Process {
    tools: Tools,
    pub(super) pulse: Pulse,
    world: Shared,
    pub(super) interrupter: Interrupter,
}

/// How far a wall clock is off, in either direction.
pub(super) fn off_by(scene: &Scene, chance: &mut Chance) -> i64 {
    let millis = i64::try_from(chance.below(scene.clocks_off + 1)).unwrap();
    if chance.one_in(2) { -millis } else { millis }
}

impl Process {
    pub(super) fn new(name: String, world: &Shared, chance: &mut Chance) -> Self {
        let scene = world.lock().scene.clone();
        let pulse = Pulse::new(name, world.clone(), off_by(&scene, chance));
        let network =
            Network { world: world.clone(), pulse: pulse.clone(), sends: AtomicUsize::new(0) };
        let began = world.lock().now();
        let clock = world.clone();
        let client =
            Client::builder().base_url("http://localhost").api_key(KEY).without_retry().clock(
                move || Duration::from_millis(u64::try_from(clock.lock().now() - began).unwrap()),
            );
        let client = if scene.retry {
            let (waiting, mut random) = (pulse.clone(), chance.fork());
            client.transport(Retry::handed(
                network,
                move |span: Duration| {
                    let waiting = waiting.clone();
                    let millis = u64::try_from(span.as_millis()).unwrap();
                    Box::pin(async move { waiting.sleep(millis).await })
                },
                move || random.word(),
            ))
        } else {
            client.transport(network)
        };
        let (interrupter, interrupt) = Interrupt::new();
        let (heard, listener) = (world.clone(), pulse.clone());
        let tools = Tools {
            store: Arc::new(Storage::new(pulse.name(), world)),
            client: client.build().unwrap(),
            clock: Arc::new(pulse.clone()),
            progress: Arc::new(move |event| hear(&mut heard.lock(), &listener, &event)),
            interrupt,
        };
        Self { tools, pulse, world: world.clone(), interrupter }
    }

    pub(super) fn tools(&self) -> &Tools {
        &self.tools
    }

    /// Works until there is nothing to do, or it cannot go on.
    pub(super) fn work(&self, job: Job) -> impl Future<Output = End> + use<> {
        let (tools, world) = (self.tools.clone(), self.world.clone());
        let scene = world.lock().scene.clone();
        async move {
            let worked = match job {
                Job::All => everything(&tools, &world, &scene).await,
                Job::Track => only_track(&tools, &world).await,
                Job::Stop => only_stop(&tools, &world).await,
            };
            match worked {
                Ok(end) => end,
                Err(CampaignError::Store(StoreError::Claimed(_))) => End::Busy,
                Err(error) => End::Failed(error),
            }
        }
    }
}

async fn only_track(tools: &Tools, world: &Shared) -> Result<End, CampaignError> {
    let Some(id) = world.lock().id else { return Ok(End::Busy) };
    track(tools, id, TrackOptions { look_max: Duration::from_secs(600) }).await?;
    Ok(End::Unfinished("it tracked"))
}

async fn only_stop(tools: &Tools, world: &Shared) -> Result<End, CampaignError> {
    let Some(id) = world.lock().id else { return Ok(End::Busy) };
    stop(tools, id).await?;
    Ok(End::Unfinished("it stopped the campaign"))
}

async fn everything(tools: &Tools, world: &Shared, scene: &Scene) -> Result<End, CampaignError> {
    let id = planned(tools, world, scene).await?;
    let mut options: ApplyOptions = scene.options;
    // The canary goes first, as long as things go wrong; then everybody.
    if world.lock().calm || world.lock().chance.one_in(2) {
        options.first = None;
    }
    if let Some(cap) = scene.cap_on_cost {
        let all = Amount::from_ten_millionths(i128::from(u32::MAX));
        options.max_cost = Some(if world.lock().calm { all } else { cap });
    }
    let applied = match apply(tools, id, options).await {
        Err(CampaignError::NotApplicable { .. }) if world.lock().stopped_at.is_some() => {
            Applied::Stopped(Stop::ForGood)
        }
        applied => applied?,
    };
    match applied {
        Applied::Stopped(Stop::First) => return Ok(End::Unfinished("the first are sent")),
        Applied::Stopped(Stop::Interrupted) => return Ok(End::Unfinished("interrupted")),
        Applied::Stopped(Stop::PausedByPlatform { .. }) => return Ok(End::Paused),
        Applied::Stopped(Stop::Elsewhere) => return Ok(End::Unfinished("another stopped it")),
        Applied::Stopped(Stop::ForGood) if world.lock().stopped_at.is_some() => {}
        Applied::Stopped(Stop::SpendCap { .. }) if scene.cap_on_cost.is_some() => {
            return Ok(End::Unfinished("the cap is reached"));
        }
        Applied::Stopped(
            stop @ (Stop::SpendCap { .. }
            | Stop::OtherCurrency { .. }
            | Stop::UnlistedPrice { .. }
            | Stop::ForGood),
        ) => {
            world.lock().violate(format!("{stop:?}, which nobody wished"));
        }
        Applied::Refused { .. } => {
            // The others have their turn the next time, until what is left is always refused.
            let is_calm = world.lock().calm;
            if !is_calm || world.lock().has_untried() {
                return Ok(End::Unfinished("refused"));
            }
        }
        Applied::AllSent => {
            if report(&*tools.store, id).await?.pending > 0 {
                world.lock().violate("all is said to be sent, and some are pending".to_owned());
            }
        }
        Applied::Held { .. } => {}
    }
    let report = track(tools, id, TrackOptions { look_max: Duration::from_secs(600) }).await?;
    let stopped = world.lock().stopped_at.is_some();
    let left = report.pending > 0 && !stopped && world.lock().has_untried();
    if tools.interrupt.is_raised() || left {
        return Ok(End::Unfinished("tracking was interrupted"));
    }
    Ok(End::Settled)
}

/// The campaign, planned now or before.
async fn planned(
    tools: &Tools,
    world: &Shared,
    scene: &Scene,
) -> Result<CampaignId, CampaignError> {
    if let Some(id) = world.lock().id {
        return Ok(id);
    }
    let id = if scene.single {
        let number = Msisdn::from_u64(scene.numbers[0]).unwrap();
        let reference = Some(ReferenceId::parse("callersown1").unwrap());
        let message = &scene.message;
        let order = single::SingleOrder { message, number, reference, again: false };
        single::prepare(tools, order).await?.campaign
    } else {
        let order = PlanOrder {
            message: scene.message.clone(),
            destination: Destination::from(&tools.client),
            name: None,
            prices: scene.cap_on_cost.map(|_| world.lock().platform.engine.world().prices.clone()),
            max_cost: None,
            start_at: scene.start_at,
            again: false,
            cap: scene.cap,
        };
        let file: RecipientsFile = list(&scene.lines);
        let silent = progress::silent();
        let planned = plan(&*tools.store, &order, file, &silent, &tools.interrupt).await;
        match planned {
            Ok(summary) => CampaignId::parse(&summary.campaign).unwrap(),
            // Whoever planned it died, or did not hear that it was written.
            Err(CampaignError::PlannedBefore(id)) => id,
            Err(error) => return Err(error),
        }
    };
    let mut world = world.lock();
    if world.id.is_some_and(|other| other != id) {
        world.violate("it is planned twice".to_owned());
    }
    world.id = Some(id);
    Ok(id)
}

/// What is told was written before.
fn hear(world: &mut World, pulse: &Pulse, event: &Event) {
    match event {
        Event::Batch { settled, .. } => {
            let rows = world.outcomes();
            let pending = rows.iter().filter(|(_, outcome)| *outcome == Outcome::Pending).count();
            let written = rows.len() - pending;
            world.note(pulse.name(), || format!("tells that {settled} are settled"));
            if u64::try_from(written).unwrap() < *settled {
                world.violate(format!("{settled} are told to be settled, {written} are written"));
            }
        }
        Event::Tracking(report) => {
            let parts = report.accepted + report.rejected + report.undetermined + report.pending;
            if parts != report.recipients {
                world.violate(format!("the report does not add up: {report:?}"));
            }
        }
        Event::Resolving { batch, wait, why } => world.note(pulse.name(), || {
            format!("batch {batch} is looked up again in {} ms ({why})", wait.as_millis())
        }),
        Event::Unreachable { wait, why } => {
            world.note(pulse.name(), || format!("tries again in {} ms ({why})", wait.as_millis()))
        }
        _ => {}
    }
}

//! `demo`: the whole journey on this machine, through every room and over real sockets.
//!
//! A sandbox on virtual time, a store in a temporary file, a webhook receiver; then plan, apply,
//! callbacks, report. Waiting for reports is what lets the sandbox's time pass.

use std::io::{Cursor, Read, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs::Client;
use bsg_rcs_campaign::inbox::CallbackKeeper;
use bsg_rcs_campaign::input::prices::read_prices;
use bsg_rcs_campaign::input::recipients::{ReadOptions, RecipientsFile};
use bsg_rcs_campaign::plan::{self, Destination, PlanOrder};
use bsg_rcs_campaign::track::{self, TrackOptions};
use bsg_rcs_campaign::{
    ApplyOptions, CampaignError, CampaignReport, Clock, MessageFile, PlanSummary, Tools, apply,
};
use bsg_rcs_domain::{Amount, BatchCap, CivilDateTime, Message, PriceList};
use bsg_rcs_sandbox::{Sandbox, SandboxConfig, Speed};
use bsg_rcs_store::{Store, Timestamp};
use bsg_rcs_store_sqlite::SqliteStore;
use bsg_rcs_webhook::{WebhookSecret, axum, router};
use serde::Serialize;

use super::inbox::StoreInbox;

use crate::args::Demo;
use crate::context;
use crate::exit::{self, Exit, Failure};
use crate::listen::listen;
use crate::output::{self, Output};

/// The sandbox's account that the demo uses.
const KEY: &str = "live_sandbox";
/// The first of the numbers that `--count` makes.
const FIRST_NUMBER: u64 = 380_500_000_000;
/// While time is virtual, the store is looked at at most every six hours of it.
const LOOK_MAX: Duration = Duration::from_secs(6 * 3600);

#[derive(Serialize)]
struct Journey {
    plan: PlanSummary,
    report: CampaignReport,
    balance_before: String,
    balance_after: String,
    currency: String,
}

pub(super) async fn run(demo: Demo, output: Output) -> Result<Exit, Failure> {
    let recipients = recipients(&demo)?;
    let folder = tempfile::tempdir()
        .map_err(|why| Failure::fault(format!("no temporary folder can be made: {why}")))?;
    let sandbox = Arc::new(sandbox(demo.seed).await?);
    let clock = Arc::new(SandboxClock(Arc::clone(&sandbox)));
    let time = Arc::clone(&clock);
    let path = folder.path().join("demo.db");
    let store: Arc<dyn Store> =
        Arc::new(SqliteStore::open_with_clock(&path, Arc::new(move || time.now()))?);
    receive_callbacks(&sandbox, &store).await?;
    let client = Client::builder().base_url(sandbox.url()).api_key(KEY).build();
    let client = client.map_err(|why| Failure::fault(why.to_string()))?;
    let tools = Tools {
        store,
        client,
        clock,
        progress: output.progress(),
        interrupt: context::interrupt(),
    };
    let (journey, exit) = travel(&tools, &sandbox, recipients, output).await?;
    output.result(&journey, || {
        let (before, after, currency) =
            (&journey.balance_before, &journey.balance_after, &journey.currency);
        format!("{}\n\nbalance {before} -> {after} {currency}", output::report(&journey.report))
    })?;
    Ok(exit)
}

async fn travel(
    tools: &Tools,
    sandbox: &Sandbox,
    recipients: RecipientsFile,
    output: Output,
) -> Result<(Journey, Exit), Failure> {
    let order = PlanOrder {
        message: message()?,
        destination: Destination::from(&tools.client),
        name: Some("demo".to_owned()),
        prices: Some(prices()?),
        max_cost: None,
        start_at: None,
        again: false,
        cap: BatchCap::PLATFORM,
    };
    let (store, interrupt) = (&*tools.store, &tools.interrupt);
    let plan = plan::plan(store, &order, recipients, &tools.progress, interrupt).await?;
    output.words(&format!("{}\n", output::plan(&plan)))?;
    top_up(sandbox, &plan)?;
    let before = funds(tools).await?;
    let id = context::campaign_id(&plan.campaign)?;
    let applied = apply::apply(tools, id, ApplyOptions::default()).await?;
    let report = track::track(tools, id, TrackOptions { look_max: LOOK_MAX }).await?;
    let after = funds(tools).await?;
    let exit = match exit::of_applied(&applied) {
        Exit::Done if !report.is_done() => Exit::Stopped,
        exit => exit,
    };
    let spent = before.amount.checked_sub(after.amount).unwrap_or_default();
    if report.is_done() && report.billed != spent.to_string() {
        let billed = &report.billed;
        let why = format!("{billed} were reported as billed, but {spent} left the balance");
        return Err(Failure::fault(why));
    }
    let journey = Journey {
        plan,
        report,
        balance_before: before.amount.to_string(),
        balance_after: after.amount.to_string(),
        currency: before.currency.to_string(),
    };
    Ok((journey, exit))
}

/// The account's own funds; a sandbox names their currency.
async fn funds(tools: &Tools) -> Result<bsg_rcs::Money, Failure> {
    let funds = tools.client.account().balance().await?.funds();
    funds.ok_or_else(|| Failure::fault("the balance names no currency".to_owned()))
}

/// A clock that waits by letting the sandbox's time pass.
struct SandboxClock(Arc<Sandbox>);

#[async_trait]
impl Clock for SandboxClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.now_ms())
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now_ms()).unwrap_or_default())
    }

    async fn sleep(&self, span: Duration) {
        self.0.advance(span).await;
    }

    /// Time passes only while the campaign waits.
    async fn tick(&self, _span: Duration) {
        std::future::pending::<()>().await;
    }
}

async fn sandbox(seed: u64) -> Result<Sandbox, Failure> {
    let mut config = SandboxConfig { seed, speed: Speed::VIRTUAL, ..Default::default() };
    // A fixed start, so that the seed decides everything.
    config.start = CivilDateTime::parse("2026-01-05 09:00:00")
        .map_err(|why| Failure::fault(why.to_string()))?;
    Sandbox::start(config).await.map_err(|why| Failure::fault(why.to_string()))
}

/// Serves a webhook receiver and tells the sandbox of it.
async fn receive_callbacks(sandbox: &Sandbox, store: &Arc<dyn Store>) -> Result<(), Failure> {
    let mut random = [0; 20];
    getrandom::fill(&mut random)
        .map_err(|_| Failure::fault("the machine gives no random numbers"))?;
    let secret = WebhookSecret::from_random(random);
    let keeper = CallbackKeeper::new(Arc::clone(store));
    let app = router(&secret, Arc::new(StoreInbox { keeper, store: Arc::clone(store) }));
    let listener = listen(([127, 0, 0, 1], 0).into()).await?;
    let address = listener.local_addr().map_err(|why| Failure::fault(why.to_string()))?;
    tokio::spawn(async move { axum::serve(listener, app).await });
    sandbox.set_callback_url(KEY, Some(&format!("http://{address}{}", secret.path())));
    Ok(())
}

/// Adds what the worst case may cost beyond the funds.
fn top_up(sandbox: &Sandbox, plan: &PlanSummary) -> Result<(), Failure> {
    let worst = plan.estimate.as_ref().map_or("0", |estimate| estimate.worst.as_str());
    let worst = Amount::parse(worst).map_err(|why| Failure::fault(why.to_string()))?.amount;
    let funds = sandbox.balance(KEY).unwrap_or_default();
    if let Some(missing) = worst.checked_sub(funds).filter(|missing| *missing > Amount::ZERO) {
        sandbox.top_up(KEY, missing);
    }
    Ok(())
}

fn message() -> Result<Message, Failure> {
    let file: MessageFile = toml::from_str(include_str!("../../demo/message.toml"))
        .map_err(|why| Failure::fault(why.to_string()))?;
    let checked = file.into_draft().check().map_err(CampaignError::from)?;
    Ok(checked.value)
}

fn prices() -> Result<PriceList, Failure> {
    let file = include_str!("../../demo/prices.csv").as_bytes();
    Ok(read_prices("the bundled prices", file).map_err(CampaignError::from)?)
}

fn recipients(demo: &Demo) -> Result<RecipientsFile, Failure> {
    let opened = match (&demo.recipients, demo.count) {
        (Some(path), _) => return context::recipients(Path::new(path), &ReadOptions::default()),
        (None, Some(count)) => RecipientsFile::open("made-up numbers", MadeUp::new(count)),
        (None, None) => {
            let bundled = include_str!("../../demo/recipients.csv");
            RecipientsFile::open("the bundled recipients", Cursor::new(bundled))
        }
    };
    Ok(opened.map_err(CampaignError::from)?)
}

/// A file of so many numbers, one a line, made while it is read.
struct MadeUp {
    next: u64,
    end: u64,
    line: Cursor<Vec<u8>>,
}

impl MadeUp {
    fn new(count: u32) -> Self {
        let header = Cursor::new(b"phone\n".to_vec());
        Self { next: FIRST_NUMBER, end: FIRST_NUMBER + u64::from(count), line: header }
    }
}

impl Read for MadeUp {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.line.read(into)?;
        if read > 0 || self.next == self.end {
            return Ok(read);
        }
        self.line.get_mut().clear();
        self.line.set_position(0);
        while self.next < self.end && self.line.get_ref().len() < 8192 {
            writeln!(self.line.get_mut(), "{}", self.next)?;
            self.next += 1;
        }
        self.line.read(into)
    }
}

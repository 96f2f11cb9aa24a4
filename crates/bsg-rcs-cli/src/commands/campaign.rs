//! `campaign plan | apply | resume | status | report | refresh | list | stop | discard`

use bsg_rcs_campaign::plan::{self, Destination, PlanOrder};
use bsg_rcs_campaign::report::{self, ShownState};
use bsg_rcs_campaign::resume::{self, RemoteResume};
use bsg_rcs_campaign::stop::{self, RemoteStop, Stopped};
use bsg_rcs_campaign::track::{self, TrackOptions};
use bsg_rcs_campaign::{Applied, ApplyOptions, CampaignReport, Stop, apply};
use bsg_rcs_domain::{Amount, BatchCap, CivilDateTime, Money};
use bsg_rcs_store::{CampaignFilter, CampaignState, Forget, Kind};
use serde::Serialize;

use super::forget;

use crate::args::{Apply, Campaign, General, Plan, Which};
use crate::context;
use crate::exit::{self, Exit, Failure};
use crate::metering;
use crate::output::refused_file::RefusedFile;
use crate::output::{self, Output};

pub(super) async fn run(
    general: &General,
    campaign: Campaign,
    output: Output,
) -> Result<Exit, Failure> {
    match campaign {
        Campaign::Plan(plan) => make_plan(general, plan, output).await,
        Campaign::Apply(apply) => apply_plan(general, &apply, output).await,
        Campaign::Resume(apply) => {
            ask_to_resume(general, &apply, output).await?;
            apply_plan(general, &apply, output).await
        }
        Campaign::Status(which) => super::report::status(general, &which.id, output).await,
        Campaign::Report(report) => super::report::run(general, &report, output).await,
        Campaign::List => list(general, output).await,
        Campaign::Refresh(which) => refresh(general, &which, output).await,
        Campaign::Stop(which) => stop(general, &which, output).await,
        Campaign::Discard(which) => discard(general, &which, output).await,
        Campaign::Forget(which) => {
            let id = context::campaign_id(&which.id)?;
            forget::run(general, Forget::Campaign(id), output).await
        }
    }
}

async fn make_plan(general: &General, plan: Plan, output: Output) -> Result<Exit, Failure> {
    context::standard_input_once(&[
        Some(&plan.message),
        Some(&plan.recipients),
        plan.prices.as_deref(),
    ])?;
    let message = context::message(&plan.message)?;
    for warning in &message.warnings {
        output.note(&format!("warning: {warning}"));
    }
    let prices = context::prices(plan.prices.as_deref(), plan.reading.encoding)?;
    let start_at = plan.start_at.as_deref().map(context::start_at).transpose()?;
    let cap = plan.max_cost.as_deref().map(max_cost).transpose()?;
    let order = PlanOrder {
        message: message.value,
        destination: Destination::from(&context::client(general)?),
        name: plan.name,
        max_cost: cap.zip(prices.as_ref()).map(|(cap, list)| Money::new(cap, list.currency())),
        prices,
        start_at,
        again: plan.again,
        cap: BatchCap::PLATFORM,
    };
    let refused = RefusedFile::begin(plan.reading.refused.as_deref())?;
    let options = plan.reading.options(refused.as_ref().map(RefusedFile::rows));
    let recipients = context::recipients(&plan.recipients, &options)?;
    let store = context::store(general).await?;
    let progress = output.progress();
    let removed = plan::discard_abandoned(&*store).await?;
    if removed > 0 {
        output.note(&format!("{removed} plans that were never finished are removed"));
    }
    let interrupt = context::interrupt();
    let summary = plan::plan(&*store, &order, recipients, &progress, &interrupt).await;
    // A plan that is not made for its refused lines is when they are wanted most.
    refused.map_or(Ok(()), |refused| refused.end(output))?;
    let summary = summary?;
    output.result(&summary, || {
        let next = format!("Nothing was sent. To send: campaign apply {}", summary.campaign);
        format!("{}\n\n{next}", output::plan(&summary))
    })?;
    Ok(Exit::Done)
}

fn max_cost(text: &str) -> Result<Amount, Failure> {
    match Amount::parse(text) {
        Ok(parsed) if !parsed.rounded && !parsed.amount.is_negative() => Ok(parsed.amount),
        _ => Err(Failure::input("--max-cost: write an amount such as 25.50".to_owned())),
    }
}

async fn apply_plan(general: &General, apply: &Apply, output: Output) -> Result<Exit, Failure> {
    let id = context::campaign_id(&apply.id)?;
    let mut tools = context::tools(general, output).await?;
    tools.client = context::client_within(general, apply.request_timeout, apply.metrics.is_some())?;
    if let Some(address) = apply.metrics {
        metering::serve_at(address, metering::page()?).await?;
        tools.progress = metering::counted(tools.progress);
    }
    let options = ApplyOptions {
        first: apply.first,
        rate: apply.rate,
        batch_size: apply.batch_size,
        concurrency: apply.concurrency.map(usize::from),
        settle: apply.settle,
        hold_unknown: apply.hold_unknown,
        retry_held: apply.retry_held,
        again: apply.again,
        carry_over: apply.carry_over,
        max_cost: apply.max_cost.as_deref().map(max_cost).transpose()?,
    };
    let applied = apply::apply(&tools, id, options).await?;
    let waits = apply.wait && !matches!(applied, Applied::Stopped(_));
    let report = if waits {
        track::track(&tools, id, TrackOptions::default()).await?
    } else {
        report::report(&*tools.store, id).await?
    };
    output.result(&report, || output::report(&report))?;
    say_how_it_ended(&applied, &report, output);
    let interrupted = waits && tools.interrupt.is_raised() && !report.is_done();
    Ok(if interrupted { Exit::Stopped } else { exit::of_applied(&applied) })
}

/// Asks what the platform paused to go on, and says what each of its campaigns answered. Applying
/// afterwards finds out by itself what is still paused.
async fn ask_to_resume(general: &General, apply: &Apply, output: Output) -> Result<(), Failure> {
    let id = context::campaign_id(&apply.id)?;
    let mut tools = context::tools(general, output).await?;
    tools.client = context::client_within(general, apply.request_timeout, false)?;
    let answers = resume::resume(&tools, id).await?;
    if answers.is_empty() {
        output.note("the platform has paused nothing of this campaign");
    }
    for (remote, answer) in &answers {
        output.note(&words_of_resume(*remote, answer));
    }
    Ok(())
}

fn words_of_resume(remote: u64, answer: &RemoteResume) -> String {
    match answer {
        RemoteResume::Resumed => format!("the platform's campaign {remote} goes on"),
        RemoteResume::OnlyInAccountPage => format!(
            "the platform has no call to resume its campaign {remote}: resume it in the account's page"
        ),
        RemoteResume::Failed(why) => {
            format!("the platform's campaign {remote} may still be paused: {why}")
        }
        _ => format!("the platform's campaign {remote} may still be paused"),
    }
}

fn say_how_it_ended(applied: &Applied, report: &CampaignReport, output: Output) {
    let id = &report.campaign;
    let words = match applied {
        Applied::AllSent => return,
        Applied::Refused { why, held } => {
            let held = if held.is_empty() { String::new() } else { held_words(id, held) };
            format!(
                "the platform refused a request: {}. Nothing of it was sent, and its recipients \
                 are pending. `campaign apply {id}` goes on{held}",
                why.trim_end_matches('.')
            )
        }
        Applied::Held { batches } => held_words(id, batches).trim_start_matches(". ").to_owned(),
        Applied::Stopped(stop) => format!("stopped: {stop}. {}", what_next(*stop, id)),
    };
    output.note(&words);
}

/// Which batches are held, and what to do about it.
fn held_words(id: &str, held: &[u32]) -> String {
    let numbers: Vec<String> = held.iter().take(10).map(ToString::to_string).collect();
    let more = if held.len() > numbers.len() { ", ..." } else { "" };
    format!(
        ". Held for manual review, because their outcome is unknown: {} batches ({}{more}). Look at \
         the platform's page; `campaign apply {id} --retry-held` looks them up again and sends \
         what is not found",
        held.len(),
        numbers.join(", ")
    )
}

/// What to run after a stop.
fn what_next(stop: Stop, id: &str) -> String {
    match stop {
        Stop::First | Stop::Interrupted | Stop::Elsewhere => {
            format!("`campaign apply {id}` goes on")
        }
        Stop::PausedByPlatform { .. } => format!("Top up, then `campaign resume {id}` goes on"),
        Stop::SpendCap { .. } | Stop::UnlistedPrice { .. } => {
            format!("`campaign apply {id} --max-cost AMOUNT` goes on under another cap")
        }
        Stop::OtherCurrency { .. } => {
            "Plan it anew with prices in that currency: a cap holds in one currency only".to_owned()
        }
        Stop::ForGood => format!("`campaign report {id}` says what was sent"),
    }
}

#[derive(Serialize)]
struct Listed {
    campaign: String,
    name: Option<String>,
    created_at: String,
    start_at: Option<String>,
    state: ShownState,
    recipients: u32,
}

async fn list(general: &General, output: Output) -> Result<Exit, Failure> {
    let store = context::store(general).await?;
    let mut listed = Vec::new();
    let mut filter = CampaignFilter { kinds: vec![Kind::Campaign], ..CampaignFilter::default() };
    loop {
        let page = store.campaigns(filter.clone()).await?;
        let Some(last) = page.last() else { break };
        filter.before = Some((last.created_at, last.id));
        for row in page {
            let seconds = row.created_at.0.div_euclid(1000);
            let created_at = CivilDateTime::from_epoch_seconds(seconds);
            listed.push(Listed {
                campaign: row.id.to_string(),
                state: report::report(&*store, row.id).await?.state,
                name: row.name,
                created_at: created_at.map(|at| format!("{at} UTC")).unwrap_or_default(),
                start_at: row.start_at.map(|start| start.to_string()),
                recipients: row.recipients,
            });
        }
    }
    output.result(&listed, || {
        let header = ["campaign", "state", "recipients", "created", "start", "name"];
        let rows = listed.iter().map(|row| {
            let state = format!("{:?}", row.state).to_lowercase();
            vec![
                row.campaign.clone(),
                state,
                row.recipients.to_string(),
                row.created_at.clone(),
                row.start_at.clone().unwrap_or_default(),
                row.name.clone().unwrap_or_default(),
            ]
        });
        output::table(&header, rows.collect())
    })?;
    Ok(Exit::Done)
}

async fn refresh(general: &General, which: &Which, output: Output) -> Result<Exit, Failure> {
    let id = context::campaign_id(&which.id)?;
    let tools = context::tools(general, output).await?;
    let asked = track::poll(&tools, id).await?;
    let report = report::report(&*tools.store, id).await?;
    output.result(&report, || output::report(&report))?;
    if asked {
        return Ok(Exit::Done);
    }
    output.note("the platform did not answer for all batches: run it again");
    Ok(Exit::Unreachable)
}

async fn discard(general: &General, which: &Which, output: Output) -> Result<Exit, Failure> {
    let id = context::campaign_id(&which.id)?;
    let store = context::store(general).await?;
    if store.discard(id).await? {
        output.note(&format!("campaign {id} is removed; nothing of it was sent"));
        return Ok(Exit::Done);
    }
    Err(Failure::input(match store.campaign(id).await? {
        None => format!("the store has no campaign {id}: `campaign list` shows which it has"),
        Some(_) => format!(
            "campaign {id} was applied: its record is kept. `campaign stop {id}` stops it, \
             `campaign forget {id}` removes its numbers"
        ),
    }))
}

async fn stop(general: &General, which: &Which, output: Output) -> Result<Exit, Failure> {
    let id = context::campaign_id(&which.id)?;
    let tools = context::tools(general, output).await?;
    let stopped = stop::stop(&tools, id).await?;
    let report = report::report(&*tools.store, id).await?;
    output.result(&report, || output::report(&report))?;
    for words in words_of_stop(&stopped) {
        output.note(&words);
    }
    Ok(if stopped.may_go_on() { Exit::Unknown } else { Exit::Done })
}

/// What a person has to know of a stop.
fn words_of_stop(stopped: &Stopped) -> Vec<String> {
    let mut words = Vec::new();
    if stopped.state == CampaignState::Done {
        words.push("it was done before: nothing was left to stop".to_owned());
    }
    for (remote, answer) in &stopped.remotes {
        if let RemoteStop::Failed(why) = answer {
            words.push(format!(
                "the platform's campaign {remote} may go on: {why}. Run `campaign stop` again, or \
                 stop it in the account's page"
            ));
        }
    }
    if !stopped.unsettled.is_empty() {
        let count = stopped.unsettled.len();
        words.push(format!(
            "whether the platform has {count} batches is unknown: look at its page, and stop there \
             what is to be stopped"
        ));
    }
    words
}

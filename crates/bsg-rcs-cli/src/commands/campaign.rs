//! `campaign plan | apply | status | report | list | stop`

use bsg_rcs_campaign::apply::{self, Applied, ApplyOptions, Stop};
use bsg_rcs_campaign::plan::{self, Destination, PlanOrder};
use bsg_rcs_campaign::report::{self, ShownState};
use bsg_rcs_campaign::stop;
use bsg_rcs_campaign::track::{self, TrackOptions};
use bsg_rcs_campaign::{CampaignReport, SystemClock};
use bsg_rcs_domain::{Amount, BatchCap, CivilDateTime, Money};
use bsg_rcs_store::{CampaignState, Forget, Kind};
use serde::Serialize;

use super::forget;

use crate::args::{Apply, Campaign, General, Plan, Which};
use crate::context;
use crate::exit::{self, Exit, Failure};
use crate::metering;
use crate::output::{self, Output};

pub(super) async fn run(
    general: &General,
    campaign: Campaign,
    output: Output,
) -> Result<Exit, Failure> {
    match campaign {
        Campaign::Plan(plan) => make_plan(general, plan, output).await,
        Campaign::Apply(apply) => apply_plan(general, &apply, output).await,
        Campaign::Status(which) => super::report::status(general, &which.id, output).await,
        Campaign::Report(report) => super::report::run(general, &report, output).await,
        Campaign::List => list(general, output).await,
        Campaign::Stop(which) => stop(general, &which, output).await,
        Campaign::Forget(which) => {
            let id = context::campaign_id(&which.id)?;
            forget::run(general, Forget::Campaign(id), output).await
        }
    }
}

async fn make_plan(general: &General, plan: Plan, output: Output) -> Result<Exit, Failure> {
    let message = context::message(&plan.message)?;
    for warning in &message.warnings {
        output.note(&format!("warning: {warning}"));
    }
    let prices = context::prices(plan.prices.as_ref())?;
    let start_at = plan.start_at.as_deref().map(CivilDateTime::parse).transpose();
    let cap = plan.max_cost.as_deref().map(max_cost).transpose()?;
    let order = PlanOrder {
        message: message.value,
        destination: Destination::from(&context::client(general)?),
        name: plan.name,
        max_cost: cap.zip(prices.as_ref()).map(|(cap, list)| Money::new(cap, list.currency())),
        prices,
        start_at: start_at.map_err(|why| Failure::input(format!("--start-at: {why}")))?,
        again: plan.again,
        cap: BatchCap::PLATFORM,
    };
    let recipients = context::recipients(&plan.recipients)?;
    let store = context::store(general).await?;
    let progress = output.progress();
    let summary = plan::plan(&*store, &SystemClock, &order, recipients, &progress).await?;
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
        settle: apply.settle,
        hold_unknown: apply.hold_unknown,
        retry_held: apply.retry_held,
        max_cost: apply.max_cost.as_deref().map(max_cost).transpose()?,
    };
    let applied = apply::apply(&tools, id, options).await?;
    let waits = apply.wait && !matches!(applied, Applied::Stopped(_));
    let report = if waits {
        track::track(&tools, id, TrackOptions::default()).await?
    } else {
        report::report(&*tools.store, &*tools.clock, id).await?
    };
    output.result(&report, || output::report(&report))?;
    say_how_it_ended(&applied, &report, output);
    let interrupted = waits && tools.interrupt.is_raised() && !report.is_done();
    Ok(if interrupted { Exit::Stopped } else { exit::of_applied(&applied) })
}

fn say_how_it_ended(applied: &Applied, report: &CampaignReport, output: Output) {
    let id = &report.campaign;
    let words = match applied {
        Applied::AllSent => return,
        Applied::Refused { why } => format!("the platform refused a batch: {why}"),
        Applied::Held { batches } => format!(
            "{} batches are held: whether they arrived is not known, and a person must decide. Look \
             at the platform's page; `campaign apply {id} --retry-held` looks them up again and \
             sends what is not found",
            batches.len()
        ),
        Applied::Stopped(Stop::First) => {
            format!("stopped after the first recipients; `campaign apply {id}` goes on")
        }
        Applied::Stopped(Stop::Interrupted) => {
            format!("stopped; what was sent is kept, `campaign apply {id}` goes on")
        }
        Applied::Stopped(Stop::PausedByPlatform { remote }) => format!(
            "the platform paused its campaign {remote}: the funds ran out. Top up, resume it in \
             the account's page, then `campaign apply {id}` goes on"
        ),
        Applied::Stopped(Stop::SpendCap { spent, next, cap }) => format!(
            "stopped by the cap of {cap}: {spent} are spent or may be, the next batch may cost \
             {next}. `campaign apply {id} --max-cost AMOUNT` goes on under another cap"
        ),
        Applied::Stopped(Stop::Elsewhere) => {
            format!("another worker stopped the campaign; `campaign apply {id}` goes on")
        }
        Applied::Stopped(Stop::ForGood) => "somebody stopped the campaign for good".to_owned(),
    };
    output.note(&words);
}

#[derive(Serialize)]
struct Listed {
    campaign: String,
    name: Option<String>,
    created_at: String,
    state: ShownState,
    recipients: u32,
}

async fn list(general: &General, output: Output) -> Result<Exit, Failure> {
    let store = context::store(general).await?;
    let mut listed = Vec::new();
    for row in store.campaigns().await? {
        if row.kind == Kind::Single || row.state == CampaignState::Preparing {
            continue;
        }
        let seconds = row.created_at.0.div_euclid(1000);
        let created_at = CivilDateTime::from_epoch_seconds(seconds);
        listed.push(Listed {
            campaign: row.id.to_string(),
            state: report::report(&*store, &SystemClock, row.id).await?.state,
            name: row.name,
            created_at: created_at.map(|at| format!("{at} UTC")).unwrap_or_default(),
            recipients: row.recipients,
        });
    }
    output.result(&listed, || {
        let header = ["campaign", "state", "recipients", "created", "name"];
        let rows = listed.iter().map(|row| {
            let state = format!("{:?}", row.state).to_lowercase();
            let name = row.name.clone().unwrap_or_default();
            vec![
                row.campaign.clone(),
                state,
                row.recipients.to_string(),
                row.created_at.clone(),
                name,
            ]
        });
        output::table(&header, rows.collect())
    })?;
    Ok(Exit::Done)
}

async fn stop(general: &General, which: &Which, output: Output) -> Result<Exit, Failure> {
    let id = context::campaign_id(&which.id)?;
    let tools = context::tools(general, output).await?;
    let unsettled = stop::stop(&tools, id).await?;
    let report = report::report(&*tools.store, &*tools.clock, id).await?;
    output.result(&report, || output::report(&report))?;
    if unsettled.is_empty() {
        return Ok(Exit::Done);
    }
    output.note(&format!(
        "whether the platform has {} batches is not known: look at its page, and stop there what is \
         to be stopped",
        unsettled.len()
    ));
    Ok(Exit::Unknown)
}

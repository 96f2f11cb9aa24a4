//! `send` and `resolve`: one message, written down before it leaves.

use bsg_rcs::DryRun;
use bsg_rcs_campaign::apply::{Applied, Tools};
use bsg_rcs_campaign::single::{self, SingleSend};
use bsg_rcs_campaign::{CampaignReport, report};
use bsg_rcs_domain::seal::Address;
use bsg_rcs_domain::{Message, Msisdn, ReferenceId};
use serde::Serialize;

use crate::args::{General, Resolve, Send};
use crate::context;
use crate::exit::{self, Exit, Failure};
use crate::output::Output;

#[derive(Serialize)]
struct Sent {
    campaign: String,
    reference: String,
    /// accepted, rejected, unknown or pending.
    outcome: &'static str,
    /// The status to show, once it was accepted.
    status: Option<String>,
    /// The platform's words, where it refused.
    why: Option<String>,
}

pub(super) async fn run(general: &General, send: &Send, output: Output) -> Result<Exit, Failure> {
    let message = context::message(&send.message)?;
    for warning in &message.warnings {
        output.note(&format!("warning: {warning}"));
    }
    let number = Msisdn::normalise(&send.to)
        .map_err(|why| Failure::input(format!("--to: {why} ({})", why.rule().id)))?;
    if send.dry_run {
        return dry_run(general, &message.value, number, output).await;
    }
    let reference = send.reference.as_deref().map(parse_reference).transpose()?;
    let tools = context::tools(general, output).await?;
    let single = single::prepare(&tools, &message.value, number, reference).await?;
    settle(&tools, &single, output).await
}

#[derive(Serialize)]
struct Judged {
    /// Whether the platform would take it.
    accepted: bool,
    /// Its words, where it would not.
    why: Option<String>,
}

/// Asks the platform, and keeps and sends nothing.
async fn dry_run(
    general: &General,
    message: &Message,
    number: Msisdn,
    output: Output,
) -> Result<Exit, Failure> {
    let answer = context::client(general)?.messages().dry_run(message, number).await?;
    let why = match answer {
        DryRun::Passed => None,
        DryRun::Refused(why) => Some(why.to_string()),
    };
    let judged = Judged { accepted: why.is_none(), why };
    output.result(&judged, || match &judged.why {
        None => "the platform would take it; nothing was sent".to_owned(),
        Some(why) => format!("the platform would refuse it: {why}"),
    })?;
    Ok(if judged.accepted { Exit::Done } else { Exit::Refused })
}

pub(super) async fn resolve(
    general: &General,
    resolve: &Resolve,
    output: Output,
) -> Result<Exit, Failure> {
    let reference = parse_reference(&resolve.reference)?;
    let tools = context::tools(general, output).await?;
    let sealed = Address::read(&reference).map(|address| address.campaign());
    let campaign = match tools.store.by_reference(reference).await? {
        Some((campaign, _)) => Some(campaign),
        None => sealed,
    };
    let known = match campaign {
        Some(campaign) => tools.store.campaign(campaign).await?.map(|row| row.id),
        None => None,
    };
    let campaign = known.ok_or_else(|| {
        Failure::input(format!("the store has no send with the reference {reference}"))
    })?;
    settle(&tools, &SingleSend { campaign, reference, known: true }, output).await
}

async fn settle(tools: &Tools, single: &SingleSend, output: Output) -> Result<Exit, Failure> {
    let applied = match single::send(tools, single).await {
        Ok(applied) => applied,
        Err(error) => {
            output.note(&format!("reference {}: it is kept and can be settled", single.reference));
            return Err(error.into());
        }
    };
    let report = report::report(&*tools.store, &*tools.clock, single.campaign).await?;
    let sent = Sent {
        campaign: single.campaign.to_string(),
        reference: single.reference.to_string(),
        outcome: outcome(&report),
        status: report.statuses.keys().next().cloned(),
        why: match &applied {
            Applied::Refused { why } => Some(why.clone()),
            _ => None,
        },
    };
    output.result(&sent, || match &sent.why {
        Some(why) => format!("{}: {why}", sent.outcome),
        None => format!("{} under the reference {}", sent.outcome, sent.reference),
    })?;
    Ok(exit::of_applied(&applied))
}

const fn outcome(report: &CampaignReport) -> &'static str {
    if report.accepted > 0 {
        "accepted"
    } else if report.rejected > 0 {
        "rejected"
    } else if report.undetermined > 0 {
        "unknown"
    } else {
        "pending"
    }
}

fn parse_reference(text: &str) -> Result<ReferenceId, Failure> {
    ReferenceId::parse(text).map_err(|why| Failure::input(format!("the reference: {why}")))
}

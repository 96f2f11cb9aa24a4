//! `send` and `resolve`: one message, recorded before it is sent.

use bsg_rcs::DryRun;
use bsg_rcs_campaign::single::{self, SingleOrder};
use bsg_rcs_campaign::{Applied, CampaignReport, Tools, report};
use bsg_rcs_domain::{CampaignId, CivilDateTime, Message, Msisdn, ReferenceId};
use bsg_rcs_store::CampaignRow;
use serde::Serialize;

use crate::args::{General, Resolve, Send, SendAction};
use crate::context;
use crate::exit::{self, Exit, Failure};
use crate::output::{self, Output};

/// Open sends that are read at once.
const PAGE: u32 = 100;

#[derive(Serialize)]
struct Sent {
    campaign: String,
    reference: Option<String>,
    /// accepted, rejected, unknown or pending.
    outcome: &'static str,
    /// The status to show, once it was accepted.
    status: Option<String>,
    /// The platform's words, where it refused.
    why: Option<String>,
    /// When it was recorded, in UTC.
    created_at: Option<String>,
}

pub(super) async fn run(general: &General, send: &Send, output: Output) -> Result<Exit, Failure> {
    if let Some(SendAction::List) = send.action {
        return list(general, output).await;
    }
    if let Some(reference) = &send.resume {
        let tools = context::tools(general, output).await?;
        let single = single::find(&tools, parse_reference(reference)?).await?;
        let applied = single::resume(&tools, single.campaign).await;
        return tell(&tools, single.campaign, single.reference, applied, output).await;
    }
    let (Some(path), Some(to)) = (&send.message, &send.to) else {
        return Err(Failure::input("name --message FILE and --to NUMBER"));
    };
    let message = context::message(path)?;
    for warning in &message.warnings {
        output.note(&format!("warning: {warning}"));
    }
    let number = context::number("--to", to, &send.numbering, output)?;
    if send.dry_run {
        return dry_run(general, &message.value, number, output).await;
    }
    let reference = send.reference.as_deref().map(parse_reference).transpose()?;
    let tools = context::tools(general, output).await?;
    let order = SingleOrder { message: &message.value, number, reference, again: send.again };
    let single = single::prepare(&tools, order).await?;
    // Before the request leaves: with it the send can be looked up after any crash.
    output.note(&format!("reference {}", single.reference));
    let applied = single::send(&tools, single.campaign).await;
    tell(&tools, single.campaign, single.reference, applied, output).await
}

/// Tells how a send ended.
async fn tell(
    tools: &Tools,
    campaign: CampaignId,
    reference: ReferenceId,
    applied: Result<Applied, bsg_rcs_campaign::CampaignError>,
    output: Output,
) -> Result<Exit, Failure> {
    let applied = applied.inspect_err(|_| {
        output.note(&format!(
            "it is recorded; `bsg-rcs resolve {reference}` looks it up, `bsg-rcs send --resume \
             {reference}` goes on"
        ));
    })?;
    let report = report::report(&*tools.store, campaign).await?;
    let why = match &applied {
        Applied::Refused { why, .. } => Some(why.clone()),
        _ => refusal(tools, campaign).await?,
    };
    let sent = Sent { why, ..standing(&report, Some(reference)) };
    output.result(&sent, || words(&sent))?;
    if !matches!(applied, Applied::AllSent) {
        output.note(&next(reference));
    }
    // A recipient that was refused by name is an end, and no success.
    Ok(if report.rejected > 0 { Exit::Refused } else { exit::of_applied(&applied) })
}

fn next(reference: ReferenceId) -> String {
    format!(
        "`bsg-rcs resolve {reference}` looks it up, `bsg-rcs send --resume {reference}` goes on"
    )
}

/// The platform's words, where it refused the recipient by name.
async fn refusal(tools: &Tools, campaign: CampaignId) -> Result<Option<String>, Failure> {
    let recipient = tools.store.recipients(campaign, 0, 1).await?.pop();
    Ok(recipient.and_then(|recipient| recipient.note))
}

fn standing(report: &CampaignReport, reference: Option<ReferenceId>) -> Sent {
    Sent {
        campaign: report.campaign.clone(),
        reference: reference.map(|reference| reference.to_string()),
        outcome: outcome(report),
        status: report.statuses.keys().next().cloned(),
        why: report.note.clone(),
        created_at: None,
    }
}

fn words(sent: &Sent) -> String {
    let outcome = sent.status.as_deref().unwrap_or(sent.outcome);
    match (&sent.why, &sent.reference) {
        (Some(why), _) => format!("{outcome}: {why}"),
        (None, Some(reference)) => format!("{outcome} under the reference {reference}"),
        (None, None) => format!("{outcome}; its number was forgotten"),
    }
}

/// The single sends that are not settled.
async fn list(general: &General, output: Output) -> Result<Exit, Failure> {
    let tools = context::tools(general, output).await?;
    let mut sends = Vec::new();
    for row in unfinished(&tools).await? {
        sends.push(stored(&tools, &row).await?);
    }
    show(&sends, output)?;
    Ok(Exit::Done)
}

fn show(sends: &[Sent], output: Output) -> Result<(), Failure> {
    output.result(&sends, || {
        let header = ["reference", "outcome", "status", "created", "why"];
        let row = |sent: &Sent| {
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            let (reference, outcome) = (text(&sent.reference), sent.outcome.to_owned());
            vec![reference, outcome, text(&sent.status), text(&sent.created_at), text(&sent.why)]
        };
        output::table(&header, sends.iter().map(row).collect())
    })
}

async fn unfinished(tools: &Tools) -> Result<Vec<CampaignRow>, Failure> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = single::unfinished(tools, before, PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        before = Some((last.created_at, last.id));
        all.extend(page);
    }
}

/// A send as the store has it.
async fn stored(tools: &Tools, row: &CampaignRow) -> Result<Sent, Failure> {
    let report = report::report(&*tools.store, row.id).await?;
    let created_at = CivilDateTime::from_epoch_seconds(row.created_at.0.div_euclid(1000));
    let reference = single::reference_of(tools, row).await?;
    let created_at = created_at.map(|at| format!("{at} UTC"));
    Ok(Sent { created_at, ..standing(&report, reference) })
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

/// Looks once, and sends nothing.
pub(super) async fn resolve(
    general: &General,
    resolve: &Resolve,
    output: Output,
) -> Result<Exit, Failure> {
    let tools = context::tools(general, output).await?;
    let Some(reference) = &resolve.reference else {
        return resolve_all(&tools, output).await;
    };
    let single = single::find(&tools, parse_reference(reference)?).await?;
    let report = single::look_up(&tools, single.campaign).await?;
    let sent = standing(&report, Some(single.reference));
    output.result(&sent, || words(&sent))?;
    if report.accepted == 0 && report.rejected == 0 {
        output.note(&next(single.reference));
    }
    Ok(exit_of(&report))
}

/// Looks up every send that is not settled.
async fn resolve_all(tools: &Tools, output: Output) -> Result<Exit, Failure> {
    let (mut sends, mut exit) = (Vec::new(), Exit::Done);
    for row in unfinished(tools).await? {
        let report = single::look_up(tools, row.id).await?;
        if exit_of(&report) != Exit::Done {
            exit = Exit::Unknown;
        }
        sends.push(stored(tools, &row).await?);
    }
    show(&sends, output)?;
    Ok(exit)
}

fn exit_of(report: &CampaignReport) -> Exit {
    match (report.accepted, report.rejected) {
        (1.., _) => Exit::Done,
        (_, 1..) => Exit::Refused,
        _ => Exit::Unknown,
    }
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

//! `check`: every fault of a message and of a list of recipients, and the price; sends nothing.

use std::path::Path;

use bsg_rcs_campaign::plan::CheckedList;
use bsg_rcs_campaign::{PlanSummary, plan};
use bsg_rcs_domain::{Fault, Message, PriceList, Severity};
use serde::Serialize;

use crate::args::Check;
use crate::context;
use crate::exit::{Exit, Failure};
use crate::output::refused_file::RefusedFile;
use crate::output::sms::MeasuredSms;
use crate::output::{self, Output};

#[derive(Serialize)]
struct Checked {
    /// Whether the message may be sent.
    accepted: bool,
    faults: Vec<FaultShown>,
    /// What else keeps it from being sent: files that cannot be read, a list without recipients, a
    /// missing price.
    problems: Vec<String>,
    /// The SMS of the message, measured.
    sms: Option<MeasuredSms>,
    recipients: Option<PlanSummary>,
}

#[derive(Serialize)]
struct FaultShown {
    rule: &'static str,
    severity: &'static str,
    place: String,
    says: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    source: String,
}

pub(super) fn run(check: &Check, output: Output) -> Result<Exit, Failure> {
    let files =
        [Some(check.message.as_path()), check.recipients.as_deref(), check.prices.as_deref()];
    context::standard_input_once(&files)?;
    let mut problems = Vec::new();
    let draft = kept(context::message_file(&check.message), &mut problems);
    let draft = draft.map(|file| file.into_draft());
    let prices = context::prices(check.prices.as_deref(), check.reading.encoding);
    let prices = kept(prices, &mut problems).flatten();
    kept(check.start_at.as_deref().map(context::start_at).transpose(), &mut problems);
    let (message, faults) = match draft.as_ref().map(|draft| draft.check()) {
        Some(Ok(checked)) => (Some(checked.value), checked.warnings),
        Some(Err(faults)) => (None, faults.0),
        None => (None, Vec::new()),
    };
    let list = check.recipients.as_deref().and_then(|path| {
        let list = judge_list(check, path, message.as_ref(), prices.as_ref(), output);
        kept(list, &mut problems)
    });
    let recipients = list.map(|list| {
        problems.extend(list.problems.into_iter().map(Failure::from));
        list.summary
    });
    let sms = draft.and_then(|draft| draft.sms).map(|sms| MeasuredSms::of(&sms.text));
    let checked = Checked {
        accepted: message.is_some(),
        faults: faults.iter().map(shown).collect(),
        problems: problems.iter().map(first_line).collect(),
        sms,
        recipients,
    };
    output.result(&checked, || words(&checked, &faults))?;
    Ok(exit(&checked, &problems))
}

/// Reads the list to its end. A message that is refused has no price; its recipients are judged all
/// the same.
fn judge_list(
    check: &Check,
    path: &Path,
    message: Option<&Message>,
    prices: Option<&PriceList>,
    output: Output,
) -> Result<CheckedList, Failure> {
    let refused = RefusedFile::begin(check.reading.refused.as_deref())?;
    let options = check.reading.options(refused.as_ref().map(RefusedFile::rows));
    let mut file = context::recipients(path, &options)?;
    let list = plan::check(message, prices, &mut file)?;
    refused.map_or(Ok(()), |refused| refused.end(output))?;
    Ok(list)
}

/// The value, or else its failure among the problems: checking goes on.
fn kept<T>(read: Result<T, Failure>, problems: &mut Vec<Failure>) -> Option<T> {
    read.map_err(|why| problems.push(why)).ok()
}

/// A problem without the refused lines: the list's summary has them.
fn first_line(problem: &Failure) -> String {
    problem.message.lines().next().unwrap_or_default().to_owned()
}

/// What was not the input's fault counts more than what was.
fn exit(checked: &Checked, problems: &[Failure]) -> Exit {
    let worst = problems.iter().map(|problem| problem.exit).find(|exit| *exit != Exit::Input);
    match worst {
        Some(exit) => exit,
        None if checked.accepted && problems.is_empty() => Exit::Done,
        None => Exit::Input,
    }
}

fn shown(fault: &Fault) -> FaultShown {
    FaultShown {
        rule: fault.rule.id,
        severity: match fault.rule.severity {
            Severity::Refuse => "refuse",
            Severity::Warn => "warn",
        },
        place: fault.place.clone(),
        says: fault.rule.says,
        measured: fault.measured,
        detail: fault.detail.clone(),
        source: fault.rule.source.to_string(),
    }
}

fn words(checked: &Checked, faults: &[Fault]) -> String {
    let mut lines = vec![headline(checked)];
    for fault in faults {
        let kind = if fault.refuses() { "refused" } else { "warning" };
        lines.push(output::indented(&format!("{kind}: {fault}")));
    }
    for problem in &checked.problems {
        lines.push(output::indented(&format!("refused: {problem}")));
    }
    if let Some(sms) = &checked.sms {
        lines.push(String::new());
        lines.push(sms.words());
    }
    if let Some(recipients) = &checked.recipients {
        lines.push(String::new());
        lines.push(output::plan(recipients));
    }
    lines.join("\n")
}

/// The first line: whether the message may be sent, and to how many of those who were listed.
fn headline(checked: &Checked) -> String {
    if !checked.accepted {
        return "The message is refused.".to_owned();
    }
    match &checked.recipients {
        _ if !checked.problems.is_empty() => {
            "The message may be sent once this is put right:".to_owned()
        }
        Some(list) if list.refused > 0 => format!(
            "The message may be sent to {} recipients. {} of {} lines cannot be used.",
            list.recipients, list.refused, list.read
        ),
        Some(list) => format!("The message may be sent to {} recipients.", list.recipients),
        None => "The message may be sent.".to_owned(),
    }
}

//! `check`: every fault of a message and of a list of recipients, and the price; sends nothing.

use bsg_rcs_campaign::{CampaignError, PlanSummary, plan};
use bsg_rcs_domain::{Fault, Message, Severity};
use serde::Serialize;

use crate::args::Check;
use crate::context;
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};

#[derive(Serialize)]
struct Checked {
    /// Whether the message may be sent.
    accepted: bool,
    faults: Vec<FaultShown>,
    #[serde(skip_serializing_if = "Option::is_none")]
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
    source: String,
}

pub(super) fn run(check: &Check, output: Output) -> Result<Exit, Failure> {
    let draft = context::message_file(&check.message)?.into_draft();
    let prices = context::prices(check.prices.as_ref())?;
    let (message, faults) = match draft.check() {
        Ok(checked) => (Some(checked.value), checked.warnings),
        Err(faults) => (None, faults.0),
    };
    let recipients = match (&check.recipients, &message) {
        (Some(path), Some(message)) => {
            let mut file = context::recipients(path)?;
            Some(plan::check(message, prices.as_ref(), &mut file)?)
        }
        (Some(path), None) => {
            // The message has no price, but its recipients' faults are told all the same.
            let mut file = context::recipients(path)?;
            Some(plan::check(&any_message()?, None, &mut file)?)
        }
        (None, _) => None,
    };
    let checked = Checked {
        accepted: message.is_some(),
        faults: faults.iter().map(shown).collect(),
        recipients,
    };
    output.result(&checked, || words(&checked, &faults))?;
    Ok(if checked.accepted { Exit::Done } else { Exit::Input })
}

fn any_message() -> Result<Message, Failure> {
    Message::text("any", "any").map_err(|faults| CampaignError::from(faults).into())
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
        source: fault.rule.source.to_string(),
    }
}

fn words(checked: &Checked, faults: &[Fault]) -> String {
    let mut lines = vec![
        if checked.accepted { "The message may be sent." } else { "The message is refused." }
            .to_owned(),
    ];
    for fault in faults {
        let kind = if fault.refuses() { "refused" } else { "warning" };
        lines.push(output::indented(&format!("{kind}: {fault}")));
    }
    if let Some(recipients) = &checked.recipients {
        lines.push(String::new());
        lines.push(output::plan(recipients));
    }
    lines.join("\n")
}

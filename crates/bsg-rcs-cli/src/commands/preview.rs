//! `preview`: the message as a phone shows it, with what a check says beside the parts.

use bsg_rcs_domain::fault::Fault;
use serde::Serialize;

use crate::args::Preview;
use crate::context;
use crate::exit::{Exit, Failure};
use crate::output::sms::MeasuredSms;
use crate::output::{self, Output};

#[derive(Serialize)]
struct Previewed {
    /// Whether the message may be sent.
    accepted: bool,
    /// The phone, as lines of text.
    lines: Vec<String>,
    /// The SMS of the message, measured.
    sms: Option<MeasuredSms>,
    /// The file that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
}

pub(super) fn run(preview: &Preview, output: Output) -> Result<Exit, Failure> {
    let draft = context::message_file(&preview.message)?.into_draft();
    let faults: Vec<Fault> = match draft.check() {
        Ok(checked) => checked.warnings,
        Err(faults) => faults.0,
    };
    let accepted = !faults.iter().any(Fault::refuses);
    let handset = output::preview::handset(&draft, &faults);
    if let Some(path) = &preview.html {
        output::file::write(path, &output::preview::file(&handset))?;
    }
    let mut shown = handset.text(output::columns());
    let sms = draft.sms.as_ref().map(|sms| MeasuredSms::of(&sms.text));
    let previewed = Previewed {
        accepted,
        lines: shown.lines().map(str::to_owned).collect(),
        sms,
        html: preview.html.as_ref().map(|path| path.display().to_string()),
    };
    if let Some(sms) = &previewed.sms {
        shown = format!("{}\n\n{}", shown.trim_end(), sms.words());
    }
    output.result(&previewed, || shown)?;
    if let Some(path) = &previewed.html {
        output.note(&format!("written to {path}"));
    }
    Ok(if accepted { Exit::Done } else { Exit::Input })
}

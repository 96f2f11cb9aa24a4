//! What is shown: results on standard output, everything else on standard error.

mod progress;
mod tables;

use std::io::{ErrorKind, Write as _};

use bsg_rcs_campaign::{CampaignReport, PlanSummary, Progress};
use serde::Serialize;

use crate::args::{Format, General};
use crate::exit::Failure;

/// Where results and words go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    format: Format,
    progress: bool,
}

impl Output {
    pub(crate) fn new(general: &General) -> Self {
        Self { format: general.output, progress: !general.no_progress }
    }

    /// Shows a result: one JSON document, or these words.
    pub(crate) fn result(
        self,
        json: &impl Serialize,
        words: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        let text = match self.format {
            Format::Json => serde_json::to_string_pretty(json)
                .map_err(|why| Failure::fault(format!("the result cannot be written: {why}")))?,
            Format::Text => words(),
        };
        say(text.trim_end())
    }

    /// Says something beside the result.
    pub(crate) fn note(self, words: &str) {
        eprintln!("{words}");
    }

    /// Says something to people only, on standard output.
    pub(crate) fn words(self, words: &str) -> Result<(), Failure> {
        if self.format == Format::Text { say(words) } else { Ok(()) }
    }

    /// Says what went wrong.
    pub(crate) fn failure(self, message: &str) {
        eprintln!("error: {message}");
    }

    /// Bars on standard error, where that is a terminal.
    pub(crate) fn progress(self) -> Progress {
        progress::bars(self.progress)
    }
}

/// Writes to standard output. That its reader left is no failure; that it is full is one: the
/// result is not there.
fn say(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::fault(format!("standard output cannot be written to: {why}")))
        }
        _ => Ok(()),
    }
}

/// A plan in words.
pub(crate) fn plan(plan: &PlanSummary) -> String {
    tables::plan(plan)
}

/// A report in words.
pub(crate) fn report(report: &CampaignReport) -> String {
    tables::report(report)
}

/// A table of rows under a header.
pub(crate) fn table(header: &[&str], rows: Vec<Vec<String>>) -> String {
    tables::table(header, rows)
}

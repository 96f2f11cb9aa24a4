//! What is shown: results on standard output, everything else on standard error.

pub(crate) mod file;
pub(crate) mod preview;
mod progress;
pub(crate) mod refused_file;
pub(crate) mod report_file;
pub(crate) mod rows_file;
pub(crate) mod sms;
mod tables;

use std::io::{ErrorKind, Write as _};

use bsg_rcs_campaign::{CampaignReport, PlanSummary, Progress};
use serde::Serialize;

use crate::args::{Format, General};
use crate::exit::Failure;

/// How the word "error" looks, where standard error is a terminal that wants colours.
const RED: clap::builder::styling::Style =
    clap::builder::styling::AnsiColor::Red.on_default().bold();

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
        anstream::eprintln!("{RED}error:{RED:#} {message}");
    }

    /// Bars on standard error, where that is a terminal.
    pub(crate) fn progress(self) -> Progress {
        progress::bars(self.progress)
    }
}

/// Writes to standard output. That its reader left is no failure; that it is full is one: the
/// result is not there.
fn say(text: &str) -> Result<(), Failure> {
    bytes(format!("{text}\n").as_bytes())
}

/// Writes a document to standard output, byte by byte.
pub(crate) fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(why) if why.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::fault(format!("standard output cannot be written to: {why}")))
        }
        _ => Ok(()),
    }
}

/// A paragraph a little to the right, within the columns of the terminal.
pub(crate) fn indented(text: &str) -> String {
    let options = textwrap::Options::new(columns()).initial_indent("  ").subsequent_indent("    ");
    textwrap::fill(text, options)
}

/// A paragraph whose lines after the first stand a little to the right.
fn indented_more(text: &str) -> String {
    textwrap::fill(text, textwrap::Options::new(columns()).subsequent_indent("  "))
}

/// The columns of the terminal; 80 where there is none and `COLUMNS` does not say.
pub(crate) fn columns() -> usize {
    const USUAL: usize = 80;
    let said = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    said.or_else(|| empty_table_width().map(usize::from)).unwrap_or(USUAL)
}

fn empty_table_width() -> Option<u16> {
    comfy_table::Table::new().width()
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

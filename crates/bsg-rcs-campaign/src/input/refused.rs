//! The lines of a list that are refused, as a list of their own: to be put right and read again.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bsg_rcs_domain::recipients::Refusal;

/// A CSV file of refused lines: `line,value,rule,why`.
pub struct RefusedRows(Mutex<State>);

struct State {
    writer: csv::Writer<Box<dyn Write + Send>>,
    /// Lines that were written.
    count: u64,
    /// Why writing ended before all were.
    failure: Option<csv::Error>,
}

impl RefusedRows {
    /// Begins the file; nothing is said of a failure before [`RefusedRows::finish`].
    pub fn new(file: impl Write + Send + 'static) -> Self {
        let mut writer = csv::Writer::from_writer(Box::new(file) as Box<dyn Write + Send>);
        let failure = writer.write_record(["line", "value", "rule", "why"]).err();
        Self(Mutex::new(State { writer, count: 0, failure }))
    }

    /// Writes everything out; answers how many lines there are.
    ///
    /// # Errors
    /// What kept one of them from being written.
    pub fn finish(&self) -> io::Result<u64> {
        let mut state = self.state();
        if let Some(failure) = state.failure.take() {
            return Err(failure.into());
        }
        state.writer.flush()?;
        Ok(state.count)
    }

    /// Writes a refused line.
    pub(super) fn put(&self, line: u64, written: &str, why: &Refusal) {
        let mut state = self.state();
        if state.failure.is_some() {
            return;
        }
        let value = as_text(written);
        let record = [&line.to_string(), &value, why.rule().id, &why.to_string()];
        match state.writer.write_record(record) {
            Ok(()) => state.count += 1,
            Err(failure) => state.failure = Some(failure),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for RefusedRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RefusedRows")
    }
}

/// A value that a spreadsheet takes for a text and no formula. Our own reader knows the apostrophe.
fn as_text(value: &str) -> String {
    match value.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{value}"),
        _ => value.to_owned(),
    }
}

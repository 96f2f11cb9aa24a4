//! The set of what was said of a recipient, as one column: a callback is one row to read and to
//! write, not one more row beside those before it.
//!
//! It is JSON, so that a database's own functions read it too: a list of
//! `[message, status, channel, price, sent_at, reported_at]`, null for what was not said, in no
//! order that means anything. No report at all is ''.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

use bsg_rcs_domain::{MessageId, Report, ReportedStatus, Reports};
use serde::Deserialize;

use crate::column_enums::Word;
use crate::columns::{read_civil, read_money};
use crate::error::StoreError;

/// Adds a report to the column of a set that it is not in yet.
///
/// # Errors
/// [`StoreError::Corrupt`] if the column holds no such set.
pub fn add_report(column: &mut String, report: &Report) -> Result<(), StoreError> {
    match column.pop() {
        None => column.push('['),
        Some(']') if column.len() > 1 => column.push(','),
        Some(_) => return Err(corrupt()),
    }
    row(column, report).map_err(|_| corrupt())?;
    column.push(']');
    Ok(())
}

/// Without serde's help, which looks through every piece for what JSON escapes: this runs for every
/// callback.
fn row(column: &mut String, report: &Report) -> fmt::Result {
    let message = report.message.0.cast_signed();
    // Only a status can be any word at all.
    let status = serde_json::to_string(report.status.as_str()).map_err(|_| fmt::Error)?;
    let channel = Quoted(report.channel.map(Word::word));
    let (price, sent_at) = (Quoted(report.price), Quoted(report.sent_at));
    let reported_at = Quoted(report.reported_at);
    write!(column, "[{message},{status},{channel},{price},{sent_at},{reported_at}]")
}

/// What a type shows itself with, if JSON escapes nothing in it; null if there is nothing.
struct Quoted<T>(Option<T>);

impl<T: Display> Display for Quoted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(value) => write!(f, "\"{value}\""),
            None => f.write_str("null"),
        }
    }
}

/// Reads the column of a set.
///
/// # Errors
/// [`StoreError::Corrupt`] if it holds no such set.
pub fn read_reports(column: &str) -> Result<Reports, StoreError> {
    if column.is_empty() {
        return Ok(Reports::default());
    }
    let rows: Vec<Read<'_>> = serde_json::from_str(column).map_err(|_| corrupt())?;
    rows.into_iter().map(report).collect()
}

fn corrupt() -> StoreError {
    StoreError::Corrupt("set of reports".to_owned())
}

/// Only a status can be any word at all.
#[derive(Deserialize)]
struct Read<'a>(
    i64,
    #[serde(borrow)] Cow<'a, str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
);

fn report(row: Read<'_>) -> Result<Report, StoreError> {
    let Read(message, status, channel, price, sent_at, reported_at) = row;
    Ok(Report {
        message: MessageId(message.cast_unsigned()),
        status: ReportedStatus::from_word(&status),
        channel: channel.map(Word::read).transpose()?,
        price: price.map(read_money).transpose()?,
        sent_at: sent_at.map(read_civil).transpose()?,
        reported_at: reported_at.map(read_civil).transpose()?,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may panic: that is how it fails")]
mod tests {
    use bsg_rcs_domain::{Amount, Channel, Currency, Money};

    use super::*;

    #[test]
    fn a_set_is_a_json_list_and_is_read_as_it_was_written() {
        let money = Money::new(Amount::from_ten_millionths(100_000), Currency::EUR);
        let silent = Report {
            message: MessageId(u64::MAX),
            channel: None,
            status: ReportedStatus::from_word("of \"no\" list\\"),
            price: None,
            sent_at: None,
            reported_at: None,
        };
        let at = read_civil("2026-01-05 09:00:01").unwrap();
        let full = Report {
            message: MessageId(7),
            channel: Some(Channel::Sms),
            status: ReportedStatus::from_word("delivered"),
            price: Some(money),
            sent_at: Some(at),
            reported_at: Some(at),
        };
        let reports = Reports::from_iter([silent, full]);
        let mut column = String::new();
        for report in reports.iter() {
            add_report(&mut column, report).unwrap();
        }
        let json: serde_json::Value = serde_json::from_str(&column).unwrap();
        assert_eq!(
            json,
            serde_json::json!([
                [
                    7,
                    "delivered",
                    "sms",
                    "0.0100000 EUR",
                    "2026-01-05 09:00:01",
                    "2026-01-05 09:00:01"
                ],
                [-1, "of \"no\" list\\", null, null, null, null],
            ])
        );
        assert_eq!(read_reports(&column).unwrap(), reports);
        assert_eq!(read_reports("").unwrap(), Reports::default());
        for damaged in ["[]", "[[]]\n", "x"] {
            let first = reports.iter().next().unwrap();
            add_report(&mut damaged.to_owned(), first).unwrap_err();
        }
        read_reports("[[7,\"sent\"]]").unwrap_err();
    }
}

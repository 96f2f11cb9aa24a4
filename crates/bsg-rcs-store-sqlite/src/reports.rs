//! The set of what was said of a recipient, as one column: a callback is one row to read and to
//! write, not one more row beside those before it.
//!
//! It is JSON, so that SQLite's own functions (`json_each`) read it too: a list of
//! `[message, status, channel, price, sent_at, reported_at]`, null for what was not said. No report
//! at all is ''.

use std::borrow::Cow;
use std::fmt::Display;

use bsg_rcs_domain::{MessageId, Report, ReportedStatus, Reports};
use bsg_rcs_store::StoreError;
use bsg_rcs_store::columns::{read_civil, read_money};
use bsg_rcs_store::words::Word;
use serde::ser::{SerializeTuple, Serializer};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

pub(crate) fn column(reports: &Reports) -> Result<String, Failure> {
    if reports.is_empty() {
        return Ok(String::new());
    }
    let rows: Vec<Written<'_>> = reports.iter().map(Written).collect();
    serde_json::to_string(&rows).map_err(|_| Failure::corrupt("set of reports"))
}

pub(crate) fn read(column: &str) -> Result<Reports, Failure> {
    if column.is_empty() {
        return Ok(Reports::default());
    }
    let rows: Vec<Read<'_>> =
        serde_json::from_str(column).map_err(|_| Failure::corrupt("set of reports"))?;
    Ok(rows.into_iter().map(report).collect::<Result<_, StoreError>>()?)
}

struct Written<'a>(&'a Report);

/// In the words that its type shows itself with.
struct Shown<T>(T);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report) = self;
        let mut row = serializer.serialize_tuple(6)?;
        row.serialize_element(&report.message.0.cast_signed())?;
        row.serialize_element(report.status.as_str())?;
        row.serialize_element(&report.channel.map(Word::word))?;
        row.serialize_element(&report.price.map(Shown))?;
        row.serialize_element(&report.sent_at.map(Shown))?;
        row.serialize_element(&report.reported_at.map(Shown))?;
        row.end()
    }
}

impl<T: Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
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

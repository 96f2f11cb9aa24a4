//! What is wrong with a configuration: everything at once, each with its place.
//!
//! serde ends at the first value that it cannot read. That value is noted, taken out of the document, and the rest is
//! read again, until nothing more is wrong.

use std::fmt;
use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

/// Everything that is wrong with a configuration, in the order in which it stands there; never empty.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigFaults(Vec<ConfigFault>);

/// One thing that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigFault {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what may stand there.
    pub reason: String,
}

impl ConfigFaults {
    /// Every fault.
    pub fn all(&self) -> &[ConfigFault] {
        &self.0
    }
}

/// A fault a line.
impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, fault) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

/// Line, column and reason: `3:9: currency: ...`.
impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.reason)
    }
}

/// The faults found so far.
#[derive(Debug)]
pub(super) struct Found<'t> {
    text: &'t str,
    faults: Vec<ConfigFault>,
    /// What was noted and taken out: it is not missing.
    taken_out: Vec<String>,
}

impl<'t> Found<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, faults: Vec::new(), taken_out: Vec::new() }
    }

    /// Notes a fault of what stands at a place.
    pub(super) fn add(&mut self, span: Range<usize>, reason: impl Into<String>) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        let column = before.get(line_start..).map_or(0, |line| line.chars().count()) + 1;
        self.faults.push(ConfigFault { line, column, reason: reason.into() });
    }

    /// What the text says, as far as it can be read; what cannot is noted. Without anything, if it is no TOML.
    pub(super) fn read<T: DeserializeOwned + Default>(&mut self) -> T {
        let (document, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            self.add(error.span().unwrap_or(0..0), error.message());
        }
        let mut document = document;
        if errors.is_empty() {
            dates_as_texts(document.get_mut());
        }
        while errors.is_empty() {
            let error = match T::deserialize(Deserializer::from(document.clone())) {
                Ok(read) => return read,
                Err(error) => error,
            };
            let span = error.span().unwrap_or(0..0);
            let place = take_out(document.get_mut(), &span);
            let reason = reason(error.message());
            let Some(place) = place else {
                self.add(span, reason);
                break;
            };
            self.add(span, format!("{place}: {reason}"));
            self.taken_out.push(place);
        }
        T::default()
    }

    /// Notes that a key is missing at a table, unless what stands there was noted already.
    pub(super) fn missing(&mut self, table: Range<usize>, place: &str, key: &str) {
        if !self.taken_out.contains(&format!("{place}.{key}")) {
            self.add(table, format!("{place}: `{key}` is missing"));
        }
    }

    /// All of them, if there are any.
    pub(super) fn into_result(mut self) -> Result<(), ConfigFaults> {
        self.faults.sort_by_key(|fault| (fault.line, fault.column));
        if self.faults.is_empty() { Ok(()) } else { Err(ConfigFaults(self.faults)) }
    }
}

/// What serde says, without the name of an unknown key: the place in front of it ends in it.
fn reason(said: &str) -> String {
    let unknown = said.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, "));
    unknown.map_or_else(|| said.to_owned(), |(_, may_be)| format!("no such key here, {may_be}"))
}

/// Writes date-times as texts: serde knows none.
fn dates_as_texts(table: &mut DeTable<'_>) {
    for (_, value) in table.iter_mut() {
        date_as_text(value.get_mut());
    }
}

fn date_as_text(value: &mut DeValue<'_>) {
    match value {
        DeValue::Datetime(at) => *value = DeValue::String(at.to_string().into()),
        DeValue::Table(table) => dates_as_texts(table),
        DeValue::Array(items) => {
            items.iter_mut().for_each(|item| date_as_text(item.get_mut()));
        }
        _ => {}
    }
}

/// Takes the value, or the key, at a place out of a table; says how it is called.
fn take_out(table: &mut DeTable<'_>, span: &Range<usize>) -> Option<String> {
    let hit = table.iter_mut().find_map(|(key, value)| {
        let name = key.get_ref().to_string();
        let way = if key.span() == *span { Some(Way::Here) } else { take_out_of(value, span) };
        way.map(|way| (name, way))
    });
    match hit? {
        (name, Way::Here) => {
            table.remove(name.as_str());
            Some(name)
        }
        (name, Way::Below(way)) => Some(name + &way),
    }
}

/// Where, from a value on, a place is.
enum Way {
    /// It is the value itself, which is to be taken out.
    Here,
    /// It was below, this way down, and is out.
    Below(String),
}

fn take_out_of(value: &mut Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<Way> {
    let is_here = value.span() == *span;
    let below = match value.get_mut() {
        DeValue::Table(table) => take_out(table, span).map(|name| format!(".{name}")),
        DeValue::Array(items) => {
            let hit = items
                .iter_mut()
                .enumerate()
                .find_map(|(at, item)| take_out_of(item, span).map(|way| (at, way)));
            hit.map(|(at, way)| match way {
                Way::Here => {
                    let others = items.iter().enumerate().filter(|(place, _)| *place != at);
                    *items = others.map(|(_, item)| item.clone()).collect();
                    format!("[{at}]")
                }
                Way::Below(way) => format!("[{at}]{way}"),
            })
        }
        _ => None,
    };
    below.map(Way::Below).or_else(|| is_here.then_some(Way::Here))
}

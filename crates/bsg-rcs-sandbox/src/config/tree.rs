//! A TOML document as a tree whose every value knows its place, and the faults that are found in it.
//!
//! Reading goes on behind a fault, so that a file is told everything that is wrong with it at once. Numbers stay the
//! text that they were written as: nothing here passes through a float.

use std::fmt;
use std::ops::Range;

use bsg_rcs_domain::Amount;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::http::Span;

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
}

impl<'t> Found<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, faults: Vec::new() }
    }

    fn add(&mut self, span: Range<usize>, reason: String) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() + 1;
        let column = before.get(line_start..).map_or(0, |line| line.chars().count()) + 1;
        self.faults.push(ConfigFault { line, column, reason });
    }

    /// Notes what the reader of TOML itself found.
    pub(super) fn syntax(&mut self, error: &toml::de::Error) {
        self.add(error.span().unwrap_or(0..0), error.message().to_owned());
    }

    /// All of them, if there are any.
    pub(super) fn into_result(mut self) -> Result<(), ConfigFaults> {
        self.faults.sort_by_key(|fault| (fault.line, fault.column));
        if self.faults.is_empty() { Ok(()) } else { Err(ConfigFaults(self.faults)) }
    }
}

/// A value, its place in the text, and the keys that lead there.
#[derive(Debug, Clone)]
pub(super) struct Node<'a> {
    value: &'a DeValue<'a>,
    span: Range<usize>,
    path: String,
}

/// A table whose keys are known.
#[derive(Debug)]
pub(super) struct Section<'a> {
    table: &'a DeTable<'a>,
    span: Range<usize>,
    path: String,
}

impl<'a> Section<'a> {
    /// The whole document.
    pub(super) fn root(
        document: &'a Spanned<DeTable<'a>>,
        keys: &[&str],
        found: &mut Found<'_>,
    ) -> Self {
        let table = document.get_ref();
        let section = Self { table, span: document.span(), path: String::new() };
        section.judge_keys(keys, found);
        section
    }

    fn judge_keys(&self, keys: &[&str], found: &mut Found<'_>) {
        for key in self.table.keys() {
            if !keys.contains(&key.get_ref().as_ref()) {
                let keys = keys.join(", ");
                let reason = format!("no such key here; there are {keys}");
                found.add(key.span(), said(&self.path_of(key.get_ref()), &reason));
            }
        }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The value of a key, if it is there.
    pub(super) fn get(&self, key: &str) -> Option<Node<'a>> {
        let value = self.table.get(key)?;
        Some(Node { value: value.get_ref(), span: value.span(), path: self.path_of(key) })
    }

    /// The value of a key that must be there.
    pub(super) fn need(&self, key: &str, found: &mut Found<'_>) -> Option<Node<'a>> {
        let value = self.get(key);
        if value.is_none() {
            found.add(self.span.clone(), said(&self.path, &format!("`{key}` is missing")));
        }
        value
    }

    /// The value of a key, read if it is there.
    pub(super) fn read<T>(
        &self,
        key: &str,
        found: &mut Found<'_>,
        read: impl FnOnce(&Node<'a>, &mut Found<'_>) -> Option<T>,
    ) -> Option<T> {
        self.get(key).and_then(|node| read(&node, found))
    }

    /// Notes a fault of the whole table.
    pub(super) fn fault(&self, reason: &str, found: &mut Found<'_>) {
        found.add(self.span.clone(), said(&self.path, reason));
    }
}

impl<'a> Node<'a> {
    /// Notes a fault of this value.
    pub(super) fn fault(&self, reason: impl AsRef<str>, found: &mut Found<'_>) {
        found.add(self.span.clone(), said(&self.path, reason.as_ref()));
    }

    fn refuse<T>(&self, wanted: &str, found: &mut Found<'_>) -> Option<T> {
        self.fault(format!("write {wanted}; this is {}", kind(self.value)), found);
        None
    }

    /// A table with these keys and no others.
    pub(super) fn section(&self, keys: &[&str], found: &mut Found<'_>) -> Option<Section<'a>> {
        let Some(table) = self.value.as_table() else { return self.refuse("a table", found) };
        let section = Section { table, span: self.span.clone(), path: self.path.clone() };
        section.judge_keys(keys, found);
        Some(section)
    }

    /// The items of a list.
    pub(super) fn list(&self, found: &mut Found<'_>) -> Option<Vec<Self>> {
        let Some(items) = self.value.as_array() else { return self.refuse("a list", found) };
        let node = |(at, item): (usize, &'a Spanned<DeValue<'a>>)| Node {
            value: item.get_ref(),
            span: item.span(),
            path: format!("{}[{at}]", self.path),
        };
        Some(items.iter().enumerate().map(node).collect())
    }

    /// Whether it is a list.
    pub(super) fn is_list(&self) -> bool {
        self.value.is_array()
    }

    /// A text.
    pub(super) fn text(&self, found: &mut Found<'_>) -> Option<&'a str> {
        self.value.as_str().or_else(|| self.refuse("a text in quotes", found))
    }

    /// A text that is not empty.
    pub(super) fn name(&self, found: &mut Found<'_>) -> Option<&'a str> {
        let text = self.text(found)?;
        if text.is_empty() {
            self.fault("it is empty", found);
        }
        Some(text).filter(|text| !text.is_empty())
    }

    /// A text that can be read.
    pub(super) fn parsed<T, E: fmt::Display>(
        &self,
        found: &mut Found<'_>,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(self.text(found)?) {
            Ok(read) => Some(read),
            Err(why) => {
                self.fault(why.to_string(), found);
                None
            }
        }
    }

    /// True or false.
    pub(super) fn switch(&self, found: &mut Found<'_>) -> Option<bool> {
        self.value.as_bool().or_else(|| self.refuse("true or false", found))
    }

    /// A whole number, at least and at most.
    pub(super) fn whole(&self, least: u64, most: u64, found: &mut Found<'_>) -> Option<u64> {
        let Some(written) = self.value.as_integer() else {
            return self.refuse("a whole number", found);
        };
        let number = u64::from_str_radix(written.as_str(), written.radix()).ok();
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.fault(format!("write a whole number from {least} to {most}"), found);
        }
        number
    }

    /// The text of a number or of a text in quotes, digit for digit.
    pub(super) fn digits(&self, found: &mut Found<'_>) -> Option<&'a str> {
        match self.value {
            DeValue::Integer(whole) if whole.radix() == 10 => Some(whole.as_str()),
            DeValue::Float(decimal) => Some(decimal.as_str()),
            DeValue::String(text) => Some(text),
            _ => self.refuse("a number", found),
        }
    }

    /// A date-time, bare or in quotes.
    pub(super) fn date_time(&self, found: &mut Found<'_>) -> Option<String> {
        match self.value {
            DeValue::Datetime(at) => Some(at.to_string()),
            DeValue::String(text) => Some(text.to_string()),
            _ => self.refuse("a date-time such as 2026-01-31 09:00:00", found),
        }
    }

    /// An amount of money: a text with at most seven decimals, not below zero.
    pub(super) fn money(&self, found: &mut Found<'_>) -> Option<Amount> {
        if let DeValue::Float(number) = self.value {
            let advice = format!("money is exact: write it in quotes, \"{}\"", number.as_str());
            self.fault(advice, found);
            return None;
        }
        let Some(text) = self.value.as_str() else {
            return self.refuse("money in quotes, such as \"10.0000000\"", found);
        };
        let read = match Amount::parse(text) {
            Ok(read) => read,
            Err(why) => {
                self.fault(why.to_string(), found);
                return None;
            }
        };
        if read.rounded || read.amount.is_negative() {
            self.fault("write at most seven decimals and no sign", found);
            return None;
        }
        Some(read.amount)
    }

    /// A span of time in milliseconds: a whole number of them, or a text such as `"2s"`; at most so many.
    pub(super) fn millis(&self, most: u64, found: &mut Found<'_>) -> Option<u64> {
        let millis = match self.value {
            DeValue::Integer(_) => return self.whole(0, most, found),
            DeValue::String(text) => Span::try_from(text.to_string()),
            _ => return self.refuse("milliseconds, or a time such as \"2s\"", found),
        };
        let millis = millis.map(|Span(span)| u64::try_from(span.as_millis()).unwrap_or(u64::MAX));
        match millis {
            Ok(millis) if millis <= most => Some(millis),
            Ok(_) => {
                self.fault(format!("at most {most} milliseconds"), found);
                None
            }
            Err(why) => {
                self.fault(why, found);
                None
            }
        }
    }
}

fn said(path: &str, reason: &str) -> String {
    if path.is_empty() { reason.to_owned() } else { format!("{path}: {reason}") }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date-time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

//! A fault: one rule broken at one place. Checks gather every fault before they answer.

use alloc::{string::String, vec::Vec};
use core::fmt;

use crate::rules::{Rule, Severity};

/// One rule broken at one place of the caller's words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The rule that is broken.
    pub rule: &'static Rule,
    /// Where: `text`, `cards[2].suggestions[0].text`; the index counts from 0.
    pub place: String,
    /// What was measured there, in the rule's unit, where the rule has bounds.
    pub measured: Option<u64>,
    /// What was found there, and what to write instead, where the rule alone does not say it.
    pub detail: Option<String>,
}

impl Fault {
    /// A fault of a rule that measures nothing.
    pub fn at(rule: &'static Rule, place: impl Into<String>) -> Self {
        Self { rule, place: place.into(), measured: None, detail: None }
    }

    /// A fault of a rule with bounds; `measured` is in the rule's unit.
    pub fn measured(rule: &'static Rule, place: impl Into<String>, measured: u64) -> Self {
        Self { rule, place: place.into(), measured: Some(measured), detail: None }
    }

    /// The same fault, with what was found there.
    pub(crate) fn with_detail(self, detail: String) -> Self {
        Self { detail: Some(detail), ..self }
    }

    /// Whether the fault refuses the value, or only warns.
    pub fn refuses(&self) -> bool {
        self.rule.severity == Severity::Refuse
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(self.rule.says)?;
        if let (Some(measured), Some(bounds)) = (self.measured, self.rule.bounds) {
            write!(f, "; here {measured} {}", bounds.unit)?;
        }
        if let Some(detail) = &self.detail {
            write!(f, "; {detail}")?;
        }
        write!(f, " ({})", self.rule.id)
    }
}

/// Every fault of one value, refusals and warnings, in the order of their places.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Faults(pub Vec<Fault>);

impl Faults {
    /// Whether at least one fault refuses the value.
    pub fn refuse(&self) -> bool {
        self.0.iter().any(Fault::refuses)
    }

    /// The faults, first place first.
    pub fn iter(&self) -> core::slice::Iter<'_, Fault> {
        self.0.iter()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl core::error::Error for Faults {}

/// A value that passed its check, and what the check warned of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked<T> {
    /// The value: every hard limit holds.
    pub value: T,
    /// Faults of rules that only warn.
    pub warnings: Vec<Fault>,
}

/// Gathers faults while a value is taken apart.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    faults: Vec<Fault>,
}

impl Checker {
    pub(crate) fn report(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Reports the rule if `measured` lies outside its bounds.
    pub(crate) fn bounds(&mut self, rule: &'static Rule, place: &str, measured: usize) {
        let measured = u64::try_from(measured).unwrap_or(u64::MAX);
        if rule.bounds.is_some_and(|bounds| !bounds.hold(measured)) {
            self.report(Fault::measured(rule, place, measured));
        }
    }

    /// Reports the rule unless `holds`.
    pub(crate) fn require(&mut self, holds: bool, rule: &'static Rule, place: &str) {
        if !holds {
            self.report(Fault::at(rule, place));
        }
    }

    /// The value with its warnings, or all faults if one refuses. A value that could not be built
    /// has a fault that refuses.
    pub(crate) fn conclude<T>(self, value: Option<T>) -> Result<Checked<T>, Faults> {
        let faults = Faults(self.faults);
        match value {
            Some(value) if !faults.refuse() => Ok(Checked { value, warnings: faults.0 }),
            _ => Err(faults),
        }
    }
}

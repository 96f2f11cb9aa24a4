//! Callbacks as values: reports and clicks.

use std::fmt;

use bsg_rcs_domain::{CivilDateTime, MessageId, Msisdn, ReferenceId};

use super::{CallbackReport, Unmappable, civil, message_id, number, reference, status_report};
use crate::Callback;
use crate::generated as wire;

/// What a callback says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallbackEvent {
    /// A message changed its status.
    Report(CallbackReport),
    /// A recipient clicked a button.
    Click(CallbackClick),
}

impl CallbackEvent {
    /// Whose it is; `None` if it carries no reference, or one that is none.
    pub const fn reference(&self) -> Option<ReferenceId> {
        match self {
            Self::Report(report) => report.reference,
            Self::Click(click) => click.reference,
        }
    }

    /// Which message it is about.
    pub const fn message(&self) -> MessageId {
        match self {
            Self::Report(report) => report.report.message,
            Self::Click(click) => click.message,
        }
    }
}

/// A click on a button.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackClick {
    /// Whose it is; `None` if it carries none, or one that is no reference.
    pub reference: Option<ReferenceId>,
    /// Who clicked.
    pub number: Option<Msisdn>,
    /// On which message.
    pub message: MessageId,
    /// What the button says.
    pub text: Option<String>,
    /// The button's postback.
    pub postback: Option<String>,
    /// When, in the platform's own time.
    pub clicked_at: Option<CivilDateTime>,
}

/// Without text and postback, which may be personal.
impl fmt::Debug for CallbackClick {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackClick")
            .field("reference", &self.reference)
            .field("number", &self.number)
            .field("message", &self.message)
            .field("clicked_at", &self.clicked_at)
            .finish_non_exhaustive()
    }
}

/// What a callback says.
///
/// # Errors
/// [`Unmappable`] without an id, and a report without a status.
pub fn event(callback: &Callback) -> Result<CallbackEvent, Unmappable> {
    match callback {
        Callback::StatusReport(report) => status_report(report).map(CallbackEvent::Report),
        Callback::Click(click) => self::click(click).map(CallbackEvent::Click),
    }
}

/// A click of a callback.
///
/// # Errors
/// [`Unmappable`] without an id.
pub fn click(wire: &wire::SuggestionClick) -> Result<CallbackClick, Unmappable> {
    Ok(CallbackClick {
        reference: reference(wire.reference.as_deref()),
        number: number(wire.msisdn),
        message: message_id("the click", wire.id)?,
        text: wire.text.clone(),
        postback: wire.postback.clone(),
        clicked_at: civil(wire.time_click.as_ref()),
    })
}

//! What the engine wants done outside: callbacks to be posted.

use std::sync::Arc;

use bsg_rcs_domain::{Amount, Currency, MessageStatus, Msisdn, ReferenceId};

use crate::model::ids::MessageIx;
use crate::model::time::VirtualTime;

/// Something to be done outside the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Post this.
    Callback(Callback),
}

/// A callback to be posted; what became of it comes back by [`crate::Engine::settle_callback`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Callback {
    /// Of which message.
    pub message: MessageIx,
    /// Which of its callbacks.
    pub note: u16,
    /// Where to.
    pub url: Arc<str>,
    /// The recipient.
    pub phone: Msisdn,
    /// The caller's reference.
    pub reference: Option<ReferenceId>,
    /// What it says.
    pub body: Body,
}

/// What a callback says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A status report.
    Report {
        /// The message's status.
        status: MessageStatus,
        /// When it was taken.
        time_in: VirtualTime,
        /// When it was sent.
        time_sent: Option<VirtualTime>,
        /// When its end was reported.
        time_dr: Option<VirtualTime>,
        /// What it costs if it is delivered.
        price: Amount,
        /// In this currency.
        currency: Currency,
    },
    /// A click.
    Click {
        /// The button's words.
        text: String,
        /// Its postback data.
        postback: Option<String>,
        /// When.
        at: VirtualTime,
    },
}

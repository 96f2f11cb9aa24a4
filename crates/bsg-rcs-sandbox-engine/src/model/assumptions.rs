//! The assumptions about the platform that are not confirmed, each a switch.
//!
//! The numbers are those of `docs/assumptions.md`. The defaults are our reading; the other values are the
//! worlds in which a client has to stay on the safe side.

use serde::Serialize;
use std::time::Duration;

use bsg_rcs_domain::MessageStatus;

/// How this platform behaves where the documents are silent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assumptions {
    /// A1: sends are refused with 422 and `{message, errors}`; else with 400 and `{error, errorDescription}`, as the
    /// platform's older surfaces do.
    pub refused_as_unprocessable: bool,
    /// A2: a carousel has a price class of its own; else it costs what a card costs.
    pub carousel_has_its_price: bool,
    /// A3: an SMS is paid by the part; else by the message.
    pub sms_paid_by_part: bool,
    /// A4: a call of the API resumes a paused campaign; else only the account's page does.
    pub resumes_by_call: bool,
    /// A5: a message that is read was delivered before; else it goes from sent straight to read.
    pub read_after_delivered: bool,
    /// A6: a message to a handset without RCS is `not_service_user`; else it is `not_rcs_user`, as in statistics.
    pub no_rcs_is_no_service: bool,
    /// A8: a campaign whose texts hold this word does not pass moderation: it ends as `spam`, and its messages as
    /// `failed`. Without a word everything passes.
    pub spam_word: Option<String>,
    /// A9: callbacks are tried again on anything but 200.
    pub callbacks_retried: bool,
    /// A10: clicks go to the account's URL too, not only to a message's own.
    pub clicks_to_account_url: bool,
    /// A12: the SMS of the alternative channel has the reference of the message that it follows; else none.
    pub sms_keeps_reference: bool,
    /// A13: what a dry run answers.
    pub dry_run_answer: DryRunAnswer,
    /// A14: a campaign cannot start in the past.
    pub past_start_refused: bool,
    /// A15: what happens to a reference that the account has used before.
    pub known_reference: KnownReference,
    /// A16: a number twice in one request refuses the request; else each is a message.
    pub repeated_number_refused: bool,
    /// A17: how long the duplicate guard remembers an accepted request; zero switches it off.
    pub duplicate_window: Duration,
    /// A19: what becomes of a recipient that may not be sent to: out of the agent's countries, or stopped.
    pub barred_recipient: BarredRecipient,
    /// A20: how long a new message cannot be found by its reference yet.
    pub lookup_lag: Duration,
    /// A21: what a refused recipient does to the rest of the request.
    pub refused_recipient: RefusedRecipient,
    /// A22: fields of a request that the schema does not name are passed over; else they are refused.
    pub unknown_fields_ignored: bool,
    /// Not in the contract: what a stopped campaign had not sent yet ends as `failed`; else it stays
    /// accepted for ever.
    pub stop_fails_unsent: bool,
}

/// A13 and its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum DryRunAnswer {
    /// 200, with `{"data": {"dry_run": true}}`.
    Data,
    /// 204, with nothing.
    NoContent,
}

/// A19 and its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum BarredRecipient {
    /// Its message is taken, ends as `failed`, and costs nothing.
    Fails,
    /// It is refused (and A21 says what that does to the rest).
    Refused,
}

/// A15, one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum KnownReference {
    /// (a) The whole request is refused.
    RefuseRequest,
    /// (b) The request is accepted without that message.
    RejectMessage,
    /// (c) It is sent again.
    SendAgain,
}

/// A21 and its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum RefusedRecipient {
    /// The whole request is refused.
    RefuseRequest,
    /// The others are sent.
    LeaveOut,
}

impl Assumptions {
    /// What a message's status is called.
    pub fn word_for(&self, status: MessageStatus) -> &'static str {
        match status {
            MessageStatus::NotServiceUser if !self.no_rcs_is_no_service => "not_rcs_user",
            other => other.as_str(),
        }
    }
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            refused_as_unprocessable: true,
            carousel_has_its_price: true,
            sms_paid_by_part: true,
            resumes_by_call: true,
            read_after_delivered: true,
            no_rcs_is_no_service: true,
            spam_word: None,
            callbacks_retried: true,
            clicks_to_account_url: true,
            sms_keeps_reference: true,
            dry_run_answer: DryRunAnswer::Data,
            barred_recipient: BarredRecipient::Fails,
            past_start_refused: true,
            known_reference: KnownReference::RefuseRequest,
            repeated_number_refused: true,
            duplicate_window: Duration::from_secs(10),
            lookup_lag: Duration::ZERO,
            refused_recipient: RefusedRecipient::RefuseRequest,
            unknown_fields_ignored: true,
            stop_fails_unsent: true,
        }
    }
}

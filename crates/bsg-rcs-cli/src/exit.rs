//! Exit codes, and which failure means which. The codes are a promise to scripts.

use std::process::ExitCode;

use bsg_rcs::ErrorKind;
use bsg_rcs_campaign::Applied;
use bsg_rcs_campaign::CampaignError;
use bsg_rcs_store::StoreError;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// A fault of ours.
    Fault = 1,
    // 2, wrong usage, is answered by the reader of the arguments.
    /// Input refused by our checks.
    Input = 3,
    /// Refused by the platform.
    Refused = 4,
    /// Outcome unknown.
    Unknown = 5,
    /// Stopped before the end; can go on.
    Stopped = 6,
    /// The platform is not reachable, or the key is refused.
    Unreachable = 7,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command ended without its result.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self { exit: Exit::Input, message: message.into() }
    }

    pub(crate) fn fault(message: impl Into<String>) -> Self {
        Self { exit: Exit::Fault, message: message.into() }
    }
}

impl From<CampaignError> for Failure {
    fn from(error: CampaignError) -> Self {
        let exit = match &error {
            CampaignError::Input(_)
            | CampaignError::Message(_)
            | CampaignError::NoRecipients { .. }
            | CampaignError::TooManyRecipients
            | CampaignError::Quote(_)
            | CampaignError::CapWithoutPrices
            | CampaignError::TooDear { .. }
            | CampaignError::PlannedBefore(_)
            | CampaignError::SentBefore { .. }
            | CampaignError::SameSent { .. }
            | CampaignError::SettleTooShort { .. }
            | CampaignError::NoCampaign(_)
            | CampaignError::NoReference(_)
            | CampaignError::NotApplicable { .. } => Exit::Input,
            CampaignError::Client(error) => of_client(error),
            CampaignError::Store(error) => of_store(error),
            CampaignError::Interrupted => Exit::Stopped,
            _ => Exit::Fault,
        };
        Self { exit, message: with_sources(&error) }
    }
}

impl From<bsg_rcs::Error> for Failure {
    fn from(error: bsg_rcs::Error) -> Self {
        Self { exit: of_client(&error), message: with_sources(&error) }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self { exit: of_store(&error), message: with_sources(&error) }
    }
}

fn of_client(error: &bsg_rcs::Error) -> Exit {
    match error.kind() {
        ErrorKind::Transport
        | ErrorKind::KeyRefused(_)
        | ErrorKind::LoginFailed(_)
        | ErrorKind::Failed(_) => Exit::Unreachable,
        ErrorKind::RuleBroken(_) => Exit::Input,
        ErrorKind::Refused(_) => Exit::Refused,
        _ => Exit::Fault,
    }
}

const fn of_store(error: &StoreError) -> Exit {
    match error {
        StoreError::Open { .. } | StoreError::Newer { .. } => Exit::Input,
        // Another process works on it: this one can go on later.
        StoreError::Claimed(_) => Exit::Stopped,
        _ => Exit::Fault,
    }
}

/// How applying ended, as an exit code.
pub(crate) fn of_applied(applied: &Applied) -> Exit {
    match applied {
        Applied::AllSent => Exit::Done,
        // An unknown outcome comes before a refusal.
        Applied::Refused { held, .. } if !held.is_empty() => Exit::Unknown,
        Applied::Refused { .. } => Exit::Refused,
        Applied::Held { .. } => Exit::Unknown,
        Applied::Stopped(_) => Exit::Stopped,
    }
}

/// An error with everything that lies below it, none said twice.
pub(crate) fn with_sources(error: &dyn std::error::Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let words = error.to_string();
        if !message.contains(&words) {
            message.push_str(": ");
            message.push_str(&words);
        }
        source = error.source();
    }
    message
}

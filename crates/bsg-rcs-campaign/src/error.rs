//! What keeps campaign work from going on, by what its user can do about it.

use std::time::Duration;

use bsg_rcs::Error as ClientError;
use bsg_rcs_domain::tariff::NoQuote;
use bsg_rcs_domain::{CampaignId, Faults, Money, ReferenceId};
use bsg_rcs_store::StoreError;

use crate::input::quote::shown;
use crate::input::{InputError, RefusedLine};

/// Refusals that an error lists; its fields have more.
const LISTED: usize = 10;

/// Why work ended without its result. What was written before stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CampaignError {
    /// A file cannot be read as what it should be.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The message breaks rules.
    #[error("the message is refused: {0}")]
    Message(#[from] Faults),
    /// The list holds no recipient.
    #[error(
        "no valid recipients: {read} lines were read, {refused} of them refused{}",
        listed(refusals)
    )]
    NoRecipients {
        /// Lines read.
        read: u64,
        /// Lines refused.
        refused: u64,
        /// The first hundred refusals.
        refusals: Vec<RefusedLine>,
    },
    /// More recipients than one campaign of ours can hold.
    #[error("a campaign holds at most 4294967295 recipients: split the list")]
    TooManyRecipients,
    /// The price cannot be quoted.
    #[error("the price cannot be quoted: {0}")]
    Quote(#[from] NoQuote),
    /// The worst case costs more than allowed.
    #[error("it could cost {worst}, more than the {cap} that are allowed")]
    TooDear {
        /// What it can cost at worst.
        worst: Money,
        /// What it may cost.
        cap: Money,
    },
    /// A cap was given, and no prices to compute the cost from.
    #[error("a cap on the cost needs prices: plan with --prices")]
    CapWithoutPrices,
    /// The same message was sent to the same recipients a short while ago.
    #[error(
        "campaign {0} sent the same message to the same recipients within the last 24 hours: say \
         --again to plan it once more"
    )]
    PlannedBefore(CampaignId),
    /// Another campaign sent the same message to the same recipients since this one was planned.
    #[error(
        "campaign {other} sent the same message to the same recipients within the last 24 hours: \
         say --again to send {id} too, or `campaign discard {id}`"
    )]
    SentBefore {
        /// The campaign that was to be sent.
        id: CampaignId,
        /// The one that was.
        other: CampaignId,
    },
    /// The same message was sent to the same number a short while ago.
    #[error(
        "the same message was sent to the same number within the last 24 hours, as {other}: say \
         --again to send it once more"
    )]
    SameSent {
        /// The send that it was.
        other: CampaignId,
    },
    /// No single send carries the reference.
    #[error("the store has no send with the reference {0}: `send list` shows which are open")]
    NoReference(ReferenceId),
    /// An outcome would count as settled while its request can still be under way.
    #[error(
        "a settle time of {settle:?} is shorter than the request timeout of {timeout:?}: a request \
         could still be under way"
    )]
    SettleTooShort {
        /// What was asked for.
        settle: Duration,
        /// What it must reach.
        timeout: Duration,
    },
    /// A sum of money is too great to be written.
    #[error("a sum of money is too great to be written")]
    SumTooGreat,
    /// The work was interrupted before its end; nothing of it is kept.
    #[error("it was interrupted; nothing of it is kept")]
    Interrupted,
    /// No such campaign.
    #[error("the store has no campaign {0}: `campaign list` shows which it has")]
    NoCampaign(CampaignId),
    /// The campaign cannot be applied as it stands.
    #[error("campaign {id} {why}")]
    NotApplicable {
        /// Which campaign.
        id: CampaignId,
        /// Why, and what to do.
        why: String,
    },
    /// The platform cannot be reached or does not take the key; nothing was sent by this call.
    #[error("{0}")]
    Client(#[from] ClientError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine gives no random numbers.
    #[error("the machine gives no random numbers")]
    Random,
    /// What the store holds is not what this program writes.
    #[error("the store's {0} cannot be read")]
    Corrupt(&'static str),
}

/// The first refusals, a line each.
fn listed(refusals: &[RefusedLine]) -> String {
    let line = |refusal: &RefusedLine| {
        let RefusedLine { line, value, rule } = refusal;
        format!("\n  line {line}: \"{}\" ({rule})", shown(value))
    };
    refusals.iter().take(LISTED).map(line).collect()
}

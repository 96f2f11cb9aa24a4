//! What keeps campaign work from going on, by what its user can do about it.

use bsg_rcs::Error as ClientError;
use bsg_rcs_domain::tariff::NoQuote;
use bsg_rcs_domain::{CampaignId, Faults, Money};
use bsg_rcs_store::StoreError;

use crate::input::InputError;

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
    /// Nobody is left to write to.
    #[error("there is nobody to write to: {read} lines were read, {refused} of them refused")]
    NoRecipients {
        /// Lines read.
        read: u64,
        /// Lines refused.
        refused: u64,
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
    /// A cap was given, and nothing to reckon the cost by.
    #[error("a cap on the cost needs prices to reckon it by")]
    CapWithoutPrices,
    /// The same message to the same recipients was planned a short while ago.
    #[error(
        "campaign {0} of the last 24 hours has the same message and recipients: say --again to plan it once more"
    )]
    PlannedBefore(CampaignId),
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

//! What refuses a plan that was read to its end: its cost, and that the same was sent a while ago.

use std::time::Duration;

use bsg_rcs_domain::tariff::Quote;
use bsg_rcs_domain::{Message, Msisdn};
use sha2::{Digest, Sha256};

use super::PlanOrder;
use crate::error::CampaignError;
use crate::input::message::MessageFile;

/// For how long the same plan is recognised.
pub(crate) const RECENT: Duration = Duration::from_secs(24 * 3600);

pub(super) fn check_cost(order: &PlanOrder, quote: Option<Quote>) -> Result<(), CampaignError> {
    match (order.max_cost, quote) {
        (Some(cap), Some(quote))
            if quote.worst.currency != cap.currency || quote.worst.amount > cap.amount =>
        {
            Err(CampaignError::TooDear { worst: quote.worst, cap })
        }
        (Some(_), None) => Err(CampaignError::CapWithoutPrices),
        _ => Ok(()),
    }
}

/// A digest of a set of numbers: the sum of their digests, so that their order does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NumberSum(u128);

impl NumberSum {
    pub(crate) fn add(&mut self, number: Msisdn) {
        let digest = Sha256::digest(number.as_u64().to_be_bytes());
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        self.0 = self.0.wrapping_add(u128::from_be_bytes(half));
    }
}

/// A digest of a message and its recipients.
pub(crate) fn digest(message: &Message, numbers: NumberSum) -> String {
    let message = serde_json::to_vec(&MessageFile::from(message)).unwrap_or_default();
    let mut hasher = Sha256::new();
    hasher.update(numbers.0.to_be_bytes());
    hasher.update(&message);
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

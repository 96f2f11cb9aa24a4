//! What a message costs (A2, A3).

use bsg_rcs_domain::{Amount, Country, MessageType, Msisdn};

use crate::model::message::MessageSpec;
use crate::state::Engine;

impl Engine {
    /// What a message to a number costs; nothing, where the list has no price.
    pub(crate) fn price(&self, number: Msisdn, spec: &MessageSpec) -> Amount {
        self.price_of(number, spec.kind, spec.parts)
    }

    /// What a message of this type and so many parts costs (A2, A3).
    pub(crate) fn price_of(&self, number: Msisdn, kind: MessageType, parts: u16) -> Amount {
        let assumed = &self.world.assumptions;
        let kind = match kind {
            MessageType::Carousel if !assumed.carousel_has_its_price => MessageType::Card,
            kind => kind,
        };
        let price = self.world.prices.price(Country::of(number), kind);
        let of_one = price.map_or(Amount::ZERO, |price| price.amount);
        let parts = if assumed.sms_paid_by_part { parts } else { 1 };
        of_one.checked_mul(parts.into()).unwrap_or(of_one)
    }
}

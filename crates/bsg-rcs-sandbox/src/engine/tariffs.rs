//! Tariffs, which a send may name to be charged by, and prices. Every tariff has the prices of the one list.

use bsg_rcs_domain::{Amount, Country, MessageType, Msisdn};

use super::Engine;
use super::record::Letter;

/// A tariff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tariff {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// What a send names it by.
    pub code: i64,
    /// Whether it can be used.
    pub active: bool,
    /// Whether it is used when a send names none.
    pub default: bool,
}

/// The tariffs of the default world: one in use, with the code 9, and one that is no longer.
pub(super) fn defaults() -> Vec<Tariff> {
    let tariff = |id, name: &str, code, active| Tariff {
        id,
        name: name.into(),
        code,
        active,
        default: active,
    };
    vec![tariff(1, "Standard", 9, true), tariff(2, "Retired", 4, false)]
}

/// Why a send cannot be charged by the tariff with this code, if it cannot.
pub(super) fn fault(tariffs: &[Tariff], code: i64) -> Option<&'static str> {
    match tariffs.iter().find(|tariff| tariff.code == code) {
        None => Some("Tariff was not found"),
        Some(tariff) if !tariff.active => Some("Tariff is not active"),
        Some(_) => None,
    }
}

impl Engine {
    /// What a message to a number costs; nothing, where the list has no price.
    pub(super) fn price(&self, number: Msisdn, letter: &Letter) -> Amount {
        self.price_of(number, letter.kind, letter.parts)
    }

    /// What a message of this type and so many parts costs (A2, A3).
    pub(super) fn price_of(&self, number: Msisdn, kind: MessageType, parts: u16) -> Amount {
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

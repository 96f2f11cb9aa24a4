//! Tariffs, which a send may name to be charged by. Every tariff has the prices of the one list.

use serde::Serialize;

/// A tariff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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
pub(crate) fn defaults() -> Vec<Tariff> {
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
pub(crate) fn fault(tariffs: &[Tariff], code: i64) -> Option<&'static str> {
    match tariffs.iter().find(|tariff| tariff.code == code) {
        None => Some("Tariff was not found"),
        Some(tariff) if !tariff.active => Some("Tariff is not active"),
        Some(_) => None,
    }
}

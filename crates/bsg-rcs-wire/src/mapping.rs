//! Where wire and domain meet: the only place that turns one into the other.
//!
//! [`outgoing`] writes what the contract allows, from values that cannot be wrong. [`incoming`]
//! reads what the platform said into values of the domain, and says which field it could not do
//! without. [`places`] tells in our words where the platform found a fault.

pub mod incoming;
pub mod outgoing;
pub mod places;

//! Where wire and domain meet: the only place that turns one into the other.
//!
//! [`outgoing`] writes what the contract allows, from values that cannot be wrong. [`incoming`]
//! reads what the platform said into values of the domain, and says which field it could not do
//! without.

pub mod incoming;
pub mod outgoing;

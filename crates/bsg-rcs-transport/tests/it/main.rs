//! The crate seen from outside: doubles and wrappers behave as their pages say, and the conformance
//! kit tells good transports from bad ones.

#[cfg(all(feature = "conformance", feature = "tower"))]
mod conformance;
mod doubles;
mod faults;
mod retry;
#[cfg(feature = "tape")]
mod tape;
#[cfg(feature = "tower")]
mod tower;
#[cfg(feature = "tracing")]
mod trace;

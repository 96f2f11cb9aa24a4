//! Connections: accepted, bounded, closed without an answer where a fault script says so. Nothing here knows more of
//! the sandbox than a router.

pub(crate) mod accept_gate;
pub(crate) mod lost;
pub(crate) mod same_origin;
pub(crate) mod server;

//! The transport's contract over real sockets.
//!
//! The laws that every transport keeps are proved by the kit (`conformance`). The rest is this
//! transport's own: its settings (`answers`, `limits`), what it calls a failure (`certainty`), and
//! which way an exchange goes (`routes`).

mod answers;
mod certainty;
mod conformance;
mod limits;
mod routes;
mod server;

//! The transport's contract over real sockets, with answers written by hand.
//!
//! One file a promise: what arrives (`answers`), what a failure proves (`certainty`), that nothing
//! is sent twice (`once`), that a limit and a dropped future end an exchange (`limits`), and which
//! way it goes (`routes`).

mod answers;
mod certainty;
mod limits;
mod once;
mod routes;
mod server;

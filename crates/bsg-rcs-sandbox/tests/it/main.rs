//! The sandbox over real sockets: every test its own, on virtual time, with no sleeps.

mod callbacks;
mod client;
mod document;
mod families;
mod faults;
mod platform;
mod schema;
mod sends;
mod steering;

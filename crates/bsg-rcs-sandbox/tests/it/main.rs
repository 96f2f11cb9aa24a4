//! The sandbox over real sockets: every test its own, on virtual time, with no sleeps.

mod assumed;
mod bounds;
mod callbacks;
mod client;
mod document;
mod families;
mod faults;
mod judges;
mod money;
mod odd;
mod pages;
mod platform;
mod schema;
mod seeds;
mod sends;
mod state;
mod steering;
mod storm;
mod storms;

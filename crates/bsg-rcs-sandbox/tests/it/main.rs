//! The sandbox over real sockets: every test its own, on virtual time, with no sleeps.

mod assumed;
mod bounds;
mod callbacks;
mod client;
mod contract;
mod document;
mod epochs;
mod families;
mod faults;
mod fidelity;
mod hosts;
mod judges;
mod money;
mod odd;
mod outliving;
mod pages;
mod platform;
mod schema;
mod seeds;
mod sends;
mod state;
mod steering;
mod storm;
mod storms;

//! Send RCS business messages through the BSG One-API, and know what may have been sent.
//!
//! ```no_run
//! use bsg_rcs::{Client, Message, Msisdn, SendOutcome, SingleSend};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::builder().api_key("live_...").build()?;
//! let message = Message::text("my_agent", "Your table is ready.")?;
//! let send = SingleSend::to(Msisdn::normalise("+380 66 123 12 31")?);
//! match client.messages().send(&message, &send).await? {
//!     SendOutcome::Accepted(sent) => println!("sent as {:?}", sent.report.message),
//!     SendOutcome::Rejected(why) => println!("refused: {why}"),
//!     // Never send again before looking: it may have arrived.
//!     SendOutcome::Unknown(unknown) => println!("look up {:?}", unknown.references),
//!     SendOutcome::AlreadyKnown(known) => println!("sent before: {:?}", known.references),
//! }
//! # Ok(()) }
//! ```
//!
//! | to learn | look in |
//! | --- | --- |
//! | how to make a client | [`ClientBuilder`] |
//! | what a send can answer, and what to do then | [`SendOutcome`] |
//! | what an error means | [`Error`] |
//! | how to bring a transport of one's own | [`ClientBuilder::transport`], [`Transport`] |
//!
//! The client repeats nothing by itself but a call that was refused with 401, once, with a fresh
//! token. It reads no wall clock; token lives run on a monotonic clock that can be handed in.

mod account;
mod builder;
mod call;
mod campaigns;
mod client;
mod error;
mod key;
mod messages;
mod outcome;
mod token;

pub use account::Account;
pub use bsg_rcs_domain::{
    Addressee, Amount, Batch, BatchCap, CampaignStatus, CivilDateTime, Currency, Message,
    MessageDraft, MessageId, MessageStatus, Money, Msisdn, ReferenceId, Report, Reports,
};
pub use bsg_rcs_transport::{Certainty, Transport, TransportError};
pub use bsg_rcs_wire::mapping::incoming::{Balance, RemoteCampaign, RemoteDetail, RemoteMessage};
pub use builder::{BuildError, ClientBuilder};
pub use campaigns::{CampaignSend, Campaigns};
pub use client::Client;
pub use error::{Error, ErrorKind};
pub use key::ApiKey;
pub use messages::{MessageFilter, MessagePage, Messages, SingleSend};
pub use outcome::{KnownReference, Rejection, SendOutcome, UnknownOutcome};

/// The README's first program compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

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
//!     SendOutcome::Unknown(unknown) => println!("{:?}", client.resolve(&unknown.unsettled).await?),
//!     SendOutcome::AlreadyKnown(_) => println!("sent before, under the same reference"),
//! }
//! # Ok(()) }
//! ```
//!
//! | to learn | look in |
//! | --- | --- |
//! | how to do a thing: a page a task | [`guide`] |
//! | how to make a client | [`ClientBuilder`] |
//! | what a send can answer, and what to do then | [`SendOutcome`] |
//! | what an error means | [`Error`] |
//! | how to bring a transport of one's own | [`ClientBuilder::transport`], [`Transport`] |
//!
//! The client repeats by itself what only asks, and what certainly did not leave; and a call that
//! was answered 401, once, with a fresh token. It reads no wall clock; token lives run on a monotonic
//! clock that can be handed in.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod builder;
mod call;
mod campaigns;
mod client;
mod clock;
mod contact_fields;
mod contact_lists;
mod contacts;
mod error;
pub mod guide;
mod key;
mod listing;
mod messages;
mod outcome;
mod resolve;
mod resume;
mod rules;
mod send_all;
mod settle;
mod stat_jobs;
mod stop_list;
#[cfg(feature = "test-util")]
pub mod test_util;
mod token;
mod unsettled;

pub use account::Account;
pub use bsg_rcs_domain::message::{CallbackUrl, CardDraft, SmsDraft, SuggestionDraft};

pub use bsg_rcs_domain as domain;
pub use bsg_rcs_domain::{
    Addressee, Amount, Batch, BatchCap, CampaignStatus, CivilDateTime, ContactFieldId, ContactId,
    ContactListDraft, ContactListId, Currency, Faults, Message, MessageDraft, MessageId,
    MessageStatus, Money, Msisdn, ReferenceId, RemoteCampaignId, Report, Reports, StopListEntryId,
    TariffId,
};
pub use bsg_rcs_transport as transport;
pub use bsg_rcs_transport::retry::RetryPolicy;
pub use bsg_rcs_transport::{Certainty, Transport, TransportError};
pub use bsg_rcs_wire as wire;
pub use bsg_rcs_wire::mapping::incoming::{
    Balance, BilledMessage, Contact, ContactField, ContactFieldKind, ContactList,
    InvalidStatJobKey, Price, RemoteCampaign, RemoteDetail, RemoteMessage, StatJob, StatJobKey,
    StopListEntry, Tariff,
};
pub use bsg_rcs_wire::mapping::outgoing::StoppedChannel;
pub use builder::{BuildError, ClientBuilder};
pub use campaigns::{CampaignFilter, CampaignSend, Campaigns};
pub use client::Client;
pub use contact_fields::{ContactFieldChange, ContactFieldDraft};
pub use contact_lists::ContactLists;
pub use contacts::{ContactDraft, Contacts};
pub use error::{Error, ErrorKind};
pub use key::ApiKey;
pub use listing::{Listing, Page};
pub use messages::{FoundMessages, MessageFilter, Messages, SingleSend};
pub use outcome::{
    DryRun, KnownReference, NotAccepted, Rejection, RemoteFault, SendOutcome, UnknownOutcome,
};
pub use resolve::{LookupResult, Resolution};
pub use resume::Resumption;
pub use send_all::BatchOutcome;
pub use settle::Settled;
pub use stat_jobs::{StatJobDraft, StatJobFilter};
pub use stop_list::StopList;
pub use unsettled::Unsettled;

/// The README's first program compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

//! The rules of RCS business messaging on the BSG One-API: what may be sent to whom, what state
//! it is in, what it costs.
//!
//! Everything here is a value or a pure function: no I/O, no async, no clock, no `std`. The feature
//! `serde` reads and writes values as the texts that they are.
//! Values with an invariant are made by checking constructors and never checked again.
//!
//! | to learn | look in |
//! | --- | --- |
//! | what a phone number is | [`msisdn`], [`country`] |
//! | who is sent to, once each, 5000 at a time | [`recipients`], [`batch`] |
//! | what a message may hold | [`message`], [`sms`], every limit in [`rules`] |
//! | whether the platform would send it | [`eligibility`] |
//! | how a message is found again | [`mod@reference`], [`seal`] |
//! | what became of it | [`status`], [`reports`], [`campaign_status`] |
//! | what it costs | [`money`], [`tariff`], [`ledger`] |
//! | what a contact list is called | [`contact_list`] |
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::panic,
        reason = "a test may panic: that is how it fails"
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod base32;
pub mod batch;
pub mod campaign_status;
pub mod contact_list;
mod conversions;
pub mod country;
pub mod eligibility;
pub mod fault;
pub mod ids;
pub mod ledger;
pub mod message;
pub mod money;
pub mod msisdn;
mod number_set;
pub mod recipients;
pub mod reference;
pub mod reports;
pub mod rules;
pub mod seal;
#[cfg(feature = "serde")]
mod serde;
pub mod sms;
pub mod status;
pub mod tariff;
pub mod time;

pub use batch::{Addressee, Batch, BatchCap};
pub use campaign_status::{CampaignEvent, CampaignStatus};
pub use contact_list::ContactListDraft;
pub use country::Country;
pub use fault::{Fault, Faults};
pub use ids::{
    ContactFieldId, ContactId, ContactListId, RemoteCampaignId, StopListEntryId, TariffId,
};
pub use ledger::Ledger;
pub use message::{Message, MessageDraft};
pub use money::{Amount, Currency, Money};
pub use msisdn::Msisdn;
pub use recipients::{Intake, Recipient};
pub use reference::ReferenceId;
pub use reports::{Channel, MessageId, Report, Reports};
pub use rules::{Rule, Severity};
pub use seal::{CampaignId, SealKey};
pub use status::{MessageStatus, ReportedStatus};
pub use tariff::{MessageType, PriceList, Quote};
pub use time::CivilDateTime;

//! What people see of messages and campaigns: a phone, a funnel, a chart.
//!
//! It knows no platform, no store and no network: callers say what to draw in this crate's own words.
//! HTML is escaped by its templates and holds neither a script nor a style of an element, so that a page
//! can forbid both; [`page`] makes a file of it that forbids them itself.
//!
//! | to draw | look in |
//! | --- | --- |
//! | a message as a handset shows it, in HTML or for a terminal | [`handset`] |
//! | how many got how far | [`funnel`] |
//! | how that went over time | [`chart`] |
//! | one file to send to a colleague | [`page`] |
//!
//! ```
//! use bsg_rcs_view::handset::{Face, Handset};
//!
//! let handset = Handset {
//!     agent: "demo_agent".into(),
//!     face: Face::Text("Your table is ready: https://example.com".into()),
//!     ..Handset::default()
//! };
//! assert!(handset.text(80).contains("Your table is ready"));
//! assert!(handset.html().into_string().contains("<a href=\"https://example.com\""));
//! ```
#![forbid(unsafe_code)]

pub mod chart;
pub mod funnel;
pub mod handset;
pub mod page;

mod scale;

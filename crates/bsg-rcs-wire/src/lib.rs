//! The JSON of the BSG One-API for RCS: what goes over the wire, and nothing about what it means.
//!
//! - [`OPENAPI`] is our description of the platform, strict and complete for what we use of it.
//! - [`generated`] are its types, one a schema, its paths and its query parameters. `cargo xtask codegen`
//!   makes them; open word lists keep words that they do not know.
//! - [`lenient`] are the scalars under them, which read every form that the platform is seen to write.
//! - [`mapping`] is the one place where wire and domain meet.
//! - [`read`], [`Callback::read`] and [`Refusal::read`] are the three doors for bytes: answers, callbacks and
//!   whatever is no success. The bytes themselves are the caller's to keep.
//!
//! Reading is lenient and never panics; writing is strict. Only this crate knows the names of JSON fields.

pub mod generated;
pub mod lenient;
pub mod mapping;

mod answer;
mod callback;
mod detail;
mod foreign_text;
mod misread;
mod refusal;
mod repair;

pub use answer::{Data, Kept, Meta, Page, read};
pub use callback::Callback;
pub use foreign_text::{masked, shown};
pub use lenient::{
    CivilText, Decimal, Fault, Faults, FieldValues, Flag, Id, Integer, Maybe, Phone, Secret,
};
pub use misread::Misread;
pub use refusal::{RAW_BYTES, Refusal};

/// Our OpenAPI 3.1 document of the platform, as JSON.
///
/// It says what the platform strictly says, with hard limits only; requests can be checked against it.
pub const OPENAPI: &str = include_str!("../openapi.json");

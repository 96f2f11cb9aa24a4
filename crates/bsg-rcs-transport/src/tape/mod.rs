//! Exchanges kept in a file that people can read and tests can be answered from: [`Record`] and
//! [`Replay`].
//!
//! A tape is text, one exchange in a line of JSON; files can be joined and edited by hand.
//!
//! ```json
//! {"request":{"method":"POST","target":"/api/auth/login","body":{"json":{"api_key":"[secret]"}}},"answer":{"status":200,"headers":{"content-type":"application/json"},"body":{"json":{"bearer":"[secret]"}}}}
//! {"request":{"method":"GET","target":"/api/accounts/balance"},"failure":{"kind":"timeout","certainty":"maybe_sent"}}
//! ```
//!
//! # What does not stand on a tape
//!
//! - **Headers**, but `Content-Type`, `Accept` and `Retry-After`; above all no `Authorization`.
//! - **The host.**
//! - **Secrets**: values of fields and parameters named `api_key`, `bearer`, `token`,
//!   `access_token`, `refresh_token`, `password`, `secret`, `authorization` are `[secret]`, and what
//!   was seen there, or as a token in `Authorization`, and has six characters or more, is replaced
//!   wherever it occurs from then on.
//! - **Phone numbers**: 9 to 15 digits in a field named `number`, `phone`, `msisdn`, `recipient`, or
//!   its plural, or in the parameters `filter[phone]` and `search[value]`. Each has one pseudonym
//!   through the whole recording, from 999000000001 on, in paths, queries and bodies both ways, and
//!   is replaced wherever its digits occur, from the exchange on in which it was recognised.
//!
//! Everything else is kept: names, message texts, ids, callback addresses. A number that stands
//! only in a text, and in no such field, is not recognised; nor is anything in a body that is
//! neither JSON nor text. Look at a tape before you show it.
//!
//! Bodies in JSON come back with the digits of their numbers as they were, and without the spaces
//! between values.

mod entry;
mod json;
mod record;
mod redact;
mod replay;

pub use record::Record;
pub use replay::{Replay, TapeError};

//! Scalars that read whatever any version of the platform might write, and write what the contract says.
//!
//! The contract marks what varies: ids and phones are integers here and strings there, money is a string
//! with seven places or a bare number, empty things are an object, `null` or `[]`. Each type of this module
//! reads all forms of one such thing. None of them judges: whether a number is a phone number or an amount
//! fits seven places is the mapping's question.
//!
//! An informative field of a shape that nobody foresaw never fails a whole answer. Texts, dates, amounts and
//! status words keep it as raw JSON text, [`Maybe`] keeps it aside, and [`optional`] numbers are then as good
//! as missing; whoever needs the original keeps the bytes.

mod contact;
mod decimal;
mod faults;
mod flag;
mod maybe;
mod number;
mod text;

pub use contact::{FieldValues, ids, objects};
pub use decimal::Decimal;
pub use faults::{Fault, Faults};
pub use flag::Flag;
pub use maybe::{Maybe, list, optional};
pub use number::{Digits, Id, Integer, Phone, as_text, as_text_if_any};
pub use text::{CivilText, Secret, any_text, text};

//! Stand-ins for a transport in tests. None of them opens a socket of its own.
//!
//! | to show that the code under test | use |
//! | --- | --- |
//! | says the right thing and understands the answer | [`Scripted`]: answers in order, requests kept |
//! | copes with failures at a certain step | [`Scripted`] with [`then_error`](Scripted::then_error) |
//! | asks the right things of a transport that works | [`Capturing`] around it: requests kept |
//! | survives a bad line, over many exchanges | [`Faulty`] around any: faults by seed and rate |
//! | understands what the platform really said | `Record` and `Replay` (feature `tape`), in `tape` |
//! | can be cancelled, and keeps a time limit of its own | [`NeverAnswers`] |
//! | makes exactly these calls and no other | `MockTransport` (feature `mock`): expectations by [mockall] |
//!
//! Start with [`Scripted`]: a test that reads as a list of answers followed by assertions on the
//! requests survives refactoring better than one written as expectations. `MockTransport` is for
//! the few where the answer depends on the request, or where a call too many must fail on the
//! spot.
//!
//! [mockall]: https://docs.rs/mockall

mod capturing;
mod faulty;
mod never;
mod scripted;

pub use capturing::Capturing;
pub use faulty::{Faults, Faulty};
pub use never::NeverAnswers;
pub use scripted::Scripted;

#[cfg(feature = "mock")]
pub use crate::transport::MockTransport;

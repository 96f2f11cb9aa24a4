//! Stand-ins for a transport in tests. None of them opens a socket.
//!
//! | to show that the code under test | use |
//! | --- | --- |
//! | says the right thing and understands the answer | [`Scripted`]: answers in order, requests kept |
//! | copes with failures at a certain step | [`Scripted`] with [`then_error`](Scripted::then_error) |
//! | can be cancelled, and keeps a time limit of its own | [`NeverAnswers`] |
//! | makes exactly these calls and no other | `MockTransport` (feature `mock`): expectations by [mockall] |
//!
//! Start with [`Scripted`]: a test that reads as a list of answers followed by assertions on the
//! requests survives refactoring better than one written as expectations. `MockTransport` is for
//! the few where the answer depends on the request, or where a call too many must fail on the
//! spot.
//!
//! [mockall]: https://docs.rs/mockall

mod never;
mod scripted;

pub use never::NeverAnswers;
pub use scripted::Scripted;

#[cfg(feature = "mock")]
pub use crate::transport::MockTransport;

//! The wire crate from outside: what it reads, what it writes, and that both agree with its document.

mod answers;
mod callbacks;
mod document;
mod hostile;
mod mapping;
mod outgoing;
mod refusals;
mod requests;

//! How to: a page a task, each with code that compiles.
//!
//! | task | page |
//! | --- | --- |
//! | the five commonest tasks, in a few lines each | [`tasks`] |
//! | send one message | [`send`] |
//! | send to many | [`campaign`] |
//! | know what became of a send that was not answered | [`resolve`] |
//! | receive delivery reports and clicks | [`webhook`] |
//! | bring a transport of one's own | [`own_transport`] |
//! | read what the platform says beyond what is modelled | [`raw`] |

#[doc = include_str!("guide/tasks.md")]
pub mod tasks {}

#[doc = include_str!("guide/send.md")]
pub mod send {}

#[doc = include_str!("guide/campaign.md")]
pub mod campaign {}

#[doc = include_str!("guide/resolve.md")]
pub mod resolve {}

#[doc = include_str!("guide/webhook.md")]
pub mod webhook {}

#[doc = include_str!("guide/own_transport.md")]
pub mod own_transport {}

#[doc = include_str!("guide/raw.md")]
pub mod raw {}

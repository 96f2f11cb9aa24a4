//! The default transport of bsg-rcs, over reqwest: [`ReqwestTransport`].
//!
//! It keeps the contract of [`Transport`](bsg_rcs_transport::Transport), and no type of reqwest
//! shows in its signatures. What reqwest would do of its own accord is off: redirects, repeated
//! requests, decompression, the `Referer` header.
//!
//! | module | what lives there |
//! | --- | --- |
//! | `transport` | the exchange: time limit, choice of route, the answer read whole |
//! | `builder` | the settings, and what of reqwest is switched off, and why |
//! | `failure` | from reqwest's errors to ours: which of them prove that nothing was sent |

mod builder;
mod failure;
mod transport;

pub use builder::{BuildError, ReqwestTransportBuilder};
pub use transport::ReqwestTransport;

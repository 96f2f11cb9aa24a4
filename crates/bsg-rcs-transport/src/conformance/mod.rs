//! A kit that puts any transport to the proof of its contract, over real sockets on loopback.
//!
//! It brings a server of its own, which says by hand what no well-behaved server would. It must run
//! within a Tokio runtime with its timer and its sockets enabled.
//!
//! ```no_run
//! # use bsg_rcs_transport::{conformance, doubles::Scripted as MyTransport};
//! #[tokio::test]
//! async fn it_keeps_the_contract() {
//!     conformance::prove(|| MyTransport::new()).await;
//! }
//! ```
//!
//! A transport without TLS says so: `Kit::new().without_tls().prove(..)`. What a kit leaves out
//! stands in its [`Report`], with the reason. One law alone is put to the proof by [`Law::hold`].
//!
//! | file | what lives there |
//! | --- | --- |
//! | `whole` | what was sent arrives, and what was answered comes back |
//! | `certainty` | what a failure proves |
//! | `once` | nothing is sent twice: redirects, losses, stale connections |
//! | `limits` | limits of time and size, and a dropped future |
//! | `many` | exchanges at once |
//! | `server`, `subject` | what the laws are written with |
//!
//! What it does not prove: that certificates are verified, HTTP/2, proxies, and the time limit of a
//! transport's own that holds when the request brings none.

mod certainty;
mod laws;
mod limits;
mod many;
mod once;
mod server;
mod subject;
mod whole;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::transport::Transport;
use laws::Needs;
use subject::Terms;

pub use laws::{Law, laws};
pub use subject::Seen;

/// The terms on which a transport is put to the proof.
#[derive(Clone, Debug)]
#[must_use = "call prove() or run()"]
pub struct Kit {
    terms: Terms,
    tls: bool,
    names: bool,
}

impl Default for Kit {
    fn default() -> Self {
        let terms = Terms {
            patience: Duration::from_secs(20),
            largest_answer: 64 * 1024 * 1024,
            exchanges: 1000,
            at_once: 250,
        };
        Self { terms, tls: true, names: true }
    }
}

impl Kit {
    /// A kit that leaves nothing out.
    pub fn new() -> Self {
        Self::default()
    }

    /// Leaves out what takes TLS: the transport speaks plain HTTP only.
    pub fn without_tls(mut self) -> Self {
        self.tls = false;
        self
    }

    /// Leaves out what takes a resolver: for a machine on which `nowhere.invalid` resolves, or asking
    /// takes long.
    pub fn without_names(mut self) -> Self {
        self.names = false;
        self
    }

    /// How long an event may take that must come; 20 seconds unless set. Only what breaks a law
    /// waits for it.
    pub fn patience(mut self, bound: Duration) -> Self {
        self.terms.patience = bound;
        self
    }

    /// The largest body of an answer that the transport accepts, in bytes; 64 MiB unless set, and
    /// at least 1 MiB, which every transport must accept. 1 MiB more than that is sent, and must be
    /// refused.
    pub fn largest_answer(mut self, bytes: usize) -> Self {
        self.terms.largest_answer = bytes.max(1024 * 1024);
        self
    }

    /// How many exchanges are made together (1000 unless set), and how many of them may be under way
    /// at one time (250 unless set, at least 1). Each of those takes up to two sockets of this
    /// process, whose number the system limits: often to 1024.
    pub fn concurrency(mut self, exchanges: usize, at_once: usize) -> Self {
        self.terms.exchanges = exchanges;
        self.terms.at_once = at_once.max(1);
        self
    }

    /// Puts transports to the proof of every law, each law with a transport of its own.
    ///
    /// # Panics
    ///
    /// When a law does not hold, with the whole [`Report`].
    pub async fn prove<T: Transport + 'static>(&self, make: impl Fn() -> T) {
        let report = self.run(make).await;
        assert!(report.holds(), "{report}");
    }

    /// Puts transports to the proof of every law and tells what was seen.
    pub async fn run<T: Transport + 'static>(&self, make: impl Fn() -> T) -> Report {
        let mut findings = Vec::new();
        for law in laws() {
            let finding = match self.reason_to_skip(law) {
                Some(reason) => Finding::Skipped(reason),
                None => match law.prove(self.terms.clone(), Arc::new(make())).await {
                    Ok(()) => Finding::Holds,
                    Err(seen) => Finding::Broken(seen),
                },
            };
            findings.push((law.name(), finding));
        }
        Report { findings }
    }

    fn reason_to_skip(&self, law: &Law) -> Option<&'static str> {
        match law.needs {
            Needs::Tls if !self.tls => Some("the transport has no TLS"),
            Needs::Names if !self.names => Some("there is no resolver to ask"),
            Needs::Nothing | Needs::Tls | Needs::Names => None,
        }
    }
}

/// Puts transports to the proof of every law on the usual terms.
///
/// # Panics
///
/// When a law does not hold, with the whole [`Report`].
pub async fn prove<T: Transport + 'static>(make: impl Fn() -> T) {
    Kit::new().prove(make).await;
}

/// What became of every law. Printed, it is a list: the law, and what was seen where it is broken.
#[derive(Clone, Debug)]
#[must_use = "a broken law stands in it"]
pub struct Report {
    findings: Vec<(&'static str, Finding)>,
}

#[derive(Clone, Debug)]
enum Finding {
    Holds,
    Broken(String),
    Skipped(&'static str),
}

impl Report {
    /// Whether no law is broken.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.broken().next().is_none()
    }

    /// The broken laws, each with what was seen.
    pub fn broken(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.findings.iter().filter_map(|(law, finding)| match finding {
            Finding::Broken(seen) => Some((*law, seen.as_str())),
            Finding::Holds | Finding::Skipped(_) => None,
        })
    }

    /// The laws that were left out, each with the reason.
    pub fn skipped(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.findings.iter().filter_map(|(law, finding)| match finding {
            Finding::Skipped(reason) => Some((*law, *reason)),
            Finding::Holds | Finding::Broken(_) => None,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (law, finding) in &self.findings {
            let law = law.replace('_', " ");
            match finding {
                Finding::Holds => writeln!(f, "holds    {law}")?,
                Finding::Broken(seen) => writeln!(f, "BROKEN   {law}: {seen}")?,
                Finding::Skipped(reason) => writeln!(f, "skipped  {law}: {reason}")?,
            }
        }
        Ok(())
    }
}

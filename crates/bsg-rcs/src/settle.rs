//! Waiting until a send has settled: the loop that every caller would write around
//! [`Client::resolve`].

use std::time::Duration;

use bsg_rcs_domain::{Channel, Message};
use bsg_rcs_transport::Certainty;
use bsg_rcs_wire::mapping::incoming::RemoteMessage;

use crate::client::Client;
use crate::error::{Error, ErrorKind};
use crate::messages::{Messages, SingleSend};
use crate::outcome::{Rejection, SendOutcome};
use crate::resolve::Resolution;
use crate::unsettled::Unsettled;

/// How long looking up is tried again after a send has settled, if every look fails.
const LOOK_ON: Duration = Duration::from_secs(60);
/// Between two looks that fail.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// What became of a single send, in the end.
#[derive(Debug, Clone)]
#[must_use = "a send that is undecided must not be sent again"]
pub enum Settled {
    /// The platform has the message.
    Sent(Box<RemoteMessage>),
    /// The platform refused it; nothing was sent.
    Rejected(Rejection),
    /// It was not answered, and the platform does not have it: it can be sent again, under the same
    /// reference.
    Absent,
    /// Looking does not tell. A person decides.
    Undecided(Unsettled),
}

impl Client {
    /// Looks at an unsettled send until that tells what became of it: never
    /// [`Resolution::NotYet`]. It takes up to [`settle_time`](Client::settle_time).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be asked for a minute after the send has settled, or there
    /// is no timer to wait by: see [`ClientBuilder::timer`](crate::ClientBuilder::timer).
    pub async fn settle(&self, unsettled: &Unsettled) -> Result<Resolution, Error> {
        let mut failing_for = Duration::ZERO;
        loop {
            let wait = match self.resolve(unsettled).await {
                Ok(Resolution::NotYet(wait)) => wait,
                Ok(resolution) => return Ok(resolution),
                Err(error) => {
                    if failing_for >= LOOK_ON {
                        return Err(error);
                    }
                    if self.wait_for(unsettled).is_zero() {
                        failing_for = failing_for.saturating_add(LOOK_AGAIN);
                    }
                    LOOK_AGAIN
                }
            };
            let Some(waiting) = self.inner.timer.wait(wait) else { return Err(no_timer()) };
            waiting.await;
        }
    }
}

impl Messages<'_> {
    /// Sends one message, and if that is not answered with certainty, looks until it is known what
    /// became of it.
    ///
    /// # Cancellation
    /// As that of [`send`](Self::send).
    ///
    /// # Errors
    /// [`Error`] if nothing was sent, or as [`Client::settle`] says: its
    /// [`certainty`](Error::certainty) tells the two apart.
    pub async fn send_and_settle(
        self,
        message: &Message,
        send: &SingleSend,
    ) -> Result<Settled, Error> {
        let unsettled = match self.send(message, send).await? {
            SendOutcome::Accepted(sent) => return Ok(Settled::Sent(Box::new(sent))),
            SendOutcome::Rejected(why) => return Ok(Settled::Rejected(why)),
            SendOutcome::Unknown(unknown) => unknown.unsettled,
            SendOutcome::AlreadyKnown(known) => known.unsettled,
        };
        let resolution = self.0.settle(&unsettled).await.map_err(Error::after_the_send)?;
        Ok(match resolution {
            Resolution::Arrived(messages) => match rcs_of(messages) {
                Some(message) => Settled::Sent(Box::new(message)),
                None => Settled::Undecided(unsettled),
            },
            Resolution::Absent => Settled::Absent,
            Resolution::NotYet(_) | Resolution::GivenUp { .. } => Settled::Undecided(unsettled),
        })
    }
}

/// The RCS message among those of one reference; the SMS of its alternative channel came later.
fn rcs_of(messages: Vec<RemoteMessage>) -> Option<RemoteMessage> {
    let is_sms = |message: &RemoteMessage| message.report.channel == Some(Channel::Sms);
    let at = messages.iter().position(|message| !is_sms(message)).unwrap_or(0);
    messages.into_iter().nth(at)
}

fn no_timer() -> Error {
    let why = "waiting needs a timer: hand one in, or call within Tokio's runtime";
    Error::of(ErrorKind::Request(why.to_owned()), Certainty::MaybeSent)
}

//! Resolving: what became of a send whose outcome is not known.
//!
//! Every send carries references, and the platform finds messages by them (assumption A20). So
//! after a timeout one looks before one sends again:
//!
//! | found of its messages | before it has settled | after |
//! | --- | --- | --- |
//! | all | arrived | arrived |
//! | some | not yet | given up: a person must decide, or the rest be sent under new eyes |
//! | none | not yet | absent: send again, under the same references |
//!
//! A message counts as found only if it went to the same number (or none is said of it). Settling
//! takes longer than a request may take and the platform's duplicate guard remembers: a request that
//! is still on its way is not taken for one that never arrived.

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::time::Duration;

use bsg_rcs_domain::{Addressee, Msisdn, ReferenceId};
use bsg_rcs_wire::mapping::incoming::RemoteMessage;
use futures_util::StreamExt;

use crate::call::misread;
use crate::client::Client;
use crate::error::Error;
use crate::messages::MessageFilter;

/// How long the platform remembers a request to refuse its like (assumption A17).
const GUARD_WINDOW: Duration = Duration::from_secs(10);
/// For clocks and queues.
const AIR: Duration = Duration::from_secs(5);
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// The most references of one send that are looked up before it counts as not found.
const PROBES: usize = 8;

/// A send that may have arrived: whom it was for, and when it has settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsettled {
    to: Vec<Addressee>,
    /// On the client's monotonic clock.
    settles_at: Duration,
}

impl Unsettled {
    /// Whom it was for. Empty for a send to contact lists, which carries no references.
    pub fn addressees(&self) -> &[Addressee] {
        &self.to
    }

    /// The references that it carried.
    pub fn references(&self) -> Vec<ReferenceId> {
        self.to.iter().map(|to| to.reference).collect()
    }
}

/// What a look at an unsettled send found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Resolution {
    /// The platform has all of its messages.
    Arrived(Vec<RemoteMessage>),
    /// It has settled, and the platform has none of its messages: it can be sent again, under the
    /// same references.
    Absent,
    /// It has not settled: look again after this time.
    NotYet(Duration),
    /// It has settled, and looking does not tell: the platform has some of its messages (and these
    /// may be all that it will ever have), or there is nothing to look for. Sending all of it again
    /// would message somebody twice if the platform let it.
    GivenUp {
        /// What the platform has.
        found: Vec<RemoteMessage>,
        /// Whom it has no message for.
        missing: Vec<Addressee>,
    },
}

/// The messages of a send that the platform has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// The platform's campaign that they belong to.
    pub campaign: Option<u64>,
    /// The messages: each with a reference of the send, and to the number that it was for. The SMS
    /// of an alternative channel comes beside its message.
    pub messages: Vec<RemoteMessage>,
}

impl Client {
    /// A send that may have arrived, by what a caller kept of it; it settles from now on.
    pub fn unsettled(&self, to: Vec<Addressee>) -> Unsettled {
        let settles_at = (self.inner.clock)().saturating_add(self.settle_time());
        Unsettled { to, settles_at }
    }

    /// How long after its end a send counts as settled: longer than a request may take and the
    /// platform's duplicate guard remembers.
    pub fn settle_time(&self) -> Duration {
        self.inner.request_timeout.saturating_add(GUARD_WINDOW).saturating_add(AIR)
    }

    /// Looks once at what became of a send.
    ///
    /// ```no_run
    /// # use bsg_rcs::{Client, Resolution, Unsettled};
    /// # async fn run(client: &Client, unsettled: &Unsettled) -> Result<(), bsg_rcs::Error> {
    /// loop {
    ///     match client.resolve(unsettled).await? {
    ///         Resolution::Arrived(messages) => println!("{} messages", messages.len()),
    ///         Resolution::Absent => println!("send it again, under the same references"),
    ///         Resolution::GivenUp { missing, .. } => println!("{} are missing", missing.len()),
    ///         Resolution::NotYet(wait) => {
    ///             tokio::time::sleep(wait).await;
    ///             continue;
    ///         }
    ///     }
    ///     return Ok(());
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be asked, or passes over what it was asked for: then nothing
    /// is known, and it can be asked again.
    pub async fn resolve(&self, unsettled: &Unsettled) -> Result<Resolution, Error> {
        // Read before looking: what arrives while we look arrived before it settled.
        let wait = unsettled.settles_at.saturating_sub((self.inner.clock)());
        let found = self.look_up(&unsettled.to).await?.messages;
        let known: HashSet<_> = found.iter().filter_map(|message| message.reference).collect();
        let missing: Vec<_> =
            unsettled.to.iter().filter(|to| !known.contains(&to.reference)).copied().collect();
        Ok(match (missing.is_empty(), found.is_empty()) {
            (true, false) => Resolution::Arrived(found),
            _ if !wait.is_zero() => Resolution::NotYet(wait.min(LOOK_EVERY)),
            (false, true) => Resolution::Absent,
            _ => Resolution::GivenUp { found, missing },
        })
    }

    /// The messages of a send that the platform has: some of its references are looked up, and if
    /// one is known, all messages of the campaign that it belongs to are read.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be asked, or passes over what it was asked for.
    pub async fn look_up(&self, to: &[Addressee]) -> Result<Found, Error> {
        let wanted: Wanted = to.iter().map(|to| (to.reference, to.number)).collect();
        let mut found = Found::default();
        for probe in probes(to) {
            let listed = self.messages().find(probe.reference).await?;
            found.messages.extend(listed.into_iter().filter(|message| is_of(message, &wanted)));
            found.campaign = found.messages.iter().find_map(|message| message.campaign);
            if let Some(campaign) = found.campaign {
                self.add_campaign(campaign, &wanted, &mut found.messages).await?;
                break;
            }
        }
        Ok(found)
    }

    /// Adds the campaign's messages to those that were found by their references. These stay, even
    /// if the campaign's list does not have them: who was messaged must not count as nobody.
    async fn add_campaign(
        &self,
        campaign: u64,
        wanted: &Wanted,
        found: &mut Vec<RemoteMessage>,
    ) -> Result<(), Error> {
        let mut known: HashSet<_> = found.iter().map(|message| message.report.message).collect();
        let filter = MessageFilter { campaign: Some(campaign), ..MessageFilter::default() };
        let mut all = pin!(self.messages().all(filter));
        while let Some(message) = all.next().await.transpose()? {
            if message.campaign.is_some_and(|of| of != campaign) {
                // To go on would be to read everything that the account ever sent.
                return Err(misread(&"the list is not narrowed to the campaign"));
            }
            if is_of(&message, wanted) && known.insert(message.report.message) {
                found.push(message);
            }
        }
        Ok(())
    }
}

/// The numbers that messages are for, by their references.
type Wanted = HashMap<ReferenceId, Msisdn>;

/// Whether a message carries one of the references, and went to the number that it was for. One of
/// which no number is said is taken for it: absent must not be said of a message that is there.
fn is_of(message: &RemoteMessage, wanted: &Wanted) -> bool {
    let number = message.reference.and_then(|reference| wanted.get(&reference));
    number.is_some_and(|number| message.number.is_none_or(|went_to| went_to == *number))
}

/// Addressees spread evenly over a send, the first and the last among them.
fn probes(to: &[Addressee]) -> impl Iterator<Item = &Addressee> {
    let last = to.len().saturating_sub(1);
    let steps = PROBES.min(to.len()).saturating_sub(1).max(1);
    let mut at: Vec<_> = (0..=steps).map(|step| last * step / steps).collect();
    at.dedup();
    at.into_iter().filter_map(|at| to.get(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_are_spread_and_few() {
        for (count, expected) in [
            (0, vec![]),
            (1, vec![0]),
            (2, vec![0, 1]),
            (3, vec![0, 1, 2]),
            (9, vec![0, 1, 2, 3, 4, 5, 6, 8]),
            (5000, vec![0, 714, 1428, 2142, 2856, 3570, 4284, 4999]),
        ] {
            let to: Vec<_> = (0..count)
                .map(|at| Addressee {
                    number: Msisdn::from_u64(380_660_000_000 + at).unwrap(),
                    reference: ReferenceId::parse(&format!("r{at}")).unwrap(),
                })
                .collect();
            let probed: Vec<_> =
                probes(&to).map(|to| to.number.as_u64() - 380_660_000_000).collect();
            assert_eq!(probed, expected, "{count}");
        }
    }
}

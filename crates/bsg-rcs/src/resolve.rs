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
//! | none, and the platform knew a reference, or listed what cannot be compared | not yet | given up |
//!
//! A message counts as found only if it went to the same number (or none is said of it). Settling
//! takes longer than a request may take and the platform's duplicate guard remembers: a request that
//! is still on its way is not taken for one that never arrived.

use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::time::Duration;

use bsg_rcs_domain::{Addressee, Msisdn, ReferenceId, RemoteCampaignId};
use bsg_rcs_wire::mapping::incoming::RemoteMessage;
use futures_util::StreamExt;

use crate::call::misread;
use crate::client::Client;
use crate::error::Error;
use crate::listing;
use crate::messages::{self, MessageFilter, Messages};
use crate::unsettled::Unsettled;

/// How long the platform remembers a request to refuse its like (assumption A17).
const GUARD_WINDOW: Duration = Duration::from_secs(10);
/// For clocks and queues.
const AIR: Duration = Duration::from_secs(5);
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// The most references of one send that are looked up before it counts as not found.
const PROBES: usize = 8;

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
    /// may be all that it will ever have), it knew a reference and shows no message, it listed what
    /// cannot be compared, or there is nothing to look for. Sending it again could message a recipient
    /// twice.
    GivenUp {
        /// What the platform has.
        found: Vec<RemoteMessage>,
        /// Whom it has no message for.
        missing: Vec<Addressee>,
    },
}

/// The messages of a send that the platform has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LookupResult {
    /// The platform's campaign that they belong to.
    pub campaign: Option<RemoteCampaignId>,
    /// The messages: each with a reference of the send, and to the number that it was for. The SMS
    /// of an alternative channel comes beside its message.
    pub messages: Vec<RemoteMessage>,
    /// Whether every message that the platform listed could be matched or excluded with certainty.
    /// If not, that a message is missing from the above does not say that it was never sent.
    pub is_complete: bool,
}

impl Client {
    /// A send that may have arrived, by what a caller kept of it; it settles from now on.
    pub fn unsettled(&self, to: Vec<Addressee>) -> Unsettled {
        self.unsettled_since(to, Duration::ZERO)
    }

    /// A send that may have arrived and ended this long ago: for callers that kept it elsewhere.
    pub fn unsettled_since(&self, to: Vec<Addressee>, age: Duration) -> Unsettled {
        let left = self.settle_time().saturating_sub(age);
        let wall = self.inner.wall_clock.now();
        Unsettled {
            to,
            settles_at: (self.inner.clock)().saturating_add(left),
            clock: self.inner.clock_id,
            settles_at_wall: wall.map(|now| now.saturating_add(left)),
            is_known: false,
        }
    }

    /// How long it is until a send has settled.
    pub(crate) fn wait_for(&self, unsettled: &Unsettled) -> Duration {
        if unsettled.clock == self.inner.clock_id {
            return unsettled.settles_at.saturating_sub((self.inner.clock)());
        }
        // Another client's monotonic clock says nothing here. A wall clock can be set: by how much
        // it errs is bounded.
        let left = match (unsettled.settles_at_wall, self.inner.wall_clock.now()) {
            (Some(settles_at), Some(now)) => settles_at.saturating_sub(now),
            _ => self.settle_time(),
        };
        left.min(self.settle_time())
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
        let wait = self.wait_for(unsettled);
        let LookupResult { messages: found, is_complete, .. } = self.look_up(&unsettled.to).await?;
        let known: HashSet<_> = found.iter().filter_map(|message| message.reference).collect();
        let missing: Vec<_> =
            unsettled.to.iter().filter(|to| !known.contains(&to.reference)).copied().collect();
        Ok(match (missing.is_empty(), found.is_empty()) {
            (true, false) => Resolution::Arrived(found),
            _ if !wait.is_zero() => Resolution::NotYet(wait.min(LOOK_EVERY)),
            (false, true) if is_complete && !unsettled.is_known => Resolution::Absent,
            _ => Resolution::GivenUp { found, missing },
        })
    }

    /// The messages of a send that the platform has: some of its references are looked up, and if
    /// one is known, all messages of the campaign that it belongs to are read.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be asked, or passes over what it was asked for.
    pub async fn look_up(&self, to: &[Addressee]) -> Result<LookupResult, Error> {
        let wanted = Wanted::new(to);
        let mut found = LookupResult { campaign: None, messages: Vec::new(), is_complete: true };
        for probe in probes(to) {
            let listed = self.messages().listed_by(probe.reference).await?;
            found.is_complete &= listed.is_whole && listed.unreadable == 0;
            for message in listed.messages {
                found.take(message, &wanted);
            }
            found.campaign = found.messages.iter().find_map(|message| message.campaign);
            if let Some(campaign) = found.campaign {
                self.add_campaign(campaign, &wanted, &mut found).await?;
                break;
            }
        }
        Ok(found)
    }

    /// Adds the campaign's messages to those that were found by their references. These stay, even
    /// if the campaign's list does not have them: a recipient that was messaged must not be missed.
    async fn add_campaign(
        &self,
        campaign: RemoteCampaignId,
        wanted: &Wanted,
        found: &mut LookupResult,
    ) -> Result<(), Error> {
        let mut known: HashSet<_> =
            found.messages.iter().map(|message| message.report.message).collect();
        let filter = MessageFilter::default().campaign(campaign);
        let messages = self.messages();
        let mut pages =
            pin!(listing::pages(Messages::PAGE_MAX, messages::id_of, |offset, limit| {
                messages.page(filter, offset, limit)
            }));
        while let Some(page) = pages.next().await.transpose()? {
            found.is_complete &= page.unreadable == 0;
            for message in page.items {
                if message.campaign.is_some_and(|of| of != campaign) {
                    // To go on would be to read everything that the account ever sent.
                    return Err(misread(&"the list is not narrowed to the campaign"));
                }
                if known.insert(message.report.message) {
                    found.take(message, wanted);
                }
            }
        }
        Ok(())
    }
}

impl LookupResult {
    /// Takes a listed message in if it is one of the send; notes if that cannot be told.
    fn take(&mut self, mut message: RemoteMessage, wanted: &Wanted) {
        match wanted.judge(&message) {
            Match::Ours(reference) => {
                self.is_complete &= message.number.is_some();
                message.reference = Some(reference);
                self.messages.push(message);
            }
            Match::Perhaps => self.is_complete = false,
            Match::Other => {}
        }
    }
}

/// The addressees of a send, as listed messages are compared with them.
struct Wanted {
    /// By the reference in lower case: a platform may answer one in another case.
    by_reference: HashMap<String, Vec<Addressee>>,
    numbers: HashSet<Msisdn>,
}

/// Whether a listed message is one of the send.
enum Match {
    /// It is, under this reference of the send.
    Ours(ReferenceId),
    /// That cannot be told.
    Perhaps,
    /// It is not.
    Other,
}

impl Wanted {
    fn new(to: &[Addressee]) -> Self {
        let mut by_reference = HashMap::<_, Vec<_>>::new();
        for to in to {
            by_reference.entry(to.reference.as_str().to_ascii_lowercase()).or_default().push(*to);
        }
        Self { by_reference, numbers: to.iter().map(|to| to.number).collect() }
    }

    /// A message with a reference of the send is the send's, if it went to the number that the
    /// reference was for, or none is said of it. With another number it may be (the platform may
    /// write numbers in another form), and so may one without a reference to a number of the send.
    fn judge(&self, message: &RemoteMessage) -> Match {
        let Some(theirs) = message.reference else {
            let excluded = message.number.is_some_and(|number| !self.numbers.contains(&number));
            return if excluded { Match::Other } else { Match::Perhaps };
        };
        let same = self.by_reference.get(&theirs.as_str().to_ascii_lowercase());
        let Some(same) = same else { return Match::Other };
        let exact = same.iter().filter(|to| to.reference == theirs);
        let mut candidates =
            exact.chain(same).filter(|to| message.number.is_none_or(|number| number == to.number));
        candidates.next().map_or(Match::Perhaps, |to| Match::Ours(to.reference))
    }
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

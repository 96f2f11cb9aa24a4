//! Statistics jobs of the account: the bill, message by message.

use bsg_rcs_domain::{CivilDateTime, MessageId, Msisdn};
use bsg_rcs_transport::http::{Method, Response};
use bsg_rcs_transport::{Bytes, Certainty};
use bsg_rcs_wire::generated::{self as wire, paths};
use bsg_rcs_wire::mapping::incoming::{self, BilledMessage, StatJob, StatJobKey};
use bsg_rcs_wire::{CivilText, Id, Phone};

use crate::account::Account;
use crate::call::{Call, carried_out, misread, read_success, refusal, unbuilt};
use crate::error::{Error, ErrorKind};
use crate::listing::{Listed, Page};

/// Which messages a statistics job is of: messages by their ids, or all that match.
///
/// All times are in the platform's own zone, which it does not name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct StatJobDraft(Chosen);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Chosen {
    Messages(Vec<MessageId>),
    Matching(Box<Matching>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Matching {
    taken: (CivilDateTime, CivilDateTime),
    filter: StatJobFilter,
}

/// What narrows a statistics job down; what is `None` narrows nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct StatJobFilter {
    /// Sent at or after this time.
    pub sent_from: Option<CivilDateTime>,
    /// Sent at or before this time.
    pub sent_to: Option<CivilDateTime>,
    /// To one of these numbers.
    pub numbers: Option<Vec<Msisdn>>,
    /// The sender's name.
    pub sender: Option<String>,
    /// The door that messages came in by: `web`, `rest`, and so on.
    pub source: Option<String>,
    /// The country's name.
    pub country: Option<String>,
    /// The platform's id of the operator.
    pub operator_id: Option<String>,
    /// The status, as the platform writes it here: with a capital, `Delivered`.
    pub status: Option<String>,
}

impl StatJobDraft {
    /// The messages with these ids, at least one.
    pub fn of_messages(ids: impl IntoIterator<Item = MessageId>) -> Self {
        Self(Chosen::Messages(ids.into_iter().collect()))
    }

    /// All messages that the platform took from `from` to `to`, both included.
    pub fn taken(from: CivilDateTime, to: CivilDateTime) -> Self {
        Self::taken_and(from, to, StatJobFilter::default())
    }

    /// As [`taken`](Self::taken), those only that match the filter too.
    pub fn taken_and(from: CivilDateTime, to: CivilDateTime, filter: StatJobFilter) -> Self {
        Self(Chosen::Matching(Box::new(Matching { taken: (from, to), filter })))
    }

    fn body(&self) -> Result<wire::StatJobDraft, Error> {
        match &self.0 {
            Chosen::Messages(ids) if ids.is_empty() => {
                Err(unbuilt(&"a statistics job must name at least one message"))
            }
            Chosen::Messages(ids) => {
                let ids = ids.iter().map(|id| Id(id.0)).collect();
                Ok(wire::StatJobDraft { message_id: Some(ids), ..empty("message") })
            }
            Chosen::Matching(matching) => matching.body(),
        }
    }
}

impl Matching {
    fn body(&self) -> Result<wire::StatJobDraft, Error> {
        let (from, to) = self.taken;
        if from > to {
            return Err(unbuilt(&format!("a statistics job begins at {from}, after its end {to}")));
        }
        let filter = self.filter.clone();
        let phones = filter.numbers.map(|numbers| {
            numbers.into_iter().map(|number| Phone(number.as_u64())).collect::<Vec<_>>()
        });
        Ok(wire::StatJobDraft {
            time_in_from: Some(civil(from)),
            time_in_to: Some(civil(to)),
            time_sent_from: filter.sent_from.map(civil),
            time_sent_to: filter.sent_to.map(civil),
            phones,
            sender: filter.sender,
            source: filter.source,
            country: filter.country,
            operator_id: filter.operator_id,
            status: filter.status,
            ..empty("params")
        })
    }
}

impl Account<'_> {
    /// The statistics jobs of the account (`GET /api/stat/jobs`).
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached, refuses, or answers something else; an item that
    /// cannot be read is an error too.
    pub async fn stat_jobs(self) -> Result<Vec<StatJob>, Error> {
        let answer = self.0.exchange(&Call::get(paths::STAT_JOBS)).await?;
        succeeded(&answer)?;
        let list: Listed<wire::StatJob> = read_success(&answer)?;
        Page::of(&list, incoming::stat_job).all_of_it()
    }

    /// Makes a statistics job, and answers its key (`POST /api/stat/jobs`).
    ///
    /// # Errors
    /// [`Error`] if the draft names no message or its times are the wrong way round, or the platform
    /// cannot be reached or answers something else. [`ErrorKind::Refused`] if it refuses: also when
    /// the account has as many jobs as it may have ("Maximum count of exports reached", which comes
    /// with status 200); delete one then. An answer that was lost may have made a job:
    /// [`stat_jobs`](Self::stat_jobs) shows it.
    pub async fn create_stat_job(self, job: &StatJobDraft) -> Result<StatJobKey, Error> {
        let call = Call::change(Method::POST, paths::STAT_JOBS).json(&job.body()?)?;
        let answer = self.0.exchange(&call).await?;
        succeeded(&answer)?;
        let made: wire::StatJobAnswer = read_success(&answer)?;
        match (made.key.filter(|key| !key.trim().is_empty()), made.error_description) {
            (Some(key), _) => StatJobKey::parse(&key).map_err(|why| misread(&why)),
            (None, Some(_)) => Err(refused(&answer)),
            (None, None) => Err(misread(&"the statistics job has no `key`")),
        }
    }

    /// The rows of a statistics job, one a message (`GET /api/stat/jobs/{key}`). Rows that cannot be
    /// read are counted in [`Page::unreadable`].
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached or answers something else;
    /// [`ErrorKind::Refused`] if it has no such job (its error 90, with status 200).
    pub async fn stat_job(self, key: &StatJobKey) -> Result<Page<BilledMessage>, Error> {
        let answer = self.0.exchange(&Call::get(address(key))).await?;
        succeeded(&answer)?;
        let rows: Listed<wire::StatRow> = read_success(&answer)?;
        Ok(Page::of(&rows, incoming::billed_message))
    }

    /// Deletes a statistics job (`DELETE /api/stat/jobs/{key}`); the messages stay.
    ///
    /// # Errors
    /// [`Error`] if the platform cannot be reached; [`ErrorKind::Refused`] if it has no such job (its
    /// error 90, with status 200).
    pub async fn delete_stat_job(self, key: &StatJobKey) -> Result<(), Error> {
        succeeded(&self.0.exchange(&Call::change(Method::DELETE, address(key))).await?)
    }
}

/// Whether an answer of this older surface is a success: its errors come with status 200 too.
fn succeeded(answer: &Response<Bytes>) -> Result<(), Error> {
    carried_out(answer)?;
    match refusal(answer).code {
        None | Some(0) => Ok(()),
        Some(_) => Err(refused(answer)),
    }
}

fn refused(answer: &Response<Bytes>) -> Error {
    Error::of(ErrorKind::Refused(Box::new(refusal(answer))), Certainty::MaybeSent)
}

/// The address of a job. Characters that mean something in an address are escaped.
fn address(key: &StatJobKey) -> String {
    let key: String = url::form_urlencoded::byte_serialize(key.as_str().as_bytes()).collect();
    paths::STAT_JOBS_KEY.replace("{key}", &key)
}

fn civil(time: CivilDateTime) -> CivilText {
    CivilText(time.to_string())
}

fn empty(kind: &str) -> wire::StatJobDraft {
    wire::StatJobDraft {
        r#type: kind.to_owned(),
        message_id: None,
        time_in_from: None,
        time_in_to: None,
        time_sent_from: None,
        time_sent_to: None,
        phones: None,
        sender: None,
        source: None,
        country: None,
        operator_id: None,
        status: None,
    }
}

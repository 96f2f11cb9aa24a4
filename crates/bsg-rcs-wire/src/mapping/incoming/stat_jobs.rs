//! Statistics jobs: the bill, message by message.

use core::fmt;

use bsg_rcs_domain::{Channel, CivilDateTime, MessageId, Msisdn, ReportedStatus};

use super::{Price, Unmappable, civil, number};
use crate::generated as wire;

/// The key of a statistics job: 1 to 128 visible ASCII characters.
///
/// The platform does not document what its keys look like. A key is written into an address, so a
/// text of dots alone is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatJobKey(String);

/// A text that is no key of a statistics job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a job's key must be 1 to 128 visible ASCII characters, not all of them dots")]
#[non_exhaustive]
pub struct InvalidStatJobKey;

impl StatJobKey {
    /// The most characters of a key.
    pub const LEN_MAX: usize = 128;

    /// Reads a key; white space around it is cut.
    ///
    /// # Errors
    /// [`InvalidStatJobKey`] if it is empty, too long, has other characters, or is all dots.
    pub fn parse(text: &str) -> Result<Self, InvalidStatJobKey> {
        let text = text.trim();
        let is_key = text.len() <= Self::LEN_MAX
            && text.bytes().all(|byte| byte.is_ascii_graphic())
            && text.bytes().any(|byte| byte != b'.');
        if is_key { Ok(Self(text.to_owned())) } else { Err(InvalidStatJobKey) }
    }

    /// The key as the platform wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StatJobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::str::FromStr for StatJobKey {
    type Err = InvalidStatJobKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// A statistics job of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatJob {
    /// What its rows are asked for by.
    pub key: StatJobKey,
    /// When it was made, in the platform's own zone; not documented, so often `None`.
    pub created_at: Option<CivilDateTime>,
}

/// One row of a statistics job: a message with its price and its operator.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BilledMessage {
    /// The platform's id of the message.
    pub message: MessageId,
    /// The channel; `None` for one that is neither RCS nor SMS, or if that is not said.
    pub channel: Option<Channel>,
    /// Who it went to.
    pub number: Option<Msisdn>,
    /// Where it stands; unknown words are kept, `Rejected` among them.
    pub status: Option<ReportedStatus>,
    /// What it cost, to seven decimal places.
    pub price: Price,
    /// The sender's name.
    pub sender: Option<String>,
    /// The country's name.
    pub country: Option<String>,
    /// The operator's brand.
    pub operator: Option<String>,
    /// Mobile country code, as text: it can begin with a zero.
    pub mcc: Option<String>,
    /// Mobile network code, as text: it can begin with a zero.
    pub mnc: Option<String>,
    /// When the platform took it, in its own zone.
    pub taken_at: Option<CivilDateTime>,
    /// When it was sent.
    pub sent_at: Option<CivilDateTime>,
    /// When its delivery report came.
    pub reported_at: Option<CivilDateTime>,
    /// What it says. It may be personal, and does not show in `Debug`.
    pub text: Option<String>,
}

/// Without the text.
impl fmt::Debug for BilledMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BilledMessage")
            .field("message", &self.message)
            .field("channel", &self.channel)
            .field("number", &self.number)
            .field("status", &self.status)
            .field("price", &self.price)
            .field("sender", &self.sender)
            .field("country", &self.country)
            .field("operator", &self.operator)
            .field("mcc", &self.mcc)
            .field("mnc", &self.mnc)
            .field("taken_at", &self.taken_at)
            .field("sent_at", &self.sent_at)
            .field("reported_at", &self.reported_at)
            .finish_non_exhaustive()
    }
}

/// A statistics job.
///
/// # Errors
/// [`Unmappable`] without a key.
pub fn stat_job(wire: &wire::StatJob) -> Result<StatJob, Unmappable> {
    let missing = Unmappable { what: "the statistics job", field: "key" };
    let key = wire.key.as_deref().and_then(|key| StatJobKey::parse(key).ok()).ok_or(missing)?;
    Ok(StatJob { key, created_at: civil(wire.created_at.as_ref()) })
}

/// A row of a statistics job.
///
/// # Errors
/// [`Unmappable`] without the message's id.
pub fn billed_message(wire: &wire::StatRow) -> Result<BilledMessage, Unmappable> {
    let missing = Unmappable { what: "the job's row", field: "message_id" };
    Ok(BilledMessage {
        message: MessageId(wire.message_id.ok_or(missing)?.0),
        channel: match &wire.message_type {
            Some(wire::MessageType::Rcs) => Some(Channel::Rcs),
            Some(wire::MessageType::Sms) => Some(Channel::Sms),
            _ => None,
        },
        number: number(wire.msisdn),
        status: wire.status.as_deref().map(ReportedStatus::from_word),
        price: Price::read(wire.price.as_ref(), wire.currency.as_deref()),
        sender: wire.originator.clone(),
        country: wire.country_name.clone(),
        operator: wire.brand.clone(),
        mcc: wire.mcc.clone(),
        mnc: wire.mnc.clone(),
        taken_at: civil(wire.time_in.as_ref()),
        sent_at: civil(wire.time_sent.as_ref()),
        reported_at: civil(wire.time_dlr.as_ref()),
        text: wire.body.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_can_stand_in_an_address() {
        for text in ["00000000000000ab", " a/b?c=d ", "a.b", &"k".repeat(128)] {
            assert_eq!(StatJobKey::parse(text).map(|key| key.to_string()), Ok(text.trim().into()));
        }
        for text in ["", "  ", ".", "..", "a b", "k\u{e4}y", "a\nb", &"k".repeat(129)] {
            assert_eq!(StatJobKey::parse(text), Err(InvalidStatJobKey), "{text:?}");
        }
    }
}

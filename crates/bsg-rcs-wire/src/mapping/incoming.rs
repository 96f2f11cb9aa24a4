//! Wire to domain: receipts, listings and callbacks as values.
//!
//! Messages, campaigns and callbacks stand here; `account`, `contacts`,
//! `contact_fields` and `stat_jobs` have files of their own.

mod account;
mod callback;
mod contact_fields;
mod contacts;
mod price;
mod stat_jobs;

use std::collections::BTreeMap;
use std::fmt;

use bsg_rcs_domain::{
    Amount, CampaignStatus, Channel, CivilDateTime, Currency, MessageId, MessageStatus, Msisdn,
    ReferenceId, RemoteCampaignId, Report, ReportedStatus,
};

use crate::Data;
use crate::generated as wire;
use crate::lenient::{CivilText, Decimal, Id, Integer, Maybe, Phone};

pub use self::account::{Balance, Tariff, balance, tariff};
pub use self::callback::{CallbackClick, CallbackEvent, click, event};
pub use self::contact_fields::{ContactField, ContactFieldKind, contact_field};
pub use self::contacts::{
    Contact, ContactList, StopListEntry, contact, contact_list, stop_list_entry,
};
pub use self::price::Price;
pub use self::stat_jobs::{
    BilledMessage, InvalidStatJobKey, StatJob, StatJobKey, billed_message, stat_job,
};

/// An answer without a field that nothing can be done without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[error("{what} has no readable `{field}`")]
pub struct Unmappable {
    /// What was read.
    pub what: &'static str,
    /// The field that is missing or cannot be read.
    pub field: &'static str,
}

/// A campaign as the platform answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteCampaign {
    /// The platform's id.
    pub id: RemoteCampaignId,
    /// Where it stands, or the word that we do not know.
    pub status: Result<CampaignStatus, String>,
    /// What the platform expects to charge; only the answer to a send says it.
    pub calculated_price: Price,
    /// The platform's name for it, which holds its creation date.
    pub name: Option<String>,
    /// The agent's name.
    pub agent: Option<String>,
    /// When the platform took it.
    pub created_at: Option<CivilDateTime>,
    /// When it is to start.
    pub start_at: Option<CivilDateTime>,
    /// When it did start.
    pub started_at: Option<CivilDateTime>,
    /// When it ended.
    pub finished_at: Option<CivilDateTime>,
    /// Messages that were sent so far.
    pub sent: Option<u64>,
    /// Messages that were delivered so far, the read ones among them.
    pub delivered: Option<u64>,
}

/// A campaign in detail.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteDetail {
    /// The platform's id.
    pub id: RemoteCampaignId,
    /// Where it stands, or the word that we do not know.
    pub status: Result<CampaignStatus, String>,
    /// The platform's name for it, which holds its creation date.
    pub name: Option<String>,
    /// The agent's name.
    pub agent: Option<String>,
    /// When the platform took it.
    pub created_at: Option<CivilDateTime>,
    /// When it is to start.
    pub start_at: Option<CivilDateTime>,
    /// When it did start.
    pub started_at: Option<CivilDateTime>,
    /// When it ended.
    pub finished_at: Option<CivilDateTime>,
    /// How many recipients it has.
    pub total_phones: Option<u64>,
    /// How many messages it has, those of the alternative channel among them.
    pub total_messages: Option<u64>,
    /// What it cost so far. Its currency is the account's where the answer names none.
    pub total_price: Price,
    /// How many RCS messages stand where; statuses that the platform does not count are missing.
    pub statuses: BTreeMap<MessageStatus, u64>,
    /// The same of the SMS of the alternative channel.
    pub sms_statuses: BTreeMap<MessageStatus, u64>,
}

/// One message as the platform lists or acknowledges it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteMessage {
    /// Whose it is.
    pub reference: Option<ReferenceId>,
    /// Who it went to.
    pub number: Option<Msisdn>,
    /// The campaign it belongs to.
    pub campaign: Option<RemoteCampaignId>,
    /// What it says of the message.
    pub report: Report,
    /// Its price, as the answer says it; the report has it only if it names its currency.
    pub price: Price,
    /// The agent's name.
    pub agent: Option<String>,
    /// When the platform took it.
    pub created_at: Option<CivilDateTime>,
    /// What it says. It may be personal, and does not show in `Debug`.
    pub text: Option<String>,
    /// The recipient's country, as an ISO 3166-1 code.
    pub country: Option<String>,
    /// How many parts are paid for.
    pub parts: Option<u64>,
    /// The SMS of its alternative channel; they are messages of their own.
    pub sms: Vec<MessageId>,
}

/// Without the text.
impl fmt::Debug for RemoteMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteMessage")
            .field("reference", &self.reference)
            .field("number", &self.number)
            .field("campaign", &self.campaign)
            .field("report", &self.report)
            .field("price", &self.price)
            .field("agent", &self.agent)
            .field("created_at", &self.created_at)
            .field("country", &self.country)
            .field("parts", &self.parts)
            .field("sms", &self.sms)
            .finish_non_exhaustive()
    }
}

impl RemoteMessage {
    /// Its price, where the answer names no currency: the account's is meant, and the report has none.
    pub const fn bare_price(&self) -> Option<Amount> {
        self.price.bare()
    }
}

/// A status report of a callback. Nothing that it said of the price is lost: see [`Price`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CallbackReport {
    /// Whose it is; `None` if it carries none, or one that is no reference.
    pub reference: Option<ReferenceId>,
    /// Who the message went to.
    pub number: Option<Msisdn>,
    /// What it says. It has the price only if that names its currency.
    pub report: Report,
    /// The price, as the callback says it.
    pub price: Price,
}

impl CallbackReport {
    /// The report, with an amount that names no currency taken to be in `currency`.
    #[must_use]
    pub fn report_in(&self, currency: Currency) -> Report {
        Report { price: self.price.or_in(currency), ..self.report.clone() }
    }
}

/// A campaign.
///
/// # Errors
/// [`Unmappable`] without an id.
pub fn campaign(wire: &wire::Campaign) -> Result<RemoteCampaign, Unmappable> {
    let id = wire.id.ok_or(Unmappable { what: "the campaign", field: "id" })?;
    Ok(RemoteCampaign {
        id: RemoteCampaignId::new(id.0),
        status: campaign_status(wire.status.as_ref()),
        calculated_price: Price::read(wire.calculated_price.as_ref(), wire.currency.as_deref()),
        name: wire.name.clone(),
        agent: wire.sender.clone(),
        created_at: civil(wire.created_at.as_ref()),
        start_at: civil(wire.start_at.as_ref()),
        started_at: civil(wire.real_start_at.as_ref()),
        finished_at: civil(wire.finished_at.as_ref()),
        sent: wire.statistics.get().and_then(|counts| count(counts.sent)),
        delivered: wire.statistics.get().and_then(|counts| count(counts.delivered)),
    })
}

/// A campaign in detail.
///
/// # Errors
/// [`Unmappable`] without an id.
pub fn detail(wire: &wire::CampaignDetail) -> Result<RemoteDetail, Unmappable> {
    let id = wire.id.ok_or(Unmappable { what: "the campaign's detail", field: "id" })?;
    let sms = wire.alternative_channels.get().and_then(|channels| channels.sms.get());
    let sms = sms.and_then(|sms| sms.statistics.get());
    Ok(RemoteDetail {
        id: RemoteCampaignId::new(id.0),
        status: campaign_status(wire.status.as_ref()),
        name: wire.name.clone(),
        agent: wire.sender.clone(),
        created_at: civil(wire.created_at.as_ref()),
        // The schema's names and the page's.
        start_at: civil(wire.started_at.as_ref().or(wire.start_at.as_ref())),
        started_at: civil(wire.actual_start_at.as_ref().or(wire.real_start_at.as_ref())),
        finished_at: civil(wire.finished_at.as_ref()),
        total_phones: count(wire.total_phones),
        total_messages: count(wire.total_messages),
        total_price: Price::read(wire.total_price.as_ref(), wire.currency.as_deref()),
        statuses: wire.statistics.get().map(statuses).unwrap_or_default(),
        sms_statuses: sms.map(statuses).unwrap_or_default(),
    })
}

/// A message of an answer. Without a status it is there all the same: the status is unknown.
///
/// # Errors
/// [`Unmappable`] without an id.
pub fn message(wire: &wire::Message) -> Result<RemoteMessage, Unmappable> {
    let what = "the message";
    let sms = wire.alternative_channels.get().and_then(|channels| channels.sms.get());
    let sms = sms.and_then(|sms| sms.id.as_ref());
    let price = match &wire.amount {
        Maybe::There(amount) => Price::read(amount.value.as_ref(), amount.currency.as_deref()),
        Maybe::Absent => Price::Unsaid,
        // Not the object of the contract: perhaps a bare amount.
        Maybe::Odd(json) => Price::read(serde_json::from_str(json).ok().as_ref(), None),
    };
    Ok(RemoteMessage {
        reference: reference(wire.reference_id.as_deref()),
        number: number(wire.phone),
        campaign: wire.campaign_id.map(|id| RemoteCampaignId::new(id.0)),
        report: Report {
            message: message_id(what, wire.id)?,
            channel: match &wire.r#type {
                Some(wire::MessageType::Rcs) => Some(Channel::Rcs),
                Some(wire::MessageType::Sms) => Some(Channel::Sms),
                _ => None,
            },
            // A message without a status is there all the same.
            status: status(what, wire.status.as_ref())
                .unwrap_or(ReportedStatus::Known(MessageStatus::Unknown)),
            price: price.money(),
            sent_at: civil(wire.sent_at.as_ref()),
            reported_at: civil(wire.delivered_at.as_ref()),
        },
        price,
        agent: wire.sender.clone(),
        created_at: civil(wire.created_at.as_ref()),
        text: wire.text.clone(),
        country: wire.country.clone(),
        parts: count(wire.parts),
        sms: sms.into_iter().flatten().map(|id| MessageId(id.0)).collect(),
    })
}

/// A status report of a callback.
///
/// # Errors
/// [`Unmappable`] without an id or a status.
pub fn status_report(wire: &wire::StatusReport) -> Result<CallbackReport, Unmappable> {
    let what = "the status report";
    let price = Price::read(wire.price.as_ref(), wire.currency.as_deref());
    Ok(CallbackReport {
        reference: reference(wire.reference.as_deref()),
        number: number(wire.msisdn),
        report: Report {
            message: message_id(what, wire.id)?,
            channel: None,
            status: status(what, wire.status.as_ref())?,
            price: price.money(),
            sent_at: civil(wire.time_sent.as_ref()),
            reported_at: civil(wire.time_dr.as_ref()),
        },
        price,
    })
}

/// Whether the answer to a dry run names a message: then it may have been sent after all.
pub fn names_a_message(body: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Named {
        #[serde(default)]
        id: Option<serde::de::IgnoredAny>,
    }
    let answer = crate::read::<Data<Named>>(body);
    answer.ok().and_then(|answer| answer.data?.id).is_some()
}

/// A reference, if the text is one.
pub fn reference(text: Option<&str>) -> Option<ReferenceId> {
    ReferenceId::parse(text?.trim()).ok()
}

/// A number, if it is one.
pub fn number(phone: Option<Phone>) -> Option<Msisdn> {
    Msisdn::from_u64(phone?.0).ok()
}

/// A date-time, if it can be read.
pub fn civil(text: Option<&CivilText>) -> Option<CivilDateTime> {
    CivilDateTime::parse(text?.as_str()).ok()
}

/// A count, if it is one.
fn count(number: Option<Integer>) -> Option<u64> {
    number.and_then(|Integer(n)| u64::try_from(n).ok())
}

/// The counts of a campaign's detail. `not_viber_user` is left out: it counts no RCS message.
fn statuses(wire: &wire::Statistics) -> BTreeMap<MessageStatus, u64> {
    use MessageStatus as S;
    let counts = [
        (S::Unknown, wire.unknown),
        (S::Scheduled, wire.scheduled),
        (S::Moderation, wire.moderation),
        (S::Accepted, wire.accepted),
        (S::Sending, wire.sending),
        (S::Sent, wire.sent),
        // Assumption A6: what a message calls no service user is counted under this name.
        (S::NotServiceUser, wire.not_rcs_user),
        (S::Expired, wire.expired),
        (S::Undelivered, wire.undelivered),
        (S::Failed, wire.failed),
        (S::Delivered, wire.delivered),
        (S::Read, wire.read),
    ];
    counts.into_iter().filter_map(|(status, n)| Some((status, count(n)?))).collect()
}

fn message_id(what: &'static str, id: Option<Id>) -> Result<MessageId, Unmappable> {
    id.map(|id| MessageId(id.0)).ok_or(Unmappable { what, field: "id" })
}

fn status(
    what: &'static str,
    status: Option<&wire::MessageStatus>,
) -> Result<ReportedStatus, Unmappable> {
    let word = status.ok_or(Unmappable { what, field: "status" })?.as_str();
    Ok(ReportedStatus::from_word(word))
}

fn campaign_status(status: Option<&wire::CampaignStatus>) -> Result<CampaignStatus, String> {
    CampaignStatus::from_word(status.map_or("", wire::CampaignStatus::as_str))
}

fn amount(text: &Decimal) -> Option<Amount> {
    Amount::parse(text.as_str()).ok().map(|parsed| parsed.amount)
}

fn currency(text: Option<&str>) -> Option<Currency> {
    Currency::parse(text?).ok()
}

//! Wire to domain: receipts, listings and callbacks as values.
//!
//! Messages, campaigns and callbacks stand here; `account` and
//! `contacts` have files of their own.

mod account;
mod contacts;

use std::collections::BTreeMap;

use bsg_rcs_domain::{
    Amount, CampaignStatus, Channel, CivilDateTime, Currency, MessageId, MessageStatus, Money,
    Msisdn, ReferenceId, Report, ReportedStatus,
};

use crate::generated as wire;
use crate::lenient::{CivilText, Decimal, Id, Integer, Phone};

pub use self::account::{Balance, Tariff, balance, tariff};
pub use self::contacts::{
    Contact, ContactList, StopListEntry, contact, contact_list, stop_list_entry,
};

/// An answer without a field that nothing can be done without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} has no readable `{field}`")]
pub struct Unmappable {
    /// What was read.
    pub what: &'static str,
    /// The field that is missing or cannot be read.
    pub field: &'static str,
}

/// A campaign as the platform answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCampaign {
    /// The platform's id.
    pub id: u64,
    /// Where it stands, or the word that we do not know.
    pub status: Result<CampaignStatus, String>,
    /// What the platform expects to charge; only the answer to a send says it.
    pub calculated_price: Option<Money>,
    /// The platform's name for it, which holds its creation date.
    pub name: Option<String>,
    /// The agent's name.
    pub agent: Option<String>,
    /// When the platform took it.
    pub created_at: Option<CivilDateTime>,
    /// When it is to start.
    pub start_at: Option<CivilDateTime>,
    /// Messages that were sent so far.
    pub sent: Option<u64>,
    /// Messages that were delivered so far, the read ones among them.
    pub delivered: Option<u64>,
}

/// A campaign in detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteDetail {
    /// The platform's id.
    pub id: u64,
    /// Where it stands, or the word that we do not know.
    pub status: Result<CampaignStatus, String>,
    /// How many messages it has, those of the alternative channel among them.
    pub total_messages: Option<u64>,
    /// What it cost so far. Its currency is the account's where the answer names none.
    pub total_price: Option<Amount>,
    /// How many RCS messages stand where; statuses that the platform does not count are missing.
    pub statuses: BTreeMap<MessageStatus, u64>,
    /// The same of the SMS of the alternative channel.
    pub sms_statuses: BTreeMap<MessageStatus, u64>,
}

/// One message as the platform lists or acknowledges it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteMessage {
    /// Whose it is.
    pub reference: Option<ReferenceId>,
    /// Who it went to.
    pub number: Option<Msisdn>,
    /// The campaign it belongs to.
    pub campaign: Option<u64>,
    /// What it says of the message.
    pub report: Report,
    /// Its price, where the answer names no currency: the account's is meant, and the report has
    /// none.
    pub bare_price: Option<Amount>,
}

/// A status report of a callback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldReport {
    /// Whose it is; `None` if it carries none, or one that is no reference.
    pub reference: Option<ReferenceId>,
    /// Who the message went to.
    pub number: Option<Msisdn>,
    /// What it says.
    pub report: Report,
}

/// A campaign.
///
/// # Errors
/// [`Unmappable`] without an id.
pub fn campaign(wire: &wire::Campaign) -> Result<RemoteCampaign, Unmappable> {
    let id = wire.id.ok_or(Unmappable { what: "the campaign", field: "id" })?;
    Ok(RemoteCampaign {
        id: id.0,
        status: campaign_status(wire.status.as_ref()),
        calculated_price: money(wire.calculated_price.as_ref(), wire.currency.as_deref()),
        name: wire.name.clone(),
        agent: wire.sender.clone(),
        created_at: civil(wire.created_at.as_ref()),
        start_at: civil(wire.start_at.as_ref()),
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
        id: id.0,
        status: campaign_status(wire.status.as_ref()),
        total_messages: count(wire.total_messages),
        total_price: wire.total_price.as_ref().and_then(amount),
        statuses: wire.statistics.get().map(statuses).unwrap_or_default(),
        sms_statuses: sms.map(statuses).unwrap_or_default(),
    })
}

/// A message of an answer.
///
/// # Errors
/// [`Unmappable`] without an id or a status.
pub fn message(wire: &wire::Message) -> Result<RemoteMessage, Unmappable> {
    let what = "the message";
    let amount = wire.amount.get();
    let bare = amount.filter(|amount| currency(amount.currency.as_deref()).is_none());
    Ok(RemoteMessage {
        bare_price: bare.and_then(|bare| self::amount(bare.value.as_ref()?)),
        reference: reference(wire.reference_id.as_deref()),
        number: number(wire.phone),
        campaign: wire.campaign_id.map(|id| id.0),
        report: Report {
            message: message_id(what, wire.id)?,
            channel: match &wire.r#type {
                Some(wire::MessageType::Rcs) => Some(Channel::Rcs),
                Some(wire::MessageType::Sms) => Some(Channel::Sms),
                _ => None,
            },
            status: status(what, wire.status.as_ref())?,
            price: amount.and_then(|a| money(a.value.as_ref(), a.currency.as_deref())),
            sent_at: civil(wire.sent_at.as_ref()),
            reported_at: civil(wire.delivered_at.as_ref()),
        },
    })
}

/// A status report of a callback.
///
/// # Errors
/// [`Unmappable`] without an id or a status.
pub fn status_report(wire: &wire::StatusReport) -> Result<ToldReport, Unmappable> {
    let what = "the status report";
    Ok(ToldReport {
        reference: reference(wire.reference.as_deref()),
        number: number(wire.msisdn),
        report: Report {
            message: message_id(what, wire.id)?,
            channel: None,
            status: status(what, wire.status.as_ref())?,
            price: money(wire.price.as_ref(), wire.currency.as_deref()),
            sent_at: civil(wire.time_sent.as_ref()),
            reported_at: civil(wire.time_dr.as_ref()),
        },
    })
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

fn money(value: Option<&Decimal>, code: Option<&str>) -> Option<Money> {
    Some(Money::new(amount(value?)?, currency(code)?))
}

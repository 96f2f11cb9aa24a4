//! Wire to domain: receipts, listings and callbacks as values.

use bsg_rcs_domain::{
    Amount, CampaignStatus, Channel, CivilDateTime, Currency, MessageId, Money, Msisdn,
    ReferenceId, Report, ReportedStatus,
};

use crate::generated as wire;
use crate::lenient::{CivilText, Decimal, Id, Integer, Phone};

/// An answer without a field that nothing can be done without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} has no readable `{field}`")]
pub struct Unmappable {
    /// What was read.
    pub what: &'static str,
    /// The field that is missing or cannot be read.
    pub field: &'static str,
}

/// What the account has to spend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// Own funds; below zero where the credit is used.
    pub balance: Money,
    /// The credit limit.
    pub credit: Money,
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

/// The balance.
///
/// # Errors
/// [`Unmappable`] if balance or currency are missing. A missing credit is none.
pub fn balance(wire: &wire::Balance) -> Result<Balance, Unmappable> {
    let missing = |field| Unmappable { what: "the balance", field };
    let currency = currency(wire.currency.as_deref()).ok_or(missing("currency"))?;
    let own = wire.balance.as_ref().and_then(amount).ok_or(missing("balance"))?;
    let credit = match &wire.credit {
        Some(text) => amount(text).ok_or(missing("credit"))?,
        None => Amount::ZERO,
    };
    Ok(Balance { balance: Money::new(own, currency), credit: Money::new(credit, currency) })
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
    })
}

/// A campaign in detail.
///
/// # Errors
/// [`Unmappable`] without an id.
pub fn detail(wire: &wire::CampaignDetail) -> Result<RemoteDetail, Unmappable> {
    let id = wire.id.ok_or(Unmappable { what: "the campaign's detail", field: "id" })?;
    Ok(RemoteDetail {
        id: id.0,
        status: campaign_status(wire.status.as_ref()),
        total_messages: wire.total_messages.and_then(|Integer(n)| u64::try_from(n).ok()),
        total_price: wire.total_price.as_ref().and_then(amount),
    })
}

/// A message of an answer.
///
/// # Errors
/// [`Unmappable`] without an id or a status.
pub fn message(wire: &wire::Message) -> Result<RemoteMessage, Unmappable> {
    let what = "the message";
    let amount = wire.amount.get();
    Ok(RemoteMessage {
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

//! From the wire to the engine: bodies that the schema has passed, as the engine's own words.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use bsg_rcs_domain::{CivilDateTime, Msisdn, ReferenceId};
use bsg_rcs_wire::Fault;
use bsg_rcs_wire::generated as wire;
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::reply;
use super::reply::Refused;
use super::schema::BodyOf;
use super::shared::Shared;
use crate::engine::{Action, Addressee, Card, Content, RefusedRecipient, Sms, Suggestion, Terms};

/// What is said with every 422 that lists faults.
const INVALID: &str = "The given data was invalid.";
/// The validity of what names none, in hours.
const VALIDITY_HOURS: u32 = 72;

/// A single send.
pub(super) struct Single {
    pub(super) to: Addressee,
    pub(super) terms: Terms,
}

/// A campaign.
pub(super) struct Campaign {
    pub(super) to: Vec<Addressee>,
    pub(super) terms: Terms,
    pub(super) start_at: Option<CivilDateTime>,
}

/// The mark of a request for the duplicate guard: the same for the same call and body.
pub(super) fn fingerprint(call: &str, body: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (call, body).hash(&mut hasher);
    hasher.finish()
}

/// Reads a body that the document describes.
pub(super) fn read<T: DeserializeOwned>(
    shared: &Shared,
    of: BodyOf,
    body: &[u8],
) -> Result<T, Refused> {
    let value = parse(body)?;
    let faults = shared.schemas.body_faults(of, &value);
    if faults.is_empty() { typed(body) } else { Err(invalid(faults)) }
}

/// Reads a single send.
pub(super) fn single(shared: &Shared, body: &[u8]) -> Result<Single, Refused> {
    let send: wire::SingleSend = read(shared, BodyOf::Single, body)?;
    let to = addressee(&send.phone).ok_or_else(|| invalid_at("phone.number"))?;
    let terms = Terms {
        agent: send.sender,
        content: content(send.options),
        sms: send.alternative_channel.map(|channel| sms(channel.sms)),
        validity: validity(send.validity_seconds, send.validity),
        tariff_code: send.tariff_code,
        callback_url: send.callback_url.map(Into::into),
    };
    Ok(Single { to, terms })
}

/// Reads a campaign.
pub(super) fn campaign(shared: &Shared, body: &[u8]) -> Result<Campaign, Refused> {
    let send = campaign_body(shared, body)?;
    let to = send.phones.iter().enumerate().map(|(at, phone)| {
        addressee(phone).ok_or_else(|| invalid_at(&format!("phones[{at}].number")))
    });
    let start_at = match &send.start_at {
        Some(text) => {
            let parsed = CivilDateTime::parse(text.as_str());
            Some(parsed.map_err(|_| invalid_at("start_at"))?)
        }
        None => None,
    };
    Ok(Campaign {
        to: to.collect::<Result<_, _>>()?,
        start_at,
        terms: Terms {
            agent: send.sender,
            content: content(send.options),
            sms: send.alternative_channel.map(|channel| sms(channel.sms)),
            validity: validity(send.validity_seconds, send.validity),
            tariff_code: send.tariff_code,
            callback_url: None,
        },
    })
}

/// The body of a campaign; in a world that leaves refused recipients out (A21), without them.
fn campaign_body(shared: &Shared, body: &[u8]) -> Result<wire::CampaignSend, Refused> {
    let leave_out = shared
        .read(|engine| engine.world().assumptions.refused_recipient == RefusedRecipient::LeaveOut);
    if !leave_out {
        return read(shared, BodyOf::Campaign, body);
    }
    let mut value = parse(body)?;
    if let Some(phones) = value.get_mut("phones").and_then(Value::as_array_mut) {
        phones.retain(|phone| shared.schemas.body_faults(BodyOf::Recipient, phone).is_empty());
    }
    let body = serde_json::to_vec(&value).unwrap_or_default();
    read(shared, BodyOf::Campaign, &body)
}

fn parse(body: &[u8]) -> Result<Value, Refused> {
    serde_json::from_slice(body)
        .map_err(|_| reply::refuse(StatusCode::UNPROCESSABLE_ENTITY, "The body is not JSON."))
}

fn typed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|_| invalid(Vec::new()))
}

fn invalid(faults: Vec<Fault>) -> Refused {
    reply::with_faults(StatusCode::UNPROCESSABLE_ENTITY, INVALID, faults)
}

fn invalid_at(place: &str) -> Refused {
    let sentence = "The value is invalid.".into();
    invalid(vec![Fault { field: Some(place.into()), sentence }])
}

fn addressee(recipient: &wire::Recipient) -> Option<Addressee> {
    let number = Msisdn::from_u64(recipient.number.0).ok()?;
    let reference = recipient.reference_id.as_deref();
    let reference = reference.map(ReferenceId::parse).transpose().ok()?;
    Some(Addressee { number, reference })
}

fn content(options: wire::Options) -> Content {
    match options.cards {
        Some(cards) => Content::Cards(cards.into_iter().map(card).collect()),
        None => Content::Text(options.text.unwrap_or_default()),
    }
}

fn card(card: wire::Card) -> Card {
    Card {
        title: card.title,
        text: card.text,
        media: card.media.map(|media| media.url),
        suggestions: card.suggestions.into_iter().flatten().map(suggestion).collect(),
    }
}

fn suggestion(button: wire::Suggestion) -> Suggestion {
    let action = match button.phone {
        Some(phone) => Action::Call(phone.0.to_string()),
        None => Action::Link(button.url.unwrap_or_default()),
    };
    Suggestion { text: button.text, action, postback: button.postback_data }
}

fn sms(sms: wire::SmsFallback) -> Sms {
    let validity = validity(sms.validity_seconds, sms.validity);
    Sms { sender: sms.sender, text: sms.text, validity }
}

/// Seconds win over hours.
fn validity(seconds: Option<u32>, hours: Option<u32>) -> Duration {
    let hours = || u64::from(hours.unwrap_or(VALIDITY_HOURS)) * 3600;
    Duration::from_secs(seconds.map_or_else(hours, u64::from))
}

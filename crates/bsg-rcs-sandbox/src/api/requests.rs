//! From the wire to the engine: sends that the schema has passed, as the engine's own words.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use bsg_rcs_domain::{CivilDateTime, Msisdn, ReferenceId};
use bsg_rcs_wire::generated as wire;
use bsg_rcs_wire::{CivilText, Fault, Phone};
use bytes::Bytes;
use serde_json::Value;

use super::caller::Session;
use super::json_body::JsonBody;
use super::schema::Schemas;
use crate::reply;
use crate::reply::Refused;
use bsg_rcs_sandbox_engine::{
    Action, Addressee, AnyChannel, Card, Content, DryRun, RcsPart, Recipients, RefusedRecipient,
    SendOptions, Sms, Suggestion,
};

/// The validity of what names none, in hours.
const VALIDITY_HOURS: u32 = 72;

/// A single send.
pub(super) struct Single {
    pub(super) to: Addressee,
    pub(super) options: SendOptions,
}

/// A campaign.
pub(super) struct Campaign {
    pub(super) to: Vec<Addressee>,
    pub(super) options: SendOptions,
    pub(super) start_at: Option<CivilDateTime>,
}

/// A campaign to contact lists.
pub(super) struct ToLists {
    pub(super) lists: Vec<u64>,
    pub(super) options: SendOptions,
    pub(super) start_at: Option<CivilDateTime>,
}

/// The mark of a request for the duplicate guard: the same for the same call and body.
pub(super) fn fingerprint(body: &JsonBody) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&*body.call.path, &*body.bytes).hash(&mut hasher);
    hasher.finish()
}

/// Reads a single send.
pub(super) fn single(body: &JsonBody) -> Result<Single, Refused> {
    let send: wire::SingleSend = body.read()?;
    let to = addressee(&send.phone).ok_or_else(|| invalid_at("phone.number"))?;
    let options = SendOptions {
        agent: send.sender,
        content: content(send.options),
        sms: send.alternative_channel.map(|channel| sms(channel.sms)),
        validity: validity(send.validity_seconds, send.validity),
        tariff_code: send.tariff_code,
        // An empty one counts as none.
        callback_url: send.callback_url.filter(|url| !url.is_empty()).map(Into::into),
        check_stop_list: send.check_stop_list.unwrap_or(true),
        add_to_contact_book: send.add_to_contact_book.unwrap_or(true),
    };
    Ok(Single { to, options })
}

/// Reads a campaign.
pub(super) fn campaign(session: &Session, body: &JsonBody) -> Result<Campaign, Refused> {
    let send = campaign_body(session, body)?;
    Ok(Campaign {
        to: addressees(&send.phones, "phones")?,
        start_at: start(send.start_at.as_ref())?,
        options: SendOptions {
            agent: send.sender,
            content: content(send.options),
            sms: send.alternative_channel.map(|channel| sms(channel.sms)),
            validity: validity(send.validity_seconds, send.validity),
            tariff_code: send.tariff_code,
            callback_url: None,
            check_stop_list: send.check_stop_list.unwrap_or(true),
            add_to_contact_book: send.add_to_contact_book.unwrap_or(true),
        },
    })
}

/// Reads a campaign to contact lists.
pub(super) fn to_lists(body: &JsonBody) -> Result<ToLists, Refused> {
    let send: wire::ListsSend = body.read()?;
    Ok(ToLists {
        lists: send.groups.iter().map(|id| id.0).collect(),
        start_at: start(send.start_at.as_ref())?,
        options: SendOptions {
            agent: send.sender,
            content: content(send.options),
            sms: send.alternative_channel.map(|channel| sms(channel.sms)),
            validity: validity(None, send.validity),
            tariff_code: send.tariff_code,
            callback_url: None,
            check_stop_list: send.check_stop_list.unwrap_or(true),
            // Who is on a list is a contact already.
            add_to_contact_book: false,
        },
    })
}

/// Reads a universal send of one message; with whether it is a dry run.
pub(super) fn universal_message(body: &JsonBody) -> Result<(DryRun, bool), Refused> {
    let send: wire::UniversalMessage = body.read()?;
    let to = addressee(&send.phone).ok_or_else(|| invalid_at("phone.number"))?;
    let run = dry_run(Recipients::One(to), &send.channels, send.rcs, send.sms)?;
    let run = DryRun {
        tariff_code: send.tariff_code,
        check_stop_list: send.check_stop_list.unwrap_or(true),
        ..run
    };
    Ok((run, send.dry_run == Some(true)))
}

/// Reads a universal send of a campaign; with whether it is a dry run.
pub(super) fn universal_campaign(body: &JsonBody) -> Result<(DryRun, bool), Refused> {
    let send: wire::UniversalCampaign = body.read()?;
    let to = match (send.recipients.phones, send.recipients.groups) {
        (Some(phones), _) => Recipients::Many(addressees(&phones, "recipients.phones")?),
        (None, lists) => Recipients::Lists(lists.iter().flatten().map(|id| id.0).collect()),
    };
    let run = dry_run(to, &send.channels, send.rcs, send.sms)?;
    let run = DryRun {
        tariff_code: send.tariff_code,
        start_at: start(send.start_at.as_ref())?,
        check_stop_list: send.check_stop_list.unwrap_or(true),
        ..run
    };
    Ok((run, send.dry_run == Some(true)))
}

/// A channel's word, if the document knows it.
pub(super) fn channel(channel: &wire::Channel) -> Option<AnyChannel> {
    match channel {
        wire::Channel::Rcs => Some(AnyChannel::Rcs),
        wire::Channel::Sms => Some(AnyChannel::Sms),
        wire::Channel::Viber => Some(AnyChannel::Viber),
        wire::Channel::Whatsapp => Some(AnyChannel::Whatsapp),
        wire::Channel::Voice => Some(AnyChannel::Voice),
        wire::Channel::Telegram => Some(AnyChannel::Telegram),
        wire::Channel::Other(_) => None,
    }
}

/// A number that the schema has passed.
pub(super) fn number(phone: Phone, place: &str) -> Result<Msisdn, Refused> {
    Msisdn::from_u64(phone.0).map_err(|_| invalid_at(place))
}

/// A refusal of what stands at a place.
pub(super) fn invalid_at(place: &str) -> Refused {
    let sentence = "The value is invalid.".into();
    reply::invalid(vec![Fault { field: Some(place.into()), sentence }])
}

/// The body of a campaign; in a world that leaves refused recipients out (A21), without them.
fn campaign_body(session: &Session, body: &JsonBody) -> Result<wire::CampaignSend, Refused> {
    let leave_out = session
        .read(|engine| engine.world().assumptions.refused_recipient == RefusedRecipient::LeaveOut);
    if !leave_out {
        return body.read();
    }
    let mut value = body.value()?;
    if let Some(phones) = value.get_mut("phones").and_then(Value::as_array_mut) {
        phones.retain(|phone| Schemas::get().is_recipient(phone));
    }
    let bytes = Bytes::from(serde_json::to_vec(&value).unwrap_or_default());
    JsonBody { call: body.call.clone(), strict: body.strict, bytes }.read()
}

fn start(written: Option<&CivilText>) -> Result<Option<CivilDateTime>, Refused> {
    let read = written.map(|text| CivilDateTime::parse(text.as_str()));
    read.transpose().map_err(|_| invalid_at("start_at"))
}

fn addressees(phones: &[wire::Recipient], place: &str) -> Result<Vec<Addressee>, Refused> {
    let read = phones.iter().enumerate().map(|(at, phone)| {
        addressee(phone).ok_or_else(|| invalid_at(&format!("{place}[{at}].number")))
    });
    read.collect()
}

fn addressee(recipient: &wire::Recipient) -> Option<Addressee> {
    let number = Msisdn::from_u64(recipient.number.0).ok()?;
    let reference = recipient.reference_id.as_deref();
    let reference = reference.map(ReferenceId::parse).transpose().ok()?;
    Some(Addressee { number, reference })
}

fn dry_run(
    to: Recipients,
    channels: &[wire::Channel],
    rcs: Option<wire::UniversalRcs>,
    sms: Option<wire::UniversalSms>,
) -> Result<DryRun, Refused> {
    let channels = channels.iter().map(|word| channel(word).ok_or_else(|| invalid_at("channels")));
    let rcs = rcs.map(|rcs| RcsPart {
        agent: rcs.sender,
        content: content(wire::Options { text: rcs.text, cards: rcs.cards }),
    });
    let sms = sms.map(|sms| Sms {
        sender: sms.sender,
        text: sms.text,
        validity: validity(None, None),
        check_stop_list: true,
    });
    Ok(DryRun {
        to,
        channels: channels.collect::<Result<_, _>>()?,
        rcs,
        sms,
        tariff_code: None,
        start_at: None,
        check_stop_list: true,
    })
}

/// What a message says.
pub(super) fn content(options: wire::Options) -> Content {
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

/// The alternative channel.
pub(super) fn sms(sms: wire::SmsFallback) -> Sms {
    Sms {
        validity: validity(sms.validity_seconds, sms.validity),
        sender: sms.sender,
        text: sms.text,
        check_stop_list: sms.check_stop_list.unwrap_or(true),
    }
}

/// Seconds win over hours.
fn validity(seconds: Option<u32>, hours: Option<u32>) -> Duration {
    let hours = || u64::from(hours.unwrap_or(VALIDITY_HOURS)) * 3600;
    Duration::from_secs(seconds.map_or_else(hours, u64::from))
}

//! From the engine to the wire: messages and campaigns as the document describes them.

use bsg_rcs_domain::{Amount, Channel, Country, MessageStatus};
use bsg_rcs_wire::generated as wire;
use bsg_rcs_wire::{CivilText, Decimal, Id, Integer, Maybe, Phone};

use crate::reply::{self, Refused};
use bsg_rcs_sandbox_engine::{
    Action, CampaignIx, CampaignRecord, Card, Content, Counts, Engine, MessageIx, MessageRecord,
    VirtualTime,
};
use http::StatusCode;
use serde_json::Value;

/// Fields of a message that only lists have.
const OF_LISTS: [&str; 6] =
    ["campaign_id", "text", "country", "parts", "rcs_options", "alternative_channels"];

/// A message as the single send answers it: without the fields of lists.
pub(super) fn accepted(engine: &Engine, ix: MessageIx) -> Result<Value, Refused> {
    let message = engine.at(ix);
    let message = wire::Message {
        // The answer says what was done with the request; that it is on its way already is the list's to say.
        status: Some(wire::MessageStatus::Accepted),
        ..common(engine, ix, message)
    };
    let unwritten =
        |_| reply::refuse(StatusCode::INTERNAL_SERVER_ERROR, "The answer cannot be written.");
    let mut message = serde_json::to_value(message).map_err(unwritten)?;
    if let Some(fields) = message.as_object_mut() {
        fields.retain(|name, _| !OF_LISTS.contains(&name.as_str()));
    }
    Ok(message)
}

/// A message as the list holds it.
pub(super) fn listed(engine: &Engine, ix: MessageIx) -> wire::Message {
    let message = engine.at(ix);
    let options = match message.channel {
        Channel::Rcs => Maybe::There(options(&message.spec.content)),
        Channel::Sms => Maybe::Absent,
    };
    wire::Message {
        campaign_id: message.campaign.map(|campaign| Id(campaign.id())),
        text: message.spec.content.text().map(str::to_owned),
        country: Country::of(message.phone).map(|country| country.to_string()),
        parts: Some(Integer(message.spec.parts.into())),
        rcs_options: options,
        alternative_channels: alternatives(engine, message),
        ..common(engine, ix, message)
    }
}

fn common(engine: &Engine, ix: MessageIx, message: &MessageRecord) -> wire::Message {
    let hours = message.spec.validity.as_secs().div_ceil(3600);
    let channel = match message.channel {
        Channel::Rcs => wire::MessageType::Rcs,
        Channel::Sms => wire::MessageType::Sms,
    };
    wire::Message {
        id: Some(Id(ix.id())),
        reference_id: message.reference.map(|reference| reference.as_str().to_owned()),
        source: Some(wire::MessageSource::Rest),
        r#type: Some(channel),
        phone: Some(Phone(message.phone.as_u64())),
        status: Some(engine.world().assumptions.word_for(message.status()).into()),
        validity: Some(Integer(i64::try_from(hours).unwrap_or(i64::MAX))),
        amount: wire::Amount {
            value: Some(Decimal::string(cost(message).to_string())),
            currency: currency(engine),
        }
        .into(),
        sender: Some(message.spec.sender.clone()),
        created_at: time(message.created()),
        sent_at: message.since(MessageStatus::Sent).and_then(time),
        delivered_at: message.since(MessageStatus::Delivered).and_then(time),
        ..wire::Message::default()
    }
}

/// What a message costs, or will if it is delivered; nothing once it has ended without delivery.
fn cost(message: &MessageRecord) -> Amount {
    if message.status().is_undelivered_end() { Amount::ZERO } else { message.price }
}

fn alternatives(engine: &Engine, message: &MessageRecord) -> Maybe<wire::MessageAlternatives> {
    let Some(sms) = message.fallback else { return Maybe::Absent };
    let parts = engine.at(sms).spec.parts;
    let sms = wire::MessageSms { parts: Some(Integer(parts.into())), id: Some(vec![Id(sms.id())]) };
    Maybe::There(wire::MessageAlternatives { sms: sms.into() })
}

/// A campaign as the send and the short view answer it.
pub(super) fn campaign(engine: &Engine, ix: CampaignIx) -> wire::Campaign {
    let campaign = engine.campaign_at(ix);
    let delivered = campaign.counts.delivered();
    let count = |count: u64| Some(Integer(i64::try_from(count).unwrap_or(i64::MAX)));
    wire::Campaign {
        id: Some(Id(ix.id())),
        name: Some(name(campaign)),
        sender: Some(campaign.spec.sender.clone()),
        status: Some(campaign.status.as_str().into()),
        message_type: Some(wire::MessageType::Rcs),
        start_at: time(campaign.start),
        real_start_at: campaign.started.and_then(time),
        finished_at: campaign.finished.and_then(time),
        created_at: time(campaign.created),
        statistics: wire::CampaignCounts {
            delivered: count(delivered),
            sent: count(campaign.sent),
        }
        .into(),
        calculated_price: number(campaign.calculated_price),
        currency: currency(engine),
        alternative_channels: campaign_alternatives(campaign),
    }
}

/// A campaign in detail, by the schema's names.
pub(super) fn campaign_detail(engine: &Engine, ix: CampaignIx) -> wire::CampaignDetail {
    let campaign = engine.campaign_at(ix);
    let messages = Some(Integer(campaign.count.into()));
    wire::CampaignDetail {
        id: Some(Id(ix.id())),
        name: Some(name(campaign)),
        sender: Some(campaign.spec.sender.clone()),
        status: Some(campaign.status.as_str().into()),
        r#type: Some(wire::MessageType::Rcs),
        started_at: time(campaign.start),
        actual_start_at: campaign.started.and_then(time),
        finished_at: campaign.finished.and_then(time),
        created_at: time(campaign.created),
        statistics: statistics(&campaign.counts).into(),
        total_messages: messages,
        total_phones: messages,
        total_price: Some(Decimal::string(campaign.charged.to_string())),
        currency: currency(engine),
        alternative_channels: campaign_alternatives(campaign),
        ..wire::CampaignDetail::default()
    }
}

fn campaign_alternatives(campaign: &CampaignRecord) -> Maybe<wire::CampaignAlternatives> {
    if campaign.spec.sms.is_none() {
        return Maybe::Absent;
    }
    let statistics = statistics(&campaign.follower_counts);
    let sms = wire::CampaignSms { statistics: statistics.into() };
    Maybe::There(wire::CampaignAlternatives { sms: sms.into() })
}

fn statistics(counts: &Counts) -> wire::Statistics {
    let of = |status: MessageStatus| {
        Some(Integer(i64::try_from(counts.of_status(status)).unwrap_or(i64::MAX)))
    };
    wire::Statistics {
        delivered: of(MessageStatus::Delivered),
        sent: of(MessageStatus::Sent),
        scheduled: of(MessageStatus::Scheduled),
        moderation: of(MessageStatus::Moderation),
        accepted: of(MessageStatus::Accepted),
        sending: of(MessageStatus::Sending),
        expired: of(MessageStatus::Expired),
        failed: of(MessageStatus::Failed),
        undelivered: of(MessageStatus::Undelivered),
        unknown: of(MessageStatus::Unknown),
        read: of(MessageStatus::Read),
        not_viber_user: Some(Integer(0)),
        // A6.
        not_rcs_user: of(MessageStatus::NotServiceUser),
    }
}

/// What a message says, as the wire has it.
pub(crate) fn options(content: &Content) -> wire::Options {
    match content {
        Content::Text(text) => wire::Options { text: Some(text.clone()), cards: None },
        Content::Cards(cards) => {
            wire::Options { text: None, cards: Some(cards.iter().map(card).collect()) }
        }
    }
}

fn card(card: &Card) -> wire::Card {
    let suggestions = card.suggestions.iter().map(|suggestion| {
        let (kind, url, phone) = match &suggestion.action {
            Action::Link(url) => (wire::SuggestionType::Link, Some(url.clone()), None),
            Action::Call(phone) => {
                (wire::SuggestionType::Call, None, phone.parse().ok().map(Phone))
            }
        };
        wire::Suggestion {
            r#type: Some(kind),
            text: suggestion.text.clone(),
            url,
            phone,
            postback_data: suggestion.postback.clone(),
        }
    });
    wire::Card {
        title: card.title.clone(),
        text: card.text.clone(),
        media: card.media.clone().map(|url| wire::Media { url }),
        suggestions: (!card.suggestions.is_empty()).then(|| suggestions.collect()),
    }
}

fn name(campaign: &CampaignRecord) -> String {
    format!("RCS api campaign / {}", campaign.created)
}

/// A moment as the wire has it.
pub(super) fn time(at: VirtualTime) -> Option<CivilText> {
    Some(CivilText(at.to_string()))
}

fn number(amount: Amount) -> Option<Decimal> {
    Decimal::number(amount.to_string())
}

fn currency(engine: &Engine) -> Option<String> {
    Some(engine.world().prices.currency().to_string())
}

//! Domain to wire: the bodies of the sends. Those of the account's lists stand in
//! `contacts`, dry runs in `universal`.

mod body;
mod contacts;
mod universal;

use bsg_rcs_domain::message::{Action, Card, Content, SmsFallback, Suggestion, Validity};
use bsg_rcs_domain::{Addressee, Batch, CivilDateTime, ContactListId, Message, Msisdn};

use crate::generated as wire;
use crate::lenient::{CivilText, Id, Phone};

pub use self::body::campaign_body;
pub use self::contacts::{
    StoppedChannel, contact, contact_list, list_members, stop_list_attach, stop_list_detach,
};
pub use self::universal::{dry_campaign, dry_message};

/// The body of a single send. `callback_url` has at most 100 characters.
pub fn single_send(
    message: &Message,
    to: &Addressee,
    callback_url: Option<&str>,
) -> wire::SingleSend {
    let (validity, validity_seconds) = validity(message.validity());
    wire::SingleSend {
        phone: recipient(to),
        sender: message.agent().to_owned(),
        options: options(message.content()),
        alternative_channel: message.sms().map(alternative_channel),
        callback_url: callback_url.map(str::to_owned),
        tariff_code: message.tariff_code(),
        validity_seconds,
        validity,
        add_to_contact_book: Some(message.add_to_contact_book()),
        check_stop_list: Some(message.check_stop_list()),
    }
}

/// The body of a campaign send. [`campaign_body`] writes the same at once.
pub fn campaign_send(
    message: &Message,
    to: &Batch,
    start_at: Option<CivilDateTime>,
) -> wire::CampaignSend {
    campaign_of(message, to.addressees().iter().map(recipient).collect(), start_at)
}

fn campaign_of(
    message: &Message,
    phones: Vec<wire::Recipient>,
    start_at: Option<CivilDateTime>,
) -> wire::CampaignSend {
    let (validity, validity_seconds) = validity(message.validity());
    wire::CampaignSend {
        phones,
        sender: message.agent().to_owned(),
        options: options(message.content()),
        alternative_channel: message.sms().map(alternative_channel),
        start_at: start_at.map(|at| CivilText(at.to_string())),
        tariff_code: message.tariff_code(),
        validity_seconds,
        validity,
        add_to_contact_book: Some(message.add_to_contact_book()),
        check_stop_list: Some(message.check_stop_list()),
    }
}

/// A send to contact lists has its validity in whole hours, and the message has another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("validity: a send to contact lists takes whole hours, found {0}")]
pub struct NotWholeHours(pub Validity);

/// The body of a send to contact lists, 1 to 1000 of them.
///
/// # Errors
/// [`NotWholeHours`] if the validity of the message is not in whole hours.
pub fn lists_send(
    message: &Message,
    lists: &[ContactListId],
    start_at: Option<CivilDateTime>,
) -> Result<wire::ListsSend, NotWholeHours> {
    let hours = |validity: Validity| {
        let seconds = validity.duration().as_secs();
        let hours = u32::try_from(seconds / 3600).ok().filter(|_| seconds.is_multiple_of(3600));
        hours.ok_or(NotWholeHours(validity))
    };
    Ok(wire::ListsSend {
        groups: lists.iter().map(|id| Id(id.get())).collect(),
        sender: message.agent().to_owned(),
        options: options(message.content()),
        alternative_channel: message.sms().map(alternative_channel),
        start_at: start_at.map(|at| CivilText(at.to_string())),
        tariff_code: message.tariff_code(),
        validity: message.validity().map(hours).transpose()?,
        check_stop_list: Some(message.check_stop_list()),
    })
}

fn recipient(to: &Addressee) -> wire::Recipient {
    wire::Recipient { number: phone(to.number), reference_id: Some(to.reference.to_string()) }
}

const fn phone(number: Msisdn) -> Phone {
    Phone(number.as_u64())
}

fn options(content: &Content) -> wire::Options {
    match content {
        Content::Text(text) => wire::Options { text: Some(text.clone()), cards: None },
        Content::Cards(cards) => {
            wire::Options { text: None, cards: Some(cards.iter().map(card).collect()) }
        }
    }
}

fn card(card: &Card) -> wire::Card {
    let suggestions = card.suggestions();
    wire::Card {
        title: card.title().map(str::to_owned),
        text: card.text().map(str::to_owned),
        media: card.media().map(|url| wire::Media { url: url.to_owned() }),
        suggestions: (!suggestions.is_empty())
            .then(|| suggestions.iter().map(suggestion).collect()),
    }
}

fn suggestion(suggestion: &Suggestion) -> wire::Suggestion {
    let (kind, url, number) = match suggestion.action() {
        Action::Link(url) => (wire::SuggestionType::Link, Some(url.clone()), None),
        Action::Call(number) => (wire::SuggestionType::Call, None, Some(phone(*number))),
    };
    wire::Suggestion {
        // The schema requires it, though the vendor's own examples leave it out.
        r#type: Some(kind),
        text: suggestion.text().to_owned(),
        url,
        phone: number,
        postback_data: suggestion.postback().map(str::to_owned),
    }
}

fn alternative_channel(sms: &SmsFallback) -> wire::AlternativeChannel {
    let (validity, validity_seconds) = validity(sms.validity());
    wire::AlternativeChannel {
        sms: wire::SmsFallback {
            text: sms.text().to_owned(),
            sender: sms.sender().to_owned(),
            validity,
            validity_seconds,
            check_stop_list: Some(sms.check_stop_list()),
        },
    }
}

/// Hours and seconds are two fields of which the platform wants one.
fn validity(validity: Option<Validity>) -> (Option<u32>, Option<u32>) {
    let hours = validity.and_then(Validity::as_hours).map(u32::from);
    (hours, validity.and_then(Validity::as_seconds))
}

//! A message as its handset shows it, with what a check says of its parts.

use bsg_rcs_domain::message::{CardDraft, SuggestionDraft};
use bsg_rcs_domain::{Fault, MessageDraft};
use bsg_rcs_view::handset::{Action, Button, Card, Face, Handset, Remark, Sms};
use bsg_rcs_view::page::document;

/// The handset that a draft would be shown on, whether it may be sent or not.
pub(crate) fn handset(draft: &MessageDraft, faults: &[Fault]) -> Handset {
    let face = if draft.cards.is_empty() {
        Face::Text(draft.text.clone().unwrap_or_default())
    } else {
        Face::Cards(draft.cards.iter().map(card).collect())
    };
    let sms = draft.sms.as_ref();
    Handset {
        agent: draft.agent.clone(),
        face,
        sms: sms.map(|sms| Sms { sender: sms.sender.clone(), text: sms.text.clone() }),
        remarks: faults.iter().map(remark).collect(),
    }
}

/// The file of it.
pub(crate) fn file(handset: &Handset) -> String {
    document(&format!("Preview: {}", handset.agent), &handset.html()).into_string()
}

fn card(card: &CardDraft) -> Card {
    Card {
        title: card.title.clone(),
        text: card.text.clone(),
        media: card.media.clone(),
        buttons: card.suggestions.iter().map(button).collect(),
    }
}

fn button(button: &SuggestionDraft) -> Button {
    let action = match (&button.url, &button.phone) {
        (Some(url), _) => Action::Link(url.clone()),
        (None, Some(phone)) => Action::Call(phone.clone()),
        (None, None) => Action::Nothing,
    };
    Button { label: button.text.clone(), action }
}

fn remark(fault: &Fault) -> Remark {
    Remark { place: fault.place.clone(), refuses: fault.refuses(), says: fault.to_string() }
}

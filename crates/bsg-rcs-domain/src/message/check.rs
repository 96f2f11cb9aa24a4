//! The check of a draft: one pass that finds every fault, part by part.

use alloc::format;
use alloc::vec::Vec;

use super::{
    Action, Card, CardDraft, Content, Media, Message, MessageDraft, SmsDraft, SmsFallback,
    Suggestion, SuggestionDraft, Validity, unsubscribe, url,
};
use crate::fault::{Checked, Checker, Fault, Faults};
use crate::msisdn::Msisdn;
use crate::rules;
use crate::sms::{self, Encoding};

/// Checks a whole draft. Parts that cannot be built leave a refusing fault behind.
pub(super) fn message(draft: &MessageDraft) -> Result<Checked<Message>, Faults> {
    let mut checker = Checker::default();
    checker.bounds(&rules::AGENT_LEN, "agent", draft.agent.chars().count());
    let content = content(&mut checker, draft);
    let validity = validity(&mut checker, "validity", draft.validity.as_deref());
    let sms = draft.sms.as_ref().map(|sms| fallback(&mut checker, sms));
    let message = content.map(|content| Message {
        agent: draft.agent.clone(),
        content,
        sms,
        validity,
        check_stop_list: draft.check_stop_list,
        add_to_contact_book: draft.add_to_contact_book,
        tariff_code: draft.tariff_code,
    });
    checker.conclude(message)
}

fn content(checker: &mut Checker, draft: &MessageDraft) -> Option<Content> {
    match (&draft.text, draft.cards.as_slice()) {
        (Some(text), []) => {
            checker.bounds(&rules::RCS_TEXT_LEN, "text", utf16(text));
            unsubscribe(checker, "text", text);
            Some(Content::Text(text.clone()))
        }
        (None, []) => {
            checker.report(Fault::at(&rules::CONTENT_NONE, "text"));
            None
        }
        (text, drafts) => {
            checker.require(text.is_none(), &rules::CONTENT_BOTH, "text");
            checker.bounds(&rules::CARD_COUNT, "cards", drafts.len());
            if drafts.len() <= limit(&rules::CARD_COUNT) {
                checker.bounds(&rules::CARD_COUNT_PROSE, "cards", drafts.len());
            }
            let cards: Vec<_> = drafts
                .iter()
                .enumerate()
                .map(|(at, draft)| card(checker, &format!("cards[{at}]"), draft))
                .collect();
            cards.into_iter().collect::<Option<_>>().map(Content::Cards)
        }
    }
}

fn card(checker: &mut Checker, place: &str, draft: &CardDraft) -> Option<Card> {
    let has_content = draft.text.is_some() || draft.media.is_some();
    checker.require(has_content, &rules::CARD_EMPTY, place);
    if let Some(title) = &draft.title {
        checker.bounds(&rules::CARD_TITLE_LEN, &format!("{place}.title"), utf16(title));
    }
    if let Some(text) = &draft.text {
        let place = format!("{place}.text");
        checker.bounds(&rules::CARD_TEXT_LEN, &place, utf16(text));
        unsubscribe(checker, &place, text);
    }
    if let Some(media) = &draft.media {
        let place = format!("{place}.media");
        url(checker, &place, media);
        checker.require(!Media::is_foreign(media), &rules::MEDIA_TYPE, &place);
    }
    let buttons = format!("{place}.suggestions");
    checker.bounds(&rules::BUTTON_COUNT, &buttons, draft.suggestions.len());
    if draft.suggestions.len() <= limit(&rules::BUTTON_COUNT) {
        checker.bounds(&rules::BUTTON_COUNT_PROSE, &buttons, draft.suggestions.len());
    }
    let suggestions: Vec<_> = draft
        .suggestions
        .iter()
        .enumerate()
        .map(|(at, draft)| suggestion(checker, &format!("{buttons}[{at}]"), draft))
        .collect();
    Some(Card {
        title: draft.title.clone(),
        text: draft.text.clone(),
        media: draft.media.clone(),
        suggestions: suggestions.into_iter().collect::<Option<_>>()?,
    })
}

fn suggestion(checker: &mut Checker, place: &str, draft: &SuggestionDraft) -> Option<Suggestion> {
    checker.bounds(&rules::BUTTON_TEXT_LEN, &format!("{place}.text"), utf16(&draft.text));
    if let Some(postback) = &draft.postback {
        let place = format!("{place}.postback");
        checker.bounds(&rules::BUTTON_POSTBACK_LEN, &place, utf16(postback));
    }
    let action = match (&draft.url, &draft.phone) {
        (Some(link), None) => {
            let place = format!("{place}.url");
            url(checker, &place, link);
            unsubscribe(checker, &place, link);
            Some(Action::Link(link.clone()))
        }
        (None, Some(phone)) => match Msisdn::normalise(phone) {
            Ok(number) => Some(Action::Call(number)),
            Err(why) => {
                checker.report(why.at(&format!("{place}.phone")));
                None
            }
        },
        _ => {
            checker.report(Fault::at(&rules::BUTTON_ACTION, place));
            None
        }
    };
    Some(Suggestion { text: draft.text.clone(), action: action?, postback: draft.postback.clone() })
}

fn fallback(checker: &mut Checker, draft: &SmsDraft) -> SmsFallback {
    let measured = sms::measure(&draft.text);
    let rule = match measured.encoding {
        Encoding::Gsm7 => &rules::SMS_TEXT_GSM7,
        Encoding::Ucs2 => &rules::SMS_TEXT_UCS2,
    };
    if measured.units == 0 {
        checker.report(Fault::at(&rules::SMS_TEXT_EMPTY, "sms.text"));
    } else {
        checker.bounds(rule, "sms.text", measured.units);
    }
    sender(checker, "sms.sender", &draft.sender);
    SmsFallback {
        sender: draft.sender.clone(),
        text: draft.text.clone(),
        validity: validity(checker, "sms.validity", draft.validity.as_deref()),
        check_stop_list: draft.check_stop_list,
    }
}

fn sender(checker: &mut Checker, place: &str, sender: &str) {
    let length = sender.len();
    let digits = sender.bytes().all(|b| b.is_ascii_digit());
    let plain = sender.bytes().all(|b| b.is_ascii_alphanumeric());
    let printable = sender.bytes().all(|b| (b' '..=b'~').contains(&b));
    let most = if digits { 15 } else { 11 };
    if !printable || !(1..=most).contains(&length) {
        checker.report(Fault::at(&rules::SMS_SENDER, place));
    } else if !plain || length < 3 {
        checker.report(Fault::at(&rules::SMS_SENDER_NARROW, place));
    }
}

fn validity(checker: &mut Checker, place: &str, text: Option<&str>) -> Option<Validity> {
    Validity::parse(text?).map_err(|why| checker.report(why.at(place))).ok()
}

fn url(checker: &mut Checker, place: &str, url: &str) {
    checker.bounds(&rules::URL_LEN, place, url.chars().count());
    checker.require(url::is_well_formed(url), &rules::URL_FORM, place);
}

/// A mention of the platform's unsubscribe host that is no unsubscribe link.
fn unsubscribe(checker: &mut Checker, place: &str, text: &str) {
    checker.require(!unsubscribe::is_misspelt(text), &rules::UNSUB_FORM, place);
}

fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The most that a rule allows.
fn limit(rule: &'static rules::Rule) -> usize {
    rule.bounds.map_or(usize::MAX, |bounds| usize::try_from(bounds.max).unwrap_or(usize::MAX))
}

//! The check of a draft: one pass that finds every fault, part by part.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{
    Action, Card, CardDraft, Content, Media, Message, MessageDraft, SmsDraft, SmsFallback,
    Suggestion, SuggestionDraft, Validity, placeholder, unsubscribe, url,
};
use crate::fault::{Checked, Checker, Fault, Faults};
use crate::msisdn::{Plausibility, Reading};
use crate::rules::{self, Rule};
use crate::sms::{self, Encoding, Forcing, Measured};

/// Characters that force UCS-2 and are named in a warning.
const FORCING_SHOWN: usize = 5;

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
            placeholder(checker, "text", text);
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
        let place = format!("{place}.title");
        checker.bounds(&rules::CARD_TITLE_LEN, &place, utf16(title));
        placeholder(checker, &place, title);
    }
    if let Some(text) = &draft.text {
        let place = format!("{place}.text");
        checker.bounds(&rules::CARD_TEXT_LEN, &place, utf16(text));
        unsubscribe(checker, &place, text);
        placeholder(checker, &place, text);
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
    let text = format!("{place}.text");
    checker.bounds(&rules::BUTTON_TEXT_LEN, &text, utf16(&draft.text));
    placeholder(checker, &text, &draft.text);
    if let Some(postback) = &draft.postback {
        let place = format!("{place}.postback");
        checker.bounds(&rules::BUTTON_POSTBACK_LEN, &place, utf16(postback));
    }
    let action = match (&draft.url, &draft.phone) {
        (Some(link), None) => {
            let place = format!("{place}.url");
            url(checker, &place, link);
            unsubscribe(checker, &place, link);
            placeholder(checker, &place, link);
            Some(Action::Link(link.clone()))
        }
        (None, Some(phone)) => match Reading::of(phone, None) {
            Ok(reading) => {
                // A button may well call a landline.
                let doubt = reading.plausibility();
                if doubt != Plausibility::Landline {
                    doubt.at(&format!("{place}.phone")).into_iter().for_each(|f| checker.report(f));
                }
                Some(Action::Call(reading.number))
            }
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
        sms_length(checker, rule, &draft.text, &measured);
    }
    placeholder(checker, "sms.text", &draft.text);
    sender(checker, "sms.sender", &draft.sender);
    SmsFallback {
        sender: draft.sender.clone(),
        text: draft.text.clone(),
        validity: validity(checker, "sms.validity", draft.validity.as_deref()),
        check_stop_list: draft.check_stop_list,
    }
}

/// The length of an SMS in units and in parts, and what makes it longer than it need be.
fn sms_length(checker: &mut Checker, rule: &'static Rule, text: &str, measured: &Measured) {
    let units = u64::try_from(measured.units).unwrap_or(u64::MAX);
    if rule.bounds.is_some_and(|bounds| bounds.hold(units)) {
        checker.bounds(&rules::SMS_PARTS, "sms.text", measured.parts);
    } else {
        checker.bounds(rule, "sms.text", measured.units);
    }
    if sms::is_needlessly_long(text) {
        let found: Vec<_> = sms::forcing(text).iter().take(FORCING_SHOWN).map(forced).collect();
        let fault = Fault::at(&rules::SMS_TEXT_FORCED, "sms.text");
        checker.report(fault.with_detail(found.join(", ")));
    }
}

/// A character that forces UCS-2, with its place and what to write for it.
fn forced(found: &Forcing) -> String {
    let Forcing { character, at, replacement, .. } = *found;
    let shown = character.escape_debug();
    let write = match replacement {
        None => String::from("leave it out"),
        Some("") => String::from("leave it out, it is not seen"),
        Some(" ") => String::from("write a space"),
        Some("\n") => String::from("write a line break"),
        Some(one) => format!("write {one}"),
    };
    format!("character {at} is {shown} (U+{:04X}): {write}", u32::from(character))
}

/// What looks like a placeholder, which nothing fills in.
fn placeholder(checker: &mut Checker, place: &str, text: &str) {
    if let Some(found) = placeholder::first(text) {
        let fault = Fault::at(&rules::TEXT_PLACEHOLDER, place);
        checker.report(fault.with_detail(format!("here {found}")));
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

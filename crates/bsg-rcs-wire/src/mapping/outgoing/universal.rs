//! Dry runs, which only the universal sends have.

use bsg_rcs_domain::message::{Content, SmsFallback};
use bsg_rcs_domain::{Addressee, Batch, Message};

use super::{options, recipient};
use crate::generated as wire;

/// The body of a dry run for one recipient: agent, content and alternative channel. Validity,
/// tariff and the like have no place in it.
pub fn dry_message(message: &Message, to: &Addressee) -> wire::UniversalMessage {
    wire::UniversalMessage {
        phone: recipient(to),
        channels: channels(message),
        rcs: Some(rcs(message.agent(), message.content())),
        sms: message.sms().map(sms),
        dry_run: Some(true),
        callback_url: None,
        tariff_code: None,
        validity: None,
        validity_seconds: None,
        add_to_contact_book: None,
        check_stop_list: None,
        respect_curfew: None,
    }
}

/// The body of a dry run for a batch.
pub fn dry_campaign(message: &Message, to: &Batch) -> wire::UniversalCampaign {
    wire::UniversalCampaign {
        recipients: wire::UniversalRecipients {
            phones: Some(to.addressees().iter().map(recipient).collect()),
            groups: None,
        },
        channels: channels(message),
        rcs: Some(rcs(message.agent(), message.content())),
        sms: message.sms().map(sms),
        dry_run: Some(true),
        start_at: None,
        tariff_code: None,
        validity: None,
        add_to_contact_book: None,
        check_stop_list: None,
        respect_curfew: None,
    }
}

fn channels(message: &Message) -> Vec<wire::Channel> {
    let mut channels = vec![wire::Channel::Rcs];
    channels.extend(message.sms().map(|_| wire::Channel::Sms));
    channels
}

fn rcs(agent: &str, content: &Content) -> wire::UniversalRcs {
    let wire::Options { text, cards } = options(content);
    wire::UniversalRcs { sender: agent.to_owned(), text, cards }
}

fn sms(sms: &SmsFallback) -> wire::UniversalSms {
    wire::UniversalSms {
        sender: sms.sender().to_owned(),
        text: sms.text().to_owned(),
        transliterate: None,
        unsubscribe_caption: None,
        short_links: None,
    }
}

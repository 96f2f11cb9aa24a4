//! The engine without sockets: fates, money, rules, and the laws that hold after any commands.

mod assumed;
mod book;
mod book_model;
mod dry_runs;
mod fates;
mod fidelity;
mod laws;
mod money;
mod rules;
mod stops;
mod to_lists;
mod written;

use std::time::Duration;

use bsg_rcs_domain::{
    Amount, CampaignStatus, Channel, CivilDateTime, MessageStatus, Msisdn, ReferenceId,
};

use super::*;

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
/// Longer than any validity and any step.
pub(crate) const ENOUGH: Duration = Duration::from_secs(100 * 3600);

pub(crate) fn start() -> VirtualTime {
    VirtualTime::from_civil(CivilDateTime::parse("2026-01-05 09:00:00").unwrap())
}

pub(crate) fn engine() -> Engine {
    engine_with(|_| {})
}

pub(crate) fn engine_with(change: impl FnOnce(&mut World)) -> Engine {
    let mut world = World::default();
    change(&mut world);
    Engine::new(world, 7, start())
}

pub(crate) fn live(engine: &Engine) -> AccountIx {
    engine.account_with_key("live_sandbox").unwrap()
}

pub(crate) fn text(agent: &str) -> SendOptions {
    SendOptions {
        agent: agent.into(),
        content: Content::Text("Your table is ready.".into()),
        sms: None,
        validity: 24 * HOUR,
        tariff_code: None,
        callback_url: Some("http://127.0.0.1:9/".into()),
        check_stop_list: true,
        add_to_contact_book: false,
    }
}

pub(crate) fn with_sms(mut options: SendOptions) -> SendOptions {
    let text = "Your table is ready.".into();
    let sender = "Bistro".into();
    options.sms = Some(Sms { sender, text, validity: HOUR, check_stop_list: true });
    options
}

pub(crate) fn with_buttons(mut options: SendOptions) -> SendOptions {
    let suggestion = Suggestion {
        text: "Book".into(),
        action: Action::Link("https://example.com/book".into()),
        postback: Some("book".into()),
    };
    let card = Card { text: Some("Menu".into()), suggestions: vec![suggestion], ..Card::default() };
    options.content = Content::Cards(vec![card]);
    options
}

pub(crate) fn to(number: u64) -> Addressee {
    Addressee { number: Msisdn::from_u64(number).unwrap(), reference: None }
}

pub(crate) fn with_reference(number: u64, reference: &str) -> Addressee {
    Addressee { reference: Some(ReferenceId::parse(reference).unwrap()), ..to(number) }
}

/// Sends to one, with a mark of its own for the guard.
pub(crate) fn send_one(engine: &mut Engine, to: Addressee, options: SendOptions) -> Answer {
    let account = live(engine);
    let fingerprint = u64::try_from(engine.messages.len()).unwrap() + 1_000_000;
    let now = engine.now();
    engine.handle(Command::SendOne { account, fingerprint, to, options: Box::new(options) }, now)
}

/// Sends a campaign, with a mark of its own for the guard.
pub(crate) fn send_campaign(
    engine: &mut Engine,
    to: Vec<Addressee>,
    options: SendOptions,
) -> Answer {
    let account = live(engine);
    let fingerprint = u64::try_from(engine.messages.len()).unwrap();
    let (now, options) = (engine.now(), Box::new(options));
    engine.handle(Command::SendCampaign { account, fingerprint, to, options, start_at: None }, now)
}

pub(crate) fn message_of(answer: Answer) -> MessageIx {
    match answer {
        Ok(Outcome::Message(ix)) => ix,
        other => panic!("no message: {other:?}"),
    }
}

pub(crate) fn campaign_of(answer: Answer) -> CampaignIx {
    match answer {
        Ok(Outcome::Campaign(ix)) => ix,
        other => panic!("no campaign: {other:?}"),
    }
}

/// Carries out a command now.
pub(crate) fn handle(engine: &mut Engine, command: Command) -> Answer {
    let now = engine.now();
    engine.handle(command, now)
}

#[track_caller]
pub(crate) fn refused_at(answer: Answer, places: &[&str]) {
    let refusal = answer.unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::Invalid);
    assert_eq!(refusal.errors.keys().map(String::as_str).collect::<Vec<_>>(), places);
}

/// Puts a number on the live account's stop list.
pub(crate) fn stop(engine: &mut Engine, number: u64, channel: AnyChannel) {
    let (phones, channels) = (vec![to(number).number], [channel].into());
    let command = StopListCommand::Attach { phones, channels };
    handle(engine, Command::StopList(live(engine), command)).unwrap();
}

pub(crate) fn new_contact(engine: &mut Engine, account: AccountIx, number: u64) -> Answer {
    let draft = ContactDraft { phone: to(number).number, fields: None, lists: None };
    handle(engine, Command::Contacts(account, ContactCommand::Make(draft)))
}

pub(crate) fn new_list(engine: &mut Engine, account: AccountIx, name: &str) -> Answer {
    let draft = ListDraft { name: name.into(), description: None, default: None };
    handle(engine, Command::Lists(account, ListCommand::Make(draft)))
}

#[track_caller]
pub(crate) fn id_of(answer: Answer) -> u64 {
    match answer {
        Ok(Outcome::Contact(id) | Outcome::List(id)) => id,
        other => panic!("no id: {other:?}"),
    }
}

pub(crate) fn pass(engine: &mut Engine, by: Duration) {
    let now = engine.now().plus(by);
    engine.advance_to(now);
}

pub(crate) fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap().amount
}

/// Statuses in the order in which a message took them.
pub(crate) fn way(engine: &Engine, ix: MessageIx) -> String {
    let words: Vec<_> = engine.at(ix).history.iter().map(|s| s.status.as_str()).collect();
    words.join(" ")
}

/// What was told of a message, in order.
pub(crate) fn told(engine: &Engine, ix: MessageIx) -> String {
    let words: Vec<_> = engine
        .at(ix)
        .callbacks
        .iter()
        .map(|note| match note.said {
            CallbackKind::Status(status) => status.as_str(),
            CallbackKind::Click { .. } => "click",
        })
        .collect();
    words.join(" ")
}

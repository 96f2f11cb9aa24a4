//! The engine without sockets: fates, money, rules, and the laws that hold whatever is asked of it.

mod assumed;
mod book;
mod book_model;
mod dry_runs;
mod fates;
mod laws;
mod money;
mod rules;
mod stops;
mod to_lists;

use bsg_rcs_domain::{Amount, CivilDateTime, Msisdn, ReferenceId};

use super::*;

pub(super) const HOUR: Duration = Duration::from_secs(3600);
/// Longer than any validity and any step.
pub(super) const ENOUGH: Duration = Duration::from_secs(100 * 3600);

pub(super) fn start() -> VirtualTime {
    VirtualTime::from_civil(CivilDateTime::parse("2026-01-05 09:00:00").unwrap())
}

pub(super) fn engine() -> Engine {
    engine_with(|_| {})
}

pub(super) fn engine_with(change: impl FnOnce(&mut World)) -> Engine {
    let mut world = World::default();
    change(&mut world);
    Engine::new(world, 7, start())
}

pub(super) fn live(engine: &Engine) -> AccountIx {
    engine.account_with_key("live_sandbox").unwrap()
}

pub(super) fn text(agent: &str) -> Terms {
    Terms {
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

pub(super) fn with_sms(mut terms: Terms) -> Terms {
    let text = "Your table is ready.".into();
    let sender = "Bistro".into();
    terms.sms = Some(Sms { sender, text, validity: HOUR, check_stop_list: true });
    terms
}

pub(super) fn with_buttons(mut terms: Terms) -> Terms {
    let suggestion = Suggestion {
        text: "Book".into(),
        action: Action::Link("https://example.com/book".into()),
        postback: Some("book".into()),
    };
    let card = Card { text: Some("Menu".into()), suggestions: vec![suggestion], ..Card::default() };
    terms.content = Content::Cards(vec![card]);
    terms
}

pub(super) fn to(number: u64) -> Addressee {
    Addressee { number: Msisdn::from_u64(number).unwrap(), reference: None }
}

pub(super) fn with_reference(number: u64, reference: &str) -> Addressee {
    Addressee { reference: Some(ReferenceId::parse(reference).unwrap()), ..to(number) }
}

/// Sends to one, with a mark of its own for the guard.
pub(super) fn send_one(engine: &mut Engine, to: Addressee, terms: Terms) -> Answer {
    let account = live(engine);
    let fingerprint = u64::try_from(engine.messages.len()).unwrap() + 1_000_000;
    let now = engine.now();
    engine.handle(Command::SendOne { account, fingerprint, to, terms: Box::new(terms) }, now)
}

/// Sends a campaign, with a mark of its own for the guard.
pub(super) fn send_campaign(engine: &mut Engine, to: Vec<Addressee>, terms: Terms) -> Answer {
    let account = live(engine);
    let fingerprint = u64::try_from(engine.messages.len()).unwrap();
    let (now, terms) = (engine.now(), Box::new(terms));
    engine.handle(Command::SendCampaign { account, fingerprint, to, terms, start_at: None }, now)
}

pub(super) fn message_of(answer: Answer) -> MessageIx {
    match answer {
        Ok(Outcome::Message(ix)) => ix,
        other => panic!("no message: {other:?}"),
    }
}

pub(super) fn campaign_of(answer: Answer) -> CampaignIx {
    match answer {
        Ok(Outcome::Campaign(ix)) => ix,
        other => panic!("no campaign: {other:?}"),
    }
}

/// Carries out a command now.
pub(super) fn handle(engine: &mut Engine, command: Command) -> Answer {
    let now = engine.now();
    engine.handle(command, now)
}

#[track_caller]
pub(super) fn refused_at(answer: Answer, places: &[&str]) {
    let refusal = answer.unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::Invalid);
    assert_eq!(refusal.errors.keys().map(String::as_str).collect::<Vec<_>>(), places);
}

/// Puts a number on the live account's stop list.
pub(super) fn stop(engine: &mut Engine, number: u64, channel: AnyChannel) {
    let (phones, channels) = (vec![to(number).number], [channel].into());
    let command = StopListCommand::Attach { phones, channels };
    handle(engine, Command::StopList(live(engine), command)).unwrap();
}

pub(super) fn new_contact(engine: &mut Engine, account: AccountIx, number: u64) -> Answer {
    let draft = ContactDraft { phone: to(number).number, fields: None, lists: None };
    handle(engine, Command::Contacts(account, ContactCommand::Make(draft)))
}

pub(super) fn new_list(engine: &mut Engine, account: AccountIx, name: &str) -> Answer {
    let draft = ListDraft { name: name.into(), description: None };
    handle(engine, Command::Lists(account, ListCommand::Make(draft)))
}

#[track_caller]
pub(super) fn id_of(answer: Answer) -> u64 {
    match answer {
        Ok(Outcome::Contact(id) | Outcome::List(id)) => id,
        other => panic!("no id: {other:?}"),
    }
}

pub(super) fn pass(engine: &mut Engine, by: Duration) {
    let now = engine.now().plus(by);
    engine.advance_to(now);
}

pub(super) fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap().amount
}

/// Statuses in the order in which a message took them.
pub(super) fn way(engine: &Engine, ix: MessageIx) -> String {
    let words: Vec<_> = engine.at(ix).history.iter().map(|s| s.status.as_str()).collect();
    words.join(" ")
}

/// What was told of a message, in order.
pub(super) fn told(engine: &Engine, ix: MessageIx) -> String {
    let words: Vec<_> = engine
        .at(ix)
        .callbacks
        .iter()
        .map(|note| match note.said {
            Said::Status(status) => status.as_str(),
            Said::Click { .. } => "click",
        })
        .collect();
    words.join(" ")
}

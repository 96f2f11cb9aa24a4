//! Conversations by number, and one of them on a phone.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use bsg_rcs_domain::{Channel, Msisdn};
use bsg_rcs_view::handset::{Action, Button, Card, Face, Handset, Sms};
use http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::frame::{self, View, beginning, done, live, not_done, status, turning};
use crate::engine::{
    self, CallbackNote, Command, Content, Delivery, Engine, Filter, Letter, MessageIx, Said,
};
use crate::http::seen::{self, Seen};
use crate::http::shared::Shared;
use crate::http::{callbacks, reply};

/// Conversations of a page.
const CONVERSATIONS: usize = 50;
/// Messages of a page of a conversation.
const MESSAGES: usize = 20;

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    page: usize,
    phone: Option<String>,
}

/// `GET /`
pub(super) async fn list(State(shared): State<Arc<Shared>>, which: Query<Which>) -> Response {
    if let Some(phone) = &which.phone {
        let Ok(number) = Msisdn::normalise(phone) else {
            let sentence = "phone: write it as +380 66 123 12 31";
            return not_done("/", reply::refuse(StatusCode::UNPROCESSABLE_ENTITY, sentence));
        };
        return Redirect::to(&format!("/phones/{}", number.digits())).into_response();
    }
    shared.read(|engine| {
        frame::page(engine, View::Phones, "Phones", &conversations(engine, which.page))
    })
}

fn conversations(engine: &Engine, page: usize) -> Markup {
    let (latest, has_more) = latest(engine, page);
    html! {
        form.row action="/" method="get" role="search" {
            label { "Number" input name="phone" inputmode="tel" autocomplete="off"; }
            button { "Show" }
        }
        (live("conversations", html! {
            p.quiet { "Messages so far: " (engine.counts().each().map(|(_, count)| count).sum::<u64>()) ". The newest come first." }
            @if latest.is_empty() { p { "Nobody was written to yet. Send something to " code { "/api/" } ", and look again." } }
            @else { div.list tabindex="0" role="region" aria-label="Conversations" { table {
                thead { tr { th { "number" } th { "status" } th { "says" } th { "from" } th { "when" } } }
                tbody { @for ix in &latest { (conversation(engine, *ix)) } }
            } } }
            (turning("/?", page, has_more))
        }))
    }
}

/// The latest message of each number, the newest first; whether there are more.
fn latest(engine: &Engine, page: usize) -> (Vec<MessageIx>, bool) {
    let all = engine.find(&Filter::default());
    let mut met = HashSet::new();
    let newest_first = (0..all.len()).rev().filter_map(|at| all.get(at));
    let mut firsts = newest_first.filter(|ix| met.insert(engine.at(*ix).phone));
    let skipped = page.saturating_mul(CONVERSATIONS);
    let latest: Vec<_> = firsts.by_ref().skip(skipped).take(CONVERSATIONS).collect();
    let has_more = firsts.next().is_some();
    (latest, has_more)
}

fn conversation(engine: &Engine, ix: MessageIx) -> Markup {
    let message = engine.at(ix);
    let number = message.phone.digits();
    html! {
        tr {
            th scope="row" { a id={ "n" (number) } href={ "/phones/" (number) } { "+" (number) } }
            td { (status(message.status().as_str())) }
            td.says { (beginning(message.letter.content.text().unwrap_or("(a picture)"))) }
            td { (message.letter.sender) }
            td { (message.created()) }
        }
    }
}

/// `GET /phones/{number}`
pub(super) async fn one(
    State(shared): State<Arc<Shared>>,
    Path(number): Path<String>,
    which: Query<Which>,
) -> Response {
    let Ok(phone) = Msisdn::normalise(&number) else {
        return not_done("/", reply::refuse(StatusCode::NOT_FOUND, "That is no number."));
    };
    shared.read(|engine| {
        let found = engine.find(&Filter { phone: Some(phone), ..Filter::default() });
        let offset = which.page.saturating_mul(MESSAGES);
        let page = found.page(offset, MESSAGES, true);
        let has_more = found.len() > offset.saturating_add(MESSAGES);
        let base = format!("/phones/{}?", phone.digits());
        let body = live(
            "messages",
            html! {
                p.quiet { "Messages: " (found.len()) ". The newest come first." }
                @for ix in page { (message(engine, &shared.seen, ix)) }
                (turning(&base, which.page, has_more))
            },
        );
        frame::page(engine, View::Phones, &format!("+{}", phone.digits()), &body)
    })
}

fn message(engine: &Engine, seen: &Seen, ix: MessageIx) -> Markup {
    let message = engine.at(ix);
    let currency = engine.world().prices.currency();
    let delivered = message.status().is_delivered();
    html! {
        section.message id={ "m" (ix.id()) } aria-label={ "Message " (ix.id()) } {
            div.columns {
                (on_the_phone(ix, &message.letter, message.channel, message.phone, delivered))
                div {
                    h2 { (status(message.status().as_str())) }
                    ol.timeline {
                        @for station in message.history.iter() {
                            li { (station.status.as_str()) time { (station.at) } }
                        }
                    }
                    dl.facts {
                        dt { "message" } dd { (ix.id()) }
                        @if let Some(campaign) = message.campaign {
                            dt { "campaign" } dd { a href={ "/campaigns/" (campaign.id()) } { (campaign.id()) } }
                        }
                        @if let Some(reference) = &message.reference { dt { "reference" } dd { (reference.as_str()) } }
                        @if let Some(origin) = message.origin { dt { "follows" } dd { a href={ "#m" (origin.id()) } { "message " (origin.id()) } } }
                        dt { "price" } dd { (message.price) " " (currency) (if delivered { ", charged" } else { ", if it is delivered" }) }
                    }
                    h3 { "Callbacks" }
                    @if message.callbacks.is_empty() { p.quiet { "None: no callback URL was set, or nothing was to be told." } }
                    @for (note, told) in (0_u16..).zip(&message.callbacks) { (callback(engine, seen, ix, note, told)) }
                }
            }
        }
    }
}

fn callback(engine: &Engine, seen: &Seen, ix: MessageIx, note: u16, told: &CallbackNote) -> Markup {
    let what = match told.said {
        Said::Status(status) => status.as_str(),
        Said::Click { .. } => "click",
    };
    let became = match told.delivery {
        Delivery::Waiting => "on its way",
        Delivery::Acknowledged => "acknowledged",
        Delivery::GivenUp => "given up",
        Delivery::Dropped => "lost on purpose",
    };
    let answer = seen.answer_to(ix, note).map(|said| match said {
        seen::Said::Status(status) => format!("answered {status}"),
        seen::Said::Nothing => "never answered".to_owned(),
    });
    let posted = engine.callback(ix, note);
    html! {
        details id={ "c" (ix.id()) "-" (note) } {
            summary { (what) ", " (became) ", attempts: " (told.attempts) @if let Some(answer) = answer { ", " (answer) } }
            @if let Some(posted) = posted {
                p.quiet { "POST " (without_secret(&posted.url)) }
                pre tabindex="0" { (String::from_utf8_lossy(&callbacks::body(&posted, &engine.world().assumptions))) }
            }
        }
    }
}

/// A callback URL whose last part, which is its receiver's secret, is left out.
fn without_secret(url: &str) -> String {
    match url.rsplit_once('/') {
        Some((front, last)) if !last.is_empty() && !front.ends_with('/') => format!("{front}/…"),
        _ => url.to_owned(),
    }
}

/// The message as its handset shows it; its buttons click.
fn on_the_phone(
    ix: MessageIx,
    letter: &Letter,
    channel: Channel,
    phone: Msisdn,
    delivered: bool,
) -> Markup {
    if channel == Channel::Sms {
        let text = letter.content.text().unwrap_or_default();
        return html! {
            div.phone { p.agent { "SMS from " (letter.sender) } div."bubble sms" { p { (text) } } }
        };
    }
    let act = format!("/phones/{}/click", phone.digits());
    let button = |card: usize, place: usize, button: &Button| {
        let id = format!("b{}-{card}-{place}", ix.id());
        html! {
            form action=(act) method="post" {
                input type="hidden" name="message" value=(ix.id());
                input type="hidden" name="card" value=(card);
                input type="hidden" name="suggestion" value=(place);
                button id=(id) disabled[!delivered] { (button.label) }
                @match &button.action {
                    Action::Link(address) => { " " span.quiet { "opens " (address) } }
                    Action::Call(number) => { " " span.quiet { "calls " (number) } }
                    Action::Nothing => {}
                }
            }
        }
    };
    handset(letter).html_with(&button)
}

fn handset(letter: &Letter) -> Handset {
    let face = match &letter.content {
        Content::Text(text) => Face::Text(text.clone()),
        Content::Cards(cards) => Face::Cards(cards.iter().map(card).collect()),
    };
    let sms = letter.sms.as_ref().map(|sms| Sms {
        sender: sms.sender.clone(),
        text: sms.content.text().unwrap_or_default().to_owned(),
    });
    Handset { agent: letter.sender.clone(), face, sms, remarks: Vec::new() }
}

fn card(card: &engine::Card) -> Card {
    let button = |one: &engine::Suggestion| Button {
        label: one.text.clone(),
        action: match &one.action {
            engine::Action::Link(address) => Action::Link(address.clone()),
            engine::Action::Call(number) => Action::Call(number.clone()),
        },
    };
    Card {
        title: card.title.clone(),
        text: card.text.clone(),
        media: card.media.clone(),
        buttons: card.suggestions.iter().map(button).collect(),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Click {
    message: u64,
    card: u8,
    suggestion: u8,
}

/// `POST /phones/{number}/click`
pub(super) async fn click(
    State(shared): State<Arc<Shared>>,
    Path(number): Path<String>,
    Form(asked): Form<Click>,
) -> Response {
    let Click { message, card, suggestion } = asked;
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let clicked = shared.perform(Command::Click { message, card, suggestion });
    done(&format!("/phones/{digits}#m{message}"), clicked.map(drop))
}

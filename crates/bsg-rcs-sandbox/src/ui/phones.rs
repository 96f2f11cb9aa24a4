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

use super::layout::{self, View, beginning, done, live, not_done, status, turning};
use crate::app_state::AppState;
use crate::host::platform::Host;
use crate::host::posting;
use crate::reply;
use bsg_rcs_sandbox_engine::{
    self as engine, CallbackKind, CallbackNote, Command, Content, Delivery, Engine, Filter,
    MessageIx, MessageRecord, MessageSpec, unsubscribe_links_replaced,
};

/// Conversations of a page.
const CONVERSATIONS: usize = 50;
/// Messages of a page of a conversation.
const MESSAGES: usize = 20;

#[derive(Debug, Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    page: usize,
    phone: Option<String>,
}

/// `GET /`
pub(crate) async fn list(State(app): State<Arc<AppState>>, which: Query<Which>) -> Response {
    if let Some(phone) = &which.phone {
        let Ok(number) = Msisdn::normalise(phone) else {
            let sentence = "phone: write it as +380 66 123 12 31";
            return not_done("/", reply::refuse(StatusCode::UNPROCESSABLE_ENTITY, sentence));
        };
        return Redirect::to(&format!("/phones/{}", number.digits())).into_response();
    }
    app.host.read(|engine| {
        layout::page(engine, View::Phones, "Phones", &conversations(engine, which.page))
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
            @if latest.is_empty() { p { "No message was sent yet. Send something to " code { "/api/" } ", and look again." } }
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
            td.says { (beginning(message.spec.content.text().unwrap_or("(a picture)"))) }
            td { (message.spec.sender) }
            td { (message.created()) }
        }
    }
}

/// `GET /phones/{number}`
pub(crate) async fn one(
    State(app): State<Arc<AppState>>,
    Path(number): Path<String>,
    which: Query<Which>,
) -> Response {
    let Ok(phone) = Msisdn::normalise(&number) else {
        return not_done("/", reply::refuse(StatusCode::NOT_FOUND, "That is no number."));
    };
    app.host.read(|engine| {
        let found = engine.find(&Filter { phone: Some(phone), ..Filter::default() });
        let offset = which.page.saturating_mul(MESSAGES);
        let page = found.page(offset, MESSAGES, true);
        let has_more = found.len() > offset.saturating_add(MESSAGES);
        let base = format!("/phones/{}?", phone.digits());
        let body = live(
            "messages",
            html! {
                p.quiet { "Messages: " (found.len()) ". The newest come first." }
                @for ix in page { (message(engine, &app.host, ix)) }
                (turning(&base, which.page, has_more))
            },
        );
        layout::page(engine, View::Phones, &format!("+{}", phone.digits()), &body)
    })
}

fn message(engine: &Engine, host: &Host, ix: MessageIx) -> Markup {
    let message = engine.at(ix);
    let currency = engine.world().prices.currency();
    let delivered = message.status().is_delivered();
    html! {
        section.message id={ "m" (ix.id()) } aria-label={ "Message " (ix.id()) } {
            div.columns {
                (on_the_phone(engine, ix, delivered))
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
                    @for (note, told) in (0_u16..).zip(&message.callbacks) { (callback(engine, host, ix, note, told)) }
                }
            }
        }
    }
}

fn callback(engine: &Engine, host: &Host, ix: MessageIx, note: u16, told: &CallbackNote) -> Markup {
    let what = match told.said {
        CallbackKind::Status(status) => status.as_str(),
        CallbackKind::Click { .. } => "click",
    };
    let became = match told.delivery {
        Delivery::Waiting => "on its way",
        Delivery::Acknowledged => "acknowledged",
        Delivery::GivenUp => "given up",
        Delivery::Dropped => "lost on purpose",
    };
    let answer = host.response_to(ix, note);
    let posted = engine.callback(ix, note);
    html! {
        details id={ "c" (ix.id()) "-" (note) } {
            summary { (what) ", " (became) ", attempts: " (told.attempts) @if let Some(answer) = answer { ", " (answer) } }
            @if let Some(posted) = posted {
                p.quiet { "POST " (without_secret(&posted.url)) }
                pre tabindex="0" { (String::from_utf8_lossy(&posting::body(&posted, &engine.world().assumptions))) }
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
fn on_the_phone(engine: &Engine, ix: MessageIx, delivered: bool) -> Markup {
    let MessageRecord { spec, channel, phone, .. } = engine.at(ix);
    if *channel == Channel::Sms {
        let text = spec.content.text().unwrap_or_default();
        return html! {
            div.phone { p.agent { "SMS from " (spec.sender) } div."bubble sms" { p { (text) } } }
        };
    }
    let own_link = engine.unsubscribe_link(ix);
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
    handset(spec, own_link.as_deref()).html_with(&button)
}

fn handset(spec: &MessageSpec, own_link: Option<&str>) -> Handset {
    let face = match &spec.content {
        Content::Text(text) => Face::Text(personal(text, own_link)),
        Content::Cards(cards) => Face::Cards(cards.iter().map(|one| card(one, own_link)).collect()),
    };
    let sms = spec.sms.as_ref().map(|sms| Sms {
        sender: sms.sender.clone(),
        text: sms.content.text().unwrap_or_default().to_owned(),
    });
    Handset { agent: spec.sender.clone(), face, sms, remarks: Vec::new() }
}

/// A text with the recipient's own unsubscribe link. Without its scheme it is no link: it would lead to the real site.
fn personal(text: &str, own_link: Option<&str>) -> String {
    let own = own_link.and_then(|link| link.strip_prefix("http://"));
    own.map_or_else(|| text.to_owned(), |own| unsubscribe_links_replaced(text, own))
}

fn card(card: &engine::Card, own_link: Option<&str>) -> Card {
    let button = |one: &engine::Suggestion| Button {
        label: one.text.clone(),
        action: match &one.action {
            engine::Action::Link(address) => Action::Link(personal(address, own_link)),
            engine::Action::Call(number) => Action::Call(number.clone()),
        },
    };
    Card {
        title: card.title.clone(),
        text: card.text.as_deref().map(|text| personal(text, own_link)),
        media: card.media.clone(),
        buttons: card.suggestions.iter().map(button).collect(),
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Click {
    message: u64,
    card: u8,
    suggestion: u8,
}

/// `POST /phones/{number}/click`
pub(crate) async fn click(
    State(app): State<Arc<AppState>>,
    Path(number): Path<String>,
    Form(asked): Form<Click>,
) -> Response {
    let Click { message, card, suggestion } = asked;
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let clicked = app.host.perform(Command::Click { message, card, suggestion });
    done(&format!("/phones/{digits}#m{message}"), clicked.map(drop).map_err(Into::into))
}

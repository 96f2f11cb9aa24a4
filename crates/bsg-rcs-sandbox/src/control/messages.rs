//! Messages, and clicks on their buttons.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use bsg_rcs_domain::{Amount, Msisdn, ReferenceId};
use bsg_rcs_sandbox_engine::{
    CallbackKind, CallbackNote, Command, Content, Delivery, Engine, Filter, MessageIx, MessageSpec,
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, number, perform, read, refused};
use crate::api::responses;
use crate::app_state::AppState;
use crate::host::platform::Host;
use crate::host::posting::CallbackResponse;
use crate::reply::{self, Refused};

/// What `GET /sandbox/messages` may be asked.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    phone: Option<String>,
    reference: Option<String>,
    campaign_id: Option<u64>,
    offset: Option<usize>,
    limit: Option<usize>,
}

/// Messages of a page without `limit`.
const LIMIT: usize = 100;
/// Messages of a page at most.
const LIMIT_MAX: usize = 10_000;

/// `GET /sandbox/messages`
pub(crate) async fn list(
    State(app): State<Arc<AppState>>,
    which: Result<Query<Which>, QueryRejection>,
) -> Answer {
    let Query(which) = which.map_err(|why| refused(&why.body_text()))?;
    let filter = Filter {
        phone: named(&which.phone, "phone", |text| Msisdn::normalise(text).ok())?,
        reference: named(&which.reference, "reference", |text| ReferenceId::parse(text).ok())?,
        campaign: which.campaign_id,
        ..Filter::default()
    };
    let (offset, limit) = (which.offset.unwrap_or(0), which.limit.unwrap_or(LIMIT).min(LIMIT_MAX));
    Ok(app.host.read(|engine| {
        let found = engine.find(&filter);
        let page = found.page(offset, limit, false).into_iter();
        let data: Vec<Value> = page.map(|ix| message(engine, &app.host, ix)).collect();
        Json(json!({ "data": data, "total": found.len() })).into_response()
    }))
}

/// `GET /sandbox/messages/{id}`
pub(crate) async fn show(State(app): State<Arc<AppState>>, Path(id): Path<String>) -> Answer {
    let id = number(&id, "message")?;
    let found = app.host.read(|engine| engine.message(id).map(|ix| message(engine, &app.host, ix)));
    let none = || reply::refuse(StatusCode::NOT_FOUND, "No message has this id.");
    found.map(|message| Json(message).into_response()).ok_or_else(none)
}

fn named<T>(
    text: &Option<String>,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Refused> {
    let refuse = || refused(&format!("{name}: it cannot be read"));
    text.as_deref().map(|text| read(text).ok_or_else(refuse)).transpose()
}

fn message(engine: &Engine, host: &Host, ix: MessageIx) -> Value {
    let message = engine.at(ix);
    let history: Vec<_> = message
        .history
        .iter()
        .map(|station| json!({ "status": station.status.as_str(), "at": station.at.to_string() }))
        .collect();
    let is_charged = message.history.iter().any(|station| station.status.is_delivered());
    let charged = if is_charged { message.price } else { Amount::ZERO };
    let callbacks: Vec<_> = (0..)
        .zip(&message.callbacks)
        .map(|(note, told)| callback(told, host.response_to(ix, note)))
        .collect();
    let mut shown = json!({
        "id": ix.id(),
        "account": &*engine.account(message.account).key,
        "phone": message.phone.digits().to_string(),
        "reference": message.reference.as_ref().map(ReferenceId::as_str),
        "campaign_id": message.campaign.map(|campaign| campaign.id()),
        "type": match message.channel {
            bsg_rcs_domain::Channel::Rcs => "rcs",
            bsg_rcs_domain::Channel::Sms => "sms",
        },
        "follows": message.origin.map(MessageIx::id),
        "status": message.status().as_str(),
        "price": message.price.to_string(),
        "charged": charged.to_string(),
        "unsubscribe_link": engine.unsubscribe_link(ix),
        "history": history,
        "callbacks": callbacks,
    });
    for (name, said) in says(&message.spec) {
        shown[name] = said;
    }
    shown
}

/// What a message says: `text` or `cards`, and `sms` where it has an alternative channel.
fn says(spec: &MessageSpec) -> Vec<(&'static str, Value)> {
    let options = json!(responses::options(&spec.content));
    let mut said = match &spec.content {
        Content::Text(text) => vec![("text", json!(text))],
        Content::Cards(_) => vec![("cards", options["cards"].clone())],
    };
    if let Some(sms) = &spec.sms {
        said.push(("sms", json!({ "sender": sms.sender, "text": sms.content.text() })));
    }
    said
}

fn callback(note: &CallbackNote, response: Option<CallbackResponse>) -> Value {
    let delivery = match note.delivery {
        Delivery::Waiting => "waiting",
        Delivery::Acknowledged => "acknowledged",
        Delivery::GivenUp => "given_up",
        Delivery::Dropped => "dropped",
    };
    let mut told = json!({
        "at": note.at.to_string(),
        "delivery": delivery,
        "attempts": note.attempts,
        "answer": response.map(|response| response.to_string()),
    });
    match note.said {
        CallbackKind::Status(status) => told["status"] = status.as_str().into(),
        CallbackKind::Click { card, suggestion } => {
            told["click"] = json!({ "card": card, "suggestion": suggestion });
        }
    }
    told
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Click {
    #[serde(default)]
    suggestion: u8,
    #[serde(default)]
    card: u8,
}

/// `POST /sandbox/messages/{id}/click`
pub(crate) async fn click(
    State(app): State<Arc<AppState>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer {
    let message = number(&id, "message")?;
    let asked: Click = read(&body)?;
    let Click { card, suggestion } = asked;
    perform(&app, Command::Click { message, card, suggestion })
}

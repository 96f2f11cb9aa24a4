//! Steering: the sandbox's own calls, which the platform does not have.
//!
//! The names here are promises to scripts; amounts are strings with seven decimals, times are written as the
//! platform writes them.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use bsg_rcs_domain::{Amount, Msisdn, ReferenceId};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::faults::Rule;
use super::reply;
use super::reply::Refused;
use super::shared::Shared;
use crate::engine::{
    AccountIx, CallbackNote, Command, Delivery, Engine, Filter, LedgerEntry, MessageIx, Said,
};

type Answer = Result<Response, Refused>;

/// `GET /sandbox/state`
pub(super) async fn state(State(shared): State<Arc<Shared>>) -> Response {
    let config = shared.config();
    let state = shared.read(|engine| {
        let accounts: Vec<_> = engine.accounts().map(|(ix, _)| account(engine, ix)).collect();
        let messages: serde_json::Map<String, Value> = engine
            .counts()
            .each()
            .map(|(status, count)| (status.as_str().to_owned(), count.into()))
            .collect();
        let campaigns: Vec<_> = engine
            .campaigns()
            .map(|ix| {
                let campaign = engine.campaign_at(ix);
                json!({
                    "id": ix.id(),
                    "account": &*engine.account(campaign.account).key,
                    "sender": campaign.letter.sender,
                    "status": campaign.status.as_str(),
                    "recipients": campaign.count,
                    "handed_over": campaign.handed_over,
                    "charged": campaign.charged.to_string(),
                })
            })
            .collect();
        json!({
            "now": engine.now().to_string(),
            "now_ms": engine.now().millis(),
            "virtual": config.speed.is_virtual(),
            "seed": config.seed,
            "oddities": config.oddities,
            "accounts": accounts,
            "messages": messages,
            "campaigns": campaigns,
        })
    });
    Json(state).into_response()
}

fn account(engine: &Engine, ix: AccountIx) -> Value {
    let account = engine.account(ix);
    let ledger = &account.ledger;
    json!({
        "key": &*account.key,
        "test_mode": account.verified.is_some(),
        "balance": ledger.balance().to_string(),
        "credit": ledger.credit().to_string(),
        "reserved": ledger.reserved().to_string(),
        "charged": ledger.charged().to_string(),
        "available": ledger.available().to_string(),
        "currency": engine.world().prices.currency().as_str(),
        "callback_url": account.callback_url.as_deref(),
    })
}

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
pub(super) async fn messages(
    State(shared): State<Arc<Shared>>,
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
    Ok(shared.read(|engine| {
        let found = engine.find(&filter);
        let page = found.page(offset, limit, false).into_iter();
        let data: Vec<Value> = page.map(|ix| message(engine, ix)).collect();
        Json(json!({ "data": data, "total": found.len() })).into_response()
    }))
}

fn named<T>(
    text: &Option<String>,
    name: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Refused> {
    let refuse = || refused(&format!("{name}: it cannot be read"));
    text.as_deref().map(|text| read(text).ok_or_else(refuse)).transpose()
}

fn message(engine: &Engine, ix: MessageIx) -> Value {
    let message = engine.at(ix);
    let history: Vec<_> = message
        .history
        .iter()
        .map(|station| json!({ "status": station.status.as_str(), "at": station.at.to_string() }))
        .collect();
    let callbacks: Vec<_> = message.callbacks.iter().map(callback).collect();
    json!({
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
        "unsubscribe_link": engine.unsubscribe_link(ix),
        "history": history,
        "callbacks": callbacks,
    })
}

fn callback(note: &CallbackNote) -> Value {
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
    });
    match note.said {
        Said::Status(status) => told["status"] = status.as_str().into(),
        Said::Click { card, suggestion } => {
            told["click"] = json!({ "card": card, "suggestion": suggestion });
        }
    }
    told
}

/// `GET /sandbox/ledger`
pub(super) async fn ledger(State(shared): State<Arc<Shared>>) -> Response {
    shared.read(|engine| {
        let line = |entry: &LedgerEntry| Line {
            account: &engine.account(entry.account).key,
            amount: entry.amount.to_string(),
            at: entry.at.to_string(),
            kind: entry.movement.as_str(),
            message: entry.message.map(MessageIx::id),
        };
        Json(Lines { data: OneByOne(|| engine.ledger().iter().map(line)) }).into_response()
    })
}

/// The log as it is answered: it can have millions of lines, so each is made when it is written.
#[derive(Serialize)]
struct Lines<L> {
    data: L,
}

#[derive(Serialize)]
struct Line<'a> {
    account: &'a str,
    amount: String,
    at: String,
    kind: &'static str,
    message: Option<u64>,
}

/// A list that is written as it comes.
struct OneByOne<F>(F);

impl<F: Fn() -> I, I: IntoIterator<Item: Serialize>> Serialize for OneByOne<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// `GET /sandbox/clock`
pub(super) async fn clock(State(shared): State<Arc<Shared>>) -> Response {
    let (now, millis) = shared.read(|engine| (engine.now().to_string(), engine.now().millis()));
    Json(json!({ "now": now, "now_ms": millis })).into_response()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: Span,
}

/// `POST /sandbox/clock`: answers when everything has happened and every callback is through.
pub(super) async fn advance(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let asked: Advance = read(&body)?;
    shared.advance(asked.advance.0).await;
    Ok(clock(State(shared)).await)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TopUp {
    amount: String,
}

/// `POST /sandbox/accounts/{key}/top-up`
pub(super) async fn top_up(
    State(shared): State<Arc<Shared>>,
    Path(key): Path<String>,
    body: Bytes,
) -> Answer {
    let asked: TopUp = read(&body)?;
    let ix = known(&shared, &key)?;
    perform(&shared, Command::TopUp(ix, amount(&asked.amount)?))?;
    Ok(Json(shared.read(|engine| account(engine, ix))).into_response())
}

/// An amount of money that is put in.
pub(super) fn amount(text: &str) -> Result<Amount, Refused> {
    let amount = Amount::parse(text).ok().filter(|read| !read.rounded);
    let amount = amount.map(|read| read.amount).filter(|amount| !amount.is_negative());
    amount.ok_or_else(|| refused("amount: write it as \"10.0000000\""))
}

/// `POST /sandbox/campaigns/{id}/pause`
pub(super) async fn pause(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Answer {
    perform(&shared, Command::Pause(number(&id, "campaign")?))
}

/// `POST /sandbox/campaigns/{id}/resume`
pub(super) async fn resume(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Answer {
    perform(&shared, Command::Resume(number(&id, "campaign")?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CallbackUrl {
    key: String,
    url: Option<String>,
}

/// `POST /sandbox/callbacks`
pub(super) async fn callbacks(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let asked: CallbackUrl = read(&body)?;
    let ix = known(&shared, &asked.key)?;
    let is_http = |url: &String| url.starts_with("http://") && url.parse::<http::Uri>().is_ok();
    if asked.url.as_ref().is_some_and(|url| !is_http(url)) {
        return Err(refused("url: the sandbox posts to http:// addresses"));
    }
    perform(&shared, Command::SetCallbackUrl(ix, asked.url.map(Into::into)))
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
pub(super) async fn click(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer {
    let message = number(&id, "message")?;
    let asked: Click = read(&body)?;
    let Click { card, suggestion } = asked;
    perform(&shared, Command::Click { message, card, suggestion })
}

/// `POST /sandbox/faults`
pub(super) async fn faults(State(shared): State<Arc<Shared>>, body: Bytes) -> Answer {
    let rules: Vec<Rule> = read(&body)?;
    let count = switch_on(&shared, rules).await?;
    Ok(Json(json!({ "rules": count })).into_response())
}

/// Puts a script of faults in force, in the place of the one before.
pub(super) async fn switch_on(shared: &Shared, rules: Vec<Rule>) -> Result<usize, Refused> {
    if let Some((at, why)) = rules.iter().enumerate().find_map(|(at, r)| Some((at, r.fault()?))) {
        return Err(refused(&format!("rule {}: {why}", at + 1)));
    }
    let count = rules.len();
    let refuses_for = rules.iter().filter_map(Rule::refuses_for).max();
    shared.faults.replace(rules);
    shared.tell_change();
    if let Some(how_long) = refuses_for {
        shared.gate.close_for(how_long).await;
    }
    Ok(count)
}

/// `POST /sandbox/reset`
pub(super) async fn reset(State(shared): State<Arc<Shared>>) -> Answer {
    shared.reset()?;
    Ok(Json(json!({})).into_response())
}

/// A span of time: `72h`, `15m`, `3s`, `500ms`, `2d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Span(pub(crate) Duration);

impl TryFrom<String> for Span {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (count, unit) = text.split_at(digits);
        let millis: u64 = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err("write a time as 72h, 15m, 3s or 500ms"),
        };
        let count: u64 = count.parse().map_err(|_| "write a time as 72h, 15m, 3s or 500ms")?;
        let millis = count.checked_mul(millis).ok_or("the time is too long")?;
        Ok(Self(Duration::from_millis(millis)))
    }
}

fn perform(shared: &Shared, command: Command) -> Answer {
    shared.perform(command)?;
    Ok(Json(json!({})).into_response())
}

/// The number that an id is; what is none names nothing.
pub(super) fn number(id: &str, what: &str) -> Result<u64, Refused> {
    let none = || reply::refuse(StatusCode::NOT_FOUND, &format!("No {what} has this id."));
    id.parse().map_err(|_| none())
}

pub(super) fn known(shared: &Shared, key: &str) -> Result<AccountIx, Refused> {
    let account = shared.read(|engine| engine.account_with_key(key));
    account.ok_or_else(|| reply::refuse(StatusCode::NOT_FOUND, "No account has this key."))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(|error| refused(&error.to_string()))
}

fn refused(sentence: &str) -> Refused {
    reply::refuse(StatusCode::UNPROCESSABLE_ENTITY, sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time() {
        for (text, seconds) in [("72h", 259_200), ("3s", 3), ("15m", 900), ("1d", 86_400)] {
            assert_eq!(Span::try_from(text.to_owned()), Ok(Span(Duration::from_secs(seconds))));
        }
        for text in ["", "3", "h", "-1s", "1.5h", "99999999999999999999h", "9999999999999999d"] {
            assert!(Span::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}

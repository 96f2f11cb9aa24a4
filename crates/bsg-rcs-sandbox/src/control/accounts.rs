//! Accounts: how they stand, their ledger, and top-ups.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use bsg_rcs_domain::Amount;
use bsg_rcs_sandbox_engine::{AccountIx, Command, Engine, LedgerEntry, MessageIx};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::{Answer, Slice, known, perform, read, refused};
use crate::app_state::AppState;
use crate::reply::Refused;

/// How an account stands.
pub(super) fn account(engine: &Engine, ix: AccountIx) -> Value {
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

/// `GET /sandbox/ledger?offset=&limit=`: every reservation, charge, release, top-up and balance that was set, the
/// oldest first; 10,000 of them without a limit, and at most.
pub(super) async fn ledger(
    State(app): State<Arc<AppState>>,
    slice: Result<Query<Slice>, QueryRejection>,
) -> Answer {
    let Query(slice) = slice.map_err(|why| refused(&why.body_text()))?;
    let (data, total) = app.host.read(|engine| {
        let line = |entry: &LedgerEntry| Line {
            account: engine.account(entry.account).key.to_string(),
            amount: entry.amount.to_string(),
            at: entry.at.to_string(),
            kind: entry.movement.as_str(),
            message: entry.message.map(MessageIx::id),
        };
        (slice.of(engine.ledger().iter()).map(line).collect(), engine.ledger().len())
    });
    // Written when the engine is free again.
    Ok(Json(Lines { data, total }).into_response())
}

#[derive(Serialize)]
struct Lines {
    data: Vec<Line>,
    total: usize,
}

#[derive(Serialize)]
struct Line {
    account: String,
    amount: String,
    at: String,
    kind: &'static str,
    message: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TopUp {
    amount: String,
}

/// `POST /sandbox/accounts/{key}/top-up`
pub(crate) async fn top_up(
    State(app): State<Arc<AppState>>,
    Path(key): Path<String>,
    body: Bytes,
) -> Answer {
    let asked: TopUp = read(&body)?;
    let ix = known(&app, &key)?;
    perform(&app, Command::TopUp(ix, amount(&asked.amount)?))?;
    Ok(Json(app.host.read(|engine| account(engine, ix))).into_response())
}

/// An amount of money that is put in.
pub(crate) fn amount(text: &str) -> Result<Amount, Refused> {
    let amount = Amount::parse(text).ok().filter(|read| !read.rounded);
    let amount = amount.map(|read| read.amount).filter(|amount| !amount.is_negative());
    amount.ok_or_else(|| refused("amount: write it as \"10.0000000\""))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Funds {
    balance: String,
    credit: Option<String>,
}

/// `POST /sandbox/accounts/{key}/balance`: `{"balance": "0.0100000", "credit": "0"}`; the credit limit stays without one.
pub(super) async fn set_balance(
    State(app): State<Arc<AppState>>,
    Path(key): Path<String>,
    body: Bytes,
) -> Answer {
    let asked: Funds = read(&body)?;
    let ix = known(&app, &key)?;
    let credit = asked.credit.as_deref().map(amount).transpose()?;
    perform(&app, Command::SetFunds { account: ix, balance: amount(&asked.balance)?, credit })?;
    Ok(Json(app.host.read(|engine| account(engine, ix))).into_response())
}

/// `POST /sandbox/tokens/expire`: no token that was made so far is good any more.
pub(super) async fn expire_tokens(State(app): State<Arc<AppState>>) -> Response {
    app.tokens.expire_all();
    Json(json!({})).into_response()
}

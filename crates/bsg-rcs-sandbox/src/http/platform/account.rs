//! Login, refresh, balance, tariffs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::generated::{self as wire, Balance, LoginRequest, Token};
use bsg_rcs_wire::{Decimal, Id, Integer, Secret};
use http::StatusCode;

use crate::engine::{AccountIx, Tariff};
use crate::http::asked::Asked;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::paging::Part;
use crate::http::reply;
use crate::http::reply::Refused;
use crate::http::shared::Shared;
use crate::wall;

/// Tariffs of a page without `page[limit]`.
const LIMIT: usize = 50;

/// `POST /api/auth/login`
pub(in crate::http) async fn login(
    State(shared): State<Arc<Shared>>,
    body: JsonBody,
) -> Result<Response, Refused> {
    let login: LoginRequest = body.read(&shared)?;
    let account = shared.read(|engine| engine.account_with_key(login.api_key.expose()));
    match account {
        Some(account) => Ok(token(&shared, account)),
        None => Err(reply::refuse(StatusCode::UNAUTHORIZED, "The API key is wrong.")),
    }
}

/// `POST /api/auth/refresh`
pub(in crate::http) async fn refresh(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
) -> Response {
    token(&shared, account)
}

fn token(shared: &Shared, account: AccountIx) -> Response {
    match shared.tokens.make(account, wall::unix_seconds()) {
        Ok(token) => Json(Token { bearer: Some(Secret::new(token)) }).into_response(),
        Err(error) => {
            tracing::error!(%error, "a token could not be signed");
            reply::refuse(StatusCode::INTERNAL_SERVER_ERROR, "The token could not be signed.")
                .into_response()
        }
    }
}

/// `GET /api/accounts/balance`
pub(in crate::http) async fn balance(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
) -> Response {
    let (balance, credit, currency) = shared.read(|engine| {
        let ledger = &engine.account(account).ledger;
        (ledger.balance(), ledger.credit(), engine.world().prices.currency())
    });
    reply::data(Balance {
        balance: Decimal::number(balance.to_string()),
        credit: Decimal::number(credit.to_string()),
        currency: Some(currency.to_string()),
    })
}

/// `GET /api/accounts/tariff`
pub(in crate::http) async fn tariffs(
    State(shared): State<Arc<Shared>>,
    Caller(_): Caller,
    asked: Asked,
) -> Response {
    shared.read(|engine| {
        let found = engine.world().tariffs.iter().collect();
        Part::of(found, &asked, LIMIT, tariff).with_total()
    })
}

fn tariff(tariff: &Tariff) -> wire::Tariff {
    wire::Tariff {
        id: Some(Id(tariff.id)),
        name: Some(tariff.name.clone()),
        code: Some(Integer(tariff.code)),
        is_active: Some(tariff.active),
        is_default: Some(tariff.default),
    }
}

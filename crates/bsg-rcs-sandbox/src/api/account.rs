//! Login, refresh, balance, tariffs.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::generated::{self as wire, Balance, LoginRequest, Token};
use bsg_rcs_wire::{Decimal, Id, Integer, Secret};
use http::StatusCode;

use super::caller::Caller;
use super::json_body::JsonBody;
use super::paging::Part;
use super::query_params::QueryParams;
use crate::app_state::AppState;
use crate::reply;
use crate::reply::Refused;
use crate::wall;
use bsg_rcs_sandbox_engine::{AccountIx, Tariff};

/// Tariffs of a page without `page[limit]`.
const LIMIT: usize = 50;

/// `POST /api/auth/login`
pub(super) async fn login(
    State(app): State<Arc<AppState>>,
    body: JsonBody,
) -> Result<Response, Refused> {
    let login: LoginRequest = body.read()?;
    let account = app.host.read(|engine| engine.account_with_key(login.api_key.expose()));
    match account {
        Some(account) => Ok(token(&app, account)),
        None => Err(reply::refuse(StatusCode::UNAUTHORIZED, "The API key is wrong.")),
    }
}

/// `POST /api/auth/refresh`
pub(super) async fn refresh(
    State(app): State<Arc<AppState>>,
    Caller { account, .. }: Caller,
) -> Response {
    token(&app, account)
}

fn token(app: &AppState, account: AccountIx) -> Response {
    match app.tokens.make(account, wall::unix_seconds()) {
        Ok(token) => Json(Token { bearer: Some(Secret::new(token)) }).into_response(),
        Err(error) => {
            tracing::error!(%error, "a token could not be signed");
            reply::refuse(StatusCode::INTERNAL_SERVER_ERROR, "The token could not be signed.")
                .into_response()
        }
    }
}

/// `GET /api/accounts/balance`
pub(super) async fn balance(Caller { account, session }: Caller) -> Response {
    let (balance, credit, currency) = session.read(|engine| {
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
pub(super) async fn tariffs(Caller { session, .. }: Caller, asked: QueryParams) -> Response {
    session.read(|engine| {
        let found = engine.world().tariffs.iter().collect();
        Part::of(found, &asked, LIMIT, tariff).with_total()
    })
}

fn tariff(tariff: &Tariff) -> wire::Tariff {
    wire::Tariff {
        id: Some(Id(tariff.id)),
        name: Some(tariff.name.clone()),
        code: Some(Integer(tariff.code)),
        is_active: Some(tariff.active.into()),
        is_default: Some(tariff.default.into()),
    }
}

//! Login, refresh, balance.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::generated::{Balance, LoginRequest, Token};
use bsg_rcs_wire::{Decimal, Secret};
use http::StatusCode;

use crate::engine::AccountIx;
use crate::http::body::JsonBytes;
use crate::http::caller::Caller;
use crate::http::reply::Refused;
use crate::http::schema::BodyOf;
use crate::http::shared::Shared;
use crate::http::{reply, request};
use crate::wall;

/// `POST /api/auth/login`
pub(in crate::http) async fn login(
    State(shared): State<Arc<Shared>>,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Refused> {
    let login: LoginRequest = request::read(&shared, BodyOf::Login, &body)?;
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

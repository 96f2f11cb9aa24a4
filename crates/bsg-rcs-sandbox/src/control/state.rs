//! Everything at a glance, and a reset.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::accounts::account;
use super::answer::Answer;
use crate::app_state::AppState;

/// `GET /sandbox/state`
pub(crate) async fn show(State(app): State<Arc<AppState>>) -> Response {
    let config = app.host.config();
    let state = app.host.read(|engine| {
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
                    "sender": campaign.spec.sender,
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

/// `POST /sandbox/reset`: everything as at the start; nothing of before is seen after the answer, which says where ids go on.
pub(crate) async fn reset(State(app): State<Arc<AppState>>) -> Answer {
    let ids = app.host.reset().await?;
    let first = json!({ "message": ids.message, "campaign": ids.campaign, "other": ids.other });
    Ok(Json(json!({ "first_ids": first })).into_response())
}

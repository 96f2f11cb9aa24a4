//! Which number has which fate.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bsg_rcs_sandbox_engine::{Command, Fate, FateRule, Fates, Pattern};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, perform, read, refused};
use crate::app_state::AppState;
use crate::reply::Refused;

/// Rules for numbers, the first that fits decides.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    #[serde(default)]
    rules: Vec<Rule>,
    /// Whether the last two digits decide where no rule fits.
    #[serde(default = "yes")]
    builtin: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    number: Pattern,
    fate: String,
}

const fn yes() -> bool {
    true
}

/// `GET /sandbox/fates`
pub(super) async fn list(State(app): State<Arc<AppState>>) -> Response {
    let fates = app.host.read(|engine| engine.world().fates.clone());
    let shown = fates
        .rules
        .into_iter()
        .map(|rule| json!({ "number": String::from(rule.pattern), "fate": rule.fate.word() }));
    Json(json!({ "rules": shown.collect::<Vec<Value>>(), "builtin": fates.builtin }))
        .into_response()
}

/// `POST /sandbox/fates`: `{"rules": [{"number": "*77", "fate": "expires"}], "builtin": true}`. Replaces the rules; a
/// message that is accepted already keeps its fate.
pub(super) async fn replace(State(app): State<Arc<AppState>>, body: Bytes) -> Answer {
    let Rules { rules, builtin } = read(&body)?;
    let rules = rules.into_iter().zip(1..).map(|(Rule { number, fate }, at)| {
        let known = || Fate::words().collect::<Vec<_>>().join(", ");
        let fate = Fate::from_word(&fate)
            .ok_or_else(|| refused(&format!("rule {at}: no such fate; there are {}", known())))?;
        Ok(FateRule { pattern: number, fate })
    });
    let rules = rules.collect::<Result<_, Refused>>()?;
    perform(&app, Command::SetFates(Fates { rules, builtin }))
}

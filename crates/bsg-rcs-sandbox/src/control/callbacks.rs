//! Where an account's callbacks go.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use bsg_rcs_sandbox_engine::Command;
use serde::Deserialize;

use super::answer::{Answer, known, perform, read, refused};
use crate::app_state::AppState;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CallbackUrl {
    key: String,
    url: Option<String>,
}

/// `POST /sandbox/callbacks`
pub(crate) async fn set_url(State(app): State<Arc<AppState>>, body: Bytes) -> Answer {
    let asked: CallbackUrl = read(&body)?;
    let ix = known(&app, &asked.key)?;
    let is_http = |url: &String| url.starts_with("http://") && url.parse::<http::Uri>().is_ok();
    if asked.url.as_ref().is_some_and(|url| !is_http(url)) {
        return Err(refused("url: the sandbox posts to http:// addresses"));
    }
    perform(&app, Command::SetCallbackUrl(ix, asked.url.map(Into::into)))
}

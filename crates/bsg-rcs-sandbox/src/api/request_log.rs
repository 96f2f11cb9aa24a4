//! Keeps what is asked and answered, for those who look.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bsg_rcs_sandbox_engine::Engine;
use bytes::Bytes;
use memchr::memmem;

use crate::app_state::AppState;
use crate::host::logs::{Exchange, LoggedBody};
use crate::net::lost::is_lost;

/// An API key that stands in a body.
enum Key {
    /// None does.
    None,
    This(String),
    /// One may, which cannot be read.
    Unreadable,
}

impl Key {
    fn of(body: &[u8], is_login: bool) -> Self {
        if !is_login && memmem::find(body, b"api_key").is_none() {
            return Self::None;
        }
        let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
        match json.as_ref().map(|json| json.get("api_key").and_then(|key| key.as_str())) {
            Some(Some(key)) => Self::This(key.to_owned()),
            Some(None) if is_login => Self::None,
            _ => Self::Unreadable,
        }
    }

    /// Whether it is, or may be, one that no account here has.
    fn is_foreign(&self, engine: &Engine) -> bool {
        match self {
            Self::None => false,
            Self::This(key) => engine.account_with_key(key).is_none(),
            Self::Unreadable => true,
        }
    }
}

/// Lets a request pass, and keeps it with its answer. It arrives in the epoch that it is now.
pub(super) async fn keep(
    State(app): State<Arc<AppState>>,
    mut request: Request,
    next: Next,
) -> Response {
    let arrived = app.host.epoch();
    request.extensions_mut().insert(arrived);
    let (parts, body) = request.into_parts();
    // It is here already, and within its bound: the server has read it.
    let asked = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let method = parts.method.clone();
    let is_login = parts.uri.path().starts_with("/api/auth/");
    let in_query = parts.uri.query().is_some_and(|query| query.contains("api_key"));
    let path =
        if is_login || in_query { parts.uri.path().to_owned() } else { parts.uri.to_string() };
    let authorised = parts.headers.contains_key(http::header::AUTHORIZATION);
    let answer = next.run(Request::from_parts(parts, Body::from(asked.clone()))).await;
    let lost = is_lost(&answer);
    let (parts, body) = answer.into_parts();
    let answered: Bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    // A key that was sent here by mistake is kept nowhere.
    let key = Key::of(&asked, is_login);
    let (at, is_foreign_key) =
        app.host.read(|engine| (engine.now().to_string(), key.is_foreign(engine)));
    let exchange = Exchange {
        method,
        path,
        authorised,
        asked: if is_foreign_key { LoggedBody::hidden() } else { LoggedBody::of(&asked) },
        status: (!lost).then_some(parts.status),
        answered: LoggedBody::of(&answered),
        at,
    };
    app.host.log_request(arrived, exchange);
    Response::from_parts(parts, Body::from(answered))
}

//! What people look at in a browser: written by the server, kept fresh by a script of a few lines.
//!
//! | file | shows |
//! | --- | --- |
//! | `layout` | what every view has: the navigation, the time, a refusal |
//! | `phones` | conversations by number, and one of them on a phone |
//! | `campaigns` | campaigns, and one of them with its funnel and chart |
//! | `money` | accounts and their ledger |
//! | `faults_page` | faults, time, reset |
//! | `requests_page` | the latest calls of the API |
//! | `events` | that something has changed |
//!
//! Every view is a link away and every act a form, so all of it works without the script. There is no library of
//! scripts: what one would do here, fetch the view again and put its parts in place, is a few dozen lines, which the
//! strictest content security policy lets run.

mod campaigns;
mod events;
mod faults_page;
mod layout;
mod money;
mod phones;
mod requests_page;

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{get, post};

use crate::app_state::AppState;
use crate::net::same_origin;

const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#1a5fb4" d="M2 2h12v9H7l-4 4v-4H2z"/></svg>"##;
const STYLE: &str = include_str!("ui/page.css");
const SCRIPT: &str = include_str!("ui/page.js");

/// The views, and what can be done in them.
pub(crate) fn routes(app: &AppState) -> Router<Arc<AppState>> {
    Router::new()
        .route("/", get(phones::list))
        .route("/phones/{number}", get(phones::one))
        .route("/phones/{number}/click", post(phones::click))
        .route("/campaigns", get(campaigns::list))
        .route("/campaigns/{id}", get(campaigns::one))
        .route("/campaigns/{id}/{act}", post(campaigns::act))
        .route("/money", get(money::show))
        .route("/money/top-up", post(money::top_up))
        .route("/trouble", get(faults_page::show))
        .route("/trouble/faults", post(faults_page::faults))
        .route("/trouble/clock", post(faults_page::clock))
        .route("/trouble/reset", post(faults_page::reset))
        .route("/requests", get(requests_page::show))
        .route("/page/changes", get(events::changes))
        .route("/page/style.css", get(style))
        .route("/page/script.js", get(script))
        .route("/page/icon.svg", get(icon))
        .layer(from_fn_with_state(app.allowed_hosts.clone(), same_origin::apply))
        .layer(from_fn(same_origin::forbid))
}

async fn style() -> impl IntoResponse {
    let both = format!("{}{STYLE}", bsg_rcs_view::page::STYLE);
    ([(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "no-cache")], both)
}

async fn icon() -> impl IntoResponse {
    ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "no-cache")], ICON)
}

async fn script() -> impl IntoResponse {
    ([(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "no-cache")], SCRIPT)
}

//! What people look at in a browser: written by the server, kept fresh by a script of a few lines.
//!
//! | file | shows |
//! | --- | --- |
//! | `frame` | what every view has: the navigation, the time, a refusal |
//! | `phones` | conversations by number, and one of them on a phone |
//! | `campaigns` | campaigns, and one of them with its funnel and chart |
//! | `money` | accounts and their ledger |
//! | `trouble` | faults, time, reset |
//! | `calls` | the latest calls of the API |
//! | `live` | that something has changed |
//! | `guard` | who may post, and what the browser may do with a page |
//!
//! Every view is a link away and every act a form, so all of it works without the script. There is no library of
//! scripts: what one would do here, fetch the view again and put its parts in place, is a few dozen lines, which the
//! strictest content security policy lets run.

mod calls;
mod campaigns;
mod frame;
pub(super) mod guard;
mod live;
mod money;
mod phones;
mod trouble;

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::{get, post};

use super::shared::Shared;

const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#1a5fb4" d="M2 2h12v9H7l-4 4v-4H2z"/></svg>"##;
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The views, and what can be done in them.
pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(phones::list))
        .route("/phones/{number}", get(phones::one))
        .route("/phones/{number}/click", post(phones::click))
        .route("/campaigns", get(campaigns::list))
        .route("/campaigns/{id}", get(campaigns::one))
        .route("/campaigns/{id}/{act}", post(campaigns::act))
        .route("/money", get(money::show))
        .route("/money/top-up", post(money::top_up))
        .route("/trouble", get(trouble::show))
        .route("/trouble/faults", post(trouble::faults))
        .route("/trouble/clock", post(trouble::clock))
        .route("/trouble/reset", post(trouble::reset))
        .route("/requests", get(calls::show))
        .route("/page/changes", get(live::changes))
        .route("/page/style.css", get(style))
        .route("/page/script.js", get(script))
        .route("/page/icon.svg", get(icon))
        .layer(from_fn(guard::apply))
        .layer(from_fn(guard::forbid))
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

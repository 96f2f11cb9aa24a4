//! Which call goes where, and what is answered to what is no call.

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, patch, post};
use axum::{Json, Router};
use bsg_rcs_wire::generated::paths;
use http::StatusCode;
use serde_json::Value;

use super::reply::Refused;
use super::shared::Shared;
use super::{faults, oddities, page, platform, refusals, reply, seen, steering};

/// Calls of one family.
type Calls = Router<Arc<Shared>>;

/// Every call.
pub(crate) fn router(shared: Arc<Shared>) -> Router {
    let body_bytes = shared.config().bounds.body_bytes;
    let platform = Router::new()
        .merge(account())
        .merge(stop_list())
        .merge(contacts())
        .merge(lists())
        .merge(sends())
        .layer(from_fn_with_state(shared.clone(), refusals::apply))
        .layer(from_fn_with_state(shared.clone(), oddities::apply))
        .layer(from_fn_with_state(shared.clone(), faults::apply))
        .layer(from_fn_with_state(shared.clone(), seen::keep))
        .layer(from_fn(page::guard::own_posts));
    let steering = Router::new()
        .route("/sandbox/state", get(steering::state))
        .route("/sandbox/messages", get(steering::messages))
        .route("/sandbox/messages/{id}/click", post(steering::click))
        .route("/sandbox/ledger", get(steering::ledger))
        .route("/sandbox/clock", get(steering::clock).post(steering::advance))
        .route("/sandbox/accounts/{key}/top-up", post(steering::top_up))
        .route("/sandbox/campaigns/{id}/pause", post(steering::pause))
        .route("/sandbox/campaigns/{id}/resume", post(steering::resume))
        .route("/sandbox/callbacks", post(steering::callbacks))
        .route("/sandbox/faults", post(steering::faults))
        .route("/sandbox/reset", post(steering::reset))
        .layer(from_fn(page::guard::apply));
    Router::new()
        .merge(page::routes())
        .route("/sandbox/openapi.json", get(openapi))
        .merge(platform)
        .merge(steering)
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .layer(DefaultBodyLimit::max(body_bytes))
        .with_state(shared)
}

fn account() -> Calls {
    use platform::account;
    Router::new()
        .route(paths::AUTH_LOGIN, post(account::login))
        .route(paths::AUTH_REFRESH, post(account::refresh))
        .route(paths::ACCOUNTS_BALANCE, get(account::balance))
        .route(paths::ACCOUNTS_TARIFF, get(account::tariffs))
}

fn sends() -> Calls {
    use platform::{campaigns, messages, universal};
    Router::new()
        .route(paths::MESSAGES_RCS_SEND, post(messages::send))
        .route(paths::MESSAGES, get(messages::list))
        .route(paths::MESSAGES_SEND, post(universal::message))
        .route(paths::CAMPAIGNS_RCS_SEND, post(campaigns::send))
        .route(paths::CAMPAIGNS_RCS_SEND_GROUPS, post(campaigns::send_to_lists))
        .route(paths::CAMPAIGNS_SEND, post(universal::campaign))
        .route(paths::CAMPAIGNS, get(campaigns::list))
        .route(paths::CAMPAIGNS_ID, get(campaigns::show))
        .route(paths::CAMPAIGNS_ID_DETAIL, get(campaigns::detail))
        .route(paths::CAMPAIGNS_ID_STOP, patch(campaigns::stop).put(campaigns::stop))
}

fn stop_list() -> Calls {
    use platform::stop_list;
    Router::new()
        .route(paths::STOPLIST, get(stop_list::list))
        .route(paths::STOPLIST_ATTACH, post(stop_list::attach))
        .route(paths::STOPLIST_DETACH, post(stop_list::detach))
        .route(paths::STOPLIST_SEARCH, get(stop_list::search))
}

fn contacts() -> Calls {
    use platform::contacts;
    let one = get(contacts::show).put(contacts::change).delete(contacts::delete);
    Router::new()
        .route(paths::CONTACTS, get(contacts::list).post(contacts::make))
        .route(paths::CONTACTS_DELETE, post(contacts::delete_many))
        .route(paths::CONTACTS_SEARCH, get(contacts::search))
        .route(paths::CONTACTS_ID, one)
}

fn lists() -> Calls {
    use platform::lists;
    let one = get(lists::show).put(lists::change).delete(lists::delete);
    Router::new()
        .route(paths::GROUPS, get(lists::list).post(lists::make))
        .route(paths::GROUPS_ATTACH, post(lists::attach))
        .route(paths::GROUPS_DETACH, post(lists::detach))
        .route(paths::GROUPS_SEARCH, get(lists::search))
        .route(paths::GROUPS_ID, one)
}

async fn not_found() -> Refused {
    reply::refuse(StatusCode::NOT_FOUND, "There is no such call.")
}

async fn not_allowed() -> Refused {
    reply::refuse(StatusCode::METHOD_NOT_ALLOWED, "The call does not know this method.")
}

/// The document that requests are checked against.
async fn openapi(State(_): State<Arc<Shared>>) -> Json<Value> {
    Json(serde_json::from_str(bsg_rcs_wire::OPENAPI).unwrap_or_default())
}

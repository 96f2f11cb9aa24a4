//! Which of the platform's calls goes where, and what surrounds each.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, patch, post, put};
use bsg_rcs_wire::generated::paths;

use super::{
    account, campaigns, contact_fields, contact_lists, contacts, fault_layer, messages,
    older_refusals, quirks, request_log, stat_jobs, stop_list, universal,
};
use crate::app_state::AppState;
use crate::net::same_origin;

/// Calls of one family.
type Calls = Router<Arc<AppState>>;

/// Every call of the platform.
pub(crate) fn routes(app: &Arc<AppState>) -> Calls {
    Router::new()
        .merge(accounts())
        .merge(stop_lists())
        .merge(contact_book())
        .merge(lists())
        .merge(sends())
        .layer(from_fn_with_state(app.clone(), older_refusals::apply))
        .layer(from_fn_with_state(app.clone(), quirks::apply))
        .layer(from_fn_with_state(app.clone(), fault_layer::apply))
        .layer(from_fn_with_state(app.clone(), request_log::keep))
        .layer(from_fn_with_state(app.allowed_hosts.clone(), same_origin::apply))
}

fn accounts() -> Calls {
    Router::new()
        .route(paths::AUTH_LOGIN, post(account::login))
        .route(paths::AUTH_REFRESH, post(account::refresh))
        .route(paths::ACCOUNTS_BALANCE, get(account::balance))
        .route(paths::ACCOUNTS_TARIFF, get(account::tariffs))
        .route(paths::STAT_JOBS, get(stat_jobs::list).post(stat_jobs::make))
        .route(paths::STAT_JOBS_KEY, get(stat_jobs::show).delete(stat_jobs::delete))
}

fn sends() -> Calls {
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
        .route(paths::CAMPAIGNS_ID_RENEW, put(campaigns::resume))
        .route(paths::CAMPAIGNS_ID_STOP, patch(campaigns::stop).put(campaigns::stop))
}

fn stop_lists() -> Calls {
    Router::new()
        .route(paths::STOPLIST, get(stop_list::list))
        .route(paths::STOPLIST_ATTACH, post(stop_list::attach))
        .route(paths::STOPLIST_DETACH, post(stop_list::detach))
        .route(paths::STOPLIST_SEARCH, get(stop_list::search))
}

fn contact_book() -> Calls {
    let one = get(contacts::show).put(contacts::change).delete(contacts::delete);
    Router::new()
        .route(paths::CONTACTS, get(contacts::list).post(contacts::make))
        .route(paths::CONTACTS_DELETE, post(contacts::delete_many))
        .route(paths::CONTACTS_SEARCH, get(contacts::search))
        .route(paths::CONTACTS_FIELDS, get(contact_fields::list).post(contact_fields::make))
        .route(paths::CONTACTS_FIELDS_DELETE, post(contact_fields::delete))
        .route(paths::CONTACTS_FIELDS_ID, patch(contact_fields::change))
        .route(paths::CONTACTS_ID, one)
}

fn lists() -> Calls {
    let one = get(contact_lists::show).put(contact_lists::change).delete(contact_lists::delete);
    Router::new()
        .route(paths::GROUPS, get(contact_lists::list).post(contact_lists::make))
        .route(paths::GROUPS_ATTACH, post(contact_lists::attach))
        .route(paths::GROUPS_DETACH, post(contact_lists::detach))
        .route(paths::GROUPS_SEARCH, get(contact_lists::search))
        .route(paths::GROUPS_ID, one)
}

//! Contact lists: make, look, change, delete, put contacts on and take them off, list, search.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::Id;
use bsg_rcs_wire::generated as wire;
use http::StatusCode;
use serde_json::json;

use crate::engine::{
    AccountIx, Command, ContactList, Engine, Held, ListCommand, ListDraft, Members, Outcome,
};
use crate::http::asked::Asked;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::paging::{Part, integer};
use crate::http::reply::Refused;
use crate::http::search::{SEARCH, Search};
use crate::http::shared::Shared;
use crate::http::{present, reply};

/// Items of a page without `page[limit]`.
const LIMIT: usize = 20;

/// `POST /api/groups`
pub(in crate::http) async fn make(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let command = ListCommand::Make(draft(body.read(&shared)?));
    let made = perform(&shared, account, command)?;
    Ok((StatusCode::CREATED, made).into_response())
}

/// `GET /api/groups/{id}`
pub(in crate::http) async fn show(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| not_found())?;
    shared.read(|engine| one(engine, account, id))
}

/// `PUT /api/groups/{id}`
pub(in crate::http) async fn change(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| not_found())?;
    perform(&shared, account, ListCommand::Change(id, draft(body.read(&shared)?)))
}

/// `DELETE /api/groups/{id}`
pub(in crate::http) async fn delete(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| not_found())?;
    let command = Command::Lists(account, ListCommand::Delete(id));
    shared.perform_then(command, |_, _| Ok(StatusCode::NO_CONTENT.into_response()))
}

/// `POST /api/groups/attach`: answers an object that nobody describes.
pub(in crate::http) async fn attach(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let command = ListCommand::Attach(members(&body.read(&shared)?));
    shared.perform_then(Command::Lists(account, command), |_, _| Ok(reply::data(json!({}))))
}

/// `POST /api/groups/detach`: answers an object that nobody describes.
pub(in crate::http) async fn detach(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let command = ListCommand::Detach(members(&body.read(&shared)?));
    shared.perform_then(Command::Lists(account, command), |_, _| Ok(reply::data(json!({}))))
}

/// `GET /api/groups`
pub(in crate::http) async fn list(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    asked: Asked,
) -> Response {
    shared.read(|engine| {
        let found = engine.account(account).lists.all().collect();
        Part::of(found, &asked, LIMIT, |list| present(engine, account, list)).with_total()
    })
}

/// `GET /api/groups/search`: says `is_default` and no counts, as the platform does.
pub(in crate::http) async fn search(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    asked: Asked,
) -> Result<Response, Refused> {
    let search = Search::read(&asked, &SEARCH)?;
    let matches = |list: &&ContactList| {
        search.as_ref().is_none_or(|search| {
            search.finds(match search.field {
                "name" => Held::Text(&list.name),
                "description" => Held::Text(list.description.as_deref().unwrap_or_default()),
                "created_at" => Held::Time(list.created),
                _ => Held::Number(list.id),
            })
        })
    };
    Ok(shared.read(|engine| {
        let found = engine.account(account).lists.all().filter(matches).collect();
        let present = |list| wire::ContactList { is_default: Some(false), ..common(list) };
        let part = Part::of(found, &asked, LIMIT, present);
        part.with_meta(search.as_ref().map(Search::echo))
    }))
}

/// Carries out a command and answers the list that it leaves.
fn perform(shared: &Shared, account: AccountIx, command: ListCommand) -> Result<Response, Refused> {
    shared.perform_then(Command::Lists(account, command), |engine, outcome| match outcome {
        Outcome::List(id) => one(engine, account, id),
        _ => Err(not_found()),
    })
}

fn one(engine: &Engine, account: AccountIx, id: u64) -> Result<Response, Refused> {
    let list = engine.account(account).lists.get(id).ok_or_else(not_found)?;
    Ok(reply::data(present(engine, account, list)))
}

fn draft(draft: wire::ContactListDraft) -> ListDraft {
    ListDraft { name: draft.name, description: draft.description }
}

fn members(members: &wire::ContactListMembers) -> Members {
    let ids = |ids: &[Id]| ids.iter().map(|id| id.0).collect();
    Members { contacts: ids(&members.contacts), lists: ids(&members.groups) }
}

/// A list with its counts; contacts show the lists that they are on in the same way.
pub(super) fn present(
    engine: &Engine,
    account: AccountIx,
    list: &ContactList,
) -> wire::ContactList {
    let account = engine.account(account);
    let numbers = list.members.iter().filter_map(|id| account.contacts.get(*id));
    let stopped = numbers.filter(|contact| account.stop_list.of(contact.phone).is_some()).count();
    wire::ContactList {
        default: Some(false),
        items: integer(list.members.len()),
        stop_list_count: integer(stopped),
        ..common(list)
    }
}

fn common(list: &ContactList) -> wire::ContactList {
    wire::ContactList {
        id: Some(Id(list.id)),
        name: Some(list.name.clone()),
        description: list.description.clone(),
        created_at: present::time(list.created),
        ..wire::ContactList::default()
    }
}

fn not_found() -> Refused {
    reply::refuse(StatusCode::NOT_FOUND, "Contact group is not found")
}

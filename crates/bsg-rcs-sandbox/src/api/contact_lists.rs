//! Contact lists: make, look, change, delete, put contacts on and take them off, list, search.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::Id;
use bsg_rcs_wire::generated as wire;
use http::StatusCode;
use serde_json::json;

use super::caller::Caller;
use super::caller::Session;
use super::json_body::JsonBody;
use super::paging::{Part, integer};
use super::query_params::QueryParams;
use super::responses;
use super::search::{Search, sort};
use crate::reply;
use crate::reply::Refused;
use bsg_rcs_sandbox_engine::{
    AccountIx, Command, ContactList, Engine, FieldValue, ListCommand, ListDraft, Members, Outcome,
};

/// Items of a page without `page[limit]`.
const LIMIT: usize = 20;
/// Lists of a page of a search without `page[limit]`.
const SEARCH_LIMIT: usize = 50;

/// `POST /api/groups`
pub(super) async fn make(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let command = ListCommand::Make(draft(body.read()?));
    let made = perform(&session, account, command)?;
    Ok((StatusCode::CREATED, made).into_response())
}

/// `GET /api/groups/{id}`
pub(super) async fn show(
    Caller { account, session }: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| not_found())?;
    session.read(|engine| one(engine, account, id))
}

/// `PUT /api/groups/{id}`
pub(super) async fn change(
    Caller { account, session }: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| not_found())?;
    perform(&session, account, ListCommand::Change(id, draft(body.read()?)))
}

/// `DELETE /api/groups/{id}`
pub(super) async fn delete(
    Caller { account, session }: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| not_found())?;
    let command = Command::Lists(account, ListCommand::Delete(id));
    session.perform_then(command, |_, _| Ok(StatusCode::NO_CONTENT.into_response()))
}

/// `POST /api/groups/attach`: answers an object that is not documented.
pub(super) async fn attach(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let command = ListCommand::Attach(members(&body.read()?));
    session.perform_then(Command::Lists(account, command), |_, _| Ok(reply::data(json!({}))))
}

/// `POST /api/groups/detach`: answers an object that is not documented.
pub(super) async fn detach(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let command = ListCommand::Detach(members(&body.read()?));
    session.perform_then(Command::Lists(account, command), |_, _| Ok(reply::data(json!({}))))
}

/// `GET /api/groups`
pub(super) async fn list(Caller { account, session }: Caller, asked: QueryParams) -> Response {
    session.read(|engine| {
        let found = engine.account(account).lists.all().collect();
        Part::of(found, &asked, LIMIT, |list| present(engine, account, list)).with_total()
    })
}

/// `GET /api/groups/search`: says `is_default` and no counts, as the platform does.
pub(super) async fn search(
    Caller { account, session }: Caller,
    asked: QueryParams,
) -> Result<Response, Refused> {
    let search = Search::read(&asked)?;
    Ok(session.read(|engine| {
        let owner = engine.account(account);
        let phones = |list: &ContactList| {
            let members = list.members.iter().filter_map(|id| owner.contacts.get(*id));
            members.map(|contact| FieldValue::Number(contact.phone.as_u64())).collect()
        };
        let items = |list: &ContactList| u64::try_from(list.members.len()).unwrap_or(u64::MAX);
        let lists = owner.lists.all().filter(|list| {
            search.finds(|field| match field {
                "name" => vec![FieldValue::Text(&list.name)],
                "description" => {
                    vec![FieldValue::Text(list.description.as_deref().unwrap_or_default())]
                }
                "created_at" => vec![FieldValue::Time(list.created)],
                "items" => vec![FieldValue::Number(items(list))],
                "phone" => phones(list),
                _ => vec![FieldValue::Number(list.id)],
            })
        });
        let mut found: Vec<_> = lists.collect();
        sort(&mut found, &asked, |by, list| match by {
            "name" => (list.name.clone(), 0),
            "items" => (String::new(), items(list)),
            "created_at" => (list.created.to_string(), list.id),
            _ => (String::new(), list.id),
        });
        let present = |list: &ContactList| wire::ContactList {
            is_default: Some(list.default.into()),
            ..common(list)
        };
        Part::of(found, &asked, SEARCH_LIMIT, present).with_meta(search.echo())
    }))
}

/// Carries out a command and answers the list that it leaves.
fn perform(
    session: &Session,
    account: AccountIx,
    command: ListCommand,
) -> Result<Response, Refused> {
    session.perform_then(Command::Lists(account, command), |engine, outcome| match outcome {
        Outcome::List(id) => one(engine, account, id),
        _ => Err(not_found()),
    })
}

fn one(engine: &Engine, account: AccountIx, id: u64) -> Result<Response, Refused> {
    let list = engine.account(account).lists.get(id).ok_or_else(not_found)?;
    Ok(reply::data(present(engine, account, list)))
}

fn draft(draft: wire::ContactListDraft) -> ListDraft {
    ListDraft { name: draft.name, description: draft.description, default: draft.default }
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
        default: Some(list.default.into()),
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
        created_at: responses::time(list.created),
        ..wire::ContactList::default()
    }
}

fn not_found() -> Refused {
    reply::refuse(StatusCode::NOT_FOUND, "Contact group is not found")
}

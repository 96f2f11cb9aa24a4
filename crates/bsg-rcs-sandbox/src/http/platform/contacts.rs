//! Contacts: make, look, change, delete one or many, list, search.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::generated::{self as wire, query};
use bsg_rcs_wire::{Fault, FieldValues, Id, Phone};
use http::StatusCode;

use super::lists;
use crate::engine::{
    AccountIx, Command, Contact, ContactCommand, ContactDraft, Engine, Held, Outcome,
};
use crate::http::asked::Asked;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::paging::Part;
use crate::http::reply::Refused;
use crate::http::search::{SEARCH, SEARCH_FIELDS, Search};
use crate::http::shared::Shared;
use crate::http::{present, reply, request};

/// Items of a page without `page[limit]`.
const LIMIT: usize = 20;

/// `POST /api/contacts`
pub(in crate::http) async fn make(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let made = perform(&shared, account, ContactCommand::Make(draft(body.read(&shared)?)?))?;
    Ok((StatusCode::CREATED, made).into_response())
}

/// `GET /api/contacts/{id}`
pub(in crate::http) async fn show(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| not_found())?;
    shared.read(|engine| one(engine, account, id))
}

/// `PUT /api/contacts/{id}`
pub(in crate::http) async fn change(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| not_found())?;
    perform(&shared, account, ContactCommand::Change(id, draft(body.read(&shared)?)?))
}

/// `DELETE /api/contacts/{id}`
pub(in crate::http) async fn delete(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| not_found())?;
    let command = Command::Contacts(account, ContactCommand::Delete(id));
    shared.perform_then(command, |_, _| Ok(StatusCode::NO_CONTENT.into_response()))
}

/// `POST /api/contacts/delete`
pub(in crate::http) async fn delete_many(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    asked: Asked,
) -> Result<Response, Refused> {
    let contacts = asked.numbers(query::CONTACT_IDS);
    let lists = asked.numbers(query::GROUP_IDS);
    let command = Command::Contacts(account, ContactCommand::DeleteMany { contacts, lists });
    shared.perform_then(command, |_, _| Ok(StatusCode::NO_CONTENT.into_response()))
}

/// `GET /api/contacts`: with `groups[]`, those that are on one of them.
pub(in crate::http) async fn list(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    asked: Asked,
) -> Result<Response, Refused> {
    let groups = asked.numbers(query::GROUPS);
    shared.read(|engine| {
        let owner = engine.account(account);
        if groups.iter().any(|id| owner.lists.get(*id).is_none()) {
            return Err(unknown_list());
        }
        let members = owner.lists.members_of(&groups);
        let wanted = |contact: &&Contact| groups.is_empty() || members.contains(&contact.id);
        let found = owner.contacts.all().filter(wanted).collect();
        Ok(Part::of(found, &asked, LIMIT, |found| contact(engine, account, found)).with_total())
    })
}

/// `GET /api/contacts/search`: by what is in the contact, by one of its fields, or by both.
pub(in crate::http) async fn search(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    asked: Asked,
) -> Result<Response, Refused> {
    let search = Search::read(&asked, &SEARCH)?;
    let by_field = Search::read(&asked, &SEARCH_FIELDS)?;
    let field: Option<u64> = by_field.as_ref().and_then(|search| search.field.parse().ok());
    let matches = |contact: &&Contact| {
        let value = field.and_then(|id| contact.fields.get(&id));
        let has = |search: &Search<'_>| value.is_some_and(|value| search.finds(Held::Text(value)));
        by_field.as_ref().is_none_or(has) && search.as_ref().is_none_or(|s| finds(s, contact))
    };
    Ok(shared.read(|engine| {
        let found = engine.account(account).contacts.all().filter(matches).collect();
        let part = Part::of(found, &asked, LIMIT, |found| contact(engine, account, found));
        part.with_meta(search.as_ref().or(by_field.as_ref()).map(Search::echo))
    }))
}

fn finds(search: &Search<'_>, contact: &Contact) -> bool {
    search.finds(match search.field {
        "phone" => Held::Number(contact.phone.as_u64()),
        "created_at" => Held::Time(contact.created),
        _ => Held::Number(contact.id),
    })
}

/// Carries out a command and answers the contact that it leaves.
fn perform(
    shared: &Shared,
    account: AccountIx,
    command: ContactCommand,
) -> Result<Response, Refused> {
    shared.perform_then(Command::Contacts(account, command), |engine, outcome| match outcome {
        Outcome::Contact(id) => one(engine, account, id),
        _ => Err(not_found()),
    })
}

fn one(engine: &Engine, account: AccountIx, id: u64) -> Result<Response, Refused> {
    let found = engine.account(account).contacts.get(id).ok_or_else(not_found)?;
    Ok(reply::data(contact(engine, account, found)))
}

fn draft(draft: wire::ContactDraft) -> Result<ContactDraft, Refused> {
    let fields = draft.fields.map(|fields| {
        let values = fields.into_iter().map(|field| (field.id.0, field.value));
        values.collect()
    });
    Ok(ContactDraft {
        phone: request::number(draft.phone, "phone")?,
        fields,
        lists: draft.groups.map(|ids| ids.iter().map(|id| id.0).collect()),
    })
}

fn contact(engine: &Engine, account: AccountIx, contact: &Contact) -> wire::Contact {
    let fields = contact.fields.iter().map(|(id, value)| (id.to_string(), value.clone()));
    let all_lists = &engine.account(account).lists;
    let lists = all_lists.of(contact.id).filter_map(|id| all_lists.get(id));
    wire::Contact {
        id: Some(Id(contact.id)),
        phone: Some(Phone(contact.phone.as_u64())),
        fields: Some(FieldValues(fields.collect())),
        groups: Some(lists.map(|list| lists::present(engine, account, list)).collect()),
        created_at: present::time(contact.created),
        // Numbers are not looked up here.
        hlr_status: None,
        hlr_last_check: None,
    }
}

fn not_found() -> Refused {
    reply::refuse(StatusCode::NOT_FOUND, "Contact is not found")
}

fn unknown_list() -> Refused {
    let sentence = "Contact group is not found";
    let fault = Fault { field: Some(query::GROUPS.into()), sentence: sentence.into() };
    reply::with_faults(StatusCode::UNPROCESSABLE_ENTITY, sentence, vec![fault])
}

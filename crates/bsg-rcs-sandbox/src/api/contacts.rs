//! Contacts: make, look, change, delete one or many, list, search.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bsg_rcs_wire::generated::{self as wire, query};
use bsg_rcs_wire::{Fault, FieldValues, Id, Phone};
use http::StatusCode;
use serde_json::Value;

use super::caller::Caller;
use super::caller::Session;
use super::contact_lists;
use super::json_body::JsonBody;
use super::paging::Part;
use super::query_params::QueryParams;
use super::search::{Search, sort};
use super::{requests, responses};
use crate::reply;
use crate::reply::Refused;
use bsg_rcs_sandbox_engine::{
    AccountIx, Command, Contact, ContactCommand, ContactDraft, Engine, FieldValue, Outcome,
};

/// Items of a page without `page[limit]`.
const LIMIT: usize = 20;
/// Contacts of a page of a search without `page[limit]`.
const SEARCH_LIMIT: usize = 50;

/// `POST /api/contacts`
pub(super) async fn make(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let made = perform(&session, account, ContactCommand::Make(draft(read(&body)?)?))?;
    Ok((StatusCode::CREATED, made).into_response())
}

/// `GET /api/contacts/{id}`
pub(super) async fn show(
    Caller { account, session }: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| not_found())?;
    session.read(|engine| one(engine, account, id))
}

/// `PUT /api/contacts/{id}`
pub(super) async fn change(
    Caller { account, session }: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| not_found())?;
    perform(&session, account, ContactCommand::Change(id, draft(read(&body)?)?))
}

/// `DELETE /api/contacts/{id}`
pub(super) async fn delete(
    Caller { account, session }: Caller,
    Path(id): Path<String>,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| not_found())?;
    let command = Command::Contacts(account, ContactCommand::Delete(id));
    session.perform_then(command, |_, _| Ok(StatusCode::NO_CONTENT.into_response()))
}

/// `POST /api/contacts/delete`
pub(super) async fn delete_many(
    Caller { account, session }: Caller,
    asked: QueryParams,
) -> Result<Response, Refused> {
    let contacts = asked.numbers(query::CONTACT_IDS)?;
    let lists = asked.numbers(query::GROUP_IDS)?;
    let command = Command::Contacts(account, ContactCommand::DeleteMany { contacts, lists });
    session.perform_then(command, |_, _| Ok(StatusCode::NO_CONTENT.into_response()))
}

/// `GET /api/contacts`: with `groups[]`, those that are on one of them.
pub(super) async fn list(
    Caller { account, session }: Caller,
    asked: QueryParams,
) -> Result<Response, Refused> {
    let groups = asked.numbers(query::GROUPS)?;
    session.read(|engine| {
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

/// `GET /api/contacts/search`: by what is in the contact, by its lists or fields, or by both.
pub(super) async fn search(
    Caller { account, session }: Caller,
    asked: QueryParams,
) -> Result<Response, Refused> {
    let search = Search::read(&asked)?;
    Ok(session.read(|engine| {
        let owner = engine.account(account);
        let values = |contact: &Contact, field: &str| match field {
            "id" => vec![FieldValue::Number(contact.id)],
            "phone" => vec![FieldValue::Number(contact.phone.as_u64())],
            "created_at" => vec![FieldValue::Time(contact.created)],
            "group_id" => owner.lists.of(contact.id).map(FieldValue::Number).collect(),
            _ => Vec::new(),
        };
        let contacts = owner.contacts.all().filter(|contact| {
            search.finds(|field| {
                match field.parse().ok().and_then(|id: u64| contact.fields.get(&id)) {
                    Some(value) => vec![FieldValue::Text(value)],
                    None => values(contact, field),
                }
            })
        });
        let mut found: Vec<_> = contacts.collect();
        sort(&mut found, &asked, |by, contact| match by {
            "phone" => contact.phone.as_u64(),
            _ => contact.id,
        });
        let part = Part::of(found, &asked, SEARCH_LIMIT, |found| contact(engine, account, found));
        part.with_meta(search.echo())
    }))
}

/// Carries out a command and answers the contact that it leaves.
fn perform(
    session: &Session,
    account: AccountIx,
    command: ContactCommand,
) -> Result<Response, Refused> {
    session.perform_then(Command::Contacts(account, command), |engine, outcome| match outcome {
        Outcome::Contact(id) => one(engine, account, id),
        _ => Err(not_found()),
    })
}

fn one(engine: &Engine, account: AccountIx, id: u64) -> Result<Response, Refused> {
    let found = engine.account(account).contacts.get(id).ok_or_else(not_found)?;
    Ok(reply::data(contact(engine, account, found)))
}

/// A contact as it is made or changed. Its lists may be written as objects with an id, as the vendor's schema has them.
fn read(body: &JsonBody) -> Result<wire::ContactDraft, Refused> {
    body.read_changed(|value| {
        let lists = value.get_mut("groups").and_then(Value::as_array_mut);
        let mut changed = false;
        for list in lists.into_iter().flatten() {
            if let Some(id) = list.get("id").cloned() {
                (*list, changed) = (id, true);
            }
        }
        changed
    })
}

fn draft(draft: wire::ContactDraft) -> Result<ContactDraft, Refused> {
    let fields = draft.fields.map(|fields| {
        let values = fields.into_iter().map(|field| (field.id.0, field.value));
        values.collect()
    });
    Ok(ContactDraft {
        phone: requests::number(draft.phone, "phone")?,
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
        groups: Some(lists.map(|list| contact_lists::present(engine, account, list)).collect()),
        created_at: responses::time(contact.created),
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

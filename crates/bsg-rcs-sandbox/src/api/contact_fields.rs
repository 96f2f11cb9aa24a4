//! The fields that contacts can have: list, make, change, delete.

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bsg_rcs_sandbox_engine::{
    AccountIx, Command, ContactField, ContactFieldCommand, ContactFieldKind, Engine, Outcome,
};
use bsg_rcs_wire::Id;
use bsg_rcs_wire::generated as wire;
use http::StatusCode;

use super::caller::{Caller, Session};
use super::json_body::JsonBody;
use super::requests;
use crate::reply::{self, Refused};

/// `GET /api/contacts/fields`
pub(super) async fn list(Caller { account, session }: Caller) -> Response {
    session.read(|engine| {
        let fields = engine.account(account).contact_fields.all();
        reply::data(fields.map(present).collect::<Vec<_>>())
    })
}

/// `POST /api/contacts/fields`
pub(super) async fn make(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let draft: wire::ContactFieldDraft = body.read()?;
    let kind = match draft.r#type {
        wire::ContactFieldType::Text => ContactFieldKind::Text,
        wire::ContactFieldType::Date => ContactFieldKind::Date,
        wire::ContactFieldType::Number => ContactFieldKind::Number,
        wire::ContactFieldType::Other(_) => return Err(requests::invalid_at("type")),
    };
    let visible = draft.is_visible.unwrap_or(true);
    let (name, description) = (draft.name, draft.description);
    let command = ContactFieldCommand::Make { name, kind, description, visible };
    let made = perform(&session, account, command)?;
    Ok((StatusCode::CREATED, made).into_response())
}

/// `PATCH /api/contacts/fields/{id}`
pub(super) async fn change(
    Caller { account, session }: Caller,
    Path(id): Path<String>,
    body: JsonBody,
) -> Result<Response, Refused> {
    let id = id.parse().map_err(|_| not_found())?;
    let wire::ContactFieldChange { name, description, is_visible } = body.read()?;
    let command = ContactFieldCommand::Change { id, name, description, visible: is_visible };
    perform(&session, account, command)
}

/// `POST /api/contacts/fields/delete`
pub(super) async fn delete(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let asked: wire::ContactFieldDeletion = body.read()?;
    let command = ContactFieldCommand::Delete(asked.ids.iter().map(|id| id.0).collect());
    session.perform_then(Command::ContactFields(account, command), |_, _| {
        Ok(StatusCode::NO_CONTENT.into_response())
    })
}

fn perform(
    session: &Session,
    account: AccountIx,
    command: ContactFieldCommand,
) -> Result<Response, Refused> {
    let command = Command::ContactFields(account, command);
    session.perform_then(command, |engine, outcome| match outcome {
        Outcome::ContactField(id) => one(engine, account, id),
        _ => Err(not_found()),
    })
}

fn one(engine: &Engine, account: AccountIx, id: u64) -> Result<Response, Refused> {
    let field = engine.account(account).contact_fields.get(id).ok_or_else(not_found)?;
    Ok(reply::data(present(field)))
}

fn present(field: &ContactField) -> wire::ContactField {
    wire::ContactField {
        id: Some(Id(field.id)),
        name: Some(field.name.clone()),
        r#type: Some(match field.kind {
            ContactFieldKind::Text => wire::ContactFieldType::Text,
            ContactFieldKind::Date => wire::ContactFieldType::Date,
            ContactFieldKind::Number => wire::ContactFieldType::Number,
        }),
        description: field.description.clone(),
        is_visible: Some(field.visible.into()),
    }
}

fn not_found() -> Refused {
    reply::refuse(StatusCode::NOT_FOUND, "Contact field is not found")
}

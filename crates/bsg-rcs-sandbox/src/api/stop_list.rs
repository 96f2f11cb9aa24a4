//! The stop list: put numbers on it, take entries off, list, search.

use std::collections::BTreeSet;

use axum::response::Response;
use bsg_rcs_domain::Msisdn;
use bsg_rcs_wire::generated::{self as wire, query};
use bsg_rcs_wire::{Id, Phone};
use serde_json::json;

use super::caller::Caller;
use super::json_body::JsonBody;
use super::paging::Part;
use super::query_params::QueryParams;
use super::search::{Search, sort};
use super::{requests, responses};
use crate::reply;
use crate::reply::Refused;
use bsg_rcs_sandbox_engine::{AnyChannel, Command, FieldValue, StopEntry, StopListCommand};

/// Items of a page without `page[limit]`.
const LIMIT: usize = 20;
/// Entries of a page of a search without `page[limit]`.
const SEARCH_LIMIT: usize = 50;

/// `POST /api/stoplist/attach`: answers the entries of the numbers, each once.
pub(super) async fn attach(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let asked: wire::StopListAttach = body.read()?;
    let numbers = asked.phones.iter().enumerate();
    let phones = numbers.map(|(at, phone)| requests::number(*phone, &format!("phones[{at}]")));
    let phones: Vec<Msisdn> = phones.collect::<Result<_, _>>()?;
    let (attached, channels) = (phones.clone(), channels(&asked.types)?);
    let command = Command::StopList(account, StopListCommand::Attach { phones, channels });
    session.perform_then(command, |engine, _| {
        let list = &engine.account(account).stop_list;
        let mut seen = BTreeSet::new();
        let entries = attached.into_iter().filter(|phone| seen.insert(*phone));
        let entries: Vec<_> = entries.filter_map(|phone| list.of(phone)).map(entry).collect();
        Ok(reply::data(entries))
    })
}

/// `POST /api/stoplist/detach`: answers an object that is not documented.
pub(super) async fn detach(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let asked: wire::StopListDetach = body.read()?;
    let ids = asked.ids.iter().map(|id| id.0).collect();
    let channels = channels(&asked.types)?;
    let command = Command::StopList(account, StopListCommand::Detach { ids, channels });
    session.perform_then(command, |_, _| Ok(reply::data(json!({}))))
}

/// `GET /api/stoplist`
pub(super) async fn list(Caller { account, session }: Caller, asked: QueryParams) -> Response {
    let channel = asked.text(query::TYPE).and_then(|word| requests::channel(&word.into()));
    session.read(|engine| {
        let entries = engine.account(account).stop_list.entries();
        let found = entries
            .filter(|entry| channel.is_none_or(|channel| entry.channels.contains(&channel)))
            .collect();
        Part::of(found, &asked, LIMIT, entry).with_total()
    })
}

/// `GET /api/stoplist/search`
pub(super) async fn search(
    Caller { account, session }: Caller,
    asked: QueryParams,
) -> Result<Response, Refused> {
    let search = Search::read(&asked)?;
    let list = asked.number(query::CONTACT_GROUP_ID);
    session.read(|engine| {
        let owner = engine.account(account);
        if list.is_some_and(|id| owner.lists.get(id).is_none()) {
            return Err(requests::invalid_at(query::CONTACT_GROUP_ID));
        }
        let is_on_list = |entry: &StopEntry| {
            let contact = owner.contacts.of(entry.phone).map(|contact| contact.id);
            list.is_none_or(|list| {
                contact.is_some_and(|id| owner.lists.of(id).any(|of| of == list))
            })
        };
        let values = |entry: &StopEntry, field: &str| match field {
            "phone" => vec![FieldValue::Number(entry.phone.as_u64())],
            "created_at" => vec![FieldValue::Time(entry.created)],
            "type" => {
                entry.channels.iter().map(|channel| FieldValue::Text(word(*channel))).collect()
            }
            _ => vec![FieldValue::Number(entry.id)],
        };
        let entries = owner.stop_list.entries();
        let entries =
            entries.filter(|entry| is_on_list(entry) && search.finds(|field| values(entry, field)));
        let mut found: Vec<_> = entries.collect();
        sort(&mut found, &asked, |by, entry| match by {
            "phone" => entry.phone.as_u64(),
            _ => entry.id,
        });
        Ok(Part::of(found, &asked, SEARCH_LIMIT, entry).with_meta(search.echo()))
    })
}

/// A channel's word.
const fn word(channel: AnyChannel) -> &'static str {
    match channel {
        AnyChannel::Rcs => "rcs",
        AnyChannel::Sms => "sms",
        AnyChannel::Viber => "viber",
        AnyChannel::Whatsapp => "whatsapp",
        AnyChannel::Voice => "voice",
        AnyChannel::Telegram => "telegram",
    }
}

fn channels(words: &[wire::Channel]) -> Result<BTreeSet<AnyChannel>, Refused> {
    let read = |word| requests::channel(word).ok_or_else(|| requests::invalid_at("types"));
    words.iter().map(read).collect()
}

fn entry(entry: &StopEntry) -> wire::StopListEntry {
    let stopped = |channel| Some(entry.channels.contains(&channel).into());
    wire::StopListEntry {
        id: Some(Id(entry.id)),
        phone: Some(Phone(entry.phone.as_u64())),
        created_at: responses::time(entry.created),
        sms_stoplist: stopped(AnyChannel::Sms),
        viber_stoplist: stopped(AnyChannel::Viber),
        rcs_stoplist: stopped(AnyChannel::Rcs),
    }
}

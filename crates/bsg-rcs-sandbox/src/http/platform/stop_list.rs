//! The stop list: put numbers on it, take entries off, list, search.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bsg_rcs_domain::Msisdn;
use bsg_rcs_wire::generated::{self as wire, query};
use bsg_rcs_wire::{Id, Phone};
use serde_json::json;

use crate::engine::{AnyChannel, Command, Held, StopEntry, StopListCommand};
use crate::http::asked::Asked;
use crate::http::body::JsonBody;
use crate::http::caller::Caller;
use crate::http::paging::Part;
use crate::http::reply::Refused;
use crate::http::search::{SEARCH, Search};
use crate::http::shared::Shared;
use crate::http::{present, reply, request};

/// Items of a page without `page[limit]`.
const LIMIT: usize = 20;

/// `POST /api/stoplist/attach`: answers the entries of the numbers, each once.
pub(in crate::http) async fn attach(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let asked: wire::StopListAttach = body.read(&shared)?;
    let numbers = asked.phones.iter().enumerate();
    let phones = numbers.map(|(at, phone)| request::number(*phone, &format!("phones[{at}]")));
    let phones: Vec<Msisdn> = phones.collect::<Result<_, _>>()?;
    let (attached, channels) = (phones.clone(), channels(&asked.types)?);
    let command = Command::StopList(account, StopListCommand::Attach { phones, channels });
    shared.perform_then(command, |engine, _| {
        let list = &engine.account(account).stop_list;
        let mut seen = BTreeSet::new();
        let entries = attached.into_iter().filter(|phone| seen.insert(*phone));
        let entries: Vec<_> = entries.filter_map(|phone| list.of(phone)).map(entry).collect();
        Ok(reply::data(entries))
    })
}

/// `POST /api/stoplist/detach`: answers an object that nobody describes.
pub(in crate::http) async fn detach(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let asked: wire::StopListDetach = body.read(&shared)?;
    let ids = asked.ids.iter().map(|id| id.0).collect();
    let channels = channels(&asked.types)?;
    let command = Command::StopList(account, StopListCommand::Detach { ids, channels });
    shared.perform_then(command, |_, _| Ok(reply::data(json!({}))))
}

/// `GET /api/stoplist`
pub(in crate::http) async fn list(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    asked: Asked,
) -> Response {
    let channel = asked.text(query::TYPE).and_then(|word| request::channel(&word.into()));
    shared.read(|engine| {
        let entries = engine.account(account).stop_list.entries();
        let found = entries
            .filter(|entry| channel.is_none_or(|channel| entry.channels.contains(&channel)))
            .collect();
        Part::of(found, &asked, LIMIT, entry).with_total()
    })
}

/// `GET /api/stoplist/search`
pub(in crate::http) async fn search(
    State(shared): State<Arc<Shared>>,
    Caller(account): Caller,
    asked: Asked,
) -> Result<Response, Refused> {
    let search = Search::read(&asked, &SEARCH)?;
    let matches = |entry: &&StopEntry| {
        search.as_ref().is_none_or(|search| {
            search.finds(match search.field {
                "phone" => Held::Number(entry.phone.as_u64()),
                "created_at" => Held::Time(entry.created),
                _ => Held::Number(entry.id),
            })
        })
    };
    Ok(shared.read(|engine| {
        let found = engine.account(account).stop_list.entries().filter(matches).collect();
        let part = Part::of(found, &asked, LIMIT, entry);
        part.with_meta(search.as_ref().map(Search::echo))
    }))
}

fn channels(words: &[wire::Channel]) -> Result<BTreeSet<AnyChannel>, Refused> {
    let read = |word| request::channel(word).ok_or_else(|| request::invalid_at("types"));
    words.iter().map(read).collect()
}

fn entry(entry: &StopEntry) -> wire::StopListEntry {
    let stopped = |channel| Some(entry.channels.contains(&channel));
    wire::StopListEntry {
        id: Some(Id(entry.id)),
        phone: Some(Phone(entry.phone.as_u64())),
        created_at: present::time(entry.created),
        sms_stoplist: stopped(AnyChannel::Sms),
        viber_stoplist: stopped(AnyChannel::Viber),
        rcs_stoplist: stopped(AnyChannel::Rcs),
    }
}

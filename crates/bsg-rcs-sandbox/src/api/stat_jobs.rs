//! Statistics jobs: the bill, message by message.

use axum::Json;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use bsg_rcs_domain::{Amount, Channel, Country, MessageStatus};
use bsg_rcs_sandbox_engine::{
    AccountIx, Command, Engine, Filter, MessageIx, MessageRecord, Outcome, StatJobCommand,
    VirtualTime,
};
use bsg_rcs_wire::generated as wire;
use bsg_rcs_wire::{CivilText, Decimal, Id, Integer, Phone};
use serde_json::json;

use super::caller::Caller;
use super::json_body::JsonBody;
use super::responses;
use super::schema::date_or_time;
use crate::reply::{self, Refused};

/// The code of a job that there is not.
const NO_FILE: i64 = 90;

/// `POST /api/stat/jobs`
pub(super) async fn make(
    Caller { account, session }: Caller,
    body: JsonBody,
) -> Result<Response, Refused> {
    let draft: wire::StatJobDraft = body.read()?;
    let ids = if draft.r#type == "message" {
        draft.message_id.iter().flatten().map(|id| id.0).collect()
    } else {
        session.read(|engine| matching(engine, account, &draft))
    };
    let command = Command::StatJobs(account, StatJobCommand::Make(ids));
    session.perform_then(command, |_, outcome| Ok(answer(outcome)))
}

/// `GET /api/stat/jobs`
pub(super) async fn list(Caller { account, session }: Caller) -> Response {
    session.read(|engine| {
        let jobs = engine.account(account).stat_jobs.all();
        let shown = jobs.map(|job| wire::StatJob {
            key: Some(key(job.key)),
            created_at: responses::time(job.created),
        });
        reply::data(shown.collect::<Vec<_>>())
    })
}

/// `GET /api/stat/jobs/{key}`
pub(super) async fn show(Caller { account, session }: Caller, Path(key): Path<String>) -> Response {
    session.read(|engine| {
        let jobs = &engine.account(account).stat_jobs;
        match number(&key).and_then(|key| jobs.get(key)) {
            Some(job) => {
                let rows = job.messages.iter().map(|ix| row(engine, *ix));
                reply::data(rows.collect::<Vec<_>>())
            }
            None => no_file(),
        }
    })
}

/// `DELETE /api/stat/jobs/{key}`
pub(super) async fn delete(
    Caller { account, session }: Caller,
    Path(key): Path<String>,
) -> Result<Response, Refused> {
    let known =
        |key: &u64| session.read(|engine| engine.account(account).stat_jobs.get(*key).is_some());
    let Some(key) = number(&key).filter(known) else { return Ok(no_file()) };
    let command = Command::StatJobs(account, StatJobCommand::Delete(key));
    session.perform_then(command, |_, outcome| Ok(answer(outcome)))
}

/// The ids of the messages that a draft names by what they are.
fn matching(engine: &Engine, account: AccountIx, draft: &wire::StatJobDraft) -> Vec<u64> {
    let time = |text: &Option<CivilText>, of_a_date| {
        let text = text.as_ref()?.as_str();
        date_or_time(text, of_a_date).map(VirtualTime::from_civil)
    };
    let (taken_from, taken_to) =
        (time(&draft.time_in_from, "00:00:00"), time(&draft.time_in_to, "23:59:59"));
    let (sent_from, sent_to) =
        (time(&draft.time_sent_from, "00:00:00"), time(&draft.time_sent_to, "23:59:59"));
    let within = |at: VirtualTime, from: Option<VirtualTime>, to: Option<VirtualTime>| {
        from.is_none_or(|from| at >= from) && to.is_none_or(|to| at <= to)
    };
    let fits = |ix: &MessageIx| {
        let message = engine.at(*ix);
        let sent = message.since(MessageStatus::Sent);
        within(message.created(), taken_from, taken_to)
            && (sent_from.is_none() && sent_to.is_none()
                || sent.is_some_and(|sent| within(sent, sent_from, sent_to)))
            && draft
                .phones
                .as_ref()
                .is_none_or(|phones| phones.iter().any(|phone| phone.0 == message.phone.as_u64()))
            && draft.status.as_deref().is_none_or(|word| word == capital(status(engine, message)))
    };
    let found = engine.find(&Filter { account: Some(account), ..Filter::default() }).into_vec();
    found.iter().filter(|ix| fits(ix)).map(|ix| ix.id()).collect()
}

fn row(engine: &Engine, ix: MessageIx) -> wire::StatRow {
    let message = engine.at(ix);
    let time = |at: VirtualTime| CivilText(at.to_string());
    let end = message.history.iter().next_back().filter(|last| last.status.is_delivered());
    let price = if message.status().is_delivered() { message.price } else { Amount::ZERO };
    wire::StatRow {
        message_id: Some(Id(ix.id())),
        message_type: Some(match message.channel {
            Channel::Rcs => wire::MessageType::Rcs,
            Channel::Sms => wire::MessageType::Sms,
        }),
        msisdn: Some(Phone(message.phone.as_u64())),
        country_name: Country::of(message.phone).map(|country| country.to_string()),
        // Networks are not looked up here.
        brand: None,
        mcc: None,
        mnc: None,
        originator: Some(message.spec.sender.clone()),
        price: Some(Decimal::string(price.to_string())),
        currency: Some(engine.world().prices.currency().to_string()),
        time_in: Some(time(message.created())),
        time_sent: message.since(MessageStatus::Sent).map(time),
        time_dlr: end.map(|end| time(end.at)),
        status: Some(capital(status(engine, message))),
        body: message.spec.content.text().map(str::to_owned),
    }
}

fn status(engine: &Engine, message: &MessageRecord) -> &'static str {
    engine.world().assumptions.word_for(message.status())
}

/// The word with a capital.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// A key as it is written, and back.
fn key(key: u64) -> String {
    format!("{key:016x}")
}

fn number(key: &str) -> Option<u64> {
    u64::from_str_radix(key, 16).ok()
}

fn answer(outcome: Outcome) -> Response {
    let (description, key) = match outcome {
        Outcome::StatJob(Some(made)) => (None, Some(key(made))),
        _ => (Some("Maximum count of exports reached".to_owned()), None),
    };
    Json(wire::StatJobAnswer { error: Some(Integer(0)), error_description: description, key })
        .into_response()
}

fn no_file() -> Response {
    Json(json!({ "error": NO_FILE, "errorDescription": "File not found" })).into_response()
}

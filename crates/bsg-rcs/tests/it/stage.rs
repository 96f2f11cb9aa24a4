//! The stage: a client over a script, and the messages that it sends.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs::{
    Addressee, Batch, BatchCap, CampaignSend, Client, Message, MessageDraft, Msisdn, ReferenceId,
    SingleSend, Transport,
};
use bsg_rcs_domain::message::{CardDraft, SmsDraft, SuggestionDraft};
use bsg_rcs_transport::doubles::Scripted;
use bsg_rcs_transport::http::{Request, StatusCode};
use bsg_rcs_transport::{Bytes, FailureKind, TransportError};
use serde_json::Value;

pub(crate) const KEY: &str = "live_7kq2wz";
/// Not a JWT: its life is unknown, and the client assumes one.
pub(crate) const TOKEN: &str = "tok3n.of.login";
pub(crate) const LOGIN: &str = r#"{"bearer": "tok3n.of.login"}"#;
/// When it is, by the wall: 2026-01-05 09:00:00 UTC.
pub(crate) const NOW: Duration = Duration::from_secs(1_767_603_600);
pub(crate) const NUMBER: u64 = 380_661_231_231;

/// One step of a script.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'a> {
    /// A good login.
    Login,
    Answer(u16, &'a str),
    NotSent,
    MaybeSent,
}

/// A script of these steps.
pub(crate) fn script_of(steps: &[Step<'_>]) -> Scripted {
    steps.iter().fold(Scripted::new(), |script, step| match step {
        Step::Login => script.then_json(StatusCode::OK, LOGIN),
        Step::Answer(status, body) => {
            script.then_json(StatusCode::from_u16(*status).unwrap(), (*body).to_owned())
        }
        Step::NotSent => {
            script.then_error(TransportError::not_sent(FailureKind::Connect, "refused"))
        }
        Step::MaybeSent => {
            script.then_error(TransportError::maybe_sent(FailureKind::Timeout, "too slow"))
        }
    })
}

/// A client over a script, on a clock that stands.
pub(crate) fn client(steps: &[Step<'_>]) -> (Client, Arc<Scripted>) {
    let script = Arc::new(script_of(steps));
    (client_over(Arc::clone(&script)), script)
}

/// A client that is logged in first, and then answered with this.
pub(crate) fn answered(status: u16, body: &str) -> (Client, Arc<Scripted>) {
    client(&[Step::Login, Step::Answer(status, body)])
}

pub(crate) fn client_over(transport: impl Transport + 'static) -> Client {
    Client::builder()
        .base_url("https://platform.test/")
        .api_key(KEY)
        .transport(transport)
        .without_retry()
        .clock(|| Duration::ZERO)
        .wall_clock(|| NOW)
        .build()
        .unwrap()
}

/// Ids with these numbers.
pub(crate) fn ids<T: From<u64>, const N: usize>(numbers: [u64; N]) -> [T; N] {
    numbers.map(T::from)
}

pub(crate) fn number() -> Msisdn {
    Msisdn::from_u64(NUMBER).unwrap()
}

pub(crate) fn reference(text: &str) -> ReferenceId {
    ReferenceId::parse(text).unwrap()
}

pub(crate) fn text() -> Message {
    Message::text("demo_agent", "Your table is ready.").unwrap()
}

/// A carousel with every kind of button, and an SMS behind it.
pub(crate) fn carousel() -> Message {
    let button = |text: &str| SuggestionDraft { text: text.into(), ..SuggestionDraft::default() };
    let menu = CardDraft {
        title: Some("Menu".into()),
        text: Some("Today's three.".into()),
        media: Some("https://example.com/menu.jpg".into()),
        suggestions: vec![
            SuggestionDraft {
                url: Some("https://example.com/book".into()),
                postback: Some("book".into()),
                ..button("Book")
            },
            SuggestionDraft { phone: Some("+380 66 123 12 31".into()), ..button("Call us") },
        ],
    };
    let bare = CardDraft { text: Some("Dessert".into()), ..CardDraft::default() };
    let draft = MessageDraft {
        agent: "demo_agent".into(),
        cards: vec![menu, bare],
        sms: Some(SmsDraft {
            sender: "Bistro".into(),
            text: "Your table is ready.".into(),
            validity: Some("2h".into()),
            ..SmsDraft::default()
        }),
        validity: Some("45m".into()),
        check_stop_list: false,
        add_to_contact_book: true,
        tariff_code: Some(9),
        ..MessageDraft::default()
    };
    draft.check().unwrap().value
}

pub(crate) fn single() -> SingleSend {
    SingleSend::to(number()).reference(reference("r0"))
}

/// A campaign for three.
pub(crate) fn campaign() -> CampaignSend {
    let addressee = |at: u64| Addressee {
        number: Msisdn::from_u64(NUMBER + at).unwrap(),
        reference: reference(&format!("r{at}")),
    };
    let to = Batch::new((0..3).map(addressee).collect(), BatchCap::PLATFORM).unwrap();
    CampaignSend::to(to)
}

/// The body of a request as JSON.
pub(crate) fn json(request: &Request<Bytes>) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

/// `METHOD path?query` of a request.
pub(crate) fn line(request: &Request<Bytes>) -> String {
    let address = request.uri().path_and_query().unwrap();
    format!("{} {address}", request.method())
}

/// A line with its query unescaped.
pub(crate) fn plain(line: &str) -> String {
    let Some((path, query)) = line.split_once('?') else { return line.to_owned() };
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    let pairs: Vec<_> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
    format!("{path}?{}", pairs.join("&"))
}

/// An operation of the OpenAPI document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Operation {
    pub(crate) method: String,
    /// With parameters in braces.
    pub(crate) path: String,
    /// The call of the client, or in words how the client makes it by itself.
    pub(crate) facade: String,
}

/// Every operation of the document, by its id.
pub(crate) fn operations() -> BTreeMap<String, Operation> {
    let document: Value = serde_json::from_str(bsg_rcs::wire::OPENAPI).unwrap();
    let mut operations = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if method == "parameters" {
                continue;
            }
            let word = |name: &str| operation[name].as_str().unwrap().to_owned();
            let (method, path) = (method.to_uppercase(), path.clone());
            operations
                .insert(word("operationId"), Operation { method, path, facade: word("x-facade") });
        }
    }
    assert!(operations.len() > 30, "the document was not read");
    operations
}

/// The operation that a request is for: the one with its method and the most of its path.
pub(crate) fn operation_of(method: &str, path: &str) -> Option<String> {
    let is_of = |operation: &Operation| {
        let (ours, theirs) = (path.split('/'), operation.path.split('/'));
        operation.method == method
            && ours.clone().count() == theirs.clone().count()
            && ours.zip(theirs).all(|(ours, theirs)| {
                let is_id = theirs == "{id}" && ours.bytes().all(|b| b.is_ascii_digit());
                ours == theirs || is_id || theirs == "{key}"
            })
    };
    operations().into_iter().find(|(_, operation)| is_of(operation)).map(|(id, _)| id)
}

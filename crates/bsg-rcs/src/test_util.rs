//! For unit tests of code that uses a client: one without a network, and an answer of every kind.
//!
//! The client is logged in already; the script has one answer a call, in their order, and keeps what
//! was asked.
//!
//! ```
//! use bsg_rcs::test_util::{answers, client};
//! use bsg_rcs::{Message, Msisdn, SingleSend};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let (client, script) = client([(200, answers::MESSAGE)]);
//! let send = SingleSend::to(Msisdn::normalise("+380661231231")?);
//! let sent = client.messages().send(&Message::text("demo_agent", "Hello")?, &send).await?;
//! assert_eq!(sent.accepted()?.report.message.0, 3_266_500_452);
//! assert_eq!(script.requests().len(), 1);
//! # Ok(()) }
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(run())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_transport::doubles::Scripted;
use bsg_rcs_transport::http::StatusCode;

use crate::builder::Wired;
use crate::client::Client;

/// The address that the client asks.
pub const BASE_URL: &str = "https://platform.test";

/// A client that is logged in, and is answered so: a status and a body for each call, in order. A call
/// that the script has no answer for fails, and was not sent. Nothing is repeated.
///
/// # Panics
/// If a status is none (100 to 999): that is a fault of the test.
pub fn client<'a>(answers: impl IntoIterator<Item = (u16, &'a str)>) -> (Client, Arc<Scripted>) {
    let answer = |script: Scripted, (status, body): (u16, &'a str)| {
        let status = StatusCode::from_u16(status);
        assert!(status.is_ok(), "a status is 100 to 999");
        script.then_json(status.unwrap_or(StatusCode::OK), body.to_owned())
    };
    let script = Arc::new(answers.into_iter().fold(Scripted::new(), answer));
    (client_over(Arc::clone(&script)), script)
}

/// A client that is logged in, over any transport: a script with errors in it, or one that never
/// answers. Nothing is repeated, its clock stands, and waits end at once.
pub fn client_over(transport: impl bsg_rcs_transport::Transport + 'static) -> Client {
    Client::logged_in(Wired {
        base_url: BASE_URL,
        api_key: "test_key",
        token: "token",
        transport: Arc::new(transport),
        clock: Arc::new(|| Duration::ZERO),
    })
}

/// Answers as the platform writes them, of messages to 380997087351 with the reference `hello`.
pub mod answers {
    /// To a single send.
    pub const MESSAGE: &str = r#"{"data": {"id": 3266500452, "reference_id": "hello",
        "source": "rest", "type": "rcs", "phone": 380997087351, "status": "accepted",
        "validity": 72, "amount": {"value": "1.1000000", "currency": "EUR"},
        "sender": "demo_agent", "created_at": "2024-08-22 11:47:42", "sent_at": null,
        "delivered_at": null}}"#;
    /// To a send to many or to contact lists, and to `campaigns().get` and `stop`.
    pub const CAMPAIGN: &str = r#"{"data": {"id": 4419393338,
        "name": "RCS api campaign / 2024-08-22 11:47:42", "sender": "demo_agent",
        "status": "creation", "message_type": "rcs", "start_at": null, "real_start_at": null,
        "finished_at": null, "created_at": "2024-08-22 11:47:42",
        "statistics": {"delivered": 0, "sent": 0}, "calculated_price": 2.2, "currency": "EUR"}}"#;
    /// To `campaigns().detail`: it is done, and its one message was delivered.
    pub const DETAIL: &str = r#"{"data": {"id": 4419393338, "status": "done", "sender": "demo_agent",
        "type": "rcs", "started_at": "2024-08-22 11:47:42", "actual_start_at": "2024-08-22 11:47:42",
        "created_at": "2024-08-22 11:47:42", "statistics": {"delivered": 1, "sent": 0},
        "total_messages": 1, "total_phones": 1, "total_price": "1.1000000", "currency": "EUR",
        "alternative_channels": null}}"#;
    /// To a list of messages: one, delivered.
    pub const MESSAGES: &str = r#"{"data": [{"id": 3266500452, "reference_id": "hello",
        "type": "rcs", "phone": 380997087351, "status": "delivered", "campaign_id": 4419393338,
        "amount": {"value": "1.1000000", "currency": "EUR"}, "sender": "demo_agent",
        "created_at": "2024-08-22 11:47:42", "sent_at": "2024-08-22 11:47:42",
        "delivered_at": "2024-08-22 11:47:53"}],
        "meta": {"page": {"limit": 500, "offset": 0, "total": 1}}}"#;
    /// To a list of campaigns: one.
    pub const CAMPAIGNS: &str = r#"{"data": [{"id": 4419393338, "sender": "demo_agent",
        "status": "done", "message_type": "rcs", "statistics": {"delivered": 1, "sent": 0}}],
        "meta": {"page": {"limit": 500, "offset": 0, "total": 1}}}"#;
    /// To any list or search: there is none.
    pub const NONE: &str =
        r#"{"data": [], "meta": {"page": {"limit": 500, "offset": 0, "total": 0}}}"#;
    /// To `account().balance`.
    pub const BALANCE: &str = r#"{"data": {"balance": 1000.5, "credit": 0, "currency": "EUR"}}"#;
    /// To `account().tariffs`: one, the default.
    pub const TARIFFS: &str = r#"{"data": [{"id": 1, "name": "Standard", "code": 9,
        "is_active": true, "is_default": true}], "total": 1}"#;
    /// To `stop_list().add`, `find` and `page`: one number, stopped for RCS.
    pub const STOP_LIST: &str = r#"{"data": [{"id": 8, "phone": 380997087351,
        "created_at": "2024-08-22 11:47:42", "rcs_stoplist": true, "sms_stoplist": false,
        "viber_stoplist": false}], "total": 1}"#;
    /// To `contacts().create`, `get` and `change`.
    pub const CONTACT: &str = r#"{"data": {"id": 5, "phone": 380997087351, "fields": {"7": "Ann"},
        "groups": [3], "created_at": "2024-08-22 11:47:42", "hlr_status": "ok"}}"#;
    /// To `contacts().find` and `page`: one.
    pub const CONTACTS: &str = r#"{"data": [{"id": 5, "phone": 380997087351, "fields": {"7": "Ann"},
        "groups": [3], "created_at": "2024-08-22 11:47:42"}], "total": 1}"#;
    /// To `contact_lists().create`, `get` and `change`.
    pub const CONTACT_LIST: &str = r#"{"data": {"id": 3, "name": "Regulars", "description": null,
        "default": false, "created_at": "2024-08-22 11:47:42", "items": 1, "stop_list_count": 0}}"#;
    /// To `contact_lists().find` and `page`: one.
    pub const CONTACT_LISTS: &str = r#"{"data": [{"id": 3, "name": "Regulars", "items": 1}],
        "total": 1}"#;
    /// To a dry run that would pass.
    pub const DRY_RUN: &str = r#"{"data": {"dry_run": true}}"#;
    /// To calls that answer nothing: deletes (204), and what attaches or detaches.
    pub const NOTHING: &str = "";
    /// With 422, to a send: the first recipient's number is none.
    pub const REFUSAL: &str = r#"{"message": "The given data was invalid.",
        "errors": {"phones.0.number": ["Invalid phone number format"]}}"#;
    /// With 422, to a send: the platform knows the reference.
    pub const KNOWN_REFERENCE: &str = r#"{"message": "Duplicate reference_id", "errors": []}"#;
    /// With 429, to a send: the duplicate guard. The first try may have arrived.
    pub const DUPLICATE_REQUEST: &str = r#"{"message": "Too many duplicate request detected"}"#;
    /// The body of a callback: delivered.
    pub const STATUS_REPORT: &str = r#"{"error": 0, "errorDescription": "No errors",
        "id": "3266500452", "msisdn": "380997087351", "reference": "hello",
        "time_in": "2024-08-22 11:47:42", "time_sent": "2024-08-22 11:47:42",
        "time_dr": "2024-08-22 11:47:53", "status": "delivered", "price": "1.1000000",
        "currency": "EUR"}"#;
    /// The body of a callback: a click.
    pub const CLICK: &str = r#"{"id": "3266500452", "reference": "hello", "msisdn": "380997087351",
        "text": "Book", "postback": "book", "time_click": "2024-08-22T11:48:00"}"#;
}

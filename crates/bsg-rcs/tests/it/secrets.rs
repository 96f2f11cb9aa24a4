//! Secrets: neither key nor token nor phone number, nor what a contact's fields hold, in anything
//! that is printed or traced.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use bsg_rcs::{
    ApiKey, CallbackUrl, Client, ContactDraft, Error, MessageFilter, SendOutcome, StoppedChannel,
};
use bsg_rcs_transport::Bytes;
use bsg_rcs_transport::http::Method;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::stage::{
    KEY, NUMBER, Step, TOKEN, campaign, client, ids, number, reference, script_of, single, text,
};

/// What a field of a contact holds.
const HELD: &str = "Ann of the 4th floor";

const LISTING: &str = r#"{"data": [{"id": 1, "reference_id": "r0", "phone": 380661231231,
    "status": "sent"}]}"#;

/// No secret and no number in this text.
fn clean(shown: &str) {
    let number = NUMBER.to_string();
    for secret in [KEY, TOKEN, "tok3n", "7kq2wz", &number, &number[3..], HELD, "4th"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

/// The same of everything that the value prints, and of the errors below it.
fn check(value: &impl Debug) {
    clean(&format!("{value:?}"));
    clean(&format!("{value:#?}"));
}

fn check_error(error: &bsg_rcs::Error) {
    check(error);
    let mut below: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = below {
        clean(&error.to_string());
        clean(&format!("{error:?}"));
        below = error.source();
    }
}

fn check_outcome<T: Debug>(outcome: &Result<SendOutcome<T>, bsg_rcs::Error>) {
    check(outcome);
    match outcome {
        Ok(SendOutcome::Rejected(why)) => clean(&why.to_string()),
        Ok(SendOutcome::Unknown(unknown)) => clean(&unknown.why),
        Ok(_) => {}
        Err(error) => check_error(error),
    }
}

#[test]
fn handles_and_settings() {
    let (client, _) = client(&[]);
    check(&client);
    check(&(client.messages(), client.campaigns(), client.account()));
    check(&(client.stop_list(), client.contacts(), client.contact_lists()));
    check(&contact());
    check(&client.unsettled(campaign().recipients().addressees().to_vec()));
    check(&ApiKey::new(KEY));
    clean(&client.account_fingerprint());
    assert_eq!(client.account_fingerprint().len(), 16);
    check(&single());
    check(&campaign());
    check(&Client::builder().base_url("http://platform.test").api_key(KEY).build().err());
}

#[test]
fn the_callback_url_of_a_send_is_a_secret_too() {
    let send =
        single().callback_url(CallbackUrl::parse("https://example.com/callbacks/7kq2wz").unwrap());
    check(&send);
}

fn contact() -> ContactDraft {
    ContactDraft::new(number()).field(7, HELD)
}

fn check_answer<T: Debug>(answer: &Result<T, Error>) {
    match answer {
        Ok(answer) => check(answer),
        Err(error) => check_error(error),
    }
}

/// Plays a script with every kind of call.
async fn check_calls(steps: &[Step<'_>]) {
    let fresh = || client(steps).0;
    check_outcome(&fresh().campaigns().send_to_lists(&text(), &ids([3]), None).await);
    check_answer(&fresh().messages().dry_run(&text(), number()).await);
    check_answer(&fresh().campaigns().dry_run(&text(), campaign().recipients()).await);
    check_answer(&fresh().contacts().create(&contact()).await);
    check_answer(&fresh().contacts().change(5, &contact()).await);
    check_answer(&fresh().contacts().get(5).await);
    check_answer(&fresh().contacts().page(&[], 0, 20).await);
    check_answer(&fresh().contacts().find(number()).await);
    check_answer(&fresh().contacts().find_by_field(7, HELD, 0, 20).await);
    check_answer(&fresh().contacts().delete_many(&ids([5]), &ids([3])).await);
    check_answer(&fresh().stop_list().add(&[number()], &[StoppedChannel::Rcs]).await);
    check_answer(&fresh().stop_list().find(number()).await);
    check_answer(&fresh().stop_list().page(None, 0, 20).await);
    check_answer(&fresh().contact_lists().find("Regulars").await);
    check_answer(&fresh().look_up(campaign().recipients().addressees()).await);
    let unsettled = fresh().unsettled(campaign().recipients().addressees().to_vec());
    check_answer(&fresh().resolve(&unsettled).await);
    check_outcome(&client(steps).0.messages().send(&text(), &single()).await);
    check_outcome(&client(steps).0.campaigns().send(&text(), &campaign()).await);
    let (client, script) = client(steps);
    match client.messages().find(reference("r0")).await {
        Ok(found) => check(&found),
        Err(error) => check_error(&error),
    }
    check(&client.messages().page(MessageFilter::default(), 0, 50).await);
    check(&script);
}

#[tokio::test]
async fn outcomes_and_errors() {
    use Step::{Answer, Login, MaybeSent, NotSent};
    let receipt = r#"{"data": {"id": 1, "phone": "380661231231", "status": "accepted"}}"#;
    check_calls(&[Login, Answer(200, LISTING)]).await;
    check_calls(&[Login, Answer(200, receipt)]).await;
    let contact = r#"{"data": {"id": 5, "phone": 380661231231,
        "fields": {"7": "Ann of the 4th floor"}}}"#;
    check_calls(&[Login, Answer(200, contact)]).await;
    let contacts = r#"{"data": [{"id": 5, "phone": "380661231231",
        "fields": {"7": "Ann of the 4th floor"}}], "total": 1}"#;
    check_calls(&[Login, Answer(200, contacts)]).await;
    for broken in
        [&receipt[..30], &contact[..60], r#"{"data": "380661231231"}"#, r#"["380661231231"]"#]
    {
        check_calls(&[Login, Answer(200, broken)]).await;
    }
    for step in [NotSent, MaybeSent, Answer(401, ""), Answer(422, "{}"), Answer(503, "down")] {
        check_calls(std::slice::from_ref(&step)).await;
        check_calls(&[Login, step]).await;
    }
}

#[tokio::test]
async fn a_platform_that_repeats_our_secrets_is_not_repeated() {
    use Step::{Answer, Login};
    let key = r#"{"message": "Unknown key live_7kq2wz"}"#;
    let token =
        r#"{"message": "Bad token", "errors": {"Authorization": ["Bearer tok3n.of.login"]}}"#;
    let raw = "<html>Authorization: Bearer tok3n.of.login</html>";
    check_calls(&[Answer(403, key)]).await;
    for body in [key, token, raw] {
        for status in [400, 422, 429, 500] {
            check_calls(&[Login, Answer(status, body)]).await;
        }
        check_calls(&[Login, Answer(401, body), Login, Answer(401, body)]).await;
    }
    check_calls(&[Answer(200, r#"{"bearer": ["tok3n.of.login"]}"#)]).await;
    check_calls(&[Answer(200, r#"{"bearer": "tok3n\nof.login"}"#)]).await;
}

/// Where a test's traces go.
#[derive(Clone, Default)]
struct Traces(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Traces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Traces are collected while it lives.
struct Collecting {
    _guard: tracing::subscriber::DefaultGuard,
    _second: tracing::Dispatch,
}

impl<'a> MakeWriter<'a> for Traces {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Traces {
    /// Collects everything that this thread traces, but for the platform's own words.
    fn begin() -> (Self, Collecting) {
        let traces = Self::default();
        // Where there is but one collector, a thread without any settles for all threads what is
        // worth tracing; with a second one, all are asked.
        let second = tracing::Dispatch::new(tracing_subscriber::registry());
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("trace,bsg_rcs_sandbox=off"))
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(traces.clone())
            .finish();
        (
            traces,
            Collecting { _guard: tracing::subscriber::set_default(subscriber), _second: second },
        )
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Calls that have secrets and numbers in their addresses, headers and bodies.
async fn tell_everything(client: &Client) {
    let _ = client.messages().send(&text(), &single()).await;
    let _ = client.campaigns().send(&text(), &campaign()).await;
    let _ = client.contacts().create(&contact()).await;
    let _ = client.contacts().find(number()).await;
    let _ = client.contacts().find_by_field(7, HELD, 0, 20).await;
    let _ = client.stop_list().add(&[number()], &[StoppedChannel::Rcs]).await;
    let _ = client.stop_list().find(number()).await;
    let path = format!("/api/anything/{NUMBER}?about={KEY}&{NUMBER}");
    let _ = client.raw(Method::GET, &path, Bytes::new()).await;
}

#[tokio::test(start_paused = true)]
async fn the_client_as_it_is_traces_its_calls_and_no_secret() {
    let quote = r#"{"message": "live_7kq2wz, tok3n.of.login, 380661231231"}"#;
    for step in [
        Step::Answer(200, LISTING),
        Step::Answer(422, quote),
        Step::Answer(503, quote),
        Step::NotSent,
        Step::MaybeSent,
    ] {
        let steps = [vec![Step::Login], vec![step; 40]].concat();
        let client = Client::builder()
            .base_url("https://platform.test")
            .api_key(KEY)
            .transport(script_of(&steps))
            .build()
            .unwrap();
        let (traces, _guard) = Traces::begin();
        tell_everything(&client).await;
        let told = traces.text();
        assert!(told.contains("/api/messages/rcs/send"), "{told}");
        assert!(told.contains("/api/anything/380*******31"), "{told}");
        clean(&told);
    }
}

/// The same over real sockets, with whatever the transport below traces.
#[cfg(feature = "reqwest")]
#[tokio::test]
async fn neither_does_the_transport_below() {
    use bsg_rcs_sandbox::{Sandbox, SandboxConfig, Speed};

    let mut config = SandboxConfig { speed: Speed::VIRTUAL, ..SandboxConfig::default() };
    config.world.accounts[0].key = KEY.into();
    let sandbox = Sandbox::start(config).await.unwrap();
    let (traces, _guard) = Traces::begin();
    let client = Client::builder().base_url(sandbox.url()).api_key(KEY).build().unwrap();
    tell_everything(&client).await;
    let told = traces.text();
    assert!(told.contains("status=200") && told.contains("status=201"), "{told}");
    clean(&told);
    assert!(!told.contains("eyJ"), "a token: {told}");
    drop(sandbox);
}

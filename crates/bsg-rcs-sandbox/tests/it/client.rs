//! A small HTTP client, a receiver of callbacks, and the sandbox that they talk to.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use bsg_rcs_sandbox::{Sandbox, SandboxConfig, Speed};
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as Hyper;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

pub(crate) const SEND: &str = "/api/messages/rcs/send";
pub(crate) const CAMPAIGN: &str = "/api/campaigns/rcs/send";

/// A running sandbox and a client that is logged in.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    http: Hyper<HttpConnector, Full<Bytes>>,
    pub(crate) token: String,
}

/// An answer: its status and its JSON, or null.
pub(crate) type Answer = (u16, Value);

pub(crate) fn config() -> SandboxConfig {
    let start = bsg_rcs_domain::CivilDateTime::parse("2026-01-05 09:00:00").unwrap();
    SandboxConfig { speed: Speed::VIRTUAL, start, ..SandboxConfig::default() }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(config()).await
    }

    pub(crate) async fn with(config: SandboxConfig) -> Self {
        let sandbox = Sandbox::start(config).await.unwrap();
        let http = Hyper::builder(TokioExecutor::new()).build_http();
        let mut world = Self { sandbox, http, token: String::new() };
        world.log_in("live_sandbox").await;
        world
    }

    pub(crate) async fn log_in(&mut self, key: &str) {
        let (status, body) = self.post("/api/auth/login", &json!({ "api_key": key })).await;
        assert_eq!(status, 200, "{body}");
        self.token = body["bearer"].as_str().unwrap().to_owned();
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await.unwrap()
    }

    /// `None` if no answer came.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Option<Answer> {
        let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("authorization", format!("Bearer {}", self.token)),
        ];
        self.raw(method, path, &headers, bytes).await
    }

    pub(crate) async fn raw(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Bytes,
    ) -> Option<Answer> {
        let mut request = http::Request::builder().method(method).uri(self.sandbox.url() + path);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = self.http.request(request.body(Full::new(body)).unwrap()).await.ok()?;
        let status = answer.status();
        let bytes = answer.into_body().collect().await.ok()?.to_bytes();
        Some((status.as_u16(), serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    /// A view of the page, or an act in it: status, headers, text.
    pub(crate) async fn page(
        &self,
        path: &str,
        form: Option<&str>,
        headers: &[(&str, &str)],
    ) -> (u16, http::HeaderMap, String) {
        let mut request = http::Request::builder().uri(self.sandbox.url() + path);
        request = request.method(if form.is_some() { Method::POST } else { Method::GET });
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let body = Full::new(Bytes::from(form.unwrap_or_default().to_owned()));
        let answer = self.http.request(request.body(body).unwrap()).await.unwrap();
        let (head, body) = answer.into_parts();
        let text = body.collect().await.unwrap().to_bytes();
        (head.status.as_u16(), head.headers, String::from_utf8_lossy(&text).into_owned())
    }

    /// A view of the page that must be there.
    pub(crate) async fn view(&self, path: &str) -> String {
        let (status, _, text) = self.page(path, None, &[]).await;
        assert_eq!(status, 200, "{path}: {text}");
        text
    }

    /// An act in the page that must succeed.
    pub(crate) async fn act(&self, path: &str, form: &str) {
        let (status, _, text) = self.page(path, Some(form), &[]).await;
        assert_eq!(status, 303, "{path}: {text}");
    }

    /// What is answered, byte by byte.
    pub(crate) async fn bytes(&self, path: &str) -> Bytes {
        let request = http::Request::get(self.sandbox.url() + path);
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let answer = self.http.request(request.body(Full::default()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.into_body().collect().await.unwrap().to_bytes()
    }

    pub(crate) async fn advance(&self, by: &str) {
        let (status, body) = self.post("/sandbox/clock", &json!({ "advance": by })).await;
        assert_eq!(status, 200, "{body}");
    }

    pub(crate) async fn fault(&self, script: Value) {
        let (status, body) = self.post("/sandbox/faults", &script).await;
        assert_eq!(status, 200, "{body}");
    }

    pub(crate) async fn listen_with(&self, receiver: &Receiver) {
        let body = json!({ "key": "live_sandbox", "url": receiver.url });
        assert_eq!(self.post("/sandbox/callbacks", &body).await.0, 200);
    }

    pub(crate) async fn told(&self) -> Vec<Value> {
        let (_, body) = self.get("/sandbox/messages").await;
        body["data"][0]["callbacks"].as_array().unwrap().clone()
    }
}

/// The places of a refusal's faults.
#[track_caller]
pub(crate) fn places(body: &Value) -> Vec<&str> {
    let errors = body["errors"].as_object().unwrap_or_else(|| panic!("{body}"));
    errors.keys().map(String::as_str).collect()
}

/// A single send of a text to one number.
pub(crate) fn text_to(number: &str, reference: &str) -> Value {
    json!({
        "phone": { "number": number, "reference_id": reference },
        "sender": "demo_agent",
        "options": { "text": "Your table is ready." },
    })
}

/// A campaign of a text to some numbers.
pub(crate) fn campaign_to(numbers: impl IntoIterator<Item = u64>) -> Value {
    let phones: Vec<_> =
        numbers.into_iter().map(|number| json!({ "number": number.to_string() })).collect();
    json!({ "phones": phones, "sender": "demo_agent", "options": { "text": "Hello" } })
}

/// Takes callbacks, and answers 500 to the first so many.
pub(crate) struct Receiver {
    pub(crate) url: String,
    inbox: Arc<Inbox>,
    serving: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Inbox {
    received: Mutex<Vec<Value>>,
    refuse: Mutex<u32>,
}

impl Receiver {
    pub(crate) async fn new(refuse: u32) -> Self {
        let inbox = Arc::new(Inbox { refuse: Mutex::new(refuse), ..Inbox::default() });
        let router = Router::new().route("/", post(receive)).with_state(inbox.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, inbox, serving }
    }

    pub(crate) fn received(&self) -> Vec<Value> {
        assert!(!self.serving.is_finished(), "the receiver died");
        self.inbox.received.lock().unwrap().clone()
    }

    /// The statuses received, in order; `click` for a click.
    pub(crate) fn words(&self) -> Vec<String> {
        let word = |body: Value| body["status"].as_str().unwrap_or("click").to_owned();
        self.received().into_iter().map(word).collect()
    }
}

async fn receive(State(inbox): State<Arc<Inbox>>, body: Bytes) -> StatusCode {
    let mut refuse = inbox.refuse.lock().unwrap();
    if *refuse > 0 {
        *refuse -= 1;
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    inbox.received.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
    StatusCode::OK
}

/// Fast retries.
pub(crate) fn impatient() -> SandboxConfig {
    let mut config = config();
    config.callback_retries.attempts = 3;
    config.callback_retries.first_wait = Duration::from_millis(1);
    config
}

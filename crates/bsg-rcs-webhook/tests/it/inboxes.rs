//! Inboxes in memory, and requests to put into them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use bsg_rcs_webhook::{Bytes, Inbox, InboxError, Incoming, WebhookSecret, async_trait, router};
use tokio::sync::{Semaphore, mpsc};
use tower::ServiceExt;

/// The example that the project was founded on.
pub(crate) const FOUNDING: &str = r#"{
    "error": 0,
    "errorDescription": "No errors",
    "id": "3266500452",
    "msisdn": "380997087351",
    "reference": "hello",
    "time_in": "2024-08-22 11:47:42",
    "time_sent": "2024-08-22 11:47:42",
    "time_dr": "2024-08-22 11:47:53",
    "status": "delivered",
    "price": "1.1000000",
    "currency": "EUR"
}"#;

/// What a call of the inbox comes to.
#[derive(Clone, Copy)]
pub(crate) enum Fate {
    Fails,
    Panics,
}

/// Keeps in memory; the first calls may be scripted to go wrong.
#[derive(Default)]
pub(crate) struct InMemory {
    groups: Mutex<Vec<Vec<Incoming>>>,
    fates: Mutex<VecDeque<Fate>>,
}

impl InMemory {
    pub(crate) fn with(fates: impl IntoIterator<Item = Fate>) -> Self {
        Self { fates: Mutex::new(fates.into_iter().collect()), ..Self::default() }
    }

    /// How many callbacks each call kept.
    pub(crate) fn groups(&self) -> Vec<usize> {
        self.groups.lock().unwrap().iter().map(Vec::len).collect()
    }

    /// Everything that is kept.
    pub(crate) fn kept(&self) -> Vec<Incoming> {
        self.groups.lock().unwrap().concat()
    }
}

#[async_trait]
impl Inbox for InMemory {
    async fn keep(&self, callbacks: Vec<Incoming>) -> Result<(), InboxError> {
        let fate = self.fates.lock().unwrap().pop_front();
        match fate {
            None => self.groups.lock().unwrap().push(callbacks),
            Some(Fate::Fails) => return Err(InboxError::new("the disk is full")),
            Some(Fate::Panics) => panic!("the inbox is broken"),
        }
        Ok(())
    }
}

/// Announces each call, and goes on with it when it is let through.
pub(crate) struct Gate {
    pub(crate) behind: InMemory,
    entered: mpsc::UnboundedSender<()>,
    passes: Semaphore,
}

impl Gate {
    /// The gate, and its announcements.
    pub(crate) fn closed() -> (Arc<Self>, mpsc::UnboundedReceiver<()>) {
        let (entered, announcements) = mpsc::unbounded_channel();
        let gate = Self { behind: InMemory::default(), entered, passes: Semaphore::new(0) };
        (Arc::new(gate), announcements)
    }

    /// Lets every call through from now on.
    pub(crate) fn open(&self) {
        self.passes.close();
    }
}

#[async_trait]
impl Inbox for Gate {
    async fn keep(&self, callbacks: Vec<Incoming>) -> Result<(), InboxError> {
        self.entered.send(()).unwrap();
        // Nobody ever adds a pass: it waits until the gate is opened for good.
        assert!(self.passes.acquire().await.is_err());
        self.behind.keep(callbacks).await
    }
}

pub(crate) fn secret() -> WebhookSecret {
    WebhookSecret::from_random([42; 20])
}

pub(crate) fn app(inbox: Arc<dyn Inbox>) -> Router {
    router(&secret(), inbox)
}

pub(crate) fn request(method: &str, path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::builder().method(method).uri(path).body(body.into()).unwrap()
}

pub(crate) async fn call(app: &Router, request: Request<Body>) -> Response<Body> {
    app.clone().oneshot(request).await.unwrap()
}

/// Posts a callback by the right path.
pub(crate) async fn post(app: &Router, body: impl Into<Bytes>) -> StatusCode {
    let body = Body::from(body.into());
    call(app, request("POST", &secret().path(), body)).await.status()
}

/// Lets every task of a current-thread runtime go on as far as it can.
pub(crate) async fn settle() {
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
}

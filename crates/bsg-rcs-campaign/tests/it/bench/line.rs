//! The line to the platform: real exchanges, which fail by script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use bsg_rcs_store::{BatchRow, MemoryStore};
use bsg_rcs_transport::http::{Method, Request, Response, StatusCode};
use bsg_rcs_transport::{Bytes, FailureKind, Transport, TransportError, async_trait};
use bsg_rcs_transport_reqwest::ReqwestTransport;

use super::Steps;
use crate::stores::*;

/// What goes wrong in one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    No,
    /// No connection: certainly not sent.
    NotSent,
    /// The request is lost; nobody knows.
    RequestLost,
    /// It is carried out, the answer lost; nobody knows.
    AnswerLost,
    /// This status, and nothing is done.
    Before(u16),
    /// It is carried out, then this status.
    After(u16),
    /// It is carried out, then a 200 that cannot be read.
    Garbled,
}

/// Which exchanges a script is for.
#[derive(Debug, Default)]
struct Script {
    sends: VecDeque<Fault>,
    asks: VecDeque<Fault>,
    /// The batches of all campaigns, at the moment of each send.
    seen: Vec<Vec<BatchRow>>,
    /// Bodies of the sends that were attempted.
    bodies: Vec<Bytes>,
    every_send: Option<Fault>,
    every_ask: Option<Fault>,
    stops: VecDeque<Fault>,
    every_stop: Option<Fault>,
}

/// The line.
pub(crate) struct Line {
    inner: Arc<ReqwestTransport>,
    store: Arc<MemoryStore>,
    steps: Arc<Steps>,
    script: Mutex<Script>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line")
    }
}

impl Line {
    pub(crate) fn new(
        inner: Arc<ReqwestTransport>,
        store: Arc<MemoryStore>,
        steps: Arc<Steps>,
    ) -> Self {
        Self { inner, store, steps, script: Mutex::default() }
    }

    /// What goes wrong with the next sends, one after the other.
    pub(crate) fn sends(&self, faults: impl IntoIterator<Item = Fault>) {
        self.script().sends = faults.into_iter().collect();
    }

    /// What goes wrong with every send for which nothing else is said.
    pub(crate) fn every_send(&self, fault: Fault) {
        self.script().every_send = Some(fault);
    }

    /// What goes wrong with the next questions for messages, one after the other.
    pub(crate) fn asks(&self, faults: impl IntoIterator<Item = Fault>) {
        self.script().asks = faults.into_iter().collect();
    }

    /// What goes wrong with every question for messages for which nothing else is said.
    pub(crate) fn every_ask(&self, fault: Fault) {
        self.script().every_ask = Some(fault);
    }

    /// What goes wrong with the next stops of the platform's campaigns, one after the other.
    pub(crate) fn stops(&self, faults: impl IntoIterator<Item = Fault>) {
        self.script().stops = faults.into_iter().collect();
    }

    /// What goes wrong with every stop of one of the platform's campaigns.
    pub(crate) fn every_stop(&self, fault: Fault) {
        self.script().every_stop = Some(fault);
    }

    /// How the batches stood at each send so far.
    pub(crate) fn seen(&self) -> Vec<Vec<BatchRow>> {
        self.script().seen.clone()
    }

    /// The bodies of the sends so far.
    pub(crate) fn bodies(&self) -> Vec<Bytes> {
        self.script().bodies.clone()
    }

    /// How many sends were attempted.
    pub(crate) fn send_count(&self) -> usize {
        self.script().bodies.len()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap()
    }

    /// The batches as they are now.
    async fn batches(&self) -> Vec<BatchRow> {
        let mut batches = Vec::new();
        for campaign in self.store.campaigns(super::all()).await.unwrap() {
            batches.extend(self.store.batches(campaign.id, 0, u32::MAX).await.unwrap());
        }
        batches
    }

    async fn fault(&self, request: &Request<Bytes>) -> Fault {
        let path = request.uri().path();
        if request.method() == Method::POST && path.ends_with("/rcs/send") {
            let batches = self.batches().await;
            let mut script = self.script();
            script.seen.push(batches);
            script.bodies.push(request.body().clone());
            let always = script.every_send.unwrap_or(Fault::No);
            return script.sends.pop_front().unwrap_or(always);
        }
        if request.method() == Method::GET && path.ends_with("/messages") {
            let mut script = self.script();
            let always = script.every_ask.unwrap_or(Fault::No);
            return script.asks.pop_front().unwrap_or(always);
        }
        if request.method() == Method::PATCH && path.ends_with("/stop") {
            let mut script = self.script();
            let always = script.every_stop.unwrap_or(Fault::No);
            return script.stops.pop_front().unwrap_or(always);
        }
        Fault::No
    }
}

fn answer(status: u16, body: &'static str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from_static(body.as_bytes()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer
}

#[async_trait]
impl Transport for Line {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let fault = self.fault(&request).await;
        let lost = || TransportError::maybe_sent(FailureKind::Broken, "the line went dead");
        match fault {
            Fault::NotSent => {
                return Err(TransportError::not_sent(FailureKind::Connect, "nobody is there"));
            }
            Fault::RequestLost => return Err(lost()),
            Fault::Before(status) => return Ok(answer(status, r#"{"message": "Not now."}"#)),
            _ => {}
        }
        let answered = self.inner.exchange(request).await;
        self.steps.step("after the exchange").await;
        match fault {
            Fault::AnswerLost => Err(lost()),
            Fault::After(status) => Ok(answer(status, r#"{"message": "Sorry."}"#)),
            Fault::Garbled => Ok(answer(200, r#"{"data": {"id": 44<html>"#)),
            _ => answered,
        }
    }
}

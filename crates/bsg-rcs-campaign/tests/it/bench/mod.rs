//! The test bench: a store in memory, a platform on this machine whose time passes when somebody
//! sleeps, and between them a line that fails as a test wants it.

mod line;
mod orders;
mod stepping;
mod steps;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bsg_rcs::Client;
use bsg_rcs_campaign::inbox::CallbackKeeper;
use bsg_rcs_campaign::{Applied, ApplyOptions, Tools, apply};
use bsg_rcs_campaign::{CampaignError, CampaignReport, Clock, Event, Interrupt};
use bsg_rcs_domain::{CampaignId, CivilDateTime};
use bsg_rcs_sandbox::engine::World;
use bsg_rcs_sandbox::{Sandbox, SandboxConfig, Speed};
use bsg_rcs_store::{BatchRow, CampaignFilter, MemoryStore, Store, Timestamp, WorkStore};
use bsg_rcs_transport::{Bytes, Transport, async_trait, http};
use bsg_rcs_transport_reqwest::ReqwestTransport;
use serde_json::{Value, json};

pub(crate) use self::line::{Fault, Line};
pub(crate) use self::orders::{
    TestClock, list, list_of, message, message_with, number, order, plan_for, prices, unconnected,
};
pub(crate) use self::stepping::Stepping;
pub(crate) use self::steps::Steps;

/// The key of the sandbox's live account.
pub(crate) const KEY: &str = "live_sandbox";

/// All that a test of sending needs.
pub(crate) struct Bench {
    pub(crate) sandbox: Arc<Sandbox>,
    /// The way to it that never fails.
    direct: Arc<ReqwestTransport>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) line: Arc<Line>,
    pub(crate) steps: Arc<Steps>,
    pub(crate) events: Arc<Mutex<Vec<Event>>>,
    pub(crate) tools: Tools,
    request_timeout: Duration,
}

/// The request timeout of a bench unless another is asked for.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// The sandbox's time.
struct SandboxClock(Arc<Sandbox>, Arc<Steps>);

#[async_trait]
impl Clock for SandboxClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.now_ms())
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.now_ms()).unwrap())
    }

    async fn sleep(&self, span: Duration) {
        self.0.advance(span).await;
        // Others have their turn, however soon the time has passed.
        tokio::task::yield_now().await;
        self.1.step("sleep").await;
    }

    /// Time passes only when other work waits for it.
    async fn tick(&self, span: Duration) {
        let until = self.monotonic() + span;
        while self.monotonic() < until {
            tokio::task::yield_now().await;
        }
    }
}

/// One batch after the other, so that a line's script fails the one that is meant.
pub(crate) fn one_at_a_time() -> ApplyOptions {
    ApplyOptions { concurrency: Some(1), ..ApplyOptions::default() }
}

/// Every campaign.
pub(crate) fn all() -> CampaignFilter {
    CampaignFilter { limit: u32::MAX, ..CampaignFilter::default() }
}

impl Bench {
    /// A bench with the default world.
    pub(crate) async fn new() -> Self {
        Self::in_world(|_| {}).await
    }

    /// A bench with a world of its own.
    pub(crate) async fn in_world(change: impl FnOnce(&mut World)) -> Self {
        Self::of(|config| change(&mut config.world)).await
    }

    /// A bench whose platform is configured so.
    pub(crate) async fn of(change: impl FnOnce(&mut SandboxConfig)) -> Self {
        let mut config = SandboxConfig { speed: Speed::VIRTUAL, ..SandboxConfig::default() };
        config.start = CivilDateTime::parse("2026-01-05 09:00:00").unwrap();
        change(&mut config);
        let sandbox = Arc::new(Sandbox::start(config).await.unwrap());
        Self::at(sandbox, Arc::new(ReqwestTransport::new().unwrap()), REQUEST_TIMEOUT)
    }

    /// The same platform as at its start, and everything else new.
    pub(crate) async fn anew(self) -> Self {
        self.steering("POST", "/sandbox/reset", "").await;
        Self::at(self.sandbox, self.direct, self.request_timeout)
    }

    /// The same bench with another request timeout.
    pub(crate) fn within(self, request_timeout: Duration) -> Self {
        Self::at(self.sandbox, self.direct, request_timeout)
    }

    /// Another bench at the same platform.
    pub(crate) fn beside(&self) -> Self {
        Self::at(self.sandbox.clone(), self.direct.clone(), self.request_timeout)
    }

    /// The same bench with a store that many workers share, on the sandbox's time.
    pub(crate) fn shared(self) -> Self {
        let clock = self.sandbox.clone();
        let store = MemoryStore::shared(move || Timestamp(clock.now_ms()));
        Self::with(self.sandbox, self.direct, store, self.request_timeout)
    }

    fn at(sandbox: Arc<Sandbox>, direct: Arc<ReqwestTransport>, request_timeout: Duration) -> Self {
        let clock = sandbox.clone();
        let store = MemoryStore::with_clock(Arc::new(move || Timestamp(clock.now_ms())));
        Self::with(sandbox, direct, store, request_timeout)
    }

    fn with(
        sandbox: Arc<Sandbox>,
        direct: Arc<ReqwestTransport>,
        store: MemoryStore,
        request_timeout: Duration,
    ) -> Self {
        let store = Arc::new(store);
        let steps = Arc::new(Steps::default());
        let line = Arc::new(Line::new(direct.clone(), store.clone(), steps.clone()));
        let client = Client::builder()
            .base_url(sandbox.url())
            .api_key(KEY)
            .transport(line.clone())
            .request_timeout(request_timeout)
            // The runner's own tries are what is looked at, on the sandbox's time.
            .without_retry()
            .build()
            .unwrap();
        let events = Arc::new(Mutex::new(Vec::new()));
        let heard = events.clone();
        let tools = Tools {
            store: Arc::new(Stepping::new(store.clone(), steps.clone())),
            client,
            clock: Arc::new(SandboxClock(sandbox.clone(), steps.clone())),
            progress: Arc::new(move |event| heard.lock().unwrap().push(event)),
            interrupt: Interrupt::never(),
        };
        Self { sandbox, direct, store, line, steps, events, tools, request_timeout }
    }

    /// Plans these numbers in batches of three.
    pub(crate) async fn plan(&self, numbers: &[u64]) -> CampaignId {
        self.plan_message(numbers, &message()).await
    }

    /// Plans a message to these numbers in batches of three.
    pub(crate) async fn plan_message(
        &self,
        numbers: &[u64],
        message: &bsg_rcs_domain::Message,
    ) -> CampaignId {
        let mut order = order(&self.tools.client, message);
        order.again = true;
        let lines: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let planned = plan_for(&*self.store, &order, &lines).await;
        CampaignId::parse(&planned.unwrap().campaign).unwrap()
    }

    /// Applies to the end.
    pub(crate) async fn apply(&self, id: CampaignId) -> Result<Applied, CampaignError> {
        apply::apply(&self.tools, id, one_at_a_time()).await
    }

    /// The batches as they are written.
    pub(crate) async fn batches(&self, id: CampaignId) -> Vec<BatchRow> {
        self.store.batches(id, 0, u32::MAX).await.unwrap()
    }

    /// The report as it is now; its four counts add up.
    pub(crate) async fn report(&self, id: CampaignId) -> CampaignReport {
        let store: &dyn Store = &*self.store;
        let report = bsg_rcs_campaign::report::report(store, id).await.unwrap();
        let parts = report.accepted + report.rejected + report.undetermined + report.pending;
        assert_eq!(report.recipients, parts, "{report:?}");
        assert!(report.ended() <= report.accepted, "{report:?}");
        report
    }

    /// The numbers that the platform itself has messages for, without fallback SMS, in order.
    pub(crate) async fn sent_to(&self) -> Vec<u64> {
        let listed = self.steering("GET", "/sandbox/messages?limit=10000", "").await;
        let rcs = listed["data"].as_array().unwrap().iter().filter(|m| m["type"] == "rcs");
        let mut numbers: Vec<u64> =
            rcs.map(|m| m["phone"].as_str().unwrap().parse().unwrap()).collect();
        numbers.sort_unstable();
        numbers
    }

    /// A call to the sandbox itself, beside the line.
    pub(crate) async fn steering(&self, method: &str, path: &str, body: &str) -> Value {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.sandbox.url()))
            .body(Bytes::from(body.to_owned()))
            .unwrap();
        let answer = self.direct.exchange(request).await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_slice(answer.body()).unwrap()
    }

    /// Lets a keeper take the callbacks that the platform would have posted by now for its last
    /// `messages`; the latest first.
    pub(crate) async fn call_back(&self, messages: u64) {
        let messages = usize::try_from(messages).unwrap();
        let keeper = CallbackKeeper::new(self.store.clone());
        let listed = self.steering("GET", "/sandbox/messages?limit=10000", "").await;
        for message in listed["data"].as_array().unwrap().iter().rev().take(messages) {
            for station in message["history"].as_array().unwrap().iter().skip(2).rev() {
                let body = json!({
                    "id": message["id"], "msisdn": message["phone"],
                    "reference": message["reference"], "status": station["status"],
                    "time_dr": station["at"], "price": message["price"], "currency": "EUR",
                });
                let body = body.to_string().into_bytes();
                keeper.keep(vec![body]).await.unwrap();
            }
        }
    }

    /// How often a progress event came that `which` picks.
    pub(crate) fn heard(&self, which: impl Fn(&Event) -> bool) -> usize {
        self.events.lock().unwrap().iter().filter(|event| which(event)).count()
    }
}

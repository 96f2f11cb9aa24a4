//! What is sent to whom: messages, lists, prices, plans; and a client that reaches nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bsg_rcs::Client;
use bsg_rcs_campaign::input::prices::read_prices;
use bsg_rcs_campaign::input::recipients::RecipientsFile;
use bsg_rcs_campaign::plan::{Destination, PlanOrder, plan};
use bsg_rcs_campaign::{CampaignError, Clock, Interrupt, MessageFile, PlanSummary, progress};
use bsg_rcs_domain::{BatchCap, Message, Msisdn, PriceList};
use bsg_rcs_store::{MemoryStore, Store, Timestamp};
use bsg_rcs_transport::async_trait;
use bsg_rcs_transport::doubles::NeverAnswers;

/// A clock that goes when somebody sleeps on it.
#[derive(Default)]
pub(crate) struct TestClock(pub(crate) AtomicI64);

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.load(Ordering::SeqCst)).unwrap())
    }

    async fn sleep(&self, span: Duration) {
        self.0.fetch_add(i64::try_from(span.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl TestClock {
    /// A store that runs by this clock.
    pub(crate) fn store(self: &Arc<Self>) -> MemoryStore {
        let clock = Arc::clone(self);
        MemoryStore::with_clock(Arc::new(move || clock.now()))
    }
}

/// A client that reaches nobody.
pub(crate) fn unconnected() -> Client {
    Client::builder().api_key("test_key").transport(NeverAnswers).build().unwrap()
}

/// The number of a test.
pub(crate) fn number(digits: u64) -> Msisdn {
    Msisdn::from_u64(digits).unwrap()
}

/// A plain text.
pub(crate) fn message() -> Message {
    message_with("")
}

/// A plain text with more lines of TOML's JSON twin, such as `, "validity": "1h"`.
pub(crate) fn message_with(more: &str) -> Message {
    let file = format!(r#"{{"agent": "demo_agent", "text": "Your table is ready."{more}}}"#);
    let file: MessageFile = serde_json::from_str(&file).unwrap();
    file.into_draft().check().unwrap().value
}

/// A list of these numbers.
pub(crate) fn list_of(numbers: &[u64]) -> RecipientsFile {
    let lines: Vec<String> = numbers.iter().map(u64::to_string).collect();
    list(&lines)
}

/// A list of lines as they are written.
pub(crate) fn list(lines: &[String]) -> RecipientsFile {
    let file = format!("phone\n{}\n", lines.join("\n"));
    RecipientsFile::open("list.csv", std::io::Cursor::new(file.into_bytes())).unwrap()
}

/// A price list: 0.0500000 a text everywhere, 0.0300000 an SMS.
pub(crate) fn prices() -> PriceList {
    let file = "country,type,price,currency\n*,text,0.05,EUR\n*,sms,0.03,EUR\n";
    read_prices("prices.csv", file.as_bytes()).unwrap()
}

/// An order for batches of three.
pub(crate) fn order(client: &Client, message: &Message) -> PlanOrder {
    PlanOrder {
        message: message.clone(),
        destination: Destination::from(client),
        name: None,
        prices: None,
        max_cost: None,
        start_at: None,
        again: false,
        cap: BatchCap::new(3).unwrap(),
    }
}

/// Plans lines as they are written.
pub(crate) async fn plan_for(
    store: &dyn Store,
    order: &PlanOrder,
    lines: &[String],
) -> Result<PlanSummary, CampaignError> {
    plan(store, order, list(lines), &progress::silent(), &Interrupt::never()).await
}

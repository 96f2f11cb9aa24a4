//! Whose a callback is: a sealed reference with its number, or a caller's own; all else is set
//! aside and changes nothing. No platform is needed.

use std::sync::Arc;

use bsg_rcs_campaign::inbox::CallbackKeeper;
use bsg_rcs_domain::{CampaignId, MessageStatus, ReferenceId};
use bsg_rcs_store::{CampaignState, Kind, MemoryStore, NewRecipient, Outcome, PlanEnd, Store};
use serde_json::{Value, json};

use crate::bench::{message, number, order, plan_for, unconnected};
use crate::stores::*;

const NUMBER: u64 = 380_660_000_001;

struct Inbox {
    store: Arc<MemoryStore>,
    keeper: CallbackKeeper,
    id: CampaignId,
    reference: ReferenceId,
}

/// A planned campaign of two, and what keeps its callbacks.
async fn inbox() -> Inbox {
    let store = Arc::new(MemoryStore::default());
    let order = order(&unconnected(), &message());
    let lines = [NUMBER.to_string(), (NUMBER + 1).to_string()];
    let planned = plan_for(&*store, &order, &lines).await.unwrap();
    let id = CampaignId::parse(&planned.campaign).unwrap();
    let key = store.campaign(id).await.unwrap().unwrap().key;
    let keeper = CallbackKeeper::new(store.clone());
    Inbox { store, keeper, id, reference: key.mint(id, 0, number(NUMBER)) }
}

fn report(reference: &Value, number: u64) -> Value {
    json!({
        "error": 0, "id": "4919396451", "msisdn": number, "reference": reference,
        "status": "DELIVERED", "time_in": "2026-01-05 09:00:00",
        "time_dr": "2026-01-05 09:00:09", "price": "0.0100000", "currency": "EUR",
    })
}

fn click(reference: &Value, number: u64) -> Value {
    json!({
        "id": 7, "reference": reference, "msisdn": number, "text": "Yes",
        "postback": "yes", "time_click": "2026-01-05 09:01:00",
    })
}

impl Inbox {
    async fn keep(&self, body: &[u8]) {
        self.keeper.keep(vec![body.to_vec()]).await.unwrap();
    }

    /// What is shown of the first recipient and of the second.
    async fn shown(&self) -> [Option<MessageStatus>; 2] {
        let recipients = self.store.recipients(self.id, 0, 2).await.unwrap();
        [recipients[0].shown, recipients[1].shown]
    }
}

#[tokio::test]
async fn a_sealed_reference_with_its_number_is_ours() {
    let inbox = inbox().await;
    let reference = json!(inbox.reference.as_str());
    for _ in 0..2 {
        inbox.keep(report(&reference, NUMBER).to_string().as_bytes()).await;
        inbox.keep(click(&reference, NUMBER).to_string().as_bytes()).await;
    }
    assert_eq!(inbox.shown().await, [Some(MessageStatus::Delivered), None]);
    assert_eq!(inbox.store.reports(inbox.id, 0).await.unwrap().iter().count(), 1);
    assert_eq!(inbox.store.clicks(inbox.id).await.unwrap(), 1, "a click told twice is one");
}

#[tokio::test]
async fn everything_else_is_set_aside_and_changes_nothing() {
    let inbox = inbox().await;
    let sealed = inbox.reference.as_str();
    let mut broken = sealed.to_owned();
    let last = if broken.pop() == Some('a') { 'b' } else { 'a' };
    broken.push(last);
    let stranger = bsg_rcs_domain::SealKey::from_bytes([7; 16]);
    let forged = stranger.mint(inbox.id, 0, number(NUMBER));
    let foreign = stranger.mint(CampaignId(77), 0, number(NUMBER));
    let beyond = {
        let key = inbox.store.campaign(inbox.id).await.unwrap().unwrap().key;
        key.mint(inbox.id, 99, number(NUMBER))
    };
    let bodies = [
        report(&json!(sealed), NUMBER + 1).to_string(),
        report(&json!(broken), NUMBER).to_string(),
        report(&json!(forged.as_str()), NUMBER).to_string(),
        report(&json!(foreign.as_str()), NUMBER).to_string(),
        report(&json!(beyond.as_str()), NUMBER).to_string(),
        report(&json!("shop-17"), NUMBER).to_string(),
        report(&json!("shop17"), NUMBER).to_string(),
        report(&Value::Null, NUMBER).to_string(),
        report(&json!(sealed), 0).to_string(),
        click(&json!(broken), NUMBER).to_string(),
        json!({"reference": sealed, "msisdn": NUMBER}).to_string(),
        r#"{"id": "#.to_owned(),
        "\u{0}".to_owned(),
        String::new(),
    ];
    for body in &bodies {
        inbox.keep(body.as_bytes()).await;
        assert_eq!(inbox.shown().await, [None, None], "{body}");
    }
    inbox.keep(b"\xff\xfe").await;
    assert_eq!(inbox.store.clicks(inbox.id).await.unwrap(), 0);
}

#[tokio::test]
async fn a_callers_own_reference_is_that_of_its_number() {
    let inbox = inbox().await;
    let mine = ReferenceId::parse("order4711").unwrap();
    let mut row = inbox.store.campaign(inbox.id).await.unwrap().unwrap();
    (row.id, row.kind) = (CampaignId(5), Kind::Single);
    inbox.store.create(row).await.unwrap();
    let to = NewRecipient { number: number(NUMBER), label: None, reference: Some(mine) };
    inbox.store.add_recipients(CampaignId(5), 0, vec![to]).await.unwrap();
    let end = PlanEnd { recipients: 1, ..PlanEnd::default() };
    let finished = inbox.store.finish_plan(CampaignId(5), end).await;
    finished.unwrap();
    let shown = || async { inbox.store.recipients(CampaignId(5), 0, 1).await.unwrap()[0].shown };
    inbox.keep(report(&json!("order4711"), NUMBER + 1).to_string().as_bytes()).await;
    assert_eq!(shown().await, None, "another number");
    inbox.keep(report(&json!("order4711"), NUMBER).to_string().as_bytes()).await;
    assert_eq!(shown().await, Some(MessageStatus::Delivered));
}

/// The answer to a send may be on its way still when the first callback is here.
#[tokio::test]
async fn a_callback_before_the_acceptance_settles_its_recipient() {
    let inbox = inbox().await;
    inbox.store.set_state(inbox.id, CampaignState::Sending, None).await.unwrap();
    let reference = json!(inbox.reference.as_str());
    inbox.keep(report(&reference, NUMBER).to_string().as_bytes()).await;
    let tally = inbox.store.tally(inbox.id, std::time::Duration::ZERO).await.unwrap();
    let count = |outcome| {
        tally.iter().filter(|row| row.outcome == outcome).map(|row| row.count).sum::<u64>()
    };
    assert_eq!((count(Outcome::Accepted), count(Outcome::Pending)), (1, 1));
}

#[test]
fn a_keeper_shows_nothing_of_what_it_keeps() {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let keeper = CallbackKeeper::new(store);
    assert_eq!(format!("{keeper:?}"), "CallbackKeeper");
}

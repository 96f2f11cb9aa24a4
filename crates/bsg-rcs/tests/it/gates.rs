//! Sends that may leave only while a gate is open, and the token that is fetched before an intent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bsg_rcs::{Certainty, Client, ErrorKind, SendOutcome};
use bsg_rcs_transport::doubles::Scripted;

use crate::stage::Step::{self, Answer, Login, NotSent};
use crate::stage::{KEY, campaign, client, line, script_of, single, text};

const RECEIPT: &str = r#"{"data": {"id": 7, "reference_id": "r0", "status": "accepted"}}"#;
const SENDS: [&str; 2] = ["POST /api/messages/rcs/send", "POST /api/campaigns/rcs/send"];
/// A JWT that lives for 100 seconds.
const SHORT_LIVED: &str = r#"{"bearer": "e30.eyJpYXQiOjEwMDAsImV4cCI6MTEwMH0.c2ln"}"#;

/// A gate that is open for so many questions, and what counts them.
fn open_for(times: u64) -> (impl Fn() -> bool + Clone + Send + Sync + 'static, Arc<AtomicU64>) {
    let asked = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&asked);
    (move || count.fetch_add(1, Ordering::Relaxed) < times, asked)
}

/// A client that repeats, over a script.
fn repeating(steps: &[Step<'_>]) -> (Client, Arc<Scripted>) {
    let script = Arc::new(script_of(steps));
    let client = Client::builder().base_url("https://platform.test").api_key(KEY);
    (client.transport(Arc::clone(&script)).build().unwrap(), script)
}

fn sends(script: &Scripted) -> usize {
    let requests = script.requests();
    requests.iter().filter(|request| SENDS.contains(&line(request).as_str())).count()
}

/// Both sends over a script, with a gate that is open so often: whether each is withheld, how often
/// the gate was asked, and how often the send left.
async fn check(steps: &[Step<'_>], open: u64, expected: (bool, u64, usize)) {
    for of_many in [false, true] {
        let (client, script) = repeating(steps);
        let (gate, asked) = open_for(open);
        let result = if of_many {
            let send = campaign().leave_while(gate);
            client.campaigns().send(&text(), &send).await.map(|outcome| outcome.map(|_| ()))
        } else {
            let send = single().leave_while(gate);
            client.messages().send(&text(), &send).await.map(|outcome| outcome.map(|_| ()))
        };
        let withheld = match &result {
            Ok(SendOutcome::Accepted(())) => false,
            Err(error) => {
                assert_eq!(error.certainty(), Certainty::NotSent);
                assert!(matches!(error.kind(), ErrorKind::Withheld), "{error}");
                assert_eq!(error.to_string(), "the send was withheld: its lease or time had ended");
                true
            }
            other => panic!("{other:?}"),
        };
        let came = (withheld, asked.load(Ordering::Relaxed), sends(&script));
        assert_eq!(came, expected, "{steps:?}, open {open} times, of many: {of_many}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_gate_is_asked_immediately_before_every_exchange_that_carries_the_send() {
    let ok = Answer(200, RECEIPT);
    check(&[Login, ok], 9, (false, 1, 1)).await;
    check(&[Login, ok], 0, (true, 1, 0)).await;
    // Before a repeat of what did not leave.
    check(&[Login, NotSent, ok], 9, (false, 2, 2)).await;
    check(&[Login, NotSent, ok], 1, (true, 2, 1)).await;
    // After a 401 and a new login.
    let refused = Answer(401, "");
    check(&[Login, refused, Login, ok], 9, (false, 2, 2)).await;
    check(&[Login, refused, Login, ok], 1, (true, 2, 1)).await;
}

#[tokio::test]
async fn a_gate_is_not_shown() {
    let send = campaign().leave_while(|| true);
    assert!(format!("{send:?}").contains("LeaveWhile { .. }"));
}

#[tokio::test]
async fn a_client_that_is_authorised_does_not_log_in_when_it_sends() {
    let (client, script) = client(&[Login, Answer(200, RECEIPT)]);
    client.authorise().await.unwrap();
    client.authorise().await.unwrap();
    assert_eq!((script.requests().len(), script.remaining()), (1, 1));
    let outcome = client.messages().send(&text(), &single()).await.unwrap();
    assert!(matches!(outcome, SendOutcome::Accepted(_)));
}

#[tokio::test]
async fn a_token_that_is_due_within_a_minute_is_renewed_when_the_client_authorises() {
    let now = Arc::new(AtomicU64::new(0));
    let renewed = || Answer(200, SHORT_LIVED);
    let script = Arc::new(script_of(&[renewed(), renewed(), Answer(503, ""), Answer(503, "")]));
    let clock = Arc::clone(&now);
    let client = Client::builder()
        .base_url("https://platform.test")
        .api_key(KEY)
        .transport(Arc::clone(&script))
        .without_retry()
        .clock(move || Duration::from_secs(clock.load(Ordering::Relaxed)))
        .build()
        .unwrap();
    // Its life is 100 s, so it is due after 90 s.
    for (at, exchanges) in [(0, 1), (29, 1), (30, 2), (59, 2)] {
        now.store(at, Ordering::Relaxed);
        client.authorise().await.unwrap();
        assert_eq!(script.requests().len(), exchanges, "at {at}");
    }
    // A renewal that fails is no reason to wait while the old token is good.
    now.store(100, Ordering::Relaxed);
    client.authorise().await.unwrap();
    assert_eq!(script.requests().len(), 4);
}

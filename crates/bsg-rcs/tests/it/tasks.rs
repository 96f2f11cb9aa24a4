//! What most callers want done, in one call each.

use std::error::Error as _;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use bsg_rcs::transport::retry::Waiting;
use bsg_rcs::{
    Campaigns, Certainty, Client, MessageFilter, Msisdn, NotAccepted, Resolution, Settled,
};
use bsg_rcs_transport::doubles::Scripted;
use bsg_rcs_transport::http::StatusCode;

use crate::stage::Step::{self, Answer, Login, MaybeSent, NotSent};
use crate::stage::{KEY, NUMBER, client, json, reference, script_of, single, text};

const RECEIPT: &str = r#"{"data": {"id": 7, "reference_id": "r0", "status": "accepted"}}"#;
const CAMPAIGN: &str = r#"{"data": {"id": 9, "status": "creation"}}"#;
const NONE: &str = r#"{"data": [], "total": 0}"#;
const FOUND: &str = r#"{"data": [
    {"id": 8, "reference_id": "r0", "phone": 380661231231, "type": "sms", "status": "sent"},
    {"id": 7, "reference_id": "r0", "phone": 380661231231, "type": "rcs", "status": "expired"}],
    "total": 2}"#;

/// A client over a script, whose clock goes on as it waits.
fn waiting(steps: &[Step<'_>]) -> (Client, Arc<Scripted>, Arc<Mutex<Duration>>) {
    let (script, now) = (Arc::new(script_of(steps)), Arc::new(Mutex::new(Duration::ZERO)));
    let (clock, timer) = (Arc::clone(&now), Arc::clone(&now));
    let client = Client::builder()
        .base_url("https://platform.test")
        .api_key(KEY)
        .transport(Arc::clone(&script))
        .without_retry()
        .clock(move || *clock.lock().unwrap())
        .timer(move |length| -> Waiting {
            if length == Duration::from_secs(60) {
                // The bound of a login, which never strikes.
                return Box::pin(std::future::pending());
            }
            *timer.lock().unwrap() += length;
            Box::pin(std::future::ready(()))
        })
        .build()
        .unwrap();
    (client, script, now)
}

/// What a send settles to in short, after so many seconds.
async fn settles(steps: &[Step<'_>]) -> (String, u64) {
    let (client, script, now) = waiting(steps);
    let settled = client.messages().send_and_settle(&text(), &single()).await;
    let short = match settled {
        Ok(Settled::Sent(message)) => format!("sent {}", message.report.message.0),
        Ok(Settled::Rejected(why)) => format!("rejected {}", why.status().as_u16()),
        Ok(Settled::Absent) => "absent".to_owned(),
        Ok(Settled::Undecided(_)) => "undecided".to_owned(),
        Err(error) => format!("failed, {:?}", error.certainty()),
    };
    assert_eq!(script.remaining(), 0, "{short}");
    let seconds = now.lock().unwrap().as_secs();
    (short, seconds)
}

#[tokio::test]
async fn a_send_is_waited_for_until_it_has_settled() {
    let says = |short: &str, seconds| (short.to_owned(), seconds);
    assert_eq!(settles(&[Login, Answer(200, RECEIPT)]).await, says("sent 7", 0));
    assert_eq!(settles(&[Login, Answer(422, "")]).await, says("rejected 422", 0));
    assert_eq!(settles(&[Login, NotSent]).await, says("failed, NotSent", 0));
    let unanswered = [Login, MaybeSent, Answer(200, NONE), Answer(200, FOUND)];
    assert_eq!(settles(&unanswered).await, says("sent 7", 5), "the RCS message, not its SMS");
    // A look that fails is made again.
    let down = [Login, MaybeSent, Answer(503, ""), MaybeSent, Answer(200, FOUND)];
    assert_eq!(settles(&down).await, says("sent 7", 10));
    let never = [vec![Login, MaybeSent], vec![Answer(200, NONE); 16]].concat();
    assert_eq!(settles(&never).await, says("absent", 75));
    let known = r#"{"error": 23}"#;
    let hidden = [vec![Login, Answer(422, known)], vec![Answer(200, NONE); 16]].concat();
    assert_eq!(settles(&hidden).await, says("undecided", 75));
    let dead = [vec![Login, MaybeSent], vec![Answer(503, ""); 28]].concat();
    assert_eq!(settles(&dead).await, says("failed, MaybeSent", 135));
}

#[tokio::test]
async fn an_unsettled_send_of_many_is_waited_for_too() {
    let (client, _, _) = waiting(&[Login, Answer(200, NONE), Answer(200, FOUND)]);
    let unsettled = client.unsettled(vec![bsg_rcs::Addressee {
        number: Msisdn::from_u64(NUMBER).unwrap(),
        reference: reference("r0"),
    }]);
    let resolution = client.settle(&unsettled).await.unwrap();
    assert!(matches!(resolution, Resolution::Arrived(found) if found.len() == 2));
}

#[tokio::test]
async fn all_are_sent_to_once_in_batches_of_5000() {
    let steps = [Login, Answer(200, CAMPAIGN), MaybeSent, Answer(422, "{}")];
    let (client, script) = client(&steps);
    let numbers = (0..10_001).map(|at| Msisdn::from_u64(NUMBER + at).unwrap());
    let twice = numbers.clone().chain(numbers);
    let sent = client.campaigns().send_all(&text(), twice).await.unwrap();
    let outcomes: Vec<_> = sent
        .iter()
        .map(|sent| {
            let outcome =
                sent.outcome.clone().unwrap().accepted().map(|campaign| campaign.id.get());
            (sent.batch.len(), outcome.map_err(|why| why.to_string()))
        })
        .collect();
    let unknown = "the send may have arrived: the platform could not be reached: the time allowed \
                   for the exchange ran out; the request may have been sent";
    assert_eq!(
        outcomes,
        [(5000, Ok(9)), (5000, Err(unknown.to_owned())), (1, Err("422: {}".to_owned()))]
    );
    let body = json(&script.requests()[3]);
    let minted = sent[2].batch.addressees()[0].reference;
    assert_eq!(body["phones"][0]["reference_id"], minted.as_str());
    assert!(Campaigns::batches([]).unwrap().is_empty());
}

#[tokio::test]
async fn an_outcome_is_an_error_for_those_who_want_one() {
    let of = async |step: Step<'static>| {
        let (client, _) = client(&[Login, step]);
        client.messages().send(&text(), &single()).await.unwrap().accepted()
    };
    assert!(of(Answer(200, RECEIPT)).await.is_ok());
    let Err(NotAccepted::Rejected(why)) = of(Answer(402, "{}")).await else { panic!() };
    assert_eq!((why.status(), why.to_string().as_str()), (StatusCode::PAYMENT_REQUIRED, "402: {}"));
    let Err(NotAccepted::Unknown(why)) = of(Answer(503, "down")).await else { panic!() };
    assert_eq!(why.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
    let Err(NotAccepted::Unknown(why)) = of(MaybeSent).await else { panic!() };
    assert_eq!(why.status(), None);
    let source = why.source().unwrap().downcast_ref::<bsg_rcs::Error>().unwrap();
    assert_eq!(source.certainty(), Certainty::MaybeSent);
    let Err(NotAccepted::AlreadyKnown(why)) = of(Answer(422, r#"{"error": 23}"#)).await else {
        panic!()
    };
    assert_eq!(why.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(why.unsettled.references(), [reference("r0")]);
}

#[tokio::test]
async fn a_list_is_read_without_pinning() {
    let (client, _) = client(&[Login, Answer(200, FOUND), Answer(200, FOUND), Answer(503, "")]);
    let mut messages = client.messages().all(MessageFilter::default());
    let mut ids = Vec::new();
    while let Some(message) = messages.next().await {
        ids.push(message.unwrap().report.message.0);
    }
    assert_eq!(ids, [8, 7]);
    let all = client.messages().all(MessageFilter::default()).collect_all().await.unwrap();
    assert_eq!(all.len(), 2);
    assert!(client.messages().all(MessageFilter::default()).collect_all().await.is_err());
}

#[test]
fn the_five_tasks_of_the_guide_are_short_and_plain() {
    let page = include_str!("../../src/guide/tasks.md");
    let blocks: Vec<&str> =
        page.split("```no_run\n").skip(1).map(|block| block.split("```").next().unwrap()).collect();
    let is_code = |line: &&str| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with("# ") && !line.starts_with("use ")
    };
    let lines: Vec<usize> =
        blocks.iter().map(|block| block.lines().filter(is_code).count()).collect();
    let most = [8, 20, 12, 12, 6];
    assert_eq!(lines.len(), most.len());
    for (block, (lines, most)) in blocks.iter().zip(lines.into_iter().zip(most)) {
        assert!(lines <= most, "{lines} lines, and {most} are meant:\n{block}");
        for word in ["unwrap", "expect(", "contains(", "as_str()", "to_string()"] {
            assert!(!block.contains(word), "{word}:\n{block}");
        }
    }
}

//! What the platform would refuse for when and whereto it is sent does not leave.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs::{
    Certainty, CivilDateTime, Client, Error, ErrorKind, Message, MessageDraft, Msisdn, SingleSend,
};
use bsg_rcs_domain::message::{CardDraft, SuggestionDraft};
use bsg_rcs_transport::doubles::Scripted;
use futures_util::FutureExt;

use crate::stage::Step::{Answer, Login};
use crate::stage::{KEY, NOW, campaign, client, ids, reference, script_of, text};

const RECEIPT: &str = r#"{"data": {"id": 7, "status": "accepted"}}"#;

fn at(text: &str) -> CivilDateTime {
    CivilDateTime::parse(text).unwrap()
}

/// The rules that a refusal to send names; nothing was sent then.
fn broken(error: &Error) -> Vec<&'static str> {
    assert_eq!(error.certainty(), Certainty::NotSent);
    let ErrorKind::RuleBroken(faults) = error.kind() else { panic!("{error:?}") };
    faults.iter().map(|fault| fault.rule.id).collect()
}

/// A client whose platform is so far from UTC, at [`NOW`] unless the clock is its own affair.
fn client_at(base: &str, offset: Option<i32>, clock: bool) -> (Client, Arc<Scripted>) {
    let script = Arc::new(script_of(&[Login, Answer(200, RECEIPT)]));
    let mut builder = Client::builder()
        .base_url(base)
        .api_key(KEY)
        .transport(Arc::clone(&script))
        .without_retry();
    if let Some(offset) = offset {
        builder = builder.platform_offset(offset);
    }
    if clock {
        builder = builder.wall_clock(|| NOW);
    }
    (builder.build().unwrap(), script)
}

/// Sends a campaign that starts then; the rules that were broken.
async fn starts(start: &str, offset: Option<i32>) -> Vec<&'static str> {
    let (client, script) = client_at("https://platform.test", offset, true);
    let send = campaign().start_at(at(start));
    let sent = client.campaigns().send(&text(), &send).await;
    assert_eq!(script.requests().len(), if sent.is_ok() { 2 } else { 0 }, "{start}");
    let (client, _) = client_at("https://platform.test", offset, true);
    let to_lists = client.campaigns().send_to_lists(&text(), &ids([3]), Some(at(start))).await;
    assert_eq!(sent.is_ok(), to_lists.is_ok(), "{start}");
    sent.map(|_| Vec::new()).unwrap_or_else(|error| broken(&error))
}

#[tokio::test]
async fn a_start_in_the_past_or_too_late_does_not_leave() {
    // It is 2026-01-05 09:00:00 UTC.
    assert_eq!(starts("1999-01-01 00:00:00", None).await, ["START-PAST"]);
    assert_eq!(starts("2026-01-04 08:59:59", None).await, ["START-PAST"]);
    assert_eq!(starts("2026-01-04 09:00:00", None).await, [""; 0]);
    assert_eq!(starts("2026-02-04 23:59:59", None).await, [""; 0]);
    assert_eq!(starts("2026-02-05 00:00:00", None).await, ["START-LATE"]);
    assert_eq!(starts("2026-01-05 11:59:59", Some(3 * 3600)).await, ["START-PAST"]);
    assert_eq!(starts("2026-01-05 12:00:00", Some(3 * 3600)).await, [""; 0]);
    assert_eq!(starts("2026-02-04 00:00:00", Some(0)).await, ["START-LATE"]);
}

#[tokio::test]
async fn a_platform_on_this_machine_has_a_time_of_its_own() {
    let long_ago = campaign().start_at(at("1999-01-01 00:00:00"));
    let (client, _) = client_at("http://127.0.0.1:9", None, false);
    assert!(client.campaigns().send(&text(), &long_ago).await.is_ok());
    // Unless a clock is handed in, or the platform is elsewhere: then the system's is read.
    for (base, clock) in [("http://127.0.0.1:9", true), ("https://platform.test", false)] {
        let (client, _) = client_at(base, None, clock);
        let error = client.campaigns().send(&text(), &long_ago).await.unwrap_err();
        assert_eq!(broken(&error), ["START-PAST"], "{base}");
    }
}

/// One card with a button that calls this number.
fn calls(phone: &str) -> Message {
    let button = SuggestionDraft {
        text: "Call us".into(),
        phone: Some(phone.into()),
        ..SuggestionDraft::default()
    };
    let card =
        CardDraft { text: Some("a".into()), suggestions: vec![button], ..CardDraft::default() };
    let draft =
        MessageDraft { agent: "demo_agent".into(), cards: vec![card], ..MessageDraft::default() };
    draft.check().unwrap().value
}

#[tokio::test]
async fn a_call_button_that_the_recipients_country_forbids_does_not_leave() {
    let german = calls("+49 170 1234567");
    let to = |number| SingleSend::to(Msisdn::from_u64(number).unwrap()).reference(reference("r0"));
    let (to_ukraine, script) = client(&[Login, Answer(200, RECEIPT)]);
    let error = to_ukraine.messages().send(&german, &to(380_661_231_231)).await.unwrap_err();
    assert_eq!(broken(&error), ["BUTTON-CALL-UA"]);
    let error = to_ukraine.campaigns().send(&german, &campaign()).await.unwrap_err();
    assert_eq!(broken(&error), ["BUTTON-CALL-UA"]);
    assert!(script.requests().is_empty());
    assert!(
        to_ukraine.messages().send(&calls("+380661231232"), &to(380_661_231_231)).await.is_ok()
    );
    let (to_germany, _) = client(&[Login, Answer(200, RECEIPT)]);
    assert!(to_germany.messages().send(&german, &to(491_701_234_567)).await.is_ok());
}

#[tokio::test]
async fn a_send_to_no_list_and_one_of_broken_hours_do_not_leave() {
    let short = |validity: &str| {
        let draft = MessageDraft {
            agent: "demo_agent".into(),
            text: Some("a".into()),
            validity: Some(validity.into()),
            ..MessageDraft::default()
        };
        draft.check().unwrap().value
    };
    let (client, script) = client(&[Login, Answer(200, RECEIPT)]);
    let lists = client.campaigns();
    for (message, to, words) in [
        (text(), vec![], "names at least one"),
        (short("30s"), vec![3.into()], "takes whole hours, found 30s"),
        (short("90m"), vec![3.into()], "takes whole hours, found 5400s"),
    ] {
        let error = lists.send_to_lists(&message, &to, None).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.certainty(), Certainty::NotSent);
    }
    assert!(script.requests().is_empty());
    assert!(lists.send_to_lists(&short("120m"), &ids([3]), None).await.is_ok());
    let body = crate::stage::json(&script.requests()[1]);
    assert_eq!(body["validity"], 2);
}

#[tokio::test]
async fn a_login_that_hangs_is_bounded_for_all_that_wait_for_it() {
    let timer = |length: Duration| -> bsg_rcs::transport::retry::Waiting {
        assert_eq!(length, Duration::from_secs(60));
        Box::pin(std::future::ready(()))
    };
    let client = Client::builder()
        .base_url("https://platform.test")
        .api_key(KEY)
        .transport(bsg_rcs_transport::doubles::NeverAnswers)
        .timer(timer)
        .build()
        .unwrap();
    let error = client.authorise().await.unwrap_err();
    assert_eq!(error.certainty(), Certainty::NotSent);
    assert!(error.is_unreachable_or_key_refused(), "{error}");
}

#[test]
fn a_transport_without_tokio_is_repeated_without_a_panic() {
    use crate::stage::Step::NotSent;
    let (script, waits) = (
        Arc::new(script_of(&[Login, NotSent, NotSent, Answer(200, RECEIPT)])),
        Arc::new(std::sync::Mutex::new(Vec::new())),
    );
    let client = || {
        Client::builder()
            .base_url("https://platform.test")
            .api_key(KEY)
            .transport(Arc::clone(&script))
    };
    let send = SingleSend::to(crate::stage::number());
    let without_timer = client().build().unwrap();
    let sent = without_timer.messages().send(&text(), &send).now_or_never().unwrap();
    assert!(sent.is_ok(), "{sent:?}");

    let script = Arc::new(script_of(&[Login, NotSent, NotSent, Answer(200, RECEIPT)]));
    let noted = Arc::clone(&waits);
    let timer = move |length: Duration| -> bsg_rcs::transport::retry::Waiting {
        noted.lock().unwrap().push(length);
        // The bound of the login never strikes.
        match length >= Duration::from_secs(30) {
            true => Box::pin(std::future::pending()),
            false => Box::pin(std::future::ready(())),
        }
    };
    let with_timer = client().transport(Arc::clone(&script)).timer(timer).build().unwrap();
    let sent = with_timer.messages().send(&text(), &send).now_or_never().unwrap();
    assert!(sent.is_ok(), "{sent:?}");
    assert_eq!(waits.lock().unwrap().len(), 3, "a login, and two waits between tries");
}

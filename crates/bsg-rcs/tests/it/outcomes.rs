//! The table of outcomes, row by row, for both sends.

use bsg_rcs::{Certainty, Error, ErrorKind, ReferenceId, SendOutcome, SingleSend};

use crate::stage::{Step, campaign, client, json, line, number, reference, single, text};
use Step::{Answer, Login, MaybeSent, NotSent};

/// The receipts of the two sends; the same answer serves both.
const RECEIPT: &str = r#"{"data": {"id": 4419393338, "reference_id": "r0", "status": "accepted"}}"#;
const CUT: &str = r#"{"data": {"id": 4419393338, "ref"#;
const NO_ID: &str = r#"{"data": {"reference_id": "r0", "status": "accepted"}}"#;
const OLD_FAILURE: &str = r#"{"error": 8, "errorDescription": "Not enough funds"}"#;

/// What a send came to, without its receipt.
#[derive(Debug, PartialEq)]
enum Came {
    Accepted,
    Unknown,
    AlreadyKnown,
    /// In the platform's words.
    Rejected(String),
    /// An error of the key, and nothing sent.
    KeyRefused,
    /// Another error, and nothing sent.
    NotSent,
    /// What must never be: an error that leaves open whether it was sent.
    Open(String),
}

fn came<T>(outcome: Result<SendOutcome<T>, Error>, carried: &[ReferenceId]) -> Came {
    match outcome {
        Ok(SendOutcome::Accepted(_)) => Came::Accepted,
        Ok(SendOutcome::Rejected(why)) => Came::Rejected(why.to_string()),
        Ok(SendOutcome::Unknown(unknown)) => {
            assert_eq!(unknown.unsettled.references(), carried);
            assert!(!unknown.why.is_empty());
            Came::Unknown
        }
        Ok(SendOutcome::AlreadyKnown(known)) => {
            assert_eq!(known.unsettled.references(), carried);
            Came::AlreadyKnown
        }
        Err(error) if error.certainty() != Certainty::NotSent => Came::Open(error.to_string()),
        Err(error) if matches!(error.kind(), ErrorKind::KeyRefused(_)) => Came::KeyRefused,
        Err(_) => Came::NotSent,
    }
}

/// Plays a script to its end with a single send and with a campaign.
async fn check(steps: &[Step<'_>], expected: Came) {
    let (client_of_one, script) = client(steps);
    let outcome = client_of_one.messages().send(&text(), &single()).await;
    let carried = [reference("r0")];
    assert_eq!(came(outcome, &carried), expected, "single send: {steps:?}");
    assert_eq!(
        (script.remaining(), script.requests().len()),
        (0, steps.len()),
        "single send: {steps:?}"
    );

    let (client_of_many, script) = client(steps);
    let outcome = client_of_many.campaigns().send(&text(), &campaign()).await;
    let carried = [reference("r0"), reference("r1"), reference("r2")];
    assert_eq!(came(outcome, &carried), expected, "campaign send: {steps:?}");
    assert_eq!(
        (script.remaining(), script.requests().len()),
        (0, steps.len()),
        "campaign send: {steps:?}"
    );
}

/// A login, and this answer to the send.
async fn check_answer(status: u16, body: &str, expected: Came) {
    check(&[Login, Answer(status, body)], expected).await;
}

#[tokio::test]
async fn what_failed_before_it_left_is_an_error() {
    check(&[Login, NotSent], Came::NotSent).await;
}

#[tokio::test]
async fn what_failed_later_is_unknown() {
    check(&[Login, MaybeSent], Came::Unknown).await;
}

#[tokio::test]
async fn a_receipt_is_accepted() {
    for status in [200, 201, 202] {
        check_answer(status, RECEIPT, Came::Accepted).await;
    }
}

#[tokio::test]
async fn a_success_without_a_readable_receipt_is_unknown() {
    for body in ["", " ", CUT, "{}", r#"{"data": null}"#, NO_ID, "[]", "<html>", OLD_FAILURE] {
        check_answer(200, body, Came::Unknown).await;
    }
    check_answer(204, "", Came::Unknown).await;
}

#[tokio::test]
async fn what_says_neither_yes_nor_no_is_unknown() {
    let duplicate = r#"{"message": "Too many duplicate request detected"}"#;
    let statuses =
        [300, 301, 302, 303, 307, 308, 408, 409, 425, 429, 500, 501, 502, 503, 504, 520, 599];
    for status in statuses {
        check_answer(status, "", Came::Unknown).await;
        check_answer(status, duplicate, Came::Unknown).await;
        // Not even a receipt makes it a success.
        check_answer(status, RECEIPT, Came::Unknown).await;
    }
}

#[tokio::test]
async fn a_guard_that_names_the_reference_is_still_unknown() {
    let body = r#"{"message": "duplicate reference_id"}"#;
    check_answer(429, body, Came::Unknown).await;
    check_answer(500, body, Came::Unknown).await;
}

#[tokio::test]
async fn a_refusal_of_the_whole_names_no_recipient() {
    let general = r#"{"message": "The given data was invalid.", "errors": {"sender": ["No"]}}"#;
    for status in [400, 402, 403, 404, 407, 413, 422, 451] {
        for body in ["", "<html>Forbidden</html>", r#"{"message": "No"}"#, general] {
            let (client, _) = client(&[Login, Answer(status, body)]);
            let outcome = client.campaigns().send(&text(), &campaign()).await.unwrap();
            let SendOutcome::Rejected(why) = outcome else { panic!("{outcome:?}") };
            assert_eq!(why.status().as_u16(), status);
            assert_eq!(why.recipients(), [0_usize; 0], "{status} {body}");
        }
    }
}

#[tokio::test]
async fn a_refusal_is_rejected_in_the_platforms_words() {
    for (status, body, words) in [
        (400, "", "400"),
        (400, r#"{"error": "7"}"#, "400 (error 7)"),
        (402, r#"{"message": "Not enough funds"}"#, "402: Not enough funds"),
        (403, "Forbidden", "403: Forbidden"),
        (404, r#"{"message": "Not found"}"#, "404: Not found"),
        (413, "", "413"),
        (422, r#"{"message": "Tariff was not found", "errors": []}"#, "422: Tariff was not found"),
        (
            422,
            r#"{"message": "The given data was invalid.",
                "errors": {"phones.1.number": ["Invalid phone number format"]}}"#,
            "422: The given data was invalid.; phones.1.number: Invalid phone number format",
        ),
        (422, OLD_FAILURE, "422: Not enough funds (error 8)"),
        // Of having something, but not the reference.
        (
            422,
            r#"{"errors": {"phones.2.number": ["duplicate value"]}}"#,
            "422; phones.2.number: duplicate value",
        ),
    ] {
        check_answer(status, body, Came::Rejected(words.to_owned())).await;
    }
}

#[tokio::test]
async fn a_known_reference_is_told_from_other_refusals_in_many_words() {
    for body in [
        r#"{"message": "Duplicate reference_id"}"#,
        r#"{"message": "The given data was invalid.",
            "errors": {"phones.0.reference_id": ["The reference id has already been taken."]}}"#,
        r#"{"message": "The given data was invalid.",
            "errors": {"phone.reference_id": ["must be UNIQUE"]}}"#,
        r#"{"errors": {"phones0reference_id": ["exists"]}}"#,
        r#"{"errors": ["Reference r0 is already known"]}"#,
        r#"{"errors": "reference r0 exists"}"#,
        r#"{"message": "Message with the same reference was sent"}"#,
        r#"{"message": "Reference r0 is in use"}"#,
        r#"{"message": "Reference_id was used"}"#,
        r#"{"message": "The reference was sent earlier"}"#,
        r#"{"errors": {"phones.0.reference_id": ["is not available"]}}"#,
        r#"{"errors": {"phones.0.referenceId": ["conflict"]}}"#,
        r#"{"message": "REFERENCE ID: 422"}"#,
        r#"{"message": "external id already exists"}"#,
        r#"{"error": 43}"#,
        // Its form was checked before it left.
        r#"{"errors": {"phones.0.reference_id": ["Only letters and digits; refused"]}}"#,
        r#"{"error": 23, "errorDescription": "id already present"}"#,
        r#"{"error": "23"}"#,
        "This reference_id already exists",
    ] {
        check_answer(422, body, Came::AlreadyKnown).await;
    }
    check_answer(400, r#"{"error": 23}"#, Came::AlreadyKnown).await;
}

#[tokio::test]
async fn a_refused_token_is_renewed_and_the_same_request_goes_once_more() {
    let steps = [
        Login,
        Answer(401, r#"{"message": "Unauthenticated."}"#),
        Answer(200, r#"{"bearer": "fresh"}"#),
        Answer(200, RECEIPT),
    ];
    check(&steps, Came::Accepted).await;

    let (client, script) = client(&steps);
    let sent = client.messages().send(&text(), &single()).await;
    assert!(matches!(sent, Ok(SendOutcome::Accepted(_))));
    let requests = script.requests();
    assert_eq!(line(&requests[1]), line(&requests[3]));
    assert_eq!(json(&requests[1]), json(&requests[3]));
    assert_eq!(line(&requests[2]), "POST /api/auth/login");
    assert_eq!(requests[1].headers()["authorization"], "Bearer tok3n.of.login");
    assert_eq!(requests[3].headers()["authorization"], "Bearer fresh");
}

#[tokio::test]
async fn the_second_try_is_judged_like_the_first() {
    let second = |last| [Login, Answer(401, ""), Login, last];
    check(&second(Answer(503, "")), Came::Unknown).await;
    check(&second(MaybeSent), Came::Unknown).await;
    check(&second(NotSent), Came::NotSent).await;
    check(&second(Answer(403, "")), Came::Rejected("403".to_owned())).await;
    check(&second(Answer(422, r#"{"error": 23}"#)), Came::AlreadyKnown).await;
}

#[tokio::test]
async fn a_key_that_is_refused_sends_nothing() {
    check(&[Login, Answer(401, ""), Login, Answer(401, "")], Came::KeyRefused).await;
    for status in [401, 403] {
        check(&[Answer(status, "")], Came::KeyRefused).await;
        check(&[Login, Answer(401, ""), Answer(status, "")], Came::KeyRefused).await;
    }
    // Of these the key is no reason.
    for status in [400, 402, 404, 405, 407, 408, 422, 425, 426, 429, 451] {
        check(&[Answer(status, "")], Came::NotSent).await;
        check(&[Login, Answer(401, ""), Answer(status, "")], Came::NotSent).await;
    }
}

#[tokio::test]
async fn a_login_that_something_else_refused_says_what_to_look_at() {
    for (status, advice) in [
        (
            404,
            "logging in failed: 404: No; there is no such call: is the base URL that of the platform?",
        ),
        (407, "logging in failed: 407: No; a proxy asks for a name and password"),
        (451, "logging in failed: 451: No"),
    ] {
        let (client, _) = client(&[Answer(status, r#"{"message": "No"}"#)]);
        let error = client.authorise().await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::LoginFailed(_)), "{error:?}");
        assert!(!error.is_unreachable_or_key_refused());
        assert_eq!((error.to_string().as_str(), error.certainty()), (advice, Certainty::NotSent));
    }
}

#[tokio::test]
async fn the_platforms_words_are_in_every_unknown_outcome() {
    for (status, body, words) in [
        (200, OLD_FAILURE, "Not enough funds (error 8)"),
        (200, r#"{"message": "Try later"}"#, "Try later"),
        (200, r#"{"data": null, "errors": ["no such agent"]}"#, "no such agent"),
        (429, r#"{"message": "Too many"}"#, "Too many"),
        (302, "Moved", "Moved"),
        (503, r#"{"message": "Down"}"#, "Down"),
    ] {
        let (client, _) = client(&[Login, Answer(status, body)]);
        let outcome = client.messages().send(&text(), &single()).await.unwrap();
        let SendOutcome::Unknown(unknown) = outcome else { panic!("{outcome:?}") };
        assert!(unknown.why.contains(words), "{}", unknown.why);
    }
}

#[tokio::test]
async fn a_short_token_spoils_nothing_that_is_read() {
    for token in ["e", "ref", "phones"] {
        let login = format!(r#"{{"bearer": "{token}"}}"#);
        let steps = |body| [Answer(200, &login), Answer(422, body)].to_vec();
        let known = r#"{"message": "Duplicate reference_id"}"#;
        let (client_of_one, _) = client(&steps(known));
        let outcome = client_of_one.messages().send(&text(), &single()).await.unwrap();
        assert!(matches!(outcome, SendOutcome::AlreadyKnown(_)), "{outcome:?}");
        let recipient = r#"{"errors": {"phones.1.number": ["Invalid"]}}"#;
        let (client_of_many, _) = client(&steps(recipient));
        let outcome = client_of_many.campaigns().send(&text(), &campaign()).await.unwrap();
        let SendOutcome::Rejected(why) = outcome else { panic!("{outcome:?}") };
        assert_eq!(why.recipients(), [1]);
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_refused_at_once() {
    for bearer in [r"tok\n3n", r"tok 3n", r"t\u0000k", "ü\u{7f}"] {
        let login = format!(r#"{{"bearer": "{bearer}"}}"#);
        let (client, script) = client(&[Answer(200, &login), Login, Answer(200, RECEIPT)]);
        let error = client.messages().send(&text(), &single()).await.unwrap_err();
        assert!(error.to_string().contains("cannot stand in an HTTP header"), "{error}");
        assert_eq!((error.certainty(), script.requests().len()), (Certainty::NotSent, 1));
        let again = client.messages().send(&text(), &single()).await;
        assert!(matches!(again, Ok(SendOutcome::Accepted(_))), "{again:?}");
    }
    let (client, script) =
        client(&[Answer(200, r#"{"bearer": " fresh\n"}"#), Answer(200, RECEIPT)]);
    let sent = client.messages().send(&text(), &single()).await;
    assert!(matches!(sent, Ok(SendOutcome::Accepted(_))));
    assert_eq!(script.requests()[1].headers()["authorization"], "Bearer fresh");
}

#[tokio::test]
async fn the_reference_is_there_before_the_send_and_in_every_receipt() {
    let send = SingleSend::to(number());
    let minted = send.reference_id().unwrap();
    assert_ne!(Some(minted), SingleSend::to(number()).reference_id());
    for echoed in ["null", r#""""#, &format!("{:?}", minted.as_str().to_uppercase())] {
        let receipt = format!(r#"{{"data": {{"id": 7, "reference_id": {echoed}}}}}"#);
        let (client, script) = client(&[Login, Answer(200, &receipt)]);
        let outcome = client.messages().send(&text(), &send).await.unwrap();
        let SendOutcome::Accepted(sent) = outcome else { panic!("{outcome:?}") };
        assert_eq!(sent.reference, Some(minted), "{echoed}");
        let body = json(&script.requests()[1]);
        assert_eq!(body["phone"]["reference_id"], minted.as_str());
    }
}

#[tokio::test]
async fn whatever_befalls_the_login_the_message_was_not_sent() {
    for step in [
        NotSent,
        MaybeSent,
        Answer(429, ""),
        Answer(500, ""),
        Answer(307, ""),
        Answer(200, ""),
        Answer(200, "{}"),
        Answer(200, r#"{"bearer": " "}"#),
        Answer(200, r#"{"data": {"bearer": "in the wrong place"}}"#),
        Answer(204, ""),
    ] {
        check(std::slice::from_ref(&step), Came::NotSent).await;
        check(&[Login, Answer(401, ""), step], Came::NotSent).await;
    }
}

#[tokio::test]
async fn after_a_failed_login_the_next_call_logs_in_again() {
    let (client, script) = client(&[NotSent, Login, Answer(200, RECEIPT)]);
    assert!(client.messages().send(&text(), &single()).await.is_err());
    let second = client.messages().send(&text(), &single()).await;
    assert!(matches!(second, Ok(SendOutcome::Accepted(_))));
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn an_outcome_keeps_itself_when_its_receipt_is_mapped() {
    for (status, body) in [(200, RECEIPT), (422, ""), (500, ""), (422, r#"{"error": 23}"#)] {
        let send = async || {
            let (client, _) = client(&[Login, Answer(status, body)]);
            client.messages().send(&text(), &single()).await
        };
        let carried = [reference("r0")];
        let mapped = send().await.map(|outcome| outcome.map(|receipt| receipt.reference));
        assert_eq!(came(mapped, &carried), came(send().await, &carried));
    }
}

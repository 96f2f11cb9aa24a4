//! Secrets: neither key nor token nor phone number in anything that is printed.

use std::fmt::Debug;

use bsg_rcs::{ApiKey, CallbackUrl, Client, MessageFilter, SendOutcome};

use crate::stage::{KEY, NUMBER, Step, TOKEN, campaign, client, reference, single, text};

const LISTING: &str = r#"{"data": [{"id": 1, "reference_id": "r0", "phone": 380661231231,
    "status": "sent"}]}"#;

/// No secret and no number in this text.
fn clean(shown: &str) {
    let number = NUMBER.to_string();
    for secret in [KEY, TOKEN, "tok3n", "7kq2wz", &number, &number[3..]] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

/// The same of everything that the value prints, and of the errors below it.
fn check(value: &impl Debug) {
    clean(&format!("{value:?}"));
    clean(&format!("{value:#?}"));
}

fn check_error(error: &bsg_rcs::Error) {
    check(error);
    let mut below: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = below {
        clean(&error.to_string());
        clean(&format!("{error:?}"));
        below = error.source();
    }
}

fn check_outcome<T: Debug>(outcome: &Result<SendOutcome<T>, bsg_rcs::Error>) {
    check(outcome);
    match outcome {
        Ok(SendOutcome::Rejected(why)) => clean(&why.to_string()),
        Ok(SendOutcome::Unknown(unknown)) => clean(&unknown.why),
        Ok(_) => {}
        Err(error) => check_error(error),
    }
}

#[test]
fn handles_and_settings() {
    let (client, _) = client(&[]);
    check(&client);
    check(&(client.messages(), client.campaigns(), client.account()));
    check(&ApiKey::new(KEY));
    clean(&client.account_fingerprint());
    assert_eq!(client.account_fingerprint().len(), 16);
    check(&single());
    check(&campaign());
    check(&Client::builder().base_url("http://platform.test").api_key(KEY).build().err());
}

#[test]
fn the_callback_url_of_a_send_is_a_secret_too() {
    let send =
        single().callback_url(CallbackUrl::parse("https://example.com/callbacks/7kq2wz").unwrap());
    check(&send);
}

/// Plays a script with every kind of call.
async fn check_calls(steps: &[Step<'_>]) {
    check_outcome(&client(steps).0.messages().send(&text(), &single()).await);
    check_outcome(&client(steps).0.campaigns().send(&text(), &campaign()).await);
    let (client, script) = client(steps);
    match client.messages().find(reference("r0")).await {
        Ok(found) => check(&found),
        Err(error) => check_error(&error),
    }
    check(&client.messages().page(MessageFilter::default(), 0, 50).await);
    check(&script);
}

#[tokio::test]
async fn outcomes_and_errors() {
    use Step::{Answer, Login, MaybeSent, NotSent};
    let receipt = r#"{"data": {"id": 1, "phone": "380661231231", "status": "accepted"}}"#;
    check_calls(&[Login, Answer(200, LISTING)]).await;
    check_calls(&[Login, Answer(200, receipt)]).await;
    for broken in [&receipt[..30], r#"{"data": "380661231231"}"#, r#"["380661231231"]"#] {
        check_calls(&[Login, Answer(200, broken)]).await;
    }
    for step in [NotSent, MaybeSent, Answer(401, ""), Answer(422, "{}"), Answer(503, "down")] {
        check_calls(std::slice::from_ref(&step)).await;
        check_calls(&[Login, step]).await;
    }
}

#[tokio::test]
async fn a_platform_that_repeats_our_secrets_is_not_repeated() {
    use Step::{Answer, Login};
    let key = r#"{"message": "Unknown key live_7kq2wz"}"#;
    let token =
        r#"{"message": "Bad token", "errors": {"Authorization": ["Bearer tok3n.of.login"]}}"#;
    let raw = "<html>Authorization: Bearer tok3n.of.login</html>";
    check_calls(&[Answer(403, key)]).await;
    for body in [key, token, raw] {
        for status in [400, 422, 429, 500] {
            check_calls(&[Login, Answer(status, body)]).await;
        }
        check_calls(&[Login, Answer(401, body), Login, Answer(401, body)]).await;
    }
    check_calls(&[Answer(200, r#"{"bearer": ["tok3n.of.login"]}"#)]).await;
    check_calls(&[Answer(200, r#"{"bearer": "tok3n\nof.login"}"#)]).await;
}

//! Dry runs, and what refusals name.

use bsg_rcs::{DryRun, Error, RemoteFault, SendOutcome};

use crate::stage::{answered, campaign, number, text};

/// What a dry run says of an answer: the places of a refusal, or `passed`, or the error's words.
async fn dry_run(status: u16, told: &str) -> Result<Vec<String>, String> {
    let read = |run: Result<DryRun, Error>| match run {
        Ok(DryRun::Passed) => Ok(vec!["passed".to_owned()]),
        Ok(DryRun::Refused(why)) => {
            let place = |fault: RemoteFault| fault.place.unwrap_or_default();
            Ok(why.faults().into_iter().map(place).collect())
        }
        Err(error) => Err(error.to_string()),
    };
    let (of_one, _) = answered(status, told);
    let one = read(of_one.messages().dry_run(&text(), number()).await);
    let (of_many, _) = answered(status, told);
    let many = read(of_many.campaigns().dry_run(&text(), campaign().recipients()).await);
    assert_eq!(one, many, "{status} {told}");
    one
}

#[tokio::test]
async fn a_dry_run_passes_is_refused_at_our_places_or_is_an_error() {
    let passed = Ok(vec!["passed".to_owned()]);
    for (status, told) in
        [(200, r#"{"data": {"dry_run": true}}"#), (200, "{}"), (200, ""), (201, "ok"), (204, "")]
    {
        assert_eq!(dry_run(status, told).await, passed, "{status} {told}");
    }
    let refused = r#"{"message": "The given data was invalid.", "errors": {
        "recipients.phones.17.number": ["Invalid phone number format"],
        "rcs.cards.0.suggestions.1.postback_data": ["too long"], "rcs.sender": ["nobody"]}}"#;
    let mut places = dry_run(422, refused).await.unwrap();
    places.sort();
    assert_eq!(places, ["agent", "cards[0].suggestions[1].postback", "phones[17].number"]);
    assert_eq!(dry_run(422, r#"{"message": "Insufficient funds"}"#).await, Ok(vec![]));
    for id in ["7", r#""7""#, r#""a7""#, "{}", "[7]", "-7"] {
        let told = format!(r#"{{"data": {{"id": {id}, "status": "accepted"}}}}"#);
        let error = dry_run(200, &told).await.unwrap_err();
        assert!(error.contains("a dry run was answered with the id of a message"), "{error}");
    }
    for status in [307, 429, 500, 503] {
        assert!(dry_run(status, r#"{"data": {"dry_run": true}}"#).await.is_err(), "{status}");
    }
}

#[tokio::test]
async fn a_refusal_names_the_recipients_to_leave_out() {
    for (errors, expected) in [
        (
            r#"{"phones.2.number": ["x"], "phones0number": ["y"], "phones[2].name": ["z"]}"#,
            vec![0, 2],
        ),
        (r#"{"phones.2.number": ["x"], "sender": ["nobody"]}"#, vec![]),
        (r#"["phones.2.number is wrong"]"#, vec![]),
        ("[]", vec![]),
    ] {
        let told = format!(r#"{{"message": "The given data was invalid.", "errors": {errors}}}"#);
        let (client, _) = answered(422, &told);
        let outcome = client.campaigns().send(&text(), &campaign()).await.unwrap();
        let SendOutcome::Rejected(why) = outcome else { panic!("{outcome:?}") };
        assert_eq!(why.recipients(), expected, "{errors}");
    }
}

//! Answers: what the asking calls make of what the platform may say.

use bsg_rcs::{
    CampaignStatus, Certainty, ErrorKind, MessageFilter, MessageStatus, Page, Price, RemoteMessage,
};

use crate::stage::{Step, answered, client, number, reference};

fn status(message: &RemoteMessage) -> Option<MessageStatus> {
    message.report.status.known()
}

/// The balance in this answer, or the error's words.
async fn check_balance(body: &str, expected: Result<&str, &str>) {
    let (client, _) = answered(200, body);
    let balance = client.account().balance().await;
    let read = balance.map(|read| read.to_string()).map_err(|error| error.to_string());
    assert_eq!(read, expected.map(str::to_owned).map_err(str::to_owned), "{body}");
}

#[tokio::test]
async fn a_balance_is_exact_in_every_form() {
    for (body, expected) in [
        (
            r#"{"data": {"balance": 1000.5, "credit": 0, "currency": "EUR"}}"#,
            "1000.5000000 EUR, credit 0.0000000 EUR",
        ),
        (
            r#"{"data": {"balance": "-50.25", "credit": "100", "currency": "usd", "new": [1]}}"#,
            "-50.2500000 USD, credit 100.0000000 USD",
        ),
        // Beyond what a float holds.
        (
            r#"{"data": {"balance": 12345678901234567.1234567, "currency": "EUR"}}"#,
            "12345678901234567.1234567 EUR, credit 0.0000000 EUR",
        ),
        // Whose currency it is, is not said.
        (r#"{"data": {"balance": 1, "currency": null}}"#, "1.0000000, credit 0.0000000"),
    ] {
        check_balance(body, Ok(expected)).await;
    }
}

#[tokio::test]
async fn a_balance_that_is_not_there_is_a_misread() {
    let lost = |what: &str| format!("the platform's answer cannot be read: {what}");
    for (body, what) in [
        ("{}", "the balance is missing"),
        (r#"{"data": null}"#, "the balance is missing"),
        (r#"{"data": {"currency": "EUR"}}"#, "the balance has no readable `balance`"),
        (
            r#"{"data": {"balance": "a lot", "currency": "EUR"}}"#,
            "the balance has no readable `balance`",
        ),
        (
            r#"{"data": {"balance": 1, "credit": "some", "currency": "EUR"}}"#,
            "the balance has no readable `credit`",
        ),
    ] {
        check_balance(body, Err(&lost(what))).await;
    }
}

#[tokio::test]
async fn a_campaign_is_read_leniently() {
    let body = r#"{"data": {"id": "4419393338", "status": "SENDING", "sender": "demo_agent",
        "calculated_price": 0.0175696, "currency": "EUR", "alternative_channels": [],
        "statistics": null, "novelty": {}}}"#;
    let (client, _) = answered(200, body);
    let campaign = client.campaigns().get(4_419_393_338).await.unwrap();
    assert_eq!(campaign.id.get(), 4_419_393_338);
    assert_eq!(campaign.status, Ok(CampaignStatus::Sending));
    assert_eq!(campaign.calculated_price.to_string(), "0.0175696 EUR");
}

#[tokio::test]
async fn an_unknown_campaign_status_is_kept_as_its_word() {
    for (written, kept) in [(r#""resting""#, "resting"), ("null", ""), ("7", "7")] {
        let body = format!(r#"{{"data": {{"id": 7, "status": {written}}}}}"#);
        let (client, _) = answered(200, &body);
        let campaign = client.campaigns().stop(7).await.unwrap();
        assert_eq!(campaign.status, Err(kept.to_owned()), "{written}");
        assert_eq!(campaign.calculated_price.money(), None);
    }
}

#[tokio::test]
async fn a_detail_has_its_totals() {
    let body = r#"{"data": {"id": 7, "status": "done", "total_messages": "5001",
        "total_price": "250.0500000", "alternative_channels": {"sms": {"statistics": []}}}}"#;
    let (client, _) = answered(200, body);
    let detail = client.campaigns().detail(7).await.unwrap();
    assert_eq!((detail.id.get(), detail.status), (7, Ok(CampaignStatus::Done)));
    assert_eq!(detail.total_messages, Some(5001));
    assert_eq!(detail.total_price.to_string(), "250.0500000 (no currency)");

    let (client, _) = answered(200, r#"{"data": {"id": 7}}"#);
    let bare = client.campaigns().detail(7).await.unwrap();
    assert_eq!((bare.total_messages, bare.total_price), (None, Price::Unsaid));
}

/// A page of messages from this answer.
async fn page(body: &str) -> Page<RemoteMessage> {
    let (client, _) = answered(200, body);
    client.messages().page(MessageFilter::default(), 0, 50).await.unwrap()
}

#[tokio::test]
async fn a_page_is_read_leniently() {
    let page = page(
        r#"{"data": [
            {"id": 4419393338, "reference_id": "hello", "type": "rcs", "phone": 380661231231,
             "status": "delivered", "campaign_id": "9", "sent_at": "2024-08-22 11:47:42",
             "delivered_at": "2024-08-22T11:47:53.000000+00:00",
             "amount": {"value": "1.1000000", "currency": "EUR"}, "alternative_channels": null},
            {"id": "2", "reference_id": null, "phone": "380661231231", "status": "Teleported",
             "amount": [], "alternative_channels": []},
            {"id": 3, "reference_id": "not-ours", "phone": "hidden", "status": "sent"}
        ], "meta": {"page": {"limit": 50, "offset": 0, "total": "3"}}}"#,
    )
    .await;
    assert_eq!(page.total, Some(3));
    let [first, second, third] = page.items.try_into().unwrap();

    assert_eq!((first.reference, first.number), (Some(reference("hello")), Some(number())));
    let campaign = first.campaign.map(u64::from);
    assert_eq!((campaign, status(&first)), (Some(9), Some(MessageStatus::Delivered)));
    assert_eq!(first.report.price.unwrap().to_string(), "1.1000000 EUR");
    assert_eq!(first.report.sent_at.unwrap().to_string(), "2024-08-22 11:47:42");
    assert_eq!(first.report.reported_at.unwrap().to_string(), "2024-08-22 11:47:53");

    assert_eq!((second.reference, second.number), (None, Some(number())));
    assert_eq!(second.report.status.as_str(), "teleported");
    assert_eq!((second.report.price, second.campaign), (None, None));

    assert_eq!((third.reference, third.number), (None, None));
}

#[tokio::test]
async fn a_page_may_be_empty_and_say_nothing_of_itself() {
    for body in [r#"{"data": []}"#, r#"{"data": [], "meta": []}"#, r#"{"data": [], "meta": null}"#]
    {
        let page = page(body).await;
        assert_eq!((page.items.len(), page.total, page.limit, page.unreadable), (0, None, None, 0));
    }
}

/// What a lookup of `hello` finds in this answer: message ids, or the error's words.
async fn find(body: &str) -> Result<Vec<u64>, String> {
    let (client, _) = answered(200, body);
    let found = client.messages().find(reference("hello")).await;
    found
        .map(|found| found.messages.iter().map(|message| message.report.message.0).collect())
        .map_err(|error| error.to_string())
}

/// A page of these references, out of `total` messages.
fn listing(references: &[&str], total: u64) -> String {
    let item = |(at, reference): (usize, &&str)| {
        format!(r#"{{"id": {at}, "reference_id": "{reference}", "status": "sent"}}"#)
    };
    let items: Vec<_> = references.iter().enumerate().map(item).collect();
    format!(r#"{{"data": [{}], "meta": {{"page": {{"total": {total}}}}}}}"#, items.join(","))
}

#[tokio::test]
async fn a_lookup_passes_over_other_references() {
    assert_eq!(find(&listing(&["hello"], 1)).await, Ok(vec![0]));
    assert_eq!(find(&listing(&["hello", "hello"], 2)).await, Ok(vec![0, 1]));
    assert_eq!(find(&listing(&["other", "hello", "hellos"], 900)).await, Ok(vec![1]));
    assert_eq!(find(&listing(&[], 0)).await, Ok(vec![]));
    // The whole list, and it is not among them.
    assert_eq!(find(&listing(&["other", "another"], 2)).await, Ok(vec![]));
}

#[tokio::test]
async fn a_lookup_that_shows_what_cannot_be_compared_is_not_complete() {
    let whole = listing(&["other"], 1);
    for (body, is_complete) in [
        (r#"{"data": []}"#, true),
        (whole.as_str(), true),
        (r#"{"data": [{"id": 1, "status": "sent"}]}"#, false),
        (r#"{"data": [{"id": 1, "reference_id": null}]}"#, false),
        (r#"{"data": [{"reference_id": "hello"}]}"#, false),
        (r#"{"data": [null]}"#, false),
        (r#"{"data": ["hello"]}"#, false),
    ] {
        let (client, _) = answered(200, body);
        let found = client.messages().find(reference("hello")).await.unwrap();
        assert_eq!((found.messages.len(), found.is_complete), (0, is_complete), "{body}");
    }
}

#[tokio::test]
async fn a_part_of_a_list_of_others_does_not_say_that_there_is_none() {
    let words = "the platform's answer cannot be read: the list is not narrowed to the reference";
    assert_eq!(find(&listing(&["other"], 900)).await, Err(words.to_owned()));
    // A list of which nothing is shown, and one that shows more than it has.
    assert_eq!(find(&listing(&[], 900)).await, Err(words.to_owned()));
    assert_eq!(find(&listing(&["other", "another"], 1)).await, Err(words.to_owned()));
    let untold = listing(&["other"; 15], 0).replace(r#""total": 0"#, r#""limit": 15"#);
    assert_eq!(find(&untold).await, Err(words.to_owned()));
}

#[tokio::test]
async fn a_lookup_never_takes_something_else_for_none() {
    for body in ["", "{}", "[]", r#"{"data": null}"#, "<html>"] {
        assert!(find(body).await.is_err(), "{body}");
    }
    for status in [204, 307, 400, 404, 422, 429, 500, 503] {
        let (client, _) = answered(status, "");
        assert!(client.messages().find(reference("hello")).await.is_err(), "{status}");
    }
}

#[tokio::test]
async fn an_error_of_an_asking_call_says_what_happened() {
    type Expected = fn(&ErrorKind) -> bool;
    let table: [(Step<'_>, Expected, Certainty); 6] = [
        (Step::NotSent, |kind| matches!(kind, ErrorKind::Transport), Certainty::NotSent),
        (Step::MaybeSent, |kind| matches!(kind, ErrorKind::Transport), Certainty::MaybeSent),
        (Step::Answer(404, ""), |k| matches!(k, ErrorKind::Refused(_)), Certainty::MaybeSent),
        (Step::Answer(429, ""), |k| matches!(k, ErrorKind::Refused(_)), Certainty::MaybeSent),
        (Step::Answer(503, ""), |k| matches!(k, ErrorKind::Failed(_)), Certainty::MaybeSent),
        (Step::Answer(200, "{"), |k| matches!(k, ErrorKind::Misread(_)), Certainty::MaybeSent),
    ];
    for (step, expected, certainty) in table {
        let (client, _) = client(&[Step::Login, step]);
        let error = client.account().balance().await.unwrap_err();
        assert!(expected(error.kind()), "{error:?}");
        assert_eq!(error.certainty(), certainty, "{error:?}");
        let unreachable = matches!(error.kind(), ErrorKind::Transport);
        assert_eq!(error.is_unreachable_or_key_refused(), unreachable);
    }
}

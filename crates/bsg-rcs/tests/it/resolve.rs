//! Resolving: what a look at an unsettled send says, against a platform that keeps messages.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bsg_rcs::{
    Addressee, Client, Msisdn, ReferenceId, Resolution, SendOutcome, Transport, TransportError,
    Unsettled,
};
use bsg_rcs_transport::Bytes;
use bsg_rcs_transport::http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::stage::{KEY, LOGIN, NUMBER, campaign, ids, line, plain, reference, single, text};

/// The platform's campaign of the sends here.
const CAMPAIGN: u64 = 9;

/// A platform that keeps messages, and pages them as it is asked.
#[derive(Debug, Default)]
struct Platform {
    /// Every message, oldest first.
    messages: Mutex<Vec<Value>>,
    /// What it answers to sends.
    to_sends: Mutex<(u16, &'static str)>,
    /// A filter that it passes over.
    passes_over: Option<&'static str>,
    /// The client's clock, in seconds, and how far each look moves it.
    clock: Arc<AtomicU64>,
    a_look_takes: u64,
    looks: Mutex<Vec<String>>,
}

fn message(id: u64, reference: &str, number: u64, campaign: Option<u64>) -> Value {
    json!({"id": id, "reference_id": reference, "phone": number, "type": "rcs",
        "status": "sent", "campaign_id": campaign})
}

impl Platform {
    /// With the messages of a campaign `r0`, `r1`, ..., of those which are named.
    fn with(these: impl IntoIterator<Item = u64>) -> Self {
        let of = |at: u64| message(100 + at, &format!("r{at}"), NUMBER + at, Some(CAMPAIGN));
        Self { messages: Mutex::new(these.into_iter().map(of).collect()), ..Self::default() }
    }

    fn keeps(self, message: Value) -> Self {
        self.messages.lock().unwrap().push(message);
        self
    }

    fn passes_over(self, filter: &'static str) -> Self {
        Self { passes_over: Some(filter), ..self }
    }

    fn client(self) -> (Client, Arc<Self>) {
        let platform = Arc::new(self);
        let clock = Arc::clone(&platform.clock);
        let client = Client::builder()
            .base_url("https://platform.test")
            .api_key(KEY)
            .transport(Arc::clone(&platform))
            .clock(move || Duration::from_secs(clock.load(Ordering::Relaxed)))
            .build()
            .unwrap();
        (client, platform)
    }

    /// A client whose clocks show these seconds.
    fn client_at(self, monotonic: u64, wall: u64) -> (Client, Arc<Self>) {
        let platform = Arc::new(self);
        let client = Client::builder()
            .base_url("https://platform.test")
            .api_key(KEY)
            .transport(Arc::clone(&platform))
            .clock(move || Duration::from_secs(monotonic))
            .wall_clock(move || Duration::from_secs(wall))
            .build()
            .unwrap();
        (client, platform)
    }

    fn pass(&self, seconds: u64) {
        self.clock.fetch_add(seconds, Ordering::Relaxed);
    }

    /// How often it was looked at.
    fn looks(&self) -> usize {
        self.looks.lock().unwrap().len()
    }

    /// A page of the messages that the query asks for.
    fn page(&self, query: &str) -> Value {
        let asked = |name: &str| {
            let value = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
            value.filter(|_| self.passes_over != Some(name)).map(str::to_owned)
        };
        let number = |name| asked(name).map(|text| text.parse::<u64>().unwrap());
        let (reference, of) = (asked("filter[reference_id]"), number("filter[campaign_id]"));
        let kept = self.messages.lock().unwrap();
        let matches = |message: &&Value| {
            reference.as_ref().is_none_or(|it| message["reference_id"] == **it)
                && of.is_none_or(|it| message["campaign_id"] == it)
        };
        let all: Vec<&Value> = kept.iter().filter(matches).collect();
        let (offset, limit) = (number("page[offset]").unwrap(), number("page[limit]").unwrap());
        let skip = usize::try_from(offset).unwrap();
        let page: Vec<_> = all.iter().skip(skip).take(usize::try_from(limit).unwrap()).collect();
        json!({"data": page, "meta": {"page": {"total": all.len()}}})
    }
}

#[async_trait]
impl Transport for Platform {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let line = plain(&line(&request));
        let (status, body) = if line == "POST /api/auth/login" {
            (200, LOGIN.to_owned())
        } else if let Some(query) = line.strip_prefix("GET /api/messages?") {
            self.looks.lock().unwrap().push(line.clone());
            self.pass(self.a_look_takes);
            (200, self.page(query).to_string())
        } else {
            let (status, body) = *self.to_sends.lock().unwrap();
            (status, body.to_owned())
        };
        let mut answer = Response::new(Bytes::from(body));
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        Ok(answer)
    }
}

fn addressees(count: u64) -> Vec<Addressee> {
    let addressee = |at| Addressee {
        number: Msisdn::from_u64(NUMBER + at).unwrap(),
        reference: reference(&format!("r{at}")),
    };
    (0..count).map(addressee).collect()
}

/// What a resolution says, in short.
#[derive(Debug, PartialEq)]
enum Says {
    /// So many messages.
    Arrived(usize),
    Absent,
    /// In so many seconds.
    NotYet(u64),
    /// So many messages, and whom it has none for.
    GivenUp(usize, Vec<ReferenceId>),
    /// The error's words.
    Failed(String),
}

async fn resolve(client: &Client, unsettled: &Unsettled) -> Says {
    match client.resolve(unsettled).await {
        Ok(Resolution::Arrived(messages)) => Says::Arrived(messages.len()),
        Ok(Resolution::Absent) => Says::Absent,
        Ok(Resolution::NotYet(wait)) => Says::NotYet(wait.as_secs()),
        Ok(Resolution::GivenUp { found, missing }) => {
            Says::GivenUp(found.len(), missing.iter().map(|to| to.reference).collect())
        }
        Err(error) => Says::Failed(error.to_string()),
    }
}

/// What is said of a send to so many, one second before it has settled, and when it has.
async fn check(platform: Platform, count: u64, before: Says, after: Says) -> Arc<Platform> {
    let (client, platform) = platform.client();
    let unsettled = client.unsettled(addressees(count));
    let settles = client.settle_time().as_secs();
    platform.pass(settles - 1);
    assert_eq!(resolve(&client, &unsettled).await, before, "before");
    platform.pass(1);
    assert_eq!(resolve(&client, &unsettled).await, after, "after");
    platform
}

fn misread(what: &str) -> Says {
    Says::Failed(format!("the platform's answer cannot be read: {what}"))
}

#[tokio::test]
async fn what_is_found_decides_and_absent_only_when_it_has_settled() {
    check(Platform::with(0..3), 3, Says::Arrived(3), Says::Arrived(3)).await;
    let missing = vec![reference("r1")];
    check(Platform::with([0, 2]), 3, Says::NotYet(1), Says::GivenUp(2, missing)).await;
    check(Platform::with([]), 3, Says::NotYet(1), Says::Absent).await;
    // Of a single message, which has no campaign.
    let one = || Platform::default().keeps(message(1, "r0", NUMBER, None));
    check(one(), 1, Says::Arrived(1), Says::Arrived(1)).await;
    check(Platform::default(), 1, Says::NotYet(1), Says::Absent).await;
    // The SMS of its alternative channel comes beside it.
    let sms = one().keeps(message(2, "r0", NUMBER, None));
    check(sms, 1, Says::Arrived(2), Says::Arrived(2)).await;
}

#[tokio::test]
async fn a_send_settles_after_the_longest_request_and_the_platforms_memory() {
    let (client, platform) = Platform::default().client();
    assert_eq!(client.settle_time(), client.request_timeout() + Duration::from_secs(15));
    platform.pass(1000);
    let unsettled = client.unsettled(addressees(1));
    for (passes, says) in
        [(0, Says::NotYet(5)), (70, Says::NotYet(5)), (2, Says::NotYet(3)), (3, Says::Absent)]
    {
        platform.pass(passes);
        assert_eq!(resolve(&client, &unsettled).await, says, "{passes}");
    }
}

#[tokio::test]
async fn another_client_resolves_by_the_wall_clock_within_its_bound() {
    let settle = Duration::from_secs(75);
    for (clock, wall, left) in [
        // It began long before, or long after, by its own monotonic clock.
        (900_000, 1_000_010, Says::NotYet(5)),
        (0, 1_000_074, Says::NotYet(1)),
        (0, 1_000_075, Says::Absent),
        // A wall clock that was set back does not make it wait for years.
        (0, 0, Says::NotYet(5)),
    ] {
        let (sender, platform) = Platform::default().client_at(500_000, 1_000_000);
        assert_eq!(sender.settle_time(), settle);
        let unsettled = sender.unsettled(addressees(1));
        drop(platform);
        let (other, _) = Platform::default().client_at(clock, wall);
        assert_eq!(resolve(&other, &unsettled).await, left, "{clock} {wall}");
    }
    let (client, _) = Platform::default().client_at(7, 0);
    for (age, says) in [(0, Says::NotYet(5)), (74, Says::NotYet(1)), (75, Says::Absent)] {
        let kept = client.unsettled_since(addressees(1), Duration::from_secs(age));
        assert_eq!(resolve(&client, &kept).await, says, "{age}");
    }
}

#[tokio::test]
async fn what_arrives_while_it_is_looked_for_is_not_absent() {
    let slow = Platform { a_look_takes: 1000, ..Platform::default() };
    let (client, _) = slow.client();
    let unsettled = client.unsettled(addressees(1));
    assert_eq!(resolve(&client, &unsettled).await, Says::NotYet(5));
    assert_eq!(resolve(&client, &unsettled).await, Says::Absent);
}

#[tokio::test]
async fn a_message_to_another_number_is_not_found() {
    let other = || Platform::default().keeps(message(1, "r0", NUMBER + 7, None));
    let missing = vec![reference("r0")];
    // The platform may write numbers in another form: it is not absent either.
    check(other(), 1, Says::NotYet(1), Says::GivenUp(0, missing.clone())).await;
    let of_two = Platform::with([1]).keeps(message(1, "r0", NUMBER + 7, Some(CAMPAIGN)));
    check(of_two, 2, Says::NotYet(1), Says::GivenUp(1, missing)).await;
}

#[tokio::test]
async fn a_message_of_which_no_number_is_said_is_not_absent() {
    for number in [json!(null), json!("hidden")] {
        let mut told = message(1, "r0", NUMBER, None);
        told["phone"] = number;
        check(Platform::default().keeps(told), 1, Says::Arrived(1), Says::Arrived(1)).await;
    }
}

/// What is listed for `r0` of three, and what is said when it has settled.
async fn check_listed(change: impl Fn(&mut Value), campaign: Option<u64>, after: Says) {
    let mut told = message(1, "r0", NUMBER, campaign);
    change(&mut told);
    let listed = Platform { passes_over: Some("filter[reference_id]"), ..Platform::default() };
    check(listed.keeps(told), 1, Says::NotYet(1), after).await;
}

#[tokio::test]
async fn what_cannot_be_matched_does_not_make_a_send_absent() {
    let given_up = || Says::GivenUp(0, vec![reference("r0")]);
    for odd in [Value::Null, json!("r 0"), json!({"id": "r0"})] {
        check_listed(|told| told["reference_id"] = odd.clone(), None, given_up()).await;
    }
    check_listed(|told| _ = told.as_object_mut().unwrap().remove("reference_id"), None, given_up())
        .await;
    check_listed(|told| told["id"] = Value::Null, None, given_up()).await;
    check_listed(|told| *told = Value::Null, None, given_up()).await;
    // Without a reference, but to a number that is none of the send's.
    let other = |told: &mut Value| {
        told["reference_id"] = Value::Null;
        told["phone"] = json!(NUMBER + 7);
    };
    check_listed(other, None, Says::Absent).await;
}

#[tokio::test]
async fn references_compare_without_case_and_a_message_without_a_status_is_there() {
    let platform = Platform::with(0..3).passes_over("filter[reference_id]");
    for told in platform.messages.lock().unwrap().iter_mut() {
        let upper = told["reference_id"].as_str().unwrap().to_uppercase();
        told["reference_id"] = json!(upper);
        told["status"] = Value::Null;
    }
    let (client, _) = platform.client();
    let found = client.look_up(&addressees(3)).await.unwrap();
    let references: Vec<_> = found.messages.iter().filter_map(|it| it.reference).collect();
    assert_eq!(references, [reference("r0"), reference("r1"), reference("r2")]);
    assert!(found.is_complete);
    let found = client.messages().find(reference("r1")).await.unwrap();
    assert_eq!((found.messages.len(), found.is_complete), (1, true));
}

#[tokio::test]
async fn a_campaign_that_lists_an_unreadable_message_is_not_complete() {
    for odd in [Value::Null, json!({"id": 7, "phone": NUMBER + 2, "campaign_id": CAMPAIGN})] {
        let platform = Platform::with([0, 1]).keeps(odd.clone());
        // Whole pages are read, narrowed or not.
        let (client, _) =
            Platform { passes_over: Some("filter[campaign_id]"), ..platform }.client();
        let found = client.look_up(&addressees(3)).await.unwrap();
        assert_eq!((found.messages.len(), found.is_complete), (2, false), "{odd}");
    }
}

#[tokio::test]
async fn the_campaign_of_a_message_to_another_number_is_not_ours() {
    // The reference was used before, for somebody else; our campaign came later.
    let elsewhere = message(1, "r0", NUMBER + 7, Some(4));
    let platform = Platform::default().keeps(elsewhere);
    platform.messages.lock().unwrap().extend(Platform::with(0..3).messages.into_inner().unwrap());
    check(platform, 3, Says::Arrived(3), Says::Arrived(3)).await;
}

#[tokio::test]
async fn what_was_found_by_its_reference_stays_found_if_its_campaign_is_listed_without_it() {
    let mut told = message(1, "r0", NUMBER, None);
    // As a text the client reads it, and this platform's filter does not find it.
    told["campaign_id"] = json!("9");
    let (client, platform) = Platform::default().keeps(told).client();
    let unsettled = client.unsettled(addressees(3));
    platform.pass(1000);
    let missing = vec![reference("r1"), reference("r2")];
    assert_eq!(resolve(&client, &unsettled).await, Says::GivenUp(1, missing));
    assert_eq!(platform.looks(), 2);
}

/// Thirty messages of others.
fn crowd() -> Platform {
    let stranger = |at: u64| message(at, &format!("x{at}"), NUMBER, Some(4));
    Platform { messages: Mutex::new((0..30).map(stranger).collect()), ..Platform::default() }
}

#[tokio::test]
async fn a_platform_that_passes_over_the_reference_never_says_absent() {
    let words = "the list is not narrowed to the reference";
    let crowd = crowd().passes_over("filter[reference_id]");
    check(crowd, 3, misread(words), misread(words)).await;
}

#[tokio::test]
async fn a_platform_that_passes_over_the_campaign_is_not_read_to_its_end() {
    let words = "the list is not narrowed to the campaign";
    let platform = crowd().passes_over("filter[campaign_id]");
    platform.messages.lock().unwrap().extend(Platform::with(0..3).messages.into_inner().unwrap());
    let platform = check(platform, 3, misread(words), misread(words)).await;
    assert_eq!(platform.looks(), 4, "two for each time");
}

#[tokio::test]
async fn a_whole_batch_is_found_through_its_campaign_at_a_bounded_cost() {
    let (client, platform) = Platform::with(0..5000).client();
    let unsettled = client.unsettled(addressees(5000));
    assert_eq!(resolve(&client, &unsettled).await, Says::Arrived(5000));
    assert_eq!(platform.looks(), 1 + 11, "one by a reference, pages of 500, and an empty one");

    // Those that are looked up first were all refused; the platform took one that is not.
    let (client, platform) = Platform::with([2500]).client();
    let unsettled = client.unsettled(addressees(5000));
    platform.pass(1000);
    assert_eq!(resolve(&client, &unsettled).await, Says::Absent, "only some are looked up");
    assert_eq!(platform.looks(), 8);

    let (client, platform) = Platform::with([4999]).client();
    let found = client.look_up(&addressees(5000)).await.unwrap();
    let campaign = found.campaign.map(u64::from);
    assert_eq!((campaign, found.messages.len()), (Some(CAMPAIGN), 1));
    assert_eq!(platform.looks(), 8 + 1);
}

#[tokio::test]
async fn a_known_reference_is_resolved_like_an_unknown_outcome() {
    let known = (422, r#"{"message": "Reference r0 is already known"}"#);
    for (platform, says) in [
        (Platform::with(0..3), Says::Arrived(3)),
        (Platform::with([0]), Says::GivenUp(1, vec![reference("r1"), reference("r2")])),
        // Known and not found: it is not sent again.
        (
            Platform::with([]),
            Says::GivenUp(0, vec![reference("r0"), reference("r1"), reference("r2")]),
        ),
    ] {
        *platform.to_sends.lock().unwrap() = known;
        let (client, platform) = platform.client();
        let outcome = client.campaigns().send(&text(), &campaign()).await.unwrap();
        let SendOutcome::AlreadyKnown(known) = outcome else { panic!("{outcome:?}") };
        assert_eq!(known.unsettled.addressees(), campaign().recipients().addressees());
        platform.pass(1000);
        assert_eq!(resolve(&client, &known.unsettled).await, says);
    }
}

#[tokio::test]
async fn a_send_that_nobody_answered_is_resolved_by_what_it_brings() {
    let platform = Platform::default().keeps(message(1, "r0", NUMBER, None));
    *platform.to_sends.lock().unwrap() = (502, "");
    let (client, _) = platform.client();
    let outcome = client.messages().send(&text(), &single()).await.unwrap();
    let SendOutcome::Unknown(unknown) = outcome else { panic!("{outcome:?}") };
    assert_eq!(resolve(&client, &unknown.unsettled).await, Says::Arrived(1));
}

#[tokio::test]
async fn a_send_to_lists_is_never_called_absent() {
    let platform = crowd();
    *platform.to_sends.lock().unwrap() = (500, "");
    let (client, platform) = platform.client();
    let outcome = client.campaigns().send_to_lists(&text(), &ids([3]), None).await.unwrap();
    let SendOutcome::Unknown(unknown) = outcome else { panic!("{outcome:?}") };
    assert!(unknown.unsettled.addressees().is_empty());
    assert_eq!(resolve(&client, &unknown.unsettled).await, Says::NotYet(5));
    platform.pass(client.settle_time().as_secs());
    assert_eq!(resolve(&client, &unknown.unsettled).await, Says::GivenUp(0, vec![]));
    assert_eq!(platform.looks(), 0, "there is nothing to look for");
}

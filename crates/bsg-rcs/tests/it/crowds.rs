//! Crowds: ten thousand sends at once, and the tokens that they need. The platform counts.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use bsg_rcs::{Client, SendOutcome, Transport, TransportError};
use bsg_rcs_transport::Bytes;
use bsg_rcs_transport::http::{Request, Response, StatusCode};
use tokio::sync::watch;
use tokio::task::{self, AbortHandle};

use crate::stage::{KEY, single, text};

type Answer = Result<Response<Bytes>, TransportError>;

/// What the platform of the crowd counts.
#[derive(Debug, Default, Clone)]
struct Counted {
    logins: u64,
    /// How often each token was refreshed, by its number.
    refreshes: BTreeMap<u64, u64>,
    refused: u64,
    accepted: u64,
}

#[derive(Debug, Default)]
struct Books {
    /// When each token that was given out ends.
    ends: Vec<u64>,
    counted: Counted,
    /// Tasks that were refused and have not come again.
    late: HashSet<task::Id>,
}

/// A platform for crowds: its time, which is the client's clock, is moved by the sends that it takes.
///
/// Three things make what it counts certain, however its callers are scheduled. Time never passes the
/// end of a token that nobody has renewed; it stands while a token is on its way to the client, and
/// until whoever was refused has come again. Who comes late with the token before is refused.
#[derive(Debug)]
struct Crowded {
    /// In milliseconds.
    time: Arc<AtomicU64>,
    moved: watch::Sender<u64>,
    books: Mutex<Books>,
    /// Of the tokens with these numbers, one send is held until its token has ended.
    held: Mutex<BTreeSet<u64>>,
    /// Whoever fetches a token first is given up meanwhile, and so is every so-manieth send.
    gives_up: Option<u64>,
    /// Tokens of which a fetch was given up already.
    given_up: Mutex<BTreeSet<u64>>,
}

/// How long its tokens live, and by how much a send moves its time, in milliseconds.
const LIFE: u64 = 10_000;
const STEP: u64 = 10;

impl Crowded {
    fn new(held: impl IntoIterator<Item = u64>, gives_up: Option<u64>) -> Arc<Self> {
        Arc::new(Self {
            time: Arc::default(),
            moved: watch::Sender::new(0),
            books: Mutex::default(),
            held: Mutex::new(held.into_iter().collect()),
            gives_up,
            given_up: Mutex::default(),
        })
    }

    fn client(self: &Arc<Self>) -> Client {
        let time = Arc::clone(&self.time);
        Client::builder()
            .base_url("https://platform.test")
            .api_key(KEY)
            .transport(Arc::clone(self))
            .clock(move || Duration::from_millis(time.load(Ordering::SeqCst)))
            .build()
            .unwrap()
    }

    fn counted(&self) -> Counted {
        self.books.lock().unwrap().counted.clone()
    }

    fn now(&self) -> u64 {
        self.time.load(Ordering::SeqCst)
    }

    /// Moves the time to here.
    fn move_to(&self, time: u64) {
        self.time.store(time, Ordering::SeqCst);
        self.moved.send_replace(time);
    }

    /// A new token.
    fn give(&self, books: &mut Books) -> Answer {
        let number = books.ends.len();
        books.ends.push(self.now() + LIFE);
        let claims = format!(r#"{{"iat":0,"exp":{},"id":{number}}}"#, LIFE / 1000);
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
        said(StatusCode::OK, format!(r#"{{"bearer": "{number}.{payload}.c2ln"}}"#))
    }

    /// The number of the token that a request carries, if it is in force.
    fn in_force(&self, books: &Books, request: &Request<Bytes>) -> Option<u64> {
        let number = number_of(request)?;
        let ends = books.ends.get(usize::try_from(number).unwrap()).expect("a token of ours");
        (self.now() < *ends).then_some(number)
    }

    fn login(&self) -> Answer {
        let mut books = self.books.lock().unwrap();
        books.counted.logins += 1;
        self.give(&mut books)
    }

    fn refresh(&self, request: &Request<Bytes>) -> Answer {
        let mut books = self.books.lock().unwrap();
        let number = self.in_force(&books, request);
        let Some(number) = number else { return said(StatusCode::UNAUTHORIZED, "") };
        *books.counted.refreshes.entry(number).or_default() += 1;
        self.give(&mut books)
    }

    fn send(&self, request: &Request<Bytes>) -> Answer {
        let mut books = self.books.lock().unwrap();
        let Some(number) = self.in_force(&books, request) else {
            books.counted.refused += 1;
            books.late.insert(task::id());
            return said(StatusCode::UNAUTHORIZED, r#"{"message": "Unauthenticated."}"#);
        };
        books.counted.accepted += 1;
        books.late.remove(&task::id());
        let newest = books.ends.len() - 1;
        if books.late.is_empty() && usize::try_from(number) == Ok(newest) {
            self.move_to((self.now() + STEP).min(books.ends[newest] - 1));
        }
        let id = books.counted.accepted;
        let told = format!(r#"{{"data": {{"id": {id}, "status": "accepted"}}}}"#);
        said(StatusCode::OK, told)
    }

    /// Waits until a token has ended.
    async fn ends(&self, number: u64) {
        let ends = self.books.lock().unwrap().ends[usize::try_from(number).unwrap()];
        let mut moves = self.moved.subscribe();
        moves.wait_for(|time| *time >= ends).await.unwrap();
    }
}

fn said(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    Ok(answer)
}

/// The number of the token that a request carries.
fn number_of(request: &Request<Bytes>) -> Option<u64> {
    let header = request.headers().get("authorization")?.to_str().unwrap();
    let number = header.strip_prefix("Bearer ").unwrap().split('.').next().unwrap();
    Some(number.parse().unwrap())
}

/// Gives up the task that runs this.
async fn give_up(platform: &Crowded) -> ! {
    platform.books.lock().unwrap().late.remove(&task::id());
    GIVEN_UP.with(|handle| handle.lock().unwrap().as_ref().unwrap().abort());
    std::future::pending().await
}

tokio::task_local! {
    /// How the task that runs can be given up.
    static GIVEN_UP: Arc<Mutex<Option<AbortHandle>>>;
}

#[async_trait]
impl Transport for Crowded {
    async fn exchange(&self, request: Request<Bytes>) -> Answer {
        let path = request.uri().path();
        if path.starts_with("/api/auth/") {
            let token = number_of(&request).map_or(0, |number| number + 1);
            let answer =
                if path == "/api/auth/login" { self.login() } else { self.refresh(&request) };
            task::yield_now().await;
            if self.gives_up.is_some() && self.given_up.lock().unwrap().insert(token) {
                give_up(self).await;
            }
            return answer;
        }
        let number = number_of(&request).unwrap();
        let late = self.books.lock().unwrap().late.contains(&task::id());
        if !late && self.held.lock().unwrap().remove(&number) {
            self.ends(number).await;
        }
        let answer = self.send(&request);
        let every = self.gives_up.unwrap_or(u64::MAX);
        if self.counted().accepted.is_multiple_of(every) {
            give_up(self).await;
        }
        answer
    }
}

/// Sends this often, from as many tasks; how many were accepted, and how many given up.
async fn send_at_once(client: &Client, times: u64) -> (u64, u64) {
    let send = |_| {
        let client = client.clone();
        let handle = Arc::new(Mutex::new(None));
        let work = GIVEN_UP.scope(Arc::clone(&handle), async move {
            client.messages().send(&text(), &single()).await
        });
        let mut own = handle.lock().unwrap();
        let task = tokio::spawn(work);
        *own = Some(task.abort_handle());
        drop(own);
        task
    };
    let tasks: Vec<_> = (0..times).map(send).collect();
    let mut ended = (0, 0);
    for task in tasks {
        match task.await {
            Ok(Ok(SendOutcome::Accepted(_))) => ended.0 += 1,
            Ok(other) => panic!("{other:?}"),
            Err(gone) if gone.is_cancelled() => ended.1 += 1,
            Err(panic) => panic!("{panic}"),
        }
    }
    ended
}

/// Whoever hangs fails.
async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), work).await.expect("somebody hangs")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_thousand_sends_log_in_once_and_refresh_once_for_every_token_that_ends() {
    let platform = Crowded::new(0..4, None);
    let client = platform.client();
    assert_eq!(in_time(send_at_once(&client, 10_000)).await, (10_000, 0));
    let counted = platform.counted();
    assert_eq!((counted.logins, counted.accepted), (1, 10_000));
    let tokens = platform.books.lock().unwrap().ends.len();
    assert!(tokens > 5, "{counted:?}");
    let once = (0..).map(|number| (number, 1)).take(tokens - 1).collect();
    assert_eq!(counted.refreshes, once, "every token but the last, each once");
    assert!(counted.refused >= 4, "those that were held came too late: {counted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_that_ended_while_nobody_called_is_replaced_by_one_login() {
    let platform = Crowded::new([], None);
    let client = platform.client();
    for day in 1..=5 {
        assert_eq!(in_time(send_at_once(&client, 500)).await, (500, 0));
        let counted = platform.counted();
        assert_eq!((counted.logins, counted.refreshes.len()), (day, 0), "{counted:?}");
        platform.move_to(day * 86_400_000);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_that_are_given_up_leave_nobody_hanging() {
    let platform = Crowded::new([], Some(13));
    let client = platform.client();
    let (accepted, given_up) = in_time(send_at_once(&client, 10_000)).await;
    assert_eq!(accepted + given_up, 10_000);
    let counted = platform.counted();
    // The one that logged in was given up, and another did; and so with every token.
    assert_eq!(counted.logins, 2, "{counted:?}");
    assert!(counted.refreshes.len() > 2, "{counted:?}");
    assert!(counted.refreshes.values().all(|times| (1..=2).contains(times)), "{counted:?}");
    assert!(counted.refreshes.values().any(|times| *times == 2), "{counted:?}");
    assert!(given_up > 700, "{given_up}");
}

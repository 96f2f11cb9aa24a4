//! What a test may rely on when it injects faults or captures requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bsg_rcs_transport::doubles::{Capturing, Faults, Faulty, NeverAnswers, Scripted};
use bsg_rcs_transport::http::{Request, Response};
use bsg_rcs_transport::retry::Retry;
use bsg_rcs_transport::{
    Bytes, Certainty, FailureKind, Repeat, Transport, TransportError, async_trait,
};

/// Answers everything, and counts.
#[derive(Debug, Default)]
struct Works(AtomicUsize);

#[async_trait]
impl Transport for Works {
    async fn exchange(&self, _: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Response::new(Bytes::new()))
    }
}

fn get(path: &str) -> Request<Bytes> {
    let uri = format!("https://host.invalid{path}");
    Request::get(uri).header("authorization", "Bearer secret").body(Bytes::new()).unwrap()
}

/// What a thousand exchanges over such a line come to, and how many of them arrived.
async fn check(seed: u64, faults: Faults) -> (Vec<Option<(Certainty, FailureKind)>>, usize) {
    let line = Faulty::new(Works::default(), seed, faults);
    let mut ends = Vec::new();
    for _ in 0..1000 {
        let outcome = line.exchange(get("/")).await;
        ends.push(outcome.err().map(|error| (error.certainty(), error.kind())));
    }
    let arrived = line.inner().0.load(Ordering::Relaxed);
    (ends, arrived)
}

#[tokio::test]
async fn each_fault_says_the_truth_about_what_arrived() {
    let none = Faults::default();
    for (faults, end, arrives) in [
        (none, None, true),
        (Faults { delayed: 1000, ..none }, None, true),
        (Faults { refused: 1000, ..none }, Some((Certainty::NotSent, FailureKind::Connect)), false),
        (Faults { lost: 1000, ..none }, Some((Certainty::MaybeSent, FailureKind::Timeout)), true),
        (Faults { cut: 1000, ..none }, Some((Certainty::MaybeSent, FailureKind::Broken)), true),
    ] {
        let (ends, arrived) = check(1, faults).await;
        assert!(ends.iter().all(|&seen| seen == end), "{faults:?}");
        assert_eq!(arrived, if arrives { 1000 } else { 0 }, "{faults:?}");
    }
}

#[tokio::test]
async fn the_seed_decides_everything_and_the_rates_how_often() {
    let faults = Faults { refused: 100, lost: 200, cut: 50, delayed: 100 };
    let (ends, arrived) = check(7, faults).await;
    assert_eq!((ends.clone(), arrived), check(7, faults).await);
    assert_ne!(ends, check(8, faults).await.0);

    let refused = ends.iter().filter(|end| matches!(end, Some((Certainty::NotSent, _)))).count();
    let failed = ends.iter().flatten().count();
    assert_eq!(arrived, 1000 - refused);
    assert!((60..=140).contains(&refused) && (290..=410).contains(&failed), "{refused} {failed}");
}

#[tokio::test]
async fn a_delayed_exchange_waits_for_the_hook_and_then_goes_well() {
    let (open, gate) = tokio::sync::watch::channel(false);
    let faults = Faults { delayed: 1000, ..Faults::default() };
    let line = Faulty::new(Works::default(), 1, faults).delayed_by(move || {
        let mut gate = gate.clone();
        Box::pin(async move {
            gate.wait_for(|&open| open).await.unwrap();
        })
    });
    let exchange = line.exchange(get("/"));
    tokio::pin!(exchange);
    let early = std::future::poll_fn(|context| {
        std::task::Poll::Ready(exchange.as_mut().poll(context).is_ready())
    });
    assert!(!early.await);
    assert_eq!(line.inner().0.load(Ordering::Relaxed), 0);
    open.send(true).unwrap();
    exchange.await.unwrap();
    assert_eq!(line.inner().0.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_was_asked_is_captured_and_given_back() {
    let transport = Arc::new(Capturing::new(Scripted::new()));
    transport.inner().push(Ok(Response::new(Bytes::from_static(b"one"))));
    assert_eq!(transport.exchange(get("/1")).await.unwrap().body(), "one");
    transport.exchange(get("/2")).await.unwrap_err();

    let paths = |requests: Vec<Request<Bytes>>| -> Vec<String> {
        requests.iter().map(|request| request.uri().path().to_owned()).collect()
    };
    assert_eq!(paths(transport.requests()), ["/1", "/2"]);
    assert_eq!(paths(transport.take()), ["/1", "/2"]);
    assert_eq!(paths(transport.requests()), [""; 0]);
    assert!(!format!("{transport:?}").contains("secret"));
}

#[tokio::test(start_paused = true)]
async fn a_request_whose_exchange_was_dropped_is_captured_too() {
    let transport = Capturing::new(NeverAnswers);
    let bound = std::time::Duration::from_secs(1);
    tokio::time::timeout(bound, transport.exchange(get("/1"))).await.unwrap_err();
    assert_eq!(transport.requests().len(), 1);
}

/// Over a line on which half of all exchanges fail, each with a different request.
async fn check_over_a_bad_line(repeat: Repeat) -> Vec<(usize, Option<Certainty>)> {
    let faults = Faults { refused: 200, lost: 200, cut: 100, delayed: 0 };
    let line = Arc::new(Faulty::new(Capturing::new(Works::default()), 11, faults));
    let transport = Retry::handed(Arc::clone(&line), |_| Box::pin(async {}), || 0);
    let mut ends = Vec::new();
    for _ in 0..500 {
        let mut request = get("/");
        request.extensions_mut().insert(repeat);
        let outcome = transport.exchange(request).await;
        let arrived = line.inner().take().len();
        ends.push((arrived, outcome.err().map(|error| error.certainty())));
    }
    ends
}

#[tokio::test]
async fn over_a_bad_line_what_must_not_arrive_twice_does_not_and_nobody_is_told_a_lie() {
    let ends = check_over_a_bad_line(Repeat::OnlyIfNotSent).await;
    assert!(ends.iter().all(|&(arrived, _)| arrived <= 1));
    let safe = check_over_a_bad_line(Repeat::Safe).await;
    assert!(safe.iter().any(|&(arrived, _)| arrived > 1));
    for (arrived, failed) in ends.into_iter().chain(safe) {
        match failed {
            Some(Certainty::NotSent) => assert_eq!(arrived, 0),
            Some(Certainty::MaybeSent) => {}
            None => assert!(arrived > 0),
        }
    }
}

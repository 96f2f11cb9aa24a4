//! A tower service as a transport: what its failures prove, and its bounds.

use std::convert::Infallible;
use std::future::Ready;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use bsg_rcs_transport::http::{Request, Response};
use bsg_rcs_transport::tower::TowerTransport;
use bsg_rcs_transport::{Bytes, Certainty, FailureKind, Timeout, Transport};
use http_body_util::{Empty, Full};
use tower::{Service, service_fn};

fn post() -> Request<Bytes> {
    Request::post("https://host/").body(Bytes::from_static(b"hello")).unwrap()
}

async fn check(transport: impl Transport, certainty: Certainty, kind: FailureKind) {
    let error = transport.exchange(post()).await.unwrap_err();
    assert_eq!((error.certainty(), error.kind()), (certainty, kind), "{error:?}");
}

async fn fails(_: Request<Bytes>) -> io::Result<Response<Empty<Bytes>>> {
    Err(io::ErrorKind::ConnectionRefused.into())
}

#[tokio::test]
async fn an_error_of_the_service_may_have_sent_unless_its_owner_knows_better() {
    check(TowerTransport::new(service_fn(fails)), Certainty::MaybeSent, FailureKind::Broken).await;
    let knowing = TowerTransport::new(service_fn(fails)).certainty(|error| match error.kind() {
        io::ErrorKind::ConnectionRefused => Certainty::NotSent,
        _ => Certainty::MaybeSent,
    });
    check(knowing, Certainty::NotSent, FailureKind::Connect).await;
}

/// Is never ready, or fails to be; must not be called.
#[derive(Clone)]
struct Unready(Poll<()>);

impl Service<Request<Bytes>> for Unready {
    type Response = Response<Empty<Bytes>>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.map(|()| Err(io::ErrorKind::Other.into()))
    }

    fn call(&mut self, _: Request<Bytes>) -> Self::Future {
        panic!("called without being ready")
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_does_not_get_ready_sent_nothing() {
    let broken = TowerTransport::new(Unready(Poll::Ready(())));
    check(broken, Certainty::NotSent, FailureKind::Connect).await;
    let busy = TowerTransport::new(Unready(Poll::Pending));
    check(busy, Certainty::NotSent, FailureKind::Timeout).await;
}

#[tokio::test(start_paused = true)]
async fn a_time_limit_that_strikes_in_the_call_may_have_sent() {
    let silent = || {
        service_fn(async |_: Request<Bytes>| {
            std::future::pending::<Result<Response<Empty<Bytes>>, Infallible>>().await
        })
    };
    let year = Duration::from_secs(365 * 24 * 3600);
    check(TowerTransport::new(silent()), Certainty::MaybeSent, FailureKind::Timeout).await;
    let transport = TowerTransport::new(silent()).timeout(year);
    let mut request = post();
    request.extensions_mut().insert(Timeout(Duration::from_secs(1)));
    let exchange = tokio::time::timeout(Duration::from_secs(2), transport.exchange(request));
    assert_eq!(exchange.await.unwrap().unwrap_err().kind(), FailureKind::Timeout);
}

#[tokio::test]
async fn an_answer_of_just_the_largest_size_is_accepted_and_one_byte_more_is_refused() {
    let echo = service_fn(async |request: Request<Bytes>| {
        Ok::<_, Infallible>(Response::new(Full::new(request.into_body())))
    });
    let transport = TowerTransport::new(echo).max_answer_bytes(5);
    assert_eq!(transport.exchange(post()).await.unwrap().body(), "hello");
    check(transport.max_answer_bytes(4), Certainty::MaybeSent, FailureKind::TooLarge).await;
}

#[test]
fn its_debug_output_tells_nothing_of_the_service() {
    let told = format!("{:?}", TowerTransport::new(service_fn(fails)));
    assert_eq!(told, "TowerTransport { timeout: 30s, max_answer_bytes: 16777216, .. }");
}

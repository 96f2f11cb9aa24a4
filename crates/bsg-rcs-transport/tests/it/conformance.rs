//! The kit passes a good transport, and catches each bad one at what it does wrong.

use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_transport::conformance::{Kit, laws};
use bsg_rcs_transport::http::header::{HeaderMap, LOCATION};
use bsg_rcs_transport::http::{Request, Response, Uri};
use bsg_rcs_transport::tower::TowerTransport;
use bsg_rcs_transport::{
    Bytes, Certainty, FailureKind, Timeout, Transport, TransportError, async_trait,
};
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tower::ServiceExt;

type Outcome = Result<Response<Bytes>, TransportError>;

/// The largest answer of the good transport, in bytes.
const LIMIT: usize = 4 * 1024 * 1024;

/// hyper-util's pooled client, as a transport.
fn good() -> impl Transport + 'static {
    let client = Client::builder(TokioExecutor::new())
        .retry_canceled_requests(false)
        .build_http::<Full<Bytes>>();
    let service = client.map_request(|request: Request<Bytes>| request.map(Full::new));
    TowerTransport::new(service).max_answer_bytes(LIMIT).certainty(|error| {
        if error.is_connect() { Certainty::NotSent } else { Certainty::MaybeSent }
    })
}

fn kit() -> Kit {
    Kit::new().without_tls().largest_answer(LIMIT)
}

#[tokio::test]
async fn a_good_transport_keeps_every_law() {
    kit().prove(good).await;
}

#[tokio::test]
async fn what_is_left_out_stands_in_the_report_with_its_reason() {
    let report = kit().without_names().run(good).await;
    let skipped: Vec<_> = report.skipped().map(|(_, reason)| reason).collect();
    let tls = "the transport has no TLS";
    assert_eq!(skipped, ["there is no resolver to ask", tls, tls]);
    let printed = report.to_string();
    assert_eq!(printed.lines().count(), laws().len());
    assert!(printed.contains("skipped  a failed tls handshake sent nothing: the transport has no"));
}

/// The good transport, spoiled.
struct Bad<F>(Arc<dyn Transport>, F);

impl<F> std::fmt::Debug for Bad<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bad")
    }
}

#[async_trait]
impl<F, R> Transport for Bad<F>
where
    F: Fn(Arc<dyn Transport>, Request<Bytes>) -> R + Send + Sync,
    R: Future<Output = Outcome> + Send,
{
    async fn exchange(&self, request: Request<Bytes>) -> Outcome {
        (self.1)(Arc::clone(&self.0), request).await
    }
}

/// Exactly these laws are broken by the good transport spoiled like this.
async fn check<F, R>(spoil: F, broken: &[&str])
where
    F: Fn(Arc<dyn Transport>, Request<Bytes>) -> R + Copy + Send + Sync + 'static,
    R: Future<Output = Outcome> + Send + 'static,
{
    // Whoever breaks a law may wait for this long; there are many of them.
    let kit = kit().patience(Duration::from_secs(5)).concurrency(100, 50);
    let report = kit.run(|| Bad(Arc::new(good()), spoil)).await;
    let seen: Vec<_> = report.broken().map(|(law, _)| law).collect();
    assert_eq!(seen, broken, "\n{report}");
}

async fn follow(good: Arc<dyn Transport>, request: Request<Bytes>) -> Outcome {
    let mut next = request.clone();
    let answer = good.exchange(request).await?;
    let location = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let Some(Ok(elsewhere)) = location.map(str::parse::<Uri>) else { return Ok(answer) };
    if !answer.status().is_redirection() || elsewhere.scheme_str() != Some("http") {
        return Ok(answer);
    }
    *next.uri_mut() = elsewhere;
    good.exchange(next).await
}

#[tokio::test]
async fn who_follows_redirects_is_caught() {
    let nowhere = "a_redirect_to_nowhere_is_an_answer_too";
    check(follow, &["a_redirect_is_not_followed", nowhere]).await;
}

/// The laws about failures after which the request may have left. The first ten are about losses.
const MAYBE_SENT: [&str; 14] = [
    "what_reached_a_closing_server_was_not_unsent",
    "a_reset_after_the_first_bytes_may_have_sent",
    "a_connection_closed_in_place_of_an_answer_may_have_sent",
    "a_connection_reset_in_place_of_an_answer_may_have_sent",
    "a_head_cut_short_may_have_sent",
    "a_body_shorter_than_announced_may_have_sent",
    "chunks_without_an_end_may_have_sent",
    "an_answer_that_is_no_http_may_have_sent",
    "a_request_that_failed_is_not_sent_again",
    "a_loss_on_a_reused_connection_is_told_and_not_sent_again",
    "a_time_limit_strikes_before_the_answer",
    "a_time_limit_strikes_within_the_body",
    "an_answer_that_announces_too_much_fails",
    "an_answer_that_turns_out_too_large_is_refused",
];

#[tokio::test]
async fn who_never_sent_anything_is_caught() {
    async fn deny(good: Arc<dyn Transport>, request: Request<Bytes>) -> Outcome {
        let outcome = good.exchange(request).await;
        outcome.map_err(|error| TransportError::not_sent(error.kind(), error))
    }
    check(deny, &MAYBE_SENT).await;
}

#[tokio::test]
async fn who_is_never_sure_is_caught() {
    async fn doubt(good: Arc<dyn Transport>, request: Request<Bytes>) -> Outcome {
        good.exchange(request).await.map_err(TransportError::into_maybe_sent)
    }
    let sure = ["a_refused_connection_sent_nothing", "a_name_that_does_not_resolve_sent_nothing"];
    check(doubt, &sure).await;
}

#[tokio::test]
async fn who_tries_again_after_a_failure_is_caught() {
    async fn repeat(good: Arc<dyn Transport>, request: Request<Bytes>) -> Outcome {
        match good.exchange(request.clone()).await {
            Err(error) if error.kind() == FailureKind::Broken => good.exchange(request).await,
            outcome => outcome,
        }
    }
    check(repeat, &MAYBE_SENT[..10]).await;
}

#[tokio::test]
async fn who_tries_again_after_a_server_error_is_caught() {
    async fn repeat(good: Arc<dyn Transport>, request: Request<Bytes>) -> Outcome {
        let answer = good.exchange(request.clone()).await?;
        if answer.status() == 503 { good.exchange(request).await } else { Ok(answer) }
    }
    check(repeat, &["every_status_is_an_answer", "a_server_error_is_not_tried_again"]).await;
}

/// The last value of each name.
fn single(headers: &HeaderMap) -> HeaderMap {
    let mut single = HeaderMap::new();
    for (name, value) in headers {
        single.insert(name.clone(), value.clone());
    }
    single
}

#[tokio::test]
async fn who_swallows_repeated_headers_is_caught() {
    async fn swallow(good: Arc<dyn Transport>, mut request: Request<Bytes>) -> Outcome {
        *request.headers_mut() = single(request.headers());
        let mut answer = good.exchange(request).await?;
        *answer.headers_mut() = single(answer.headers());
        Ok(answer)
    }
    let headers = ["a_request_arrives_with_every_header", "an_answer_comes_back_with_every_header"];
    check(swallow, &headers).await;
}

#[tokio::test]
async fn who_ignores_time_limits_is_caught() {
    async fn ignore(good: Arc<dyn Transport>, mut request: Request<Bytes>) -> Outcome {
        request.extensions_mut().remove::<Timeout>();
        good.exchange(request).await
    }
    let limits = ["a_time_limit_strikes_before_the_answer", "a_time_limit_strikes_within_the_body"];
    check(ignore, &limits).await;
}

#[tokio::test]
async fn who_goes_on_in_the_background_is_caught() {
    async fn detach(good: Arc<dyn Transport>, request: Request<Bytes>) -> Outcome {
        tokio::spawn(async move { good.exchange(request).await }).await.unwrap()
    }
    check(detach, &["a_dropped_exchange_closes_its_connection"]).await;
}

#[tokio::test]
async fn who_makes_errors_of_answers_is_caught() {
    async fn refuse(good: Arc<dyn Transport>, request: Request<Bytes>) -> Outcome {
        let answer = good.exchange(request).await?;
        if answer.status() == 500 {
            return Err(TransportError::maybe_sent(FailureKind::Other, "the server failed"));
        }
        Ok(answer)
    }
    check(refuse, &["every_status_is_an_answer", "a_server_error_is_not_tried_again"]).await;
}

#[tokio::test]
async fn who_cuts_bodies_is_caught() {
    async fn cut(good: Arc<dyn Transport>, request: Request<Bytes>) -> Outcome {
        Ok(good.exchange(request).await?.map(|body| body.slice(..body.len().min(0x10000))))
    }
    check(cut, &["an_answer_comes_back_with_its_whole_body"]).await;
}

#[tokio::test]
async fn who_quotes_the_address_in_its_errors_is_caught() {
    async fn quote(good: Arc<dyn Transport>, request: Request<Bytes>) -> Outcome {
        let uri = request.uri().to_string();
        good.exchange(request).await.map_err(|error| {
            if error.may_have_been_sent() {
                return error;
            }
            TransportError::not_sent(error.kind(), uri)
        })
    }
    let sure = ["a_refused_connection_sent_nothing", "a_name_that_does_not_resolve_sent_nothing"];
    check(quote, &sure).await;
}

#[tokio::test]
async fn who_panics_is_caught_and_the_other_laws_are_tried_all_the_same() {
    async fn panic(good: Arc<dyn Transport>, request: Request<Bytes>) -> Outcome {
        assert!(request.method() != "PATCH", "no patches here");
        good.exchange(request).await
    }
    check(panic, &["a_request_arrives_with_its_method"]).await;
}

#[tokio::test]
async fn one_law_can_be_put_to_the_proof_alone() {
    let law = laws().iter().find(|law| law.name() == "a_redirect_is_not_followed").unwrap();
    law.hold(&kit(), good()).await.unwrap();
    let seen = law.hold(&kit(), Bad(Arc::new(good()), follow)).await.unwrap_err();
    assert!(seen == "one request more came: POST /elsewhere", "{seen}");
}

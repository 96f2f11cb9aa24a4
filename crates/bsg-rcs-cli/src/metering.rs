//! What is measured, and the page where Prometheus reads it.
//!
//! | name | measures |
//! | --- | --- |
//! | `bsg_rcs_callbacks_total{result}`, `bsg_rcs_inbox_depth`, `bsg_rcs_inbox_group` | see the webhook crate |
//! | `bsg_rcs_callbacks_judged_total{verdict}` | callbacks kept: `ours`, `aside` |
//! | `bsg_rcs_commit_seconds` | how long keeping a group of callbacks took, the wait for the group before it included |
//! | `bsg_rcs_batches_total{outcome}` | batches that were settled |
//! | `bsg_rcs_recipients_settled`, `bsg_rcs_recipients` | recipients in settled batches, and in all |
//! | `bsg_rcs_api_seconds{call, status}` | exchanges with the platform; `none` where no answer came |
//! | `bsg_rcs_token_renewals_total` | tokens that were asked for |

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bsg_rcs_campaign::{Event, Progress};
use bsg_rcs_transport::{Bytes, Transport, TransportError, async_trait, http};
use bsg_rcs_webhook::axum::Router;
use bsg_rcs_webhook::axum::routing::get;
use bsg_rcs_webhook::{Bounds, serve};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::exit::Failure;
use crate::listen::listen;

/// Upper ends of the buckets of what is measured in seconds.
const SECONDS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];
/// Upper ends of the buckets of groups of callbacks.
const CALLBACKS: [f64; 6] = [1.0, 4.0, 16.0, 64.0, 256.0, 512.0];
/// How often what was measured is gathered, so that it does not pile up unread.
const GATHER_EVERY: Duration = Duration::from_secs(5);

/// Begins to measure, and serves `GET /metrics`.
pub(crate) fn page() -> Result<Router, Failure> {
    let fault = |why: &dyn std::fmt::Display| Failure::fault(format!("no metrics: {why}"));
    let seconds = Matcher::Suffix("_seconds".to_owned());
    let callbacks = Matcher::Full("bsg_rcs_inbox_group".to_owned());
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(seconds, &SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(callbacks, &CALLBACKS))
        .map_err(|why| fault(&why))?;
    let handle = builder.install_recorder().map_err(|why| fault(&why))?;
    tokio::spawn(gather(handle.clone()));
    Ok(Router::new().route("/metrics", get(move || async move { handle.render() })))
}

/// Serves a page at an address of its own, as long as the process lives.
pub(crate) async fn serve_at(address: SocketAddr, page: Router) -> Result<(), Failure> {
    let listener = listen(address).await?;
    tokio::spawn(serve(listener, page, Bounds::default(), std::future::pending()));
    Ok(())
}

async fn gather(handle: PrometheusHandle) {
    let mut every = tokio::time::interval(GATHER_EVERY);
    loop {
        every.tick().await;
        handle.run_upkeep();
    }
}

/// Seconds since a moment, as metrics have them.
pub(crate) fn seconds_since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64()
}

/// Now, to measure from.
#[expect(clippy::disallowed_methods, reason = "how long things take is for a person to see")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Counts events, and passes them on.
pub(crate) fn counted(progress: Progress) -> Progress {
    Arc::new(move |event| {
        match &event {
            Event::Settled { outcome, .. } => {
                let outcome = format!("{outcome:?}").to_lowercase();
                metrics::counter!("bsg_rcs_batches_total", "outcome" => outcome).increment(1);
            }
            Event::Batch { settled, of } => {
                metrics::gauge!("bsg_rcs_recipients_settled").set(lossy(*settled));
                metrics::gauge!("bsg_rcs_recipients").set(lossy(*of));
            }
            _ => {}
        }
        progress(event);
    })
}

/// A count as Prometheus has it.
#[expect(clippy::cast_precision_loss, reason = "a gauge of 2^53 recipients is good enough")]
fn lossy(count: u64) -> f64 {
    count as f64
}

/// A transport whose exchanges are measured, by call and status.
#[derive(Debug)]
pub(crate) struct Measured<T>(pub(crate) T);

#[async_trait]
impl<T: Transport> Transport for Measured<T> {
    async fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let call = call_of(&request);
        if call.contains("/api/auth/") {
            metrics::counter!("bsg_rcs_token_renewals_total").increment(1);
        }
        let began = now();
        let answer = self.0.exchange(request).await;
        let status = match &answer {
            Ok(answer) => answer.status().as_u16().to_string(),
            Err(_) => "none".to_owned(),
        };
        metrics::histogram!("bsg_rcs_api_seconds", "call" => call, "status" => status)
            .record(seconds_since(began));
        answer
    }
}

/// Method and path of a request, with ids left out: `GET /api/campaigns/{id}`.
fn call_of<B>(request: &http::Request<B>) -> String {
    let path = request.uri().path();
    let is_id = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> =
        path.split('/').map(|part| if is_id(part) { "{id}" } else { part }).collect();
    format!("{} {}", request.method(), parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_left_out_of_a_call() {
        for (uri, expected) in [
            ("http://x/api/campaigns/4419393338/detail?a=1", "GET /api/campaigns/{id}/detail"),
            ("http://x/api/messages", "GET /api/messages"),
        ] {
            let request = http::Request::get(uri).body(()).expect("a request");
            assert_eq!(call_of(&request), expected);
        }
    }
}

//! A transport of one's own, and the kit that proves it.
//!
//! It is built on hyper-util's client, which pools connections and has no TLS unless it is given
//! some. Run it with
//! `cargo run -p bsg-rcs-transport --example own_transport --features conformance`.
#![expect(clippy::print_stdout, reason = "it is a command-line program")]

use std::process::ExitCode;
use std::time::Duration;

use bsg_rcs_transport::conformance::Kit;
use bsg_rcs_transport::http::{Request, Response};
use bsg_rcs_transport::{Bytes, FailureKind, Timeout, Transport, TransportError, async_trait};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;

/// The largest answer that is accepted, in bytes.
const LIMIT: usize = 16 * 1024 * 1024;

#[derive(Debug)]
struct OwnTransport(Client<HttpConnector, Full<Bytes>>);

impl OwnTransport {
    fn new() -> Self {
        // The caller decides whether to send again, not the client.
        Self(Client::builder(TokioExecutor::new()).retry_canceled_requests(false).build_http())
    }

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let answer = self.0.request(request.map(Full::new)).await.map_err(while_sending)?;
        let (head, body) = answer.into_parts();
        let whole = Limited::new(body, LIMIT).collect().await.map_err(|cause| {
            let large = cause.is::<LengthLimitError>();
            let kind = if large { FailureKind::TooLarge } else { FailureKind::Broken };
            TransportError::maybe_sent(kind, cause)
        })?;
        Ok(Response::from_parts(head, whole.to_bytes()))
    }
}

/// An error of connecting comes before a connection stands, so it proves that nothing was sent.
fn while_sending(error: Error) -> TransportError {
    match error.is_connect() {
        true => TransportError::not_sent(FailureKind::Connect, error),
        false => TransportError::maybe_sent(FailureKind::Broken, error),
    }
}

#[async_trait]
impl Transport for OwnTransport {
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let bound = Timeout::of(request.extensions()).unwrap_or(Duration::from_secs(30));
        tokio::time::timeout(bound, self.send(request))
            .await
            .unwrap_or_else(|late| Err(TransportError::maybe_sent(FailureKind::Timeout, late)))
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let report = Kit::new().without_tls().largest_answer(LIMIT).run(OwnTransport::new).await;
    print!("{report}");
    if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

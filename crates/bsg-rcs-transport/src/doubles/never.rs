//! A server that takes every request and stays silent.

use async_trait::async_trait;
use bytes::Bytes;

use crate::error::TransportError;
use crate::transport::Transport;

/// Takes every request and never answers.
///
/// For cancellation, and for limits that the caller sets itself. It deliberately ignores
/// [`Timeout`](crate::Timeout): a caller that relies on its transport for that hangs here, which is
/// what the test is to show.
#[derive(Clone, Copy, Debug, Default)]
pub struct NeverAnswers;

#[async_trait]
impl Transport for NeverAnswers {
    async fn exchange(
        &self,
        _request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        std::future::pending().await
    }
}

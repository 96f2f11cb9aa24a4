//! What a fault script makes of a request.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use bytes::Bytes;
use http::StatusCode;
use http::header::{HeaderMap, HeaderValue, RETRY_AFTER};

use crate::app_state::AppState;
use crate::host::fault_rule::RequestFault;
use crate::net::lost::lost;
use crate::{reply, wall};

/// Lets a request go wrong, if the script says so.
pub(super) async fn apply(
    State(app): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let pattern = request.extensions().get::<MatchedPath>().map(|matched| matched.as_str());
    let paths = [path.as_str(), pattern.unwrap_or_default()];
    match app.host.request_fault(request.method().as_str(), paths) {
        None => next.run(request).await,
        Some(RequestFault::DropBefore) => lost(),
        Some(RequestFault::DropAfter) => {
            next.run(request).await;
            lost()
        }
        // The client may give up meanwhile: the request is carried out all the same.
        Some(RequestFault::DelayBefore(by)) => {
            let late = async move {
                wall::sleep(by).await;
                next.run(request).await
            };
            app.host.run(late).await.unwrap_or_else(lost)
        }
        Some(RequestFault::DelayAfter(by)) => {
            let answer = next.run(request).await;
            wall::sleep(by).await;
            answer
        }
        Some(RequestFault::Answer(status, headers, body)) => answer(status, headers, body),
        Some(RequestFault::Limited { per, .. }) => {
            let after = [(RETRY_AFTER, HeaderValue::from(per.as_secs()))];
            let refused = reply::refuse(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
            (after, refused).into_response()
        }
        Some(RequestFault::Garble) => {
            let status = next.run(request).await.status();
            (status, "{\"data\": {\"id\": 44193\u{0}<html>").into_response()
        }
    }
}

/// The answer of a script. Where a status has no body, there is none.
fn answer(status: StatusCode, headers: HeaderMap, body: Option<Bytes>) -> Response {
    let mut response = match body {
        _ if matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) => {
            Response::new(Body::empty())
        }
        Some(body) => Response::new(Body::from(body)),
        None => reply::refuse(status, "A fault script says so.").into_response(),
    };
    *response.status_mut() = status;
    response.headers_mut().extend(headers);
    response
}

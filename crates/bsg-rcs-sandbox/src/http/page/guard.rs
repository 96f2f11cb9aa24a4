//! Who may post, and what a browser may do with a page.
//!
//! Whatever a developer opens in the same browser could post here, or, by a name that it makes lead here, read. A
//! browser says for which site it asks; programs that are no browsers say nothing and are let in.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    CONTENT_SECURITY_POLICY, HOST, HeaderMap, HeaderName, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, StatusCode};

use crate::http::reply;
use crate::http::shared::Shared;

/// Own styles, own script, own server; no frame around it, no form to elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
    img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCES: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Refuses what another site has a browser post, and what comes under a name that is not this machine's.
pub(in crate::http) async fn apply(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let lured = shared.config().listen.ip().is_loopback() && is_lured(headers);
    if lured || (changes && is_cross_site(headers)) {
        let sentence = "Another site asks for this: open the sandbox by its own address.";
        return reply::refuse(StatusCode::FORBIDDEN, sentence).into_response();
    }
    next.run(request).await
}

/// What every page forbids the browser.
pub(super) async fn forbid(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (OPENER, "same-origin"),
        (RESOURCES, "same-origin"),
    ] {
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// Whether a browser says that another site asks.
fn is_cross_site(headers: &HeaderMap) -> bool {
    let said = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = said(&FETCH_SITE) {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = said(&ORIGIN) else { return false };
    let origin = origin.split_once("://").map_or(origin, |(_, host)| host);
    said(&HOST) != Some(origin)
}

/// Whether a browser came by a name that anybody could make lead here.
fn is_lured(headers: &HeaderMap) -> bool {
    let is_browser = headers.contains_key(&FETCH_SITE) || headers.contains_key(ORIGIN);
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let name = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or(host, |h| h.0);
    let is_address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    is_browser && !is_address && name != "localhost" && !name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(said: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        said.iter().map(pair).collect()
    }

    #[test]
    fn another_site_is_recognised() {
        for (said, expected) in [
            (&[("host", "127.0.0.1:8080")][..], false),
            (&[("host", "a:1"), ("sec-fetch-site", "same-origin")], false),
            (&[("host", "a:1"), ("sec-fetch-site", "none")], false),
            (&[("host", "a:1"), ("sec-fetch-site", "cross-site")], true),
            (&[("host", "a:1"), ("sec-fetch-site", "same-site")], true),
            (&[("host", "a:1"), ("origin", "http://a:1")], false),
            (&[("host", "a:1"), ("origin", "http://a:2")], true),
            (&[("host", "a:1"), ("origin", "null")], true),
        ] {
            assert_eq!(is_cross_site(&headers(said)), expected, "{said:?}");
        }
    }

    #[test]
    fn a_name_that_leads_here_is_recognised() {
        let browser = ("sec-fetch-site", "same-origin");
        for (host, expected) in [
            ("127.0.0.1:8080", false),
            ("[::1]:8080", false),
            ("[::1]", false),
            ("localhost:8080", false),
            ("sandbox.localhost", false),
            ("evil.example:8080", true),
            ("localhost.evil.example", true),
            ("", true),
        ] {
            assert_eq!(is_lured(&headers(&[("host", host), browser])), expected, "{host}");
            assert!(!is_lured(&headers(&[("host", host)])), "no browser: {host}");
        }
    }
}

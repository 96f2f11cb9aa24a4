//! Who may post, and what a browser may do with a page.
//!
//! Any page that a developer opens in the same browser could post here, or, by a name that it makes lead here, read. Posts
//! say for which site they are; a name that leads here is one of the public kind, with a dot in it, so the page and
//! steering are reached by an address, `localhost`, or a name without a dot.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    CONTENT_SECURITY_POLICY, HOST, HeaderMap, HeaderName, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, StatusCode};

use crate::reply;

/// Own styles, own script, own server; no frame around it, no form to elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
    img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCES: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Refuses what comes under a name that could be another site's, and what another site has a browser post. Names that
/// the configuration allows are the sandbox's own.
pub(crate) async fn apply(
    State(allowed): State<Arc<[String]>>,
    request: Request,
    next: Next,
) -> Response {
    let forbid = |sentence| reply::refuse(StatusCode::FORBIDDEN, sentence).into_response();
    if has_untrusted_host(request.headers(), &allowed) {
        return forbid(
            "Reach the sandbox by its address, by localhost, by a name without a dot, or allow this name (allow_hosts).",
        );
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && is_cross_site(request.headers()) {
        return forbid("Another site asks for this: open the sandbox by its own address.");
    }
    next.run(request).await
}

/// What every page forbids the browser.
pub(crate) async fn forbid(request: Request, next: Next) -> Response {
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

/// Whether it came by a name that anybody could make lead here.
fn has_untrusted_host(headers: &HeaderMap, allowed: &[String]) -> bool {
    let Some(host) = headers.get(HOST) else { return false };
    let host = host.to_str().unwrap_or("?.?");
    let name = host.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')).map_or(host, |h| h.0);
    let is_address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    let is_allowed = |one: &String| match one.strip_prefix('*') {
        Some(end) => name.len() > end.len() && name.ends_with(end),
        None => name.eq_ignore_ascii_case(one),
    };
    let is_public = !is_address && name.contains('.') && !name.ends_with(".localhost");
    is_public && !allowed.iter().any(is_allowed)
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
        let allowed = ["host.docker.internal".to_owned(), "*.svc.cluster.local".to_owned()];
        for (host, expected) in [
            ("127.0.0.1:8080", false),
            ("[::1]:8080", false),
            ("[::1]", false),
            ("localhost:8080", false),
            ("sandbox:8080", false),
            ("sandbox.localhost", false),
            ("host.docker.internal:8080", false),
            ("rcs.svc.cluster.local", false),
            (".svc.cluster.local", true),
            ("svc.cluster.local", true),
            ("evil.example:8080", true),
            ("localhost.evil.example", true),
            ("127.0.0.1.evil.example", true),
        ] {
            assert_eq!(
                has_untrusted_host(&headers(&[("host", host)]), &allowed),
                expected,
                "{host}"
            );
        }
        assert!(!has_untrusted_host(&headers(&[]), &allowed), "without a host no name leads here");
    }
}

//! Calls that have no method of their own.

use bsg_rcs::{Certainty, ErrorKind};
use bsg_rcs_transport::http::Method;
use bsg_rcs_transport::{Bytes, Repeat};
use serde_json::json;

use crate::stage::Step::{Answer, Login};
use crate::stage::{answered, client, json, line};

#[tokio::test]
async fn a_call_of_ones_own_carries_the_token_and_brings_any_answer() {
    let told = r#"{"data": {"novelty": 1}}"#;
    for (status, told) in [(200, told), (404, told), (503, "<html>"), (204, "")] {
        let (client, script) = answered(status, told);
        let body = Bytes::from_static(br#"{"a": 1}"#);
        let answer = client.raw(Method::PUT, "/api/new/thing?a=b%20c", body).await.unwrap();
        assert_eq!((answer.status().as_u16(), &answer.body()[..]), (status, told.as_bytes()));
        let request = script.requests().pop().unwrap();
        assert_eq!(line(&request), "PUT /api/new/thing?a=b%20c");
        assert_eq!(json(&request), json!({"a": 1}));
        assert_eq!(request.headers()["authorization"], "Bearer tok3n.of.login");
        assert_eq!(Repeat::of(request.extensions()), Repeat::OnlyIfNotSent);
    }
    let (asking, script) = answered(200, told);
    asking.raw(Method::GET, "/api/new", Bytes::new()).await.unwrap();
    assert_eq!(Repeat::of(script.requests()[1].extensions()), Repeat::Safe);

    let (client, script) = client(&[Login, Answer(401, ""), Login, Answer(401, "")]);
    let error = client.raw(Method::GET, "/api/new", Bytes::new()).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::KeyRefused(_)), "{error}");
    assert_eq!(script.remaining(), 0);
}

#[tokio::test]
async fn a_call_of_ones_own_stays_with_the_platform() {
    for path in ["", "api/new", "@elsewhere.test/", ".elsewhere.test/", ":1/", "//\n"] {
        let (client, script) = answered(200, "{}");
        let error = client.raw(Method::GET, path, Bytes::new()).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Request(_)), "{path}: {error}");
        assert_eq!(error.certainty(), Certainty::NotSent);
        let hosts = script.requests();
        let hosts: Vec<_> = hosts.iter().map(|request| request.uri().host().unwrap()).collect();
        assert!(hosts.iter().all(|host| *host == "platform.test"), "{path}: {hosts:?}");
        assert_eq!(script.remaining(), if path.starts_with('/') { 1 } else { 2 }, "{path}");
    }
}

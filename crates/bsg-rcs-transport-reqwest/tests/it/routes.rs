//! Which way an exchange goes: through the proxy, or straight to this machine.

use bsg_rcs_transport::{Certainty, FailureKind, Transport};
use bsg_rcs_transport_reqwest::ReqwestTransport;

use crate::server::{Server, post};

const DONE: &str = "HTTP/1.1 204 No Content\r\n\r\n";

#[tokio::test]
async fn another_machine_is_reached_through_the_proxy() {
    let proxy = Server::start().await;
    let transport = ReqwestTransport::builder().proxy(proxy.url("")).build().unwrap();
    let (outcome, seen) = tokio::join!(
        transport.exchange(post("http://nowhere.invalid/far")),
        proxy.answer_once(DONE)
    );
    outcome.unwrap();
    assert!(seen.starts_with("POST http://nowhere.invalid/far HTTP/1.1\r\n"), "{seen}");
}

#[tokio::test]
async fn this_machine_is_reached_without_the_proxy() {
    let (proxy, server) = (Server::start().await, Server::start().await);
    let transport = ReqwestTransport::builder().proxy(proxy.url("")).build().unwrap();
    let (outcome, seen) =
        tokio::join!(transport.exchange(post(&server.url("/near"))), server.answer_once(DONE));
    outcome.unwrap();
    assert!(seen.starts_with("POST /near HTTP/1.1\r\n"), "{seen}");
}

#[tokio::test]
async fn a_proxy_that_refuses_the_tunnel_sent_nothing() {
    let proxy = Server::start().await;
    let transport = ReqwestTransport::builder().proxy(proxy.url("")).build().unwrap();
    let (outcome, seen) = tokio::join!(
        transport.exchange(post("https://nowhere.invalid/far")),
        proxy.answer_once("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
    );
    let error = outcome.unwrap_err();
    assert_eq!((error.certainty(), error.kind()), (Certainty::NotSent, FailureKind::Connect));
    assert!(seen.starts_with("CONNECT nowhere.invalid:443 HTTP/1.1\r\n"), "{seen}");
    assert!(!seen.contains("opensesame"), "{seen}");
}

#[test]
fn a_proxy_that_is_no_address_is_refused_and_its_password_stays_hidden() {
    let builder = ReqwestTransport::builder().proxy("http://user:opensesame@1.2.3.400");
    assert!(!format!("{builder:?}").contains("opensesame"));
    let error = builder.build().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("opensesame"), "{error:?}");

    let transport =
        ReqwestTransport::builder().proxy("http://user:opensesame@127.0.0.1:1").build().unwrap();
    assert!(!format!("{transport:?}").contains("opensesame"));
}

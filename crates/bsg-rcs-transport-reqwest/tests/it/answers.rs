//! What this transport adds to a request, and what it makes of odd answers.

use bsg_rcs_transport::{Certainty, FailureKind, Transport};

use crate::server::{Server, exchange, post, settings, transport};

#[tokio::test]
async fn a_request_without_a_user_agent_gets_ours() {
    let (server, transport) = (Server::start().await, transport());
    let (response, seen) = tokio::join!(
        transport.exchange(post(&server.url("/"))),
        server.answer_once("HTTP/1.1 204 No Content\r\n\r\n")
    );
    response.unwrap();
    let ours = concat!("\r\nuser-agent: bsg-rcs/", env!("CARGO_PKG_VERSION"), "\r\n");
    assert!(seen.contains(ours), "{seen}");
}

#[tokio::test]
async fn a_user_agent_can_be_chosen() {
    let server = Server::start().await;
    let transport = settings().user_agent("newsletter/2.1").build().unwrap();
    let (response, seen) = tokio::join!(
        transport.exchange(post(&server.url("/"))),
        server.answer_once("HTTP/1.1 204 No Content\r\n\r\n")
    );
    response.unwrap();
    assert!(seen.contains("\r\nuser-agent: newsletter/2.1\r\n"), "{seen}");
}

/// reqwest's redirect layer, which is switched off, would make an error of such an answer.
#[tokio::test]
async fn a_redirect_to_what_is_no_address_is_an_answer() {
    let server = Server::start().await;
    let url = server.url("/");
    let answer = "HTTP/1.1 308 Permanent Redirect\r\nlocation: \u{fc}\r\ncontent-length: 0\r\n\r\n";
    let (outcome, _) = tokio::join!(exchange(&url), server.answer_once(answer));
    assert_eq!(outcome.unwrap().status(), 308);
}

#[tokio::test]
async fn an_answer_of_just_the_largest_size_is_accepted_and_one_byte_more_is_refused() {
    let transport = settings().max_answer_bytes(5).build().unwrap();
    for (answer, accepted) in [
        ("content-length: 5\r\n\r\nhello", true),
        ("content-length: 6\r\n\r\nhello!", false),
        ("transfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", true),
        ("transfer-encoding: chunked\r\n\r\n3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n", false),
        ("content-length: 18446744073709551000\r\n\r\nhello", false),
    ] {
        let server = Server::start().await;
        let (outcome, _) = tokio::join!(
            transport.exchange(post(&server.url("/"))),
            server.answer_once(format!("HTTP/1.1 200 OK\r\n{answer}"))
        );
        let refusal = outcome.map(|_| ()).map_err(|error| (error.certainty(), error.kind()));
        let too_large = (Certainty::MaybeSent, FailureKind::TooLarge);
        assert_eq!(refusal, if accepted { Ok(()) } else { Err(too_large) }, "{answer}");
    }
}

//! What a failure proves: `NotSent` before a connection stands, `MaybeSent` from then on.

use super::server::{Connection, Server};
use super::subject::{NUMBER, Seen, Subject, failed, hides, post};
use crate::error::Certainty;

fn private() -> String {
    format!("/private/{NUMBER}")
}

pub(super) async fn a_refused_connection_sent_nothing(subject: Subject) -> Seen {
    // Bound but not listening: nobody else can take the port, and connecting is refused.
    let socket = tokio::net::TcpSocket::new_v4().map_err(|error| error.to_string())?;
    let port = "127.0.0.1:0".parse().map_err(|_| "the kit's address is none")?;
    socket.bind(port).map_err(|error| error.to_string())?;
    let address = socket.local_addr().map_err(|error| error.to_string())?;
    let outcome = subject.alone(post(&format!("http://{address}{}", private()))?).await?;
    failed(&outcome, Certainty::NotSent)
}

pub(super) async fn a_name_that_does_not_resolve_sent_nothing(subject: Subject) -> Seen {
    let outcome = subject.alone(post(&format!("http://nowhere.invalid{}", private()))?).await?;
    failed(&outcome, Certainty::NotSent)
}

pub(super) async fn a_failed_tls_handshake_sent_nothing(subject: Subject) -> Seen {
    let server = Server::start().await?;
    let request = post(&server.tls_url(&private()))?;
    let part = async { server.accept().await?.say("220 this is no TLS\r\n").await };
    let (outcome, ()) = subject.meets(&server, request, part).await?;
    failed(&outcome, Certainty::NotSent)
}

pub(super) async fn a_tls_handshake_that_is_cut_off_sent_nothing(subject: Subject) -> Seen {
    let server = Server::start().await?;
    let request = post(&server.tls_url(&private()))?;
    let part = async { server.accept().await?.reset() };
    let (outcome, ()) = subject.meets(&server, request, part).await?;
    failed(&outcome, Certainty::NotSent)
}

/// The server closes its side at once, and then counts what comes all the same. `NotSent` is a
/// failure only if something came.
pub(super) async fn what_reached_a_closing_server_was_not_unsent(subject: Subject) -> Seen {
    let server = Server::start().await?;
    let request = post(&server.url(&private()))?;
    let part = async {
        let mut connection = server.accept().await?;
        connection.say_goodbye().await?;
        Ok(connection.closed().await)
    };
    let (outcome, came) = subject.meets(&server, request, part).await?;
    match failed(&outcome, Certainty::NotSent) {
        Ok(()) if came > 0 => Err(format!("it says NotSent, and {came} bytes had arrived")),
        Ok(()) => Ok(()),
        Err(_) => failed(&outcome, Certainty::MaybeSent),
    }
}

pub(super) async fn a_reset_after_the_first_bytes_may_have_sent(subject: Subject) -> Seen {
    let server = Server::start().await?;
    let request = post(&server.url(&private()))?;
    let part = async {
        let mut connection = server.accept().await?;
        let came = connection.first_bytes().await;
        connection.reset()?;
        if came == 0 { Err("no byte of the request came".to_owned()) } else { Ok(()) }
    };
    let (outcome, ()) = subject.meets(&server, request, part).await?;
    failed(&outcome, Certainty::MaybeSent)
}

/// The server reads one whole request and does this in place of a whole answer.
async fn check_after_request(subject: Subject, then: impl AsyncFnOnce(Connection) -> Seen) -> Seen {
    let server = Server::start().await?;
    let request = post(&server.url(&private()))?;
    let part = async {
        let mut connection = server.accept().await?;
        connection.request().await?;
        then(connection).await
    };
    let (outcome, ()) = subject.meets(&server, request, part).await?;
    failed(&outcome, Certainty::MaybeSent)?;
    hides("the transport's own Debug output", &format!("{:?}", subject.transport))
}

pub(super) async fn a_connection_closed_in_place_of_an_answer_may_have_sent(
    subject: Subject,
) -> Seen {
    check_after_request(subject, async |connection| {
        drop(connection);
        Ok(())
    })
    .await
}

pub(super) async fn a_connection_reset_in_place_of_an_answer_may_have_sent(
    subject: Subject,
) -> Seen {
    check_after_request(subject, async |connection| connection.reset()).await
}

/// These bytes, and the connection is closed in order.
async fn check_after(subject: Subject, bytes: &str) -> Seen {
    check_after_request(subject, async |mut connection| connection.say(bytes).await).await
}

pub(super) async fn a_head_cut_short_may_have_sent(subject: Subject) -> Seen {
    check_after(subject, "HTTP/1.1 200 OK\r\ncontent-le").await
}

pub(super) async fn a_body_shorter_than_announced_may_have_sent(subject: Subject) -> Seen {
    check_after(subject, "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this").await
}

pub(super) async fn chunks_without_an_end_may_have_sent(subject: Subject) -> Seen {
    check_after(subject, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n").await
}

pub(super) async fn an_answer_that_is_no_http_may_have_sent(subject: Subject) -> Seen {
    check_after(subject, "530 who are you?\r\n\r\n").await
}

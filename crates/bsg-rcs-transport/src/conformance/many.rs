//! Any number of exchanges at once.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::server::{Connection, Server};
use super::subject::{Seen, Subject, answered, post_with, same_bytes};

/// Answers every request with its own request line and body.
async fn mirror(mut connection: Connection) {
    while let Some(request) = connection.try_request().await {
        let mut body = request.line().as_bytes().to_vec();
        body.extend_from_slice(&request.body);
        let length = body.len();
        let mut answer =
            format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes();
        answer.extend(body);
        if connection.say(answer).await.is_err() {
            return;
        }
    }
}

async fn serve(server: Server) {
    let mut connections = JoinSet::new();
    while let Ok(connection) = server.accept().await {
        connections.spawn(mirror(connection));
    }
}

async fn one(subject: Subject, url: String, number: usize, turn: Arc<Semaphore>) -> Seen {
    let _turn = turn.acquire().await.map_err(|error| error.to_string())?;
    let body = Bytes::from(format!("body {number}"));
    let outcome = subject.alone(post_with(&format!("{url}/{number}"), body)?).await?;
    let asked = format!("POST /{number}body {number}");
    same_bytes(&format!("answer {number}"), answered(outcome)?.body(), asked.as_bytes())
}

pub(super) async fn of_many_at_once_each_gets_its_own_answer(subject: Subject) -> Seen {
    let server = Server::start().await?;
    let url = server.url("");
    let mut serving = JoinSet::new();
    serving.spawn(serve(server));

    let turn = Arc::new(Semaphore::new(subject.terms.at_once));
    let mut exchanges = JoinSet::new();
    for number in 0..subject.terms.exchanges {
        exchanges.spawn(one(subject.clone(), url.clone(), number, Arc::clone(&turn)));
    }
    while let Some(ended) = exchanges.join_next().await {
        ended.map_err(|error| format!("an exchange panicked: {error}"))??;
    }
    Ok(())
}

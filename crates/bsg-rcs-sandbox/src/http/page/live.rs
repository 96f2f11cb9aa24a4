//! Tells a page that something has changed, as server-sent events; the page fetches itself again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use tokio::sync::watch;

use crate::http::shared::Shared;
use crate::wall;

/// The least time between two events: who looks needs no more.
const AT_MOST_EVERY: Duration = Duration::from_millis(250);
/// How often to look where time passes by itself, for the clock's sake.
const WHILE_TIME_PASSES: Duration = Duration::from_secs(2);

/// `GET /page/changes`
pub(super) async fn changes(
    State(shared): State<Arc<Shared>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let passes = !shared.config().speed.is_virtual();
    let heard = shared.changes();
    drop(shared);
    let stream =
        futures_util::stream::unfold((heard, true), move |(mut heard, first)| async move {
            // The first tells that it is connected: what changed before is fetched, too.
            if !first {
                wall::sleep(AT_MOST_EVERY).await;
                next(&mut heard, passes).await?;
            }
            Some((Ok(Event::default().data("changed")), (heard, false)))
        });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

async fn next(heard: &mut watch::Receiver<()>, passes: bool) -> Option<()> {
    if passes {
        return match wall::within(WHILE_TIME_PASSES, heard.changed()).await {
            Some(Err(_)) => None,
            _ => Some(()),
        };
    }
    heard.changed().await.ok()
}

//! Tells a page that something has changed, as server-sent events; the page fetches itself again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use tokio::sync::watch;

use crate::app_state::AppState;
use crate::net::accept_gate::Stands;
use crate::wall;

/// The least time between two events: who looks needs no more.
const AT_MOST_EVERY: Duration = Duration::from_millis(250);
/// How often to look where time passes by itself, for the clock's sake.
const WHILE_TIME_PASSES: Duration = Duration::from_secs(2);

/// `GET /page/changes`
pub(crate) async fn changes(
    State(app): State<Arc<AppState>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let passes = !app.host.config().speed.is_virtual();
    let (heard, gate) = (app.host.changes(), app.gate.watch());
    drop(app);
    let stream =
        futures_util::stream::unfold((heard, gate, true), move |(heard, gate, first)| async move {
            let (mut heard, mut gate) = (heard, gate);
            // The first tells that it is connected: what changed before is fetched, too.
            if !first {
                tokio::select! {
                    // While connections are refused, those that there are end.
                    _ = gate.wait_for(|stands| *stands != Stands::Open) => return None,
                    more = next(&mut heard, passes) => more?,
                }
            }
            Some((Ok(Event::default().data("changed")), (heard, gate, false)))
        });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

async fn next(heard: &mut watch::Receiver<()>, passes: bool) -> Option<()> {
    wall::sleep(AT_MOST_EVERY).await;
    if passes {
        return match wall::within(WHILE_TIME_PASSES, heard.changed()).await {
            Some(Err(_)) => None,
            _ => Some(()),
        };
    }
    heard.changed().await.ok()
}

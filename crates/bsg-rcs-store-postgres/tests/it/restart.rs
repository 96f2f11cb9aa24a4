//! The server dies and comes back: what was answered is there, and the store goes on by itself.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bsg_rcs_domain::MessageId;

use bsg_rcs_store::prelude::*;

use crate::database::{self, ID, called_back, planned};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "it restarts the server of all tests: `cargo xtask prove` runs it alone"]
async fn what_was_answered_survives_a_crash_of_the_server() {
    let Some(url) = database::url() else { return };
    let restart = std::env::var("BSG_RCS_TEST_POSTGRES_RESTART").unwrap();
    let store = Arc::new(database::store(&url).await);
    planned(&*store, 1).await;
    let answered = Arc::new(AtomicU64::new(0));
    for crash in 1..=3 {
        let (writer, progress) = (Arc::clone(&store), Arc::clone(&answered));
        let writing = tokio::spawn(async move {
            loop {
                let next = progress.load(Ordering::SeqCst) + 1;
                let kept = writer.keep_callbacks(vec![called_back(0, next, "sent")]).await;
                if kept.is_err() {
                    return;
                }
                progress.store(next, Ordering::SeqCst);
            }
        });
        while answered.load(Ordering::SeqCst) < crash * 50 {
            tokio::task::yield_now().await;
        }
        assert!(Command::new(&restart).status().unwrap().success());
        // The call that was under way fails; or none was, and it goes on.
        writing.abort();
        let _ = writing.await;
        let kept = store.reports(ID, 0).await.expect("the store goes on");
        for message in (1..=answered.load(Ordering::SeqCst)).map(MessageId) {
            assert!(kept.iter().any(|report| report.message == message), "lost: {message:?}");
        }
    }
}

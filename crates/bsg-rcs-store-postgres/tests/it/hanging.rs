//! Others that hang: a client that holds locks is cut off by the server, so that no other waits
//! long, and a call that is dropped does not keep its connection busy.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bsg_rcs_store::prelude::*;
use bsg_rcs_store_postgres::PostgresStore;
use tokio_postgres::NoTls;

use crate::database::{self, ID, called_back, planned};

/// The longest that one receiver may be held up by another that hangs.
const LONGEST: Duration = Duration::from_secs(6);

/// Names the schema for the process that is stopped.
const SCHEMA: &str = "BSG_RCS_TEST_SCHEMA";

#[expect(clippy::disallowed_methods, reason = "the test measures how long it takes")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

/// A client whose statements are carried out by hand.
async fn client(url: &str, schema: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(&format!("SET search_path TO {schema}")).await.unwrap();
    client
}

/// `BSG_RCS_TEST_STOPS` says how often it is stopped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stderr, reason = "the longest wait is for a person")]
async fn a_stopped_receiver_holds_up_no_other_for_long() {
    let Some(url) = database::url() else { return };
    let schema = database::schema();
    let store = PostgresStore::open_in(&url, &schema).await.unwrap();
    planned(&store, 3).await;
    let mut other = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "hanging::keeps_callbacks"])
        .env(SCHEMA, &schema)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let signal = |name: &str| {
        let id = other.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    };
    // It has begun when its first report is there.
    while store.reports(ID, 0).await.unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    let mut longest = Duration::ZERO;
    let rounds = std::env::var("BSG_RCS_TEST_STOPS").map_or(4, |text| text.parse().unwrap());
    for round in 0..rounds {
        // Some callbacks of ours in between, so that it is stopped in the middle of anything.
        for message in 0..(round % 7) * 3 {
            let id = 1_000_000 + round * 1000 + message;
            store.keep_callbacks(vec![called_back(2, id, "sent")]).await.unwrap();
        }
        signal("-STOP");
        let began = now();
        for message in 0..5 {
            let id = 2_000_000 + round * 1000 + message;
            let all = (0..3).map(|index| called_back(index, id, "sent")).collect();
            store.keep_callbacks(all).await.expect("it is kept, late at worst");
            store.changes(0, 1).await.expect("the log is read");
        }
        longest = longest.max(began.elapsed());
        signal("-CONT");
    }
    other.kill().unwrap();
    other.wait().unwrap();
    eprintln!("{rounds} stops, held up for {longest:?} at most");
    assert!(longest < LONGEST, "held up for {longest:?}");
}

#[tokio::test]
#[ignore = "a part for a child process"]
async fn keeps_callbacks() {
    let (Some(url), Ok(schema)) = (database::url(), std::env::var(SCHEMA)) else { return };
    let store = PostgresStore::open_in(&url, &schema).await.unwrap();
    for message in 0.. {
        let all = (0..3).map(|index| called_back(index, message, "sent")).collect();
        // Cut off while it was stopped, it goes on.
        let _ = store.keep_callbacks(all).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_call_does_not_block_its_connection() {
    let Some(url) = database::url() else { return };
    let schema = database::schema();
    let store = Arc::new(PostgresStore::open_in(&url, &schema).await.unwrap());
    planned(&*store, 1).await;
    // Another holds the recipient: every call that is dropped waits for it.
    let holder = client(&url, &schema).await;
    holder.batch_execute("BEGIN; SELECT 1 FROM messages FOR UPDATE").await.unwrap();
    let waiting = client(&url, &schema).await;
    for round in 0..12 {
        let keeping = Arc::clone(&store);
        let call = tokio::spawn(async move {
            keeping.keep_callbacks(vec![called_back(0, round, "sent")]).await
        });
        // Until it waits.
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
            AND query LIKE '%FOR NO KEY UPDATE%'";
        while waiting.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::task::yield_now().await;
        }
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
    }
    // More calls were dropped than there are connections; another call is answered at once.
    let began = now();
    store.campaign(ID).await.expect("a connection is free");
    assert!(began.elapsed() < Duration::from_secs(2), "it took {:?}", began.elapsed());
    holder.batch_execute("ROLLBACK").await.unwrap();
    let kept = store.reports(ID, 0).await.unwrap();
    assert!(kept.is_empty(), "what was dropped was not carried out: {kept:?}");
}

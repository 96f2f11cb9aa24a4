//! A database of its own in the server that `cargo xtask postgres` started for these tests.

use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio_postgres::NoTls;

pub(crate) struct Database {
    pub(crate) url: String,
}

impl Database {
    /// A fresh one; without a server, the test says that it skips.
    pub(crate) fn fresh() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let Ok(url) = std::env::var("BSG_RCS_TEST_POSTGRES") else {
            eprintln!("skipped: it needs a server (cargo xtask postgres -- cargo test)");
            return None;
        };
        let name = format!("d{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        });
        let (server, _) = url.rsplit_once('/').unwrap();
        Some(Self { url: format!("{server}/{name}") })
    }

    /// Lets the server die as in a crash, and come back.
    pub(crate) fn restart(&self) {
        let restart = std::env::var("BSG_RCS_TEST_POSTGRES_RESTART").unwrap();
        assert!(Command::new(restart).status().unwrap().success());
    }
}

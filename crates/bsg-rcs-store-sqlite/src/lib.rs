//! The embedded store of bsg-rcs, over SQLite: one file that several processes on one machine
//! share.
//!
//! | to learn | look in |
//! | --- | --- |
//! | what the file holds | `schema.sql`, and how it came to that, `migrations` |
//! | which files are opened and which refused | `open` |
//! | who talks to SQLite, and in which transaction | `worker` |
//! | which promise is kept by which statement | `plans`, `campaigns`, `batches`, `leases`, `callbacks`, `report_writes`, `reports`, `counts`, `changes`, `forgetting` |
//! | how a row becomes columns and back | `rows`; a set of reports, [`bsg_rcs_store::sql`] |
//! | how two processes never work on one campaign | `locks` |
//!
//! What the promises are is written at [`bsg_rcs_store::Store`]; what reports mean is the
//! domain's. No type of the SQLite library is seen from outside: it can be changed alone.
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        reason = "a test may panic: that is how it fails"
    )
)]

mod backup;
mod batches;
mod body_numbers;
mod callbacks;
mod campaigns;
mod changes;
mod counts;
mod failure;
mod forgetting;
mod leases;
mod locks;
mod migrations;
mod open;
mod plans;
mod private_file;
mod report_writes;
mod reports;
mod rows;
mod store;
mod worker;

pub use store::SqliteStore;

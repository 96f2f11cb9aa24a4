//! The store of bsg-rcs for many machines, over PostgreSQL: workers on each of them apply one
//! campaign together, and take over from one that died.
//!
//! | to learn | look in |
//! | --- | --- |
//! | what the database holds | `migrations/1.sql` and what follows it |
//! | how it is reached, and what becomes of a lost connection | `connect` |
//! | what transactions wait for, and in which order | `locks` |
//! | which promise is kept by which statement | `plans`, `campaigns`, `batches`, `leases`, `recipients`, `callbacks`, `report_writes`, `reports`, `counts`, `changes`, `forgetting` |
//! | how a row becomes columns and back | `rows` |
//!
//! What the promises are is written at [`bsg_rcs_store::Store`]; what reports mean is the
//! domain's. Each call is one transaction, READ COMMITTED: it locks a row
//! before it changes it, so that two that change the same rows wait for each other.
//!
//! No type of the database library is seen from outside: it can be changed alone.
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod batches;
mod callbacks;
mod campaigns;
mod changes;
mod connect;
mod counts;
mod failure;
mod forgetting;
mod leases;
mod locks;
mod migrations;
mod plans;
mod recipients;
mod report_writes;
mod reports;
mod rows;
mod store;

pub use store::PostgresStore;

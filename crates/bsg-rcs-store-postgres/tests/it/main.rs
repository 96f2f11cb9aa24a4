//! The store in PostgreSQL: the kit that every store passes, and what only a database can do wrong.
//!
//! These tests need a server: `cargo xtask postgres -- cargo test -p bsg-rcs-store-postgres` makes
//! one. Without, they say that they skip.

mod database;
mod hanging;
mod histories;
mod migrating;
mod opening;
mod poisoned;
mod promises;
mod removing;
mod restart;
mod text;

//! The store in PostgreSQL: the kit that every store passes, and what only a database can do wrong.
//!
//! These tests need a server: `cargo xtask postgres -- cargo test -p bsg-rcs-store-postgres` makes
//! one. Without, they say that they skip.

mod database;
mod opening;
mod promises;
mod restart;
mod text;

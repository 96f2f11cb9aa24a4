//! The store in SQLite, seen from outside: it passes the kit, refuses what is not its own, is
//! shared by processes and survives their death. Nothing here sleeps: children are watched through
//! their output.

mod child;
mod claims;
mod fixtures;
mod killed;
mod opening;
mod promises;
mod sharing;

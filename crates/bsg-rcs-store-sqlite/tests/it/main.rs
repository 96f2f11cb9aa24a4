//! The store in SQLite, seen from outside: it passes the kit, refuses what is not its own, is
//! shared by processes and survives their death. Nothing here sleeps: children are watched through
//! their output.

mod child;
mod claims;
mod clocks;
mod counting;
mod files;
mod fixtures;
mod histories;
mod killed;
mod opening;
mod poisoned;
mod promises;
mod removing;
mod sharing;

//! The embedded store of bsg-rcs, over SQLite.

//! The `bsg-rcs` program.
fn main() {}

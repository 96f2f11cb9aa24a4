//! The doubles behave as their pages say, seen from outside the crate.

mod doubles;

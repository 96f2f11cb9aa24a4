//! Prints the catalogue of rules as `docs/rules.md` has it; `cargo xtask codegen` writes it there.
#![allow(clippy::print_stdout, reason = "it is a command-line program")]

use bsg_rcs_domain::rules;

fn main() {
    println!("# Rules\n");
    println!("Generated from `crates/bsg-rcs-domain/src/rules.rs` by `cargo xtask codegen`.\n");
    println!("A rule that refuses keeps a value from being sent; one that warns is told. Limits");
    println!("include both ends. Ids are stable: scripts and reports rely on them.\n");
    print!("{}", rules::table());
}

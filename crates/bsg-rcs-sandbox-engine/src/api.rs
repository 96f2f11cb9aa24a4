//! What goes into the engine and comes out of it.

pub(crate) mod account_data;
pub(crate) mod addressee;
pub(crate) mod command;
pub(crate) mod dry_run;
pub(crate) mod effect;
pub(crate) mod outcome;

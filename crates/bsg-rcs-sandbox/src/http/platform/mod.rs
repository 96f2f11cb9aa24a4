//! The platform's calls, one file a family. Each reads the wire, asks the engine, and presents what it says.

pub(super) mod account;
pub(super) mod campaigns;
pub(super) mod contacts;
pub(super) mod lists;
pub(super) mod messages;
pub(super) mod stop_list;
pub(super) mod universal;

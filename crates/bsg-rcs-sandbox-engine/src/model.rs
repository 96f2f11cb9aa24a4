//! The data that the engine keeps; nothing here knows the engine.

pub(crate) mod account;
pub(crate) mod assumptions;
pub(crate) mod block_vec;
pub(crate) mod campaign;
pub(crate) mod channel;
pub(crate) mod contact_book;
pub(crate) mod contact_fields;
pub(crate) mod contact_lists;
pub(crate) mod content;
pub(crate) mod counts;
pub(crate) mod delays;
pub(crate) mod duplicate_guard;
pub(crate) mod event_queue;
pub(crate) mod fate;
pub(crate) mod history;
pub(crate) mod ids;
pub(crate) mod message;
pub(crate) mod stat_jobs;
pub(crate) mod stop_list;
pub(crate) mod tariff;
pub(crate) mod time;
pub(crate) mod world;
pub(crate) mod written;

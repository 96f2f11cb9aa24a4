//! What the platform does; each file adds to [`crate::Engine`].

pub(crate) mod accept;
pub(crate) mod campaign;
pub(crate) mod contact_fields;
pub(crate) mod contact_lists;
pub(crate) mod contacts;
pub(crate) mod dry_run;
pub(crate) mod lifecycle;
pub(crate) mod price;
pub(crate) mod stat_jobs;
pub(crate) mod stop_list;
pub(crate) mod unsubscribe;
pub(crate) mod validate;
pub(crate) mod validate_content;

//! Looking things up; nothing changes here.

pub(crate) mod compare;
pub(crate) mod find;

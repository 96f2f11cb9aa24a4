//! The webhook from outside: what is answered when, and what the inbox holds by then.

mod answers;
mod groups;
mod inboxes;
mod socket;
mod variants;

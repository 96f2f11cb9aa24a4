//! The platform's calls under `/api/`: from the wire to the engine and back, one file a family.
//!
//! | file | holds |
//! | --- | --- |
//! | `routes` | which call goes where, and what surrounds each |
//! | `schema`, `json_body`, `query_params`, `paging`, `search` | requests against the OpenAPI document |
//! | `caller` | who calls, and when the request arrived |
//! | `requests`, `responses` | sends from the wire to the engine, messages and campaigns back |
//! | `fault_layer`, `request_log`, `quirks`, `older_refusals` | what a fault script, the log, the quirks and A1 make of an exchange |
//!
//! No rule of the platform lives here but those of HTTP and of the JSON schema.

mod account;
mod caller;
mod campaigns;
mod contact_fields;
mod contact_lists;
mod contacts;
mod fault_layer;
mod json_body;
mod messages;
mod older_refusals;
mod paging;
mod query_params;
mod quirks;
mod request_log;
mod requests;
pub(crate) mod responses;
pub(crate) mod routes;
pub(crate) mod schema;
mod search;
mod stat_jobs;
mod stop_list;
mod universal;

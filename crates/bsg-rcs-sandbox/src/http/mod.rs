//! The HTTP face: the platform's calls under `/api/`, steering under `/sandbox/`, a page at `/`.
//!
//! | file | tells |
//! | --- | --- |
//! | `gate` | whether connections are taken |
//! | `server` | connections, bounds, and how an answer is lost on purpose |
//! | `routes` | which call goes where; what is no call |
//! | `shared` | the engine behind a lock, and how its time passes |
//! | `tokens`, `caller` | logging in, and who calls |
//! | `schema`, `body`, `asked` | requests against the OpenAPI document |
//! | `paging`, `search` | what lists and searches have in common |
//! | `platform`, `request`, `present`, `reply` | the platform's calls: from the wire to the engine and back |
//! | `oddities` | the same answers in all the ways that they are seen |
//! | `callbacks` | posting what the engine wants told |
//! | `faults` | scripts of faults |
//! | `steering` | the sandbox's own calls |
//! | `seen`, `page` | what was called and answered lately; what people look at in a browser |
//!
//! No rule of the platform lives here but those of HTTP and of the JSON schema.

mod asked;
mod body;
mod callbacks;
mod caller;
mod faults;
mod gate;
mod oddities;
mod page;
mod paging;
mod platform;
mod present;
mod refusals;
mod reply;
mod request;
mod routes;
mod schema;
mod search;
mod seen;
mod server;
mod shared;
mod steering;
mod tokens;

pub(crate) use self::present::options as options_of;
pub(crate) use self::request::{channel as channel_of, content as content_of, sms as sms_of};
pub(crate) use self::routes::router;
pub(crate) use self::server::{answer_to, serve};
pub(crate) use self::shared::Shared;
pub(crate) use self::steering::Span;

//! Durable RCS campaigns: no recipient is messaged twice, none is lost.
//!
//! A campaign goes through four steps. Each can be killed at any point and run again:
//!
//! | step | what it does | look in |
//! | --- | --- | --- |
//! | plan | reads recipients as a stream, writes them and the batch boundaries, quotes the price; sends nothing | [`plan`] |
//! | apply | for each batch: writes the intent, sends, writes the outcome; an unknown outcome is looked up before anything is sent again | [`apply`] |
//! | track | callbacks and polling add to the set of reports until every message has an end or is overdue | [`inbox`], [`track`] |
//! | report | counts and money, a function of what the store holds; recipient by recipient | [`report`], [`breakdown`] |
//!
//! Code of your own follows what changes with [`follow`]. A single send is a campaign of one
//! ([`single`]), so that it is journalled the same way. Time and interruption are handed in
//! ([`clock`], [`interrupt`]); the store and the client come from the caller; nothing is printed.
//!
//! The files build on each other in layers, each only on those before it:
//!
//! | layer | files |
//! | --- | --- |
//! | 0 | `input`, `error`, `clock`, `interrupt`, `random` |
//! | 1 | `stored_plan`, `report` |
//! | 2 | `progress`, `tools`, `applied` |
//! | 3 | `hand` (one leased batch), `bare_prices`, `cost`, `compare`, `plan` |
//! | 4 | `stop_conditions`, `track` |
//! | 5 | `send`, `resolve`, `stop`, `resume` |
//! | 6 | `worker`, `apply`, `single` |
//! | beside | `inbox`, `follow`, `forget`, `breakdown` |

mod applied;
pub mod apply;
mod bare_prices;
pub mod breakdown;
pub mod clock;
pub mod compare;
mod cost;
pub mod error;
pub mod follow;
pub mod forget;
mod hand;
pub mod inbox;
pub mod input;
pub mod interrupt;
pub mod plan;
pub mod progress;
mod random;
pub mod report;
mod resolve;
pub mod resume;
mod send;
pub mod single;
pub mod stop;
mod stop_conditions;
pub mod stored_plan;
mod tools;
pub mod track;
mod worker;

pub use applied::{Applied, ApplyOptions, Stop};
pub use clock::{Clock, SystemClock};
pub use compare::compare;
pub use error::CampaignError;
pub use input::message::MessageFile;
pub use interrupt::Interrupt;
pub use progress::{Event, Progress};
pub use report::{CampaignReport, Difference};
pub use stored_plan::{PlanSummary, RefusedLine};
pub use tools::Tools;

//! Durable RCS campaigns: nobody is messaged twice, nobody is forgotten.
//!
//! A campaign goes through four steps, each of which can be killed at any point and run again:
//!
//! | step | what it does | look in |
//! | --- | --- | --- |
//! | plan | reads recipients as a stream, writes them and the batch boundaries, quotes the price; sends nothing | [`plan`] |
//! | apply | for each batch: writes the intent, sends, writes the outcome; an unknown outcome is looked up before anything is sent again | [`apply`], [`resolve`] |
//! | track | callbacks and polling add to the set of reports until every message has an end or is overdue | [`inbox`], [`track`] |
//! | report | counts and money, a function of what the store holds; recipient by recipient | [`report`], [`breakdown`] |
//!
//! Code of your own follows what changes with [`follow`]. A single send is a campaign of one ([`single`]), so that it is journalled the same way. Time and
//! interruption are handed in ([`clock`], [`interrupt`]); the store and the client come from the
//! caller; nothing is printed.

pub mod apply;
mod brakes;
pub mod breakdown;
pub mod clock;
pub mod compare;
pub mod error;
pub mod follow;
pub mod forget;
pub mod inbox;
pub mod input;
pub mod interrupt;
pub mod kept;
pub mod plan;
pub mod progress;
pub mod report;
pub mod resolve;
mod run;
mod send;
pub mod single;
pub mod stop;
pub mod track;

pub use clock::{Clock, SystemClock};
pub use compare::Difference;
pub use error::CampaignError;
pub use input::message::MessageFile;
pub use interrupt::Interrupt;
pub use kept::{PlanSummary, RefusedLine};
pub use progress::{Event, Progress};
pub use report::CampaignReport;

//! The engine's host: the lock around it, its clock, the faults of a script, and the queues of callbacks.
//!
//! | file | holds |
//! | --- | --- |
//! | `error` | why something was not done |
//! | `fault_rule`, `faults` | a script of faults, and what it makes of a request or a callback: a pure verdict |
//! | `queues` | which callback is posted next, and which waits behind another |
//! | `posting` | how a callback is written and posted |
//! | `state` | the engine with its state file and the callbacks that are held back |
//! | `logs` | the latest requests, and what receivers answered to callbacks |
//! | `tokens` | bearer tokens |
//! | `epoch` | how often all began anew |
//! | `platform` | the engine behind its lock, how its time passes, and what a reset ends |
//! | `outbox` | the callbacks' way out |
//!
//! Nothing here knows how requests are routed.

pub(crate) mod epoch;
pub(crate) mod error;
pub(crate) mod fault_rule;
mod faults;
pub(crate) mod logs;
pub(crate) mod outbox;
pub(crate) mod platform;
pub(crate) mod posting;
mod queues;
mod state;
pub(crate) mod tokens;

//! Campaigns from plan to report, against a sandbox on virtual time, with everything going wrong
//! that can be made to go wrong on purpose. Nothing here waits for real time.
//!
//! | file | shows |
//! | --- | --- |
//! | `bench` | the table that it all stands on: store, clock, platform, and a line that fails |
//! | `plan` | what is read, counted, quoted, refused; a plan that fails leaves nothing |
//! | `apply` | each way a send can end; what is written when; applying again |
//! | `stops` | why applying stops before the end, and that it goes on |
//! | `spending` | the cap on the cost, funds, and what the platform says that it charged |
//! | `shared` | many workers on one campaign, and one that was taken for dead |
//! | `clock` | the machine's clock is set back |
//! | `crash` | killed at every step: nobody twice, nobody forgotten |
//! | `resolve` | what a look-up makes of a batch, in the worlds of A15 and A20 |
//! | `track` | ends by callback, by polling, or never; SMS, clicks, money |
//! | `inbox` | whose a callback is |
//! | `single` | single sends |
//! | `simulation` | all of it at once, by seed: crashes, losses, delays, in every world |

mod apply;
mod bench;
mod clock;
mod crash;
mod inbox;
mod partial;
mod plan;
mod resolve;
mod shared;
mod simulation;
mod single;
mod spending;
mod stops;
mod track;

/// The traits of a store, for calls of a concrete one.
mod stores {
    pub(crate) use bsg_rcs_store::{
        AdminStore as _, PlanStore as _, ReportStore as _, StateStore as _, WorkStore as _,
    };
}

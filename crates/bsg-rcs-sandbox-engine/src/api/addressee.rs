//! A recipient of a request.

use bsg_rcs_domain::{Msisdn, ReferenceId};
use serde::{Deserialize, Serialize};

use crate::model::written;

/// One recipient of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addressee {
    /// The number.
    #[serde(with = "written::number")]
    pub number: Msisdn,
    /// The caller's reference.
    #[serde(with = "written::reference")]
    pub reference: Option<ReferenceId>,
}

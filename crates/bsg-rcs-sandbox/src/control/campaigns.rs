//! What the vendor's account page does with campaigns.

use std::sync::Arc;

use axum::extract::{Path, State};
use bsg_rcs_sandbox_engine::Command;

use super::answer::{Answer, number, perform};
use crate::app_state::AppState;

/// `POST /sandbox/campaigns/{id}/pause`
pub(crate) async fn pause(State(app): State<Arc<AppState>>, Path(id): Path<String>) -> Answer {
    perform(&app, Command::Pause(number(&id, "campaign")?))
}

/// `POST /sandbox/campaigns/{id}/resume`
pub(crate) async fn resume(State(app): State<Arc<AppState>>, Path(id): Path<String>) -> Answer {
    perform(&app, Command::Resume(number(&id, "campaign")?))
}

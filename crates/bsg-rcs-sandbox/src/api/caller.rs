//! Who calls: the account that a request's token was made for, and the epoch in which the request arrived.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use bsg_rcs_sandbox_engine::{AccountIx, Command, Engine, Outcome};
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::app_state::AppState;
use crate::host::epoch::Epoch;
use crate::reply::{self, Refused};
use crate::wall;

/// The account that calls; without a good token the answer is 401.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) account: AccountIx,
    pub(super) session: Session,
}

/// What a call may do: look at the engine, and have a command carried out unless the sandbox was reset after the
/// request had arrived.
#[derive(Debug)]
pub(super) struct Session {
    app: Arc<AppState>,
    arrived: Epoch,
}

impl Session {
    /// Looks at the engine.
    pub(super) fn read<R>(&self, look: impl FnOnce(&Engine) -> R) -> R {
        self.app.host.read(look)
    }

    /// Lets the engine carry out a command, and looks at what it brought about before anything else happens.
    pub(super) fn perform_then<R>(
        &self,
        command: Command,
        look: impl FnOnce(&Engine, Outcome) -> Result<R, Refused>,
    ) -> Result<R, Refused> {
        self.app.host.perform_then(self.arrived, command, look)
    }
}

impl FromRequestParts<Arc<AppState>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<AppState>) -> Result<Self, Refused> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let account = header
            .and_then(bearer)
            .and_then(|token| app.tokens.read(token, wall::unix_seconds()))
            .filter(|account| {
                app.host.read(|engine| engine.accounts().any(|(ix, _)| ix == *account))
            });
        let arrived = parts.extensions.get().copied().unwrap_or_else(|| app.host.epoch());
        let session = Session { app: Arc::clone(app), arrived };
        account
            .map(|account| Self { account, session })
            .ok_or_else(|| reply::refuse(StatusCode::UNAUTHORIZED, "Unauthenticated."))
    }
}

/// The token of `Bearer <token>`, or of `Bearer: <token>`, as the prose prints it.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    let scheme = scheme.strip_suffix(':').unwrap_or(scheme);
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::bearer;

    #[test]
    fn with_a_colon_or_without() {
        for (header, token) in [
            ("Bearer x.y.z", Some("x.y.z")),
            ("Bearer: x.y.z", Some("x.y.z")),
            ("bearer  x", Some("x")),
            ("Basic x", None),
            ("x", None),
        ] {
            assert_eq!(bearer(header), token, "{header}");
        }
    }
}

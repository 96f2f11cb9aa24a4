//! Who calls: the account that a request's token was made for.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::reply;
use super::reply::Refused;
use super::shared::Shared;
use crate::engine::AccountIx;
use crate::wall;

/// The account that calls; without a good token the answer is 401.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller(pub(super) AccountIx);

impl FromRequestParts<Arc<Shared>> for Caller {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, shared: &Arc<Shared>) -> Result<Self, Refused> {
        let header = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let account = header
            .and_then(bearer)
            .and_then(|token| shared.tokens.read(token, wall::unix_seconds()))
            .filter(|account| {
                shared.read(|engine| engine.accounts().any(|(ix, _)| ix == *account))
            });
        account.map(Self).ok_or_else(|| reply::refuse(StatusCode::UNAUTHORIZED, "Unauthenticated."))
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

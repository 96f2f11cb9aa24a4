//! One line of a tape, as it is written, and how bodies, headers and failures stand in it.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::json::Json;
use crate::error::{Certainty, FailureKind, TransportError};

/// The headers that are kept. Every other one is left out, since nobody knows what it holds.
const KEPT_HEADERS: [HeaderName; 3] = [CONTENT_TYPE, ACCEPT, RETRY_AFTER];

/// A request, and either the answer or the failure that followed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) request: Asked,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<Answered>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) failure: Option<Failed>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) method: String,
    /// Path and query. The host is left out: a tape answers for any.
    pub(super) target: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) headers: Headers,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Body>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answered {
    pub(super) status: u16,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) headers: Headers,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Body>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Failed {
    kind: Kind,
    certainty: Sent,
}

/// Name to value; several of one name are joined by commas.
pub(super) type Headers = BTreeMap<String, String>;

/// A body, in the form in which a person reads it best. An empty one is left out.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Body {
    /// Raw, because it must come back with the digits of its numbers as they were.
    Json(Box<RawValue>),
    Text(String),
    Base64(String),
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Connect,
    Timeout,
    Broken,
    TooLarge,
    Protocol,
    Withheld,
    Other,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sent {
    NotSent,
    MaybeSent,
}

impl Body {
    /// Writes JSON as JSON, other text as text, the rest in base 64.
    pub(super) fn of_json(json: &Json) -> Option<Self> {
        RawValue::from_string(json.to_string()).ok().map(Self::Json)
    }

    pub(super) fn of_bytes(bytes: Vec<u8>) -> Option<Self> {
        if bytes.is_empty() {
            return None;
        }
        Some(match String::from_utf8(bytes) {
            Ok(text) => Self::Text(text),
            Err(error) => Self::Base64(STANDARD.encode(error.as_bytes())),
        })
    }

    /// The bytes that it stands for; nothing when the base 64 is none.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Json(raw) => Some(raw.get().as_bytes().to_vec()),
            Self::Text(text) => Some(text.as_bytes().to_vec()),
            Self::Base64(encoded) => STANDARD.decode(encoded).ok(),
        }
    }
}

/// The headers that are kept, each value passed through `scrub`.
pub(super) fn kept(headers: &HeaderMap, scrub: impl Fn(&str) -> String) -> Headers {
    let mut kept = Headers::new();
    for name in KEPT_HEADERS {
        let values: Vec<_> =
            headers.get_all(&name).iter().filter_map(|value| value.to_str().ok()).collect();
        if !values.is_empty() {
            kept.insert(name.as_str().to_owned(), scrub(&values.join(", ")));
        }
    }
    kept
}

impl Failed {
    pub(super) fn of(error: &TransportError) -> Self {
        let kind = match error.kind() {
            FailureKind::Connect => Kind::Connect,
            FailureKind::Timeout => Kind::Timeout,
            FailureKind::Broken => Kind::Broken,
            FailureKind::TooLarge => Kind::TooLarge,
            FailureKind::Protocol => Kind::Protocol,
            FailureKind::Withheld => Kind::Withheld,
            FailureKind::Other => Kind::Other,
        };
        let certainty = if error.may_have_been_sent() { Sent::MaybeSent } else { Sent::NotSent };
        Self { kind, certainty }
    }

    pub(super) fn error(&self) -> TransportError {
        let kind = match self.kind {
            Kind::Connect => FailureKind::Connect,
            Kind::Timeout => FailureKind::Timeout,
            Kind::Broken => FailureKind::Broken,
            Kind::TooLarge => FailureKind::TooLarge,
            Kind::Protocol => FailureKind::Protocol,
            Kind::Withheld => FailureKind::Withheld,
            Kind::Other => FailureKind::Other,
        };
        let certainty = match self.certainty {
            Sent::NotSent => Certainty::NotSent,
            Sent::MaybeSent => Certainty::MaybeSent,
        };
        TransportError::of(certainty, kind, "as the tape has it")
    }
}

impl Answered {
    /// The answer with this body; an error when the tape was edited into something that is none.
    pub(super) fn response(&self, body: Bytes) -> Result<Response<Bytes>, http::Error> {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status)?;
        for (name, value) in &self.headers {
            let name = HeaderName::try_from(name)?;
            response.headers_mut().insert(name, HeaderValue::try_from(value)?);
        }
        Ok(response)
    }
}

//! Callbacks: what the platform posts to us, told apart by its shape.

use serde::de::{Deserialize, Deserializer, IgnoredAny};

use crate::generated::{StatusReport, SuggestionClick};
use crate::{Id, Misread, Phone, answer};

/// What these bytes are called in a [`Misread`].
const WHAT: &str = "the callback";

/// One callback. It proves nothing: the platform signs none of them.
#[derive(Clone, PartialEq, Eq)]
pub enum Callback {
    /// A message changed its status.
    StatusReport(StatusReport),
    /// A recipient clicked a button.
    Click(SuggestionClick),
}

/// Without texts: descriptions and postbacks may hold anything.
impl core::fmt::Debug for Callback {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let name = match self {
            Self::StatusReport(_) => "StatusReport",
            Self::Click(_) => "Click",
        };
        f.debug_struct(name)
            .field("id", &self.id())
            .field("reference", &self.reference().map(|text| crate::shown(text, 32)))
            .field("msisdn", &self.msisdn())
            .finish_non_exhaustive()
    }
}

impl Callback {
    /// Reads the body of a callback: a report has a `status` (even a null one), a click has none but says a
    /// button's `text`, its `postback` or a `time_click`.
    ///
    /// ```
    /// use bsg_rcs_wire::Callback;
    ///
    /// let body = br#"{"id": "3266500452", "status": "DELIVERED", "price": 1.1}"#;
    /// let Callback::StatusReport(report) = Callback::read(body)? else { unreachable!() };
    /// assert_eq!(report.price.unwrap().as_str(), "1.1");
    /// # Ok::<(), bsg_rcs_wire::Misread>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Misread`] when the bytes are not a JSON object, or neither a report nor a click.
    pub fn read(bytes: &[u8]) -> Result<Self, Misread> {
        // Nearly all are reports, and a status that says something is one: no second look is needed.
        if let Ok(report) = answer::object::<StatusReport>(WHAT, bytes)
            && report.status.is_some()
        {
            return Ok(Self::StatusReport(report));
        }
        let shape: Shape = answer::object(WHAT, bytes)?;
        if shape.status {
            answer::object(WHAT, bytes).map(Self::StatusReport)
        } else if shape.text || shape.postback || shape.time_click {
            answer::object(WHAT, bytes).map(Self::Click)
        } else {
            Err(Misread::whole(WHAT, "it is neither a status report nor a click"))
        }
    }

    /// The platform's id of the message.
    pub fn id(&self) -> Option<Id> {
        match self {
            Self::StatusReport(report) => report.id,
            Self::Click(click) => click.id,
        }
    }

    /// The caller's reference, if the message had one.
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::StatusReport(report) => report.reference.as_deref(),
            Self::Click(click) => click.reference.as_deref(),
        }
    }

    /// The recipient's number.
    pub fn msisdn(&self) -> Option<Phone> {
        match self {
            Self::StatusReport(report) => report.msisdn,
            Self::Click(click) => click.msisdn,
        }
    }
}

/// Which of the telling fields are there.
#[derive(serde::Deserialize)]
struct Shape {
    #[serde(default, deserialize_with = "present")]
    status: bool,
    #[serde(default, deserialize_with = "present")]
    text: bool,
    #[serde(default, deserialize_with = "present")]
    postback: bool,
    #[serde(default, deserialize_with = "present")]
    time_click: bool,
}

/// A field is there, whatever it holds.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|IgnoredAny| true)
}

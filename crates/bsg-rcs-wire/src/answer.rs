//! Answers: the envelopes around what the platform says, and how they are opened.

use core::fmt;

use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::generated::{PageBounds, SearchEcho};
use crate::{Integer, Maybe, Misread, repair};

/// The usual envelope, `{"data": ...}`. Tokens come without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "T: DeserializeOwned"))]
pub struct Data<T> {
    /// What was asked for, one object; the contract declares no field required, so `None` when it is missing
    /// or null. A list is refused: its items have no names, and may be anything.
    #[serde(default, deserialize_with = "object_or_nothing")]
    pub data: Option<T>,
}

/// Reads an object, or null. A derived reader alone would take a list for an object, field by field.
fn object_or_nothing<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    match raw.get() {
        "null" => Ok(None),
        json if json.starts_with('{') => {
            serde_json::from_str(json).map(Some).map_err(D::Error::custom)
        }
        _ => Err(D::Error::custom("something else than an object")),
    }
}

/// The envelope of lists: `{"data": [...], "meta": {"page": {...}}}`, or `{"data": [...], "total": n}` where
/// the platform says no more than that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The items. A page without them is a misread and not an empty page: "there is no such message" is what
    /// lets a send be repeated, so it must have been said.
    pub data: Vec<T>,
    /// Which part of the list this is.
    #[serde(default, skip_serializing_if = "Maybe::is_absent")]
    pub meta: Maybe<Meta>,
    /// Items of the whole list, where the list has no `meta`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::lenient::optional"
    )]
    pub total: Option<Integer>,
}

/// What a list says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Meta {
    /// Limit, offset and total.
    #[serde(default, skip_serializing_if = "Maybe::is_absent")]
    pub page: Maybe<PageBounds>,
    /// What was searched for; only in searches.
    #[serde(default, skip_serializing_if = "Maybe::is_absent")]
    pub search: Maybe<SearchEcho>,
}

impl<T> Page<T> {
    /// Limit, offset and total, if the platform said them.
    pub fn bounds(&self) -> Option<&PageBounds> {
        self.meta.get().and_then(|meta| meta.page.get())
    }

    /// The most items of a page, if the platform said it: it may be less than was asked for.
    pub fn limit(&self) -> Option<u64> {
        let said = self.bounds().and_then(|bounds| bounds.limit);
        said.and_then(|Integer(limit)| u64::try_from(limit).ok()).filter(|limit| *limit > 0)
    }

    /// Items of the whole list, in whichever place the platform said it.
    pub fn total(&self) -> Option<u64> {
        let said = self.bounds().and_then(|bounds| bounds.total).or(self.total);
        said.and_then(|Integer(total)| u64::try_from(total).ok())
    }
}

/// A part of an answer beside the JSON that it was read from: for fields that this version does not know.
///
/// ```
/// use bsg_rcs_wire::generated::Balance;
/// use bsg_rcs_wire::{Data, Kept, read};
///
/// let answer: Data<Kept<Balance>> = read(br#"{"data": {"balance": 1.5, "bonus": 2}}"#)?;
/// assert_eq!(answer.data.unwrap().json.get(), r#"{"balance": 1.5, "bonus": 2}"#);
/// # Ok::<(), bsg_rcs_wire::Misread>(())
/// ```
#[derive(Clone)]
pub struct Kept<T> {
    /// What was read.
    pub value: T,
    /// The JSON, as it came. It may hold phone numbers.
    pub json: Box<RawValue>,
}

/// Without the JSON, which holds numbers and texts.
impl<T: fmt::Debug> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("value", &self.value).finish_non_exhaustive()
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Kept<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        if json.get().starts_with('[') {
            return Err(D::Error::custom("a list where an object was expected"));
        }
        let value = serde_json::from_str(json.get()).map_err(D::Error::custom)?;
        Ok(Self { value, json })
    }
}

/// Opens an answer's body.
///
/// Unknown fields, unknown words and missing fields are read; see [`crate::lenient`].
///
/// ```
/// use bsg_rcs_wire::generated::Balance;
/// use bsg_rcs_wire::{Data, read};
///
/// let answer: Data<Balance> = read(br#"{"data": {"balance": 0.0175696, "currency": "EUR"}}"#)?;
/// let balance = answer.data.and_then(|data| data.balance);
/// assert_eq!(balance.unwrap().as_str(), "0.0175696");
/// # Ok::<(), bsg_rcs_wire::Misread>(())
/// ```
///
/// # Errors
///
/// [`Misread`] when the bytes are not a JSON object, or lack what the envelope cannot do without.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Misread> {
    object("the answer", bytes)
}

/// Reads bytes that must hold one JSON object.
pub(crate) fn object<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, Misread> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match bytes.trim_ascii_start().first() {
        None => return Err(Misread::whole(what, "it is empty")),
        // A derived reader would take a list for an object, field by field.
        Some(b'[') => return Err(Misread::whole(what, "it is a list and not an object")),
        Some(_) => {}
    }
    serde_json::from_slice(bytes).or_else(|error| {
        // Text in another encoding and raw control characters: a field that only informs must not
        // cost the whole.
        let mended = repair::mended(bytes);
        serde_json::from_str(&mended).map_err(|_| Misread::json(what, &error))
    })
}

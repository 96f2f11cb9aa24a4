//! References: the caller's mark on a message, which the platform echoes in every callback.

use core::fmt;

use crate::{base32, rules};

/// A reference: 1 to 32 ASCII letters and digits, upper and lower case apart. The platform refuses
/// one that it knows already (assumption A15).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReferenceId {
    // Unused bytes are 0, so that the derived comparisons are those of the text.
    bytes: [u8; ReferenceId::MAX_LEN],
}

impl ReferenceId {
    /// The most characters that a reference may have.
    pub const MAX_LEN: usize = 32;

    /// Reads a reference.
    ///
    /// # Errors
    /// `REF-FORM` unless it is 1 to 32 ASCII letters and digits.
    pub fn parse(text: &str) -> Result<Self, NotAReference> {
        let well_formed = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric());
        let mut bytes = [0; Self::MAX_LEN];
        match bytes.get_mut(..text.len()) {
            Some(room) if well_formed => {
                room.copy_from_slice(text.as_bytes());
                Ok(Self { bytes })
            }
            _ => Err(NotAReference),
        }
    }

    /// A reference of 160 random bits: 32 letters and digits of base 32.
    ///
    /// ```
    /// use bsg_rcs_domain::ReferenceId;
    ///
    /// let reference = ReferenceId::from_random([0x5a; 20]);
    /// assert_eq!(reference.as_str(), "ljnfuws2ljnfuws2ljnfuws2ljnfuws2");
    /// ```
    pub fn from_random(bytes: [u8; 20]) -> Self {
        Self { bytes: base32::letters(&bytes) }
    }

    /// The reference as text.
    pub fn as_str(&self) -> &str {
        let length = self.bytes.iter().position(|&b| b == 0).unwrap_or(Self::MAX_LEN);
        self.bytes.get(..length).and_then(|text| core::str::from_utf8(text).ok()).unwrap_or("")
    }
}

impl fmt::Display for ReferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ReferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReferenceId({self})")
    }
}

impl core::str::FromStr for ReferenceId {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Self, NotAReference> {
        Self::parse(text)
    }
}

/// The text is no reference: not 1 to 32 ASCII letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{} ({})", rules::REF_FORM.says, rules::REF_FORM.id)]
pub struct NotAReference;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_1_to_32_letters_and_digits() {
        for good in ["a", "hello", "0123456789abcdefABCDEF0123456789"] {
            assert_eq!(ReferenceId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "a b", "a-b", "ä", "0123456789abcdefABCDEF01234567890", "a\0"] {
            assert_eq!(ReferenceId::parse(bad), Err(NotAReference), "{bad:?}");
        }
    }
}

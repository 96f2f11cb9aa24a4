//! Amounts of money as the text they came in.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Error, Serialize, Serializer};
use serde_json::value::RawValue;

use super::text::plain_text;

/// An amount, digit for digit as the JSON had it: `1.1000000`, `0.0175696`, `-50.25`, `1e-7`.
///
/// Balances are bare JSON numbers, prices in callbacks strings; both are read everywhere, and each is written
/// back in the form it came in. The text never passes through a float, exponents stay as they are, and nothing
/// is checked: an unreadable amount is the mapping's to refuse.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Decimal {
    text: String,
    quoted: bool,
}

impl Decimal {
    /// An amount to be written as a JSON string.
    pub fn string(text: impl Into<String>) -> Self {
        Self { text: text.into(), quoted: true }
    }

    /// An amount to be written as a bare JSON number; `None` if the text is not one by the JSON grammar.
    pub fn number(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
            && serde_json::from_str::<&RawValue>(&text).is_ok_and(|raw| raw.get() == text);
        is_number.then_some(Self { text, quoted: false })
    }

    /// The digits, as they came.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        // A shape that is neither is kept as text, so that it can be shown when it is refused.
        Ok(Self::number(raw.get()).unwrap_or_else(|| Self::string(plain_text(raw).trim())))
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.quoted {
            return serializer.serialize_str(&self.text);
        }
        RawValue::from_string(self.text.clone()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(json: &str, text: &str) {
        let decimal: Decimal = serde_json::from_str(json).unwrap();
        assert_eq!(decimal.as_str(), text, "{json}");
    }

    #[test]
    fn every_way_to_write_money_keeps_its_digits() {
        check(r#""1.1000000""#, "1.1000000");
        check(r#""0.10""#, "0.10");
        check("0.0175696", "0.0175696");
        check("-50.25", "-50.25");
        check("1e-7", "1e-7");
        check("1.75696E-2", "1.75696E-2");
        check("123456789012345678901234567890.0000001", "123456789012345678901234567890.0000001");
        check("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827");
        check(r#"" 2.5 ""#, "2.5");
        check(r#""\u0031.5""#, "1.5");
    }

    #[test]
    fn what_is_no_amount_is_kept_for_the_one_who_refuses_it() {
        check("true", "true");
        check(r#"{"value":1}"#, r#"{"value":1}"#);
        check(r#""free""#, "free");
    }

    #[test]
    fn only_json_numbers_are_written_bare() {
        for (text, is_number) in [
            ("1000.0000000", true),
            ("-50.25", true),
            ("1e-7", true),
            ("+1", false),
            (".5", false),
            ("01", false),
            (" 1", false),
            ("true", false),
            ("", false),
            ("-", false),
            ("1,2", false),
        ] {
            assert_eq!(Decimal::number(text).is_some(), is_number, "{text:?}");
        }
    }

    #[test]
    fn it_goes_out_in_the_form_it_came_in() {
        for json in [r#""1.1000000""#, "1000.0000000", "1e-7", "-0"] {
            let decimal: Decimal = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&decimal).unwrap(), json);
        }
    }

    proptest! {
        #[test]
        fn no_digit_is_ever_lost(text in r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?") {
            let bare: Decimal = serde_json::from_str(&text).unwrap();
            let quoted: Decimal = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            prop_assert_eq!(bare.as_str(), text.as_str());
            prop_assert_eq!(quoted.as_str(), text.as_str());
            prop_assert_eq!(serde_json::to_string(&bare).unwrap(), text);
        }
    }
}

//! Amounts as whole numbers of ten-millionths: no test computes money with floats.

use serde_json::Value;

/// Reads an amount that is written with seven decimals, as ours all are.
#[track_caller]
pub(crate) fn ten_millionths(amount: &Value) -> i128 {
    let text = amount.as_str().expect("an amount is a string");
    let (whole, decimals) = text.split_once('.').expect("an amount has decimals");
    assert_eq!(decimals.len(), 7, "{text}");
    format!("{whole}{decimals}").parse().unwrap()
}

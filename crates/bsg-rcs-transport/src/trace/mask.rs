//! An address as it may stand in a log: phone numbers masked, values of the query left out.

use http::Uri;

/// The shortest run of digits that may be a phone number. There is no longest: a number with
/// something before it is a number all the same.
const SHORTEST: usize = 9;
/// What stays of a number: enough to tell the country, and two runs of one log apart.
const FIRST: usize = 3;
const LAST: usize = 2;

/// The path, and the names of the query's parameters.
pub(super) fn target(uri: &Uri) -> String {
    let path = digits_masked(uri.path());
    match uri.query().map(names).filter(|names| !names.is_empty()) {
        Some(names) => format!("{path}?{}", digits_masked(&names)),
        None => path,
    }
}

/// `a=1&b=2` as `a&b`.
fn names(query: &str) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let names: Vec<_> = pairs.map(|pair| pair.split_once('=').map_or(pair, |(n, _)| n)).collect();
    names.join("&")
}

/// The text with `491701234567` as `491*******67`.
pub(super) fn digits_masked(text: &str) -> String {
    let text = digits_unescaped(text);
    let mut masked = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from_digits) = rest.split_at(start);
        let end = from_digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(from_digits.len());
        let (digits, after) = from_digits.split_at(end);
        masked.push_str(before);
        masked.push_str(&run_masked(digits));
        rest = after;
    }
    masked.push_str(rest);
    masked
}

fn run_masked(digits: &str) -> String {
    if digits.len() < SHORTEST {
        return digits.to_owned();
    }
    let stars = "*".repeat(digits.len() - FIRST - LAST);
    format!("{}{stars}{}", &digits[..FIRST], &digits[digits.len() - LAST..])
}

/// `%34` is a 4, and would cut a number in two.
fn digits_unescaped(text: &str) -> String {
    let mut plain = text.to_owned();
    for digit in 0..10 {
        plain = plain.replace(&format!("%3{digit}"), &digit.to_string());
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, expected: &str) {
        assert_eq!(target(&address.parse().unwrap()), expected, "{address}");
    }

    #[test]
    fn a_phone_number_keeps_its_first_three_and_last_two_digits() {
        check("https://host/api/phones/491701234567", "/api/phones/491*******67");
        check("https://host/api/phones/+491701234567/x", "/api/phones/+491*******67/x");
        check("https://host/api/phones/%2B491701234567", "/api/phones/%2B491*******67");
        check("https://host/api/%34%39%31701234567/1", "/api/491*******67/1");
        check("https://host/123456789", "/123****89");
        check("https://host/00491701234567890123", "/004***************23");
    }

    #[test]
    fn short_runs_of_digits_stay() {
        check("https://host/api/v2/campaigns/44193933", "/api/v2/campaigns/44193933");
        check("https://host/", "/");
    }

    #[test]
    fn of_the_query_only_names_stay() {
        check("https://host/a?filter%5Bphone%5D=491701234567&x", "/a?filter%5Bphone%5D&x");
        check("https://host/a?491701234567=1", "/a?491*******67");
        check("https://host/a?token=opensesame&&", "/a?token");
        check("https://host/a?", "/a");
    }
}

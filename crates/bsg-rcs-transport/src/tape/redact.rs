//! What must not stand on a tape, and what stands there in its place.
//!
//! Secrets, numbers and texts are recognised by the field that they stand in, because ten digits may
//! as well be an id. What was once recognised is then replaced wherever it occurs, from that exchange
//! on.

use std::collections::BTreeMap;

use http::header::AUTHORIZATION;
use http::{Request, Uri};

use super::json::Json;

/// What stands in place of a secret.
const SECRET: &str = "[secret]";
/// Fields, of JSON and of a query, whose value is a secret.
const SECRET_FIELDS: [&str; 10] = [
    "api_key",
    "bearer",
    "token",
    "access_token",
    "refresh_token",
    "password",
    "secret",
    "authorization",
    // The path of a callback's address holds a secret.
    "callback_url",
    // What a contact's field holds.
    "search_fields[0][value]",
];
/// What stands in place of a text.
const TEXT: &str = "[text]";
/// Fields of JSON that hold what is said to a recipient, or what is known of one.
const TEXT_FIELDS: [&str; 6] =
    ["text", "title", "postback", "postback_data", "description", "errorDescription"];
/// The field of a contact whose values, under any name, are what is known of it.
const PERSONAL: &str = "fields";
/// Fields of JSON whose digits are a phone number, or that list such.
const NUMBER_FIELDS: [&str; 8] =
    ["number", "numbers", "phone", "phones", "msisdn", "msisdns", "recipient", "recipients"];
/// Parameters of a query besides, whose digits are a phone number.
const NUMBER_PARAMETERS: [&str; 2] = ["filter[phone]", "search[value]"];
/// Shorter words are replaced in their own field only: elsewhere they may be anything.
const SHORTEST_SECRET: usize = 6;

/// 999 is no country's code, so nobody has such a number.
const PSEUDONYMS: &str = "999";
const PSEUDONYM_LENGTH: usize = 12;

/// Which number stands for which, and which words are secret, as far as was seen.
#[derive(Default)]
pub(super) struct Redaction {
    /// A real number's pseudonym.
    names: BTreeMap<String, String>,
    /// The other way round.
    real: BTreeMap<String, String>,
    /// The longest first: one may hold another.
    secrets: Vec<String>,
    /// How many pseudonyms are taken: the next is one above.
    taken: u64,
}

impl Redaction {
    /// Learns what the request tells: its token, its query, its body.
    pub(super) fn look_at_request<B>(&mut self, request: &Request<B>, body: Option<&mut Json>) {
        for value in request.headers().get_all(AUTHORIZATION) {
            let text = String::from_utf8_lossy(value.as_bytes());
            self.learn_secret(text.rsplit(' ').next().unwrap_or_default());
        }
        for (name, value) in parameters(request.uri()) {
            let number = NUMBER_PARAMETERS.contains(&name.as_str()) || is_number_field(&name);
            if is_secret_field(&name) {
                self.learn_secret(&value);
            } else if number {
                self.learn_number(&value);
            }
        }
        body.into_iter().for_each(|json| self.look_at(json));
    }

    /// Learns what a body tells.
    pub(super) fn look_at(&mut self, json: &mut Json) {
        json.each_leaf(&mut |field, leaf| {
            let (Json::Text(text) | Json::Plain(text)) = leaf else { return };
            if is_secret_field(field) {
                self.learn_secret(text);
            } else if is_number_field(field) {
                self.learn_number(text);
            }
        });
    }

    fn learn_secret(&mut self, word: &str) {
        let known = self.secrets.iter().any(|secret| secret == word);
        if word.len() >= SHORTEST_SECRET && word != SECRET && !known {
            let place = self.secrets.partition_point(|secret| secret.len() >= word.len());
            self.secrets.insert(place, word.to_owned());
        }
    }

    fn learn_number(&mut self, text: &str) {
        let digits = text.trim().trim_start_matches('+');
        if !is_number(digits) || self.names.contains_key(digits) {
            return;
        }
        if let Some(order) = order_of_pseudonym(digits) {
            self.taken = self.taken.max(order);
            return;
        }
        self.taken += 1;
        let width = PSEUDONYM_LENGTH - PSEUDONYMS.len();
        let pseudonym = format!("{PSEUDONYMS}{:0width$}", self.taken);
        self.real.insert(pseudonym.clone(), digits.to_owned());
        self.names.insert(digits.to_owned(), pseudonym);
    }

    /// A body without secrets and numbers.
    pub(super) fn json(&self, json: &mut Json) {
        json.each_name(&mut |name| *name = self.text(name));
        json.each_below(PERSONAL, &mut |values| {
            values.each_leaf(&mut |_, leaf| {
                if let Json::Text(text) = leaf {
                    TEXT.clone_into(text);
                }
            });
        });
        json.each_leaf(&mut |field, leaf| {
            let secret = is_secret_field(field) && *leaf != Json::Plain("null".to_owned());
            match leaf {
                leaf if secret => *leaf = Json::Text(SECRET.to_owned()),
                Json::Text(text) if is_text_field(field) => TEXT.clone_into(text),
                Json::Text(text) | Json::Plain(text) => *text = self.text(text),
                Json::Object(_) | Json::Array(_) => {}
            }
        });
    }

    /// Any text without the secrets and numbers that are known.
    pub(super) fn text(&self, text: &str) -> String {
        // Secrets go first: one that holds a number's digits would not be found after them.
        let hidden = self.secrets.iter().fold(text.to_owned(), |text, secret| {
            if text.contains(secret) { text.replace(secret, SECRET) } else { text }
        });
        swapped(&hidden, &self.names)
    }

    /// Path and query without secrets and numbers.
    pub(super) fn target(&self, uri: &Uri) -> String {
        let path = self.text(uri.path());
        let Some(query) = uri.query() else { return path };
        let pairs: Vec<_> = query.split('&').map(|pair| self.parameter(pair)).collect();
        format!("{path}?{}", pairs.join("&"))
    }

    fn parameter(&self, pair: &str) -> String {
        let Some((name, value)) = pair.split_once('=') else { return self.text(pair) };
        if is_secret_field(&unescaped(name)) {
            return format!("{name}={SECRET}");
        }
        // Escaped digits would hide a number: what holds one once it is unescaped stays so.
        let plain = unescaped(value);
        let value = if self.text(&plain) == plain { value } else { &plain };
        format!("{}={}", self.text(name), self.text(value))
    }

    /// A recorded text with the real numbers in it, as far as the caller has named them.
    pub(super) fn undone(&self, text: &str) -> String {
        swapped(text, &self.real)
    }
}

fn is_secret_field(name: &str) -> bool {
    SECRET_FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field))
}

fn is_text_field(name: &str) -> bool {
    TEXT_FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field))
}

fn is_number_field(name: &str) -> bool {
    NUMBER_FIELDS.iter().any(|field| name.trim_end_matches("[]").eq_ignore_ascii_case(field))
}

fn is_number(digits: &str) -> bool {
    (9..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn order_of_pseudonym(digits: &str) -> Option<u64> {
    let order = digits.strip_prefix(PSEUDONYMS)?;
    (digits.len() == PSEUDONYM_LENGTH).then(|| order.parse().ok()).flatten()
}

/// The text with every known run of digits replaced, the longest first where several begin.
fn swapped(text: &str, by: &BTreeMap<String, String>) -> String {
    if by.is_empty() {
        return text.to_owned();
    }
    let mut swapped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let found = (9..=15).rev().find_map(|length| by.get_key_value(rest.get(..length)?));
        let (taken, put) = found.map_or_else(
            || rest.split_at(first.len_utf8()),
            |(old, new)| (old.as_str(), new.as_str()),
        );
        if found.is_some() {
            swapped.push_str(put);
        } else {
            swapped.push(first);
        }
        rest = &rest[taken.len()..];
    }
    swapped
}

/// The parameters of a query, unescaped.
fn parameters(uri: &Uri) -> Vec<(String, String)> {
    let pairs = uri.query().unwrap_or_default().split('&');
    pairs
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (unescaped(name), unescaped(value)))
        .collect()
}

/// `%5B` as `[`, and `+` as it stands, since before a number it means itself.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = (byte == b'%').then(|| after.get(..2)).flatten();
        let value = escaped
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(value.unwrap_or(byte));
        rest = if value.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body comes out so, after the others before it.
    fn check(before: &[&str], body: &str, expected: &str) {
        let mut redaction = Redaction::default();
        let mut last = None;
        for text in before.iter().chain([&body]) {
            let mut json = Json::read(text.as_bytes()).unwrap();
            redaction.look_at(&mut json);
            redaction.json(&mut json);
            last = Some(json.to_string());
        }
        assert_eq!(last.as_deref(), Some(expected));
    }

    #[test]
    fn secrets_of_callbacks_and_texts_leave_nothing_behind() {
        check(
            &[],
            r#"{"callback_url":"https://a.b/callbacks/s3cr3t","options":{"text":"Your code is 1234","cards":[{"title":"Dear Ann","suggestions":[{"text":"Yes","postback_data":"ann-yes"}]}]}}"#,
            r#"{"callback_url":"[secret]","options":{"text":"[text]","cards":[{"title":"[text]","suggestions":[{"text":"[text]","postback_data":"[text]"}]}]}}"#,
        );
        check(
            &[],
            r#"{"id":5,"fields":{"7":"Ann of the 4th floor","8":9},"groups":[3]}"#,
            r#"{"id":5,"fields":{"7":"[text]","8":9},"groups":[3]}"#,
        );
        check(
            &[],
            r#"{"fields":[{"id":7,"value":"Ann"}],"amount":{"value":"1.10"},"text":null}"#,
            r#"{"fields":[{"id":7,"value":"[text]"}],"amount":{"value":"1.10"},"text":null}"#,
        );
    }

    #[test]
    fn a_number_keeps_its_pseudonym() {
        check(
            &[r#"{"phone":491701234567}"#],
            r#"{"phones":[{"number":"491701234568"},{"number":"+491701234567"}]}"#,
            r#"{"phones":[{"number":"999000000002"},{"number":"+999000000001"}]}"#,
        );
    }

    #[test]
    fn an_id_of_ten_digits_stays_and_a_known_number_goes_wherever_it_stands() {
        check(
            &[r#"{"phones":[491701234567]}"#],
            r#"{"id":4419393338,"note":"call 491701234567!","491701234567":"x491701234567"}"#,
            r#"{"id":4419393338,"note":"call 999000000001!","999000000001":"x999000000001"}"#,
        );
    }

    #[test]
    fn a_secret_goes_from_its_field_and_from_wherever_it_stands() {
        check(
            &[r#"{"bearer":"opensesame"}"#],
            r#"{"api_key":"short","token":7,"bearer":null,"note":"the opensesame word"}"#,
            r#"{"api_key":"[secret]","token":"[secret]","bearer":null,"note":"the [secret] word"}"#,
        );
    }

    #[test]
    fn a_secret_that_holds_a_number_or_another_secret_goes_whole() {
        check(
            &[r#"{"phone":"491701234567","token":"k-4917012","bearer":"k-491701234567-x"}"#],
            r#"{"note":"k-491701234567-x, k-4917012"}"#,
            r#"{"note":"[secret], [secret]"}"#,
        );
    }

    #[test]
    fn a_pseudonym_is_left_as_it_is_and_not_given_twice() {
        check(
            &[r#"{"phone":"999000000007"}"#],
            r#"{"phones":["999000000007","491701234567"]}"#,
            r#"{"phones":["999000000007","999000000008"]}"#,
        );
    }

    #[test]
    fn of_two_numbers_that_begin_alike_each_gets_its_own() {
        check(
            &[r#"{"phones":["491701234","491701234567"]}"#],
            r#"{"note":"491701234567 and 491701234"}"#,
            r#"{"note":"999000000002 and 999000000001"}"#,
        );
    }

    #[test]
    fn a_query_is_redacted_by_the_names_of_its_parameters() {
        let uri = "https://host/p/491701234567?filter%5Bphone%5D=%2B491701234567&api_key=abc&page%5Blimit%5D=30";
        let request =
            Request::get(uri).header("authorization", "Bearer opensesame").body(()).unwrap();
        let mut redaction = Redaction::default();
        redaction.look_at_request(&request, None);
        assert_eq!(
            redaction.target(request.uri()),
            "/p/999000000001?filter%5Bphone%5D=+999000000001&api_key=[secret]&page%5Blimit%5D=30"
        );
        assert_eq!(redaction.text("so: opensesame"), "so: [secret]");
        assert_eq!(redaction.undone("999000000001"), "491701234567");
    }
}

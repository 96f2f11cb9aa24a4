//! Oddities: the same answers, written in all the ways that the platform is seen to write them.
//!
//! An answer is rewritten just before it leaves, in ways that the seed and its own bytes decide, so that the same
//! answer of the same sandbox is always odd in the same way:
//!
//! | what | becomes |
//! | --- | --- |
//! | ids, phones | strings here and there |
//! | statuses | upper case |
//! | money | fewer places; a string where a number stood, and the other way round |
//! | `currency` beside a price | null |
//! | a `reference_id` that is null | missing |
//! | `alternative_channels` of which there are none | null, an empty list, or missing |
//! | date-times | with a `T` |
//! | `start_at` | three hours earlier |
//! | the detail of a campaign | the page's names for type and times |
//! | `source`, `message_type` | words that no document knows |
//! | any object | one more field |
//! | `errors` | a list for an object, null or an object for an empty list; `messages0phone` for `phones[0].number` |
//! | `message` | `errorDescription`, with an `error` that is a number or a string |
//!
//! Nothing that identifies or decides is lost: ids, numbers, references and statuses are still there to be read.
//! What a caller wrote himself, `rcs_options` and `fields`, stays as it is. Numbers are text here: money never passes
//! through a float. Callbacks do not come by.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bsg_rcs_domain::CivilDateTime;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::BodyExt;
use serde_json::value::RawValue;

use crate::app_state::AppState;
use bsg_rcs_sandbox_engine::VirtualTime;

/// Fields that hold an id, or a list of ids.
const IDS: [&str; 4] = ["id", "campaign_id", "groups", "phone"];
/// Fields that hold money.
const MONEY: [&str; 6] = ["value", "balance", "credit", "calculated_price", "total_price", "price"];
/// Fields of a caller's own words, and what is said of a page.
const UNTOUCHED: [&str; 3] = ["rcs_options", "fields", "meta"];
/// How much earlier a campaign's start is written.
const EARLIER: Duration = Duration::from_secs(3 * 3600);

/// Rewrites an answer, in a sandbox that is odd.
pub(super) async fn apply(
    State(app): State<Arc<AppState>>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let json = response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
    if !app.host.config().oddities || !json {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(collected) = body.collect().await else {
        return Response::from_parts(parts, Body::empty());
    };
    let plain = collected.to_bytes();
    let odd = rewritten(app.host.config().seed, parts.status, &plain);
    parts.headers.remove(CONTENT_LENGTH);
    Response::from_parts(parts, odd.map_or_else(|| Body::from(plain), Body::from))
}

/// The odd answer; none if this is no JSON.
fn rewritten(seed: u64, status: StatusCode, plain: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(plain).ok()?;
    let mut node = Node::read(text)?;
    let mut dice = Dice::new(seed, plain);
    if status.is_success() {
        dice.answer(&mut node);
    } else if let Node::Object(fields) = &mut node {
        dice.refusal(status, fields);
    }
    let mut written = String::with_capacity(text.len());
    node.write(&mut written);
    Some(written)
}

/// JSON whose numbers are text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    /// A number, true, false or null, as it is written.
    Plain(String),
    Text(String),
    List(Vec<Node>),
    Object(Fields),
}

type Fields = BTreeMap<String, Node>;

impl Node {
    fn null() -> Self {
        Self::Plain("null".into())
    }

    fn read(json: &str) -> Option<Self> {
        let each = |item: &RawValue| Self::read(item.get());
        match json.trim_start().bytes().next()? {
            b'{' => {
                let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).ok()?;
                let fields = fields.into_iter().map(|(key, value)| Some((key, each(&value)?)));
                fields.collect::<Option<_>>().map(Self::Object)
            }
            b'[' => {
                let items: Vec<Box<RawValue>> = serde_json::from_str(json).ok()?;
                items.iter().map(|item| each(item)).collect::<Option<_>>().map(Self::List)
            }
            b'"' => serde_json::from_str(json).ok().map(Self::Text),
            _ => {
                let plain: Box<RawValue> = serde_json::from_str(json).ok()?;
                Some(Self::Plain(plain.get().to_owned()))
            }
        }
    }

    fn write(&self, to: &mut String) {
        match self {
            Self::Plain(text) => to.push_str(text),
            Self::Text(text) => write_text(text, to),
            Self::List(items) => {
                to.push('[');
                for (at, item) in items.iter().enumerate() {
                    to.push_str(if at > 0 { "," } else { "" });
                    item.write(to);
                }
                to.push(']');
            }
            Self::Object(fields) => {
                to.push('{');
                for (at, (key, value)) in fields.iter().enumerate() {
                    to.push_str(if at > 0 { "," } else { "" });
                    write_text(key, to);
                    to.push(':');
                    value.write(to);
                }
                to.push('}');
            }
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Self::Plain(text) if text == "null")
    }
}

/// Whether what is no text is a number.
fn is_number(plain: &str) -> bool {
    plain.starts_with(|c: char| c == '-' || c.is_ascii_digit())
}

fn write_text(text: &str, to: &mut String) {
    // A text can always be written.
    to.push_str(&serde_json::to_string(text).unwrap_or_default());
}

/// What decides: a stream of bits from the seed and the answer.
struct Dice(u64);

impl Dice {
    /// FNV-1a over the answer, from the seed.
    fn new(seed: u64, answer: &[u8]) -> Self {
        Self(answer.iter().fold(seed ^ 0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        }))
    }

    /// True once in so many times; a step of SplitMix64.
    fn once_in(&mut self, count: u64) -> bool {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).is_multiple_of(count)
    }

    fn answer(&mut self, node: &mut Node) {
        match node {
            Node::List(items) => items.iter_mut().for_each(|item| self.answer(item)),
            Node::Object(fields) => self.object(fields),
            Node::Plain(_) | Node::Text(_) => {}
        }
    }

    fn object(&mut self, fields: &mut Fields) {
        let is_detail = fields.contains_key("total_messages");
        let has_channels = fields.contains_key("sender");
        let is_priced = ["value", "calculated_price", "total_price"]
            .iter()
            .any(|key| fields.contains_key(*key));
        if fields.contains_key("created_at") {
            self.start_earlier(fields);
        }
        for (key, value) in fields.iter_mut() {
            if !UNTOUCHED.contains(&key.as_str()) {
                self.field(key, value);
            }
        }
        if is_detail && self.once_in(2) {
            by_the_pages_names(fields);
        }
        if is_priced && fields.contains_key("currency") && self.once_in(3) {
            fields.insert("currency".into(), Node::null());
        }
        if fields.get("reference_id").is_some_and(Node::is_null) && self.once_in(2) {
            fields.remove("reference_id");
        }
        if has_channels {
            self.no_channels(fields);
        }
        if self.once_in(2) {
            let beside = Node::Object([("is_new".into(), Node::Plain("true".into()))].into());
            fields.insert("extra_data".into(), beside);
        }
    }

    fn field(&mut self, key: &str, value: &mut Node) {
        match value {
            _ if IDS.contains(&key) => self.id(value),
            _ if MONEY.contains(&key) => self.money(value),
            Node::Text(word) if key == "status" && self.once_in(2) => word.make_ascii_uppercase(),
            Node::Text(word) if key == "source" && self.once_in(3) => word.push_str("_v3"),
            Node::Text(word) if key == "message_type" && self.once_in(3) => word.push_str("_basic"),
            Node::Text(time) if key.ends_with("_at") && self.once_in(2) => {
                *time = time.replacen(' ', "T", 1);
            }
            other => self.answer(other),
        }
    }

    /// A string for a number, and so for each of a list.
    fn id(&mut self, value: &mut Node) {
        match value {
            Node::List(items) => items.iter_mut().for_each(|item| self.id(item)),
            Node::Plain(number) if is_number(number) && self.once_in(2) => {
                *value = Node::Text(std::mem::take(number));
            }
            _ => {}
        }
    }

    fn money(&mut self, value: &mut Node) {
        let (text, quoted) = match value {
            Node::Text(text) => (text.clone(), true),
            Node::Plain(text) if is_number(text) => (text.clone(), false),
            _ => return,
        };
        let text = if self.once_in(2) { with_fewer_places(&text) } else { text };
        *value = if quoted == self.once_in(3) { Node::Plain(text) } else { Node::Text(text) };
    }

    /// What has no alternative channel says so in one of three ways.
    fn no_channels(&mut self, fields: &mut Fields) {
        let key = "alternative_channels";
        let is_nothing = fields.get(key).is_none_or(Node::is_null);
        if !is_nothing {
            return;
        }
        fields.remove(key);
        if self.once_in(3) {
            fields.insert(key.into(), Node::null());
        } else if self.once_in(2) {
            fields.insert(key.into(), Node::List(Vec::new()));
        }
    }

    fn start_earlier(&mut self, fields: &mut Fields) {
        if !self.once_in(2) {
            return;
        }
        for key in ["start_at", "started_at"] {
            if let Some(Node::Text(time)) = fields.get_mut(key)
                && let Ok(civil) = CivilDateTime::parse(time)
            {
                *time = VirtualTime::from_civil(civil).minus(EARLIER).to_string();
            }
        }
    }

    fn refusal(&mut self, status: StatusCode, fields: &mut Fields) {
        if let Some(errors) = fields.get_mut("errors") {
            self.errors(errors);
        }
        // What says that a request was repeated says so in one way.
        if status != StatusCode::TOO_MANY_REQUESTS && self.once_in(3) {
            let code = if status == StatusCode::UNAUTHORIZED { "1" } else { "7" };
            let code: String = code.into();
            let code = if self.once_in(2) { Node::Text(code) } else { Node::Plain(code) };
            if let Some(sentence) = fields.remove("message") {
                fields.insert("error".into(), code);
                fields.insert("errorDescription".into(), sentence);
            }
        }
    }

    /// A list of sentences for an object of fields; null or an object for an empty list.
    fn errors(&mut self, errors: &mut Node) {
        let turned = match errors {
            Node::Object(by_field) if self.once_in(3) => {
                let keyed = std::mem::take(by_field).into_iter();
                Node::Object(keyed.map(|(place, said)| (older_key(&place), said)).collect())
            }
            Node::Object(by_field) if self.once_in(2) => {
                let sentences = std::mem::take(by_field).into_values().flat_map(|of| match of {
                    Node::List(sentences) => sentences,
                    sentence => vec![sentence],
                });
                Node::List(sentences.collect())
            }
            Node::List(items) if items.is_empty() && self.once_in(2) => {
                if self.once_in(2) {
                    Node::null()
                } else {
                    Node::Object(Fields::new())
                }
            }
            _ => return,
        };
        *errors = turned;
    }
}

/// The place of a number as an example writes it: `messages0phone`.
fn older_key(place: &str) -> String {
    let of_many = place.strip_prefix("phones[").and_then(|rest| rest.strip_suffix("].number"));
    match of_many {
        Some(at) => format!("messages{at}phone"),
        None if place == "phone.number" => "messages0phone".to_owned(),
        None => place.to_owned(),
    }
}

/// Type and times of a campaign's detail by the names of the page.
fn by_the_pages_names(fields: &mut Fields) {
    for (schema, page) in
        [("type", "message_type"), ("started_at", "start_at"), ("actual_start_at", "real_start_at")]
    {
        if let Some(value) = fields.remove(schema) {
            fields.insert(page.into(), value);
        }
    }
}

/// The same amount without zeros at its end.
fn with_fewer_places(amount: &str) -> String {
    match amount.split_once('.') {
        Some((whole, places)) => match places.trim_end_matches('0') {
            "" => whole.to_owned(),
            places => format!("{whole}.{places}"),
        },
        None => amount.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn odd(seed: u64, status: u16, json: &str) -> String {
        rewritten(seed, StatusCode::from_u16(status).unwrap(), json.as_bytes()).unwrap()
    }

    /// Every way in which an answer is written by a hundred seeds.
    fn ways(status: u16, json: &str) -> String {
        (0..100).map(|seed| odd(seed, status, json) + "\n").collect()
    }

    #[test]
    fn every_oddity_comes_up() {
        let message = r#"{"data":{"id":4419393001,"phone":380661231211,"status":"sent","source":"rest",
            "reference_id":null,"amount":{"value":"0.0100000","currency":"EUR"},"sender":"x",
            "created_at":"2026-01-05 09:00:00"}}"#;
        let ways = ways(200, message);
        for part in [
            r#""id":"4419393001""#,
            r#""id":4419393001"#,
            r#""phone":"380661231211""#,
            r#""status":"SENT""#,
            r#""status":"sent""#,
            r#""source":"rest_v3""#,
            r#""value":"0.0100000""#,
            r#""value":"0.01""#,
            r#""value":0.0100000"#,
            r#""value":0.01}"#,
            r#""currency":null"#,
            r#""currency":"EUR""#,
            r#""alternative_channels":null"#,
            r#""alternative_channels":[]"#,
            r#""created_at":"2026-01-05T09:00:00""#,
            r#""extra_data":{"is_new":true}"#,
        ] {
            assert!(ways.contains(part), "{part}");
        }
        assert!(ways.lines().any(|way| !way.contains("reference_id")));
        assert!(ways.lines().any(|way| !way.contains("alternative_channels")));
    }

    #[test]
    fn a_campaign_starts_earlier_and_its_detail_has_other_names() {
        let ways = ways(
            200,
            r#"{"data":{"type":"rcs","started_at":"2026-01-05 09:00:00","actual_start_at":null,
                "start_at":null,"created_at":"2026-01-05 09:00:00","total_messages":1}}"#,
        );
        for part in [
            r#""start_at":"2026-01-05 06:00:00""#,
            r#""started_at":"2026-01-05 06:00:00""#,
            r#""start_at":"2026-01-05 09:00:00""#,
            r#""message_type":"rcs""#,
            r#""real_start_at":null"#,
        ] {
            assert!(ways.contains(part), "{part}");
        }
    }

    #[test]
    fn refusals_come_in_all_their_shapes() {
        let ways = ways(422, r#"{"message":"No.","errors":{"a":["b","c"],"d":["e"]}}"#);
        for part in [
            r#""errors":{"a":["b","c"],"d":["e"]}"#,
            r#""errors":["b","c","e"]"#,
            r#""message":"No.""#,
            r#""error":"7","errorDescription":"No.""#,
            r#""error":7,"errorDescription":"No.""#,
        ] {
            assert!(ways.contains(part), "{part}");
        }
        let ways = self::ways(429, r#"{"message":"Again","errors":[]}"#);
        assert!(ways.lines().all(|way| way.contains(r#""message":"Again""#)));
        for part in [r#""errors":[]"#, r#""errors":null"#, r#""errors":{}"#] {
            assert!(ways.contains(part), "{part}");
        }
    }

    #[test]
    fn the_same_answer_is_always_odd_in_the_same_way_and_words_stay_as_they_are() {
        let json = r#"{"data":[{"id":1,"fields":{"1":"A b"},"rcs_options":{"cards":[{"id":1}]}}],
            "meta":{"page":{"total":1}}}"#;
        for seed in 0..100 {
            let way = odd(seed, 200, json);
            assert_eq!(way, odd(seed, 200, json));
            assert!(way.contains(r#""fields":{"1":"A b"}"#), "{way}");
            assert!(way.contains(r#""rcs_options":{"cards":[{"id":1}]}"#), "{way}");
            assert!(way.contains(r#""meta":{"page":{"total":1}}"#), "{way}");
        }
        assert_eq!(rewritten(0, StatusCode::OK, b"no json"), None);
    }
}

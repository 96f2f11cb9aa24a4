//! What a search asks for: conditions of a field, an operator and a value, all of which must hold; and an order.

use bsg_rcs_sandbox_engine::{FieldValue, Operator};
use bsg_rcs_wire::Fault;
use bsg_rcs_wire::generated::{SearchEcho, query};

use super::query_params::QueryParams;
use crate::reply::{self, Refused};

/// One condition.
struct Condition<'a> {
    field: &'a str,
    operator: Operator,
    value: &'a str,
}

/// The conditions of a search.
pub(super) struct Search<'a>(Vec<Condition<'a>>);

/// Names of the three parameters of each condition.
const NAMES: [[&str; 3]; 2] = [
    [query::SEARCH_FIELD, query::SEARCH_OPERATOR, query::SEARCH_VALUE],
    [query::SEARCH_FIELDS_0_FIELD, query::SEARCH_FIELDS_0_OPERATOR, query::SEARCH_FIELDS_0_VALUE],
];

impl<'a> Search<'a> {
    /// The conditions. A field without a value is refused, and a value without a field.
    pub(super) fn read(asked: &'a QueryParams) -> Result<Self, Refused> {
        let mut conditions = Vec::new();
        for [field, operator, value] in NAMES {
            let operator = asked.text(operator).and_then(Operator::from_word);
            let operator = operator.unwrap_or(Operator::Like);
            match (asked.text(field), asked.text(value)) {
                (Some(field), Some(value)) => conditions.push(Condition { field, operator, value }),
                (None, None) => {}
                (Some(_), None) => return Err(missing(value)),
                (None, Some(_)) => return Err(missing(field)),
            }
        }
        Ok(Self(conditions))
    }

    /// Whether every condition finds something; of each field all that it holds is asked for, one value or several.
    pub(super) fn finds<'v>(&self, values_of: impl Fn(&str) -> Vec<FieldValue<'v>>) -> bool {
        self.0.iter().all(|Condition { field, operator, value }| {
            values_of(field).into_iter().any(|held| operator.finds(held, value))
        })
    }

    /// The first condition: where it looks, and for what.
    pub(super) fn first(&self) -> Option<(&'a str, &'a str)> {
        self.0.first().map(|condition| (condition.field, condition.value))
    }

    /// What is answered beside the page.
    pub(super) fn echo(&self) -> Option<SearchEcho> {
        self.0.first().map(|Condition { field, operator, value }| SearchEcho {
            field: Some((*field).to_owned()),
            operator: Some(operator.as_str().to_owned()),
            value: Some((*value).to_owned()),
        })
    }
}

/// Puts what was found in the order that is asked for; without one it stays as it is.
pub(super) fn sort<T, K: Ord>(found: &mut [T], asked: &QueryParams, key: impl Fn(&str, &T) -> K) {
    if let Some(by) = asked.text(query::SORT) {
        found.sort_by_key(|one| key(by, one));
    }
    if asked.text(query::WAY) == Some("desc") {
        found.reverse();
    }
}

fn missing(name: &str) -> Refused {
    let sentence = "The field is required.".into();
    reply::invalid(vec![Fault { field: Some(name.to_owned()), sentence }])
}

//! What a search asks for: a field, an operator, a value.

use bsg_rcs_wire::Fault;
use bsg_rcs_wire::generated::{SearchEcho, query};

use super::asked::Asked;
use super::reply;
use super::reply::Refused;
use crate::engine::{Held, Operator};

/// One condition of a search.
pub(super) struct Search<'a> {
    /// Where.
    pub(super) field: &'a str,
    operator: Operator,
    value: &'a str,
}

/// Names of the three parameters of a condition.
pub(super) struct Names {
    field: &'static str,
    operator: &'static str,
    value: &'static str,
}

/// `search[...]`
pub(super) const SEARCH: Names = Names {
    field: query::SEARCH_FIELD,
    operator: query::SEARCH_OPERATOR,
    value: query::SEARCH_VALUE,
};

/// `search_fields[0][...]`
pub(super) const SEARCH_FIELDS: Names = Names {
    field: query::SEARCH_FIELDS_0_FIELD,
    operator: query::SEARCH_FIELDS_0_OPERATOR,
    value: query::SEARCH_FIELDS_0_VALUE,
};

impl<'a> Search<'a> {
    /// The condition, if there is one. A field without a value is refused, and a value without a field.
    pub(super) fn read(asked: &'a Asked, names: &Names) -> Result<Option<Self>, Refused> {
        let operator = asked.text(names.operator).and_then(Operator::from_word);
        let operator = operator.unwrap_or(Operator::Like);
        match (asked.text(names.field), asked.text(names.value)) {
            (Some(field), Some(value)) => Ok(Some(Self { field, operator, value })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(missing(names.value)),
            (None, Some(_)) => Err(missing(names.field)),
        }
    }

    /// Whether it finds what holds this.
    pub(super) fn finds(&self, held: Held<'_>) -> bool {
        self.operator.finds(held, self.value)
    }

    /// What is answered beside the page.
    pub(super) fn echo(&self) -> SearchEcho {
        SearchEcho {
            field: Some(self.field.to_owned()),
            operator: Some(self.operator.as_str().to_owned()),
            value: Some(self.value.to_owned()),
        }
    }

    /// The value, where the operator cannot be chosen.
    pub(super) fn value(&self) -> &'a str {
        self.value
    }
}

fn missing(name: &str) -> Refused {
    let sentence = "The field is required.".into();
    reply::invalid(vec![Fault { field: Some(name.to_owned()), sentence }])
}

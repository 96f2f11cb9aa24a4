//! The OpenAPI document: whole in itself, and in step with the types.

use bsg_rcs_wire::generated::{paths, query};
use bsg_rcs_wire::{Callback, OPENAPI};
use serde_json::Value;

fn document() -> Value {
    serde_json::from_str(OPENAPI).unwrap()
}

/// Calls `visit` with every object of the document.
fn every_object(value: &Value, visit: &mut dyn FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(fields) => {
            visit(fields);
            fields.values().for_each(|field| every_object(field, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| every_object(item, visit)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut references = 0;
    every_object(&document, &mut |object| {
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            references += 1;
            assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
        }
    });
    assert!(references > 50);
}

#[test]
fn every_description_says_where_it_is_from() {
    let document = document();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        let description = schema["description"].as_str().unwrap();
        assert!(description.contains('[') && description.ends_with(']'), "{name}: {description}");
    }
}

#[test]
fn operations_have_unique_ids() {
    let mut ids = Vec::new();
    every_object(&document(), &mut |object| {
        ids.extend(object.get("operationId").and_then(Value::as_str).map(str::to_owned));
    });
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((count, ids.len()), (44, 44));
}

#[test]
fn the_constants_are_the_documents() {
    let document = document();
    let all = [
        paths::AUTH_LOGIN,
        paths::AUTH_REFRESH,
        paths::MESSAGES_RCS_SEND,
        paths::MESSAGES,
        paths::MESSAGES_SEND,
        paths::CAMPAIGNS_RCS_SEND,
        paths::CAMPAIGNS_RCS_SEND_GROUPS,
        paths::CAMPAIGNS,
        paths::CAMPAIGNS_SEND,
        paths::CAMPAIGNS_ID,
        paths::CAMPAIGNS_ID_DETAIL,
        paths::CAMPAIGNS_ID_STOP,
        paths::CAMPAIGNS_ID_RENEW,
        paths::ACCOUNTS_BALANCE,
        paths::ACCOUNTS_TARIFF,
        paths::STOPLIST,
        paths::STOPLIST_ATTACH,
        paths::STOPLIST_DETACH,
        paths::STOPLIST_SEARCH,
        paths::CONTACTS,
        paths::CONTACTS_DELETE,
        paths::CONTACTS_SEARCH,
        paths::CONTACTS_FIELDS,
        paths::CONTACTS_FIELDS_DELETE,
        paths::CONTACTS_FIELDS_ID,
        paths::CONTACTS_ID,
        paths::GROUPS,
        paths::GROUPS_ATTACH,
        paths::GROUPS_DETACH,
        paths::GROUPS_SEARCH,
        paths::GROUPS_ID,
        paths::STAT_JOBS,
        paths::STAT_JOBS_KEY,
    ];
    assert_eq!(document["paths"].as_object().map(serde_json::Map::len), Some(all.len()));
    for path in all {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
    assert_eq!(query::FILTER_REFERENCE_ID, "filter[reference_id]");
}

#[test]
fn its_example_is_the_founding_one() {
    let example = document()["components"]["schemas"]["StatusReport"]["example"].to_string();
    let Callback::StatusReport(report) = Callback::read(example.as_bytes()).unwrap() else {
        panic!("{example}")
    };
    assert_eq!(report.price.unwrap().as_str(), "1.1000000");
}

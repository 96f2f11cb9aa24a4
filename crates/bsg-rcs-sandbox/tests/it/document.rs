//! The sandbox against the whole OpenAPI document: every operation is there, every success is true to it, and every
//! body and parameter that it forbids is refused.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use crate::client::{CAMPAIGN, World, campaign_to, text_to};

/// One operation of the document.
struct Operation {
    id: String,
    method: Method,
    path: String,
    described: Value,
}

/// Every operation; what deletes comes last, so that the others find what they need.
fn operations(document: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, described) in item.as_object().unwrap() {
            if let Some(id) = described["operationId"].as_str() {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                let (id, path, described) = (id.to_owned(), path.clone(), described.clone());
                found.push(Operation { id, method, path, described });
            }
        }
    }
    found.sort_by_key(|operation| operation.method == Method::DELETE);
    assert!(found.len() > 30, "the document was read: {}", found.len());
    found
}

fn document() -> Value {
    serde_json::from_str(bsg_rcs_wire::OPENAPI).unwrap()
}

/// Ids of what was made for the operations to work with.
struct Made {
    campaign: u64,
    /// To be looked at, changed, deleted; to be deleted with others; to be put on lists.
    contacts: [u64; 3],
    list: u64,
    stopped: u64,
    /// To be changed, to be deleted.
    fields: [u64; 2],
    job: String,
}

async fn make(world: &World) -> Made {
    let id = async |path: &str, body: Value| {
        let (_, answer) = world.post(path, &body).await;
        let data = &answer["data"];
        data.get("id").unwrap_or(&data[0]["id"]).as_u64().unwrap_or_else(|| panic!("{answer}"))
    };
    let contact = async |phone: &str| id("/api/contacts", json!({ "phone": phone })).await;
    let stopped = json!({ "phones": [380_661_231_250_u64], "types": ["rcs"] });
    let field = async |name: &str| {
        id("/api/contacts/fields", json!({ "name": name, "type": "text" })).await
    };
    let (_, sent) = world.post("/api/messages/rcs/send", &text_to("380661231254", "job")).await;
    let job = json!({ "type": "message", "message_id": [sent["data"]["id"]] });
    let (_, job) = world.post("/api/stat/jobs", &job).await;
    Made {
        fields: [field("Birthday").await, field("Name").await],
        job: job["key"].as_str().unwrap().to_owned(),
        campaign: id(CAMPAIGN, campaign_to([380_661_231_293])).await,
        contacts: [
            contact("380661231240").await,
            contact("380661231241").await,
            contact("380661231242").await,
        ],
        list: id("/api/groups", json!({ "name": "Regulars" })).await,
        stopped: id("/api/stoplist/attach", stopped).await,
    }
}

/// What each operation is asked so that it succeeds: the id in its path, its query, its body.
fn good(operation: &str, made: &Made) -> (u64, String, Value) {
    let [contact, doomed, member] = made.contacts;
    let (list, stopped) = (made.list, made.stopped);
    let universal = |to: Value| {
        let mut body = json!({ "channels": ["rcs"], "dry_run": true });
        body["rcs"] = json!({ "sender": "demo_agent", "text": "Hello" });
        body.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
        body
    };
    let to = json!({ "number": "380661231211" });
    let members = json!({ "contacts": [member], "groups": [list] });
    let (query, body) = match operation {
        "login" => ("", json!({ "api_key": "live_sandbox" })),
        "sendRcsMessage" => ("", text_to("380661231211", "hello")),
        "sendUniversalMessage" => ("", universal(json!({ "phone": to }))),
        "sendRcsCampaign" => ("", campaign_to([380_661_231_211])),
        "sendRcsCampaignToLists" => (
            "",
            json!({ "groups": [list], "sender": "demo_agent", "options": { "text": "Hello" } }),
        ),
        "sendUniversalCampaign" => ("", universal(json!({ "recipients": { "phones": [to] } }))),
        "listCampaigns" => ("filter[type]=rcs", Value::Null),
        "attachToStopList" => ("", json!({ "phones": [380_661_231_251_u64], "types": ["sms"] })),
        "detachFromStopList" => ("", json!({ "ids": [stopped], "types": ["viber"] })),
        "searchStopList" | "searchContacts" => {
            ("search[field]=phone&search[value]=380", Value::Null)
        }
        "createContact" => {
            let fields = json!([{ "id": 1, "value": "Ann" }]);
            ("", json!({ "phone": "380661231260", "fields": fields, "groups": [list] }))
        }
        "deleteContacts" => return (0, format!("contact_ids[]={doomed}"), Value::Null),
        "changeContact" => ("", json!({ "phone": "380661231261" })),
        "createContactList" => ("", json!({ "name": "Guests", "description": "new" })),
        "attachToContactLists" | "detachFromContactLists" => ("", members),
        "searchContactLists" => ("search[field]=name&search[value]=e", Value::Null),
        "changeContactList" => ("", json!({ "name": "Friends" })),
        "createContactField" => ("", json!({ "name": "City", "type": "text" })),
        "changeContactField" => ("", json!({ "name": "Town" })),
        "deleteContactFields" => ("", json!({ "ids": [made.fields[1]] })),
        "createStatJob" => (
            "",
            json!({
                "type": "params",
                "time_in_from": "2026-01-05 00:00:00",
                "time_in_to": "2026-01-06T00:00:00",
            }),
        ),
        "resumeCampaign" | "listContactFields" | "listStatJobs" | "getStatJob"
        | "deleteStatJob" | "refreshToken" | "listMessages" | "getCampaign"
        | "getCampaignDetail" | "stopCampaign" | "getBalance" | "listTariffs" | "listStopList"
        | "listContacts" | "getContact" | "deleteContact" | "listContactLists"
        | "getContactList" | "deleteContactList" => ("", Value::Null),
        unknown => panic!("the document has an operation that is not tried here: {unknown}"),
    };
    let id = match operation {
        "getContact" | "changeContact" | "deleteContact" => contact,
        "getContactList" | "changeContactList" | "deleteContactList" => list,
        "changeContactField" => made.fields[0],
        _ => made.campaign,
    };
    (id, query.into(), body)
}

fn path_of(operation: &Operation, id: u64, made: &Made) -> String {
    operation.path.replace("{id}", &id.to_string()).replace("{key}", &made.job)
}

/// The document's code and schema of success.
fn success(operation: &Operation) -> (u16, Option<&Value>) {
    let responses = operation.described["responses"].as_object().unwrap();
    let (code, response) = responses.iter().find(|(code, _)| code.starts_with('2')).unwrap();
    let schema = response.pointer("/content/application~1json/schema");
    (code.parse().unwrap(), schema)
}

/// Lets every object have the fields that are described and no other.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".into(), false.into());
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[track_caller]
fn check(document: &Value, operation: &Operation, body: &Value) {
    let (_, schema) = success(operation);
    let Some(schema) = schema else {
        assert_eq!(body, &Value::Null, "{}", operation.id);
        return;
    };
    let mut whole = schema.clone();
    whole["components"] = json!({ "schemas": document["components"]["schemas"] });
    close(&mut whole);
    let validator = jsonschema::draft202012::new(&whole).unwrap();
    let errors: Vec<_> = validator.iter_errors(body).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{}: {errors:?}\n{body:#}", operation.id);
}

#[tokio::test]
async fn every_operation_is_there_and_its_success_is_true_to_the_document() {
    let document = document();
    for later in [false, true] {
        let world = World::new().await;
        let made = make(&world).await;
        // At once, and when a message has come to its end; a campaign that is done cannot be stopped.
        if later {
            let mut body = text_to("380661231295", "fallback");
            body["alternative_channel"] = json!({ "sms": { "text": "Hi", "sender": "Bistro" } });
            world.post("/api/messages/rcs/send", &body).await;
            world.advance("1h").await;
        }
        // Who is sent to by a list has to be on it.
        let members = json!({ "contacts": [made.contacts[2]], "groups": [made.list] });
        assert_eq!(world.post("/api/groups/attach", &members).await.0, 200);
        for operation in operations(&document) {
            // One that is not paused cannot be resumed.
            if later && operation.id == "stopCampaign" || operation.id == "resumeCampaign" {
                continue;
            }
            let (id, query, body) = good(&operation.id, &made);
            let path = path_of(&operation, id, &made) + "?" + &query;
            let body = (!body.is_null()).then_some(&body);
            let answer = world.call(operation.method.clone(), &path, body).await;
            let (status, answer) = answer.unwrap();
            assert_eq!(status, success(&operation).0, "{}: {answer}", operation.id);
            check(&document, &operation, &answer);
            if let Some(Value::Array(items)) = answer.get("data") {
                assert!(!items.is_empty(), "{}: nothing was checked", operation.id);
            }
        }
    }
}

#[tokio::test]
async fn nobody_is_answered_without_a_token() {
    let world = World::new().await;
    let made = make(&world).await;
    let json = [("content-type", "application/json".to_owned())];
    for operation in operations(&document()).iter().filter(|operation| operation.id != "login") {
        let (id, query, body) = good(&operation.id, &made);
        let path = path_of(operation, id, &made) + "?" + &query;
        let body = Bytes::from(body.to_string());
        let answer = world.raw(operation.method.clone(), &path, &json, body).await;
        assert_eq!(answer.unwrap().0, 401, "{}", operation.id);
    }
}

#[tokio::test]
async fn a_body_that_the_document_forbids_is_refused_everywhere() {
    let world = World::new().await;
    let made = make(&world).await;
    let token = ("authorization", format!("Bearer {}", world.token));
    let json_type = ("content-type", "application/json".to_owned());
    for operation in operations(&document()) {
        if operation.described.get("requestBody").is_none() {
            continue;
        }
        let (id, _, good) = good(&operation.id, &made);
        let path = path_of(&operation, id, &made);
        let send = async |headers: &[(&str, String)], body: Vec<u8>| {
            let method = operation.method.clone();
            world.raw(method, &path, headers, body.into()).await.unwrap().0
        };
        let headers = [token.clone(), json_type.clone()];
        for body in ["{}", "[]", "null", "{", ""] {
            assert_eq!(send(&headers, body.into()).await, 422, "{} {body:?}", operation.id);
        }
        // Every field that it needs, with a value that none can have.
        for field in good.as_object().unwrap().keys() {
            let mut bad = good.clone();
            bad[field] = json!({ "of": { "no": "kind" } });
            let status = send(&headers, bad.to_string().into()).await;
            assert_eq!(status, 422, "{} {field}", operation.id);
        }
        assert_eq!(send(&headers[..1], good.to_string().into()).await, 415, "{}", operation.id);
        let large = vec![b' '; 8 * 1024 * 1024 + 1];
        assert_eq!(send(&headers, large).await, 413, "{}", operation.id);
    }
}

#[tokio::test]
async fn a_parameter_that_the_document_forbids_is_refused_everywhere() {
    let world = World::new().await;
    let made = make(&world).await;
    let mut tried = 0;
    for operation in operations(&document()) {
        let (id, query, _) = good(&operation.id, &made);
        let path = path_of(&operation, id, &made);
        for parameter in operation.described["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            // A text that may be anything is never forbidden.
            let constraints = ["enum", "pattern", "minLength", "format"];
            let schema = &parameter["schema"];
            if schema["type"] == "string"
                && constraints.iter().all(|name| schema.get(name).is_none())
            {
                continue;
            }
            // A word is no number, none of a list of words, and no date; only a free text may be it.
            let bad = if parameter["schema"].get("minLength").is_some() { "" } else { "no.thing" };
            let path = format!("{path}?{query}&{name}={bad}");
            let (status, refused) =
                world.call(operation.method.clone(), &path, None).await.unwrap();
            assert_eq!(status, 422, "{path}");
            assert!(refused["errors"][name].is_array(), "{path}: {refused}");
            tried += 1;
        }
    }
    assert!(tried > 40, "{tried}");
}

#[tokio::test]
async fn another_method_is_405() {
    let world = World::new().await;
    let operations = operations(&document());
    for operation in &operations {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let of_path = |other: &&Operation| other.path == operation.path;
            let known = operations.iter().filter(of_path).any(|other| other.method == method);
            // A copy of the vendor's page has PUT there.
            let known = known || (operation.id == "stopCampaign" && method == Method::PUT);
            if !known {
                let path = operation.path.replace("{id}", "1").replace("{key}", "1");
                let (status, _) = world.call(method.clone(), &path, None).await.unwrap();
                assert_eq!(status, 405, "{method} {path}");
            }
        }
    }
}

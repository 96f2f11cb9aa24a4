//! Requests against the OpenAPI document: bodies and query parameters, each schema compiled once.
//!
//! What is found is answered at its place, written as `phones[17].number`. The sentences do not repeat the value:
//! it may be somebody's number.

use std::collections::BTreeMap;

use bsg_rcs_wire::Fault;
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use jsonschema::paths::LocationSegment;
use serde_json::{Value, json};

/// The bodies that are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum BodyOf {
    /// A login.
    Login,
    /// A single send.
    Single,
    /// A campaign.
    Campaign,
    /// One recipient of a campaign.
    Recipient,
}

impl BodyOf {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Login, "LoginRequest"),
        (Self::Single, "SingleSend"),
        (Self::Campaign, "CampaignSend"),
        (Self::Recipient, "Recipient"),
    ];
}

/// The compiled document.
#[derive(Debug)]
pub(super) struct Schemas {
    bodies: BTreeMap<BodyOf, Validator>,
    /// Of the list of messages, by name; with whether it is an integer.
    parameters: BTreeMap<String, (bool, Validator)>,
}

/// Faults of one body that are looked for.
const FAULTS_MAX: usize = 100;

impl Schemas {
    /// Compiles what is needed of the document.
    pub(super) fn compile(document: &str) -> Result<Self, String> {
        let document: Value = serde_json::from_str(document).map_err(|error| error.to_string())?;
        let components = document.get("components").cloned().unwrap_or_default();
        let mut bodies = BTreeMap::new();
        for (body, name) in BodyOf::ALL {
            let reference = format!("#/components/schemas/{name}");
            let schema = json!({ "$ref": reference, "components": components });
            bodies.insert(body, compile(&schema)?);
        }
        let parameters = document.pointer("/paths/~1api~1messages/get/parameters");
        let parameters = parameters.and_then(Value::as_array).into_iter().flatten();
        let parameters = parameters.filter_map(|parameter| {
            let schema = parameter.get("schema")?;
            let integer = schema.get("type")? == "integer";
            let name = parameter.get("name")?.as_str()?.to_owned();
            Some(compile(schema).map(|validator| (name, (integer, validator))))
        });
        Ok(Self { bodies, parameters: parameters.collect::<Result<_, _>>()? })
    }

    /// What is wrong with a body.
    pub(super) fn body_faults(&self, of: BodyOf, body: &Value) -> Vec<Fault> {
        let Some(validator) = self.bodies.get(&of) else { return Vec::new() };
        if validator.is_valid(body) {
            return Vec::new();
        }
        validator.iter_errors(body).take(FAULTS_MAX).map(|error| fault(&error)).collect()
    }

    /// What is wrong with the parameters of the list of messages. Those that the document does not know are not
    /// looked at.
    pub(super) fn parameter_faults(&self, parameters: &[(String, String)]) -> Vec<Fault> {
        let faulty = parameters.iter().filter_map(|(name, text)| {
            let (integer, validator) = self.parameters.get(name)?;
            let number = || text.parse::<i64>().ok().map(Value::from);
            let value = if *integer { number() } else { None };
            let value = value.unwrap_or_else(|| Value::from(text.as_str()));
            let error = validator.validate(&value).err()?;
            Some(Fault { field: Some(name.clone()), sentence: sentence(&error) })
        });
        faulty.collect()
    }
}

fn compile(schema: &Value) -> Result<Validator, String> {
    jsonschema::draft202012::new(schema).map_err(|error| error.to_string())
}

fn fault(error: &jsonschema::ValidationError<'_>) -> Fault {
    let mut place = String::new();
    for segment in error.instance_path() {
        match segment {
            LocationSegment::Property(name) => push_name(&mut place, &name),
            LocationSegment::Index(index) => place.push_str(&format!("[{index}]")),
        }
    }
    if let ValidationErrorKind::Required { property } = error.kind() {
        push_name(&mut place, property.as_str().unwrap_or_default());
        return Fault { field: Some(place), sentence: "The field is required.".into() };
    }
    let field = (!place.is_empty()).then_some(place);
    Fault { field, sentence: sentence(error) }
}

fn push_name(place: &mut String, name: &str) {
    if !place.is_empty() {
        place.push('.');
    }
    place.push_str(name);
}

/// The sentence, with "value" in the place of the value itself.
fn sentence(error: &jsonschema::ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::AnyOf { .. }
        | ValidationErrorKind::OneOfNotValid { .. }
        | ValidationErrorKind::OneOfMultipleValid { .. } => {
            "The value has none of the forms that it may have.".into()
        }
        _ => error.masked().to_string(),
    }
}

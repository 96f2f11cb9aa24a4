//! Requests against the OpenAPI document: the body and the query parameters of every operation, each schema compiled
//! once, found by method and path.
//!
//! What is found is answered at its place, written as `phones[17].number`. The sentences do not repeat the value:
//! it may be a phone number.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use bsg_rcs_domain::CivilDateTime;
use bsg_rcs_wire::Fault;
use http::Method;
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use jsonschema::paths::LocationSegment;
use serde_json::{Value, json};

/// The compiled document.
#[derive(Debug, Default)]
pub(crate) struct Schemas {
    /// By path, as the document writes it, and method.
    operations: HashMap<String, BTreeMap<String, Operation>>,
    /// One recipient of a campaign, for the world that leaves faulty ones out (A21).
    recipient: Option<Validator>,
}

/// What the document asks of one call.
#[derive(Debug)]
struct Operation {
    body: Option<Validator>,
    /// The same, with no field that the document does not name.
    strict_body: Option<Validator>,
    parameters: Vec<Parameter>,
}

/// A query parameter.
#[derive(Debug)]
struct Parameter {
    name: String,
    required: bool,
    /// Read as a number, if it can be.
    integer: bool,
    /// Read as a date, or a date and time.
    date: bool,
    validator: Validator,
}

/// Which operation a request calls: its method, and its path as the document writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
}

/// Faults of one body that are looked for.
const FAULTS_MAX: usize = 100;

/// Our document, compiled when it is first needed: every sandbox of a process checks against the same.
static OURS: LazyLock<Result<Schemas, String>> =
    LazyLock::new(|| Schemas::compile(bsg_rcs_wire::OPENAPI));

impl Schemas {
    /// Our document.
    ///
    /// # Errors
    /// Why the document cannot be used.
    pub(crate) fn ours() -> Result<&'static Self, String> {
        OURS.as_ref().map_err(Clone::clone)
    }

    /// Our document; one that asks for nothing, if it cannot be used, with which no sandbox starts.
    pub(crate) fn get() -> &'static Self {
        static NONE: LazyLock<Schemas> = LazyLock::new(Schemas::default);
        OURS.as_ref().unwrap_or(&NONE)
    }

    /// Compiles what is needed of a document.
    fn compile(document: &str) -> Result<Self, String> {
        let document: Value = serde_json::from_str(document).map_err(|error| error.to_string())?;
        let components = document.get("components").cloned().unwrap_or_default();
        let mut operations = HashMap::new();
        for (path, item) in members(document.get("paths")) {
            let mut of_path = BTreeMap::new();
            for (method, operation) in members(Some(item)).filter(|(name, _)| is_method(name)) {
                let compiled = Operation::compile(operation, &components)?;
                of_path.insert(method.to_ascii_uppercase(), compiled);
            }
            operations.insert(path.clone(), of_path);
        }
        let recipient = json!({ "$ref": "#/components/schemas/Recipient" });
        Ok(Self { operations, recipient: Some(compile(&recipient, &components)?) })
    }

    /// Whether there is a call of this method and path; the path as the document writes it, or with values in it.
    pub(crate) fn knows(&self, method: &str, path: &str) -> bool {
        let matches = |known: &str| {
            let same = |(known, asked): (&str, &str)| {
                known == asked || (known.starts_with('{') && !asked.is_empty())
            };
            known.split('/').count() == path.split('/').count()
                && known.split('/').zip(path.split('/')).all(same)
        };
        let mut operations = self.operations.iter();
        operations.any(|(known, of_path)| matches(known) && of_path.contains_key(method))
    }

    /// What is wrong with the body of a call.
    pub(super) fn body_faults(&self, call: &Call, body: &Value, strict: bool) -> Vec<Fault> {
        let operation = self.operation(call);
        let validator = operation
            .and_then(|of| if strict { of.strict_body.as_ref() } else { of.body.as_ref() });
        match validator {
            Some(validator) if !validator.is_valid(body) => validator
                .iter_errors(body)
                .flat_map(|error| faults(&error))
                .take(FAULTS_MAX)
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Whether this is a recipient as the document has it.
    pub(super) fn is_recipient(&self, recipient: &Value) -> bool {
        self.recipient.as_ref().is_none_or(|schema| schema.is_valid(recipient))
    }

    /// What is wrong with the query parameters of a call. Those that the document does not know are not looked at.
    pub(super) fn parameter_faults(&self, call: &Call, asked: &[(String, String)]) -> Vec<Fault> {
        let parameters = self.operation(call).map(|operation| operation.parameters.as_slice());
        parameters.unwrap_or_default().iter().flat_map(|one| one.faults(asked)).collect()
    }

    fn operation(&self, call: &Call) -> Option<&Operation> {
        self.operations.get(&call.path)?.get(call.method.as_str())
    }
}

impl Operation {
    fn compile(operation: &Value, components: &Value) -> Result<Self, String> {
        let body = operation.pointer("/requestBody/content/application~1json/schema");
        let strict_body = body.map(|schema| compile(schema, &closed(components))).transpose()?;
        let body = body.map(|schema| compile(schema, components)).transpose()?;
        let parameters = operation.get("parameters").and_then(Value::as_array);
        let of_query = |parameter: &&Value| parameter["in"] == "query";
        let parameters = parameters.into_iter().flatten().filter(of_query);
        let parameters = parameters.map(|parameter| Parameter::compile(parameter, components));
        Ok(Self { body, strict_body, parameters: parameters.collect::<Result<_, _>>()? })
    }
}

impl Parameter {
    fn compile(parameter: &Value, components: &Value) -> Result<Self, String> {
        let schema = &parameter["schema"];
        Ok(Self {
            name: parameter["name"].as_str().unwrap_or_default().to_owned(),
            required: parameter["required"] == true,
            integer: schema["type"] == "integer",
            date: schema["format"] == "civil-date-time",
            validator: compile(schema, components)?,
        })
    }

    /// What is wrong with it, of each time that it was given.
    fn faults(&self, asked: &[(String, String)]) -> Vec<Fault> {
        let given: Vec<&str> =
            asked.iter().filter(|(name, _)| *name == self.name).map(|(_, text)| &**text).collect();
        let fault = |sentence| Fault { field: Some(self.name.clone()), sentence };
        if given.is_empty() && self.required {
            return vec![fault("The field is required.".into())];
        }
        let sentences = given.into_iter().filter_map(|text| self.sentence(text));
        sentences.map(fault).collect()
    }

    fn sentence(&self, text: &str) -> Option<String> {
        // Digits alone make a number: `+5` and `005` are none of JSON.
        let number = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
        let value = number.filter(|_| self.integer).map_or_else(|| text.into(), Value::from);
        let error = self.validator.validate(&value).err().map(|error| sentence(&error));
        let no_date = || {
            (self.date && date_or_time(text, "00:00:00").is_none())
                .then(|| "There is no such date.".into())
        };
        error.or_else(no_date)
    }
}

/// A date and time; a date alone means this time of it.
pub(super) fn date_or_time(text: &str, of_a_date: &str) -> Option<CivilDateTime> {
    let civil = CivilDateTime::parse(text);
    civil.or_else(|_| CivilDateTime::parse(&format!("{text} {of_a_date}"))).ok()
}

/// The members of an object.
fn members(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

fn is_method(name: &str) -> bool {
    ["get", "post", "put", "patch", "delete"].contains(&name)
}

/// Compiles a schema, with the components that it leads to and no others: a validator keeps what it is given.
fn compile(schema: &Value, components: &Value) -> Result<Validator, String> {
    let mut needed = serde_json::Map::new();
    gather(schema, components, &mut needed);
    let mut schema = schema.clone();
    schema["components"] = json!({ "schemas": needed });
    jsonschema::draft202012::new(&schema).map_err(|error| error.to_string())
}

/// Adds the components that a schema refers to, and those that they refer to.
fn gather(schema: &Value, components: &Value, needed: &mut serde_json::Map<String, Value>) {
    match schema {
        Value::Object(members) => {
            let name = members.get("$ref").and_then(Value::as_str).and_then(component);
            if let Some(name) = name.filter(|name| !needed.contains_key(*name)) {
                let found = &components["schemas"][name];
                needed.insert(name.to_owned(), found.clone());
                gather(found, components, needed);
            }
            members.values().for_each(|member| gather(member, components, needed));
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, components, needed)),
        _ => {}
    }
}

/// The component that a reference names.
fn component(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/")
}

/// The same schemas, whose objects have no field but those that are named.
fn closed(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let mut closed: serde_json::Map<_, _> =
                members.iter().map(|(name, member)| (name.clone(), self::closed(member))).collect();
            if members.get("properties").is_some() && members.get("type").is_some() {
                closed.insert("additionalProperties".into(), false.into());
            }
            closed.into()
        }
        Value::Array(items) => items.iter().map(closed).collect(),
        plain => plain.clone(),
    }
}

/// What an error says, at one place or at several.
fn faults(error: &jsonschema::ValidationError<'_>) -> Vec<Fault> {
    let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() else {
        return vec![fault(error)];
    };
    let of_field = |name: &String| {
        let mut place = place(error);
        push_name(&mut place, name);
        Fault { field: Some(place), sentence: "There is no such field.".into() }
    };
    unexpected.iter().map(of_field).collect()
}

fn fault(error: &jsonschema::ValidationError<'_>) -> Fault {
    let mut place = place(error);
    if let ValidationErrorKind::Required { property } = error.kind() {
        push_name(&mut place, property.as_str().unwrap_or_default());
        return Fault { field: Some(place), sentence: "The field is required.".into() };
    }
    let field = (!place.is_empty()).then_some(place);
    Fault { field, sentence: sentence(error) }
}

/// Where an error is, written as `phones[17].number`.
fn place(error: &jsonschema::ValidationError<'_>) -> String {
    let mut place = String::new();
    for segment in error.instance_path() {
        match segment {
            LocationSegment::Property(name) => push_name(&mut place, &name),
            LocationSegment::Index(index) => place.push_str(&format!("[{index}]")),
        }
    }
    place
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

//! The JSON Schema of plan files, for editors: completion and hints while typing.
//!
//! ```text
//!  registry ─► fields of each kind ─► definitions ─┐
//!                                                  ├─► one schema, draft 07
//!  [stack], [[expect]], lifecycle, … ──────────────┘
//! ```
//!
//! It is made from the same descriptions that check a file, so a kind's fields
//! are right by themselves. What spans tables (references, CIDRs, cycles) is for
//! `s3net validate`. Draft 07 is what editors' TOML plug-ins read.

use serde_json::{Map, Value, json};

use super::kind_text::LIFECYCLE_FIELDS;
use crate::kind::{Default, Field, Kind, OnChange, PolicyUse, Registry, Type};

/// What stands for a text with an interpolation in place of another type.
const INTERPOLATED: &str = r"\$\{";

/// A lifetime, or a text with an interpolation.
const LIFETIME: &str = r"^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?$|\$\{";

/// The schema of a plan file with these kinds.
#[must_use]
pub fn file_schema(registry: Registry) -> Value {
    let mut properties = Map::new();
    let mut definitions = own_definitions();
    let mut look_ups = Map::new();
    for kind in registry.tables() {
        let about = kind.about();
        let table = |of: &str| {
            json!({
                "type": "object",
                "description": about.summary,
                "additionalProperties": { "$ref": format!("#/definitions/{of}") },
            })
        };
        properties.insert(about.name.to_owned(), table(about.name));
        look_ups.insert(about.name.to_owned(), table("existing"));
        definitions.insert(about.name.to_owned(), of_kind(kind));
    }
    properties.extend(own_properties(look_ups));
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "s3net plan file",
        "description": "Private network paths from AWS subnets to S3: one file is one stack.",
        "type": "object",
        "required": ["stack"],
        "properties": properties,
        "additionalProperties": false,
        "definitions": definitions,
    })
}

/// The tables and lists at the top that are no kinds.
fn own_properties(look_ups: Map<String, Value>) -> Map<String, Value> {
    let list = |of: &str, doc: &str| {
        json!({
            "type": "array",
            "description": doc,
            "items": { "$ref": format!("#/definitions/{of}") },
        })
    };
    [
        ("stack", json!({ "$ref": "#/definitions/stack" })),
        (
            "variables",
            json!({
                "type": "object",
                "description": "Values for `${var.…}`; `--var NAME=VALUE` sets others.",
                "additionalProperties": { "type": ["string", "integer", "boolean"] },
            }),
        ),
        (
            "existing",
            json!({
                "type": "object",
                "description": "What is looked up and never changed.",
                "properties": look_ups,
                "additionalProperties": false,
            }),
        ),
        (
            "expect",
            list("expect", "What the network is expected to do."),
        ),
        (
            "moved",
            list("moved", "Tables that were given another name."),
        ),
        (
            "removed",
            list(
                "removed",
                "Tables that were taken out, and whose objects stay.",
            ),
        ),
        (
            "import",
            list("import", "Objects that others made, to be adopted."),
        ),
    ]
    .into_iter()
    .map(|(name, schema)| (name.to_owned(), schema))
    .collect()
}

/// The forms of the tables that are no kinds.
fn own_definitions() -> Map<String, Value> {
    let address = text("An address, such as \"vpc.main\".");
    let [prevent, beside, ignore, removal] = LIFECYCLE_FIELDS.map(|field| field.doc);
    let several = json!({
        "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
    });
    let tags = json!({
        "type": "object",
        "description": "Tags by key.",
        "additionalProperties": { "type": "string" },
    });
    let definitions = [
        (
            "stack",
            object(
                json!({
                    "name": text("Written on everything that s3net makes."),
                    "region": text("Where the stack lives, such as \"ap-northeast-1\"."),
                    "account": text("Refuse to run in any other account: 12 digits."),
                    "state": text("Where state is kept: a folder, or \"s3://BUCKET/PREFIX\"."),
                    "ttl": {
                        "type": "string",
                        "description": "How long the stack is to live, such as \"8h\".",
                        "pattern": LIFETIME,
                    },
                    "tags": { "$ref": "#/definitions/tags" },
                }),
                &["name"],
            ),
        ),
        ("tags", tags),
        (
            "existing",
            object(
                json!({
                    "id": text("AWS's id of it."),
                    "name": text("AWS's own name of it, for buckets, roles and zones."),
                    "tags": { "$ref": "#/definitions/tags" },
                }),
                &[],
            ),
        ),
        (
            "lifecycle",
            object(
                json!({
                    "prevent_destroy": flag(prevent),
                    "ignore": {
                        "type": "array",
                        "description": ignore,
                        "items": { "type": "string" },
                    },
                    "create_before_destroy": flag(beside),
                    "on_remove": {
                        "description": removal,
                        "enum": ["destroy", "forget"],
                    },
                }),
                &[],
            ),
        ),
        (
            "expect",
            object(
                json!({
                    "from": described(&several, "Who asks: instances or subnets; `*` stands for any."),
                    "to": described(&several, "Buckets, `*` for any, or a service's name."),
                    "via": described(&several, "The only doors that it may take."),
                    "not_via": described(&several, "Doors that it may not take."),
                    "reachable": flag("Whether it is to be reached at all."),
                    "private": flag("Whether it is to stay off public addresses."),
                    "action": described(&several, "What is asked for, such as \"s3:PutObject\"."),
                    "name": text("Which name the client calls."),
                    "object": text("Which object is meant."),
                }),
                &["from", "to"],
            ),
        ),
        (
            "moved",
            object(json!({ "from": address, "to": address }), &["from", "to"]),
        ),
        (
            "removed",
            object(
                json!({
                    "from": address,
                    "destroy": flag("Whether its object goes, too; it stays otherwise."),
                }),
                &["from"],
            ),
        ),
        (
            "import",
            object(
                json!({ "to": address, "id": text("AWS's id of it, or its name.") }),
                &["to", "id"],
            ),
        ),
    ];
    definitions
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

/// The form of a kind's tables.
fn of_kind(kind: &dyn Kind) -> Value {
    let mut schema = of_fields(kind.fields());
    schema["description"] = kind.about().summary.into();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for name in ["tags", "lifecycle"] {
            properties.insert(
                name.to_owned(),
                json!({ "$ref": format!("#/definitions/{name}") }),
            );
        }
    }
    schema
}

fn of_fields(fields: &[Field]) -> Value {
    let stated = fields.iter().filter(|field| !field.hidden);
    let required: Vec<&str> = stated
        .clone()
        .filter(|field| field.required)
        .map(|field| field.name)
        .collect();
    let properties: Map<String, Value> = stated
        .map(|field| (field.name.to_owned(), of_field(field)))
        .collect();
    object(properties.into(), &required)
}

fn of_field(field: &Field) -> Value {
    let mut doc = field.doc.to_owned();
    if let OnChange::Replace(reason) = field.on_change {
        doc.push_str(&format!(" A change makes the object anew: {reason}."));
    }
    let mut schema = described(&of_type(&field.holds), &doc);
    match field.default {
        Default::Unmanaged | Default::Empty => {}
        Default::Bool(value) => schema["default"] = value.into(),
        Default::Integer(value) => schema["default"] = value.into(),
        Default::Text(value) => schema["default"] = value.into(),
    }
    schema
}

fn of_type(holds: &Type) -> Value {
    match holds {
        Type::Text | Type::CaselessText | Type::DnsName | Type::Zone => json!({ "type": "string" }),
        Type::OneOf(choices) => json!({
            "type": "string",
            "anyOf": [{ "enum": choices }, { "pattern": INTERPOLATED }],
        }),
        // A keyword counts for the types that it is meant for. One schema with two
        // types is completed once; two alternatives would be, twice.
        Type::Bool => json!({ "type": ["boolean", "string"], "pattern": INTERPOLATED }),
        Type::Integer(low, high) => json!({
            "type": ["integer", "string"],
            "minimum": low,
            "maximum": high,
            "pattern": INTERPOLATED,
        }),
        Type::Cidr4(low, high) => json!({
            "type": "string",
            "description": format!("An IPv4 block, /{low} to /{high}."),
        }),
        Type::Cidr => json!({ "type": "string", "description": "An IP block." }),
        Type::Reference { kinds, .. } => json!({
            "type": "string",
            "description": format!("The name of {}, or an id.", kinds.join(", ")),
        }),
        Type::List(item) => json!({ "type": "array", "items": of_type(item) }),
        Type::Set(item) => {
            json!({ "type": "array", "items": of_type(item), "uniqueItems": true })
        }
        Type::Object(fields) => of_fields(fields),
        Type::Map(item) => json!({ "type": "object", "additionalProperties": of_type(item) }),
        Type::Policy(used) => of_policy(*used),
    }
}

/// A policy: a document as JSON, as TOML or in a file, or a shorthand.
fn of_policy(used: PolicyUse) -> Value {
    let texts = json!({ "type": "array", "items": { "type": "string" } });
    let mut properties = json!({
        "file": text("A file with the document, relative to the plan file."),
        "Version": text("The version of the policy language."),
        "Id": text("AWS does not read it."),
        "Statement": { "description": "Its statements.", "type": ["array", "object"] },
    });
    match used {
        PolicyUse::Resource => {
            properties["allow_buckets"] = described(&texts, "Everything on these buckets.");
            properties["actions"] = described(&texts, "Which actions, in place of `s3:*`.");
        }
        PolicyUse::Identity => {
            properties["allow"] = described(&texts, "The actions that are allowed.");
            properties["deny"] = described(&texts, "The actions that are denied.");
            properties["on"] = described(&texts, "On what, such as \"bucket.data\".");
        }
        PolicyUse::Trust => {}
    }
    json!({ "anyOf": [{ "type": "string" }, object(properties, &[])] })
}

fn object(properties: Value, required: &[&str]) -> Value {
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn text(doc: &str) -> Value {
    json!({ "type": "string", "description": doc })
}

fn flag(doc: &str) -> Value {
    json!({ "type": "boolean", "description": doc })
}

/// The same with words of its own; a type's own words come behind them.
fn described(schema: &Value, doc: &str) -> Value {
    let mut schema = schema.clone();
    let more = schema["description"]
        .as_str()
        .map(|more| format!(" {more}"));
    schema["description"] = format!("{doc}{}", more.unwrap_or_default()).into();
    schema
}

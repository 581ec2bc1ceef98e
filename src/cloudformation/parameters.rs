//! What a template's parameters stand for.
//!
//! | parameter | stands for |
//! |---|---|
//! | of the root template | a variable of the plan file |
//! | of the root template, a list | its items, written out |
//! | of a nested template | what the outer one passes, else its default |
//! | the newest image of Amazon's | the image's short name |

use super::node::{Holds, Node};
use super::scope::{Fault, World, joined_by};
use super::value::split;
use crate::draft;
use crate::model::Value;

/// The public parameters that an image's name stands for.
const IMAGES: &[(&str, &str)] = &[
    ("al2023-ami-kernel-default-x86_64", "al2023"),
    ("al2023-ami-kernel-default-arm64", "al2023-arm64"),
    ("amzn2-ami-hvm-x86_64-gp2", "al2"),
];
/// Where Amazon's own images have their public parameters.
const IMAGES_AT: &str = "/aws/service/ami-amazon-linux-latest/";

impl World<'_> {
    /// A parameter's value; nothing where the template has none of that name.
    pub(super) fn parameter(
        &self,
        scope: usize,
        name: &str,
        node: &Node,
        depth: usize,
    ) -> Option<Result<Value, Fault>> {
        let declared = &self.entry(scope, "Parameters", name)?.node;
        let text_of = |key: &str| declared.get(key).and_then(Node::text);
        let kind = text_of("Type").unwrap_or("String");
        let is_list = kind.starts_with("List<") || kind == "CommaDelimitedList";
        let parent = self.scopes.get(scope).and_then(|it| it.parent.as_ref());
        let passed = parent.and_then(|(outer, stack)| {
            let stack = &self.entry(*outer, "Resources", stack)?.node;
            let node = stack.get("Properties")?.get("Parameters")?.get(name)?;
            Some(self.value(*outer, node, depth + 1))
        });
        let value = match (passed, parent) {
            (Some(Err(fault)), _) => return Some(Err(fault)),
            (Some(Ok(value)), _) => Some(value),
            (None, Some(_)) => text_of("Default").map(Value::text),
            (None, None) if is_list => self.given(name).map(Value::text),
            (None, None) => match self.given(name) {
                Some(text) if kind.starts_with("AWS::SSM::Parameter::Value<") => {
                    Some(match image(&text) {
                        Some(image) => Value::text(image),
                        None => draft::variable(name),
                    })
                }
                _ => Some(draft::variable(name)),
            },
        };
        let Some(value) = value else {
            return Some(Err(Fault::at(
                node,
                format!("the parameter {name} has no value: pass --parameter {name}=…"),
            )));
        };
        Some(Ok(match (is_list, value) {
            (true, value @ Value::List(_)) => value,
            (true, value) => match split(value.clone(), ",") {
                Some(items) => Value::List(items.into_iter().map(trimmed).collect()),
                None => Value::List(vec![value]),
            },
            // A nested stack takes a list for the text that it is joined to.
            (false, Value::List(items)) => match joined_by(items, ",") {
                Some(text) => text,
                None => return Some(Err(Fault::at(node, "a list of this is no text"))),
            },
            (false, Value::String(text)) if kind.starts_with("AWS::SSM::Parameter::Value<") => {
                Value::text(image(&text).map_or(text.clone(), str::to_owned))
            }
            (false, value) => value,
        }))
    }

    /// The value that a parameter of the root template has without its file.
    pub(super) fn given(&self, name: &str) -> Option<String> {
        if let Some(text) = self.request.parameters.get(name) {
            return Some(text.clone());
        }
        let declared = &self.entry(0, "Parameters", name)?.node;
        let default = declared.get("Default")?;
        match &default.holds {
            Holds::Text(text) => Some(text.clone()),
            Holds::Nothing => Some(String::new()),
            _ => None,
        }
    }
}

/// The short name of a public parameter's image.
pub(super) fn image(path: &str) -> Option<&'static str> {
    let name = path.strip_prefix(IMAGES_AT)?;
    let found = IMAGES.iter().find(|(known, _)| *known == name);
    found.map(|(_, short)| *short)
}

fn trimmed(value: Value) -> Value {
    match value {
        Value::String(text) => Value::text(text.trim()),
        other => other,
    }
}

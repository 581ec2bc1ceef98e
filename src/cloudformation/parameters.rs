//! What a template's parameters stand for.
//!
//! | parameter | stands for |
//! |---|---|
//! | of the root template | a variable of the plan file |
//! | of the root template, a list | its items, written out |
//! | of a nested template | what the outer one passes, else its default |
//! | the newest image of Amazon's | the image's short name |
//! | of a nested template, NoEcho, with no reference passed | a variable of its own |
//!
//! What is NoEcho is a secret: its value never goes into the file.

use super::node::{Entry, Holds, Node};
use super::scope::{DYNAMIC, Fault, World, dynamic, joined_by};
use super::value::{split, truth};
use crate::draft;
use crate::model::Value;
use crate::model::images::alias_of;

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
        let is_list = is_list(kind);
        let parent = self.scopes.get(scope).and_then(|it| it.parent.as_ref());
        let passed = self.passed(scope, name);
        let passed = passed.map(|(outer, node)| self.value(outer, node, depth + 1));
        let hidden = is_hidden(declared);
        let secret = |variable: &str| match is_list {
            true => Err(Fault::at(
                node,
                format!("the list {name} is NoEcho, and its items are not written into a file"),
            )),
            false => Ok(draft::variable(variable)),
        };
        let value = match (passed, parent) {
            (Some(Err(fault)), _) => return Some(Err(fault)),
            (Some(Ok(value)), _) if !hidden || refers(&value) => Some(value),
            (_, Some(_)) if hidden => return Some(secret(&self.secret(scope, name))),
            (Some(Ok(value)), _) => Some(value),
            (None, Some(_)) => match text_of("Default").map(|it| dynamic(node, Value::text(it))) {
                Some(Err(fault)) => return Some(Err(fault)),
                Some(Ok(value)) => Some(value),
                None => None,
            },
            (None, None) if hidden => return Some(secret(name)),
            (None, None) if is_list => self.given(name).map(Value::text),
            (None, None) => match self.given(name) {
                Some(text) if kind.starts_with("AWS::SSM::Parameter::Value<") => {
                    Some(match alias_of(&text) {
                        Some(image) => Value::text(image),
                        None => draft::variable(name),
                    })
                }
                Some(text) if text.contains(DYNAMIC) => {
                    return Some(dynamic(node, Value::text(text)));
                }
                _ => Some(draft::variable(name)),
            },
        };
        let Some(value) = value else {
            let remedy = match parent {
                None => format!("pass --parameter {name}=…"),
                Some((_, stack)) => format!("{stack} passes none"),
            };
            return Some(Err(Fault::at(
                node,
                format!("the parameter {name} has no value: {remedy}"),
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
                Value::text(alias_of(&text).map_or(text.clone(), str::to_owned))
            }
            (false, value) => value,
        }))
    }

    /// What the outer template passes for a parameter, and its scope.
    fn passed(&self, scope: usize, name: &str) -> Option<(usize, &Node)> {
        let (outer, stack) = self.scopes.get(scope)?.parent.as_ref()?;
        let stack = &self.entry(*outer, "Resources", stack)?.node;
        let node = stack.get("Properties")?.get("Parameters")?.get(name)?;
        Some((*outer, node))
    }

    /// The value that a variable has without the plan file: that of a parameter of
    /// the root template, or of a secret of a nested one.
    pub(super) fn given(&self, name: &str) -> Option<String> {
        if let Some(text) = self.request.parameters.get(name) {
            return Some(text.clone());
        }
        let Some(root) = self.entry(0, "Parameters", name) else {
            return self.given_below(name);
        };
        default_of(&root.node)
    }

    fn given_below(&self, variable: &str) -> Option<String> {
        let secrets = self.secrets();
        let (scope, entry, _) = secrets.iter().find(|(_, _, it)| it == variable)?;
        match self.passed(*scope, &entry.key) {
            Some((outer, node)) => self.value(outer, node, 0).ok()?.to_text(),
            None => default_of(&entry.node),
        }
    }

    /// Whether a variable stands for a secret.
    pub(super) fn is_secret(&self, variable: &str) -> bool {
        // Of nested templates, only secrets have variables.
        let root = self.entry(0, "Parameters", variable);
        root.is_none_or(|it| is_hidden(&it.node))
    }

    /// The NoEcho parameters of nested templates, each with its scope and the
    /// variable that it has where nothing else stands for it.
    pub(super) fn secrets(&self) -> Vec<(usize, &Entry, String)> {
        let mut secrets = Vec::new();
        for scope in 1..self.scopes.len() {
            let parameters = self.section(scope, "Parameters").iter();
            for entry in parameters.filter(|it| is_hidden(&it.node)) {
                secrets.push((scope, entry, self.secret(scope, &entry.key)));
            }
        }
        secrets
    }

    /// The variable of a nested template's secret: `<stack>-<name>`.
    fn secret(&self, scope: usize, name: &str) -> String {
        let mut variable = name.to_owned();
        let mut here = self.scopes.get(scope);
        while let Some((outer, stack)) = here.and_then(|it| it.parent.as_ref()) {
            variable = format!("{stack}-{variable}");
            here = self.scopes.get(*outer);
        }
        variable
    }
}

/// Whether a type is one of lists.
pub(super) fn is_list(kind: &str) -> bool {
    kind.starts_with("List<") || kind == "CommaDelimitedList"
}

/// Whether a parameter's value is a secret.
pub(super) fn is_hidden(declared: &Node) -> bool {
    let stated = declared.get("NoEcho").and_then(Node::text);
    stated.and_then(truth) == Some(true)
}

fn default_of(declared: &Node) -> Option<String> {
    match &declared.get("Default")?.holds {
        Holds::Text(text) => Some(text.clone()),
        Holds::Nothing => Some(String::new()),
        _ => None,
    }
}

fn refers(value: &Value) -> bool {
    let mut refers = false;
    value.each_reference(&mut |_| refers = true);
    refers
}

fn trimmed(value: Value) -> Value {
    match value {
        Value::String(text) => Value::text(text.trim()),
        other => other,
    }
}

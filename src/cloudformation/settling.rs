//! What a value stands for now: its words and references replaced by texts.
//!
//! A condition and the key of a mapping need that, and so does what a plan file
//! must state, such as a tag. A secret is never settled, since what comes of it
//! would stand in the file; a condition may still look at it.

use super::node::Node;
use super::scope::{Fault, World};
use super::types;
use super::value::{is_region, pieces, variable_of};
use crate::draft;
use crate::model::{Piece, Reference, Value};

/// What a settled text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// It goes on: into the file, or into what becomes of it.
    Text,
    /// It is compared, and only the outcome goes on.
    Comparison,
}

/// One value on its way.
#[derive(Debug, Clone, Copy)]
struct Settling<'a> {
    /// Where a fault is told.
    node: &'a Node,
    purpose: Purpose,
    depth: usize,
}

impl Settling<'_> {
    fn fault<T>(self, text: impl Into<String>) -> Result<T, Fault> {
        Err(Fault::at(self.node, text))
    }
}

impl World<'_> {
    /// A value with every word replaced by what it stands for now.
    pub(super) fn settled(&self, node: &Node, value: Value, depth: usize) -> Result<Value, Fault> {
        let settling = Settling {
            node,
            purpose: Purpose::Text,
            depth,
        };
        self.settle(value, settling)
    }

    /// The text of a value, with every word settled.
    pub(super) fn settled_text(
        &self,
        node: &Node,
        value: Value,
        depth: usize,
    ) -> Result<String, Fault> {
        text(self.settled(node, value, depth)?, node)
    }

    /// The same for a comparison, which may look at secrets.
    pub(super) fn compared_text(
        &self,
        node: &Node,
        value: Value,
        depth: usize,
    ) -> Result<String, Fault> {
        let settling = Settling {
            node,
            purpose: Purpose::Comparison,
            depth,
        };
        text(self.settle(value, settling)?, node)
    }

    fn settle(&self, value: Value, settling: Settling<'_>) -> Result<Value, Fault> {
        Ok(match value {
            Value::List(items) => {
                let items = items.into_iter().map(|item| self.settle(item, settling));
                Value::List(items.collect::<Result<_, _>>()?)
            }
            value @ (Value::Reference(_) | Value::Template(_)) => {
                let mut text = String::new();
                for piece in pieces(value).unwrap_or_default() {
                    text.push_str(&self.piece(&piece, settling)?);
                }
                Value::text(text)
            }
            other => other,
        })
    }

    fn piece(&self, piece: &Piece, settling: Settling<'_>) -> Result<String, Fault> {
        let reference = match piece {
            Piece::Text(text) => return Ok(text.clone()),
            Piece::Account => return settling.fault("the account is not known while importing"),
            Piece::Reference(reference) => reference,
        };
        if let Some(name) = variable_of(reference) {
            return self.variable(name, settling);
        }
        if is_region(reference) {
            return match &self.request.region {
                Some(region) => Ok(region.clone()),
                None => settling.fault("the region is not known while importing: pass --region"),
            };
        }
        if draft::stack_name() == Value::Reference(reference.clone()) {
            return Ok(self.request.stack.clone());
        }
        match self.property(reference) {
            Some((scope, property)) => {
                let depth = settling.depth + 1;
                let value = self.value(scope, property, depth)?;
                let value = self.settle(value, Settling { depth, ..settling })?;
                text(value, settling.node)
            }
            None => settling.fault(format!(
                "{}.{} is not known before apply",
                reference.target, reference.attribute
            )),
        }
    }

    fn variable(&self, name: &str, settling: Settling<'_>) -> Result<String, Fault> {
        if settling.purpose == Purpose::Text && self.is_secret(name) {
            return settling.fault(format!(
                "the parameter {name} is NoEcho, and its value is not written into a file"
            ));
        }
        self.settled.borrow_mut().insert(name.to_owned());
        match self.given(name) {
            Some(text) => Ok(text),
            None => settling.fault(format!(
                "the parameter {name} has no value: pass --parameter {name}=…"
            )),
        }
    }

    /// The property that an attribute of a table merely repeats, and its scope.
    fn property(&self, reference: &Reference) -> Option<(usize, &Node)> {
        let name = types::property_of(reference)?;
        let mut addresses = self.addresses.iter();
        let ((scope, id), _) = addresses.find(|(_, it)| **it == reference.target)?;
        let resource = self.entry(*scope, "Resources", id)?;
        Some((*scope, resource.node.get("Properties")?.get(name)?))
    }
}

fn text(value: Value, node: &Node) -> Result<String, Fault> {
    let wanted = || Fault::at(node, "a text is wanted here");
    value.to_text().ok_or_else(wanted)
}

//! Terraform's names for nodes: `route_table.public/route:0.0.0.0/0` is
//! `aws_route.public_0_0_0_0_0`.

use std::collections::{BTreeMap, BTreeSet};

use super::form::Form;
use super::forms;
use crate::kind::Stack;
use crate::model::Address;

/// The name of each node that has a form.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: BTreeMap<Address, (&'static Form, String)>,
}

impl Names {
    /// Names for every node of a stack that has a form.
    pub(super) fn of(stack: &Stack) -> Self {
        let mut taken: BTreeSet<(&str, String)> = BTreeSet::new();
        let mut names = BTreeMap::new();
        for address in stack.nodes.keys() {
            let Some(form) = forms::of(address) else {
                continue;
            };
            let base = label(address);
            let mut name = base.clone();
            let mut number = 1;
            // Two kinds of ours may be one type there.
            while !taken.insert((form.named, name.clone())) {
                name = match number {
                    1 => format!("{base}_{}", address.kind),
                    more => format!("{base}_{more}"),
                };
                number += 1;
            }
            names.insert(address.clone(), (form, name));
        }
        Self { names }
    }

    /// A node's form and name.
    pub(super) fn get(&self, address: &Address) -> Option<(&'static Form, &str)> {
        let (form, name) = self.names.get(address)?;
        Some((form, name))
    }

    /// Terraform's address of a node.
    pub(super) fn path(&self, address: &Address) -> Option<String> {
        let (form, name) = self.get(address)?;
        Some(format!("{}.{name}", form.named))
    }
}

/// A name as Terraform takes it: letters, digits, `_` and `-`, no digit first.
pub(super) fn identifier(text: &str) -> String {
    let plain = |c: char| match c {
        c if c.is_ascii_alphanumeric() || c == '-' || c == '_' => c,
        _ => '_',
    };
    let name: String = text.chars().map(plain).collect();
    match name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        true => name,
        false => format!("_{name}"),
    }
}

fn label(address: &Address) -> String {
    match &address.part {
        Some(part) if !part.key.is_empty() => identifier(&format!("{}_{}", address.name, part.key)),
        _ => identifier(&address.name),
    }
}

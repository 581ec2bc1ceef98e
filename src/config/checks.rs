//! What is wrong with the stack as a whole: references that lead nowhere,
//! cycles, and what each kind knows of its neighbours.

use std::collections::{BTreeMap, BTreeSet};

use super::damage::Damages;
use super::reading::{Reading, has_attribute};
use crate::kind::{Node, Stack};
use crate::model::{Address, Diagnostic, Reference, Span};

impl Reading<'_> {
    /// Checks a stack. What may be a consequence of damage is not told.
    pub(crate) fn check(&self, stack: &Stack, damages: &Damages, problems: &mut Vec<Diagnostic>) {
        for (address, node) in &stack.nodes {
            let mut said = Vec::new();
            for (field, reference) in references(node) {
                let target = &reference.target;
                let sound = match stack.get(target) {
                    Some(target_node) => self.has(target, target_node, &reference.attribute),
                    None => self.existing.contains_key(target) || damages.contains(&target.table()),
                };
                if !sound {
                    said.push(self.nothing_there(address, node, field, reference, stack));
                }
            }
            if let Some(kind) = self.registry.of(address) {
                kind.check(node, stack, &mut said);
            }
            said.retain(|problem| damages.trusts(&address.table(), problem));
            problems.append(&mut said);
        }
        for ring in rings(stack) {
            problems.push(cycle(&ring, stack));
        }
    }

    fn has(&self, address: &Address, node: &Node, attribute: &str) -> bool {
        attribute == "id"
            || node.inputs.get(attribute).is_some()
            || self
                .registry
                .of(address)
                .is_some_and(|kind| has_attribute(kind, attribute))
    }

    /// A reference that a kind made from the file's, and whose target the file
    /// does not make.
    fn nothing_there(
        &self,
        address: &Address,
        node: &Node,
        field: &str,
        reference: &Reference,
        stack: &Stack,
    ) -> Diagnostic {
        let target = &reference.target;
        let table = target.table();
        let span = match node.spans.get(field) {
            Some(span) => span.clone(),
            None => self
                .named_at(node, &table)
                .unwrap_or_else(|| node.span.clone()),
        };
        if stack.get(target).is_some() {
            let attribute = &reference.attribute;
            return Diagnostic::error(span, format!("{target} has no attribute `{attribute}`"));
        }
        match stack.get(&table) {
            Some(whole) if target.part.is_some() => {
                let label = target.label().replace('_', " ");
                Diagnostic::error(span, format!("{table} has no {label}"))
                    .here(format!("{} needs it", address.table()))
                    .also(whole.span.clone(), "this table makes none")
            }
            _ => self.dangling(&table, span),
        }
    }

    /// The field of a node whose text names a table.
    fn named_at(&self, node: &Node, table: &Address) -> Option<Span> {
        let names = [
            format!("\"{}\"", table.name),
            format!("\"{table}\""),
            format!("\"{}.{}\"", table.kind, table.name),
        ];
        let mut spans = node.spans.values();
        spans
            .find(|span| {
                let written = self.file.get((*span).clone()).unwrap_or_default();
                names.iter().any(|name| name == written)
            })
            .cloned()
    }
}

fn references(node: &Node) -> Vec<(&str, &Reference)> {
    let mut references = Vec::new();
    for (field, value) in node.inputs.iter() {
        value.each_reference(&mut |reference| references.push((field.as_str(), reference)));
    }
    references
}

/// One step of a cycle: a node and the field by which it needs the next.
type Step<'s> = (&'s Address, &'s str);

/// The cycles among the nodes, each once: a depth-first walk that remembers the
/// way it came. It keeps its own stack, since a chain may be thousands long.
fn rings(stack: &Stack) -> Vec<Vec<Step<'_>>> {
    let mut found = Vec::new();
    let mut done: BTreeSet<&Address> = BTreeSet::new();
    for start in stack.nodes.keys() {
        if done.contains(start) {
            continue;
        }
        let mut way: Vec<(&Address, Vec<Step<'_>>, &str)> = vec![(start, next(stack, start), "")];
        let mut on_way: BTreeMap<&Address, usize> = BTreeMap::from([(start, 0)]);
        while let Some((node, open, by)) = way.last_mut() {
            let node = *node;
            let Some((target, field)) = open.pop() else {
                done.insert(node);
                on_way.remove(node);
                way.pop();
                continue;
            };
            *by = field;
            if let Some(at) = on_way.get(target) {
                let ring: Vec<Step<'_>> = way
                    .iter()
                    .skip(*at)
                    .map(|(node, _, by)| (*node, *by))
                    .collect();
                found.push(ring);
            } else if !done.contains(target) {
                on_way.insert(target, way.len());
                way.push((target, next(stack, target), ""));
            }
        }
    }
    apart(found)
}

/// Rings that share no node with an earlier one: mending the earlier one may
/// mend them too.
fn apart(rings: Vec<Vec<Step<'_>>>) -> Vec<Vec<Step<'_>>> {
    let mut taken: BTreeSet<&Address> = BTreeSet::new();
    let mut kept = Vec::new();
    for ring in rings {
        if ring.iter().all(|(node, _)| !taken.contains(node)) {
            taken.extend(ring.iter().map(|(node, _)| *node));
            kept.push(ring);
        }
    }
    kept
}

/// What a node needs, the last first.
fn next<'s>(stack: &'s Stack, address: &Address) -> Vec<Step<'s>> {
    let Some(node) = stack.get(address) else {
        return Vec::new();
    };
    let mut steps: Vec<Step<'s>> = references(node)
        .into_iter()
        .filter_map(|(field, reference)| {
            let (target, _) = stack.nodes.get_key_value(&reference.target)?;
            Some((target, field))
        })
        .collect();
    steps.reverse();
    steps
}

fn cycle(ring: &[Step<'_>], stack: &Stack) -> Diagnostic {
    // It is told from the node that stands first in the file.
    let start = ring
        .iter()
        .enumerate()
        .min_by_key(|(_, (address, _))| stack.get(address).map_or(0, |node| node.span.start))
        .map_or(0, |(index, _)| index);
    let in_order = || ring.iter().cycle().skip(start).take(ring.len());
    let mut names: Vec<String> = in_order().map(|(address, _)| address.to_string()).collect();
    if let Some(first) = names.first().cloned() {
        names.push(first);
    }
    let mut problem: Option<Diagnostic> = None;
    for ((address, field), needed) in in_order().zip(names.iter().skip(1)) {
        let span = stack.get(address).map_or(0..0, |node| node.span_of(field));
        let text = format!("{address} needs {needed}");
        problem = Some(match problem {
            None => {
                let problem = match ring.len() {
                    1 => format!("{address} needs itself"),
                    _ => "a cycle: none of these can be made first".to_owned(),
                };
                Diagnostic::error(span, problem).here(text)
            }
            Some(problem) => problem.also(span, text),
        });
    }
    let problem = problem.unwrap_or_else(|| Diagnostic::error(0..0, "a cycle"));
    if ring.len() == 1 {
        return problem
            .here("here")
            .remedy("state this value plainly, or leave it out");
    }
    problem
        .because(names.join(" → "))
        .remedy("state one of these values plainly, or leave it out")
}

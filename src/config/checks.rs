//! What is wrong with the stack as a whole: references that lead nowhere,
//! cycles, and what each kind knows of its neighbours.

use std::collections::{BTreeMap, BTreeSet};

use super::reading::has_attribute;
use crate::kind::{Node, Registry, Stack};
use crate::model::{Address, Diagnostic, Reference, Span};

/// Checks a stack. `damaged` holds the tables that have problems of their own:
/// what their kinds would say of them proves nothing.
pub(crate) fn check(
    stack: &Stack,
    existing: &BTreeMap<Address, Span>,
    damaged: &BTreeSet<Address>,
    registry: Registry,
    problems: &mut Vec<Diagnostic>,
) {
    for (address, node) in &stack.nodes {
        if damaged.contains(&address.table()) {
            continue;
        }
        for (field, reference) in references(node) {
            let sound = match stack.get(&reference.target) {
                Some(target) => {
                    let output = registry
                        .of(&reference.target)
                        .is_some_and(|kind| has_attribute(kind, &reference.attribute));
                    reference.attribute == "id"
                        || output
                        || target.inputs.get(&reference.attribute).is_some()
                }
                None => {
                    existing.contains_key(&reference.target)
                        || damaged.contains(&reference.target.table())
                }
            };
            if !sound {
                problems.push(nothing_there(address, node, field, reference, stack));
            }
        }
        if let Some(kind) = registry.of(address) {
            kind.check(node, stack, problems);
        }
    }
    for ring in rings(stack) {
        problems.push(cycle(&ring, stack));
    }
}

fn references(node: &Node) -> Vec<(&str, &Reference)> {
    let mut references = Vec::new();
    for (field, value) in node.inputs.iter() {
        value.each_reference(&mut |reference| references.push((field.as_str(), reference)));
    }
    references
}

/// A reference that a kind made from the file's, and whose target the file
/// does not make.
fn nothing_there(
    address: &Address,
    node: &Node,
    field: &str,
    reference: &Reference,
    stack: &Stack,
) -> Diagnostic {
    let target = &reference.target;
    let table = target.table();
    let span = node.span_of(field);
    match stack.get(&table) {
        Some(_) if stack.get(target).is_some() => Diagnostic::error(
            span,
            format!("{target} has no attribute `{}`", reference.attribute),
        ),
        Some(table_node) if target.part.is_some() => {
            Diagnostic::error(span, format!("{address} needs {target}, which is not made"))
                .here("needed here")
                .also(
                    table_node.span.clone(),
                    format!("it would be a part of {table}"),
                )
        }
        _ => Diagnostic::error(span, format!("the file has no [{table}]"))
            .here(format!("{address} needs it")),
    }
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

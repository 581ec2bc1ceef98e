//! From tables to nodes: each kind completes its tables and splits off parts.

use std::collections::{BTreeMap, BTreeSet};

use super::damage::{Damage, Damages};
use super::fields::Naming;
use super::reading::{Declaration, Found, Reading};
use super::tags::{MOST, StatedTags, value_fault};
use crate::kind::{Declared, Field, Lifecycle, Node, OnChange};
use crate::model::{Address, Diagnostic, Span, Tags, tags};

/// A table and its parts as nodes.
pub(crate) struct TableNodes {
    pub nodes: Vec<(Address, Node)>,
    /// What is known of a table with a missing or unsound field.
    pub damage: Option<Damage>,
}

impl Reading<'_> {
    /// Reads one table.
    pub(crate) fn table(
        &self,
        address: &Address,
        declaration: &Declaration<'_>,
        stack_tags: &StatedTags,
        problems: &mut Vec<Diagnostic>,
    ) -> TableNodes {
        let kind = declaration.kind;
        let about = kind.about();
        let mut found = Found::default();
        let subject = format!("[{address}]");
        let naming = Naming {
            subject: &subject,
            place: declaration.header.clone(),
            prefix: "",
            others: if about.tagged {
                &["tags", "lifecycle"]
            } else {
                &["lifecycle"]
            },
        };
        let fields = self.fields(kind.fields(), declaration.table, &naming, &mut found);
        let lifecycle = declaration
            .table
            .get("lifecycle")
            .map(|entry| self.lifecycle(kind, entry, &mut found))
            .unwrap_or_default();
        let mut stated = stack_tags.clone();
        if let Some(entry) = declaration.table.get("tags").filter(|_| about.tagged) {
            stated.extend(self.tags(entry, &mut found));
        }
        let mut declared = Declared {
            address: address.clone(),
            stack: self.stack.name.clone(),
            region: self.region.clone().unwrap_or_default(),
            inputs: fields.values,
            spans: found.spans,
            span: declaration.header.clone(),
            tags: Tags::new(),
            parts: Vec::new(),
            problems: Vec::new(),
        };
        kind.expand(&mut declared);
        problems.append(&mut found.problems);
        let mut said = std::mem::take(&mut declared.problems);
        let mut nodes = Vec::with_capacity(1 + declared.parts.len());
        let derived = derived(&declared, kind.fields());
        for part in std::mem::take(&mut declared.parts) {
            let tagged = self
                .registry
                .of(&part.address)
                .is_some_and(|kind| kind.about().tagged);
            let same = |name: &&String| part.inputs.get(name) == declared.inputs.get(name);
            let node = Node {
                derived: derived.iter().filter(same).cloned().collect(),
                inputs: part.inputs,
                tags: if tagged {
                    self.all_tags(&part.address, &stated, &Tags::new())
                } else {
                    Tags::new()
                },
                default_name: tagged && !stated.contains_key(tags::NAME),
                lifecycle: Lifecycle::clone(&lifecycle),
                spans: spans_within(&declared.spans, &part.span),
                span: part.span,
            };
            nodes.push((part.address, node));
        }
        for field in kind.fields().iter().filter(|field| field.expanded) {
            declared.inputs.0.remove(field.name);
        }
        let tags = if about.tagged {
            self.all_tags(address, &stated, &declared.tags)
        } else {
            Tags::new()
        };
        // The end of its lifetime is one more, and what its creation alone writes.
        let count = tags.len() + usize::from(self.stack.ttl.is_some()) + 1;
        said.extend(tag_problems(count, &declared));
        let mut damages = Damages::default();
        if fields.damaged {
            let entries = declaration.table.entries.iter();
            let places = entries.map(|entry| entry.item.span.clone());
            let damage = Damage {
                places: places.chain([declaration.header.clone()]).collect(),
                sound: fields.sound,
            };
            damages.0.insert(address.clone(), damage);
        }
        said.retain(|problem| damages.trusts(address, problem));
        problems.append(&mut said);
        nodes.push((
            address.clone(),
            Node {
                inputs: declared.inputs,
                derived,
                tags,
                default_name: about.tagged && !stated.contains_key(tags::NAME),
                lifecycle,
                span: declared.span,
                spans: declared.spans,
            },
        ));
        TableNodes {
            nodes,
            damage: damages.0.remove(address),
        }
    }

    /// All tags of one object.
    fn all_tags(&self, address: &Address, stated: &StatedTags, own: &Tags) -> Tags {
        let stack = &self.stack.name;
        let mut all = Tags::from([(tags::NAME.to_owned(), format!("{stack}-{}", address.name))]);
        all.extend(
            stated
                .iter()
                .map(|(key, (value, _))| (key.clone(), value.clone())),
        );
        all.extend(own.clone());
        all.insert(tags::STACK.to_owned(), stack.clone());
        all.insert(tags::ADDRESS.to_owned(), address.to_string());
        all
    }
}

/// The fields that the file leaves out, whose values have the table's name in
/// them, and that AWS cannot change.
fn derived(declared: &Declared, fields: &[Field]) -> BTreeSet<String> {
    let fixed = fields.iter().filter(|field| {
        let stated = declared.spans.contains_key(field.name);
        !stated && matches!(field.on_change, OnChange::Replace(_))
    });
    let named = fixed.filter(|field| {
        let value = declared.inputs.text(field.name);
        value.is_some_and(|value| value.contains(&declared.address.name))
    });
    named.map(|field| field.name.to_owned()).collect()
}

/// What is wrong with tags that were put together from several places.
fn tag_problems(count: usize, declared: &Declared) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    if count > MOST {
        problems.push(
            Diagnostic::error(
                declared.span_of("tags"),
                format!("{} would have {count} tags", declared.address),
            )
            .because(format!(
                "AWS keeps {MOST} on one object, s3net's own among them"
            )),
        );
    }
    // What the file states is checked where it stands.
    for (key, value) in &declared.tags {
        if let Some(fault) = value_fault(value) {
            let field = key
                .strip_prefix(tags::PREFIX)
                .unwrap_or(key)
                .replace('-', "_");
            problems.push(
                Diagnostic::error(
                    declared.span_of(&field),
                    format!("`{value}` cannot be kept in the tag `{key}`"),
                )
                .because(fault),
            );
        }
    }
    problems
}

/// The places inside a part's own place, by the part's own paths.
fn spans_within(spans: &BTreeMap<String, Span>, part: &Span) -> BTreeMap<String, Span> {
    let Some((path, _)) = spans.iter().find(|(_, span)| *span == part) else {
        return BTreeMap::new();
    };
    spans
        .iter()
        .filter_map(|(inner, span)| {
            let rest = inner.strip_prefix(path.as_str())?.strip_prefix('.')?;
            Some((rest.to_owned(), span.clone()))
        })
        .collect()
}

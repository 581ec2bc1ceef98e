//! `[[import]]`: objects of others that become nodes of the stack.
//!
//! ```toml
//! [[import]]
//! to = "vpc.main"                  # a table of this file
//! id = "vpc-0123456789abcdef0"     # a bucket, role or zone: its name
//! ```
//!
//! Once the object is ours the table says nothing more, and may stay or go.

use std::collections::BTreeMap;

use super::Import;
use super::document::{Entry, Holds, Item, Table};
use super::fields::unknown_key;
use super::reading::{Found, Reading};
use crate::kind::Kind;
use crate::model::{Address, Diagnostic, Span};

const KEYS: &[&str] = &["to", "id"];

/// The tables of a list such as `[[import]]`, each with its place.
pub(super) fn listed<'t>(
    root: &'t Table,
    key: &str,
    problems: &mut Vec<Diagnostic>,
) -> Vec<(&'t Table, Span)> {
    let Some(entry) = root.get(key) else {
        return Vec::new();
    };
    let wrong = |place: Span, noun: &str| {
        Diagnostic::error(place, format!("`{key}` is a list of tables, not {noun}"))
            .remedy(format!("write `[[{key}]]`, with two brackets"))
    };
    let Holds::List(items) = &entry.item.holds else {
        problems.push(wrong(entry.place(), entry.item.holds.noun()));
        return Vec::new();
    };
    let tables = items.iter().filter_map(|item| match &item.holds {
        Holds::Table(table) => Some((table, item.span.clone())),
        other => {
            problems.push(wrong(item.span.clone(), other.noun()));
            None
        }
    });
    tables.collect()
}

/// A key that the table of a list needs; `sample` is what it may hold.
pub(super) fn needed<'t>(
    (table, span): &(&'t Table, Span),
    of: &str,
    (key, sample): (&str, &str),
    broken: bool,
    found: &mut Found,
) -> Option<&'t Entry> {
    let entry = table.get(key);
    if entry.is_none() && !broken {
        found.problems.push(
            Diagnostic::error(span.clone(), format!("[[{of}]] needs `{key}`"))
                .remedy(format!("add `{key} = \"{sample}\"`, for example")),
        );
    }
    entry
}

/// Tells the keys that the table of a list does not have.
pub(super) fn only(table: &Table, of: &str, keys: &[&str], found: &mut Found) {
    let others = table.entries.iter();
    let others = others.filter(|entry| !keys.contains(&entry.key.as_str()));
    found.problems.extend(
        others.map(|entry| unknown_key(&entry.key, entry.place(), &format!("[[{of}]]"), keys)),
    );
}

impl Reading<'_> {
    /// Reads every `[[import]]`; those with a mistake are left out.
    pub(crate) fn imports(&self, root: &Table, problems: &mut Vec<Diagnostic>) -> Vec<Import> {
        let mut found = Found::default();
        let mut read: Vec<Import> = Vec::new();
        let mut places: BTreeMap<(bool, String), Span> = BTreeMap::new();
        for one in listed(root, "import", problems) {
            let Some((import, spans)) = self.import(&one, &mut found) else {
                continue;
            };
            // One table has one object, and one object one table.
            let keys = [
                (true, import.to.to_string(), "table", &spans[0]),
                (false, import.id.clone(), "object", &spans[1]),
            ];
            let mut sound = true;
            for (is_table, key, noun, span) in keys {
                let twin = places.insert((is_table, key.clone()), span.clone());
                if let Some(twin) = twin {
                    sound = false;
                    found.problems.push(
                        Diagnostic::error(span.clone(), format!("{key} is imported twice"))
                            .also(twin, "the first")
                            .because(format!("an [[import]] is for one {noun}"))
                            .remedy("remove one of them"),
                    );
                }
            }
            if sound {
                read.push(import);
            }
        }
        problems.append(&mut found.problems);
        read
    }

    fn import(&self, one: &(&Table, Span), found: &mut Found) -> Option<(Import, [Span; 2])> {
        only(one.0, "import", KEYS, found);
        let to = needed(one, "import", ("to", "vpc.main"), self.broken, found);
        let id = needed(
            one,
            "import",
            ("id", "vpc-0123456789abcdef0"),
            self.broken,
            found,
        );
        let to = to.and_then(|to| {
            let address = self.table_named(&to.item, "`to`", found)?;
            self.adopter(&address, &to.item.span, found)?;
            Some((address, to.item.span.clone()))
        });
        let id = id.and_then(|id| {
            let text = self.known_text(&id.item, "`id`", found)?;
            Some((text, id.item.span.clone()))
        });
        let ((to, to_span), (id, id_span)) = to.zip(id)?;
        let kind = self.registry.table(&to.kind)?;
        if !could_be(kind, &id) {
            let name = kind.about().name;
            let problem = Diagnostic::error(id_span, format!("`{id}` is no id of {name}"));
            return found.problem(match kind.id_prefix() {
                Some(prefix) => problem.remedy(format!(
                    "write its id, such as \"{prefix}0123456789abcdef0\""
                )),
                None => problem.remedy("write its name"),
            });
        }
        let import = Import {
            to,
            id,
            span: one.1.clone(),
        };
        Some((import, [to_span, id_span]))
    }

    /// The address of a table that a text names.
    pub(super) fn table_named(
        &self,
        item: &Item,
        what: &str,
        found: &mut Found,
    ) -> Option<Address> {
        let text = self.known_text(item, what, found)?;
        let problem = |text: String| Diagnostic::error(item.span.clone(), text);
        let address: Address = match text.parse() {
            Ok(address) => address,
            Err(_) => {
                return found.problem(
                    problem(format!("`{text}` is not the name of a table"))
                        .remedy("write kind and name, such as \"vpc.main\""),
                );
            }
        };
        if address.part.is_some() {
            return found.problem(
                problem(format!("`{text}` is a part of a table"))
                    .because("parts go with their table")
                    .remedy(format!("write \"{}\"", address.table())),
            );
        }
        if address.existing {
            return found.problem(
                problem(format!("{address} is a look-up"))
                    .because("what is looked up is never changed, and is not this stack's"),
            );
        }
        if self.registry.table(&address.kind).is_none() {
            let names: Vec<&str> = self.registry.names().collect();
            return found.problem(
                problem(format!("no kind is called `{}`", address.kind))
                    .remedy(format!("the kinds are {}", names.join(", "))),
            );
        }
        Some(address)
    }

    /// Checks that a table can adopt an object.
    fn adopter(&self, address: &Address, span: &Span, found: &mut Found) -> Option<()> {
        if !self.tables.contains_key(address) {
            if self.broken {
                return None;
            }
            let look_up = Address::existing(&address.kind, &address.name);
            return found.problem(match self.existing.get(&look_up) {
                Some(place) => Diagnostic::error(span.clone(), format!("[{look_up}] is a look-up"))
                    .also(place.clone(), "it stands here")
                    .because("what is looked up is never changed, and is not this stack's")
                    .remedy(format!(
                        "write a table [{address}] that says how it is to be"
                    )),
                None => self.dangling(address, span.clone()),
            });
        }
        let kind = self.registry.table(&address.kind)?;
        if !kind.about().tagged {
            let name = kind.about().name;
            return found.problem(
                Diagnostic::error(span.clone(), format!("{name} needs no [[import]]"))
                    .because("AWS keeps no tags on it: it is known by what it stands in")
                    .remedy("import what it stands in; it is then found by itself"),
            );
        }
        Some(())
    }
}

/// Whether a text can be what AWS calls an object of a kind.
#[must_use]
pub fn could_be(kind: &dyn Kind, id: &str) -> bool {
    match kind.id_prefix() {
        None => !id.is_empty(),
        Some(prefix) => id.strip_prefix(prefix).is_some_and(|digits| {
            digits.len() >= 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        }),
    }
}

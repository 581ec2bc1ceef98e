//! The tables of a file: which there are, and under which address.
//!
//! Only headers are read here; every name is known before any field is looked at.

use std::collections::BTreeMap;

use super::document::{Entry, Holds, Table};
use super::reading::Declaration;
use crate::kind::{Kind, Registry};
use crate::model::address::is_name;
use crate::model::diagnostic::did_you_mean;
use crate::model::{Address, Diagnostic};

/// The top-level keys that are no kinds.
const OTHERS: &[&str] = &[
    "stack",
    "variables",
    "existing",
    "expect",
    "import",
    "moved",
    "removed",
];
/// Those of them that are lists of tables.
const LISTS: &[&str] = &["expect", "import", "moved", "removed"];

/// The headers of a file.
#[derive(Default)]
pub(crate) struct Declarations<'a> {
    pub tables: BTreeMap<Address, Declaration<'a>>,
    pub existing: BTreeMap<Address, &'a Entry>,
}

/// Collects a file's headers.
pub(crate) fn declarations<'a>(
    root: &'a Table,
    registry: Registry,
    problems: &mut Vec<Diagnostic>,
) -> Declarations<'a> {
    let mut found = Declarations::default();
    for entry in &root.entries {
        match entry.key.as_str() {
            // What they say is read elsewhere.
            "stack" | "variables" | "expect" | "import" | "moved" | "removed" => {}
            "existing" => {
                let Some(kinds) = entry.item.holds.as_table() else {
                    problems.push(
                        Diagnostic::error(entry.place(), "[existing] is no table of look-ups")
                            .remedy("write `[existing.vpc.shared]`, for example"),
                    );
                    continue;
                };
                for entry in &kinds.entries {
                    let Some(kind) = kind_of(entry, "existing.", registry, problems) else {
                        continue;
                    };
                    for entry in named(entry, "existing.", kind, problems) {
                        let address = Address::existing(kind.about().name, &entry.key);
                        found.existing.insert(address, entry);
                    }
                }
            }
            _ => {
                let Some(kind) = kind_of(entry, "", registry, problems) else {
                    continue;
                };
                for entry in named(entry, "", kind, problems) {
                    if let Some(table) = entry.item.holds.as_table() {
                        let address = Address::new(kind.about().name, &entry.key);
                        let header = entry.place();
                        found.tables.insert(
                            address,
                            Declaration {
                                kind,
                                table,
                                header,
                            },
                        );
                    }
                }
            }
        }
    }
    for (address, entry) in &found.existing {
        let table = Address::new(&address.kind, &address.name);
        if let Some(twin) = found.tables.get(&table) {
            problems.push(
                Diagnostic::error(entry.place(), format!("two are called {table}"))
                    .here("this look-up")
                    .also(twin.header.clone(), "and this table")
                    .because("a field that names it could mean either")
                    .remedy("give one of them another name"),
            );
        }
    }
    found
}

/// The kind that a key names.
fn kind_of(
    entry: &Entry,
    prefix: &str,
    registry: Registry,
    problems: &mut Vec<Diagnostic>,
) -> Option<&'static dyn Kind> {
    let key = &entry.key;
    if let Some(kind) = registry.table(key) {
        return Some(kind);
    }
    let place = match first_header(entry) {
        Some(inner) => inner.place(),
        None => entry.place(),
    };
    let problem = if is_header(entry) {
        Diagnostic::error(place, format!("no kind is called `{key}`"))
    } else {
        Diagnostic::error(place, format!("`{key}` stands outside of any table"))
            .because("only tables such as [stack] and [vpc.main] stand at the top")
    };
    let others = OTHERS.iter().copied().filter(|_| prefix.is_empty());
    problems.push(match did_you_mean(key, registry.names().chain(others)) {
        Some(near) => match first_header(entry) {
            Some(inner) if !OTHERS.contains(&near) => {
                problem.remedy(format!("did you mean [{prefix}{near}.{}]?", inner.key))
            }
            _ if LISTS.contains(&near) => problem.remedy(format!("did you mean [[{near}]]?")),
            _ => problem.remedy(format!("did you mean [{prefix}{near}]?")),
        },
        None if is_header(entry) => {
            let names: Vec<&str> = registry.names().collect();
            problem.remedy(format!("the kinds are {}", names.join(", ")))
        }
        None => problem.remedy("move it below the header of its table"),
    });
    None
}

fn is_header(entry: &Entry) -> bool {
    matches!(entry.item.holds, Holds::Table(_)) || entry.headed
}

/// The first table inside a kind that has no header of its own.
fn first_header(entry: &Entry) -> Option<&Entry> {
    if entry.headed {
        return None;
    }
    let table = entry.item.holds.as_table()?;
    table.entries.iter().find(|inner| inner.headed)
}

/// The named tables of a kind.
fn named<'a>(
    entry: &'a Entry,
    prefix: &str,
    kind: &'static dyn Kind,
    problems: &mut Vec<Diagnostic>,
) -> Vec<&'a Entry> {
    let name = kind.about().name;
    let nameless = || {
        Diagnostic::error(entry.place(), format!("[{prefix}{name}] needs a name"))
            .remedy(format!("write [{prefix}{name}.main], for example"))
    };
    let Holds::Table(table) = &entry.item.holds else {
        problems.push(nameless());
        return Vec::new();
    };
    let mut tables = Vec::new();
    let mut has_fields = table.entries.is_empty();
    for entry in &table.entries {
        match &entry.item.holds {
            Holds::Table(_) if is_name(&entry.key) => tables.push(entry),
            Holds::Table(_) => problems.push(
                Diagnostic::error(entry.place(), format!("`{}` is no name", entry.key))
                    .because("a name has letters, digits, `-` and `_`, at most 64"),
            ),
            Holds::List(_) if entry.headed => problems.push(
                Diagnostic::error(
                    entry.place(),
                    format!("[[{prefix}{name}.{}]] is a list", entry.key),
                )
                .because("each table has a name of its own")
                .remedy(format!("write [{prefix}{name}.{}]", entry.key)),
            ),
            _ => has_fields = true,
        }
    }
    // The fields themselves are not read: whose they are is not known.
    if has_fields {
        problems.push(nameless());
    }
    tables
}

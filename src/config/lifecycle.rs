//! `lifecycle = { … }`: what the user says of a table's life.

use super::document::{Entry, Holds, Table};
use super::fields::{list_of, table_of, unknown_key};
use super::reading::{Found, Reading};
use crate::kind::{Kind, Lifecycle, Type};
use crate::model::Diagnostic;
use crate::model::diagnostic::did_you_mean;

const KEYS: &[&str] = &[
    "prevent_destroy",
    "ignore",
    "create_before_destroy",
    "on_remove",
];

impl Reading<'_> {
    /// Reads a table's `lifecycle`.
    pub(crate) fn lifecycle(
        &self,
        kind: &'static dyn Kind,
        entry: &Entry,
        found: &mut Found,
    ) -> Lifecycle {
        table_of(
            entry,
            "`lifecycle`",
            "lifecycle = { prevent_destroy = true }",
            found,
        )
        .map(|table| self.lifecycle_table(kind, table, found))
        .unwrap_or_default()
    }

    fn lifecycle_table(
        &self,
        kind: &'static dyn Kind,
        table: &Table,
        found: &mut Found,
    ) -> Lifecycle {
        let mut lifecycle = Lifecycle::default();
        for entry in &table.entries {
            let span = entry.item.span.clone();
            match (entry.key.as_str(), &entry.item.holds) {
                ("prevent_destroy", Holds::Bool(value)) => lifecycle.prevent_destroy = *value,
                ("prevent_destroy", _) => found.problems.push(self.wrong_type(
                    &Type::Bool,
                    &entry.item,
                    "prevent_destroy",
                )),
                ("on_remove", Holds::Text(text)) if text == "forget" => {
                    lifecycle.forget_on_remove = true;
                }
                ("on_remove", Holds::Text(text)) if text == "destroy" => {}
                ("on_remove", _) => found.problems.push(
                    Diagnostic::error(span, "no such thing to do on removal")
                        .remedy("write `on_remove = \"forget\"`, or leave it out to destroy"),
                ),
                ("ignore", Holds::List(items)) => {
                    for item in items {
                        match &item.holds {
                            Holds::Text(name) => match self.ignorable(kind, name) {
                                Ok(()) => lifecycle.ignore.push(name.clone()),
                                Err(problem) => {
                                    let mut problem = *problem;
                                    if let Some(label) = problem.labels.first_mut() {
                                        label.span = item.span.clone();
                                    }
                                    found.problems.push(problem);
                                }
                            },
                            _ => found.problems.push(Diagnostic::error(
                                item.span.clone(),
                                "`ignore` holds the names of fields",
                            )),
                        }
                    }
                }
                ("ignore", _) => found.problems.push(self.wrong_type(
                    &Type::List(&Type::Text),
                    &entry.item,
                    "ignore",
                )),
                ("create_before_destroy", Holds::Bool(value)) => {
                    lifecycle.create_before_destroy = *value;
                }
                ("create_before_destroy", _) => found.problems.push(self.wrong_type(
                    &Type::Bool,
                    &entry.item,
                    "create_before_destroy",
                )),
                (key, _) => {
                    found
                        .problems
                        .push(unknown_key(key, entry.place(), "`lifecycle`", KEYS));
                }
            }
        }
        lifecycle
    }

    /// Whether a field's difference from what exists can be left alone: it is a
    /// field of the table's own object or of one of its parts.
    fn ignorable(&self, kind: &'static dyn Kind, name: &str) -> Result<(), Box<Diagnostic>> {
        let table = kind.about().name;
        let own = kind.fields().iter().filter(|field| !field.expanded);
        let parts = self.registry.all().filter(|part| {
            part.about()
                .part_of
                .is_some_and(|part_of| part_of.table == table)
        });
        let names: Vec<&str> = own
            .chain(parts.flat_map(|part| part.fields()))
            .map(|field| field.name)
            .collect();
        if names.contains(&name) {
            return Ok(());
        }
        let problem = Diagnostic::error(0..0, format!("{table} has no field `{name}` to ignore"));
        if kind.fields().iter().any(|field| field.name == name) {
            return Err(Box::new(problem.because(format!(
                "`{name}` stands for objects of their own, each of which is there or not"
            ))));
        }
        Err(Box::new(match did_you_mean(name, names.iter().copied()) {
            Some(near) => problem.remedy(format!("did you mean \"{near}\"?")),
            None => {
                let mut own: Vec<String> = kind
                    .fields()
                    .iter()
                    .filter(|field| !field.expanded)
                    .map(|field| format!("\"{}\"", field.name))
                    .collect();
                own.dedup();
                problem.remedy(format!("it has {}", list_of(own.into_iter(), "and")))
            }
        }))
    }
}

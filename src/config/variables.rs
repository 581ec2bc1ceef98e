//! `[variables]`: values that the command line and the environment may set.
//!
//! ```toml
//! [variables]
//! bucket = "saa-03-003"            # a default: text, number or boolean
//! owner  = { required = true }     # no default: the run must set it
//! ```

use std::collections::BTreeMap;

use super::Options;
use super::document::{Entry, Holds, Item, Table};
use super::interpolation::{Expression, Meaning, interpolate};
use crate::model::address::is_name;
use crate::model::diagnostic::did_you_mean;
use crate::model::{Diagnostic, Span, Value};

/// The variables of a file with the values that this run gives them.
#[derive(Debug, Default)]
pub(crate) struct Variables {
    /// Nothing where the variable's problem is told already.
    values: BTreeMap<String, Option<Value>>,
}

impl Variables {
    /// Reads the table. `fallback` is where a problem without a place of its
    /// own is shown.
    pub(crate) fn read(
        entry: Option<&Entry>,
        options: &Options,
        fallback: &Span,
        file: &str,
        problems: &mut Vec<Diagnostic>,
    ) -> Self {
        let none = Table::default();
        let table = match entry.map(|entry| (&entry.item.holds, entry.place())) {
            None => &none,
            Some((Holds::Table(table), _)) => table,
            Some((other, place)) => {
                problems.push(
                    Diagnostic::error(
                        place,
                        format!("[variables] is a table, not {}", other.noun()),
                    )
                    .remedy("write `[variables]` and below it `name = \"default\"`"),
                );
                &none
            }
        };
        let place = entry.map_or_else(|| fallback.clone(), Entry::place);
        for name in options.variables.keys() {
            if table.get(name).is_none() && !options.from_environment.contains(name) {
                problems.push(undeclared_override(name, table, place.clone()));
            }
        }
        let mut reader = Reader {
            table,
            options,
            file,
            problems,
            values: BTreeMap::new(),
            visiting: Vec::new(),
        };
        for entry in &table.entries {
            reader.value(entry);
        }
        Self {
            values: reader.values,
        }
    }

    /// What `${var.name}` stands for.
    pub(crate) fn mean(&self, name: &str, expression: &Expression) -> Meaning {
        match self.values.get(name) {
            Some(value) => Ok(value.clone()),
            None => Err(Box::new(undeclared(
                name,
                self.values.keys().map(String::as_str),
                expression,
            ))),
        }
    }
}

/// One walk through the table, each variable once, in the order of need.
struct Reader<'a> {
    table: &'a Table,
    options: &'a Options,
    file: &'a str,
    problems: &'a mut Vec<Diagnostic>,
    values: BTreeMap<String, Option<Value>>,
    visiting: Vec<String>,
}

impl Reader<'_> {
    fn value(&mut self, entry: &Entry) -> Option<Value> {
        if let Some(known) = self.values.get(&entry.key) {
            return known.clone();
        }
        if !is_name(&entry.key) {
            self.problems.push(
                Diagnostic::error(
                    entry.key_span.clone(),
                    format!("`{}` is no name", entry.key),
                )
                .because("a name has letters, digits, `-` and `_`, at most 64"),
            );
        }
        self.visiting.push(entry.key.clone());
        let value = match self.options.variables.get(&entry.key) {
            // What the command line says is never interpolated, and the default
            // then does not matter.
            Some(text) => Some(Value::text(text.as_str())),
            None => self.default(entry),
        };
        self.visiting.pop();
        self.values.insert(entry.key.clone(), value.clone());
        value
    }

    fn default(&mut self, entry: &Entry) -> Option<Value> {
        match &entry.item.holds {
            Holds::Integer(number) => Some(Value::Integer(*number)),
            Holds::Bool(value) => Some(Value::Bool(*value)),
            Holds::Text(raw) => self.interpolated(raw, &entry.item),
            Holds::Table(table) => {
                self.problems.push(without_default(entry, table));
                None
            }
            other => {
                self.problems.push(
                    Diagnostic::error(
                        entry.item.span.clone(),
                        format!("a variable cannot hold {}", other.noun()),
                    )
                    .remedy("use a text, a whole number, `true` or `false`"),
                );
                None
            }
        }
    }

    fn interpolated(&mut self, raw: &str, item: &Item) -> Option<Value> {
        let (table, file) = (self.table, self.file);
        let mut found = Vec::new();
        let value = interpolate(raw, item, file, false, &mut found, &mut |expression| {
            let Some(name) = expression.path.strip_prefix("var.") else {
                return Err(Box::new(
                    Diagnostic::error(
                        expression.span.clone(),
                        format!("`{}` cannot stand in a variable", expression.path),
                    )
                    .because("a variable's default is known before anything else is")
                    .remedy("use other variables only"),
                ));
            };
            if let Some(at) = self.visiting.iter().position(|visited| visited == name) {
                let mut ring = self.visiting.get(at..).unwrap_or_default().to_vec();
                ring.push(name.to_owned());
                return Err(Box::new(
                    Diagnostic::error(expression.span.clone(), "variables that need each other")
                        .because(ring.join(" → "))
                        .remedy("give one of them a plain value"),
                ));
            }
            match table.get(name) {
                Some(entry) => Ok(self.value(entry)),
                None => Err(Box::new(undeclared(
                    name,
                    table.entries.iter().map(|entry| entry.key.as_str()),
                    expression,
                ))),
            }
        });
        self.problems.append(&mut found);
        value
    }
}

/// A variable that the run must set and did not, or that is written wrongly.
fn without_default(entry: &Entry, table: &Table) -> Diagnostic {
    let name = &entry.key;
    let required = table.get("required").map(|entry| &entry.item.holds);
    match (required, table.entries.as_slice()) {
        (Some(Holds::Bool(true)), [_]) => {
            Diagnostic::error(entry.place(), format!("variable `{name}` has no value"))
                .here("declared as required, and not set")
                .remedy(format!(
                    "set it with `--var {name}=…` or the environment variable S3NET_VAR_{name}, \
                     or give it a default: `{name} = \"…\"`"
                ))
        }
        _ => Diagnostic::error(entry.item.span.clone(), "not a variable's default")
            .here("a table")
            .remedy(format!(
                "write `{name} = \"…\"`, or `{name} = {{ required = true }}` for one without default"
            )),
    }
}

fn undeclared<'a>(
    name: &str,
    names: impl Iterator<Item = &'a str>,
    expression: &Expression,
) -> Diagnostic {
    let problem = Diagnostic::error(
        expression.span.clone(),
        format!("no variable is called `{name}`"),
    );
    match did_you_mean(name, names) {
        Some(near) => problem.remedy(format!("did you mean `${{var.{near}}}`?")),
        None => problem.remedy(format!("declare it under [variables]: `{name} = \"…\"`")),
    }
}

fn undeclared_override(name: &str, table: &Table, place: Span) -> Diagnostic {
    let problem = Diagnostic::error(place, format!("the file declares no variable `{name}`"))
        .because(format!("the command line sets it: --var {name}=…"));
    match did_you_mean(name, table.entries.iter().map(|entry| entry.key.as_str())) {
        Some(near) => problem.remedy(format!("did you mean `--var {near}=…`?")),
        None => problem.remedy(format!(
            "leave `--var {name}=…` out, or declare it under [variables]: `{name} = \"…\"`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `${var.a}` and `${var.b}` stand for once the run sets `name`, and
    /// the problems.
    fn read(name: &str, environment: bool) -> (Vec<Option<Value>>, Vec<String>) {
        let file = "[variables]\na = \"one\"\nb = \"<${var.a}>\"\n";
        let (root, _) = super::super::syntax::read(file);
        let mut options = Options::default();
        options
            .variables
            .insert(name.to_owned(), "${set}".to_owned());
        if environment {
            options.from_environment.insert(name.to_owned());
        }
        let mut problems = Vec::new();
        let entry = root.get("variables");
        let variables = Variables::read(entry, &options, &(0..0), file, &mut problems);
        let values = ["a", "b"].map(|name| variables.values[name].clone());
        let problems = problems.into_iter().map(|problem| problem.problem);
        (values.to_vec(), problems.collect())
    }

    #[test]
    fn what_the_run_sets_wins_and_is_taken_to_the_letter() {
        let text = |text: &str| Some(Value::text(text));
        assert_eq!(
            read("a", false),
            (vec![text("${set}"), text("<${set}>")], vec![])
        );
        assert_eq!(read("b", true), (vec![text("one"), text("${set}")], vec![]));
    }

    #[test]
    fn only_the_command_line_must_name_what_is_declared() {
        assert_eq!(read("c", true).1, Vec::<String>::new());
        assert_eq!(read("c", false).1, ["the file declares no variable `c`"]);
    }
}

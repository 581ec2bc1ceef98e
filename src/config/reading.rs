//! One reading of a file: what its names mean while fields are parsed.
//!
//! Tables refer to each other in any order, so all headers are collected before
//! any field is read. A text may need another table's field
//! (`${bucket.data.name}`); that field is then read on the spot, once, and its
//! value is remembered. Two fields that need each other stay references, and
//! the check for cycles tells of them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use super::document::Table;
use super::interpolation::{Expression, Meaning, is_policy_variable};
use super::stack_table::StackTable;
use super::variables::Variables;
use crate::kind::{Default, Field, Kind, Registry};
use crate::model::diagnostic::did_you_mean;
use crate::model::{Address, Diagnostic, Piece, Reference, Span, Value};

/// How long a chain of fields that need each other is followed at once; what
/// lies beyond stays a reference, and the planner resolves it.
const LONGEST_CHAIN: usize = 30;

/// A table as the file declares it.
#[derive(Clone)]
pub(crate) struct Declaration<'a> {
    pub kind: &'static dyn Kind,
    pub table: &'a Table,
    /// Where its header stands.
    pub header: Span,
}

/// What parsing fields turns up beside their values.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Where each field stands, by path.
    pub spans: BTreeMap<String, Span>,
    pub problems: Vec<Diagnostic>,
}

impl Found {
    /// Notes a problem; there is no value then.
    pub(crate) fn problem<T>(&mut self, problem: Diagnostic) -> Option<T> {
        self.problems.push(problem);
        None
    }
}

/// What is known of another table's field while the file is read.
#[derive(Debug, Clone)]
enum Stated {
    Value(Value),
    /// Only AWS, or the kind's own defaults, will tell.
    Later,
    /// Its own problem is told where it stands.
    Damaged,
}

type Key = (Address, &'static str);

/// Everything that a name in the file can mean.
pub(crate) struct Reading<'a> {
    pub registry: Registry,
    /// The file's text.
    pub file: &'a str,
    /// The folder that policy files are relative to.
    pub folder: &'a Path,
    /// Whether parts of the file are unreadable, so that a name which is
    /// nowhere to be found proves nothing.
    pub broken: bool,
    pub variables: Variables,
    pub stack: StackTable<'a>,
    /// The region that the file or the environment states.
    pub region: Option<String>,
    pub tables: BTreeMap<Address, Declaration<'a>>,
    /// The look-ups and where they stand.
    pub existing: BTreeMap<Address, Span>,
    pub known: Known,
}

/// The fields that were read because others need them.
#[derive(Debug, Default)]
pub(crate) struct Known {
    read: RefCell<BTreeMap<Key, Stated>>,
    reading: RefCell<Vec<Key>>,
}

impl Reading<'_> {
    /// What an expression stands for.
    pub(crate) fn mean(&self, expression: &Expression) -> Meaning {
        let segments: Vec<&str> = expression.path.split('.').collect();
        match segments.as_slice() {
            ["region"] => Ok(self.region.as_deref().map(Value::text)),
            ["account"] => Ok(Some(Value::Template(vec![Piece::Account]))),
            ["stack", "name"] => Ok(Some(Value::text(self.stack.name.as_str()))),
            ["var", name] => match self.variables.mean(name, expression) {
                Err(_) if self.broken => Ok(None),
                meaning => meaning,
            },
            ["existing", kind, name, attribute] if self.registry.table(kind).is_some() => {
                self.attribute(&Address::existing(kind, name), attribute, expression)
            }
            [kind, name, attribute] if self.registry.table(kind).is_some() => {
                self.attribute(&self.named(kind, name), attribute, expression)
            }
            _ => Err(Box::new(self.meaningless(expression, &segments))),
        }
    }

    fn attribute(&self, target: &Address, attribute: &str, expression: &Expression) -> Meaning {
        if !self.is_declared(target) {
            if self.broken {
                return Ok(None);
            }
            return Err(Box::new(self.dangling(target, expression.span.clone())));
        }
        let Some(kind) = self.registry.table(&target.kind) else {
            return Ok(None);
        };
        if attribute != "id" && !has_attribute(kind, attribute) {
            return Err(Box::new(no_attribute(kind, target, attribute, expression)));
        }
        let reference = Reference {
            target: target.clone(),
            attribute: attribute.to_owned(),
        };
        let field = kind.fields().iter().find(|field| field.name == attribute);
        match field.map(|field| self.stated(target, field)) {
            Some(Stated::Value(value)) => Ok(Some(value)),
            Some(Stated::Damaged) => Ok(None),
            Some(Stated::Later) | None => Ok(Some(Value::Reference(reference))),
        }
    }

    /// What a kind and a name mean: the table, or the look-up where only that is
    /// declared. No table and look-up of one kind share a name.
    pub(crate) fn named(&self, kind: &str, name: &str) -> Address {
        let look_up = Address::existing(kind, name);
        if self.existing.contains_key(&look_up) {
            return look_up;
        }
        Address::new(kind, name)
    }

    /// Whether the file has such a table or look-up.
    pub(crate) fn is_declared(&self, address: &Address) -> bool {
        self.tables.contains_key(address) || self.existing.contains_key(address)
    }

    /// What a table's field holds, as far as the file says.
    fn stated(&self, address: &Address, field: &'static Field) -> Stated {
        let Some(declaration) = self.tables.get(address) else {
            return Stated::Later;
        };
        let key = (address.clone(), field.name);
        if let Some(stated) = self.known.read.borrow().get(&key) {
            return stated.clone();
        }
        {
            let mut reading = self.known.reading.borrow_mut();
            if let Some(at) = reading.iter().position(|other| *other == key) {
                // Fields that need each other all stay references, so that the
                // check for cycles can show the whole ring.
                let mut read = self.known.read.borrow_mut();
                for key in reading.iter().skip(at) {
                    read.insert(key.clone(), Stated::Later);
                }
                return Stated::Later;
            }
            if reading.len() >= LONGEST_CHAIN {
                return Stated::Later;
            }
            reading.push(key.clone());
        }
        let stated = match (declaration.table.get(field.name), field.default) {
            // The problems are told where the field itself is read.
            (Some(entry), _) => self
                .value(&field.holds, &entry.item, field.name, &mut Found::default())
                .map_or(Stated::Damaged, Stated::Value),
            (None, Default::Bool(value)) => Stated::Value(Value::Bool(value)),
            (None, Default::Integer(number)) => Stated::Value(Value::Integer(number)),
            (None, Default::Text(text)) => Stated::Value(Value::text(text)),
            (None, Default::Unmanaged | Default::Empty) => Stated::Later,
        };
        self.known.reading.borrow_mut().pop();
        let mut read = self.known.read.borrow_mut();
        read.entry(key).or_insert(stated).clone()
    }

    /// An expression that stands for nothing.
    fn meaningless(&self, expression: &Expression, segments: &[&str]) -> Diagnostic {
        let path = &expression.path;
        let span = expression.span.clone();
        if path.is_empty() {
            return Diagnostic::error(span, "nothing stands between the brackets").remedy(
                "name something, as in `${var.x}`, or write `$${` for the characters themselves",
            );
        }
        if is_policy_variable(path) {
            return Diagnostic::error(span, format!("`{path}` means nothing here"))
                .because("variables of IAM have a meaning in policy documents only")
                .remedy(format!(
                    "for the characters themselves write `$${{{path}}}`"
                ));
        }
        let problem = Diagnostic::error(span, format!("`{path}` means nothing"));
        match segments {
            ["stack", word @ ("region" | "account")] => {
                problem.remedy(format!("write `${{{word}}}`"))
            }
            ["stack", ..] => problem.remedy("the stack has only `${stack.name}`"),
            ["var", ..] => problem.remedy("write `${var.name}`"),
            [kind, rest @ ..] if self.registry.table(kind).is_some() => match rest {
                [name] => problem
                    .because("it names a table, but none of its attributes")
                    .remedy(format!("write `${{{kind}.{name}.id}}`, for example")),
                _ => problem.remedy(format!("write `${{{kind}.<name>.<attribute>}}`")),
            },
            ["existing", ..] => problem.remedy("write `${existing.<kind>.<name>.<attribute>}`"),
            [first, rest @ ..] => {
                let words = ["var", "stack", "region", "account", "existing"];
                match did_you_mean(first, words.into_iter().chain(self.registry.names())) {
                    Some(near) => {
                        let whole: Vec<&str> =
                            std::iter::once(near).chain(rest.iter().copied()).collect();
                        problem.remedy(format!("did you mean `${{{}}}`?", whole.join(".")))
                    }
                    None => problem
                        .because(
                            "known are `${var.x}`, `${stack.name}`, `${region}`, `${account}` and \
                             `${kind.name.attribute}`",
                        )
                        .remedy(format!(
                            "for the characters themselves write `$${{{path}}}`"
                        )),
                }
            }
            [] => problem,
        }
    }
}

fn attributes(kind: &dyn Kind) -> impl Iterator<Item = &'static str> {
    let fields = kind.fields().iter().map(|field| field.name);
    fields.chain(kind.outputs().iter().map(|output| output.name))
}

/// Whether a kind has a field or an output of this name.
pub(crate) fn has_attribute(kind: &dyn Kind, attribute: &str) -> bool {
    attributes(kind).any(|name| name == attribute)
}

fn no_attribute(
    kind: &dyn Kind,
    target: &Address,
    attribute: &str,
    expression: &Expression,
) -> Diagnostic {
    let problem = Diagnostic::error(
        expression.span.clone(),
        format!("{target} has no attribute `{attribute}`"),
    );
    match did_you_mean(attribute, attributes(kind)) {
        Some(near) => problem.remedy(format!("did you mean `${{{target}.{near}}}`?")),
        None => {
            let names: Vec<&str> = std::iter::once("id").chain(attributes(kind)).collect();
            problem.remedy(format!("it has {}", names.join(", ")))
        }
    }
}

//! What is to be said of one node of a plan: the values of what is made, the
//! differences of what changes. What the address says already, what is AWS's
//! or s3net's own matter, and what is at its default is not said.

mod changes;
mod tag_words;

use super::fitting::{columns, cut, wrapped};
use super::listing::{Deed, Entry, Table};
use super::naming::{NONE, Names, literal, telling};
use super::policy_text::{self, Breaks, allows_everything};
use super::style::{Ink, Style};
use crate::kind::{Default, Field, Registry, Type};
use crate::model::secrecy::{is_secret, sealed};
use crate::model::{Address, Reference, Tags, Value};
use crate::plan::{Plan, PlannedStep};

/// Marks the field that makes a replacement necessary.
pub const FORCES: &str = "  <- forces it";

/// One thing to be said of a node.
pub struct Fact {
    /// The field's name.
    pub name: String,
    /// Whether it is a value, and not a change of one.
    pub is_value: bool,
    /// Whether it makes a replacement necessary.
    pub forces: bool,
    /// What is said.
    pub content: Content,
}

/// What is said of a field.
pub enum Content {
    /// Some words, as measured and as painted.
    Words {
        /// Without colour.
        plain: String,
        /// With colour.
        painted: String,
    },
    /// What needs several lines, painted.
    Lines(Vec<String>),
}

/// Gathers facts from a plan.
pub struct Facts<'p> {
    stack: &'p str,
    registry: Registry,
    names: Names<'p>,
    style: Style,
    full: bool,
    shared: Tags,
}

impl<'p> Facts<'p> {
    /// Gathers facts from a plan with these tables.
    #[must_use]
    pub fn new(
        plan: &'p Plan,
        registry: Registry,
        style: Style,
        full: bool,
        tables: &[Table<'p>],
    ) -> Self {
        let mut facts = Self {
            stack: &plan.stack,
            registry,
            names: Names::of(plan),
            style,
            full,
            shared: Tags::new(),
        };
        if !full {
            facts.shared = facts.tags_of_all(tables);
        }
        facts
    }

    /// Whether a node is made anew, so that what refers to it changes.
    #[must_use]
    pub fn is_made_anew(&self, address: &Address) -> bool {
        self.names.is_made_anew(address)
    }

    /// What is to be said of a node, in lines of at most `room` columns as far
    /// as that can be.
    #[must_use]
    pub fn of(&self, entry: &Entry<'_>, room: usize) -> Vec<Fact> {
        match entry.deed {
            Deed::Create => self.values(entry.step, room),
            Deed::Adopt | Deed::Update => {
                let mut facts = self.changes(entry.step, room);
                facts.extend(self.tag_changes(entry.step));
                facts
            }
            Deed::Replace { .. } => self.changes(entry.step, room),
            Deed::Delete { .. } | Deed::Forget => Vec::new(),
        }
    }

    /// The values of a new node.
    fn values(&self, step: &PlannedStep, room: usize) -> Vec<Fact> {
        let fields = self.fields(step);
        let known = fields.iter().map(|field| field.name);
        let other = step.preview.iter().map(|(name, _)| name.as_str());
        let other = other.filter(|name| fields.iter().all(|field| field.name != *name));
        let shown: Vec<&str> = known
            .chain(other)
            .filter(|name| step.preview.get(name).is_some())
            .filter(|name| self.full || !self.is_plain(step, name))
            .collect();
        let widest = shown.iter().map(|name| columns(name)).max().unwrap_or(0);
        let beside = widest + " = ".len();
        let mut facts: Vec<_> = shown
            .into_iter()
            .filter_map(|name| {
                let preview = sealed(name, step.preview.get(name)?);
                let input = step.inputs.get(name).map(|input| sealed(name, input));
                let content = self.value(step, name, (input.as_ref(), &preview), (room, beside));
                Some(Fact {
                    name: name.to_owned(),
                    is_value: true,
                    forces: false,
                    content,
                })
            })
            .collect();
        facts.extend(self.tags(step, room.saturating_sub(beside)));
        facts
    }

    /// A value with the names of what it refers to. `beside` columns of the
    /// `room` are taken by the field's name on the first line.
    fn value(
        &self,
        step: &PlannedStep,
        name: &str,
        (input, preview): (Option<&Value>, &Value),
        (room, beside): (usize, usize),
    ) -> Content {
        let short_room = room.saturating_sub(beside);
        if self.is_policy(step, name) && matches!(preview, Value::Map(_)) {
            let document = literal(input, preview);
            if allows_everything(&document) && !self.full {
                return Content::plain("everything is allowed".to_owned());
            }
            // Only the first line has the field's name before it.
            let lines = policy_text::lines(&document, Breaks::Beyond(room));
            return match &lines[..] {
                [line] if columns(line) > short_room => {
                    Content::Lines(policy_text::lines(&document, Breaks::Beyond(short_room)))
                }
                _ => Content::Lines(lines),
            };
        }
        let value = telling(input, preview);
        let words = shortened(name, self.names.words(&value));
        if columns(&words) <= short_room {
            return Content::plain(words);
        }
        match &value {
            Value::List(items) if items.len() > 1 => {
                let items = self.names.items(items).into_iter();
                let mut lines = vec!["[".to_owned()];
                lines.extend(items.map(|item| format!("  {item}")));
                lines.push("]".to_owned());
                Content::Lines(lines)
            }
            _ if self.full => {
                let mut lines = wrapped(&words, short_room).into_iter();
                let first: Vec<_> = lines.next().into_iter().collect();
                let rest = lines.map(|line| format!("{}{line}", " ".repeat(beside)));
                Content::Lines(first.into_iter().chain(rest).collect())
            }
            _ => Content::plain(cut(&words, short_room)),
        }
    }

    /// Whether a field needs no word: it is at its default, its part's table
    /// is the one above it, or the part's key says it.
    fn is_plain(&self, step: &PlannedStep, name: &str) -> bool {
        let input = step.inputs.get(name);
        let preview = step.preview.get(name);
        let default = self.field(step, name).map(|field| field.default);
        // A word at its default still tells something: an instance's type. No word
        // does not.
        let at_default = match (default, preview) {
            (Some(Default::Bool(default)), Some(Value::Bool(value))) => default == *value,
            (Some(Default::Integer(default)), Some(Value::Integer(value))) => default == *value,
            (Some(Default::Empty), Some(Value::List(items))) => items.is_empty(),
            (Some(Default::Text("")), Some(Value::String(text))) => text.is_empty(),
            _ => false,
        };
        let Some(part) = &step.address.part else {
            return at_default;
        };
        let words = match input {
            Some(Value::Reference(reference))
                if *reference == Reference::id(step.address.table()) =>
            {
                return true;
            }
            Some(Value::Reference(reference)) => reference.target.to_string(),
            _ => preview.and_then(Value::to_text).unwrap_or_default(),
        };
        let said = part.key == words
            || part.key.split(':').any(|piece| piece == words)
            || part.key.ends_with(&format!(":{words}"));
        at_default || (!words.is_empty() && said)
    }

    fn fields(&self, step: &PlannedStep) -> &'static [Field] {
        let kind = self.registry.of(&step.address);
        kind.map_or(&[], |kind| kind.fields())
    }

    fn field(&self, step: &PlannedStep, name: &str) -> Option<&'static Field> {
        self.fields(step).iter().find(|field| field.name == name)
    }

    fn is_policy(&self, step: &PlannedStep, name: &str) -> bool {
        let field = self.field(step, name);
        field.is_some_and(|field| matches!(field.holds, Type::Policy(_)))
    }

    fn old(&self, text: &str) -> String {
        self.style
            .paint(if text == NONE { Ink::Faint } else { Ink::Bad }, text)
    }

    fn new_text(&self, text: &str) -> String {
        self.style.paint(Ink::Good, text)
    }
}

impl Content {
    fn plain(words: String) -> Self {
        Self::Words {
            plain: words.clone(),
            painted: words,
        }
    }
}

/// The words of a secret's hash, short enough to compare by eye.
pub fn shortened(field: &str, words: String) -> String {
    match words.strip_prefix("sha256:") {
        Some(hash) if is_secret(field) => {
            let start: String = hash.chars().take(12).collect();
            format!("(SHA-256 {start}…)")
        }
        _ => words,
    }
}

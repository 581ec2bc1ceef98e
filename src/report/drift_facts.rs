//! What is to be said of one object that has drifted: a line for each field,
//! and one for its tags.

use super::facts::shortened;
use super::fitting::{columns, harmless, wrapped};
use super::line_difference::{Line, around_changes, difference};
use super::naming::Names;
use super::policy_text::{self, Breaks};
use super::style::{Ink, Style};
use crate::kind::{Registry, Type};
use crate::model::secrecy::sealed;
use crate::model::{Address, Value};
use crate::plan::{Drift, Drifted, FieldDrift, Happened, TagDrift};

/// How many lines around a change of a policy are shown.
const CONTEXT: usize = 2;

/// Something to be said, painted.
pub struct Said {
    /// How many columns it takes; none where it needs several lines.
    pub columns: Option<usize>,
    /// Its lines; one where it has columns.
    pub lines: Vec<String>,
}

/// Says what has drifted.
pub struct DriftFacts<'d> {
    names: Names<'d>,
    registry: Registry,
    style: Style,
    full: bool,
}

impl<'d> DriftFacts<'d> {
    /// Says it with the names that a drift knows.
    #[must_use]
    pub fn new(drift: &'d Drift, registry: Registry, style: Style, full: bool) -> Self {
        Self {
            names: Names::of_ids(&drift.names),
            registry,
            style,
            full,
        }
    }

    /// All that is to be said of an object, in lines of at most `room` columns
    /// as far as that can be.
    #[must_use]
    pub fn of(&self, object: &Drifted, room: usize) -> Vec<Said> {
        let mut said = Vec::new();
        match &object.happened {
            Happened::Changed => {}
            Happened::Gone => {
                let of = self.registry.of(&object.address);
                let text = match of.is_some_and(|kind| kind.about().tagged) {
                    true => "it is gone, or has lost this stack's tags",
                    false => "it is gone",
                };
                said.push(self.sentence(text, room));
            }
            Happened::Appeared => {
                let text = match object.address.part {
                    None => "it carries this stack's tags, and no run here made it",
                    Some(_) => "it was not there, and no run here made it",
                };
                said.push(self.sentence(text, room));
            }
            Happened::Renewed(was) => {
                let text = format!("another object stands here: it was {}", harmless(was));
                said.push(self.sentence(&text, room));
            }
        }
        if let Some(reason) = &object.broken {
            said.push(self.sentence(&format!("broken: {}", harmless(reason)), room));
        }
        let fields = object.fields.iter();
        said.extend(fields.map(|field| self.field(&object.address, field, room)));
        if !object.tags.is_empty() {
            said.push(self.tags(&object.tags, room));
        }
        said
    }

    fn sentence(&self, text: &str, room: usize) -> Said {
        let lines = wrapped(text, room);
        Said {
            columns: (lines.len() == 1).then(|| columns(text)),
            lines: lines
                .iter()
                .map(|line| self.style.paint(Ink::Change, line))
                .collect(),
        }
    }

    fn field(&self, address: &Address, drift: &FieldDrift, room: usize) -> Said {
        let name = drift.field.as_str();
        let note = match (drift.ignored, drift.wanted) {
            (true, _) => "  (ignored)",
            (false, true) => "  (as the file wants it by now)",
            (false, false) => "",
        };
        let note = self.style.paint(Ink::Faint, note);
        let of = self.registry.of(address);
        let holds = of.and_then(|kind| kind.fields().iter().find(|field| field.name == name));
        let holds = holds.map(|field| &field.holds);
        let before = sealed(name, &drift.before);
        let after = drift
            .after
            .as_ref()
            .map_or(Value::Null, |it| sealed(name, it));
        if matches!(holds, Some(Type::Policy(_))) {
            return self.block(name, &note, &self.policy(&before, &after));
        }
        let (before, after) = (self.words(holds, &before), self.words(holds, &after));
        let words = |value| shortened(name, self.names.words(value));
        let (old, new) = (words(&before), words(&after));
        let plain = columns(&format!("{name}: {old} → {new}")) + columns(&note_text(&note));
        if plain <= room {
            let (old, new) = (
                self.style.paint(Ink::Bad, &old),
                self.style.paint(Ink::Good, &new),
            );
            return Said {
                columns: Some(plain),
                lines: vec![format!("{name}: {old} → {new}{note}")],
            };
        }
        let lines = match (&before, &after) {
            (Value::List(before), Value::List(after)) => {
                difference(&self.names.items(before), &self.names.items(after))
            }
            _ => {
                let room = room.saturating_sub(4);
                let gone = wrapped(&old, room).into_iter().map(Line::Gone);
                let new = wrapped(&new, room).into_iter().map(Line::New);
                gone.chain(new).collect()
            }
        };
        self.block(name, &note, &lines)
    }

    /// A value with names for ids; a set in the order of its words.
    fn words(&self, holds: Option<&Type>, value: &Value) -> Value {
        match (holds, self.names.named(holds, value)) {
            (Some(Type::Set(_)), Value::List(mut items)) => {
                items.sort_by_cached_key(|item| self.names.words(item));
                Value::List(items)
            }
            (_, named) => named,
        }
    }

    fn policy(&self, before: &Value, after: &Value) -> Vec<Line> {
        let lines = |document: &Value| match document {
            Value::Map(_) => policy_text::lines(document, Breaks::Everywhere),
            Value::Null => Vec::new(),
            other => vec![self.names.words(other)],
        };
        let lines = difference(&lines(before), &lines(after));
        match self.full {
            true => lines,
            false => around_changes(&lines, CONTEXT, &policy_text::landmarks(&lines)),
        }
    }

    fn block(&self, name: &str, note: &str, lines: &[Line]) -> Said {
        let inner = lines.iter().map(|line| match line {
            Line::Same(text) => format!("    {text}"),
            Line::Gone(text) => format!("  {}", self.style.paint(Ink::Bad, &format!("- {text}"))),
            Line::New(text) => format!("  {}", self.style.paint(Ink::Good, &format!("+ {text}"))),
            Line::Skipped(count) => {
                let text = format!("    … {count} lines unchanged");
                self.style.paint(Ink::Faint, &text)
            }
        });
        Said {
            columns: None,
            lines: std::iter::once(format!("{name}:{note}"))
                .chain(inner)
                .collect(),
        }
    }

    fn tags(&self, tags: &[TagDrift], room: usize) -> Said {
        let said = tags.iter().map(|tag| {
            let key = harmless(&tag.key);
            match (&tag.before, &tag.after) {
                (Some(before), Some(after)) => {
                    format!("{key} {} → {}", quoted(before), quoted(after))
                }
                (Some(before), None) => format!("{key} {} removed", quoted(before)),
                (None, after) => {
                    let value = after.as_deref().unwrap_or_default();
                    format!("{key} {} added by others", quoted(value))
                }
            }
        });
        let said: Vec<String> = said.collect();
        let line = format!("tags: {}", said.join("; "));
        if columns(&line) <= room {
            return Said {
                columns: Some(columns(&line)),
                lines: vec![line],
            };
        }
        let each = said.iter().flat_map(|text| {
            let lines = wrapped(text, room.saturating_sub(4)).into_iter();
            lines.enumerate().map(|(n, line)| match n {
                0 => format!("  {line}"),
                _ => format!("    {line}"),
            })
        });
        Said {
            columns: None,
            lines: std::iter::once("tags:".to_owned()).chain(each).collect(),
        }
    }
}

/// A note without its colour, to be measured.
fn note_text(note: &str) -> String {
    anstream::adapter::strip_str(note).to_string()
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", harmless(text))
}

//! What changes on a node that exists: old and new side by side where that
//! fits, else line by line.

use super::{Content, FORCES, Fact, Facts, shortened};
use crate::kind::Type;
use crate::model::Value;
use crate::model::secrecy::sealed;
use crate::plan::{Difference, PlannedStep};
use crate::report::fitting::{columns, wrapped};
use crate::report::line_difference::{Line, around_changes, difference};
use crate::report::naming::{UNKNOWN, literal, telling};
use crate::report::policy_text::{self, Breaks};
use crate::report::style::Ink;

/// How many lines around a change of a policy are shown.
const CONTEXT: usize = 2;

impl Facts<'_> {
    /// What changes on a node that exists.
    pub(super) fn changes(&self, step: &PlannedStep, room: usize) -> Vec<Fact> {
        let change = |change: &Difference| Fact {
            name: change.field.clone(),
            is_value: false,
            forces: change.replaces.is_some(),
            content: self.change(step, change, room),
        };
        step.differences.iter().map(change).collect()
    }

    fn change(&self, step: &PlannedStep, change: &Difference, room: usize) -> Content {
        let name = change.field.as_str();
        let after = sealed(name, &change.after);
        let before = change
            .before
            .as_ref()
            .map_or(Value::Null, |value| sealed(name, value));
        let input = step.inputs.get(name).map(|input| sealed(name, input));
        if self.is_policy(step, name) {
            return self.policy_change(&before, &literal(input.as_ref(), &after));
        }
        let holds = self.field(step, name).map(|field| &field.holds);
        let before = self.names.named(holds, &before);
        let after = telling(input.as_ref(), &after);
        let (before, after) = match holds {
            Some(Type::Set(_)) => (self.in_order(before), self.in_order(after)),
            _ => (before, after),
        };
        let old = shortened(name, self.names.words(&before));
        let mut new = shortened(name, self.names.words(&after));
        if old == new {
            // Known under the same name, and another object all the same.
            new = format!("{new} {UNKNOWN}");
        }
        let plain = format!("{old} → {new}");
        let mark = match change.replaces {
            Some(_) => columns(FORCES),
            None => 0,
        };
        if columns(name) + 2 + columns(&plain) + mark <= room {
            let painted = format!("{} → {}", self.old(&old), self.new_text(&new));
            return Content::Words { plain, painted };
        }
        let lines = match (&before, &after) {
            (Value::List(before), Value::List(after)) => {
                difference(&self.names.items(before), &self.names.items(after))
            }
            _ => {
                let gone = wrapped(&old, room.saturating_sub(4))
                    .into_iter()
                    .map(Line::Gone);
                gone.chain(
                    wrapped(&new, room.saturating_sub(4))
                        .into_iter()
                        .map(Line::New),
                )
                .collect()
            }
        };
        self.laid_out(&lines)
    }

    fn policy_change(&self, before: &Value, after: &Value) -> Content {
        let lines = |document: &Value| match document {
            Value::Map(_) => policy_text::lines(document, Breaks::Everywhere),
            Value::Null => Vec::new(),
            other => vec![self.names.words(other)],
        };
        let lines = difference(&lines(before), &lines(after));
        if self.full {
            self.laid_out(&lines)
        } else {
            let landmarks = policy_text::landmarks(&lines);
            self.laid_out(&around_changes(&lines, CONTEXT, &landmarks))
        }
    }

    fn laid_out(&self, lines: &[Line]) -> Content {
        let laid_out = lines.iter().map(|line| match line {
            Line::Same(text) => format!("  {text}"),
            Line::Gone(text) => self.old(&format!("- {text}")),
            Line::New(text) => self.new_text(&format!("+ {text}")),
            Line::Skipped(count) => {
                let text = format!("  … {count} lines unchanged");
                self.style.paint(Ink::Faint, &text)
            }
        });
        Content::Lines(laid_out.collect())
    }

    /// A set's items in the order of their words.
    fn in_order(&self, set: Value) -> Value {
        match set {
            Value::List(mut items) => {
                items.sort_by_cached_key(|item| self.names.words(item));
                Value::List(items)
            }
            other => other,
        }
    }
}

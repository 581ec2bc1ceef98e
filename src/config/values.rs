//! Values by type: whether what stands there is what the field holds.

use super::cidrs::{cidr, cidr4};
use super::document::{Holds, Item};
use super::fields::{Naming, list_of};
use super::interpolation::{has_expression, interpolate};
use super::reading::{Found, Reading};
use super::references::Wanted;
use super::wrong_types::noun;
use crate::kind::{Field, Type};
use crate::model::diagnostic::did_you_mean;
use crate::model::{Diagnostic, Value};

impl Reading<'_> {
    /// The value of a field, or nothing once its problem is told.
    pub(crate) fn value(
        &self,
        holds: &'static Type,
        item: &Item,
        path: &str,
        found: &mut Found,
    ) -> Option<Value> {
        found.spans.insert(path.to_owned(), item.span.clone());
        match *holds {
            Type::List(of) => self.list(holds, of, item, path, found),
            Type::Set(of) => {
                let value = self.list(holds, of, item, path, found)?;
                self.distinct(value, item, path, found)
            }
            Type::Object(fields) => self.object(holds, fields, item, path, found),
            Type::Map(of) => self.map(holds, of, item, path, found),
            Type::Policy(used) => self.policy(used, item, path, found),
            Type::Reference {
                kinds,
                attribute,
                literal,
            } => {
                let wanted = Wanted {
                    kinds,
                    attribute,
                    literal,
                };
                self.reference(wanted, item, path, found)
            }
            _ => self.scalar(holds, item, path, found),
        }
    }

    /// A text with its interpolations. `policy` says that IAM's own variables stay.
    pub(crate) fn text(
        &self,
        raw: &str,
        item: &Item,
        policy: bool,
        found: &mut Found,
    ) -> Option<Value> {
        interpolate(
            raw,
            item,
            self.file,
            policy,
            &mut found.problems,
            &mut |expression| self.mean(expression),
        )
    }

    fn scalar(&self, holds: &Type, item: &Item, path: &str, found: &mut Found) -> Option<Value> {
        let value = match (&item.holds, holds) {
            (Holds::Bool(value), Type::Bool) => Value::Bool(*value),
            (Holds::Integer(number), Type::Integer(..)) => Value::Integer(*number),
            (Holds::Text(raw), Type::Bool | Type::Integer(..)) if !has_expression(raw) => {
                return found.problem(self.wrong_type(holds, item, path));
            }
            (Holds::Text(raw), _) => self.text(raw, item, false, found)?,
            _ => return found.problem(self.wrong_type(holds, item, path)),
        };
        if matches!(value, Value::Reference(_) | Value::Template(_)) {
            // Nothing can be said of it before it is known.
            return Some(value);
        }
        let Some(text) = value.to_text() else {
            return found.problem(
                Diagnostic::error(
                    item.span.clone(),
                    format!("`{path}` must be {}", noun(holds)),
                )
                .because("the interpolation stands for several values"),
            );
        };
        match self.fit(holds, &text, item, path) {
            Ok(value) => Some(value),
            Err(problem) => found.problem(*problem),
        }
    }

    /// A text as a type's value.
    fn fit(
        &self,
        holds: &Type,
        text: &str,
        item: &Item,
        path: &str,
    ) -> Result<Value, Box<Diagnostic>> {
        let error = |problem: String| Diagnostic::error(item.span.clone(), problem);
        match holds {
            Type::Bool => text
                .parse()
                .map(Value::Bool)
                .map_err(|_| Box::new(error(format!("`{text}` is neither true nor false")))),
            Type::Integer(from, to) => match text.parse::<i64>() {
                Ok(number) if (*from..=*to).contains(&number) => Ok(Value::Integer(number)),
                Ok(number) => Err(Box::new(
                    error(format!("`{path}` cannot be {number}"))
                        .because(format!("it goes from {from} to {to}")),
                )),
                Err(_) => Err(Box::new(error(format!("`{text}` is not a whole number")))),
            },
            Type::OneOf(choices) => {
                if choices.contains(&text) {
                    return Ok(Value::text(text));
                }
                let problem = error(format!("`{path}` cannot be \"{text}\""));
                let shown = list_of(choices.iter().map(|choice| format!("\"{choice}\"")), "or");
                Err(Box::new(
                    match did_you_mean(text, choices.iter().copied()) {
                        Some(near) => problem
                            .because(format!("it can be {shown}"))
                            .remedy(format!("did you mean \"{near}\"?")),
                        None => problem.remedy(format!("write {shown}")),
                    },
                ))
            }
            Type::Cidr4(from, to) => cidr4(text, &item.span, *from, *to)
                .map(Value::from)
                .map_err(Box::new),
            Type::Cidr => cidr(text, &item.span).map(Value::from).map_err(Box::new),
            Type::Zone => self.zone(text, item),
            Type::DnsName => match dns_fault(text) {
                Some(fault) => Err(Box::new(
                    error(format!("`{text}` is not a DNS name")).because(fault),
                )),
                None => Ok(Value::text(text)),
            },
            _ => Ok(Value::text(text)),
        }
    }

    /// The whole name of a zone of the stack's region.
    fn zone(&self, text: &str, item: &Item) -> Result<Value, Box<Diagnostic>> {
        let Some(region) = self.region.as_deref() else {
            // That there is no region is told once, at [stack].
            return Ok(Value::text(text));
        };
        let letter = |text: &str| text.len() == 1 && text.bytes().all(|b| b.is_ascii_lowercase());
        if letter(text) {
            return Ok(Value::from(format!("{region}{text}")));
        }
        match text.strip_prefix(region) {
            // A local or wavelength zone is the region's name, a place and a letter.
            Some(rest) if letter(rest) || (rest.starts_with('-') && rest.len() > 2) => {
                Ok(Value::text(text))
            }
            _ => Err(Box::new(
                Diagnostic::error(
                    item.span.clone(),
                    format!("`{text}` is not a zone of {region}"),
                )
                .because("a stack lives in one region")
                .remedy(format!(
                    "write the letter alone, as in \"a\", or \"{region}a\""
                )),
            )),
        }
    }

    fn list(
        &self,
        holds: &Type,
        of: &'static Type,
        item: &Item,
        path: &str,
        found: &mut Found,
    ) -> Option<Value> {
        let Holds::List(items) = &item.holds else {
            return found.problem(self.wrong_type(holds, item, path));
        };
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            values.push(self.value(of, item, &format!("{path}[{index}]"), found));
        }
        // Every item is read before giving up, so that all problems are told.
        values
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .map(Value::List)
    }

    /// A list without equal items.
    fn distinct(&self, value: Value, item: &Item, path: &str, found: &mut Found) -> Option<Value> {
        let (Value::List(values), Holds::List(items)) = (&value, &item.holds) else {
            return Some(value);
        };
        let mut sound = true;
        let mut seen = std::collections::BTreeMap::new();
        for (value, item) in values.iter().zip(items) {
            if let Some(first) = seen.insert(value, &item.span) {
                sound = false;
                found.problems.push(
                    Diagnostic::error(item.span.clone(), format!("the same twice in `{path}`"))
                        .here("the second")
                        .also(first.clone(), "the first")
                        .remedy("remove one of them"),
                );
            }
        }
        sound.then_some(value)
    }

    fn object(
        &self,
        holds: &Type,
        fields: &'static [Field],
        item: &Item,
        path: &str,
        found: &mut Found,
    ) -> Option<Value> {
        let Holds::Table(table) = &item.holds else {
            return found.problem(self.wrong_type(holds, item, path));
        };
        let naming = Naming {
            subject: &format!("`{path}`"),
            place: item.span.clone(),
            prefix: &format!("{path}."),
            others: &[],
        };
        let read = self.fields(fields, table, &naming, found);
        (!read.damaged).then_some(Value::Map(read.values.0))
    }

    fn map(
        &self,
        holds: &Type,
        of: &'static Type,
        item: &Item,
        path: &str,
        found: &mut Found,
    ) -> Option<Value> {
        let Holds::Table(table) = &item.holds else {
            return found.problem(self.wrong_type(holds, item, path));
        };
        let mut values = Vec::with_capacity(table.entries.len());
        for entry in &table.entries {
            let value = self.value(of, &entry.item, &format!("{path}.{}", entry.key), found);
            values.push(value.map(|value| (entry.key.clone(), value)));
        }
        values.into_iter().collect::<Option<_>>().map(Value::Map)
    }
}

/// Why a text cannot be a DNS name. `*` and `\052` stand for any label, and a
/// label may begin with `_`.
fn dns_fault(text: &str) -> Option<String> {
    let name = text.strip_suffix('.').unwrap_or(text).replace("\\052", "*");
    if name.is_empty() {
        return Some("it is empty".to_owned());
    }
    if name.len() > 255 {
        return Some("it is longer than 255 characters".to_owned());
    }
    for label in name.split('.') {
        if label.is_empty() {
            return Some("two dots follow each other, or it begins with one".to_owned());
        }
        if label.len() > 63 {
            return Some(format!("`{label}` is longer than 63 characters"));
        }
        if let Some(wrong) = label
            .chars()
            .find(|c| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '*'))
        {
            return Some(format!("`{wrong}` cannot stand in it"));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dns_names_are_told_from_other_texts() {
        for sound in [
            "example.com",
            "example.com.",
            "*.x",
            "\\052.x",
            "_acme.x-y.z",
        ] {
            assert_eq!(dns_fault(sound), None, "{sound}");
        }
        for unsound in ["", ".", "a..b", "a b", "https://x", &"x".repeat(64)] {
            assert!(dns_fault(unsound).is_some(), "{unsound}");
        }
    }
}

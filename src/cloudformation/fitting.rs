//! Making a template's value fit a field.

use super::node::{Holds, Node};
use super::scope::World;
use super::value::{pieces, truth, variable_of};
use crate::draft;
use crate::kind::Type;
use crate::model::{Piece, Value};

/// The value as a field of this type has it.
///
/// # Errors
/// Why it does not fit.
pub(super) fn fit(world: &World<'_>, holds: &Type, value: Value) -> Result<Value, String> {
    match holds {
        Type::List(of) | Type::Set(of) => {
            let items = match value {
                Value::List(items) => items,
                one => vec![one],
            };
            let items = items.into_iter().map(|item| fit(world, of, item));
            Ok(Value::List(items.collect::<Result<_, _>>()?))
        }
        Type::Bool => {
            let text = settled(world, value)?;
            let wrong = || format!("`{text}` is neither true nor false");
            truth(&text).map(Value::Bool).ok_or_else(wrong)
        }
        Type::Integer(..) => match value {
            Value::Reference(reference) if variable_of(&reference).is_some() => {
                Ok(Value::Reference(reference))
            }
            value => {
                let text = settled(world, value)?;
                let wrong = || format!("`{text}` is no number");
                text.parse().map(Value::Integer).map_err(|_| wrong())
            }
        },
        Type::Zone => Ok(zone(world, value)),
        Type::Reference {
            kinds,
            attribute,
            literal,
        } => match value {
            Value::Reference(reference) if variable_of(&reference).is_some() => {
                Ok(Value::Reference(reference))
            }
            Value::Reference(reference)
                if kinds.contains(&reference.target.kind.as_str())
                    && reference.attribute == *attribute =>
            {
                Ok(Value::Reference(reference))
            }
            Value::String(text) if literal.iter().any(|it| text.starts_with(it)) => {
                Ok(Value::String(text))
            }
            other => Err(format!("{} does not fit here", shown(&other))),
        },
        Type::Policy(_) | Type::Map(_) | Type::Object(_) => Ok(value),
        Type::OneOf(words) => {
            let text = settled(world, value)?;
            let word = words.iter().find(|it| it.eq_ignore_ascii_case(&text));
            word.map(|it| Value::text(*it))
                .ok_or_else(|| format!("`{text}` is none of {}", words.join(", ")))
        }
        Type::Text | Type::CaselessText | Type::DnsName | Type::Cidr4(..) | Type::Cidr => {
            match value {
                Value::List(_) | Value::Map(_) => Err("a text is wanted here".to_owned()),
                other => Ok(other),
            }
        }
    }
}

/// A zone: its letter where it is one of the stack's own region.
fn zone(world: &World<'_>, value: Value) -> Value {
    let whole = pieces(value.clone()).unwrap_or_default();
    if let [Piece::Reference(reference), Piece::Text(letter)] = whole.as_slice()
        && draft::region() == Value::Reference(reference.clone())
    {
        return Value::text(letter.as_str());
    }
    let region = world.request.region.as_deref();
    match (&value, region) {
        (Value::String(text), Some(region)) => match text.strip_prefix(region) {
            Some(letter) if letter.len() == 1 => Value::text(letter),
            _ => value,
        },
        _ => value,
    }
}

fn settled(world: &World<'_>, value: Value) -> Result<String, String> {
    let place = Node {
        line: 0,
        span: 0..0,
        holds: Holds::Nothing,
    };
    let settled = world.settled_text(&place, value, 0);
    settled.map_err(|fault| fault.text)
}

/// A value in a sentence.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        Value::Reference(reference) if reference.attribute.is_empty() => {
            format!("`${{{}}}`", reference.target.name)
        }
        Value::Reference(reference) => {
            format!("`{}.{}`", reference.target, reference.attribute)
        }
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
        _ => "this value".to_owned(),
    }
}

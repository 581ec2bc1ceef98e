//! Something of another type than the field's: what to say, and what was
//! probably meant.

use super::document::{Holds, Item};
use super::fields::list_of;
use super::reading::Reading;
use super::references::with_article;
use crate::kind::Type;
use crate::model::Diagnostic;
use crate::model::diagnostic::did_you_mean;

/// A type in a sentence: "`x` must be …".
pub(crate) fn noun(holds: &Type) -> String {
    match holds {
        Type::Text | Type::CaselessText => "a text".to_owned(),
        Type::DnsName => "a DNS name".to_owned(),
        Type::OneOf(choices) => list_of(choices.iter().map(|c| format!("\"{c}\"")), "or"),
        Type::Bool => "`true` or `false`".to_owned(),
        Type::Integer(from, to) => format!("a whole number from {from} to {to}"),
        Type::Cidr4(..) => "an IPv4 block such as \"10.0.0.0/16\"".to_owned(),
        Type::Cidr => "an address block such as \"10.0.0.0/16\"".to_owned(),
        Type::Zone => "a zone such as \"a\"".to_owned(),
        Type::Reference { kinds, .. } => {
            format!(
                "the name of {}",
                list_of(kinds.iter().map(|kind| with_article(kind)), "or")
            )
        }
        Type::List(_) | Type::Set(_) => "a list".to_owned(),
        Type::Object(_) | Type::Map(_) => "a table".to_owned(),
        Type::Policy(_) => "a policy".to_owned(),
    }
}

impl Reading<'_> {
    /// Something of another type than the field's.
    pub(crate) fn wrong_type(&self, holds: &Type, item: &Item, path: &str) -> Diagnostic {
        let problem = Diagnostic::error(
            item.span.clone(),
            format!(
                "`{path}` must be {}, not {}",
                noun(holds),
                item.holds.noun()
            ),
        );
        match self.right_type(holds, item) {
            Some(value) if path.ends_with(']') => problem.remedy(format!("write `{value}`")),
            Some(value) => {
                // The key alone, since the path is nothing that one could write.
                let key = path.rsplit('.').next().unwrap_or(path);
                problem.remedy(format!("write `{key} = {value}`"))
            }
            None => problem,
        }
    }

    /// What was written in a form that the type takes, where that can be told.
    fn right_type(&self, holds: &Type, item: &Item) -> Option<String> {
        let written = |item: &Item| self.file.get(item.span.clone()).unwrap_or_default();
        match (&item.holds, holds) {
            (Holds::Text(text), Type::Bool) => boolean(text).map(str::to_owned),
            (Holds::Text(text), Type::Integer(..)) if text.parse::<i64>().is_ok() => {
                Some(text.clone())
            }
            (Holds::Table(_), Type::List(Type::Object(_)) | Type::Set(Type::Object(_))) => {
                Some("[{ … }]".to_owned())
            }
            (Holds::Text(_) | Holds::Integer(_), Type::List(_) | Type::Set(_)) => {
                Some(format!("[{}]", written(item)))
            }
            (
                Holds::Integer(_),
                Type::Text | Type::CaselessText | Type::OneOf(_) | Type::DnsName,
            ) => Some(format!("\"{}\"", written(item))),
            (Holds::List(items), _) => match items.as_slice() {
                [
                    one @ Item {
                        holds: Holds::Text(_),
                        ..
                    },
                ] => Some(written(one).to_owned()),
                _ => None,
            },
            (_, Type::Reference { .. } | Type::Object(_) | Type::List(_) | Type::Set(_)) => {
                Some(self.sample(holds))
            }
            _ => None,
        }
    }
}

/// The boolean that a word means.
pub(crate) fn boolean(word: &str) -> Option<&'static str> {
    match word.to_lowercase().as_str() {
        "yes" | "on" => Some("true"),
        "no" | "off" => Some("false"),
        other => did_you_mean(other, ["true", "false"]),
    }
}

//! Values of a policy document as patterns, with policy variables filled in.
//!
//! `${aws:username}` stands for what that key holds, `${key, 'default'}` for
//! the default where the key is missing, and `${*}`, `${?}`, `${$}` for these
//! characters (IAM user guide, "IAM policy elements: Variables and tags"). They
//! are variables in documents of version 2012-10-17 only, in resources and in
//! string and ARN conditions.

use super::keys::Held;
use super::text::Text;
use crate::model::{Piece, Value};

/// How the values of an element are to be read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    /// Whether `*` and `?` stand for others.
    pub wildcards: bool,
    /// What a variable's key holds; nothing where there are no variables.
    pub variables: Option<&'a dyn Fn(&str) -> Held>,
    /// Whether it cannot be known if there are variables.
    pub perhaps: bool,
}

/// A value as it is to be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The pattern.
    pub text: Text,
    /// A variable whose key is missing or may be: AWS may then hold the whole
    /// statement for invalid (IAM user guide, "Variables and tags", note).
    pub unresolved: Option<String>,
    /// Whether such a key is certainly missing: nothing fits the value then.
    pub void: bool,
    /// Why some of it is not known.
    pub why: Option<String>,
}

impl Reader<'_> {
    /// Texts in which `*` and `?` stand for others.
    pub(super) const PATTERNS: Self = Self {
        wildcards: true,
        variables: None,
        perhaps: false,
    };

    /// A value; nothing of what no document may hold there.
    pub(super) fn read(&self, value: &Value) -> Option<Wanted> {
        let mut wanted = Wanted::default();
        match value {
            Value::String(_) | Value::Integer(_) | Value::Bool(_) => {
                self.push(&mut wanted, &value.to_text()?);
            }
            Value::Template(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => self.push(&mut wanted, text),
                        Piece::Account => wanted.text.push_word(),
                        Piece::Reference(_) => wanted.text.push_anything(),
                    }
                }
                wanted.why = Some(later(value));
            }
            Value::Unknown | Value::Reference(_) => {
                wanted.text.push_anything();
                wanted.why = Some(later(value));
            }
            Value::Null | Value::List(_) | Value::Map(_) => return None,
        }
        Some(wanted)
    }

    fn push(&self, wanted: &mut Wanted, text: &str) {
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            if self.variables.is_none() && !self.perhaps {
                break;
            }
            self.push_text(&mut wanted.text, before);
            let Some((inside, after)) = after.split_once('}') else {
                wanted.text.push_anything();
                wanted.why = Some(format!("`{text}` has a variable without an end"));
                return;
            };
            self.fill(wanted, inside);
            rest = after;
        }
        self.push_text(&mut wanted.text, rest);
    }

    fn push_text(&self, signs: &mut Text, text: &str) {
        match self.wildcards {
            true => signs.push_pattern(text),
            false => signs.push_known(text),
        }
    }

    /// Puts a variable's value in its place.
    fn fill(&self, wanted: &mut Wanted, inside: &str) {
        let Some(held) = self.variables.filter(|_| !self.perhaps) else {
            wanted.text.push_anything();
            wanted.why = Some("the document's version is not known".to_owned());
            return;
        };
        if ["*", "?", "$"].contains(&inside) {
            return wanted.text.push_known(inside);
        }
        let (key, default) = match inside.split_once(',') {
            None => (inside.trim(), None),
            Some((key, default)) => (key.trim(), Some(default.trim())),
        };
        let default = default.map(|it| it.strip_prefix('\'').and_then(|it| it.strip_suffix('\'')));
        if key.is_empty() || default == Some(None) {
            wanted.text.push_anything();
            wanted.why = Some(format!("`${{{inside}}}` is no policy variable"));
            return;
        }
        match (held(key), default.flatten()) {
            (Held::Texts(texts), _) if texts.len() == 1 => {
                texts.iter().for_each(|text| wanted.text.push(text));
            }
            (Held::Missing, Some(default)) => wanted.text.push_known(default),
            (Held::Missing, None) => {
                wanted.text.push_anything();
                wanted.unresolved = Some(key.to_owned());
                wanted.void = true;
            }
            (Held::Texts(_) | Held::OneOf(_) | Held::Something, _) => {
                wanted.text.push_anything();
                wanted.why = Some(format!("the value of {key} is not known"));
            }
            (Held::Unknown(why), default) => {
                wanted.text.push_anything();
                if default.is_none() {
                    wanted.unresolved = Some(key.to_owned());
                }
                wanted.why = Some(why);
            }
        }
    }
}

/// Why a value that is none yet is not known.
fn later(value: &Value) -> String {
    match value.to_json().as_str() {
        Some(text) if *value != Value::Unknown => format!("{text} is known only after apply"),
        _ => "a value of it is known only after apply".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Wanted {
        let held = |key: &str| match key {
            "aws:username" => Held::text("anna"),
            "aws:odd" => Held::text("*"),
            "aws:many" => Held::Texts(vec![Text::known("a"), Text::known("b")]),
            "aws:there" => Held::Something,
            "aws:maybe" => Held::Unknown("nobody knows".into()),
            _ => Held::Missing,
        };
        let reader = Reader {
            wildcards: true,
            variables: Some(&held),
            perhaps: false,
        };
        reader.read(&text.into()).unwrap()
    }

    #[test]
    fn variables_are_filled_in() {
        for (text, shown, unresolved) in [
            ("home/${aws:username}/*", "home/anna/*", None),
            ("${ aws:username }", "anna", None),
            ("${aws:none}", "…", Some("aws:none")),
            ("${aws:none, 'x*'}", "x*", None),
            ("${aws:none,'a, b'}", "a, b", None),
            ("a${*}b${?}${$}", "a*b?$", None),
            ("${aws:many}", "…", None),
            ("${aws:there}-", "…-", None),
            ("${aws:maybe}", "…", Some("aws:maybe")),
            ("${aws:maybe, ''}", "…", None),
            ("${open", "…", None),
            ("${}", "…", None),
            ("${a, b}", "…", None),
            ("$5", "$5", None),
        ] {
            let wanted = read(text);
            assert_eq!(wanted.text.shown(), shown, "{text}");
            assert_eq!(wanted.unresolved.as_deref(), unresolved, "{text}");
        }
    }

    #[test]
    fn what_is_filled_in_stands_for_itself() {
        for text in ["${*}", "${aws:odd}", "${aws:none, '*'}"] {
            let wanted = read(text).text;
            assert!(wanted.fits(&Text::known("*")).is_yes(), "{text}");
            assert!(wanted.fits(&Text::known("a")).is_no(), "{text}");
        }
    }

    #[test]
    fn without_variables_they_are_texts() {
        let wanted = Reader::PATTERNS.read(&"${aws:username}".into()).unwrap();
        assert!(wanted.text.fits(&Text::known("${aws:username}")).is_yes());
        let perhaps = Reader {
            perhaps: true,
            ..Reader::PATTERNS
        };
        let wanted = perhaps.read(&"${aws:username}".into()).unwrap();
        assert!(!wanted.text.is_known());
    }
}

//! `${…}` inside texts.
//!
//! A text is cut into plain stretches and expressions; a caller says what each
//! expression stands for; the pieces are put together again:
//!
//! ```text
//! "logs-${var.name}"       ─► "logs-", var.name       ─► "logs-east"      a plain text
//! "${bucket.data.arn}"     ─► bucket.data.arn         ─► a reference
//! "${bucket.data.arn}/*"   ─► bucket.data.arn, "/*"   ─► a template
//! "$${…}"                  ─► "${…}", to the letter
//! ```
//!
//! Policy documents have variables of their own in the same brackets
//! (`${aws:username}`, and `${*}`, `${?}`, `${$}` for the characters themselves:
//! IAM user guide, "IAM policy elements: Variables and tags"). Those stay as
//! they are there, and are explained elsewhere.

use super::document::Item;
use crate::model::{Diagnostic, Piece, Span, Value};

/// Longer texts are refused: a text that doubles at every level would fill the
/// memory. AWS's own largest text of ours, user data, holds 16 KiB.
const LONGEST: usize = 64 * 1024;

/// An expression and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Expression {
    /// What stands between the brackets, without blanks around it.
    pub path: String,
    /// Its bytes in the file, brackets included.
    pub span: Span,
}

/// What an expression stands for; nothing where its problem is told already.
pub(crate) type Meaning = Result<Option<Value>, Box<Diagnostic>>;

/// A stretch of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stretch<'a> {
    Plain(&'a str),
    Expression(&'a str),
    /// `${` to the letter.
    Bracket,
    /// `${` without its `}`.
    Open,
}

/// Whether a text has anything to interpolate or unescape.
pub(crate) fn has_expression(raw: &str) -> bool {
    raw.contains("${")
}

/// Puts a text together. `policy` says that IAM's own variables stay. Nothing
/// is given back if anything in it is wrong.
pub(crate) fn interpolate(
    raw: &str,
    item: &Item,
    file: &str,
    policy: bool,
    problems: &mut Vec<Diagnostic>,
    mean: &mut dyn FnMut(&Expression) -> Meaning,
) -> Option<Value> {
    if !has_expression(raw) {
        return Some(Value::text(raw));
    }
    let stretches = stretches(raw, policy);
    let alone = stretches.len() == 1;
    let mut pieces = Vec::new();
    let mut sound = true;
    let mut seen = 0;
    for stretch in stretches {
        match stretch {
            Stretch::Plain(text) => pieces.push(Piece::Text(text.to_owned())),
            Stretch::Bracket => {
                seen += 1;
                pieces.push(Piece::Text("${".to_owned()));
            }
            Stretch::Open => {
                sound = false;
                problems.push(
                    Diagnostic::error(place(item, file, seen, "${"), "`${` without `}`")
                        .remedy("close it with `}`, or write `$${` for the characters themselves"),
                );
            }
            Stretch::Expression(inside) => {
                let expression = Expression {
                    path: inside.trim().to_owned(),
                    span: place(item, file, seen, &format!("${{{inside}}}")),
                };
                seen += 1 + inside.matches("${").count();
                match mean(&expression) {
                    Ok(Some(value)) if alone => return Some(value),
                    Ok(Some(value)) => match pieces_of(&value) {
                        Some(mut more) => pieces.append(&mut more),
                        None => {
                            sound = false;
                            problems.push(
                                Diagnostic::error(
                                    expression.span,
                                    format!("`{}` is no text", expression.path),
                                )
                                .because("only texts, numbers and booleans fit into a text"),
                            );
                        }
                    },
                    Ok(None) => sound = false,
                    Err(problem) => {
                        sound = false;
                        problems.push(*problem);
                    }
                }
            }
        }
    }
    if !sound {
        return None;
    }
    let length: usize = pieces.iter().map(length).sum();
    if length > LONGEST {
        problems.push(
            Diagnostic::error(item.span.clone(), "the text grows beyond 64 KiB")
                .because("its interpolations contain interpolations"),
        );
        return None;
    }
    Some(joined(pieces))
}

/// The length of a piece, roughly where it is not known.
fn length(piece: &Piece) -> usize {
    match piece {
        Piece::Text(text) => text.len(),
        Piece::Reference(_) | Piece::Account => 12,
    }
}

/// The pieces that a value adds to a text.
fn pieces_of(value: &Value) -> Option<Vec<Piece>> {
    match value {
        Value::Reference(reference) => Some(vec![Piece::Reference(reference.clone())]),
        Value::Template(pieces) => Some(pieces.clone()),
        other => other.to_text().map(|text| vec![Piece::Text(text)]),
    }
}

/// Pieces as the plainest value that holds them.
pub(crate) fn joined(pieces: Vec<Piece>) -> Value {
    let mut merged: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (merged.last_mut(), piece) {
            (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(&more),
            (_, Piece::Text(text)) if text.is_empty() => {}
            (_, piece) => merged.push(piece),
        }
    }
    match merged.as_slice() {
        [] => Value::text(""),
        [Piece::Text(text)] => Value::text(text.as_str()),
        [Piece::Reference(reference)] => Value::Reference(reference.clone()),
        _ => Value::Template(merged),
    }
}

fn stretches<'r>(raw: &'r str, policy: bool) -> Vec<Stretch<'r>> {
    let mut found = Vec::new();
    let mut rest = raw;
    let plain = |text: &'r str, found: &mut Vec<Stretch<'r>>| {
        if !text.is_empty() {
            found.push(Stretch::Plain(text));
        }
    };
    while let Some(at) = rest.find("${") {
        if let Some(before) = rest[..at].strip_suffix('$') {
            plain(before, &mut found);
            found.push(Stretch::Bracket);
            rest = &rest[at + 2..];
            continue;
        }
        plain(&rest[..at], &mut found);
        let Some(length) = rest[at..].find('}') else {
            found.push(Stretch::Open);
            return found;
        };
        let inside = &rest[at + 2..at + length];
        if policy && is_policy_variable(inside) {
            found.push(Stretch::Bracket);
            rest = &rest[at + 2..];
        } else {
            found.push(Stretch::Expression(inside));
            rest = &rest[at + length + 1..];
        }
    }
    plain(rest, &mut found);
    found
}

/// Whether IAM itself fills in what stands between these brackets.
pub(crate) fn is_policy_variable(inside: &str) -> bool {
    inside.contains(':') || matches!(inside, "*" | "?" | "$")
}

/// Where the `number`th bracket of a text stands in the file; the whole text
/// where TOML's escapes hide it.
fn place(item: &Item, file: &str, number: usize, written: &str) -> Span {
    let whole = item.span.clone();
    let Some(text) = file.get(whole.clone()) else {
        return whole;
    };
    match text.match_indices("${").nth(number) {
        Some((at, _)) if text[at..].starts_with(written) => {
            whole.start + at..whole.start + at + written.len()
        }
        _ => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::super::document::Holds;
    use super::*;
    use crate::model::{Address, Reference};

    fn mean(raw: &str, policy: bool) -> (Option<Value>, Vec<Diagnostic>) {
        let file = format!("x = \"{raw}\"");
        let item = Item {
            span: 4..file.len(),
            holds: Holds::Text(raw.to_owned()),
        };
        let mut problems = Vec::new();
        let value = interpolate(
            raw,
            &item,
            &file,
            policy,
            &mut problems,
            &mut |expression| match expression.path.as_str() {
                "a" => Ok(Some(Value::text("A"))),
                "n" => Ok(Some(Value::Integer(7))),
                "r" => Ok(Some(Value::Reference(Reference::id(Address::new(
                    "vpc", "main",
                ))))),
                "l" => Ok(Some(Value::List(Vec::new()))),
                _ => Err(Box::new(Diagnostic::error(
                    expression.span.clone(),
                    "unknown",
                ))),
            },
        );
        (value, problems)
    }

    #[test]
    fn plain_texts_join() {
        for (raw, text) in [
            ("", ""),
            ("x", "x"),
            ("${a}", "A"),
            ("<${ a }-${n}>", "<A-7>"),
            ("$${a}", "${a}"),
            ("$$${a}", "$${a}"),
            ("$ {a} $", "$ {a} $"),
            ("€${a}€", "€A€"),
        ] {
            assert_eq!(mean(raw, false).0, Some(Value::text(text)), "{raw}");
        }
        assert_eq!(mean("${n}", false).0, Some(Value::Integer(7)));
    }

    #[test]
    fn references_make_references_and_templates() {
        let reference = Reference::id(Address::new("vpc", "main"));
        assert_eq!(
            mean("${r}", false).0,
            Some(Value::Reference(reference.clone()))
        );
        assert_eq!(
            mean("${a}:${r}", false).0,
            Some(Value::Template(vec![
                Piece::Text("A:".into()),
                Piece::Reference(reference)
            ]))
        );
    }

    #[test]
    fn every_problem_has_its_own_place() {
        let (value, problems) = mean("$${ ${x} ${l} ${y} ${", false);
        assert_eq!(value, None);
        let spans: Vec<_> = problems.iter().map(|p| p.labels[0].span.clone()).collect();
        assert_eq!(spans, [9..13, 14..18, 19..23, 24..26]);
    }

    #[test]
    fn iam_variables_stay_in_policies() {
        assert_eq!(
            mean("${a}/${aws:username}/${*}", true).0,
            Some(Value::text("A/${aws:username}/${*}"))
        );
        assert_eq!(mean("${aws:username}", false).0, None);
    }
}

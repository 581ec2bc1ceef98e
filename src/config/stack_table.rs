//! `[stack]`: what the stack is called and where it lives.

use std::time::Duration;

use super::Options;
use super::document::{Entry, Holds, Table};
use super::fields::unknown_key;
use super::interpolation::{has_expression, interpolate};
use super::syntax::line_around;
use super::variables::Variables;
use crate::model::address::is_name;
use crate::model::{Diagnostic, Span, StateLocation, Value, lifetime};

/// The longest name: it goes in front of others, and AWS's shortest limit for
/// a name with ours in it is 64 (Amazon IAM API reference, CreateRole).
const LONGEST_NAME: usize = 40;

/// What can stand in it.
const KEYS: &[&str] = &["name", "region", "account", "state", "ttl", "tags"];

/// What the table says.
#[derive(Debug, Default)]
pub(crate) struct StackTable<'a> {
    /// The name; a stand-in where the file gives none.
    pub name: String,
    /// The region that the file states.
    pub region: Option<String>,
    /// The account that the file states.
    pub account: Option<String>,
    /// Where the file wants state to be kept, and where it says so.
    pub state: Option<(StateLocation, Span)>,
    /// How long the stack is to live, and where the file says so.
    pub ttl: Option<(Duration, Span)>,
    /// The tags, not read yet: they may use the name and the region.
    pub tags: Option<&'a Entry>,
    /// Where the header stands.
    pub span: Span,
}

impl<'a> StackTable<'a> {
    /// Reads the table.
    pub(crate) fn read(
        root: &'a Table,
        options: &Options,
        variables: &Variables,
        file: &str,
        problems: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut stack = Self {
            name: "stack".to_owned(),
            ..Self::default()
        };
        let Some(entry) = root.get("stack") else {
            problems.push(
                Diagnostic::error(first_line(file), "the file has no [stack] table")
                    .because("its name is written on everything that s3net makes")
                    .remedy("begin the file with `[stack]` and below it `name = \"…\"`"),
            );
            return stack;
        };
        stack.span = entry.place();
        let Holds::Table(table) = &entry.item.holds else {
            problems.push(
                Diagnostic::error(
                    entry.place(),
                    format!("[stack] is a table, not {}", entry.item.holds.noun()),
                )
                .remedy("write `[stack]` once, and below it `name = \"…\"`"),
            );
            return stack;
        };
        for entry in &table.entries {
            let text = match entry.key.as_str() {
                "name" | "region" | "account" | "state" | "ttl" => {
                    match text(entry, variables, file, problems) {
                        Some(text) => text,
                        None => continue,
                    }
                }
                "tags" => {
                    stack.tags = Some(entry);
                    continue;
                }
                key => {
                    problems.push(unknown_key(key, entry.place(), "[stack]", KEYS));
                    continue;
                }
            };
            let fault = match entry.key.as_str() {
                "name" => {
                    let fault = name_fault(&text);
                    stack.name = text;
                    fault
                }
                "region" => {
                    let fault = region_fault(&text);
                    stack.region = Some(text);
                    fault
                }
                "state" => match StateLocation::parse(&text) {
                    Ok(place) => {
                        stack.state = Some((place, entry.item.span.clone()));
                        None
                    }
                    Err(fault) => Some(fault),
                },
                "ttl" => match lifetime::parse(&text) {
                    Ok(ttl) => {
                        stack.ttl = Some((ttl, entry.item.span.clone()));
                        None
                    }
                    Err(fault) => Some(fault),
                },
                _ => {
                    let fault = account_fault(&text);
                    stack.account = Some(text);
                    fault
                }
            };
            if let Some((problem, remedy)) = fault {
                problems.push(Diagnostic::error(entry.item.span.clone(), problem).remedy(remedy));
            }
        }
        if table.get("name").is_none() {
            problems.push(
                Diagnostic::error(stack.span.clone(), "[stack] needs `name`")
                    .because("it is written on everything that s3net makes")
                    .remedy("add `name = \"…\"`"),
            );
        }
        if table.get("region").is_none() && options.region.is_none() {
            problems.push(
                Diagnostic::error(stack.span.clone(), "the stack has no region")
                    .because("neither the file nor the AWS environment says where it lives")
                    .remedy("add `region = \"ap-northeast-1\"`, or set AWS_REGION"),
            );
        }
        stack
    }
}

/// The first line that says anything.
fn first_line(file: &str) -> Span {
    let blank = file.len() - file.trim_start().len();
    let line = line_around(file, blank);
    line.start..line.start + file.get(line).unwrap_or_default().trim_end().len()
}

/// A text of the table; only variables are known this early.
fn text(
    entry: &Entry,
    variables: &Variables,
    file: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<String> {
    let Holds::Text(raw) = &entry.item.holds else {
        let problem = Diagnostic::error(
            entry.item.span.clone(),
            format!(
                "`{}` must be a text, not {}",
                entry.key,
                entry.item.holds.noun()
            ),
        );
        problems.push(match &entry.item.holds {
            Holds::Integer(_) => {
                let written = file.get(entry.item.span.clone()).unwrap_or_default();
                problem.remedy(match entry.key.as_str() {
                    "ttl" => format!("write a unit and quotes: `ttl = \"{written}h\"` for hours"),
                    key => format!("put it into quotes: `{key} = \"{written}\"`"),
                })
            }
            _ => problem,
        });
        return None;
    };
    if !has_expression(raw) {
        return Some(raw.clone());
    }
    interpolate(
        raw,
        &entry.item,
        file,
        false,
        problems,
        &mut |expression| match expression.path.strip_prefix("var.") {
            Some(name) => variables.mean(name, expression),
            None => Err(Box::new(
                Diagnostic::error(
                    expression.span.clone(),
                    format!("`{}` cannot stand in [stack]", expression.path),
                )
                .because("the stack's name and place are known before anything else is")
                .remedy("use variables only: `${var.…}`"),
            )),
        },
    )
    .as_ref()
    .and_then(Value::to_text)
}

type Fault = Option<(String, String)>;

fn name_fault(name: &str) -> Fault {
    (!is_name(name) || name.len() > LONGEST_NAME).then(|| {
        (
            format!("`{name}` cannot be a stack's name"),
            "use letters, digits, `-` and `_`, at most 40 characters".to_owned(),
        )
    })
}

fn region_fault(region: &str) -> Fault {
    if is_region(region) {
        return None;
    }
    let zone = region
        .strip_suffix(|c: char| c.is_ascii_lowercase())
        .filter(|rest| is_region(rest));
    Some((
        format!("`{region}` is not a region's name"),
        match zone {
            Some(rest) => format!("write \"{rest}\": zones are stated where they matter"),
            None => "write it as in \"ap-northeast-1\"".to_owned(),
        },
    ))
}

/// Whether a text has the form of a region's name: words and a number.
fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let number = parts.next_back().unwrap_or_default();
    parts.clone().count() >= 2
        && parts.all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()))
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
}

fn account_fault(account: &str) -> Fault {
    let sound = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (!sound).then(|| {
        (
            format!("`{account}` is not an account's id"),
            "an account's id has 12 digits, in quotes".to_owned(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_have_words_and_a_number() {
        for sound in [
            "us-east-1",
            "ap-northeast-1",
            "us-gov-west-1",
            "mx-central-1",
        ] {
            assert!(region_fault(sound).is_none(), "{sound}");
        }
        for unsound in [
            "",
            "us",
            "us-east-1a",
            "tokyo",
            "us-east",
            "-1",
            "US-east-1",
            "us--1",
        ] {
            assert!(region_fault(unsound).is_some(), "{unsound}");
        }
    }
}

//! Which names and paths IAM takes (IAM user guide, "IAM and AWS STS quotas";
//! IAM API reference, CreateRole).

use crate::kind::{Node, Stack};
use crate::model::{Diagnostic, Value};

/// The longest name of a role.
const LONGEST_NAME: usize = 64;
/// The longest path.
const LONGEST_PATH: usize = 512;

pub(super) fn check(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let plain = |field: &str| {
        let value = node.inputs.get(field)?;
        // The account's place is kept by any twelve digits.
        let value = value.resolve(Some("123456789012"), &|_| None);
        value.as_text().map(str::to_owned)
    };
    if let Some(name) = plain("name") {
        let span = node.span_of("name");
        if let Some(fault) = name_fault(&name) {
            problems.push(
                Diagnostic::error(span, format!("`{name}` cannot be a role's name"))
                    .because(fault)
                    .remedy("state a `name` of 1 to 64 letters, digits and `+=,.@_-`"),
            );
        } else {
            problems.extend(taken(&name, node, stack));
        }
    }
    if let Some(path) = plain("path")
        && let Some(fault) = path_fault(&path)
    {
        problems.push(
            Diagnostic::error(
                node.span_of("path"),
                format!("`{path}` cannot be a role's path"),
            )
            .because(fault)
            .remedy("write a path such as \"/networks/\""),
        );
    }
}

/// Names are unique in the account without regard to case.
fn taken(name: &str, node: &Node, stack: &Stack) -> Option<Diagnostic> {
    let (other, twin) = stack.of_kind("role").find(|(_, twin)| {
        let other = twin.inputs.get("name").and_then(Value::as_text);
        twin.span.start < node.span.start && other.is_some_and(|it| it.eq_ignore_ascii_case(name))
    })?;
    Some(
        Diagnostic::error(
            node.span_of("name"),
            format!("`{name}` is {other}'s name already"),
        )
        .here("the second")
        .also(twin.span_of("name"), "the first")
        .because("an account has each role name once, in whatever case")
        .remedy("state another `name`"),
    )
}

/// Why a name cannot be a role's.
pub(super) fn name_fault(name: &str) -> Option<String> {
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Some(format!(
            "it has {} characters, and IAM takes 1 to {LONGEST_NAME}",
            name.chars().count()
        ));
    }
    let strange = name.chars().find(|c| !is_plain(*c))?;
    Some(format!("IAM takes no `{strange}` in it"))
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+=,.@_-".contains(c)
}

/// Why a text cannot be a path.
pub(super) fn path_fault(path: &str) -> Option<&'static str> {
    let printable = |c: char| ('!'..='\u{7e}').contains(&c);
    if !path.starts_with('/') || !path.ends_with('/') {
        return Some("a path begins and ends with `/`");
    }
    if path.len() > LONGEST_PATH {
        return Some("a path has at most 512 characters");
    }
    if !path.chars().all(printable) || path.contains("//") {
        return Some("a path has printable ASCII characters only, and no empty part");
    }
    None
}

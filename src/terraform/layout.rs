//! HCL as `terraform fmt` writes it: `=` signs of neighbouring lines stand below
//! each other.
//!
//! A line whose brackets are not all closed on it, an empty one and a comment end
//! a row of neighbours, as in Terraform's own formatter.

use hcl::expr::FuncCall;
use hcl::format::{Format, Formatter};
use hcl::{Block, Expression, Structure};

/// The longest list that stands on one line.
const WIDTH: usize = 80;

/// A structure with comments above it.
///
/// # Errors
/// It cannot be written.
pub(super) fn text(comments: &[String], structure: &Structure) -> Result<String, String> {
    let mut text = String::new();
    for comment in comments {
        let line: String = comment
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        text.push_str(&format!("# {}\n", line.trim_end()));
    }
    text.push_str(&aligned(&written(structure)?));
    Ok(text)
}

/// A structure, not aligned yet.
fn written(structure: &Structure) -> Result<String, String> {
    match structure {
        Structure::Block(block) => block_text(block),
        Structure::Attribute(attribute) => {
            let (key, value) = (attribute.key(), attribute.expr());
            let one_line = match value {
                Expression::Array(_) => formatted(value, true)?,
                _ => formatted(value, false)?,
            };
            let value = match value {
                Expression::FuncCall(call) => call_text(call)?,
                _ if key.len() + one_line.len() <= WIDTH => one_line,
                value => formatted(value, false)?,
            };
            Ok(format!("{key} = {value}\n"))
        }
    }
}

fn block_text(block: &Block) -> Result<String, String> {
    let labels: String = block
        .labels()
        .iter()
        .map(|label| format!("\"{}\" ", label.as_str()))
        .collect();
    let head = format!("{} {labels}{{", block.identifier());
    let mut inside = String::new();
    for structure in block.body() {
        if matches!(structure, Structure::Block(_)) && !inside.is_empty() {
            inside.push('\n');
        }
        inside.push_str(&written(structure)?);
    }
    if inside.is_empty() {
        return Ok(format!("{head}}}\n"));
    }
    let moved: String = inside
        .lines()
        .map(|line| match line.is_empty() {
            true => "\n".to_owned(),
            false => format!("  {line}\n"),
        })
        .collect();
    Ok(format!("{head}\n{moved}}}\n"))
}

/// A call with its argument over several lines: a document is read by people.
fn call_text(call: &FuncCall) -> Result<String, String> {
    let arguments = call.args.iter().map(|argument| formatted(argument, false));
    let arguments: Vec<String> = arguments.collect::<Result<_, _>>()?;
    Ok(format!(
        "{}({})",
        call.name.name.as_str(),
        arguments.join(", ")
    ))
}

fn formatted(expression: &Expression, compact: bool) -> Result<String, String> {
    let mut formatter = Formatter::builder()
        .compact_arrays(compact)
        .prefer_ident_keys(true)
        .build_vec();
    let written = expression.format_string(&mut formatter);
    written.map_err(|error| error.to_string())
}

/// Where a line's first `=` stands and what is before it, if the line is a whole
/// assignment.
fn assignment(line: &str) -> Option<usize> {
    let (mut quoted, mut escaped, mut depth, mut at) = (false, false, 0_i32, None);
    for (place, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '=' if at.is_none() => at = Some(place),
            _ => {}
        }
    }
    at.filter(|_| depth == 0 && !line.trim_start().starts_with('#'))
}

/// The text with its `=` signs aligned.
fn aligned(text: &str) -> String {
    let mut out = String::new();
    let mut row: Vec<(&str, &str)> = Vec::new();
    let end_row = |row: &mut Vec<(&str, &str)>, out: &mut String| {
        let widest = row
            .iter()
            .map(|(name, _)| name.chars().count())
            .max()
            .unwrap_or(0);
        for (name, value) in row.drain(..) {
            let room = " ".repeat(widest - name.chars().count());
            out.push_str(&format!("{name}{room} = {value}\n"));
        }
    };
    for line in text.lines() {
        match assignment(line).and_then(|at| Some((line.get(..at)?, line.get(at + 1..)?))) {
            Some((name, value)) => row.push((name.trim_end(), value.trim())),
            None => {
                end_row(&mut row, &mut out);
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    end_row(&mut row, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_aligned_and_others_are_not() {
        let text = "a = 1\nlonger = \"x = y\"\nlist = [\n  1\n]\nb = {}\n\nccc = 1\n";
        let wanted = "a      = 1\nlonger = \"x = y\"\nlist = [\n  1\n]\nb = {}\n\nccc = 1\n";
        assert_eq!(aligned(text), wanted);
    }
}

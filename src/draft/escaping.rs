//! Texts as a plan file writes them, and comments that end where they should.
//!
//! `${` to the letter is written `$${`. In a policy document IAM's own variables
//! (`${aws:username}`, `${*}`) stay as they are: the file's reader leaves them
//! alone there.

use super::expression;
use crate::model::Piece;

/// A text to the letter.
pub(super) fn escaped(text: &str, in_policy: bool) -> String {
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = rest.split_at(at);
        written.push_str(before);
        let doubled = before.ends_with('$');
        if doubled || !(in_policy && is_policy_variable(after)) {
            written.push('$');
        }
        written.push_str("${");
        rest = after.get(2..).unwrap_or_default();
    }
    written.push_str(rest);
    written
}

/// Whether IAM itself fills in what begins here with `${` (IAM user guide,
/// "IAM policy elements: Variables and tags").
fn is_policy_variable(text: &str) -> bool {
    let inside = text.get(2..).and_then(|rest| rest.split_once('}'));
    inside.is_some_and(|(inside, _)| inside.contains(':') || matches!(inside, "*" | "?" | "$"))
}

/// A text with references in it.
pub(super) fn template(pieces: &[Piece], in_policy: bool) -> String {
    let written = pieces.iter().map(|piece| match piece {
        Piece::Text(text) => escaped(text, in_policy),
        Piece::Account => "${account}".to_owned(),
        Piece::Reference(reference) => format!("${{{}}}", expression(reference)),
    });
    written.collect()
}

/// Lines of a comment, each with its `# `. What would end a line or hide itself
/// is written as an escape.
pub(super) fn comments(lines: &[String]) -> String {
    let mut text = String::new();
    for line in lines {
        let line = comment(line);
        text.push_str(match line.is_empty() {
            true => "#",
            false => "# ",
        });
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// One line of a comment, without its `#`.
pub(super) fn comment(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    for character in line.trim_end().chars() {
        match character {
            '\t' => text.push(' '),
            c if c.is_control() || is_invisible(c) => text.extend(c.escape_default()),
            c => text.push(c),
        }
    }
    text
}

/// Characters that break a line or turn its direction without being controls:
/// they could make a comment look like a field.
fn is_invisible(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_to_the_letter_are_doubled() {
        assert_eq!(escaped("a ${b} $c", false), "a $${b} $c");
        assert_eq!(escaped("$${x}", false), "$$${x}");
        assert_eq!(escaped("${aws:username}", false), "$${aws:username}");
        assert_eq!(
            escaped("${aws:username}/${x}", true),
            "${aws:username}/$${x}"
        );
        assert_eq!(escaped("${*}${", true), "${*}$${");
        assert_eq!(escaped("$${*}", true), "$$${*}");
    }

    #[test]
    fn a_comment_is_one_line() {
        assert_eq!(
            comments(&["a\nb\r\u{2028}c\td  ".to_owned(), String::new()]),
            "# a\\nb\\r\\u{2028}c d\n#\n"
        );
    }
}

//! What is wrong with the file as TOML, in words a user can act on.
//!
//! The parser goes on after a mistake, but gives up at a line without `=` and
//! repeats itself inside a list that is never closed. Here such a line is
//! blanked out and the parser is run again, so that a file's later mistakes are
//! seen too, and echoes are dropped.
//!
//! ```text
//! text ─► parse ─► tree + mistakes ─► no `=` in line 3? ─► blank line 3 ─┐
//!           ▲                                                            │
//!           └────────────────────────────────────────────────────────────┘
//! ```

use toml::de::{DeTable, Error};

use super::document::{Holds, Item, Table, tree};
use super::wrong_types::boolean;
use crate::model::{Diagnostic, Span};

/// How often the parser is run again; nobody reads more mistakes than this.
const ROUNDS: usize = 20;
/// The parser's word for the mistake after which it reads no further.
const NO_VALUE: &str = "key with no value";

/// The tree of a text, as far as it could be read, and its mistakes in the
/// order of the file.
pub(crate) fn read(text: &str) -> (Table, Vec<Diagnostic>) {
    let mut patched = text.to_owned();
    let mut mistakes: Vec<(Span, String)> = Vec::new();
    let mut deep = Vec::new();
    let mut table = Table::default();
    for _ in 0..ROUNDS {
        let (document, errors) = DeTable::parse_recoverable(&patched);
        deep.clear();
        table = tree(document.get_ref(), &patched, &mut deep);
        let dead_end = errors
            .iter()
            .find(|error| error.message().starts_with(NO_VALUE))
            .and_then(Error::span);
        for error in errors {
            let found = (error.span().unwrap_or_default(), error.message().to_owned());
            if !mistakes.contains(&found) {
                mistakes.push(found);
            }
        }
        match dead_end.map(|span| line_around(&patched, span.start)) {
            Some(line)
                if !patched
                    .get(line.clone())
                    .unwrap_or_default()
                    .trim()
                    .is_empty() =>
            {
                let blank = " ".repeat(line.len());
                patched.replace_range(line, &blank);
            }
            _ => break,
        }
    }
    mistakes.sort_by_key(|(span, _)| span.start);
    let mut problems = sentences(text, &table, mistakes);
    problems.append(&mut deep);
    (table, problems)
}

/// The bytes of the line that holds a place, without its line end.
pub(crate) fn line_around(text: &str, place: usize) -> Span {
    let mut place = place.min(text.len());
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    let start = text[..place].rfind('\n').map_or(0, |at| at + 1);
    let end = text[place..].find('\n').map_or(text.len(), |at| place + at);
    start..end
}

/// One diagnostic a line, without echoes.
fn sentences(text: &str, table: &Table, mistakes: Vec<(Span, String)>) -> Vec<Diagnostic> {
    let open_lists: Vec<Span> = mistakes
        .iter()
        .filter(|(_, message)| message.starts_with("unclosed array"))
        .filter_map(|(span, _)| {
            lists_of(table)
                .into_iter()
                .filter(|list| list.end == span.start)
                .min_by_key(|list| list.start)
        })
        .collect();
    let mut problems: Vec<Diagnostic> = open_lists
        .iter()
        .map(|list| {
            Diagnostic::error(list.start..list.start + 1, "a list is never closed")
                .here("it begins here")
                .remedy("close it with `]`")
        })
        .collect();
    let mut last_line: Option<Span> = None;
    let mut again: Option<Span> = None;
    for (span, message) in mistakes {
        if open_lists
            .iter()
            .any(|list| list.start <= span.start && span.start <= list.end)
        {
            continue;
        }
        let line = line_around(text, span.start);
        if last_line.as_ref() == Some(&line) {
            continue;
        }
        if message == "duplicate key" {
            // The keys below a header that stands twice are echoes of it.
            if again
                .as_ref()
                .is_some_and(|body| body.contains(&span.start))
            {
                continue;
            }
            again = body_below(text, &line);
        }
        problems.push(sentence(text, &span, &line, &message));
        last_line = Some(line);
    }
    problems.sort_by_key(|problem| problem.labels.first().map_or(0, |label| label.span.start));
    problems
}

/// The parser's message as a problem with a remedy.
fn sentence(text: &str, span: &Span, line: &Span, message: &str) -> Diagnostic {
    let (what, expected) = message
        .split_once(", expected ")
        .unwrap_or((message, "nothing"));
    let written = text.get(span.clone()).unwrap_or_default();
    let problem = Diagnostic::error(visible(text, span, line), what);
    if what == NO_VALUE {
        return Diagnostic::error(trimmed(text, line), "a line without `=`")
            .here("neither a `[header]` nor `key = value`")
            .remedy("write `key = value`, or begin the line with `#` if it is a comment");
    }
    if what == "duplicate key" {
        return twice(text, span, line);
    }
    if what.starts_with("string values must be quoted") || what == "invalid boolean" {
        let problem = Diagnostic::error(span.clone(), "a text without quotes");
        return problem.remedy(match boolean(written) {
            Some(boolean) => format!("write `{boolean}`, or \"{written}\" if it is a text"),
            None => format!("write \"{written}\""),
        });
    }
    if what.starts_with("invalid basic string") || what.starts_with("invalid literal string") {
        return Diagnostic::error(trimmed(text, line), "a text that is not closed in its line")
            .remedy(format!("close it with {}", expected.replace('`', "")));
    }
    if what.starts_with("unclosed table") {
        return Diagnostic::error(trimmed(text, line), "a header that is not closed")
            .remedy("close it with `]`");
    }
    if matches!(
        what,
        "invalid float" | "invalid integer" | "invalid date-time"
    ) {
        let start = line.start + value_start(text, line);
        return Diagnostic::error(start..span.end.max(start), "neither a number nor a date")
            .remedy("if it is a text, put it into quotes");
    }
    match expected {
        "nothing" => problem,
        expected => problem.here(format!("expected {expected}")),
    }
}

/// A key or a header that stands twice.
fn twice(text: &str, span: &Span, line: &Span) -> Diagnostic {
    let whole = trimmed(text, line);
    let written = text.get(whole.clone()).unwrap_or_default();
    let key = text.get(span.clone()).unwrap_or_default();
    let problem = |span, subject| {
        Diagnostic::error(span, format!("`{subject}` is stated twice"))
            .here("the second")
            .remedy("remove one of them")
    };
    let problem = if written.starts_with('[') {
        problem(whole, written)
    } else if written.starts_with(key) {
        problem(whole, key)
    } else {
        // Inside of an inline table.
        return problem(span.clone(), key);
    };
    match earlier(text, line) {
        Some(first) => problem.also(first, "the first"),
        None => problem,
    }
}

/// A span that can be underlined: an empty one grows by a character, to the
/// left where its line ends.
fn visible(text: &str, span: &Span, line: &Span) -> Span {
    if !span.is_empty() {
        return span.clone();
    }
    match text
        .get(span.start..line.end)
        .and_then(|rest| rest.chars().next())
    {
        Some(next) => span.start..span.start + next.len_utf8(),
        None => trimmed(text, line),
    }
}

/// A line without the blanks around its text.
fn trimmed(text: &str, line: &Span) -> Span {
    let written = text.get(line.clone()).unwrap_or_default();
    let start = line.start + (written.len() - written.trim_start().len());
    start..start + written.trim().len()
}

/// How far into its line a value begins.
fn value_start(text: &str, line: &Span) -> usize {
    let written = text.get(line.clone()).unwrap_or_default();
    written.find('=').map_or(0, |at| {
        let rest = &written[at + 1..];
        at + 1 + (rest.len() - rest.trim_start().len())
    })
}

/// What stands below a header, up to the next one; nothing if the line is none.
fn body_below(text: &str, line: &Span) -> Option<Span> {
    if !text.get(line.clone())?.trim_start().starts_with('[') {
        return None;
    }
    let rest = text.get(line.end..)?;
    let length = rest.find("\n[").unwrap_or(rest.len());
    Some(line.end..line.end + length)
}

/// The earlier line that states the same header, or the same key of the same
/// table.
fn earlier(text: &str, line: &Span) -> Option<Span> {
    let subject = |written: &str| {
        let written = written.trim();
        match written.split_once('=') {
            Some((key, _)) if !written.starts_with('[') => key.trim().to_owned(),
            _ => written.to_owned(),
        }
    };
    let wanted = subject(text.get(line.clone())?);
    let header = wanted.starts_with('[');
    let mut end = line.start;
    while end > 0 {
        let above = line_around(text, end - 1);
        let written = text.get(above.clone()).unwrap_or_default();
        if subject(written) == wanted {
            return Some(trimmed(text, &above));
        }
        if !header && written.trim_start().starts_with('[') {
            return None;
        }
        end = above.start;
    }
    None
}

/// Where the lists of a tree stand.
fn lists_of(table: &Table) -> Vec<Span> {
    fn visit(item: &Item, spans: &mut Vec<Span>) {
        match &item.holds {
            Holds::List(items) => {
                spans.push(item.span.clone());
                items.iter().for_each(|item| visit(item, spans));
            }
            Holds::Table(table) => table.entries.iter().for_each(|e| visit(&e.item, spans)),
            _ => {}
        }
    }
    let mut spans = Vec::new();
    table
        .entries
        .iter()
        .for_each(|entry| visit(&entry.item, &mut spans));
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        read(text).1.into_iter().map(|p| p.problem).collect()
    }

    #[test]
    fn later_mistakes_are_seen_too() {
        let text = "[a.b]\nx 1\ny = tru\n[a.c]\nz = \"q\nnothing here\n";
        assert_eq!(
            problems(text),
            [
                "a line without `=`",
                "a text without quotes",
                "a text that is not closed in its line",
                "a line without `=`"
            ]
        );
    }

    #[test]
    fn an_open_list_is_told_once() {
        let text = "[a.b]\nx = [1, 2\n[a.c]\ny = \"z\"\n";
        let (_, problems) = read(text);
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].labels[0].span, 10..11);
    }

    #[test]
    fn a_duplicate_shows_both_places() {
        let text = "[a.b]\nx = 1\nx = 2\n[a.b]\n";
        let (_, problems) = read(text);
        assert_eq!(problems.len(), 2);
        assert_eq!(problems[0].labels[1].span, 6..11);
        assert_eq!(problems[1].labels[1].span, 0..5);
    }

    #[test]
    fn depth_is_bounded() {
        let text = format!("[{}]\nx = 1\n", vec!["a"; 70].join("."));
        assert_eq!(problems(&text), ["nested too deeply"]);
    }
}

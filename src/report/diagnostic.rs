//! Draws the problems of a plan file, each at its place.
//!
//! ```text
//! error: subnet 10.1.0.0/24 lies outside its VPC       what
//!    ╭─[plans/x.toml:9:8]                              where
//!  9 │ cidr = "10.1.0.0/24"
//!    ·        ──────┬──────
//!    ·              ╰── not inside the VPC's block
//!    ╰────
//!   cause: …                                           why
//!   help: choose a block inside 10.0.0.0/16            what to do
//! ```
//!
//! miette draws the piece of source; nothing else knows of it.

mod window;

use std::fmt::{self, Write};

use anstyle::{AnsiColor, Style as Colours};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents,
    SourceCode, SourceSpan, SpanContents,
};

use self::window::{Lines, Window};
use crate::config::Source;
use crate::model::{Diagnostic, Label, Severity, Span};

/// Labels with no more lines than this between them are drawn in one piece.
/// (miette asks for a piece's length only to decide that.)
const NEAR: usize = 6;

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether to use colour.
    pub color: bool,
    /// How many columns the terminal has.
    pub width: usize,
}

/// Draws diagnostics and counts them in a last line; nothing where there are
/// none.
#[must_use]
pub fn render(source: &Source, diagnostics: &[Diagnostic], style: Style) -> String {
    let mut out = String::new();
    if diagnostics.is_empty() {
        return out;
    }
    let lines = Lines::of(&source.text);
    for diagnostic in diagnostics {
        one(&mut out, source, &lines, diagnostic, style);
        out.push('\n');
    }
    let errors = diagnostics.iter().filter(|d| d.is_error()).count();
    let counts = [(errors, "error"), (diagnostics.len() - errors, "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| format!("{count} {noun}{}", if count == 1 { "" } else { "s" }))
        .collect::<Vec<_>>();
    out.push_str(&format!("{} in {}\n", counts.join(", "), source.name));
    out
}

/// Draws one diagnostic.
#[must_use]
pub fn draw(source: &Source, diagnostic: &Diagnostic, style: Style) -> String {
    let mut out = String::new();
    let lines = Lines::of(&source.text);
    one(&mut out, source, &lines, diagnostic, style);
    out
}

/// Draws a place of a file, with a word beneath what is underlined; nothing where
/// there is nothing to draw.
#[must_use]
pub fn place(source: &Source, span: Span, word: &str, style: Style) -> Option<String> {
    let lines = Lines::of(&source.text);
    let here = Diagnostic::error(span, "").here(word);
    snippet(source, &lines, &here, style)
}

fn one(out: &mut String, source: &Source, lines: &Lines, diagnostic: &Diagnostic, style: Style) {
    let (word, colour) = match diagnostic.severity {
        Severity::Error => ("error:", AnsiColor::Red),
        Severity::Warning => ("warning:", AnsiColor::Yellow),
    };
    paragraph(out, "", word, colour, &diagnostic.problem, style);
    if let Some(piece) = snippet(source, lines, diagnostic, style) {
        out.push_str(&piece);
    }
    for (word, text) in [
        ("cause:", diagnostic.cause.as_deref()),
        ("help:", diagnostic.remedy.as_deref()),
    ] {
        if let Some(text) = text {
            paragraph(out, "  ", word, AnsiColor::Cyan, text, style);
        }
    }
}

/// A word in colour and a text after it, wrapped, with a hanging indent.
fn paragraph(
    out: &mut String,
    indent: &str,
    word: &str,
    colour: AnsiColor,
    text: &str,
    style: Style,
) {
    let colours = if style.color {
        Colours::new().bold().fg_color(Some(colour.into()))
    } else {
        Colours::new()
    };
    out.push_str(&format!("{indent}{colours}{word}{colours:#}"));
    let hang = indent.len() + word.len();
    let mut column = hang;
    for part in text.split_whitespace() {
        let width = part.chars().count();
        if column + 1 + width > style.width && column > hang {
            out.push('\n');
            out.push_str(&" ".repeat(hang));
            column = hang;
        }
        out.push(' ');
        out.push_str(part);
        column += 1 + width;
    }
    out.push('\n');
}

/// The piece of source with its labels.
fn snippet(
    source: &Source,
    lines: &Lines,
    diagnostic: &Diagnostic,
    style: Style,
) -> Option<String> {
    if source.text.is_empty() {
        return None;
    }
    let theme = if style.color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let labels: Vec<Label> = diagnostic
        .labels
        .iter()
        .map(|label| Label {
            span: visible(&source.text, &label.span),
            text: label.text.clone(),
        })
        .collect();
    let window = Window::new(&source.text, lines, &labels, style.width);
    let drawing = Drawing {
        labels: window
            .labels
            .into_iter()
            .enumerate()
            .map(|(index, label)| {
                let span = visible(&window.text, &label.span);
                let text = (!label.text.is_empty()).then_some(label.text);
                if index == 0 {
                    LabeledSpan::new_primary_with_span(text, span)
                } else {
                    LabeledSpan::new_with_span(text, span)
                }
            })
            .collect(),
        source: Piece {
            name: source.name.clone(),
            text: window.text,
            above: window.above,
        },
    };
    let mut drawn = String::new();
    GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_context_lines(1)
        .with_links(false)
        .without_syntax_highlighting()
        .render_report(&mut drawn, &drawing)
        .ok()?;
    // The first line is miette's own headline, which is empty here.
    let (_, piece) = drawn.split_once('\n')?;
    let mut clean = String::new();
    for line in piece.lines() {
        writeln!(clean, "{}", line.trim_end()).ok()?;
    }
    // miette counts bytes, and of the line as it is drawn.
    for (line, drawn, real) in window.places {
        let place = |column: usize| format!("{}:{line}:{column}", source.name);
        if drawn != real {
            clean = clean.replacen(&place(drawn), &place(real), 1);
        }
    }
    Some(clean)
}

/// A span inside the text, at least a character long where there is one.
fn visible(text: &str, span: &Span) -> Span {
    let inside = |place: usize| {
        let mut place = place.min(text.len());
        while !text.is_char_boundary(place) {
            place -= 1;
        }
        place
    };
    let start = inside(span.start);
    let end = inside(span.end).max(start);
    if start < end {
        return start..end;
    }
    match text.get(start..).and_then(|rest| rest.chars().next()) {
        Some(next) if next != '\n' => start..start + next.len_utf8(),
        _ => start..start,
    }
}

/// What miette is given to draw.
#[derive(Debug)]
struct Drawing {
    source: Piece,
    labels: Vec<LabeledSpan>,
}

/// A piece of the file that knows how many lines stand above it.
#[derive(Debug)]
struct Piece {
    name: String,
    text: String,
    above: usize,
}

impl SourceCode for Piece {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.read_span(span, before, after)?;
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            inner.data(),
            *inner.span(),
            inner.line() + self.above,
            inner.column(),
            inner.data().split(|byte| *byte == b'\n').count() + NEAR,
        )))
    }
}

impl fmt::Display for Drawing {
    fn fmt(&self, _out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Drawing {}

impl miette::Diagnostic for Drawing {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: Style = Style {
        color: false,
        width: 60,
    };

    fn source(text: &str) -> Source {
        Source {
            name: "plans/x.toml".to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_problem_is_drawn_at_its_place() {
        let source = source("[vpc.main]\ncidr = \"10.0.0.0/33\"\n");
        let problem = Diagnostic::error(18..31, "a bad block")
            .here("this one")
            .because("it is beyond what any network of this world could ever have")
            .remedy("write another");
        let drawn = render(&source, &[problem], STYLE);
        assert_eq!(
            drawn,
            "error: a bad block
   ╭─[plans/x.toml:2:8]
 1 │ [vpc.main]
 2 │ cidr = \"10.0.0.0/33\"
   ·        ──────┬──────
   ·              ╰── this one
   ╰────
  cause: it is beyond what any network of this world could
         ever have
  help: write another

1 error in plans/x.toml
"
        );
    }

    #[test]
    fn any_span_can_be_drawn() {
        for text in ["", "a", "€", "a\n", "\n\n", "[x]\r\ny = 1\r\n"] {
            for start in 0..10 {
                for end in 0..10 {
                    let problem = Diagnostic::warning(start..end, "x").also(end..start, "y");
                    let drawn = render(&source(text), &[problem], STYLE);
                    assert!(drawn.ends_with("1 warning in plans/x.toml\n"), "{drawn}");
                }
            }
        }
    }
}

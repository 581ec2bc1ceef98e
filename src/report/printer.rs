//! The printer: the only place that writes to the standard streams.
//!
//! ```text
//! data, documents ───► standard output    plans, JSON, what a verb asks for
//! notes, hints, errors, progress ─► standard error
//! ```
//!
//! A reader that goes away (`s3net plan … | head`) is no error: what it does not
//! want to read is not written. Any other failure to write is told, once.

use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::adapter::strip_str;
use serde_json::{Value, json};

use super::diagnostic;
use super::fitting::{harmless_lines, wrapped};
use super::json::FORMAT_VERSION;
use super::resume_text;
use super::style::{Ink, Style, Styles};
use super::validation_json;
use crate::config::Loaded;
use crate::refresh::Resumed;

/// Prints what a run has to say.
#[derive(Debug, Clone)]
pub struct Printer {
    styles: Styles,
    json: bool,
    lost: Arc<AtomicBool>,
}

impl Printer {
    /// A printer; with `json`, errors are documents too.
    #[must_use]
    pub fn new(styles: Styles, json: bool) -> Self {
        Self {
            styles,
            json,
            lost: Arc::default(),
        }
    }

    /// Whether standard output is to hold JSON only.
    #[must_use]
    pub fn json(&self) -> bool {
        self.json
    }

    /// How to write to standard output.
    #[must_use]
    pub fn style(&self) -> Style {
        self.styles.out
    }

    /// How to write to standard error.
    #[must_use]
    pub fn error_style(&self) -> Style {
        self.styles.err
    }

    /// Whether something could not be written to standard output, although its
    /// reader is there: a full disk, for instance.
    #[must_use]
    pub fn lost_output(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Writes what was asked for to standard output.
    pub fn data(&self, text: &str) {
        let written = write(&mut io::stdout().lock(), text, self.styles.out);
        if let Err(error) = written
            && !self.lost.swap(true, Ordering::Relaxed)
        {
            self.error(
                "standard output cannot be written",
                Some(&error.to_string()),
                None,
            );
        }
    }

    /// Writes one JSON document to standard output, on one line.
    pub fn document(&self, document: &Value) {
        self.data(&document.to_string());
    }

    /// Writes a text that is set already, such as a run's outcome, to standard
    /// error.
    pub fn status(&self, text: &str) {
        // Nobody is left to tell that standard error cannot be written.
        let _ = write(&mut io::stderr().lock(), text, self.styles.err);
    }

    /// Says something by the way.
    pub fn note(&self, text: &str) {
        let width = self.styles.err.width;
        self.status(&wrapped(&harmless_lines(text), width).join("\n"));
    }

    /// Says what became of an interrupted run's calls.
    pub fn resumed(&self, calls: &[Resumed]) {
        if calls.is_empty() {
            return;
        }
        self.note(&resume_text::resumed(calls));
        if self.json {
            self.document(&resume_text::resumed_document(calls));
        }
    }

    /// Says what the user can do next.
    pub fn hint(&self, text: &str) {
        self.status(&self.styles.err.paragraph("hint:", Ink::Hint, text));
    }

    /// Says that something may not be as the user thinks.
    pub fn warning(&self, problem: &str, remedy: Option<&str>) {
        self.status(&self.styles.err.paragraph("warning:", Ink::Change, problem));
        if let Some(remedy) = remedy {
            self.hint(remedy);
        }
    }

    /// Says what is the matter, why, and what to do.
    pub fn error(&self, problem: &str, cause: Option<&str>, remedy: Option<&str>) {
        let mut text = self.styles.err.paragraph("error:", Ink::Bad, problem);
        if let Some(cause) = cause {
            text.push_str(&self.styles.err.paragraph("cause:", Ink::Strong, cause));
        }
        if let Some(remedy) = remedy {
            text.push_str(&self.styles.err.paragraph("hint:", Ink::Hint, remedy));
        }
        self.status(&text);
        if self.json && !self.lost_output() {
            self.document(&json!({
                "format_version": FORMAT_VERSION,
                "document": "error",
                "problem": problem,
                "cause": cause,
                "remedy": remedy,
            }));
        }
    }

    /// Says what is the matter where the documents have said it already.
    pub fn failing(&self, problem: &str) {
        self.status(&self.styles.err.paragraph("error:", Ink::Bad, problem));
    }

    /// Asks a question; the answer is read from the same line.
    pub fn ask(&self, question: &str) {
        let mut stream = io::stderr().lock();
        let question = self.styles.err.paint(Ink::Strong, question);
        let _ = stream.write_all(question.as_bytes());
        let _ = stream.flush();
    }

    /// Draws what is wrong with a file, each problem at its place; nothing where
    /// nothing is.
    pub fn diagnostics(&self, loaded: &Loaded) {
        if loaded.diagnostics.is_empty() {
            return;
        }
        let style = diagnostic::Style {
            color: self.styles.err.color,
            width: self.styles.err.width,
        };
        let text = diagnostic::render(&loaded.source, &loaded.diagnostics, style);
        self.status(&text);
        if self.json {
            self.document(&validation_json::document(loaded));
        }
    }
}

/// Writes a text and ends its last line. A reader that went away is no error.
fn write(stream: &mut impl Write, text: &str, style: Style) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let plain;
    let text = if style.color {
        text
    } else {
        plain = strip_str(text).to_string();
        &plain
    };
    let end = if text.ends_with('\n') { "" } else { "\n" };
    let written = stream
        .write_all(text.as_bytes())
        .and_then(|()| stream.write_all(end.as_bytes()))
        .and_then(|()| stream.flush());
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that refuses every write.
    struct Refusing(ErrorKind);

    impl Write for Refusing {
        fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn only_a_reader_that_went_away_is_no_error() {
        let mut gone = Refusing(ErrorKind::BrokenPipe);
        assert!(write(&mut gone, "text", Style::PLAIN).is_ok());
        let mut full = Refusing(ErrorKind::StorageFull);
        assert!(write(&mut full, "text", Style::PLAIN).is_err());
    }

    #[test]
    fn a_stream_without_colour_gets_none() {
        let colored = Style {
            color: true,
            ..Style::PLAIN
        };
        let text = colored.paint(Ink::Bad, "gone");
        let mut stream = Vec::new();
        write(&mut stream, &text, Style::PLAIN).unwrap();
        assert_eq!(stream, b"gone\n");
        let mut stream = Vec::new();
        write(&mut stream, &text, colored).unwrap();
        assert_eq!(stream, format!("{text}\n").as_bytes());
    }
}

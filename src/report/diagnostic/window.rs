//! Fits the source of a diagnostic into the terminal.
//!
//! A line that is wider than the terminal would wrap, and the underline below it
//! would point at nothing. So the lines are cut to a window around what is
//! underlined before they are drawn, and the words below an underline are broken
//! where the terminal ends:
//!
//! ```text
//! tags = { A = "${}", B = "${var", C = "…"    the window begins at the line's start
//! …e = "saa-03-003", Owner = "${var.onwer}"   or near what is underlined
//! ```

use crate::model::{Label, Span};

/// What stands where something was cut off.
const CUT: char = '…';
/// The narrowest column in which words are broken.
const NARROWEST: usize = 16;

/// The lines around some labels, made to fit, and the labels at their new places.
#[derive(Debug)]
pub(super) struct Window {
    pub text: String,
    /// How many lines of the file stand above.
    pub above: usize,
    pub labels: Vec<Label>,
    /// Where each label begins: its line, the byte of that line at which it is
    /// drawn, and the character at which it stands in the file; all from 1.
    pub places: Vec<(usize, usize, usize)>,
}

/// Where the lines of a text begin and end, line ends included.
#[derive(Debug)]
pub(super) struct Lines(Vec<Span>);

impl Lines {
    /// The lines of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut place = 0;
        let lines = text.split_inclusive('\n').map(|line| {
            let start = place;
            place += line.len();
            start..place
        });
        Self(lines.collect())
    }

    /// The number of the line that holds a byte, from 0.
    fn at(&self, byte: usize) -> usize {
        self.0
            .partition_point(|line| line.start <= byte)
            .saturating_sub(1)
    }

    /// The lines from one above the first label to one below the last.
    fn around(&self, labels: &[Label]) -> std::ops::Range<usize> {
        let first = labels.iter().map(|label| self.at(label.span.start)).min();
        let last = labels.iter().map(|label| self.at(label.span.end)).max();
        // One more below, since a label may end at a line's very end.
        first.unwrap_or(0).saturating_sub(1)..(last.unwrap_or(0) + 3).min(self.0.len())
    }
}

/// One line of the text and the part of it that is drawn.
struct Line {
    /// Its bytes in the old text, without the line end.
    old: Span,
    /// The bytes of it that are kept.
    kept: Span,
    /// Where the new line begins.
    start: usize,
    /// Where the kept bytes begin in the new text.
    kept_start: usize,
}

impl Window {
    /// Fits what stands around the labels of a text into `width` columns.
    pub(super) fn new(text: &str, all: &Lines, labels: &[Label], width: usize) -> Self {
        let gutter = all.0.len().to_string().len() + 4;
        let columns = width.saturating_sub(gutter).max(NARROWEST);
        let shown = all.around(labels);
        let above = shown.start;
        let mut new = String::new();
        let mut lines = Vec::new();
        for span in all.0.get(shown).unwrap_or_default() {
            let whole = text.get(span.clone()).unwrap_or_default();
            let line = whole.trim_end_matches(['\n', '\r']);
            let old = span.start..span.start + line.len();
            let kept = kept(text, &old, labels, columns);
            let start = new.len();
            if kept.start > old.start {
                new.push(CUT);
            }
            let kept_start = new.len();
            new.push_str(text.get(kept.clone()).unwrap_or_default());
            if kept.end < old.end {
                new.push(CUT);
            }
            new.push_str(whole.get(line.len()..).unwrap_or_default());
            lines.push(Line {
                old,
                kept,
                start,
                kept_start,
            });
        }
        let mut window = Self {
            text: new,
            above,
            labels: Vec::with_capacity(labels.len()),
            places: Vec::with_capacity(labels.len()),
        };
        for label in labels {
            let number = line_at(&lines, label.span.start);
            let span = moved(&lines, label.span.start)..moved(&lines, label.span.end);
            let (line_start, old_start) = lines
                .get(number)
                .map_or((0, 0), |line| (line.start, line.old.start));
            let drawn = span.start.saturating_sub(line_start);
            let before = text.get(old_start..label.span.start).unwrap_or_default();
            let place = (above + number + 1, drawn + 1, before.chars().count() + 1);
            window.places.push(place);
            window.labels.push(Label {
                text: broken(&label.text, columns, drawn, span.len()),
                span,
            });
        }
        window
    }
}

/// The part of a line that is drawn.
fn kept(text: &str, line: &Span, labels: &[Label], columns: usize) -> Span {
    let written = text.get(line.clone()).unwrap_or_default();
    let places: Vec<usize> = written
        .char_indices()
        .map(|(at, _)| line.start + at)
        .collect();
    if places.len() <= columns {
        return line.clone();
    }
    let character = |byte: usize| places.partition_point(|place| *place < byte);
    let label = labels
        .iter()
        .find(|label| line.contains(&label.span.start))
        .map(|label| (character(label.span.start), character(label.span.end)));
    let first = match label {
        // A quarter of the window shows what stands before.
        Some((from, to)) if to + 1 > columns => from
            .saturating_sub(columns / 4)
            .min(places.len() + 1 - columns),
        _ => 0,
    };
    let room = columns - 1 - usize::from(first > 0);
    let byte = |index: usize| places.get(index).copied().unwrap_or(line.end);
    // Nothing is cut off at the end if the rest fits in place of the mark.
    let last = if first + room + 1 >= places.len() {
        places.len()
    } else {
        first + room
    };
    byte(first)..byte(last)
}

/// The line that holds a byte.
fn line_at(lines: &[Line], byte: usize) -> usize {
    lines
        .partition_point(|line| line.old.start <= byte)
        .saturating_sub(1)
}

/// A byte's place in the new text.
fn moved(lines: &[Line], byte: usize) -> usize {
    let Some(line) = lines.get(line_at(lines, byte)) else {
        return 0;
    };
    let kept_end = line.kept_start + line.kept.len();
    if byte < line.kept.start {
        line.start
    } else if byte <= line.kept.end {
        line.kept_start + (byte - line.kept.start)
    } else if line.kept.end < line.old.end {
        kept_end + CUT.len_utf8()
    } else {
        kept_end
    }
}

/// Words broken so that they end before the terminal does. They begin below the
/// middle of what is underlined.
fn broken(text: &str, columns: usize, start: usize, length: usize) -> String {
    let room = columns
        .saturating_sub(start + length / 2 + 4)
        .max(NARROWEST);
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > room {
            lines.push('\n');
            column = 0;
        } else if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += width;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn label(span: Span) -> Label {
        Label {
            span,
            text: "one two three four five six seven".to_owned(),
        }
    }

    #[test]
    fn a_long_line_is_cut_around_its_label() {
        let text = format!("{}HERE{}\nshort\n", "a".repeat(100), "b".repeat(100));
        let window = Window::new(&text, &Lines::of(&text), &[label(100..104)], 45);
        let lines: Vec<&str> = window.text.lines().collect();
        assert_eq!(lines[0].chars().count(), 40);
        assert!(lines[0].starts_with("…a") && lines[0].ends_with("b…"));
        assert_eq!(&window.text[window.labels[0].span.clone()], "HERE");
        assert_eq!(window.places[0].0, 1);
        assert_eq!(window.places[0].2, 101);
        assert_eq!(lines[1], "short");
    }

    #[test]
    fn words_are_broken_where_the_terminal_ends() {
        assert_eq!(
            broken("one two three four five", 40, 10, 4),
            "one two three four five"
        );
        assert_eq!(
            broken("one two three four five", 30, 10, 4),
            "one two three\nfour five"
        );
    }

    proptest! {
        #[test]
        fn every_label_stays_inside(text in "[a€\n\r]{0,200}", from in 0..200_usize, to in 0..200_usize) {
            let inside = |mut at: usize| {
                at = at.min(text.len());
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let (from, to) = (inside(from.min(to)), inside(from.max(to)));
            let window = Window::new(&text, &Lines::of(&text), &[label(from..to)], 40);
            prop_assert!(window.text.get(window.labels[0].span.clone()).is_some());
        }
    }
}

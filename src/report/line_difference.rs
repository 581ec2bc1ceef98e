//! What differs between two texts, line by line.

use std::collections::BTreeSet;

/// A line of two texts laid over each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// In both.
    Same(String),
    /// In the old one only.
    Gone(String),
    /// In the new one only.
    New(String),
    /// Lines that are the same in both, and left out.
    Skipped(usize),
}

impl Line {
    /// What stands there; nothing for what is left out.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Same(text) | Self::Gone(text) | Self::New(text) => text,
            Self::Skipped(_) => "",
        }
    }
}

/// Lays two texts over each other so that as many lines as possible are the
/// same. A comma at a line's end does not count: it is the next line's matter.
#[must_use]
pub fn difference(old: &[String], new: &[String]) -> Vec<Line> {
    let same = |a: &String, b: &String| a.trim_end_matches(',') == b.trim_end_matches(',');
    // The longest common run of lines from each pair of places onward.
    let mut longest = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            longest[i][j] = if same(a, b) {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let mut lines = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && same(&old[i], &new[j]) {
            lines.push(Line::Same(new[j].clone()));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && longest[i + 1][j] >= longest[i][j + 1]) {
            lines.push(Line::Gone(old[i].clone()));
            i += 1;
        } else {
            lines.push(Line::New(new[j].clone()));
            j += 1;
        }
    }
    lines
}

/// Leaves out the lines that are the same and further than `context` lines
/// from any that differs, except for landmarks (by index); runs of one line are
/// not worth leaving out.
#[must_use]
pub fn around_changes(lines: &[Line], context: usize, landmarks: &BTreeSet<usize>) -> Vec<Line> {
    let changed: Vec<usize> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !matches!(line, Line::Same(_)))
        .map(|(index, _)| index)
        .collect();
    let far = |index: usize| {
        let after = changed.partition_point(|place| *place < index);
        let nearest = [after.checked_sub(1), Some(after)]
            .into_iter()
            .flatten()
            .filter_map(|place| changed.get(place))
            .map(|place| place.abs_diff(index))
            .min();
        nearest.is_none_or(|distance| distance > context) && !landmarks.contains(&index)
    };
    let mut kept = Vec::new();
    let mut index = 0;
    while index < lines.len() {
        let run = (index..lines.len()).take_while(|index| far(*index)).count();
        if run > 1 {
            kept.push(Line::Skipped(run));
            index += run;
        } else {
            kept.push(lines[index].clone());
            index += 1;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(lines: &[&str]) -> Vec<String> {
        lines.iter().map(|line| (*line).to_owned()).collect()
    }

    #[test]
    fn a_comma_is_no_change() {
        let lines = difference(&texts(&["[", "a", "]"]), &texts(&["[", "a,", "b", "]"]));
        let expected = [
            Line::Same("[".into()),
            Line::Same("a,".into()),
            Line::New("b".into()),
            Line::Same("]".into()),
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn far_lines_are_left_out() {
        let old = texts(&["a", "b", "c", "d", "e"]);
        let new = texts(&["a", "b", "c", "d", "x"]);
        let lines = around_changes(&difference(&old, &new), 1, &BTreeSet::new());
        let expected = [
            Line::Skipped(3),
            Line::Same("d".into()),
            Line::Gone("e".into()),
            Line::New("x".into()),
        ];
        assert_eq!(lines, expected);
    }

    proptest! {
        #[test]
        fn both_texts_are_in_the_difference(
            old in prop::collection::vec("[a-c]", 0..12),
            new in prop::collection::vec("[a-c]", 0..12),
        ) {
            let lines = difference(&old, &new);
            let of = |gone: bool| {
                lines.iter().filter_map(|line| match line {
                    Line::Same(text) => Some(text.clone()),
                    Line::Gone(text) if gone => Some(text.clone()),
                    Line::New(text) if !gone => Some(text.clone()),
                    _ => None,
                }).collect::<Vec<_>>()
            };
            prop_assert_eq!(of(true), old);
            prop_assert_eq!(of(false), new);
        }
    }
}

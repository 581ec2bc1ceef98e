//! Fitting text into lines: how wide it is, where it is cut, how it wraps.

/// How many columns a text takes on a terminal: most characters one, those of
/// East Asian scripts and pictographs two (Unicode Standard Annex 11).
#[must_use]
pub fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

fn columns_of(character: char) -> usize {
    let wide = [
        0x1100..=0x115f,
        0x2e80..=0xa4cf,
        0xac00..=0xd7a3,
        0xf900..=0xfaff,
        0xfe30..=0xfe6f,
        0xff00..=0xff60,
        0xffe0..=0xffe6,
        0x1f300..=0x1f64f,
        0x1f900..=0x1f9ff,
        0x20000..=0x3fffd,
    ];
    let number = u32::from(character);
    1 + usize::from(wide.iter().any(|range| range.contains(&number)))
}

/// The text with spaces after it up to a number of columns.
#[must_use]
pub fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(columns(text));
    format!("{text}{}", " ".repeat(missing))
}

/// The text, cut with `…` where it takes more than `width` columns.
#[must_use]
pub fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut taken = 1;
    let mut kept = String::new();
    for character in text.chars() {
        taken += columns_of(character);
        if taken > width {
            break;
        }
        kept.push(character);
    }
    format!("{}…", kept.trim_end())
}

/// The text in lines of at most `width` columns, broken at white space. A word
/// that is longer stays whole, so that it can be copied.
#[must_use]
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && columns(&line) + 1 + columns(word) > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// The text without characters that would move the cursor, end the line, or
/// change the direction of writing: what AWS or a file says must not be able
/// to disguise itself on a terminal.
#[must_use]
pub fn harmless(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for character in text.chars() {
        let turns = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
        if character.is_control() || turns {
            clean.extend(character.escape_default());
        } else {
            clean.push(character);
        }
    }
    clean
}

/// As [`harmless`], for texts of several lines.
#[must_use]
pub fn harmless_lines(text: &str) -> String {
    text.lines().map(harmless).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn long_text_is_cut_and_wrapped() {
        assert_eq!(cut("a long text", 7), "a long…");
        assert_eq!(cut("a long text", 8), "a long…");
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("三つの道", 5), "三つ…");
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("a\n\nb", 7), ["a", "", "b"]);
    }

    #[test]
    fn a_name_cannot_move_the_cursor() {
        assert_eq!(harmless("a\u{1b}[2Jb\n"), "a\\u{1b}[2Jb\\n");
        assert_eq!(harmless("a\u{202e}b"), "a\\u{202e}b");
    }

    proptest! {
        #[test]
        fn what_is_cut_fits(text in "\\PC{0,30}", width in 1usize..20) {
            prop_assert!(columns(&cut(&text, width)) <= width);
        }

        #[test]
        fn wrapping_loses_no_word(text in "[a-c ]{0,60}", width in 1usize..20) {
            let words: Vec<_> = text.split_whitespace().collect();
            let lines = wrapped(&text, width).join(" ");
            prop_assert_eq!(lines.split_whitespace().collect::<Vec<_>>(), words);
        }
    }
}

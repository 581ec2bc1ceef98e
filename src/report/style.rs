//! How to write to a stream: in which colours, how wide, and whether somebody
//! watches it as it grows.
//!
//! Everything reads well without colour; colour only helps the eye. The rules
//! of NO_COLOR (no-color.org) and CLICOLOR_FORCE (bixense.com/clicolors) hold,
//! for each stream by itself.

use std::io::IsTerminal;

use anstyle::{AnsiColor, Effects};

use super::fitting::{harmless_lines, wrapped};

/// The narrowest and the widest that text is set, in columns: lines that are
/// longer read badly even where they would fit.
const NARROWEST: usize = 60;
const WIDEST: usize = 120;
/// The narrowest on a terminal, which would break longer lines once more, and
/// where lines that are drawn again cannot be taken back then.
const NARROWEST_DRAWN: usize = 40;
/// Where the text of a paragraph begins: after `error: `.
const HANG: usize = 7;
/// Where nobody says how wide the terminal is.
const USUAL: usize = 80;

/// How to write to one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether to use colour.
    pub color: bool,
    /// How many columns a line may have.
    pub width: usize,
    /// Whether it is a terminal that lines can be taken back from.
    pub terminal: bool,
}

/// How to write to the two standard streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Styles {
    /// Standard output.
    pub out: Style,
    /// Standard error.
    pub err: Style,
}

/// What a piece of text is, from which its colour follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// What comes into being, and what went well.
    Good,
    /// What changes, and what to beware of.
    Change,
    /// What goes, and what went wrong.
    Bad,
    /// What to do.
    Hint,
    /// What the eye is to find.
    Strong,
    /// What the eye may pass over.
    Faint,
}

impl Style {
    /// Without colour, at the usual width, for pipes and tests.
    pub const PLAIN: Self = Self {
        color: false,
        width: USUAL,
        terminal: false,
    };

    /// Finds out how to write to the standard streams. `no_color` is the
    /// user's word on the command line.
    #[must_use]
    pub fn detect(no_color: bool) -> Styles {
        let stated = std::env::var("COLUMNS").ok();
        let columns = |seen: Option<(terminal_size::Width, terminal_size::Height)>| {
            let narrowest = match seen {
                Some(_) => NARROWEST_DRAWN,
                None => NARROWEST,
            };
            let seen = seen.map(|(width, _)| width.0.to_string());
            width(stated.as_deref().or(seen.as_deref()), narrowest)
        };
        // A dumb terminal cannot take lines back.
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let (out, err) = (std::io::stdout(), std::io::stderr());
        let colored = |choice| !no_color && choice != anstream::ColorChoice::Never;
        Styles {
            out: Self {
                color: colored(anstream::AutoStream::choice(&out)),
                width: columns(terminal_size::terminal_size_of(&out)),
                terminal: out.is_terminal() && !dumb,
            },
            err: Self {
                color: colored(anstream::AutoStream::choice(&err)),
                width: columns(terminal_size::terminal_size_of(&err)),
                terminal: err.is_terminal() && !dumb,
            },
        }
    }

    /// A word, and a text that hangs from it, in lines:
    ///
    /// ```text
    /// error: the state file cannot be read, and this text is so long
    ///        that it wraps
    /// ```
    #[must_use]
    pub fn paragraph(self, word: &str, ink: Ink, text: &str) -> String {
        let hang = HANG.max(word.len() + 1);
        let mut paragraph = String::new();
        let lines = wrapped(&harmless_lines(text), self.width.saturating_sub(hang));
        for (index, line) in lines.iter().enumerate() {
            let start = match index {
                0 => self.paint(ink, word) + &" ".repeat(hang - word.len()),
                _ => " ".repeat(hang),
            };
            paragraph.push_str(format!("{start}{line}").trim_end());
            paragraph.push('\n');
        }
        paragraph
    }

    /// The text in its colour, or as it is.
    #[must_use]
    pub fn paint(self, ink: Ink, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        let style = ink.style();
        format!("{style}{text}{style:#}")
    }
}

impl Ink {
    fn style(self) -> anstyle::Style {
        let plain = anstyle::Style::new();
        match self {
            Self::Good => plain.fg_color(Some(AnsiColor::Green.into())),
            Self::Change => plain.fg_color(Some(AnsiColor::Yellow.into())),
            Self::Bad => plain.fg_color(Some(AnsiColor::Red.into())),
            Self::Hint => plain.fg_color(Some(AnsiColor::Cyan.into())),
            Self::Strong => plain.effects(Effects::BOLD),
            Self::Faint => plain.effects(Effects::DIMMED),
        }
    }
}

fn width(columns: Option<&str>, narrowest: usize) -> usize {
    columns
        .and_then(|columns| columns.trim().parse().ok())
        .unwrap_or(USUAL)
        .clamp(narrowest, WIDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_stays_readable() {
        assert_eq!(width(None, NARROWEST), 80);
        assert_eq!(width(Some("72 "), NARROWEST), 72);
        assert_eq!(width(Some("20"), NARROWEST), 60);
        assert_eq!(width(Some("20"), NARROWEST_DRAWN), 40);
        assert_eq!(width(Some("48"), NARROWEST_DRAWN), 48);
        assert_eq!(width(Some("400"), NARROWEST), 120);
        assert_eq!(width(Some("wide"), NARROWEST), 80);
    }

    #[test]
    fn texts_hang_from_their_words() {
        let narrow = Style {
            width: 60,
            ..Style::PLAIN
        };
        let text = "the state file cannot be read, and this text is so long that it wraps";
        assert_eq!(
            narrow.paragraph("error:", Ink::Bad, text),
            "error: the state file cannot be read, and this text is so\n       \
             long that it wraps\n"
        );
        assert_eq!(
            narrow.paragraph("hint:", Ink::Hint, "wait"),
            "hint:  wait\n"
        );
        assert_eq!(
            narrow.paragraph("warning:", Ink::Change, "it"),
            "warning: it\n"
        );
    }

    #[test]
    fn colour_is_put_around_the_text_only() {
        let style = Style {
            color: true,
            ..Style::PLAIN
        };
        assert_eq!(style.paint(Ink::Good, "+"), "\u{1b}[32m+\u{1b}[0m");
        assert_eq!(style.paint(Ink::Good, ""), "");
        assert_eq!(Style::PLAIN.paint(Ink::Bad, "-"), "-");
    }
}

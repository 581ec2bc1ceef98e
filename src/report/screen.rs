//! The lines at the end of a terminal that are drawn again and again.
//!
//! Ctrl-C is echoed by the terminal itself, as `^C` where the cursor stands. Behind
//! a drawing that would be at the right edge, so that the echo began a new line, and
//! the next drawing left a line of the old one behind. So the cursor rests at the
//! left, where the next drawing covers the echo.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use indicatif::TermLike;

/// The columns and rows of a terminal that does not tell them.
const USUAL: (u16, u16) = (80, 24);

/// A terminal, and what is not yet written to it.
#[derive(Debug)]
pub(super) struct Screen<W> {
    waiting: Mutex<(W, String)>,
    size: fn() -> (u16, u16),
}

impl Screen<io::Stderr> {
    /// The one that standard error is.
    pub(super) fn of_stderr() -> Self {
        Self::new(io::stderr(), || {
            let size = terminal_size::terminal_size_of(io::stderr());
            size.map_or(USUAL, |(width, height)| (width.0, height.0))
        })
    }
}

impl<W> Screen<W> {
    fn new(stream: W, size: fn() -> (u16, u16)) -> Self {
        Self {
            waiting: Mutex::new((stream, String::new())),
            size,
        }
    }

    fn add(&self, text: std::fmt::Arguments<'_>) -> io::Result<()> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.1.write_fmt(text).map_err(io::Error::other)
    }

    /// Moves the cursor; by nothing, it would be moved by one.
    fn go(&self, by: usize, to: char) -> io::Result<()> {
        match by {
            0 => Ok(()),
            by => self.add(format_args!("\x1b[{by}{to}")),
        }
    }
}

impl<W: Write + Send + std::fmt::Debug> TermLike for Screen<W> {
    fn width(&self) -> u16 {
        (self.size)().0
    }

    fn height(&self) -> u16 {
        (self.size)().1
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.go(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.go(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.go(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.go(n, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.add(format_args!("{text}\n"))
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.add(format_args!("{text}"))
    }

    fn clear_line(&self) -> io::Result<()> {
        self.add(format_args!("\r\x1b[2K"))
    }

    fn flush(&self) -> io::Result<()> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let (stream, text) = &mut *waiting;
        let text = std::mem::take(text) + "\r";
        stream.write_all(text.as_bytes())?;
        stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

    use super::*;

    const WIDTH: usize = 20;

    /// A terminal that does what it is told.
    #[derive(Debug, Clone, Default)]
    struct Glass(Arc<Mutex<Cells>>);

    #[derive(Debug, Default)]
    struct Cells {
        rows: Vec<[char; WIDTH]>,
        row: usize,
        column: usize,
    }

    impl Cells {
        fn put(&mut self, letter: char) {
            // A full line goes on at the next only when there is more to write.
            if self.column == WIDTH {
                (self.row, self.column) = (self.row + 1, 0);
            }
            while self.rows.len() <= self.row {
                self.rows.push([' '; WIDTH]);
            }
            self.rows[self.row][self.column] = letter;
            self.column += 1;
        }

        fn order(&mut self, by: usize, order: char) {
            match order {
                'A' => self.row = self.row.saturating_sub(by),
                'B' => self.row += by,
                'K' if self.row < self.rows.len() => self.rows[self.row] = [' '; WIDTH],
                'K' => {}
                other => panic!("{other}"),
            }
        }
    }

    impl Write for Glass {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let mut cells = self.0.lock().unwrap();
            let mut letters = std::str::from_utf8(bytes).unwrap().chars();
            while let Some(letter) = letters.next() {
                match letter {
                    '\r' => cells.column = 0,
                    '\n' => cells.row += 1,
                    '\x1b' => {
                        let rest: String = letters.by_ref().take_while(|it| *it != '[').collect();
                        assert_eq!(rest, "");
                        let mut by = 0;
                        for letter in letters.by_ref() {
                            match letter.to_digit(10) {
                                Some(digit) => by = by * 10 + digit as usize,
                                None => {
                                    cells.order(by, letter);
                                    break;
                                }
                            }
                        }
                    }
                    letter => cells.put(letter),
                }
            }
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Glass {
        fn shown(&self) -> Vec<String> {
            let cells = self.0.lock().unwrap();
            let rows = cells.rows.iter();
            let rows = rows.map(|row| row.iter().collect::<String>().trim_end().to_owned());
            rows.filter(|row| !row.is_empty()).collect()
        }
    }

    #[test]
    fn the_echo_of_ctrl_c_leaves_nothing_behind() {
        let glass = Glass::default();
        let screen = Screen::new(glass.clone(), || (WIDTH as u16, 24));
        let target = ProgressDrawTarget::term_like(Box::new(screen));
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(ProgressStyle::with_template("{msg}\n  creating").unwrap());
        bar.set_message("first");
        bar.tick();
        assert_eq!(glass.shown(), ["first", "  creating"]);
        glass.clone().write_all(b"^C").unwrap();
        bar.println("Stopping");
        bar.set_message("second");
        bar.tick();
        assert_eq!(glass.shown(), ["Stopping", "second", "  creating"]);
        glass.clone().write_all(b"^C").unwrap();
        bar.finish_and_clear();
        assert_eq!(glass.shown(), ["Stopping"]);
    }
}

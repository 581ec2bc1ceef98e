//! `s3net man`: a page for each verb.
//!
//! What the help says beneath the options is set already, tables and examples
//! among it, so the pages keep its lines as they are.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use super::arguments::Output;
use super::problem::Problem;
use super::{Cli, Exit};

/// Write the manual's pages into a folder.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// The folder, such as ~/.local/share/man/man1; it is made where it is not.
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

pub(super) fn run(args: &ManArgs) -> Exit {
    let printer = Output::default().printer();
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    let made = std::fs::create_dir_all(&args.folder);
    match made.and_then(|()| write(&program, &args.folder)) {
        Ok(()) => {
            printer.note(&format!(
                "The manual is in {}: `man {}/s3net.1` shows its first page.",
                args.folder.display(),
                args.folder.display()
            ));
            Exit::Done
        }
        Err(error) => Problem::new("the manual's pages cannot be written")
            .because(format!("{}: {error}", args.folder.display()))
            .remedy("name a folder that you may write to")
            .tell(&printer),
    }
}

/// Writes the page of a command, and those of its verbs.
fn write(command: &Command, folder: &Path) -> io::Result<()> {
    for verb in command.get_subcommands().filter(|it| !it.is_hide_set()) {
        write(verb, folder)?;
    }
    let beneath = command.get_after_long_help().or(command.get_after_help());
    let beneath = beneath.map(ToString::to_string).unwrap_or_default();
    let nothing = None::<&'static str>;
    let bare = command.clone().after_help(nothing).after_long_help(nothing);
    let page = Man::new(bare);
    let mut text = Vec::new();
    page.render(&mut text)?;
    text.extend(sections(&beneath).bytes());
    std::fs::write(folder.join(page.get_filename()), text)
}

/// What stands beneath a help, as sections of a page: each paragraph with a
/// heading of its own as one, all others before them.
fn sections(beneath: &str) -> String {
    let mut notes = Vec::new();
    let mut headed = String::new();
    for paragraph in beneath.split("\n\n").filter(|it| !it.trim().is_empty()) {
        let (first, rest) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
        let heading = match first {
            "Exit codes:" => "EXIT STATUS",
            "Environment:" => "ENVIRONMENT",
            _ => {
                notes.push(paragraph);
                continue;
            }
        };
        headed += &section(heading, rest);
    }
    match notes.is_empty() {
        true => headed,
        false => section("NOTES", &notes.join("\n\n")) + &headed,
    }
}

/// A section whose lines stay as they are.
fn section(heading: &str, text: &str) -> String {
    let lines: String = text.lines().map(|line| escaped(line) + "\n").collect();
    format!(".SH \"{heading}\"\n.nf\n{lines}.fi\n")
}

/// A line of text as roff takes it: what it would read as an order, and what it
/// would print as another character, is taken as it is.
fn escaped(line: &str) -> String {
    let mut text = String::new();
    if line.starts_with(['.', '\'']) {
        text.push_str("\\&");
    }
    for letter in line.chars() {
        match letter {
            '\\' => text.push_str("\\e"),
            '-' => text.push_str("\\-"),
            '\'' => text.push_str("\\(aq"),
            '`' => text.push_str("\\(ga"),
            letter => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_already_stays_as_it_is() {
        let beneath =
            "Of a-b, `c` and 'd'.\n\n  e  f\n.g\n\nExit codes:\n  0    done\n  130  broken off";
        assert_eq!(
            sections(beneath),
            ".SH \"NOTES\"\n.nf\nOf a\\-b, \\(gac\\(ga and \\(aqd\\(aq.\n\n  e  f\n\\&.g\n.fi\n\
             .SH \"EXIT STATUS\"\n.nf\n  0    done\n  130  broken off\n.fi\n"
        );
        assert_eq!(sections(""), "");
    }
}

//! `s3net man`

use std::path::PathBuf;

use clap::{Args, CommandFactory};

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
    let made = std::fs::create_dir_all(&args.folder);
    match made.and_then(|()| clap_mangen::generate_to(Cli::command(), &args.folder)) {
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

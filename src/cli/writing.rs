//! A file for the user on its way to the disk: whole or not at all, and over
//! another one only where that is asked for.

use std::io::Write;
use std::path::Path;

use super::problem::Problem;

/// Refuses a file that is there already, before any work for it.
///
/// # Errors
/// It is there, and `force` is not given.
pub(super) fn free(file: &Path, force: bool) -> Result<(), Problem> {
    match !force && file.exists() {
        true => Err(taken(file)),
        false => Ok(()),
    }
}

fn taken(file: &Path) -> Problem {
    Problem::new(format!("{} is there already", file.display()))
        .because("it may be somebody's work")
        .remedy("name another file, or pass --force to write over it")
}

/// Writes a file, and the folders that it lies in.
///
/// # Errors
/// It is there already, and `force` is not given; or it cannot be written.
pub(super) fn write(file: &Path, text: &str, force: bool) -> Result<(), Problem> {
    let trouble = |error: std::io::Error| {
        Problem::new(format!("{} cannot be written", file.display())).because(error.to_string())
    };
    if force && file.exists() && !file.is_file() {
        // A terminal or a pipe: there is nothing to put beside it.
        return std::fs::write(file, text).map_err(trouble);
    }
    // A link stays one: what it leads to is written.
    let real = file.canonicalize().ok().filter(|_| force);
    let file = real.as_deref().unwrap_or(file);
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder).map_err(trouble)?;
    }
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let beside = file.with_file_name(name);
    let put = || {
        let mut part = std::fs::File::create(&beside)?;
        part.write_all(text.as_bytes())?;
        part.sync_all()?;
        match force {
            true => std::fs::rename(&beside, file),
            // Fails where somebody else wrote the file meanwhile.
            false => std::fs::hard_link(&beside, file).and_then(|()| std::fs::remove_file(&beside)),
        }
    };
    put().map_err(|error| {
        // What is left of it says nothing to anybody.
        let _ = std::fs::remove_file(&beside);
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => taken(file),
            _ => trouble(error),
        }
    })
}

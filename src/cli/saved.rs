//! Saved plans: their files, and whether one may be carried out.
//!
//! ```text
//! plan --out ─► bound ─► save          show ─► opened
//!
//! apply PLAN ─► opened ─► execution ─────► reach ──────► state ─► plan ─► run
//!                         file, variables  place, store  fits     fits
//! ```

mod beside;
mod bound;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use jiff::Timestamp;

use super::problem::Problem;
use crate::plan::saved::{
    self as form, Asked, Bound, Content, SavedPlan, SavedPlanError, sealed_drift, sealed_plan,
};
use crate::report::Printer;

pub use beside::Beside;
pub use bound::{
    bound, ending, execution, same_file, same_part, same_place, same_refresh, same_state,
    same_store,
};

/// The largest file that is read, in bytes: a plan of 100,000 nodes has less.
const LARGEST: u64 = 512 << 20;
/// How saved plans are usually called.
const EXTENSION: &str = "s3plan";

/// Whether a file is, or means to be, a saved plan: by its content, and by its
/// name where it is empty or cannot be read.
pub fn is_one(path: &Path) -> bool {
    let named = path.extension().is_some_and(|it| it == EXTENSION);
    // What is no file, such as a pipe, can be read only once.
    if named || !path.is_file() {
        return named;
    }
    let mut first = [0];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut first));
    read.is_ok() && form::is_one(&first)
}

/// A saved plan where a plan file is wanted.
pub fn no_plan_file(path: &Path) -> Problem {
    let name = path.display();
    Problem::new(format!("{name} is a saved plan, not a plan file")).remedy(format!(
        "`s3net show {name}` shows it, `s3net apply {name}` carries it out"
    ))
}

/// Reads a saved plan.
///
/// # Errors
/// It cannot be read, or is not as it was written.
pub fn opened(path: &Path) -> Result<SavedPlan, Problem> {
    let name = path.display();
    let unreadable = |reason: String| {
        Problem::new(format!("{name} cannot be read"))
            .because(reason)
            .remedy("name what `s3net plan --out` wrote")
    };
    let file = File::open(path).map_err(|error| unreadable(error.to_string()))?;
    let mut bytes = Vec::new();
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(unreadable(format!(
            "it has more than {} MiB, and no plan is so large",
            LARGEST >> 20
        )));
    }
    form::read(&bytes).map_err(|error| {
        let again = format!("make it anew: `s3net plan FILE --out {name}`");
        match &error {
            SavedPlanError::NotOne => Problem::new(format!("{name} is no saved plan"))
                .because(match bytes.is_empty() {
                    true => "it is empty",
                    false => "it does not begin as one",
                })
                .remedy("name what `s3net plan --out` wrote"),
            SavedPlanError::OtherFormat { .. } => Problem::new(format!("{name} is not understood"))
                .because(error.to_string())
                .remedy(format!("use the s3net that wrote it, or {again}")),
            SavedPlanError::Damaged { reason } => Problem::new(format!("{name} is damaged"))
                .because(reason)
                .remedy(again),
        }
    })
}

/// Whether a plan can be saved there: in a new file, or in the place of an older
/// saved plan.
///
/// # Errors
/// Something else is there, or there is no such folder.
pub fn writable(path: &Path) -> Result<(), Problem> {
    let name = path.display();
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(Problem::new(format!("the plan cannot be saved as {name}"))
            .because(format!("there is no folder {}", folder.display()))
            .remedy("make the folder first"));
    }
    match fs::symlink_metadata(path) {
        Err(_) => Ok(()),
        Ok(found) if found.is_file() && (found.len() == 0 || is_saved_plan(path)) => Ok(()),
        Ok(_) => Err(Problem::new(format!("the plan cannot be saved as {name}"))
            .because("something else has that name, and would be lost")
            .remedy("give --out another name, such as lab.s3plan")),
    }
}

/// Whether a file begins as a saved plan does, sound or not.
fn is_saved_plan(path: &Path) -> bool {
    let mut beginning = Vec::new();
    let read = File::open(path).and_then(|file| file.take(64).read_to_end(&mut beginning));
    read.is_ok() && form::begins(&beginning)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Saves a plan: a reader and a crash see the old file or the new one, and nobody
/// else may read it.
///
/// # Errors
/// What stands in the way; an older file is then still there.
pub fn save(
    path: &Path,
    bound: Bound,
    asked: Asked,
    content: Content,
    beside: &Beside,
) -> Result<(), Problem> {
    writable(path)?;
    let failed = |reason: String| {
        Problem::new(format!("the plan cannot be saved as {}", path.display()))
            .because(reason)
            .remedy("free some space or make the folder writable, then run again")
    };
    let plan = SavedPlan {
        at: Timestamp::now(),
        by: env!("CARGO_PKG_VERSION").to_owned(),
        bound,
        asked,
        content: match content {
            Content::Graph(plan) => Content::Graph(Box::new(sealed_plan(&plan))),
            Content::Refresh(drift, learned) => {
                Content::Refresh(Box::new(sealed_drift(&drift)), learned)
            }
        },
        beside: beside.written(),
    };
    let bytes = form::write(&plan).map_err(|error| failed(error.to_string()))?;
    replace(path, &bytes).map_err(|error| failed(error.to_string()))
}

fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = folder_of(path);
    // tempfile makes files with mode 0600.
    let mut file = tempfile::Builder::new()
        .prefix(".s3plan-")
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Says that the plan is saved.
pub fn tell_saved(path: &Path, printer: &Printer) {
    let name = path.display();
    printer.note(&format!(
        "Saved as {name}. `s3net apply {name}` carries out exactly this, or nothing."
    ));
}

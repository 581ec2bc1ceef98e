//! Puts the server on the machine: a virtual environment with its packages,
//! and our own files beside it.
//!
//! ```text
//!   <cache>/install.lock            held by whoever works here
//!   <cache>/endpoint-<fingerprint>/ of the requirements, the Python, the machine
//!     venv/                         140 MB, made once
//!     complete                      written last: without it, nothing counts
//!     in-use                        locked by every server that runs from here
//!     server-<version>/s3net_local/ our files; a new s3net adds its own
//! ```

use std::env::consts::{ARCH, OS};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use tokio::process::Command;

use super::embedded::{self, REQUIREMENTS};
use super::python::{self, Python};
use super::{Folders, LocalError, Progress, lock};

const PREFIX: &str = "endpoint-";
const MARKER: &str = "complete";
const IN_USE: &str = "in-use";
/// How many lines of an installer's output are shown.
const LINES: usize = 8;

/// A complete installation, which nobody removes while this value lives.
#[derive(Debug)]
pub(super) struct Installation {
    /// Where it is.
    pub folder: PathBuf,
    in_use: File,
}

impl Installation {
    /// The Python of the virtual environment.
    pub(super) fn python(&self) -> PathBuf {
        python_in(&self.folder)
    }

    /// The folder that holds the server's package.
    pub(super) fn package_folder(&self) -> PathBuf {
        package_folder(&self.folder)
    }

    /// An open file to give to the server as its input. It carries the lock
    /// that says "in use", which so lasts as long as the server does.
    pub(super) fn lease(&self) -> io::Result<Stdio> {
        Ok(self.in_use.try_clone()?.into())
    }
}

/// Makes sure that there is a complete installation: the one that is there,
/// unless `afresh`, else a new one.
///
/// # Errors
/// What is missing on the machine, or what the installer says.
pub(super) async fn ready(
    folders: &Folders,
    afresh: bool,
    progress: Progress<'_>,
) -> Result<Installation, LocalError> {
    let python = python::find().await?;
    fs::create_dir_all(&folders.cache).map_err(LocalError::folder(&folders.cache))?;
    let lock = lock::take(&folders.install_lock(), progress).await?;
    let folder = folders
        .cache
        .join(format!("{PREFIX}{}", fingerprint(&python)));
    // A link to a Python that was removed since does not exist.
    let complete = folder.join(MARKER).exists() && python_in(&folder).exists();
    if afresh || !complete {
        install(&folder, &python, &lock, progress).await?;
        remove_others(&folders.cache, &folder).await;
    }
    let package = package_folder(&folder);
    embedded::write_into(&package).map_err(LocalError::folder(&package))?;
    let in_use = lock::open(&folder.join(IN_USE))?;
    in_use
        .lock_shared()
        .map_err(LocalError::folder(&folder.join(IN_USE)))?;
    Ok(Installation { folder, in_use })
}

/// Names the virtual environment by all that it depends on: a home folder may
/// be shared by machines of several kinds.
fn fingerprint(python: &Python) -> String {
    let requirements = embedded::requirements();
    embedded::fingerprint(
        [
            ("requirements", requirements),
            ("python", &python.version),
            ("machine", ARCH),
            ("system", OS),
        ]
        .into_iter(),
    )
}

async fn install(
    folder: &Path,
    python: &Python,
    lock: &File,
    progress: Progress<'_>,
) -> Result<(), LocalError> {
    progress("installing the local AWS endpoint, once (about 20 s)");
    match tokio::fs::remove_dir_all(folder).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(LocalError::folder(folder)(error));
        }
        _ => {}
    }
    fs::create_dir_all(folder).map_err(LocalError::folder(folder))?;
    let requirements = folder.join(REQUIREMENTS);
    fs::write(&requirements, embedded::requirements())
        .map_err(LocalError::folder(&requirements))?;

    let mut venv = Command::new(&python.program);
    venv.args(["-I", "-m", "venv"]).arg(folder.join("venv"));
    step("python -m venv", venv, folder, lock).await?;

    let mut pip = Command::new(python_in(folder));
    // Not compiled: most modules are never used. No dependencies: the list is
    // complete, and so nothing is to be resolved.
    pip.args(["-I", "-m", "pip", "install", "--no-input", "--no-compile"])
        .args(["--no-deps", "--require-hashes", "--progress-bar", "off"])
        .args(["--quiet", "--disable-pip-version-check", "-r"])
        .arg(&requirements);
    step("pip install", pip, folder, lock).await?;

    let marker = folder.join(MARKER);
    tempfile::NamedTempFile::new_in(folder)
        .and_then(|file| file.persist(&marker).map_err(|error| error.error))
        .map_err(LocalError::folder(&marker))?;
    Ok(())
}

/// Runs one step. It holds the lock too, through its input: if this process
/// is killed, the next one waits until the step has ended.
async fn step(
    name: &'static str,
    mut command: Command,
    folder: &Path,
    lock: &File,
) -> Result<(), LocalError> {
    let by_hand = in_words(command.as_std());
    let failed = |output: String| LocalError::Install {
        step: name,
        output,
        command: by_hand.clone(),
    };
    let input = lock
        .try_clone()
        .map_err(|error| failed(error.to_string()))?;
    // A user's settings of where pip installs are meant for other packages;
    // those of where it finds packages are kept.
    for variable in [
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
        "PIP_CONSTRAINT",
        "PIP_DRY_RUN",
    ] {
        command.env_remove(variable);
    }
    let output = command
        .env("PIP_USER", "0")
        .current_dir(folder)
        .stdin(Stdio::from(input))
        .kill_on_drop(true)
        .output()
        .await
        .map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(failed(last_lines(&output)))
    }
}

/// The command as a user would type it.
fn in_words(command: &std::process::Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quoted = words.map(|word: &OsStr| {
        let word = word.to_string_lossy();
        if word.contains(' ') {
            format!("\"{word}\"")
        } else {
            word.into_owned()
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// The end of what an installer said, which is where it says why it failed.
fn last_lines(output: &Output) -> String {
    let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    let lines = said.iter().flat_map(|text| text.lines()).map(str::trim_end);
    let lines: Vec<_> = lines
        .filter(|line| !line.trim().is_empty() && !line.starts_with("[notice]"))
        .collect();
    if lines.is_empty() {
        return format!("  it says nothing, and ended with {}", output.status);
    }
    let skipped = lines.len().saturating_sub(LINES);
    let shown = lines.iter().skip(skipped).map(|line| format!("  {line}"));
    shown.collect::<Vec<_>>().join("\n")
}

/// Removes installations of other versions, which nothing would ever use
/// again, except where a server runs from them. What cannot be removed stays:
/// that costs space, and nothing else.
async fn remove_others(cache: &Path, own: &Path) {
    // Elsewhere the lock of a running server is not known to hold.
    if !cfg!(unix) {
        return;
    }
    let Ok(entries) = fs::read_dir(cache) else {
        return;
    };
    for folder in entries.flatten().map(|entry| entry.path()) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        if !name.starts_with(PREFIX) || folder == own || !folder.is_dir() {
            continue;
        }
        if let Ok(in_use) = lock::open(&folder.join(IN_USE))
            && in_use.try_lock().is_ok()
        {
            let _ = tokio::fs::remove_dir_all(&folder).await;
        }
    }
}

fn package_folder(folder: &Path) -> PathBuf {
    folder.join(format!("server-{}", embedded::version()))
}

fn python_in(folder: &Path) -> PathBuf {
    let venv = folder.join("venv");
    if cfg!(windows) {
        venv.join("Scripts").join("python.exe")
    } else {
        venv.join("bin").join("python")
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn another_python_is_another_installation() {
        let python = |version: &str| Python {
            program: "python3".into(),
            version: version.to_owned(),
        };
        let one = fingerprint(&python("3.11.7"));
        assert_eq!(one, fingerprint(&python("3.11.7")));
        assert_ne!(one, fingerprint(&python("3.11.8")));
    }

    #[tokio::test]
    async fn removes_old_installations_that_nothing_uses() {
        let cache = tempfile::tempdir().unwrap();
        let folder = |name: &str| {
            let folder = cache.path().join(name);
            fs::create_dir(&folder).unwrap();
            folder
        };
        let (own, old) = (folder("endpoint-own"), folder("endpoint-old"));
        let (used, other) = (folder("endpoint-used"), folder("local"));
        let server = lock::open(&used.join(IN_USE)).unwrap();
        server.lock_shared().unwrap();
        remove_others(cache.path(), &own).await;
        assert!(own.exists() && used.exists() && other.exists());
        assert!(!old.exists());
    }

    #[tokio::test]
    async fn a_failed_step_shows_its_last_lines_and_the_command() {
        let folder = tempfile::tempdir().unwrap();
        let lock = lock::open(&folder.path().join("lock")).unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "seq 1 20; echo '[notice] x'; echo why >&2; exit 3"]);
        let error = step("pip install", command, folder.path(), &lock)
            .await
            .unwrap_err();
        let LocalError::Install {
            output, command, ..
        } = error
        else {
            panic!("{error}");
        };
        assert!(
            output.starts_with("  14\n") && output.ends_with("20\n  why"),
            "{output}"
        );
        assert!(command.starts_with("sh -c \"seq"), "{command}");
    }
}

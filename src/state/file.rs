//! The local store: a folder per stack.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::lock::{Held, Lock, LockError};
use super::{FORMAT_VERSION, Snapshot};

/// The folder that one stack's state lives in.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

/// Why state cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refuses.
    #[error("{} cannot be {doing}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// "read" or "written".
        doing: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a snapshot. It is left as it is.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The file was written by a newer s3net.
    #[error(
        "{} has format {found}, and this s3net knows formats up to {FORMAT_VERSION}",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u64,
    },
    /// The file belongs to another stack.
    #[error("{} is of stack `{found}`, not of `{wanted}`", path.display())]
    OtherStack {
        /// The file.
        path: PathBuf,
        /// The stack that it says.
        found: String,
        /// The stack that was asked for.
        wanted: String,
    },
    /// Another run holds the lock.
    #[error("another run has locked this stack: {0}")]
    Locked(Held),
}

impl StoreError {
    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::Io { doing: "read", .. } => "make the file readable, then run again".to_owned(),
            Self::Io { .. } => "free some space or make the folder writable, then run again: \
                 what AWS has is found by its tags"
                .to_owned(),
            Self::Damaged { path, .. } => format!(
                "nothing was changed. Restore the file from a backup, or move it away \
                 (`mv {0} {0}.damaged`): the stack is found again by its tags",
                path.display()
            ),
            Self::Newer { .. } => "use the s3net that wrote it, or a newer one".to_owned(),
            Self::OtherStack { .. } => {
                "give the stack its own folder, or name the right stack".to_owned()
            }
            Self::Locked(_) => "wait until it has ended, then run again".to_owned(),
        }
    }
}

impl Store {
    /// The store of a stack below a folder such as `state`.
    #[must_use]
    pub fn new(root: &Path, stack: &str) -> Self {
        Self {
            folder: root.join(stack),
        }
    }

    /// The snapshot's path.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join("state.json")
    }

    /// Takes the stack's lock for as long as the result lives.
    ///
    /// # Errors
    /// [`StoreError::Locked`] with its holder, or [`StoreError::Io`].
    pub fn lock(&self, command: &str) -> Result<Lock, StoreError> {
        self.make_folder()?;
        let path = self.folder.join("lock");
        Lock::take(&path, command).map_err(|error| match error {
            LockError::Held(held) => StoreError::Locked(held),
            LockError::Io(source) => StoreError::Io {
                path,
                doing: "written",
                source,
            },
        })
    }

    /// Reads the snapshot; a stack without one has a new one.
    ///
    /// # Errors
    /// Whatever is wrong with the file, which is left as it is.
    pub fn read(&self, stack: &str) -> Result<Snapshot, StoreError> {
        let path = self.path();
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Snapshot::new(stack)),
            Err(source) => {
                return Err(StoreError::Io {
                    path,
                    doing: "read",
                    source,
                });
            }
        };
        parse(&path, &text, stack)
    }

    /// Writes the snapshot whole: to a temporary file beside it, synced, then
    /// renamed over it, then the folder synced, so that a reader and a crash
    /// see the old one or the new one and nothing between.
    ///
    /// # Errors
    /// [`StoreError::Io`]; the old snapshot is then still there.
    pub fn write(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.make_folder()?;
        let path = self.path();
        write_whole(&self.folder, &path, snapshot).map_err(|source| StoreError::Io {
            path,
            doing: "written",
            source,
        })
    }

    fn make_folder(&self) -> Result<(), StoreError> {
        fs::create_dir_all(&self.folder).map_err(|source| StoreError::Io {
            path: self.folder.clone(),
            doing: "written",
            source,
        })
    }
}

fn write_whole(folder: &Path, path: &Path, snapshot: &Snapshot) -> std::io::Result<()> {
    // tempfile makes files with mode 0600.
    let mut file = tempfile::Builder::new()
        .prefix(".state-")
        .tempfile_in(folder)?;
    let mut text = serde_json::to_vec_pretty(snapshot)?;
    text.push(b'\n');
    file.write_all(&text)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // Windows has no way to sync a folder, and needs none.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn parse(path: &Path, text: &[u8], stack: &str) -> Result<Snapshot, StoreError> {
    let damaged = |reason: String| StoreError::Damaged {
        path: path.to_owned(),
        reason,
    };
    let json: serde_json::Value =
        serde_json::from_slice(text).map_err(|error| damaged(error.to_string()))?;
    let version = json
        .get("format_version")
        .and_then(serde_json::Value::as_u64)
        .ok_or_else(|| damaged("it has no format_version".to_owned()))?;
    if version > u64::from(FORMAT_VERSION) {
        return Err(StoreError::Newer {
            path: path.to_owned(),
            found: version,
        });
    }
    let snapshot: Snapshot =
        serde_json::from_value(json).map_err(|error| damaged(error.to_string()))?;
    if snapshot.stack != stack {
        return Err(StoreError::OtherStack {
            path: path.to_owned(),
            found: snapshot.stack,
            wanted: stack.to_owned(),
        });
    }
    Ok(snapshot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_is_read_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), "lab");
        let mut snapshot = store.read("lab").unwrap();
        snapshot.serial = 7;
        store.write(&snapshot).unwrap();
        assert_eq!(store.read("lab").unwrap(), snapshot);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(store.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn another_stack_and_a_newer_form_are_refused() {
        let path = Path::new("state.json");
        let mut json = serde_json::to_value(Snapshot::new("lab")).unwrap();
        let text = serde_json::to_vec(&json).unwrap();
        assert!(matches!(
            parse(path, &text, "prod"),
            Err(StoreError::OtherStack { .. })
        ));
        json["format_version"] = 99.into();
        let text = serde_json::to_vec(&json).unwrap();
        assert!(matches!(
            parse(path, &text, "lab"),
            Err(StoreError::Newer { found: 99, .. })
        ));
    }

    #[test]
    fn a_second_run_is_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path(), "lab");
        let first = store.lock("s3net apply").unwrap();
        let Err(StoreError::Locked(held)) = store.lock("s3net destroy") else {
            panic!("the lock was given twice");
        };
        assert!(held.to_string().contains("s3net apply"));
        drop(first);
        store.lock("s3net destroy").unwrap();
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_snapshot_or_an_error(text in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(Path::new("state.json"), &text, "lab");
        }
    }
}

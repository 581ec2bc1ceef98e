//! State in a folder of this machine.
//!
//! ```text
//! state/<stack>/state.json      the snapshot, 0600, written whole and renamed
//! state/<stack>/journal.jsonl   the journal, 0600, there while a run is open
//! state/<stack>/lock            locked by the run that may write the others
//! state/<stack>/*.backup        what `state rebuild` replaced
//! ```
//!
//! The lock is the operating system's, so it is gone when its holder is, however
//! that died.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;

use super::backend::{Backend, Guard, Lock, Part};
use super::{Held, StoreError};

/// Longer than it takes to ask who holds a lock.
const BLINK: Duration = Duration::from_millis(20);

/// The folder that one stack's state lives in.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A folder, which need not be there yet.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn file(&self, part: Part) -> PathBuf {
        self.path.join(match part {
            Part::Snapshot => "state.json",
            Part::Journal => "journal.jsonl",
            Part::Lock => "lock",
        })
    }

    fn make(&self) -> Result<(), StoreError> {
        fs::create_dir_all(&self.path)
            .map_err(|error| StoreError::io(self.path.display().to_string(), "written", &error))
    }

    /// Does something with the disk where it may take its time.
    async fn with_disk<T: Send + 'static>(
        &self,
        part: Part,
        work: impl FnOnce(&Path, &Path) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.make()?;
        let (folder, file) = (self.path.clone(), self.file(part));
        let done = tokio::task::spawn_blocking(move || work(&folder, &file)).await;
        done.map_err(std::io::Error::other)
            .flatten()
            .map_err(|error| StoreError::io(self.name(part), "written", &error))
    }
}

#[async_trait]
impl Backend for Folder {
    fn name(&self, part: Part) -> String {
        self.file(part).display().to_string()
    }

    async fn read(&self, part: Part) -> Result<Option<Vec<u8>>, StoreError> {
        match fs::read(self.file(part)) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io(self.name(part), "read", &error)),
        }
    }

    async fn write_snapshot(&self, text: Vec<u8>) -> Result<(), StoreError> {
        self.with_disk(Part::Snapshot, move |folder, file| {
            replace(folder, file, &text)
        })
        .await
    }

    async fn begin_journal(&self, text: Vec<u8>) -> Result<(), StoreError> {
        self.with_disk(Part::Journal, move |folder, file| {
            replace(folder, file, &text)
        })
        .await
    }

    async fn append_journal(&self, text: Vec<u8>) -> Result<(), StoreError> {
        self.with_disk(Part::Journal, move |_, file| {
            // Never made anew: a journal without its first line is no journal.
            let mut file = OpenOptions::new().append(true).open(file)?;
            file.write_all(&text)?;
            file.sync_data()
        })
        .await
    }

    async fn remove_journal(&self) -> Result<(), StoreError> {
        self.with_disk(Part::Journal, |folder, file| match fs::remove_file(file) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => sync_folder(folder),
        })
        .await
    }

    async fn back_up(&self, part: Part, ending: &str) -> Result<Option<String>, StoreError> {
        let Some(text) = self.read(part).await? else {
            return Ok(None);
        };
        let mut copy = self.file(part).into_os_string();
        copy.push(format!(".{ending}.backup"));
        let copy = PathBuf::from(copy);
        let name = copy.display().to_string();
        self.with_disk(part, move |folder, _| keep(folder, &copy, &text))
            .await?;
        Ok(Some(name))
    }

    async fn lock(&self, holder: &Held) -> Result<Lock, StoreError> {
        self.make()?;
        let failed = |error| StoreError::io(self.name(Part::Lock), "written", &error);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        // As private as what it guards: it names its holder.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(self.file(Part::Lock)).map_err(failed)?;
        let mut tries = 0;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                // Somebody who only asks holds it too, for a blink.
                Err(TryLockError::WouldBlock) if tries < 3 => {
                    tries += 1;
                    tokio::time::sleep(BLINK).await;
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(StoreError::Locked(said_in(&mut file)));
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        let text =
            serde_json::to_vec(holder).map_err(|error| failed(std::io::Error::other(error)))?;
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(&text))
            .map_err(failed)?;
        Ok(Lock::new(Locked { file }))
    }

    async fn holder(&self) -> Result<Option<Held>, StoreError> {
        let failed = |error| StoreError::io(self.name(Part::Lock), "read", &error);
        let mut file = match File::open(self.file(Part::Lock)) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(said_in(&mut file))),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    fn lock_ends_with_its_holder(&self) -> bool {
        true
    }

    async fn unlock(&self, holder: &Held) -> Result<(), StoreError> {
        // The system holds the lock only for a process that lives.
        match self.holder().await? {
            None => Ok(()),
            Some(held) => Err(StoreError::Alive(if held.command.is_empty() {
                holder.clone()
            } else {
                held
            })),
        }
    }
}

/// The system's lock, for as long as the file is open.
#[derive(Debug)]
struct Locked {
    file: File,
}

#[async_trait]
impl Guard for Locked {
    async fn release(self: Box<Self>) -> Result<(), StoreError> {
        // Closing the file would do, and cannot say that it failed.
        drop(self.file.unlock());
        Ok(())
    }
}

/// Who a lock file says that holds it. The holder may be just writing: then
/// nobody is named.
fn said_in(file: &mut File) -> Held {
    let mut text = String::new();
    let _ = file.read_to_string(&mut text);
    serde_json::from_str(&text).unwrap_or_default()
}

fn replace(folder: &Path, path: &Path, text: &[u8]) -> std::io::Result<()> {
    // tempfile makes files with mode 0600.
    let mut file = tempfile::Builder::new()
        .prefix(".state-")
        .tempfile_in(folder)?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

/// Writes a file that must not be there yet.
fn keep(folder: &Path, path: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut file = tempfile::Builder::new()
        .prefix(".state-")
        .tempfile_in(folder)?;
    file.write_all(text)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

fn sync_folder(folder: &Path) -> std::io::Result<()> {
    // Windows has no way to sync a folder, and needs none.
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_second_run_is_told_who_holds_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::new(folder.path().join("lab"));
        let me = |command| Held::by_this_process(command);
        assert_eq!(folder.holder().await.unwrap(), None);
        let first = folder.lock(&me("s3net apply")).await.unwrap();
        let Err(StoreError::Locked(held)) = folder.lock(&me("s3net destroy")).await else {
            panic!("the lock was given twice");
        };
        assert!(held.to_string().contains("s3net apply"));
        assert_eq!(folder.holder().await.unwrap(), Some(held));
        first.release().await.unwrap();
        assert_eq!(folder.holder().await.unwrap(), None);
        folder.lock(&me("s3net destroy")).await.unwrap();
    }

    #[tokio::test]
    async fn a_copy_is_made_of_whatever_is_there_and_overwrites_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::new(folder.path().join("lab"));
        assert_eq!(folder.back_up(Part::Snapshot, "1").await.unwrap(), None);
        folder
            .write_snapshot(b"\xffrubbish".to_vec())
            .await
            .unwrap();
        let copy = folder.back_up(Part::Snapshot, "1").await.unwrap().unwrap();
        assert!(copy.ends_with("state.json.1.backup"), "{copy}");
        assert_eq!(fs::read(&copy).unwrap(), b"\xffrubbish");
        folder.write_snapshot(b"new".to_vec()).await.unwrap();
        assert!(folder.back_up(Part::Snapshot, "1").await.is_err());
        assert_eq!(fs::read(&copy).unwrap(), b"\xffrubbish");
    }

    #[tokio::test]
    async fn a_journal_that_was_not_begun_is_not_added_to() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::new(folder.path().join("lab"));
        assert!(folder.append_journal(b"x\n".to_vec()).await.is_err());
        assert_eq!(folder.read(Part::Journal).await.unwrap(), None);
        folder.begin_journal(b"a\n".to_vec()).await.unwrap();
        folder.append_journal(b"b\n".to_vec()).await.unwrap();
        let text = folder.read(Part::Journal).await.unwrap();
        assert_eq!(text.as_deref(), Some(&b"a\nb\n"[..]));
        folder.remove_journal().await.unwrap();
        folder.remove_journal().await.unwrap();
        assert_eq!(folder.read(Part::Journal).await.unwrap(), None);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::new(folder.path().join("lab"));
        folder.write_snapshot(b"{}".to_vec()).await.unwrap();
        folder.begin_journal(b"a\n".to_vec()).await.unwrap();
        folder.append_journal(b"b\n".to_vec()).await.unwrap();
        for part in [Part::Snapshot, Part::Journal] {
            let mode = fs::metadata(folder.file(part))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{part:?}");
        }
    }
}

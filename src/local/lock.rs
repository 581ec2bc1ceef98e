//! A lock between processes: one file, held as long as it is open.
//!
//! The system frees it when its holder ends, however it ends, so that nothing
//! is ever locked by a dead process.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

use super::{LocalError, Progress};

const FIRST_GAP: Duration = Duration::from_millis(10);
const LONGEST_GAP: Duration = Duration::from_millis(200);
/// After this time the user is told that there is a wait.
const PATIENCE: Duration = Duration::from_secs(1);
/// An installation over a slow line takes minutes.
const LIMIT: Duration = Duration::from_secs(900);

/// Takes the lock, waiting while another process has it.
///
/// # Errors
/// [`LocalError::Folder`] where the file cannot be made or the file system has
/// no locks; [`LocalError::Locked`] after a quarter of an hour.
pub(super) async fn take(path: &Path, progress: Progress<'_>) -> Result<File, LocalError> {
    let file = open(path)?;
    let start = Instant::now();
    let mut gap = FIRST_GAP;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(LocalError::folder(path)(error)),
            Err(TryLockError::WouldBlock) if start.elapsed() > LIMIT => {
                return Err(LocalError::Locked(path.to_owned()));
            }
            Err(TryLockError::WouldBlock) => {
                if !told && start.elapsed() > PATIENCE {
                    progress("waiting for another s3net, which sets the local AWS endpoint up");
                    told = true;
                }
                tokio::time::sleep(gap).await;
                gap = (gap * 2).min(LONGEST_GAP);
            }
        }
    }
}

/// Opens a lock's file without taking the lock.
pub(super) fn open(path: &Path) -> Result<File, LocalError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(LocalError::folder(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let first = take(&path, &|_| ()).await.unwrap();
        let second = take(&path, &|_| ());
        let waited = tokio::time::timeout(Duration::from_millis(100), second).await;
        assert!(waited.is_err(), "the lock was free");
        drop(first);
        take(&path, &|_| ()).await.unwrap();
    }
}

//! The lock: one run at a time may change a stack.
//!
//! The lock is the operating system's, so it is gone when its holder is, however
//! that died. Who holds it stands in the file, for the one who has to wait.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Who holds a lock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The user's name, as far as the environment tells.
    pub user: String,
    /// The process.
    pub pid: u32,
    /// The command.
    pub command: String,
    /// Since when, RFC 3339.
    pub since: String,
}

impl fmt::Display for Held {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.command.is_empty() {
            return out.write_str("its holder has not said who it is");
        }
        write!(
            out,
            "`{}` (process {}, {}) since {}",
            self.command, self.pid, self.user, self.since
        )
    }
}

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// Why a lock was not taken.
#[derive(Debug)]
pub(super) enum LockError {
    /// Somebody has it.
    Held(Held),
    /// The operating system refuses.
    Io(std::io::Error),
}

impl Lock {
    pub(super) fn take(path: &Path, command: &str) -> Result<Self, LockError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(LockError::Io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // The holder may be just writing: then nobody is named.
                let _ = file.read_to_string(&mut text);
                return Err(LockError::Held(
                    serde_json::from_str(&text).unwrap_or_default(),
                ));
            }
            Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
        }
        let held = Held {
            user: ["USER", "USERNAME", "LOGNAME"]
                .iter()
                .find_map(|name| std::env::var(name).ok())
                .unwrap_or_else(|| "unknown user".to_owned()),
            pid: std::process::id(),
            command: command.to_owned(),
            since: jiff::Timestamp::now()
                .strftime("%Y-%m-%dT%H:%M:%SZ")
                .to_string(),
        };
        let text = serde_json::to_string(&held)
            .map_err(|error| LockError::Io(std::io::Error::other(error)))?;
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(text.as_bytes()))
            .map_err(LockError::Io)?;
        Ok(Self { _file: file })
    }
}

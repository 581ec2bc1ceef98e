//! What is remembered of a running server between two commands.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::LocalError;

/// The content of `endpoint.json`. It is a claim to be checked, never a proof:
/// the machine may have been restarted since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Where the server listens, such as `http://127.0.0.1:40123`.
    pub url: String,
    /// The server's process.
    pub pid: u32,
    /// Which files it runs, see [`super::version`].
    pub version: String,
    /// When it was started.
    pub started: Timestamp,
    /// The folder that it runs from.
    pub installation: PathBuf,
}

impl Record {
    /// The record in a file, where there is a readable one. A damaged record
    /// is as good as none: a new server will write a new one.
    pub(super) fn read(path: &Path) -> Option<Self> {
        let record: Self = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        record.port().is_some().then_some(record)
    }

    /// Writes the record at once: a reader sees the old one or the new one.
    pub(super) fn write(&self, path: &Path) -> Result<(), LocalError> {
        let write = || {
            let folder = path.parent().unwrap_or(Path::new("."));
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            serde_json::to_writer_pretty(&mut file, self)?;
            file.write_all(b"\n")?;
            file.persist(path).map_err(|error| error.error)?;
            Ok(())
        };
        write().map_err(LocalError::folder(path))
    }

    /// The port on this machine at which the server listens.
    pub(super) fn port(&self) -> Option<u16> {
        let port = self.url.strip_prefix("http://127.0.0.1:")?;
        port.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(url: &str) -> Record {
        Record {
            url: url.to_owned(),
            pid: 4711,
            version: "0123456789ab".to_owned(),
            started: "2025-11-21T22:00:00Z".parse().unwrap(),
            installation: "/cache/endpoint-1".into(),
        }
    }

    #[test]
    fn reads_what_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("endpoint.json");
        assert_eq!(Record::read(&path), None);
        let written = record("http://127.0.0.1:40123");
        written.write(&path).unwrap();
        assert_eq!(Record::read(&path), Some(written.clone()));
        assert_eq!(written.port(), Some(40123));
    }

    #[test]
    fn a_damaged_record_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("endpoint.json");
        for text in ["", "{}", "{\"url\":", "[1]", "\u{0}"] {
            fs::write(&path, text).unwrap();
            assert_eq!(Record::read(&path), None, "{text}");
        }
        for url in [
            "http://10.0.0.1:80",
            "http://127.0.0.1:99999",
            "http://127.0.0.1",
            "",
        ] {
            record(url).write(&path).unwrap();
            assert_eq!(Record::read(&path), None, "{url}");
        }
    }
}

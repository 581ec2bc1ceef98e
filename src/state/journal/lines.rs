//! Records as lines, each with a checksum that goes on from the line before.

use sha2::{Digest, Sha256};

use super::super::StoreError;
use super::{JOURNAL_VERSION, Record};

/// How many hexadecimal digits of the checksum stand in a line.
const DIGITS: usize = 16;

/// The checksum so far; the next line's goes on from it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Chain(Vec<u8>);

impl Chain {
    /// Takes a line's JSON in; gives the checksum that stands before it.
    fn link(&mut self, json: &[u8]) -> String {
        let mut hash = Sha256::new();
        hash.update(&self.0);
        hash.update(json);
        self.0 = hash.finalize().to_vec();
        self.0
            .iter()
            .take(DIGITS / 2)
            .map(|b| format!("{b:02x}"))
            .collect()
    }

    /// A record as a line.
    pub(super) fn line(&mut self, record: &Record) -> Result<Vec<u8>, serde_json::Error> {
        let json = serde_json::to_vec(record)?;
        let mut line = self.link(&json).into_bytes();
        line.push(b' ');
        line.extend(json);
        line.push(b'\n');
        Ok(line)
    }
}

/// A journal as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The records, in order.
    pub records: Vec<Record>,
    /// Whether the last line was torn by a kill, and dropped.
    pub torn: bool,
}

/// Reads a journal's bytes.
///
/// # Errors
/// [`StoreError::Damaged`] with the line, or [`StoreError::Newer`].
pub fn parse(name: &str, text: &[u8]) -> Result<Parsed, StoreError> {
    let damaged = |line: usize, reason: &str| StoreError::Damaged {
        name: name.to_owned(),
        line: Some(line + 1),
        reason: reason.to_owned(),
    };
    let mut parsed = Parsed::default();
    let mut chain = Chain::default();
    for (number, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let Some(line) = line.strip_suffix(b"\n") else {
            // Lines are written whole, so only a kill leaves one without an end.
            parsed.torn = true;
            break;
        };
        let (sum, json) = line
            .split_at_checked(DIGITS)
            .ok_or_else(|| damaged(number, "it is too short"))?;
        let json = json
            .strip_prefix(b" ")
            .ok_or_else(|| damaged(number, "it has no checksum"))?;
        if chain.link(json).as_bytes() != sum {
            let reason = "its checksum is wrong: it, or a line before it, was changed";
            return Err(damaged(number, reason));
        }
        if number == 0 {
            check_version(name, json)?;
        }
        let record =
            serde_json::from_slice(json).map_err(|error| damaged(number, &error.to_string()))?;
        parsed.records.push(record);
    }
    Ok(parsed)
}

/// Refuses what a newer s3net wrote, before its unknown fields are stumbled on.
fn check_version(name: &str, json: &[u8]) -> Result<(), StoreError> {
    let version = serde_json::from_slice::<serde_json::Value>(json)
        .ok()
        .and_then(|json| json.get("format_version")?.as_u64());
    match version {
        Some(found) if found > u64::from(JOURNAL_VERSION) => Err(StoreError::Newer {
            name: name.to_owned(),
            found,
        }),
        _ => Ok(()),
    }
}

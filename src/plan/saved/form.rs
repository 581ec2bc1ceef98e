//! The file of a saved plan: JSON with a seal over every byte of it.
//!
//! ```text
//! {"s3net_saved_plan":1,
//! "sha256":"9f86d081…",          over the first line and the third
//! "plan":{…}}
//! ```
//!
//! The seal tells damage, not deceit: who can write the file can seal it. What a
//! deceiver could win by that is nothing, since `apply` plans anew.

use super::SavedPlan;
use super::seal::hash_of_text;

/// The version of the form that this program writes, and the only one that it
/// reads: a saved plan is not meant to last.
pub const FORMAT_VERSION: u32 = 1;

const OPENING: &str = "{\"s3net_saved_plan\":";
const SEAL: &str = ",\n\"sha256\":\"";
const CONTENT: &str = "\",\n\"plan\":";
const END: &str = "}\n";
/// How many characters a SHA-256 has in hexadecimal.
const HASH: usize = 64;

/// Why a saved plan cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SavedPlanError {
    /// It is something else.
    #[error("it is no saved plan")]
    NotOne,
    /// Another s3net wrote it.
    #[error("it has format {found}, and this s3net knows format {FORMAT_VERSION}")]
    OtherFormat {
        /// Its format.
        found: u32,
    },
    /// It is not as it was written.
    #[error("{reason}")]
    Damaged {
        /// What is wrong with it.
        reason: String,
    },
}

/// Whether a file that begins so means to be a saved plan. No plan file begins so.
#[must_use]
pub fn is_one(beginning: &[u8]) -> bool {
    beginning.starts_with(b"{")
}

/// Whether a file that begins so was a saved plan, whatever became of it.
#[must_use]
pub fn begins(beginning: &[u8]) -> bool {
    beginning.starts_with(OPENING.as_bytes())
}

/// The bytes of a saved plan's file.
///
/// # Errors
/// What has no form as JSON; nothing that the planner makes is so.
pub fn write(plan: &SavedPlan) -> Result<Vec<u8>, serde_json::Error> {
    let content = serde_json::to_string(plan)?;
    let seal = seal(FORMAT_VERSION, &content);
    Ok(format!("{OPENING}{FORMAT_VERSION}{SEAL}{seal}{CONTENT}{content}{END}").into_bytes())
}

/// Reads a saved plan's file.
///
/// # Errors
/// [`SavedPlanError`].
pub fn read(bytes: &[u8]) -> Result<SavedPlan, SavedPlanError> {
    let damaged = |reason: &str| SavedPlanError::Damaged {
        reason: reason.to_owned(),
    };
    let rest = bytes.strip_prefix(OPENING.as_bytes());
    let rest = rest.ok_or(SavedPlanError::NotOne)?;
    let text = std::str::from_utf8(rest).map_err(|_| damaged("it is no UTF-8 text"))?;
    let cut = || damaged("it is cut off, or was changed by hand");
    let (version, text) = text.split_once(SEAL).ok_or_else(cut)?;
    let version: u32 = version.parse().map_err(|_| cut())?;
    if version != FORMAT_VERSION {
        return Err(SavedPlanError::OtherFormat { found: version });
    }
    let (written, text) = text.split_at_checked(HASH).ok_or_else(cut)?;
    let content = text.strip_prefix(CONTENT).ok_or_else(cut)?;
    let content = content.strip_suffix(END).ok_or_else(cut)?;
    if written != seal(version, content) {
        return Err(damaged("its content does not fit its SHA-256"));
    }
    serde_json::from_str(content).map_err(|error| damaged(&error.to_string()))
}

fn seal(version: u32, content: &str) -> String {
    hash_of_text(format!("{version}\n{content}").as_bytes())
}

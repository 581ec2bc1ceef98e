//! Where stacks keep their state, as a user writes it.

use std::fmt;
use std::path::PathBuf;

/// Where stacks keep their state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateLocation {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket, and what its keys begin with.
    Bucket {
        /// The bucket's name.
        bucket: String,
        /// The prefix without slashes around it; empty for the whole bucket.
        prefix: String,
    },
}

impl StateLocation {
    /// Reads `s3://bucket/prefix` or a folder's path.
    ///
    /// # Errors
    /// What is wrong with it, and what to write.
    pub fn parse(text: &str) -> Result<Self, (String, String)> {
        let example = "write a folder such as \"state\", or \"s3://bucket/prefix\"";
        let wrong = |problem: String| Err((problem, example.to_owned()));
        if text.trim().is_empty() {
            return wrong("an empty text names no place".to_owned());
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Ok(Self::Folder(PathBuf::from(text)));
        };
        if scheme != "s3" {
            return wrong(format!("state cannot be kept at `{scheme}://`"));
        }
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if !is_bucket_name(bucket) {
            return Err((
                format!("`{bucket}` cannot be a bucket's name"),
                "3 to 63 characters: a-z, 0-9, dots and hyphens, a letter or digit at \
                 both ends"
                    .to_owned(),
            ));
        }
        let prefix = prefix.trim_matches('/');
        let unfit = prefix.split('/').any(|part| matches!(part, "." | ".."))
            || prefix.contains("//")
            || prefix.len() > 512
            || prefix.chars().any(|c| c.is_control() || c == '\\');
        if unfit {
            return wrong(format!("`{prefix}` cannot be the beginning of keys"));
        }
        Ok(Self::Bucket {
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
        })
    }

    /// The bucket, where it is one.
    #[must_use]
    pub fn bucket(&self) -> Option<&str> {
        match self {
            Self::Folder(_) => None,
            Self::Bucket { bucket, .. } => Some(bucket),
        }
    }
}

impl fmt::Display for StateLocation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => write!(out, "{}", path.display()),
            Self::Bucket { bucket, prefix } if prefix.is_empty() => write!(out, "s3://{bucket}"),
            Self::Bucket { bucket, prefix } => write!(out, "s3://{bucket}/{prefix}"),
        }
    }
}

/// Amazon S3 user guide, "General purpose bucket naming rules", as far as a
/// mistake in typing would break them.
fn is_bucket_name(name: &str) -> bool {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    let end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    (3..=63).contains(&name.len())
        && name.chars().all(inside)
        && end(name.chars().next())
        && end(name.chars().next_back())
        && !name.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_bucket() {
        for (text, shown) in [
            ("state", "state"),
            ("/var/lib/s3net", "/var/lib/s3net"),
            ("s3://team-state", "s3://team-state"),
            ("s3://team-state/", "s3://team-state"),
            ("s3://team-state/labs/one/", "s3://team-state/labs/one"),
        ] {
            let place = StateLocation::parse(text).unwrap();
            assert_eq!(place.to_string(), shown);
            assert_eq!(place.bucket().is_some(), text.starts_with("s3:"));
        }
    }

    #[test]
    fn what_cannot_be_a_place_is_said() {
        for text in [
            "",
            " ",
            "s3://",
            "s3://Team",
            "s3://a",
            "s3://team/a//b",
            "s3://team/../other",
            "s3:///labs",
            "gs://team",
            "s3://team.",
        ] {
            assert!(StateLocation::parse(text).is_err(), "{text}");
        }
    }
}

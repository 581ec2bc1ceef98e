//! Finds a Python that can run the server.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::LocalError;

/// The oldest Python that the server's packages run on (moto 5.2 on PyPI:
/// "Requires: Python >=3.10").
pub(super) const MINIMUM: (u32, u32) = (3, 10);

/// Names the Python to use.
pub(super) const PYTHON: &str = "S3NET_PYTHON";

/// What is tried in turn. The names with a version find a new Python beside a
/// system's old one.
const NAMES: &[&str] = if cfg!(windows) {
    &["python", "python3", "py"]
} else {
    &[
        "python3",
        "python3.14",
        "python3.13",
        "python3.12",
        "python3.11",
        "python3.10",
        "python",
    ]
};

/// Runs on any Python, so that an old one can say how old it is.
const QUESTION: &str = "\
import sys
print('%d.%d.%d' % sys.version_info[:3])
try:
    import ensurepip, venv
    print('venv')
except ImportError:
    print('no venv')
";

const LIMIT: Duration = Duration::from_secs(30);

/// A Python that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Python {
    /// How to call it.
    pub program: PathBuf,
    /// Such as `3.11.7`.
    pub version: String,
}

/// The first Python that fits: `S3NET_PYTHON` alone if it is set, else what
/// the PATH has.
///
/// # Errors
/// That of the Python that came nearest.
pub(super) async fn find() -> Result<Python, LocalError> {
    if let Some(named) = env::var_os(PYTHON).filter(|value| !value.is_empty()) {
        return ask(Path::new(&named)).await;
    }
    let mut nearest: Option<LocalError> = None;
    for name in NAMES {
        match ask(Path::new(name)).await {
            Ok(python) => return Ok(python),
            Err(error)
                if nearest
                    .as_ref()
                    .is_none_or(|other| rank(&error) > rank(other)) =>
            {
                nearest = Some(error);
            }
            Err(_) => {}
        }
    }
    Err(match nearest {
        Some(error) if rank(&error) > 0 => error,
        _ => LocalError::NoPython(NAMES.iter().map(|name| (*name).to_owned()).collect()),
    })
}

/// How near a Python came to fitting.
fn rank(error: &LocalError) -> u8 {
    match error {
        LocalError::NoVenv { .. } => 3,
        LocalError::PythonTooOld { .. } => 2,
        LocalError::PythonFails { .. } => 1,
        _ => 0,
    }
}

async fn ask(program: &Path) -> Result<Python, LocalError> {
    let fails = |reason: String| LocalError::PythonFails {
        python: program.to_owned(),
        reason,
    };
    // -E: no variable that is meant for other programs shall matter.
    let asked = Command::new(program)
        .args(["-E", "-c", QUESTION])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = match timeout(LIMIT, asked).await {
        Ok(Ok(output)) => output,
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
            return Err(LocalError::NoPython(vec![program.display().to_string()]));
        }
        Ok(Err(error)) => return Err(fails(error.to_string())),
        Err(_) => return Err(fails(format!("no answer within {} s", LIMIT.as_secs()))),
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().rfind(|line| !line.trim().is_empty());
        return Err(fails(last.unwrap_or("it says nothing").trim().to_owned()));
    }
    judge(program, &String::from_utf8_lossy(&output.stdout))
}

/// Reads the answer to [`QUESTION`].
fn judge(program: &Path, answer: &str) -> Result<Python, LocalError> {
    let mut lines = answer.lines().map(str::trim);
    let version = lines.next().unwrap_or_default().to_owned();
    let mut numbers = version.split('.').map(str::parse::<u32>);
    let (Some(Ok(major)), Some(Ok(minor))) = (numbers.next(), numbers.next()) else {
        return Err(LocalError::PythonFails {
            python: program.to_owned(),
            reason: format!("it gives {version:?} as its version"),
        });
    };
    let program = program.to_owned();
    if (major, minor) < MINIMUM {
        Err(LocalError::PythonTooOld {
            python: program,
            version,
        })
    } else if lines.next() == Some("venv") {
        Ok(Python { program, version })
    } else {
        Err(LocalError::NoVenv {
            python: program,
            version,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_the_answer() {
        let judge = |answer| judge(Path::new("python3"), answer);
        assert_eq!(judge("3.11.7\nvenv\n").unwrap().version, "3.11.7");
        assert_eq!(judge("3.10.0\r\nvenv\r\n").unwrap().version, "3.10.0");
        assert!(matches!(
            judge("3.11.2\nno venv\n"),
            Err(LocalError::NoVenv { .. })
        ));
        for old in ["3.9.20\nvenv\n", "2.7.18\nno venv\n"] {
            assert!(
                matches!(judge(old), Err(LocalError::PythonTooOld { .. })),
                "{old}"
            );
        }
        for odd in ["", "hello\nvenv", "3", "3.x\nvenv"] {
            assert!(
                matches!(judge(odd), Err(LocalError::PythonFails { .. })),
                "{odd}"
            );
        }
    }
}

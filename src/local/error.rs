//! What can go wrong with the local endpoint, and the command that mends it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::account::{ACCOUNT, VARIABLE};
use super::python::{MINIMUM, PYTHON};

/// Why there is no local endpoint. The text says the problem and its cause,
/// [`LocalError::remedy`] what to do.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// Nothing tells where the user's files are.
    #[error("no cache folder is known: neither S3NET_CACHE nor XDG_CACHE_HOME nor {HOME} is set")]
    NoCacheFolder,
    /// A file or folder cannot be made, read or locked.
    #[error("{} cannot be used: {source}", path.display())]
    Folder {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another process has held a lock for a quarter of an hour.
    #[error("another s3net has held {} for too long", .0.display())]
    Locked(PathBuf),
    /// `S3NET_LOCAL_ACCOUNT` is no account id.
    #[error("{VARIABLE} is {0:?}, which is no AWS account id")]
    BadAccount(String),
    /// There is no Python.
    #[error("no Python is found: the local AWS endpoint is a Python program (tried: {})", .0.join(", "))]
    NoPython(Vec<String>),
    /// There is a Python, which does not run.
    #[error("{} does not run: {reason}", python.display())]
    PythonFails {
        /// Which one.
        python: PathBuf,
        /// What it says.
        reason: String,
    },
    /// The Python found is too old for the server.
    #[error(
        "{} is Python {version}, but the local AWS endpoint needs {}.{} or later",
        python.display(), MINIMUM.0, MINIMUM.1
    )]
    PythonTooOld {
        /// Which one.
        python: PathBuf,
        /// Its version.
        version: String,
    },
    /// The Python found cannot make virtual environments.
    #[error(
        "{} (Python {version}) cannot make a virtual environment: \
         its modules venv and ensurepip are not installed", python.display()
    )]
    NoVenv {
        /// Which one.
        python: PathBuf,
        /// Its version.
        version: String,
    },
    /// A step of the installation failed.
    #[error("the local AWS endpoint cannot be installed: {step} failed\n{output}")]
    Install {
        /// What was tried.
        step: &'static str,
        /// Its last lines.
        output: String,
        /// How a user tries the same by hand.
        command: String,
    },
    /// The port cannot be listened at.
    #[error("port {port} cannot be used: {source}")]
    Port {
        /// Which one.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// It runs, but not where the user wants it.
    #[error("the local AWS endpoint already runs, at {url}, and not at port {port}")]
    OtherPort {
        /// Where it runs.
        url: String,
        /// Where it is wanted.
        port: u16,
    },
    /// The server ended before it was ready.
    #[error("the local AWS endpoint ended at its start ({status})\n{output}")]
    Died {
        /// How it ended.
        status: String,
        /// Its last lines.
        output: String,
        /// The file with all its lines.
        log: PathBuf,
    },
    /// The server started and then never said that it is ready.
    #[error("the local AWS endpoint was not ready {} s after its start\n{output}", limit.as_secs())]
    NeverReady {
        /// How long it had.
        limit: Duration,
        /// Its last lines.
        output: String,
        /// The file with all its lines.
        log: PathBuf,
    },
    /// The server runs and does not answer.
    #[error("the local AWS endpoint at {url} (process {pid}) runs, but does not answer")]
    Silent {
        /// Where it should answer.
        url: String,
        /// Its process.
        pid: u32,
    },
    /// The server does not end.
    #[error("the local AWS endpoint (process {pid}) does not end: {reason}")]
    Stop {
        /// Its process.
        pid: u32,
        /// What the system says.
        reason: String,
    },
    /// The server did not drop its data.
    #[error("the local AWS endpoint did not drop its data: {0}")]
    Reset(String),
    /// The server does not take a setting or a fault.
    #[error("the local AWS endpoint does not take `{text}`: {reason}")]
    Order {
        /// What the user wrote.
        text: String,
        /// What the server says.
        reason: String,
    },
}

/// The variable that names the user's home folder.
const HOME: &str = if cfg!(windows) {
    "LOCALAPPDATA"
} else {
    "HOME"
};

impl LocalError {
    /// `fs::….map_err(LocalError::folder(path))`
    pub(super) fn folder(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Folder {
            path: path.to_owned(),
            source,
        }
    }

    /// What the user can do about it, with the command to type.
    #[must_use]
    pub fn remedy(&self) -> String {
        match self {
            Self::NoCacheFolder => {
                format!(
                    "name a folder: `{}`, then run again",
                    setting("S3NET_CACHE", "/some/folder")
                )
            }
            Self::Folder { path, source } => folder_remedy(path, source),
            Self::Locked(path) => format!(
                "see who holds it (`fuser {}`) and end that process, then run again",
                path.display()
            ),
            Self::BadAccount(_) => format!(
                "give twelve digits, such as `{}`, or unset it to use {ACCOUNT}",
                setting(VARIABLE, "111122223333")
            ),
            Self::NoPython(_) => format!(
                "install it: `{}`; or name one: `{}`; then run again",
                INSTALL_PYTHON,
                setting(PYTHON, "/path/to/python3")
            ),
            Self::PythonFails { python, .. } => format!(
                "see what `{} --version` says, or name another: `{}`",
                python.display(),
                setting(PYTHON, "/path/to/python3")
            ),
            Self::PythonTooOld { .. } => format!(
                "install a newer one and name it: `{}`, then run again",
                setting(PYTHON, "/path/to/python3.12")
            ),
            Self::NoVenv { version, .. } => no_venv_remedy(version),
            Self::Install {
                output, command, ..
            } => install_remedy(output, command),
            Self::Port { port, source } => match source.kind() {
                io::ErrorKind::PermissionDenied => {
                    "take a port above 1023, or leave `--port` out to get a free one".to_owned()
                }
                _ => format!(
                    "leave `--port` out to get a free one, or end what listens there \
                     (`{}` names it)",
                    if cfg!(windows) {
                        format!("netstat -ano | findstr :{port}")
                    } else if cfg!(target_os = "macos") {
                        format!("lsof -nP -iTCP:{port} -sTCP:LISTEN")
                    } else {
                        format!("ss -ltnp 'sport = :{port}'")
                    }
                ),
            },
            Self::OtherPort { port, .. } => format!(
                "leave `--port` out, or stop it first, which drops its data: \
                 `s3net local stop && s3net local start --port {port}`"
            ),
            Self::Died { log, .. } => format!(
                "install it afresh: `s3net local start --reinstall`; if that does not help, \
                 report it with {}",
                log.display()
            ),
            Self::NeverReady { log, .. } => format!(
                "try again when the machine is less busy: `s3net local start`; \
                 its log is {}",
                log.display()
            ),
            Self::Silent { .. } => "if it is not merely busy, replace it, which drops its data: \
                                    `s3net local stop && s3net local start`"
                .to_owned(),
            Self::Stop { pid, .. } if cfg!(windows) => format!("end it: `taskkill /F /PID {pid}`"),
            Self::Stop { pid, .. } => format!("end it: `kill -KILL {pid}`"),
            Self::Order { .. } => {
                "write it as `s3net local start --help` shows, and start again".to_owned()
            }
            Self::Reset(_) => {
                "replace the endpoint instead: `s3net local stop && s3net local start`".to_owned()
            }
        }
    }
}

const INSTALL_PYTHON: &str = if cfg!(windows) {
    "winget install Python.Python.3.12"
} else if cfg!(target_os = "macos") {
    "brew install python"
} else {
    "sudo apt-get install python3 python3-venv` (Debian, Ubuntu), `sudo dnf install python3` (Fedora) or `apk add python3"
};

/// How a variable is set in the shell of this system.
fn setting(name: &str, value: &str) -> String {
    if cfg!(windows) {
        format!("$env:{name} = \"{value}\"")
    } else {
        format!("export {name}={value}")
    }
}

fn no_venv_remedy(version: &str) -> String {
    let minor: Vec<_> = version.split('.').take(2).collect();
    let minor = minor.join(".");
    if cfg!(target_os = "linux") {
        format!(
            "install them: `sudo apt-get install python3-venv` (Debian, Ubuntu; for a Python that \
             is not the default one, `python{minor}-venv`); or name another Python: `{}`; \
             then run again",
            setting(PYTHON, "/path/to/python3")
        )
    } else {
        format!(
            "install a complete Python (`{INSTALL_PYTHON}`) and name it: `{}`",
            setting(PYTHON, "/path/to/python3")
        )
    }
}

fn folder_remedy(path: &Path, source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => format!(
            "free some space (`df -h {}`; about 150 MB are needed), then run again",
            path.parent().unwrap_or(path).display()
        ),
        io::ErrorKind::Unsupported => format!(
            "that file system has no locks: name a folder of another: `{}`",
            setting("S3NET_CACHE", "/some/folder")
        ),
        _ => format!(
            "make it yours to write (`ls -ld {}` shows whose it is), or name another folder: `{}`",
            path.parent().unwrap_or(path).display(),
            setting("S3NET_CACHE", "/some/folder")
        ),
    }
}

/// What the installer's words point at. They are pip's own, in English.
fn install_remedy(output: &str, command: &str) -> String {
    let says = |words: &[&str]| words.iter().any(|word| output.contains(word));
    let first = if says(&["No space left", "Disk quota exceeded"]) {
        "free some space (about 150 MB are needed)"
    } else if says(&["DO NOT MATCH THE HASHES"]) {
        "the package index gives other files than PyPI does: set `PIP_INDEX_URL` to one that \
         mirrors PyPI (`pip config list` shows what is set)"
    } else if says(&["CERTIFICATE_VERIFY_FAILED", "SSLError"]) {
        "tell pip about your proxy's certificate (`export PIP_CERT=/path/to/ca.pem`)"
    } else if says(&[
        "Connection",
        "Temporary failure",
        "timed out",
        "Network is unreachable",
        "ProxyError",
        "No matching distribution",
    ]) {
        "check the network, and that pip reaches a package index (`pip config list`; \
         `export HTTPS_PROXY=…` for a proxy, `export PIP_INDEX_URL=…` for a mirror)"
    } else {
        "see what is wrong"
    };
    format!("{first}; by hand it is `{command}`; then run again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remedies_name_a_command() {
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let path = PathBuf::from("/cache/x");
        let install = |output: &str| LocalError::Install {
            step: "pip install",
            output: output.to_owned(),
            command: "python -m pip install".to_owned(),
        };
        for error in [
            LocalError::NoCacheFolder,
            LocalError::folder(&path)(denied()),
            LocalError::folder(&path)(io::ErrorKind::StorageFull.into()),
            LocalError::BadAccount("12".to_owned()),
            LocalError::NoPython(vec!["python3".to_owned()]),
            LocalError::NoVenv {
                python: "python3".into(),
                version: "3.11.2".to_owned(),
            },
            install("THESE PACKAGES DO NOT MATCH THE HASHES"),
            install("Network is unreachable"),
            install("who knows"),
            LocalError::Port {
                port: 80,
                source: denied(),
            },
            LocalError::Silent {
                url: "http://127.0.0.1:1".to_owned(),
                pid: 1,
            },
        ] {
            assert!(error.remedy().contains('`'), "{error}: {}", error.remedy());
            let first = error.to_string().chars().next().unwrap();
            assert!(!first.is_uppercase() || error.to_string().starts_with("S3NET_"));
        }
    }
}

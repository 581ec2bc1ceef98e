//! Starts the server as a process that outlives us.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::process::{Child, Command};

use super::installation::Installation;
use super::process::PACKAGE;

/// Names a process; a server that is started ends when that process has ended.
const UNTIL: &str = "S3NET_LOCAL_UNTIL";
use super::record::Record;
use super::{Folders, LocalError, admin, embedded};

/// The server imports for 2 s, and longer on a machine with much else to do.
pub(super) const LIMIT: Duration = Duration::from_secs(90);
/// One question after the server's health.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(2);
pub(super) const FIRST_GAP: Duration = Duration::from_millis(20);
pub(super) const LONGEST_GAP: Duration = Duration::from_millis(200);
/// How many lines of the log an error shows, and how many bytes they have.
const LINES: usize = 8;
const BYTES: u64 = 8 * 1024;

/// Starts the package as `python -m` does, but first closes what the shell or
/// a test runner above us left open: whoever waits for the end of such a pipe
/// would wait for the server. The first argument is for `process` to see.
const BOOT: &str = "import os, runpy, sys; os.closerange(3, 65536); \
    runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)";

/// Why a server did not start, as far as another attempt may help.
#[derive(Debug)]
pub(super) enum Failure {
    /// The installation lacks something: install again.
    Damaged(LocalError),
    /// Somebody took the port between our look and the server's: take another.
    PortLost(LocalError),
    /// Another attempt would not help.
    Final(LocalError),
}

impl From<LocalError> for Failure {
    fn from(error: LocalError) -> Self {
        Self::Final(error)
    }
}

/// A port that nobody listens at: the wished one, or any.
///
/// # Errors
/// [`LocalError::Port`] with what the system says.
pub(super) fn free_port(wish: Option<u16>) -> Result<u16, LocalError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, wish.unwrap_or(0)))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|source| LocalError::Port {
            port: wish.unwrap_or(0),
            source,
        })
}

/// Starts the server and waits until it answers. The record is written before
/// the wait: if we are killed, the next command finds the server by it.
pub(super) async fn launch(
    folders: &Folders,
    installation: &Installation,
    port: u16,
) -> Result<Record, Failure> {
    let log = folders.log();
    // The log of the server before this one may tell why that one ended.
    let _ = fs::rename(&log, log.with_extension("log.1"));
    let output = File::create(&log).map_err(LocalError::folder(&log))?;
    let mut child = spawn(installation, port, output).map_err(|error| {
        Failure::Damaged(LocalError::Died {
            status: format!("it does not run: {error}"),
            output: String::new(),
            log: log.clone(),
        })
    })?;
    let mut record = Record {
        url: format!("http://{}:{port}", Ipv4Addr::LOCALHOST),
        pid: child.id().unwrap_or_default(),
        version: embedded::version().to_owned(),
        started: Timestamp::now(),
        installation: installation.folder.clone(),
    };
    record.write(&folders.record())?;
    record.pid = healthy(&mut child, record.pid, port, &log).await?;
    record.write(&folders.record())?;
    Ok(record)
}

fn spawn(installation: &Installation, port: u16, output: File) -> io::Result<Child> {
    let package = installation.package_folder();
    let mut command = Command::new(installation.python());
    command
        .args(["-c", BOOT, PACKAGE, "--host", "127.0.0.1", "--port"])
        .arg(port.to_string())
        .stdin(installation.lease()?)
        .stderr(Stdio::from(output.try_clone()?))
        .stdout(Stdio::from(output))
        // So that it holds nobody's folder, such as a stick to be unplugged.
        .current_dir(&package)
        .env("PYTHONPATH", &package)
        .env("PYTHONUNBUFFERED", "1")
        .env_remove("PYTHONHOME");
    // Tests and scripts that start a server of their own need not end it.
    if let Some(pid) = std::env::var_os(UNTIL) {
        command.arg("--with-parent").arg(pid);
    }
    // It serves every shell of this user, so none's settings may matter. And
    // no credentials shall lie in the memory of a process that stays.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("AWS_") || text.starts_with("MOTO_") || text.starts_with("S3NET_VAR_") {
            command.env_remove(&name);
        }
    }
    detach(&mut command);
    command.spawn()
}

/// Ctrl-C goes to the process group of whoever has the terminal; the server
/// gets a group of its own.
#[cfg(unix)]
fn detach(command: &mut Command) {
    command.process_group(0);
}

/// `CREATE_NEW_PROCESS_GROUP` and `DETACHED_PROCESS` (Windows, "Process
/// Creation Flags").
#[cfg(windows)]
fn detach(command: &mut Command) {
    command.creation_flags(0x0000_0200 | 0x0000_0008);
}

/// Waits until the server answers, and gives its process id.
async fn healthy(child: &mut Child, pid: u32, port: u16, log: &Path) -> Result<u32, Failure> {
    let start = Instant::now();
    let mut gap = FIRST_GAP;
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return Err(died(status.to_string(), port, log));
        }
        // A virtual environment's Python on Windows starts another process.
        if let Ok(health) = admin::health(port, None, ANSWER_LIMIT).await
            && (health.pid == pid || cfg!(windows))
        {
            return Ok(health.pid);
        }
        if start.elapsed() > LIMIT {
            let _ = child.kill().await;
            return Err(Failure::Final(LocalError::NeverReady {
                limit: LIMIT,
                output: last_lines(log),
                log: log.to_owned(),
            }));
        }
        tokio::time::sleep(gap).await;
        gap = (gap * 2).min(LONGEST_GAP);
    }
}

fn died(status: String, port: u16, log: &Path) -> Failure {
    let output = last_lines(log);
    // What the server says, see `endpoint/s3net_local/__main__.py`.
    if output.contains("cannot listen on") {
        return Failure::PortLost(LocalError::Port {
            port,
            source: io::ErrorKind::AddrInUse.into(),
        });
    }
    // What Python says of files that are missing, empty or cut short. Our own
    // are put right before each start; what is wrong in them stays wrong.
    let damaged = !output.contains(&format!("'{PACKAGE}"))
        && [
            "ModuleNotFoundError",
            "No module named",
            "ImportError",
            "SyntaxError",
            "FileNotFoundError",
            "EOFError",
            "null bytes",
            "JSONDecodeError",
            "DataNotFoundError",
        ]
        .iter()
        .any(|word| output.contains(word));
    let error = LocalError::Died {
        status,
        output,
        log: log.to_owned(),
    };
    if damaged {
        Failure::Damaged(error)
    } else {
        Failure::Final(error)
    }
}

/// The end of the log, indented; empty where there is none.
fn last_lines(log: &Path) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(BYTES)))?;
        let mut bytes = Vec::new();
        file.take(BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let skipped = lines.len().saturating_sub(LINES);
    let shown = lines.iter().skip(skipped).map(|line| format!("  {line}"));
    shown.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_death_is_told_apart_by_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("endpoint.log");
        let after = |text: &str| {
            fs::write(&log, text).unwrap();
            died("exit status: 1".to_owned(), 4000, &log)
        };
        let lost = after("s3net_local: cannot listen on 127.0.0.1:4000: 1\n");
        assert!(matches!(lost, Failure::PortLost(_)));
        let damaged = after("Traceback\nModuleNotFoundError: No module named 'moto'\n");
        assert!(matches!(damaged, Failure::Damaged(_)));
        let ours = after("ImportError: cannot import name 'x' from 's3net_local' (/x.py)\n");
        assert!(matches!(ours, Failure::Final(_)));
        let many: String = (0..1000)
            .map(|line| format!("line {line} of many\n\n"))
            .collect();
        let Failure::Final(error) = after(&many) else {
            panic!("that death is final");
        };
        assert!(error.to_string().ends_with("  line 999 of many"), "{error}");
        assert_eq!(error.to_string().lines().count(), 1 + LINES);
        fs::remove_file(&log).unwrap();
        assert_eq!(last_lines(&log), "");
    }

    #[test]
    fn a_taken_port_is_refused() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(matches!(
            free_port(Some(port)),
            Err(LocalError::Port { .. })
        ));
        assert_ne!(free_port(None).unwrap(), port);
    }
}

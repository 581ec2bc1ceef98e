//! The server's process, as somebody sees it who is not its parent.
//!
//! A process id alone proves nothing, as ids are used again. So a process is
//! ours only when its command line says so, and no other is ever ended.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Command;

use super::LocalError;

/// The Python package that the server is.
pub(super) const PACKAGE: &str = "s3net_local";

/// How long the server may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);
const GAP: Duration = Duration::from_millis(20);

/// Whether this process is a server of ours that listens at this port.
pub(super) async fn is_ours(pid: u32, port: u16) -> bool {
    let line = command_line(pid).await;
    line.is_some_and(|line| names_server(&line, port))
}

/// Ends the server: asks first, and forces it after a grace period.
///
/// # Errors
/// [`LocalError::Stop`] where it is still there afterwards.
pub(super) async fn end(pid: u32, port: u16) -> Result<(), LocalError> {
    let mut reason = "it is still there".to_owned();
    for force in [false, true] {
        if let Err(refusal) = signal(pid, force).await {
            reason = refusal;
        }
        let start = Instant::now();
        while start.elapsed() < GRACE {
            if !is_ours(pid, port).await {
                return Ok(());
            }
            tokio::time::sleep(GAP).await;
        }
    }
    Err(LocalError::Stop { pid, reason })
}

fn names_server(command_line: &str, port: u16) -> bool {
    let port = port.to_string();
    let mut words = command_line.split(['\0', ' ']);
    words.any(|word| word == PACKAGE) && words.any(|word| word == port)
}

/// The command line, words apart by NUL or space; none for a process that is
/// gone, or that has ended and is not yet collected by its parent.
async fn command_line(pid: u32) -> Option<String> {
    if cfg!(target_os = "linux") {
        let bytes = tokio::fs::read(format!("/proc/{pid}/cmdline")).await.ok()?;
        return Some(String::from_utf8_lossy(&bytes).into_owned());
    }
    let mut command = if cfg!(windows) {
        let mut command = Command::new("powershell");
        let query =
            format!("(Get-CimInstance Win32_Process -Filter 'ProcessId={pid}').CommandLine");
        command.args(["-NoProfile", "-Command", &query]);
        command
    } else {
        let mut command = Command::new("ps");
        command.args(["-ww", "-o", "command=", "-p", &pid.to_string()]);
        command
    };
    let output = command.stdin(Stdio::null()).output().await.ok()?;
    let line = String::from_utf8_lossy(&output.stdout);
    Some(line.trim_end().to_owned())
}

/// Asks the process to end, or ends it. The standard library can end children
/// only, and the shell has `kill` where no such program is installed.
async fn signal(pid: u32, force: bool) -> Result<(), String> {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("taskkill");
        command.args(["/F", "/T", "/PID", &pid.to_string()]);
        command
    } else {
        let name = if force { "KILL" } else { "TERM" };
        let mut command = Command::new("sh");
        command.args(["-c", &format!("kill -{name} {pid}")]);
        command
    };
    let output = command.stdin(Stdio::null()).output().await;
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_command_line_is_ours() {
        let ours = "/x/python -m s3net_local --host 127.0.0.1 --port 40123";
        assert!(names_server(ours, 40123));
        assert!(names_server(&ours.replace(' ', "\0"), 40123));
        assert!(!names_server(ours, 40124));
        for other in [
            "",
            "vim s3net_local.py 40123",
            "python -m http.server 40123",
        ] {
            assert!(!names_server(other, 40123), "{other}");
        }
    }

    #[tokio::test]
    async fn a_foreign_process_is_not_ours() {
        assert!(!is_ours(std::process::id(), 40123).await);
        assert!(!is_ours(u32::MAX, 40123).await);
    }
}

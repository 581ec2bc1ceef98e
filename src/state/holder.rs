//! Who holds a lock, for the one who has to wait.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who holds a lock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The user's name, as far as the environment tells.
    pub user: String,
    /// The machine.
    #[serde(default)]
    pub host: String,
    /// The process.
    pub pid: u32,
    /// The command.
    pub command: String,
    /// Since when, RFC 3339.
    pub since: String,
}

impl Held {
    /// This process as a holder.
    #[must_use]
    pub fn by_this_process(command: &str) -> Self {
        Self {
            user: ["USER", "USERNAME", "LOGNAME"]
                .iter()
                .find_map(|name| std::env::var(name).ok())
                .unwrap_or_else(|| "unknown user".to_owned()),
            host: host(),
            pid: std::process::id(),
            command: command.to_owned(),
            since: jiff::Timestamp::now()
                .strftime("%Y-%m-%dT%H:%M:%SZ")
                .to_string(),
        }
    }
}

/// The machine's name, as far as the system tells without a call of its own.
fn host() -> String {
    let told = ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .iter()
        .find_map(|path| std::fs::read_to_string(path).ok())
        .map(|name| name.trim().to_owned());
    told.or_else(|| std::env::var("HOSTNAME").ok())
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "unknown host".to_owned())
}

impl fmt::Display for Held {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.command.is_empty() {
            return out.write_str("its holder has not said who it is");
        }
        write!(
            out,
            "`{}` (process {} of {} on {}) since {}",
            self.command, self.pid, self.user, self.host, self.since
        )
    }
}

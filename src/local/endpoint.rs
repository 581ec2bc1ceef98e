//! The life of one local endpoint: found, started, reset, stopped.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::admin::{self, Health};
use super::record::Record;
use super::server::{self, Failure};
use super::{Folders, LocalError, Progress, account, embedded, installation, lock, process};

/// How often a start is tried where another attempt may help.
const ATTEMPTS: u32 = 4;

/// A local endpoint that answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Where AWS calls go, such as `http://127.0.0.1:40123`.
    pub url: String,
    /// Its process.
    pub pid: u32,
    /// The account to act in, which is the access key id to use.
    pub account: String,
    /// Whether it was started just now, and so is empty.
    pub started: bool,
    /// How long it hides what was just made in that account; zero unless a
    /// user asked for that trouble.
    pub consistency: Duration,
}

impl Endpoint {
    /// The port on this machine at which it listens.
    pub(super) fn port(&self) -> u16 {
        let port = self.url.rsplit(':').next();
        port.and_then(|port| port.parse().ok()).unwrap_or_default()
    }
}

/// How a start is wished.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// At this port of the loopback address; else at any free one.
    pub port: Option<u16>,
    /// With a new installation, even if the one that is there looks whole.
    pub reinstall: bool,
    /// For this account, which a file is bound to; else for [`account()`].
    pub account: Option<String>,
}

/// What a stop found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stopped {
    /// An endpoint was there, and has ended.
    Ended {
        /// Where it was.
        url: String,
    },
    /// There was none.
    NotRunning,
}

/// What a reset found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reset {
    /// The data of these accounts are gone.
    Done {
        /// Account ids.
        accounts: Vec<String>,
    },
    /// There was no endpoint, and so no data.
    NotRunning,
}

/// What is known of the local endpoint.
#[derive(Debug, Clone)]
pub struct Status {
    /// The endpoint, where one runs.
    pub running: Option<Running>,
    /// The account in which commands of this shell act.
    pub account: String,
    /// The file with what the server writes.
    pub log: PathBuf,
    /// The version that this s3net starts.
    pub version: &'static str,
}

/// An endpoint that runs.
#[derive(Debug, Clone)]
pub struct Running {
    /// Where it listens.
    pub url: String,
    /// Its process.
    pub pid: u32,
    /// When it was started.
    pub since: Timestamp,
    /// Its version, see [`super::version`].
    pub version: String,
    /// The version of moto in it; none where it does not answer.
    pub moto: Option<String>,
}

/// What a record turns out to mean.
enum Standing {
    Healthy(Health),
    /// Its process is there and does not answer: it is busy or about to start.
    Silent,
    Gone,
}

/// Makes sure that the local endpoint of this user runs: the way of `--local`.
/// One of another version is replaced, which loses its data, and said so.
/// A file that is bound to an account acts there, others in [`account()`].
///
/// # Errors
/// See [`LocalError`].
pub async fn ensure_running(
    bound: Option<&str>,
    progress: Progress<'_>,
) -> Result<Endpoint, LocalError> {
    let folders = Folders::from_environment()?;
    let wish = Wish {
        account: bound.map(str::to_owned),
        ..Wish::default()
    };
    start(&folders, &wish, progress).await
}

/// Makes sure that an endpoint with this run folder runs, apart from the
/// user's. Whoever starts one stops it.
///
/// # Errors
/// See [`LocalError`].
pub async fn start_private(run: &Path, progress: Progress<'_>) -> Result<Endpoint, LocalError> {
    start(&Folders::private(run)?, &Wish::default(), progress).await
}

/// Makes sure that an endpoint runs as wished.
///
/// # Errors
/// See [`LocalError`]; [`LocalError::OtherPort`] where one runs elsewhere.
pub async fn start(
    folders: &Folders,
    wish: &Wish,
    progress: Progress<'_>,
) -> Result<Endpoint, LocalError> {
    let account = match &wish.account {
        Some(account) => account.clone(),
        None => account()?,
    };
    let endpoint = |record: Record, health: Option<Health>| Endpoint {
        url: record.url,
        pid: record.pid,
        account: account.clone(),
        started: health.is_none(),
        consistency: health.map_or(Duration::ZERO, |health| health.consistency()),
    };
    // The usual case takes no lock and starts no Python.
    if let Some(record) = Record::read(&folders.record())
        && fits(&record, wish)
        && let Standing::Healthy(health) = look(&record, Some(&account)).await
    {
        return Ok(endpoint(record, Some(health)));
    }
    fs::create_dir_all(&folders.run).map_err(LocalError::folder(&folders.run))?;
    let _lock = lock::take(&folders.run_lock(), progress).await?;
    if let Some(record) = Record::read(&folders.record()) {
        match patient_look(&record, &account, progress).await {
            Standing::Healthy(health) if fits(&record, wish) => {
                return Ok(endpoint(record, Some(health)));
            }
            Standing::Healthy(_) => make_way(&record, wish, progress).await?,
            Standing::Silent if wish.reinstall => make_way(&record, wish, progress).await?,
            Standing::Silent => {
                return Err(LocalError::Silent {
                    url: record.url,
                    pid: record.pid,
                });
            }
            Standing::Gone => progress(
                "the local AWS endpoint no longer runs, so what was built on it is gone; \
                 starting a new one",
            ),
        }
        forget(folders)?;
    }
    let record = fresh(folders, wish, progress).await?;
    Ok(endpoint(record, None))
}

/// Whether a running endpoint is what is wished.
fn fits(record: &Record, wish: &Wish) -> bool {
    record.version == embedded::version()
        && !wish.reinstall
        && wish.port.is_none_or(|port| record.port() == Some(port))
}

/// Ends a running endpoint that does not fit.
async fn make_way(record: &Record, wish: &Wish, progress: Progress<'_>) -> Result<(), LocalError> {
    let same = record.version == embedded::version() && !wish.reinstall;
    match wish.port {
        // The user did not ask for an end of it.
        Some(port) if same => {
            return Err(LocalError::OtherPort {
                url: record.url.clone(),
                port,
            });
        }
        _ => {}
    }
    progress(if wish.reinstall {
        "stopping the local AWS endpoint; its data is gone"
    } else {
        "replacing the local AWS endpoint of another s3net version; its data is gone"
    });
    process::end(record.pid, record.port().unwrap_or_default()).await
}

async fn fresh(
    folders: &Folders,
    wish: &Wish,
    progress: Progress<'_>,
) -> Result<Record, LocalError> {
    let mut reinstall = wish.reinstall;
    let mut attempt = 1;
    loop {
        let port = server::free_port(wish.port)?;
        let installation = installation::ready(folders, reinstall, progress).await?;
        progress("starting the local AWS endpoint");
        let error = match server::launch(folders, &installation, port).await {
            Ok(record) => return Ok(record),
            Err(Failure::Damaged(error)) if !reinstall => {
                progress("the installation of the local AWS endpoint is damaged");
                reinstall = true;
                error
            }
            Err(Failure::PortLost(error)) if wish.port.is_none() => {
                reinstall = false;
                error
            }
            Err(Failure::Damaged(error) | Failure::PortLost(error) | Failure::Final(error)) => {
                forget(folders)?;
                return Err(error);
            }
        };
        attempt += 1;
        if attempt > ATTEMPTS {
            forget(folders)?;
            return Err(error);
        }
    }
}

/// Ends the endpoint of these folders; its data goes with it.
///
/// # Errors
/// [`LocalError::Stop`] where it does not end.
pub async fn stop(folders: &Folders, progress: Progress<'_>) -> Result<Stopped, LocalError> {
    if Record::read(&folders.record()).is_none() {
        return Ok(Stopped::NotRunning);
    }
    let _lock = lock::take(&folders.run_lock(), progress).await?;
    let Some(record) = Record::read(&folders.record()) else {
        return Ok(Stopped::NotRunning);
    };
    let stopped = match look(&record, None).await {
        Standing::Gone => Stopped::NotRunning,
        Standing::Healthy(_) | Standing::Silent => {
            process::end(record.pid, record.port().unwrap_or_default()).await?;
            Stopped::Ended { url: record.url }
        }
    };
    forget(folders)?;
    Ok(stopped)
}

/// Drops the data of one account, or of all, and leaves the endpoint running.
///
/// # Errors
/// [`LocalError::Reset`] with what the server says.
pub async fn reset(folders: &Folders, account: Option<&str>) -> Result<Reset, LocalError> {
    let Some(record) = Record::read(&folders.record()) else {
        return Ok(Reset::NotRunning);
    };
    match look(&record, None).await {
        Standing::Gone => Ok(Reset::NotRunning),
        Standing::Silent => Err(LocalError::Silent {
            url: record.url,
            pid: record.pid,
        }),
        Standing::Healthy(_) => {
            let port = record.port().unwrap_or_default();
            let accounts = admin::reset(port, account).await;
            let accounts = accounts.map_err(|error| LocalError::Reset(error.to_string()))?;
            Ok(Reset::Done { accounts })
        }
    }
}

/// What runs, and where. Changes nothing.
///
/// # Errors
/// [`LocalError::BadAccount`].
pub async fn status(folders: &Folders) -> Result<Status, LocalError> {
    let mut running = None;
    if let Some(record) = Record::read(&folders.record()) {
        let moto = match look(&record, None).await {
            Standing::Healthy(health) => Some(Some(health.moto)),
            Standing::Silent => Some(None),
            Standing::Gone => None,
        };
        running = moto.map(|moto| Running {
            url: record.url,
            pid: record.pid,
            since: record.started,
            version: record.version,
            moto,
        });
    }
    Ok(Status {
        running,
        account: account()?,
        log: folders.log(),
        version: embedded::version(),
    })
}

/// Asks the server, and only where it does not answer as it should, the system.
async fn look(record: &Record, account: Option<&str>) -> Standing {
    let port = record.port().unwrap_or_default();
    match admin::health(port, account, server::ANSWER_LIMIT).await {
        Ok(health) if health.pid == record.pid => Standing::Healthy(health),
        _ => {
            if process::is_ours(record.pid, port).await {
                Standing::Silent
            } else {
                Standing::Gone
            }
        }
    }
}

/// As [`look`], but gives a silent server the time that a start takes. A busy
/// server must never be taken for a dead one: it holds somebody's data.
async fn patient_look(record: &Record, account: &str, progress: Progress<'_>) -> Standing {
    let start = Instant::now();
    let mut gap = server::FIRST_GAP;
    let mut told = false;
    loop {
        let standing = look(record, Some(account)).await;
        if !matches!(standing, Standing::Silent) || start.elapsed() > server::LIMIT {
            return standing;
        }
        if !told && start.elapsed() > server::ANSWER_LIMIT {
            progress("waiting for the local AWS endpoint to answer");
            told = true;
        }
        tokio::time::sleep(gap).await;
        gap = (gap * 2).min(server::LONGEST_GAP);
    }
}

fn forget(folders: &Folders) -> Result<(), LocalError> {
    let record = folders.record();
    match fs::remove_file(&record) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(LocalError::folder(&record)(error))
        }
        _ => Ok(()),
    }
}

//! The local endpoint, as a user meets it: real processes, and the real
//! server. It is installed into the user's cache, once; each test has a run
//! folder, and so a server, of its own.

#![expect(clippy::unwrap_used, reason = "a test fails where it should not be")]

#[cfg(unix)]
mod made_up_python;

use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use assert_cmd::Command;
use s3net::aws::{Aws, Connection};
use tempfile::TempDir;

const ONE: &str = "111122223333";
const OTHER: &str = "444455556666";

/// `s3net local …` with a run folder of its own, stopped at the end.
struct Local {
    folder: TempDir,
    variables: Vec<(&'static str, String)>,
}

/// What a command said.
struct Said {
    success: bool,
    out: String,
    err: String,
}

impl Local {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((name, value.into()));
        self
    }

    /// Another server from the same installations.
    #[cfg(unix)]
    fn beside(&self) -> Self {
        let mut other = Self::new();
        other.variables.clone_from(&self.variables);
        other
    }

    fn run_folder(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("s3net"));
        command.arg("local").args(words);
        self.prepared(command)
    }

    fn prepared(&self, mut command: Command) -> Command {
        command
            .env("S3NET_LOCAL_DIR", self.run_folder())
            .env("NO_COLOR", "1")
            .env_remove("S3NET_LOCAL_ACCOUNT")
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    fn run(&self, words: &[&str]) -> Said {
        Said::from(&self.command(words).output().unwrap())
    }

    /// Runs a command that must do its work.
    fn done(&self, words: &[&str]) -> Said {
        let said = self.run(words);
        assert!(said.success, "{words:?}: {}{}", said.out, said.err);
        said
    }

    /// Runs a command that must not do its work, and says why.
    fn refused(&self, words: &[&str], why: &str) -> Said {
        let said = self.run(words);
        assert!(!said.success, "{words:?}: {}", said.out);
        assert!(said.err.contains(why), "{words:?}: {}", said.err);
        said
    }

    fn record_path(&self) -> std::path::PathBuf {
        self.run_folder().join("endpoint.json")
    }

    fn record(&self) -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(self.record_path()).unwrap()).unwrap()
    }

    fn url(&self) -> String {
        self.record()["url"].as_str().unwrap().to_owned()
    }

    fn pid(&self) -> u64 {
        self.record()["pid"].as_u64().unwrap()
    }

    /// The clients of an account at this server.
    async fn aws(&self, account: &str) -> Aws {
        let connection = Connection {
            region: Some("eu-central-1".to_owned()),
            endpoint_url: Some(self.url()),
            local_account: Some(account.to_owned()),
            ..Connection::default()
        };
        Aws::connect(&connection).await.unwrap()
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let _ = self.command(&["stop"]).output();
    }
}

impl From<&Output> for Said {
    fn from(output: &Output) -> Self {
        Self {
            success: output.status.success(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: on_one_line(&output.stderr),
        }
    }
}

/// Where a line is broken depends on its width.
fn on_one_line(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Sends a signal, such as `KILL`.
#[cfg(unix)]
fn signal(name: &str, pid: impl std::fmt::Display) {
    let kill = format!("kill -{name} {pid}");
    Command::new("sh").args(["-c", &kill]).assert().success();
}

/// The blocks of an account's VPCs; those that AWS makes by itself left out.
async fn blocks(aws: &Aws) -> Vec<String> {
    let answer = aws.ec2.describe_vpcs().send().await.unwrap();
    let own = answer
        .vpcs()
        .iter()
        .filter(|vpc| vpc.is_default() != Some(true));
    own.filter_map(|vpc| vpc.cidr_block().map(str::to_owned))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_built_stays_until_a_reset() {
    let local = Local::new().with("AWS_SECRET_ACCESS_KEY", "to-be-kept-out");
    assert!(local.done(&["status"]).out.contains("is not running"));
    assert!(local.done(&["reset"]).out.contains("is not running"));
    assert!(local.done(&["stop"]).out.contains("is not running"));

    let started = local.done(&["start"]);
    let (url, pid) = (local.url(), local.pid());
    assert!(
        started
            .out
            .contains(&format!("started the local AWS endpoint at {url}"))
    );
    let status = local.done(&["status"]).out;
    for part in [
        &url,
        &pid.to_string(),
        "123456789012",
        "moto 5",
        "endpoint.log",
    ] {
        assert!(status.contains(part), "{part} in {status}");
    }
    outlives_and_keeps_no_secret(pid);

    let (one, other) = (local.aws(ONE).await, local.aws(OTHER).await);
    for aws in [&one, &other] {
        let vpc = aws.ec2.create_vpc().cidr_block("10.9.0.0/16");
        vpc.send().await.unwrap();
    }
    let again = local.done(&["start"]);
    assert!(again.out.contains("already runs"), "{}", again.out);
    assert_eq!((local.url(), local.pid()), (url, pid));
    assert_eq!(blocks(&one).await, ["10.9.0.0/16"]);

    let reset = local
        .command(&["reset"])
        .env("S3NET_LOCAL_ACCOUNT", ONE)
        .output();
    assert!(Said::from(&reset.unwrap()).out.contains(ONE));
    assert!(blocks(&one).await.is_empty());
    assert_eq!(blocks(&other).await, ["10.9.0.0/16"]);
    local.done(&["reset", "--all"]);
    assert!(blocks(&other).await.is_empty());

    assert!(local.done(&["stop"]).out.contains("stopped"));
    assert!(!local.record_path().exists());
    assert!(local.done(&["status"]).out.contains("is not running"));
}

/// Ctrl-C goes to a process group; what is in the environment can be read.
#[cfg(target_os = "linux")]
fn outlives_and_keeps_no_secret(pid: u64) {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit(')').next().unwrap();
    let group = after_name.split_whitespace().nth(2).unwrap();
    assert_eq!(group, pid.to_string());
    let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
    assert!(!String::from_utf8_lossy(&environment).contains("to-be-kept-out"));
}

#[cfg(not(target_os = "linux"))]
fn outlives_and_keeps_no_secret(_pid: u64) {}

#[test]
fn starts_at_once_make_one_server() {
    let local = Local::new();
    let said: Vec<Said> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| local.done(&["start"])))
            .collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });
    let url = local.url();
    assert!(said.iter().all(|said| said.out.contains(&url)));
    let started = said.iter().filter(|said| said.out.contains("started"));
    assert_eq!(started.count(), 1);
}

/// Test runners and build tools leave descriptors open, and wait for their end.
#[cfg(unix)]
#[test]
fn holds_no_pipe_of_its_caller() {
    let local = Local::new();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "exec \"$0\" local start 3>&1"])
        .arg(assert_cmd::cargo::cargo_bin!("s3net"))
        .timeout(Duration::from_secs(120));
    local.prepared(shell).assert().success();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_library_starts_a_private_one() {
    let local = Local::new();
    let endpoint = s3net::local::start_private(local.run_folder(), &|_| ())
        .await
        .unwrap();
    assert!(endpoint.started);
    assert_eq!(endpoint.url, local.url());
    let again = s3net::local::start_private(local.run_folder(), &|_| ())
        .await
        .unwrap();
    assert_eq!((again.started, again.pid), (false, endpoint.pid));
    assert!(blocks(&local.aws(ONE).await).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_is_ordered_for_all_or_for_one_account() {
    let local = Local::new();
    let lag = "visible_after_seconds.vpc=300";
    let started = local.done(&["start", "--setting", lag]);
    assert!(started.out.contains("ordered for every account"));
    let (one, other) = (local.aws(ONE).await, local.aws(OTHER).await);
    let vpc = one.ec2.create_vpc().cidr_block("10.9.0.0/16");
    vpc.send().await.unwrap();
    assert!(blocks(&one).await.is_empty());
    // A file that is bound to an account asks for that account's.
    let bound = |account: &str| s3net::local::Wish {
        account: Some(account.to_owned()),
        ..Default::default()
    };
    let folders = s3net::local::Folders::private(local.run_folder()).unwrap();
    let found = s3net::local::start(&folders, &bound(ONE), &|_| ()).await;
    assert_eq!(found.unwrap().consistency, Duration::from_secs(300));

    // Where it already runs, and for one account.
    let orders = [
        "start",
        "--setting",
        "visible_after_seconds=0",
        "--fault",
        "ec2:CreateVpc,code=VpcLimitExceeded,status=400,message=No more",
    ];
    let ordered = local
        .command(&orders)
        .env("S3NET_LOCAL_ACCOUNT", ONE)
        .output();
    let said = Said::from(&ordered.unwrap());
    assert!(said.out.contains("already runs"), "{}", said.out);
    assert!(said.out.contains(&format!("ordered for account {ONE}")));
    assert_eq!(blocks(&one).await, ["10.9.0.0/16"]);
    let failed = one.ec2.create_vpc().cidr_block("10.8.0.0/16").send().await;
    assert!(format!("{failed:?}").contains("VpcLimitExceeded"));
    let vpc = other.ec2.create_vpc().cidr_block("10.8.0.0/16");
    vpc.send().await.unwrap();
    assert!(blocks(&other).await.is_empty());
    let found = s3net::local::start(&folders, &bound(ONE), &|_| ()).await;
    assert_eq!(found.unwrap().consistency, Duration::ZERO);

    local.refused(&["start", "--setting", "no_such=1"], "no setting 'no_such'");
    local.refused(&["start", "--fault", "CreateVpc,colour=red"], "no 'colour'");
    local.refused(&["start", "--fault", "nth=2"], "begins with an action");
}

#[test]
fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let local = Local::new();
    let said = local.refused(
        &["start", "--port", &port],
        &format!("port {port} cannot be used"),
    );
    assert!(said.err.contains("`--port`"), "{}", said.err);
    assert!(!local.record_path().exists());
}

#[test]
fn a_wrong_account_is_named() {
    let local = Local::new().with("S3NET_LOCAL_ACCOUNT", "12-34");
    for verb in ["start", "reset", "status"] {
        local.refused(&[verb], "S3NET_LOCAL_ACCOUNT is \"12-34\"");
    }
}

#[test]
fn a_cache_that_is_no_folder_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().join("cache").to_string_lossy().into_owned();
    let local = Local::new().with("S3NET_CACHE", &path);
    let said = local.refused(&["start"], &path);
    assert!(said.err.contains("S3NET_CACHE="), "{}", said.err);
}

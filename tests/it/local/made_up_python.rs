//! What may go wrong between us and Python, with a made-up one: a script that
//! installs in no time, and whose server only says that it is well. So the
//! tests see it fail, linger and be damaged, without a network.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Local, signal};

/// Answers as a Python; what it is asked to install, it notes in `installs`.
/// The files `pip-fails` and `pip-sleeps` beside it make it do so.
const SCRIPT: &str = r#"#!/bin/sh
here=HERE
case "$*" in
*"-m venv"*)
    for venv; do :; done
    mkdir -p "$venv/bin" && cp "$here/python3" "$venv/bin/python" && touch "$venv/bin/moto" ;;
*"-m pip"*)
    echo "$0" >> "$here/installs"
    if [ -e "$here/pip-sleeps" ]; then sleep 1; fi
    if [ -e "$here/pip-fails" ]; then cat "$here/pip-fails" >&2; exit 1; fi ;;
*s3net_local*)
    if ! [ -e "$(dirname "$0")/moto" ]; then
        echo "ModuleNotFoundError: No module named 'moto'" >&2; exit 1
    fi
    exec python3 "$here/server.py" "$@" ;;
*)
    if [ -e "$here/answer" ]; then cat "$here/answer"; else exec python3 "$@"; fi ;;
esac
"#;

const SERVER: &str = r#"
import http.server, json, os, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"ok": True, "version": "1", "moto": "0", "pid": os.getpid()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.HTTPServer(("127.0.0.1", port), Handler).serve_forever()
"#;

/// A local endpoint whose Python is made up, with a cache of its own.
struct MadeUp {
    // Stopped before its Python is removed.
    local: Local,
    folder: tempfile::TempDir,
}

impl MadeUp {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        fs::write(folder.path().join("server.py"), SERVER).unwrap();
        let python = folder.path().join("python3");
        fs::write(&python, SCRIPT.replace("HERE", path)).unwrap();
        fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
        let local = Local::new()
            .with("S3NET_PYTHON", python.to_str().unwrap())
            .with("S3NET_CACHE", format!("{path}/cache"));
        Self { local, folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn installs(&self) -> usize {
        let installs = fs::read_to_string(self.file("installs")).unwrap_or_default();
        installs.lines().count()
    }

    /// The one installation in the cache.
    fn installation(&self) -> PathBuf {
        let entries = fs::read_dir(self.file("cache")).unwrap();
        let mut folders = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir());
        let folder = folders.next().unwrap();
        assert_eq!(folders.next(), None);
        folder
    }
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "waited for {what}"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn installs_once() {
    let made_up = MadeUp::new();
    let first = made_up.local.done(&["start"]);
    assert!(
        first
            .err
            .contains("installing the local AWS endpoint, once"),
        "{}",
        first.err
    );
    made_up.local.done(&["stop"]);
    let second = made_up.local.done(&["start"]);
    assert!(!second.err.contains("installing"), "{}", second.err);
    assert_eq!(made_up.installs(), 1);
    let third = made_up.local.done(&["start", "--reinstall"]);
    assert!(third.err.contains("its data is gone"), "{}", third.err);
    assert_eq!(made_up.installs(), 2);
}

#[test]
fn installs_once_for_many_at_once() {
    let made_up = MadeUp::new();
    fs::write(made_up.file("pip-sleeps"), "").unwrap();
    let others: Vec<Local> = (0..3).map(|_| made_up.local.beside()).collect();
    std::thread::scope(|scope| {
        for local in &others {
            scope.spawn(|| local.done(&["start"]));
        }
    });
    assert_eq!(made_up.installs(), 1);
}

#[test]
fn an_installation_that_was_killed_is_made_again() {
    let made_up = MadeUp::new();
    fs::write(made_up.file("pip-sleeps"), "").unwrap();
    let binary = assert_cmd::cargo::cargo_bin!("s3net");
    let mut start = std::process::Command::new(binary)
        .args(["local", "start"])
        .env("S3NET_LOCAL_DIR", made_up.local.run_folder())
        .envs(
            made_up
                .local
                .variables
                .iter()
                .map(|(name, value)| (name, value)),
        )
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    until("the installer", || made_up.installs() == 1);
    signal("KILL", start.id());
    start.wait().unwrap();
    assert!(!made_up.installation().join("complete").exists());
    fs::remove_file(made_up.file("pip-sleeps")).unwrap();
    // The killed one's installer lingers, and is waited for.
    let again = made_up.local.done(&["start"]);
    assert!(again.err.contains("installing"), "{}", again.err);
    assert_eq!(made_up.installs(), 2);
}

#[test]
fn a_damaged_installation_mends_itself() {
    let made_up = MadeUp::new();
    made_up.local.done(&["start"]);
    made_up.local.done(&["stop"]);
    fs::remove_file(made_up.installation().join("venv/bin/moto")).unwrap();
    let said = made_up.local.done(&["start"]);
    assert!(said.err.contains("is damaged"), "{}", said.err);
    assert_eq!(made_up.installs(), 2);
    made_up.local.done(&["stop"]);
    fs::remove_file(made_up.installation().join("venv/bin/python")).unwrap();
    made_up.local.done(&["start"]);
    assert_eq!(made_up.installs(), 3);
}

#[test]
fn a_failed_installation_is_explained_and_counts_for_nothing() {
    let made_up = MadeUp::new();
    let words = "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES\n";
    fs::write(made_up.file("pip-fails"), words).unwrap();
    let said = made_up.local.refused(&["start"], "pip install failed");
    for part in [
        "DO NOT MATCH",
        "PIP_INDEX_URL",
        "--require-hashes",
        "requirements.txt",
    ] {
        assert!(said.err.contains(part), "{part} in {}", said.err);
    }
    fs::remove_file(made_up.file("pip-fails")).unwrap();
    made_up.local.done(&["start"]);
}

#[test]
fn a_python_that_does_not_fit_is_explained() {
    let made_up = MadeUp::new();
    for (answer, why, remedy) in [
        ("3.9.2\nvenv\n", "is Python 3.9.2, but", "S3NET_PYTHON="),
        (
            "3.11.2\nno venv\n",
            "cannot make a virtual environment",
            "python3",
        ),
        ("what?\n", "as its version", "--version"),
    ] {
        fs::write(made_up.file("answer"), answer).unwrap();
        let said = made_up.local.refused(&["start"], why);
        assert!(said.err.contains(remedy), "{remedy} in {}", said.err);
    }
}

#[test]
fn no_python_at_all_is_explained() {
    let empty = tempfile::tempdir().unwrap();
    let path = empty.path().to_str().unwrap();
    let local = Local::new()
        .with("PATH", path)
        .with("S3NET_PYTHON", "")
        .with("S3NET_CACHE", path);
    let said = local.refused(&["start"], "no Python is found");
    assert!(said.err.contains("S3NET_PYTHON="), "{}", said.err);
}

#[test]
fn a_killed_server_is_replaced() {
    let made_up = MadeUp::new();
    made_up.local.done(&["start"]);
    let first = made_up.local.pid();
    signal("KILL", first);
    until("the server's end", || {
        !Path::new(&format!("/proc/{first}/cwd")).exists()
    });
    assert!(
        made_up
            .local
            .done(&["status"])
            .out
            .contains("is not running")
    );
    let said = made_up.local.done(&["start"]);
    assert!(said.err.contains("no longer runs"), "{}", said.err);
    assert_ne!(made_up.local.pid(), first);
}

#[test]
fn a_server_of_another_version_is_replaced() {
    let made_up = MadeUp::new();
    made_up.local.done(&["start"]);
    let first = made_up.local.pid();
    let record = fs::read_to_string(made_up.local.record_path()).unwrap();
    let version = s3net::local::version();
    fs::write(
        made_up.local.record_path(),
        record.replace(version, "000000000000"),
    )
    .unwrap();
    assert!(
        made_up
            .local
            .done(&["status"])
            .out
            .contains("in another version")
    );
    let said = made_up.local.done(&["start"]);
    assert!(said.err.contains("its data is gone"), "{}", said.err);
    assert_ne!(made_up.local.pid(), first);
}

#[test]
fn another_port_than_the_running_one_is_refused() {
    let made_up = MadeUp::new();
    made_up.local.done(&["start"]);
    let port = made_up.local.url().rsplit(':').next().unwrap().to_owned();
    assert!(
        made_up
            .local
            .done(&["start", "--port", &port])
            .out
            .contains("already runs")
    );
    let other = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let said = made_up
        .local
        .refused(&["start", "--port", &other.to_string()], "already runs, at");
    assert!(said.err.contains("s3net local stop"), "{}", said.err);
}

#[test]
fn somebody_else_at_the_recorded_port_is_left_alone() {
    let made_up = MadeUp::new();
    made_up.local.done(&["start"]);
    signal("KILL", made_up.local.pid());
    let stranger = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", stranger.local_addr().unwrap());
    let mut record = made_up.local.record();
    record["url"] = url.clone().into();
    record["pid"] = std::process::id().into();
    fs::write(made_up.local.record_path(), record.to_string()).unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = stranger.accept() {
            let _ = stream.read(&mut [0; 512]);
            let _ = stream.write_all(b"220 mail.example.com ESMTP\r\n");
        }
    });
    assert!(made_up.local.done(&["stop"]).out.contains("is not running"));
    fs::write(made_up.local.record_path(), record.to_string()).unwrap();
    made_up.local.done(&["start"]);
    assert_ne!(made_up.local.url(), url);
}

#[test]
fn a_server_that_hangs_is_not_taken_for_a_dead_one() {
    let made_up = MadeUp::new();
    made_up.local.done(&["start"]);
    let first = made_up.local.pid();
    signal("STOP", first);
    let status = made_up.local.done(&["status"]).out;
    assert!(
        status.contains("does not answer") && status.contains("s3net local stop"),
        "{status}"
    );
    made_up.local.refused(&["reset"], "does not answer");
    let freed = std::thread::scope(|scope| {
        let start = scope.spawn(|| made_up.local.done(&["start"]));
        std::thread::sleep(Duration::from_secs(3));
        signal("CONT", first);
        start.join().unwrap()
    });
    assert!(freed.out.contains("already runs"), "{}", freed.out);
    signal("STOP", first);
    assert!(made_up.local.done(&["stop"]).out.contains("stopped"));
}

//! A proxy between s3net and the endpoint that kills s3net at a chosen call.
//!
//! ```text
//! s3net ──► proxy ──► endpoint
//!   ✗  before: the request never leaves    ✗  after: AWS has done it, and
//!                                             nobody hears the answer
//! ```
//!
//! It counts mutating requests as they come. At the chosen one it sends SIGKILL
//! to the process, so nothing of s3net's own can soften the blow.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

/// When the process is killed, seen from the chosen request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the request leaves.
    Before,
    /// When AWS has done it and before the answer is read.
    After,
}

/// At which mutating request the process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The nth, counted from 1.
    Call(usize),
    /// The first of an operation.
    First(&'static str),
}

/// Where the process is killed.
#[derive(Debug, Clone, Copy)]
pub struct Blow {
    /// At which mutating request.
    pub at: At,
    /// When.
    pub moment: Moment,
}

/// A proxy that lives as long as this value, or the test.
pub struct Proxy {
    /// Where it listens.
    pub url: String,
    shared: Arc<Shared>,
}

struct Shared {
    upstream: String,
    blow: Option<Blow>,
    victim: AtomicU32,
    mutating: Mutex<Vec<String>>,
    struck: Mutex<Option<String>>,
}

impl Proxy {
    /// A proxy before an endpoint; without a blow it only counts.
    pub fn before(endpoint: &str, blow: Option<Blow>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            upstream: endpoint.trim_start_matches("http://").to_owned(),
            blow,
            victim: AtomicU32::new(0),
            mutating: Mutex::default(),
            struck: Mutex::new(None),
        });
        let of_listener = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&of_listener);
                // A connection that breaks is what this is about.
                std::thread::spawn(move || drop(serve(&shared, &stream)));
            }
        });
        Self { url, shared }
    }

    /// Names the process that is to be killed.
    pub fn aim_at(&self, process: u32) {
        self.shared.victim.store(process, Ordering::SeqCst);
    }

    /// The mutating requests that came, in order.
    pub fn mutating(&self) -> Vec<String> {
        self.shared.mutating.lock().unwrap().clone()
    }

    /// The request at which the process was killed, where it was.
    pub fn struck(&self) -> Option<String> {
        self.shared.struck.lock().unwrap().clone()
    }
}

struct Message {
    head: String,
    body: Vec<u8>,
}

fn serve(shared: &Shared, client: &TcpStream) -> std::io::Result<()> {
    let mut from_client = BufReader::new(client.try_clone()?);
    let upstream = TcpStream::connect(&shared.upstream)?;
    let mut from_upstream = BufReader::new(upstream.try_clone()?);
    for stream in [client, &upstream] {
        stream.set_nodelay(true)?;
    }
    while let Some(request) = read(&mut from_client, false)? {
        let named = name(&request);
        let blow = named.as_ref().and_then(|named| {
            let mut mutating = shared.mutating.lock().unwrap();
            mutating.push(named.clone());
            shared.blow.filter(|blow| match blow.at {
                At::Call(call) => call == mutating.len(),
                At::First(operation) => operation == named,
            })
        });
        if let (Some(blow), Some(named)) = (blow, &named) {
            *shared.struck.lock().unwrap() = Some(named.clone());
            if blow.moment == Moment::Before {
                kill(shared);
                return Ok(());
            }
        }
        let bodiless = request.head.starts_with("HEAD ");
        write(&mut &upstream, &request)?;
        let Some(answer) = read(&mut from_upstream, bodiless)? else {
            return Ok(());
        };
        if blow.is_some() {
            kill(shared);
            return Ok(());
        }
        write(&mut &*client, &answer)?;
    }
    Ok(())
}

/// Kills the process and returns when it cannot send anything any more.
fn kill(shared: &Shared) {
    let victim = shared.victim.load(Ordering::SeqCst).to_string();
    let killed = Command::new("kill").args(["-KILL", &victim]).status();
    assert!(killed.unwrap().success(), "process {victim} is not there");
}

fn read(from: &mut impl BufRead, bodiless: bool) -> std::io::Result<Option<Message>> {
    let mut head = String::new();
    let mut length = 0;
    loop {
        let start = head.len();
        if from.read_line(&mut head)? == 0 {
            return Ok(None);
        }
        let line = head[start..].trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        assert!(
            !line.starts_with("transfer-encoding:"),
            "this proxy knows bodies of a stated length only"
        );
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; if bodiless { 0 } else { length }];
    from.read_exact(&mut body)?;
    Ok(Some(Message { head, body }))
}

fn write(to: &mut impl Write, message: &Message) -> std::io::Result<()> {
    let mut bytes = message.head.clone().into_bytes();
    bytes.extend(&message.body);
    to.write_all(&bytes)
}

/// What a mutating request asks for; none for a read.
fn name(request: &Message) -> Option<String> {
    let line = request.head.lines().next().unwrap_or_default();
    let body = String::from_utf8_lossy(&request.body);
    // EC2, IAM and STS name the operation in a form, SSM in a header.
    let in_form = body.strip_prefix("Action=").or_else(|| {
        let (_, rest) = body.split_once("&Action=")?;
        Some(rest)
    });
    let target = request.head.lines().find_map(|line| {
        let (header, value) = line.split_once(':')?;
        header
            .eq_ignore_ascii_case("x-amz-target")
            .then(|| value.trim())
    });
    let operation = match (in_form, target) {
        (Some(form), _) => form.split('&').next().unwrap_or_default(),
        (None, Some(target)) => target.rsplit('.').next().unwrap_or_default(),
        // S3 and Route 53 mutate by method.
        (None, None) => {
            let method = line.split(' ').next().unwrap_or_default();
            let reads = ["GET", "HEAD"].contains(&method);
            return (!reads).then(|| line.to_owned());
        }
    };
    // A dry run does nothing, nor does IAM's policy simulator.
    if body.contains("DryRun=true") {
        return None;
    }
    let reads = ["Describe", "Get", "List", "Simulate"];
    (!reads.iter().any(|read| operation.starts_with(read))).then(|| operation.to_owned())
}

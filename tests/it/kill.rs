//! Killed at any call: nothing lost, nothing twice.
//!
//! For every mutating call of an apply and of a destroy of three-ways the process
//! is killed twice: before the request leaves, and when AWS has done it and nobody
//! has heard. The next run must leave what an undisturbed one leaves.
//!
//! A seeded sample of the points runs with all tests. All of them:
//!
//! ```text
//! S3NET_KILL_POINTS=all cargo test --test it kill:: -- --nocapture
//! ```
//!
//! `S3NET_KILL_POINTS=100` tries a hundred, `S3NET_KILL_SEED=7` others.

pub mod census;
mod deeds;
pub mod proxy;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use census::census;
use proxy::{At, Blow, Moment, Proxy};

use serde_json::json;

use crate::lab::{Lab, Ran, endpoint, leftovers};

/// For how many seconds a lagging endpoint hides what it made.
const LAG: u64 = 3;

/// The creations that take no client token and have no natural key that AWS
/// would refuse a second time: what they may have made must be waited for.
const ONCE_ONLY: [&str; 3] = ["CreateVpc", "CreateInternetGateway", "AllocateAddress"];

/// How many points of each of the four sweeps a plain test run tries.
const SAMPLE: usize = 9;

/// One point at which a process is killed.
#[derive(Debug, Clone, Copy)]
struct Point {
    blow: Blow,
    /// One step at a time makes the order of calls certain; many at a time
    /// leave several calls open.
    parallelism: u16,
}

/// What an undisturbed build leaves and how many mutating calls it makes.
struct Undisturbed {
    census: Vec<String>,
    /// The mutating calls of an apply, one step at a time.
    applying: Vec<String>,
    destroying: Vec<String>,
}

/// A lab whose calls go by way of a proxy.
struct Site {
    lab: Lab,
    /// What s3net is told of how long AWS may take to show what it made.
    consistency: u64,
}

impl Site {
    fn new() -> Self {
        Self {
            lab: Lab::with_plan("three-ways.toml"),
            // The endpoint shows at once what it has.
            consistency: 0,
        }
    }

    /// A site where AWS shows what it made some seconds later.
    fn lagging() -> Self {
        let site = Self {
            consistency: LAG + 2,
            ..Self::new()
        };
        site.lab.settings(json!({ "visible_after_seconds": LAG }));
        site
    }

    fn command(&self, verb: &str, url: &str, more: &[&str]) -> Command {
        let bucket = format!("bucket={}", self.lab.bucket());
        let mut command = self.lab.command(&[verb, "plan.toml", "--var", &bucket]);
        command
            .args(more)
            .env("AWS_ACCESS_KEY_ID", &self.lab.account)
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_ENDPOINT_URL", url)
            .env("S3NET_CONSISTENCY", self.consistency.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, verb: &str, more: &[&str]) -> Ran {
        self.command(verb, endpoint(), more)
            .output()
            .unwrap()
            .into()
    }

    /// Runs a verb by way of a proxy; gives the proxy.
    fn struck(&self, verb: &str, point: Option<Point>) -> (Proxy, Ran) {
        let proxy = Proxy::before(endpoint(), point.map(|point| point.blow));
        let parallelism = point.map_or(1, |point| point.parallelism).to_string();
        let more = ["--auto-approve", "--parallelism", &parallelism];
        let child = self.command(verb, &proxy.url, &more).spawn().unwrap();
        proxy.aim_at(child.id());
        let ran = Ran::from(child.wait_with_output().unwrap());
        (proxy, ran)
    }

    fn census(&self) -> Vec<String> {
        block_on(async { census(&self.lab.aws().await, &self.lab.account).await })
    }

    fn leftovers(&self) -> Vec<String> {
        block_on(async { leftovers(&self.lab.aws().await).await })
    }

    /// The files of the stack's state, lock apart.
    fn files(&self) -> BTreeSet<String> {
        let folder = self.lab.folder.path().join("state/three-ways");
        let files = std::fs::read_dir(folder).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name != "lock").collect()
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

fn undisturbed() -> &'static Undisturbed {
    static UNDISTURBED: OnceLock<Undisturbed> = OnceLock::new();
    UNDISTURBED.get_or_init(|| {
        let site = Site::new();
        let (proxy, ran) = site.struck("apply", None);
        ran.exits(0);
        let (applying, census) = (proxy.mutating(), site.census());
        let (proxy, ran) = site.struck("destroy", None);
        ran.exits(0);
        assert!(site.leftovers().is_empty());
        Undisturbed {
            census,
            applying,
            destroying: proxy.mutating(),
        }
    })
}

/// The points of one sweep: all, or a seeded sample spread over the calls.
fn points(calls: usize, moment: Moment) -> Vec<Point> {
    let wish = std::env::var("S3NET_KILL_POINTS").unwrap_or_default();
    let of = |call, parallelism| Point {
        blow: Blow {
            at: At::Call(call),
            moment,
        },
        parallelism,
    };
    if wish == "all" {
        let both = |call| [of(call, 1), of(call, 16)];
        return (1..=calls).flat_map(both).collect();
    }
    let wanted = wish.parse().map_or(SAMPLE, |all: usize| all.div_ceil(4));
    let seed = std::env::var("S3NET_KILL_SEED").ok();
    let mut random = seed
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(20_261_122_u64);
    (0..wanted)
        .map(|number| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // One out of each of as many stretches as there are points.
            let (start, end) = (number * calls / wanted, (number + 1) * calls / wanted);
            let within = (random >> 33) as usize % (end - start).max(1);
            of(start + within + 1, if number % 2 == 0 { 16 } else { 1 })
        })
        .collect()
}

/// Tries every point; fails with all that went wrong at once.
fn sweep(verb: &str, calls: usize, moment: Moment, judge: impl Fn(&Site, &str)) {
    let points = points(calls, moment);
    let mut wrong = Vec::new();
    for point in &points {
        let tried = catch_unwind(AssertUnwindSafe(|| {
            let site = Site::new();
            if verb == "destroy" {
                site.run("apply", &["--auto-approve"]).exits(0);
            }
            let (proxy, ran) = site.struck(verb, Some(*point));
            let at = proxy.struck().unwrap_or_default();
            assert_eq!(ran.code, -1, "killed at {at}\n{}", ran.err);
            judge(&site, &at);
        }));
        if let Err(panic) = tried {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            wrong.push(format!("{point:?}: {text}"));
        }
    }
    println!(
        "kill sweep: {verb}, {moment:?}: {} points of {calls} calls tried, {} wrong",
        points.len(),
        wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What must hold after an apply was killed.
fn goes_on_to_the_same_network(site: &Site, at: &str) {
    let next = site.run("apply", &["--auto-approve"]);
    assert_eq!(next.code, 0, "after {at}:\n{}\n{}", next.out, next.err);
    let plan = site.run("plan", &["--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "after {at}, not empty:\n{}", plan.out);
    let (is, should) = (site.census(), &undisturbed().census);
    let difference = |a: &[String], b: &[String]| {
        let mut rest = b.to_vec();
        let missing = a.iter().filter(|line| {
            let same = rest.iter().position(|other| other == *line);
            same.map(|place| rest.remove(place)).is_none()
        });
        missing.cloned().collect::<Vec<_>>()
    };
    let (lost, twice) = (difference(should, &is), difference(&is, should));
    assert!(
        lost.is_empty() && twice.is_empty(),
        "after {at}: lost {lost:#?}, too much {twice:#?}\n{}",
        next.err
    );
    assert_eq!(site.files(), ["state.json".to_owned()].into(), "after {at}");
    site.run("destroy", &["--auto-approve"]).exits(0);
    let left = site.leftovers();
    assert!(left.is_empty(), "after {at}, left: {left:?}");
}

/// What must hold after a destroy was killed.
fn goes_on_to_nothing(site: &Site, at: &str) {
    let next = site.run("destroy", &["--auto-approve"]);
    assert_eq!(next.code, 0, "after {at}:\n{}\n{}", next.out, next.err);
    let left = site.leftovers();
    assert!(left.is_empty(), "after {at}, left: {left:?}");
    assert_eq!(site.files(), ["state.json".to_owned()].into(), "after {at}");
    site.run("plan", &["--detailed-exitcode"]).exits(2);
}

#[test]
fn an_apply_killed_before_a_call_goes_on() {
    let calls = undisturbed().applying.len();
    sweep("apply", calls, Moment::Before, goes_on_to_the_same_network);
}

#[test]
fn an_apply_killed_after_a_call_goes_on() {
    let calls = undisturbed().applying.len();
    sweep("apply", calls, Moment::After, goes_on_to_the_same_network);
}

#[test]
fn a_destroy_killed_before_a_call_goes_on() {
    let calls = undisturbed().destroying.len();
    sweep("destroy", calls, Moment::Before, goes_on_to_nothing);
}

#[test]
fn a_destroy_killed_after_a_call_goes_on() {
    let calls = undisturbed().destroying.len();
    sweep("destroy", calls, Moment::After, goes_on_to_nothing);
}

/// The point after the first call of an operation, one step at a time.
fn after(operation: &'static str) -> Point {
    Point {
        blow: Blow {
            at: At::First(operation),
            moment: Moment::After,
        },
        parallelism: 1,
    }
}

#[test]
fn what_a_killed_run_made_is_found_although_aws_does_not_show_it_yet() {
    let tried: Vec<_> = ONCE_ONLY
        .map(|operation| {
            undisturbed();
            std::thread::spawn(move || {
                let site = Site::lagging();
                let (_, ran) = site.struck("apply", Some(after(operation)));
                assert_eq!(ran.code, -1, "{}", ran.err);
                let next = site.run("apply", &["--auto-approve"]).exits(0);
                let text = next.err.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(text.contains("It may not show it yet"), "{}", next.err);
                assert!(text.contains("adopted "), "{}", next.err);
                goes_on_to_the_same_network(&site, operation);
            })
        })
        .into_iter()
        .collect();
    for tried in tried {
        tried.join().unwrap();
    }
}

#[test]
fn a_destroy_right_after_a_kill_waits_for_what_aws_does_not_show_yet() {
    let tried: Vec<_> = ["AllocateAddress", "CreateInternetGateway"]
        .map(|operation| {
            undisturbed();
            std::thread::spawn(move || {
                let site = Site::lagging();
                let (_, ran) = site.struck("apply", Some(after(operation)));
                assert_eq!(ran.code, -1, "{}", ran.err);
                goes_on_to_nothing(&site, operation);
            })
        })
        .into_iter()
        .collect();
    for tried in tried {
        tried.join().unwrap();
    }
}

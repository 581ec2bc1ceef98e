//! `s3net reap`: stacks whose lifetime is over, found by their tags alone.
//!
//! ```text
//! each region ─► which stacks have a lifetime ─► what lives of each ─► list
//!                                                                       │
//!     each that is over, one after the other: lock ─► look again ◄──────┘
//!                        sweep ◄─ run ◄─ ask ◄─ plan of nothing ◄─┘
//! ```
//!
//! No plan file is read. State is where --state says, or in the usual folder:
//! where that holds the stack's state, it is used and its lock respected; where
//! there is none, one is begun there, so that a killed run can go on. A lock
//! that is kept elsewhere is not seen: a team whose state is on S3 passes its
//! place by --state or S3NET_STATE.

mod taking_down;

use clap::Args;
use futures_util::future::join_all;
use jiff::Timestamp;

use super::Exit;
use super::arguments::{Output, Target};
use super::keeping::location;
use super::problem::Problem;
use super::reach::connect_to;
use crate::aws::Aws;
use crate::kinds::registry;
use crate::model::policy::Caller;
use crate::model::{Place, StateLocation};
use crate::refresh::{Aged, Marked, Verdict, aged, marked};
use crate::report::{Printer, reap_json, reap_text};

use taking_down::{Reaped, live_of, take_down};

/// How many stacks are looked at side by side.
const SIDE_BY_SIDE: usize = 4;

/// What the help says beneath the options.
const HELP: &str = "\
A stack has a lifetime where its file states `ttl`: every object then carries
s3net:expires-at. Without --destroy nothing is changed. With it, what is over
is taken down as `s3net destroy` would, and nothing that does not carry both
s3net:stack and s3net:expires-at is touched. A stack of which one object
carries no such tag, or one that s3net cannot have written, is told of and left
alone.";

/// Find stacks whose lifetime is over, by their tags alone; take them down.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct ReapArgs {
    /// Take down what is over. Without it, reap only tells.
    #[arg(long)]
    destroy: bool,
    /// Only this stack; may be given several times.
    #[arg(long = "stack", value_name = "NAME")]
    stacks: Vec<String>,
    /// Use the local AWS endpoint: no account, no bill. Starts it if need be.
    #[arg(long, conflicts_with_all = ["endpoint_url", "profile"])]
    local: bool,
    /// Call this URL instead of AWS's own; AWS_ENDPOINT_URL does the same.
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// A profile of the AWS configuration files.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// A region to look in; may be given several times [default: the usual one].
    #[arg(long = "region", value_name = "NAME")]
    regions: Vec<String>,
    /// Where the stacks' state is: a folder, or s3://BUCKET/PREFIX [default: the
    /// folder `state`].
    #[arg(long, value_name = "PLACE", env = "S3NET_STATE", value_parser = location)]
    state: Option<StateLocation>,
    /// How many seconds a lock on S3 outlives a run that has gone silent.
    #[arg(
        long,
        hide = true,
        env = "S3NET_LEASE_SECONDS",
        default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(2..=3600)
    )]
    lease: u64,
    /// Wait so many seconds for a lock that another run holds [default: 0].
    #[arg(long, value_name = "SECONDS", requires = "destroy")]
    lock_timeout: Option<u64>,
    #[command(flatten)]
    output: Output,
    /// Do not ask before a stack is taken down.
    #[arg(long)]
    auto_approve: bool,
    /// How many steps may be in flight at once.
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=512))]
    parallelism: u16,
    /// Exit with 2 where a lifetime is over (and nothing is taken down).
    #[arg(long, conflicts_with = "destroy")]
    detailed_exitcode: bool,
}

impl ReapArgs {
    /// How to reach one region.
    fn target(&self, region: Option<&String>) -> Target {
        Target {
            local: self.local,
            endpoint_url: self.endpoint_url.clone(),
            profile: self.profile.clone(),
            region: region.cloned(),
            state: self.state.clone(),
            lease: self.lease,
            lock_timeout: self.lock_timeout,
            consistency: None,
        }
    }
}

/// One region as it was reached.
struct Region {
    target: Target,
    aws: Aws,
    place: Place,
    caller: Caller,
}

pub(super) async fn run(args: ReapArgs) -> Exit {
    let printer = args.output.printer();
    let regions: Vec<Option<&String>> = match args.regions.is_empty() {
        true => vec![None],
        false => args.regions.iter().map(Some).collect(),
    };
    let mut tally = Tally::default();
    for region in regions {
        if let Err(problem) = in_region(&args, region, &printer, &mut tally).await {
            tally.failed = true;
            problem.tell(&printer);
        }
        if tally.interrupted {
            break;
        }
    }
    if args.destroy && !tally.reaped.is_empty() {
        if printer.json() {
            printer.document(&reap_json::reaped_document(&tally.reaped));
        } else if tally.reaped.len() > 1 {
            printer.note(&reap_text::reaped(&tally.reaped));
        }
    }
    tally.exit(&args, &printer)
}

/// What came of all regions.
#[derive(Debug, Default)]
struct Tally {
    expired: usize,
    failed: bool,
    interrupted: bool,
    reaped: Vec<reap_json::Fate>,
}

impl Tally {
    fn exit(&self, args: &ReapArgs, printer: &Printer) -> Exit {
        let fates = || self.reaped.iter().map(|fate| fate.result);
        let unwell = |result| matches!(result, "failed" | "declined");
        if self.interrupted {
            Exit::Interrupted
        } else if self.failed || printer.lost_output() || fates().any(unwell) {
            Exit::Error
        } else if fates().any(|result| result == "locked") {
            Exit::Locked
        } else if args.detailed_exitcode && self.expired > 0 {
            Exit::Pending
        } else {
            Exit::Done
        }
    }
}

/// Looks at one region, and takes down what is over there if that is wanted.
async fn in_region(
    args: &ReapArgs,
    region: Option<&String>,
    printer: &Printer,
    tally: &mut Tally,
) -> Result<(), Problem> {
    let target = args.target(region);
    let aws = connect_to(target.region.clone(), None, &target, printer).await?;
    let caller = aws.caller().await?;
    let here = Region {
        place: aws.place_of(&caller),
        target,
        aws,
        caller,
    };
    let found = stacks(args, &here, printer, tally).await?;
    let now = Timestamp::now();
    let listed: Vec<&Aged> = found.iter().map(|(_, aged)| aged).collect();
    if printer.json() {
        printer.document(&reap_json::document(&here.place, &listed, now));
    } else if listed.is_empty() {
        printer.note(&format!(
            "No stack in {}, account {}, has a lifetime{}.",
            here.place.region,
            here.place.account,
            if args.stacks.is_empty() {
                ""
            } else {
                ", of those that you name"
            },
        ));
    } else {
        printer.data(&reap_text::list(&here.place, &listed, printer.style()));
    }
    let over = |aged: &Aged| matches!(aged.verdict, Verdict::Expired(_));
    let expired: Vec<_> = found.iter().filter(|(_, aged)| over(aged)).collect();
    tally.expired += expired.len();
    if !args.destroy {
        if !expired.is_empty() && !printer.json() {
            printer.hint("`s3net reap --destroy` takes down what is over");
        }
        return Ok(());
    }
    for (stack, _) in expired {
        let reaped = take_down(args, &here, stack, printer).await;
        tally.interrupted |= reaped == Reaped::Interrupted;
        tally.reaped.push(reap_json::Fate {
            stack: stack.stack.clone(),
            region: here.place.region.clone(),
            result: reaped.word(),
        });
        // Nobody is there to ask, or nobody wants to be asked again.
        if matches!(reaped, Reaped::Interrupted | Reaped::NobodyToAsk) {
            break;
        }
    }
    Ok(())
}

/// The stacks of a region that have a lifetime and of which something lives. One
/// that cannot be read is told of, and counts as failed.
async fn stacks(
    args: &ReapArgs,
    here: &Region,
    printer: &Printer,
    tally: &mut Tally,
) -> Result<Vec<(Marked, Aged)>, Problem> {
    let mut names = marked(registry(), &here.aws, &here.place).await?;
    names.retain(|stack| args.stacks.is_empty() || args.stacks.contains(&stack.stack));
    let (ours, strange): (Vec<_>, Vec<_>) = names.into_iter().partition(Marked::is_ours);
    for stack in strange {
        printer.warning(
            &format!("`{}` can be no stack's name: left alone", stack.stack),
            Some("something else wrote s3net's tags there; look who did"),
        );
    }
    let mut found = Vec::new();
    for some in ours.chunks(SIDE_BY_SIDE) {
        let reads = some
            .iter()
            .map(|stack| live_of(&here.aws, &here.place, stack));
        for (stack, read) in some.iter().zip(join_all(reads).await) {
            match read {
                Ok(live) => {
                    let seen = aged(
                        registry(),
                        &stack.stack,
                        &live,
                        &here.place.region,
                        Timestamp::now(),
                    );
                    found.extend(seen.map(|aged| (stack.clone(), aged)));
                }
                Err(error) => {
                    tally.failed = true;
                    let problem = Problem::from(error);
                    let problem = Problem {
                        problem: format!("{}: {}", stack.stack, problem.problem),
                        ..problem
                    };
                    problem.tell(printer);
                }
            }
        }
    }
    Ok(found)
}

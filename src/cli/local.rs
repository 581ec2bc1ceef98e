//! `s3net local`: the AWS endpoint on this machine.

use clap::{Args, Subcommand};
use jiff::Timestamp;

use crate::local::{
    self, Endpoint, Fault, Folders, LocalError, Order, Progress, Reset, Running, SECRET, Setting,
    Status, Stopped, Wish,
};

/// What may be set, shown by `s3net local --help`.
const ENVIRONMENT: &str = "\
Environment:
  S3NET_LOCAL_ACCOUNT  The AWS account to act in, twelve digits; each has data
                       of its own [default: 123456789012]
  S3NET_LOCAL_DIR      Where the endpoint's record and log are; another folder
                       means another endpoint [default: `local` in the cache]
  S3NET_LOCAL_UNTIL    A process; an endpoint that is started ends after it
                       [default: it runs until it is stopped]
  S3NET_CACHE          Where it is installed [default: `s3net` in the user's
                       cache folder, such as ~/.cache/s3net]
  S3NET_PYTHON         The Python to install it with [default: the first that
                       fits of python3, python3.14 to python3.10, python]";

/// What trouble can be ordered, shown by `s3net local start --help`.
const TROUBLE: &str = "\
Settings hold until they are changed, for every account, or for the one that
S3NET_LOCAL_ACCOUNT names. All are zero or off at first; `.KIND` picks one kind:
  visible_after_seconds[.KIND]  New objects are not shown and not known so long
                                (vpc, subnet, internet_gateway, attachment,
                                elastic_ip, nat_gateway, route_table, route,
                                association, security_group, vpc_endpoint,
                                security_group_rule, network_interface,
                                instance, role, instance_profile, hosted_zone)
  iam_propagation_seconds       EC2 and S3 do not know new roles so long
  throttle                      on: AWS's published rates; off
  throttle.SERVICE:ACTION       SIZE/RATE, such as 4/0.3: 4 calls at once, then
                                0.3 a second; turns throttling on
  deny.SERVICE:ACTION           on: refused for want of permission, and so said
                                by dry runs and IAM's policy simulator
  quota.CODE                    How many Service Quotas says there may be, such
                                as quota.L-F678F1CE=5 for VPCs
  zone_change_seconds           PriorRequestNotComplete so long after a change
  credentials_expire_after_calls  So many more calls, then ExpiredToken; never
  pending_seconds[.KIND]        Until ready (nat_gateway, vpc_endpoint,
                                instance, hosted_zone_change)
  modifying_seconds             OperationInProgress so long after a change
  deleting_seconds[.KIND]       Until gone (nat_gateway, vpc_endpoint, instance)
  lingering_interface_seconds   Interfaces outlive their endpoint so long
  release_trouble_seconds       An address is not released so long after its
                                NAT gateway has gone
  latency_ms                    Every call takes so much longer

A fault strikes certain calls, and is then spent:
  ec2:CreateVpc,nth=2,code=RequestLimitExceeded,status=503   the 2nd call fails
  ec2:*,times=3,status=500,code=InternalError                the next 3 calls
  ec2:CreateVpc,drop            no answer, nothing done; `reset`: by a reset
  ec2:CreateVpc,drop,after      no answer, and yet it is done
  ec2:CreateVpc,truncate        done, and the answer ends half-way
  ec2:CreateVpc,delay=5         done 5 s later
  ec2:CreateNatGateway,becomes=failed,code=InternalError,message=Network error
  ec2:CreateVpcEndpoint,becomes=rejected                     or failed
or as JSON: '{\"action\": \"ec2:CreateVpc\", \"nth\": 2, \"drop\": true}'";

/// The AWS endpoint on this machine that `--local` uses: no account, no bill
#[derive(Debug, Clone, Args)]
#[command(after_long_help = ENVIRONMENT)]
pub struct LocalArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub verb: LocalVerb,
}

/// What to do with the local AWS endpoint.
#[derive(Debug, Clone, Subcommand)]
pub enum LocalVerb {
    /// Start it, and install it before if need be; `--local` does so by itself
    #[command(after_long_help = TROUBLE)]
    Start {
        /// Listen at this port of 127.0.0.1 [default: any free one]
        #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
        port: Option<u16>,
        /// Install it afresh first; what was built on it is lost
        #[arg(long)]
        reinstall: bool,
        /// Rehearse trouble: change a setting, also where it already runs; may
        /// be repeated
        #[arg(long = "setting", value_name = "NAME=VALUE")]
        settings: Vec<Setting>,
        /// Rehearse trouble: order a fault, also where it already runs; may be
        /// repeated
        #[arg(long = "fault", value_name = "FAULT")]
        faults: Vec<Fault>,
    },
    /// Stop it; what was built on it is lost
    Stop,
    /// Empty it; it goes on running
    ///
    /// Drops what was built in one account: 123456789012, or the one that
    /// S3NET_LOCAL_ACCOUNT names.
    Reset {
        /// Empty every account, not only one's own
        #[arg(long)]
        all: bool,
    },
    /// Show where it is, and how other AWS tools can use it
    Status,
}

/// Runs the verb and returns what to print. Steps that take long are told to
/// `progress`.
///
/// # Errors
/// See [`LocalError`].
pub async fn run(arguments: LocalArgs, progress: Progress<'_>) -> Result<String, LocalError> {
    let folders = Folders::from_environment()?;
    match arguments.verb {
        LocalVerb::Start {
            port,
            reinstall,
            settings,
            faults,
        } => {
            let wish = Wish {
                port,
                reinstall,
                account: None,
            };
            let endpoint = local::start(&folders, &wish, progress).await?;
            let settings = settings.into_iter().map(|setting| setting.0);
            let orders: Vec<_> = settings.chain(faults.into_iter().map(|f| f.0)).collect();
            let ordered = rehearse(&endpoint, &orders).await?;
            Ok(started(&endpoint) + &ordered)
        }
        LocalVerb::Stop => Ok(match local::stop(&folders, progress).await? {
            Stopped::Ended { url } => format!("stopped the local AWS endpoint at {url}\n"),
            Stopped::NotRunning => "the local AWS endpoint is not running\n".to_owned(),
        }),
        LocalVerb::Reset { all } => {
            let account = local::account()?;
            let chosen = (!all).then_some(account.as_str());
            Ok(match local::reset(&folders, chosen).await? {
                Reset::Done { .. } if !all => {
                    format!("emptied account {account} of the local AWS endpoint\n")
                }
                Reset::Done { accounts } => format!(
                    "emptied every account of the local AWS endpoint ({})\n",
                    if accounts.is_empty() {
                        "all were empty".to_owned()
                    } else {
                        accounts.join(", ")
                    }
                ),
                Reset::NotRunning => {
                    "the local AWS endpoint is not running, so nothing is there\n".to_owned()
                }
            })
        }
        LocalVerb::Status => {
            let status = local::status(&folders).await?;
            Ok(shown(&status, Timestamp::now()))
        }
    }
}

/// Orders trouble, and says for whom it is.
async fn rehearse(endpoint: &Endpoint, orders: &[Order]) -> Result<String, LocalError> {
    let whose = local::whose()?;
    let mut said = String::new();
    for order in orders {
        local::order(endpoint, order, whose.as_deref()).await?;
        let whose = match &whose {
            Some(account) => format!("account {account}"),
            None => "every account".to_owned(),
        };
        said += &format!("ordered for {whose}: {}\n", order.text);
    }
    Ok(said)
}

fn started(endpoint: &Endpoint) -> String {
    let Endpoint { url, pid, .. } = endpoint;
    let verb = if endpoint.started {
        "started"
    } else {
        "already runs"
    };
    let subject = "the local AWS endpoint";
    let line = if endpoint.started {
        format!("{verb} {subject} at {url} (process {pid})")
    } else {
        format!("{subject} {verb} at {url} (process {pid})")
    };
    format!("{line}\n`s3net local status` shows how other AWS tools can use it\n")
}

fn shown(status: &Status, now: Timestamp) -> String {
    let log = status.log.display();
    let account = &status.account;
    let Some(running) = &status.running else {
        return format!(
            "the local AWS endpoint is not running\n\
             start it: `s3net local start`; `--local` starts it too\n\
             \n  account  {account}\n  log      {log}\n"
        );
    };
    let Running { url, pid, .. } = running;
    let state = match (&running.moto, running.version == status.version) {
        (None, _) => {
            "the local AWS endpoint runs, but does not answer\n\
             if it is not merely busy, replace it: `s3net local stop && s3net local start`"
        }
        (_, true) => "the local AWS endpoint is running",
        (_, false) => {
            "the local AWS endpoint is running, in another version: \
             the next `--local` replaces it, and its data is lost"
        }
    };
    let moto = running.moto.as_deref().unwrap_or("unknown");
    format!(
        "{state}\n\n  \
         url      {url}\n  \
         process  {pid}\n  \
         since    {} ({})\n  \
         version  {} (moto {moto})\n  \
         account  {account}\n  \
         log      {log}\n\n\
         other AWS tools use it with:\n\n{}",
        running.since.strftime("%Y-%m-%d %H:%M:%S UTC"),
        age(running.since, now),
        running.version,
        shell_lines(url, account),
    )
}

/// How long ago, in the largest whole unit.
fn age(since: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(since.as_second()).max(0);
    match seconds {
        0..120 => format!("{seconds} s ago"),
        120..7_200 => format!("{} min ago", seconds / 60),
        7_200..172_800 => format!("{} h ago", seconds / 3_600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}

/// What to type so that other AWS tools call the local endpoint. A profile
/// would win over the keys in some tools, and a session token would be sent
/// along with them.
fn shell_lines(url: &str, account: &str) -> String {
    let settings = [
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ACCESS_KEY_ID", account),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_REGION", "us-east-1"),
    ];
    let mut lines = String::new();
    for (name, value) in settings {
        lines += &if cfg!(windows) {
            format!("  $env:{name} = \"{value}\"\n")
        } else {
            format!("  export {name}={value}\n")
        };
    }
    lines += if cfg!(windows) {
        "  Remove-Item Env:AWS_PROFILE, Env:AWS_SESSION_TOKEN -ErrorAction Ignore\n"
    } else {
        "  unset AWS_PROFILE AWS_SESSION_TOKEN\n"
    };
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        local: LocalArgs,
    }

    #[test]
    fn reads_its_arguments() {
        let verb = |words: &[&str]| {
            let line = Line::try_parse_from([&["local"], words].concat());
            line.map(|line| line.local.verb)
        };
        assert!(matches!(
            verb(&["start", "--port", "4566"]).unwrap(),
            LocalVerb::Start {
                port: Some(4566),
                reinstall: false,
                ..
            }
        ));
        assert!(matches!(
            verb(&["reset", "--all"]).unwrap(),
            LocalVerb::Reset { all: true }
        ));
        for wrong in [
            &["start", "--port", "0"][..],
            &["start", "--port", "70000"],
            &[],
        ] {
            assert!(verb(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn says_how_old_it_is() {
        let ago = |seconds| {
            age(
                Timestamp::UNIX_EPOCH,
                Timestamp::from_second(seconds).unwrap(),
            )
        };
        assert_eq!(ago(5), "5 s ago");
        assert_eq!(ago(300), "5 min ago");
        assert_eq!(ago(10_000), "2 h ago");
        assert_eq!(ago(400_000), "4 days ago");
        assert_eq!(ago(-5), "0 s ago");
    }

    #[test]
    fn the_status_has_all_that_a_user_needs() {
        let mut status = Status {
            running: None,
            account: "111122223333".to_owned(),
            log: "/run/endpoint.log".into(),
            version: "aaaa",
        };
        let text = shown(&status, Timestamp::UNIX_EPOCH);
        assert!(text.contains("not running") && text.contains("`s3net local start`"));
        status.running = Some(Running {
            url: "http://127.0.0.1:4566".to_owned(),
            pid: 4711,
            since: Timestamp::UNIX_EPOCH,
            version: "aaaa".to_owned(),
            moto: Some("5.2.5".to_owned()),
        });
        let text = shown(&status, Timestamp::UNIX_EPOCH);
        for part in [
            "AWS_ENDPOINT_URL=http://127.0.0.1:4566\n",
            "AWS_ACCESS_KEY_ID=111122223333\n",
            "process  4711\n",
            "since    1970-01-01 00:00:00 UTC (0 s ago)\n",
            "version  aaaa (moto 5.2.5)\n",
            "log      /run/endpoint.log\n",
        ] {
            assert!(text.contains(part) || cfg!(windows), "{part} in {text}");
        }
    }
}

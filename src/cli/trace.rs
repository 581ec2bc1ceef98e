//! `s3net trace`
//!
//! ```text
//! words ─► Asked ─► facts: of the file, of the plan, of the account ─► Network
//!   FILE FROM TO                                                         │
//!                        FROM, TO in it ─► questions ─► Tracer ─► report ◄┘
//! ```

use std::path::{Path, PathBuf};

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use super::arguments::{Output, Source, Target, name_and_value};
use super::completing::Ways;
use super::problem::Problem;
use super::trace_facts::{Facts, Wish, facts_of};
use super::{Exit, expectations};
use crate::model::network::Network;
use crate::report::{Printer, trace_json, trace_matrix, trace_text};
use crate::trace::selection::{self, Unfound};
use crate::trace::{Naming, Question, Trace, Tracer, Verdict};

/// How the verb is called.
const USAGE: &str = "\
s3net trace [OPTIONS] FILE FROM TO
       s3net trace [OPTIONS] --all FILE [FROM [TO]]
       s3net trace [OPTIONS] --check FILE
       s3net trace [OPTIONS] --live ID TO";

/// What the help says beneath the options.
const HELP: &str = "\
FROM is an instance or a subnet: `instance.one`, `subnet.private-1`, or its
AWS id. TO is a bucket or a service: `bucket.data`, `s3://my-data`, `ssm`,
`ec2`. A `*` in either stands for anything and gives a matrix; quote it.

Without --live or --planned nothing is asked of AWS: the answer is for the
network that the file wants, as if all of it were there. With --live and no
file, any VPC can be asked about, also one that s3net did not make: FROM is
then the id of an instance, a subnet or a VPC.

  s3net trace plans/three-ways.toml instance.one bucket.data
  s3net trace plans/three-ways.toml 'instance.*' bucket.data
  s3net trace plans/three-ways.toml --all
  s3net trace plans/three-ways.toml --check
  s3net trace subnet-0a1b2c3d4e5f60718 s3://my-data --live

Exit codes:
  0    the way is shown, wherever it leads
  1    an error
  3    with --check, an expectation of the file fails or cannot be known to
       hold, or a way that was asked about does not certainly work";

/// Show which way traffic takes, and why, before anything is touched.
#[derive(Debug, Args)]
#[command(override_usage = USAGE, after_help = HELP)]
pub struct TraceArgs {
    /// The plan file, from where, and to where.
    #[arg(value_name = "FILE FROM TO", num_args = 0.., add = ArgValueCompleter::new(Ways))]
    words: Vec<String>,
    /// Set a variable of the file; S3NET_VAR_<NAME> in the environment does too.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = name_and_value)]
    variables: Vec<(String, String)>,
    /// What is to be done there [default for buckets: s3:GetObject].
    #[arg(long, value_name = "ACTION", value_parser = action)]
    action: Option<String>,
    /// The object's key, for actions on objects.
    #[arg(long, value_name = "KEY")]
    object: Option<String>,
    /// By which name the client calls: bucket, path, global, dualstack, endpoint,
    /// accesspoint, control, or a whole host name [default: the usual one, or an
    /// endpoint's own where only that leads there].
    #[arg(long, value_name = "NAME")]
    name: Option<Naming>,
    /// As which role: `role.instance` or an ARN [default: the instance's own].
    #[arg(long = "as", value_name = "ROLE")]
    principal: Option<String>,
    /// The client speaks plain HTTP.
    #[arg(long)]
    no_tls: bool,
    /// Every instance and subnet against every bucket, and every service that has
    /// an endpoint.
    #[arg(long)]
    all: bool,
    /// Of the network that lives: the file's, or any other without a file.
    #[arg(long)]
    live: bool,
    /// Of the network that apply would leave, with what the account knows of it.
    #[arg(long, conflicts_with = "live")]
    planned: bool,
    /// Check the [[expect]] tables of the file; with FROM and TO, that these ways
    /// work. Exits with 3 unless all of it certainly holds.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
}

/// What the words name.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    file: Option<PathBuf>,
    from: Option<String>,
    to: Option<String>,
}

pub(super) async fn run(args: TraceArgs) -> Exit {
    let printer = args.output.printer();
    match traced(&args, &printer).await {
        Ok(_) if printer.lost_output() => Exit::Error,
        Ok(exit) => exit,
        Err(problem) => problem.tell(&printer),
    }
}

async fn traced(args: &TraceArgs, printer: &Printer) -> Result<Exit, Problem> {
    let asked = asked(args)?;
    let wish = Wish {
        source: asked.file.as_ref().map(|file| Source {
            file: file.clone(),
            variables: args.variables.clone(),
            saved: None,
        }),
        target: &args.target,
        live: args.live,
        planned: args.planned,
        from: asked.from.as_deref(),
        to: asked.to.as_deref(),
        principal: args.principal.as_deref(),
    };
    let facts = facts_of(&wish, printer).await?;
    if let (true, None, Some(desired)) = (args.check && !args.all, &asked.from, facts.desired()) {
        return Ok(expectations::check(desired, &facts.network, printer));
    }
    let questions =
        questions(args, &asked, &facts.network).map_err(|problem| match facts.looks_up() {
            true => problem.because(
                "nothing was asked of AWS, so what the file looks up under [existing] is not known",
            ),
            false => problem,
        })?;
    let tracer = Tracer::new(&facts.network);
    let traces: Vec<_> = questions.iter().map(|it| tracer.trace(it)).collect();
    show(args, &facts, &traces, printer);
    Ok(
        match args.check && !traces.iter().all(Trace::is_reachable) {
            true => Exit::Expectation,
            false => Exit::Done,
        },
    )
}

/// One way in full, several as a matrix.
fn show(args: &TraceArgs, facts: &Facts, traces: &[Trace], printer: &Printer) {
    let scene = facts.scene();
    let one = match traces {
        [one] if !args.all => Some(one),
        _ => None,
    };
    match (one, printer.json()) {
        (Some(one), true) => printer.document(&trace_json::trace_document(one, &scene)),
        (None, true) => printer.document(&trace_json::matrix_document(traces, &scene)),
        (Some(one), false) => printer.data(&trace_text::trace(one, &scene, printer.style())),
        (None, false) => {
            printer.data(&trace_matrix::matrix(traces, &scene, printer.style()));
            printer.hint("name one FROM and one TO, and each step is shown");
        }
    }
    let unknown = |trace: &Trace| matches!(trace.verdict, Verdict::Unknown(_));
    if facts.looks_up() && traces.iter().any(unknown) {
        printer.hint("nothing was asked of AWS; --planned and --live look into the account");
    }
}

/// Reads the words. The first one is the file unless it is an AWS id.
fn asked(args: &TraceArgs) -> Result<Asked, Problem> {
    let mut words = args.words.iter();
    let file = match args.words.first() {
        Some(word) if !is_id(word) => words.next().map(PathBuf::from),
        _ => None,
    };
    let (from, to) = (words.next().cloned(), words.next().cloned());
    if let Some(surplus) = words.next() {
        return Err(Problem::new(format!("`{surplus}` is one word too many"))
            .because("a file, FROM and TO are all that is named")
            .remedy("`s3net trace --help` shows how it is called"));
    }
    let example = "such as `s3net trace plans/three-ways.toml instance.one bucket.data`";
    match (&file, &from, &to) {
        (None, None, _) => {
            Err(Problem::new("no plan file is named").remedy(format!("name one, {example}")))
        }
        (None, Some(id), _) if !args.live => Err(Problem::new(format!(
            "`{id}` is an id of AWS, and nothing is to be asked of AWS"
        ))
        .remedy("pass --live, or name a plan file first")),
        (Some(file), ..) if is_address(file) => Err(Problem::new(format!(
            "`{}` is no plan file",
            file.display()
        ))
        .because("the file comes first, then FROM and TO")
        .remedy(format!("name it, {example}"))),
        (_, Some(_), Some(_)) => Ok(Asked { file, from, to }),
        (Some(_), None, _) if args.check => Ok(Asked { file, from, to }),
        _ if args.all => Ok(Asked { file, from, to }),
        _ => Err(Problem::new("it is not said from where, or to where")
            .remedy(format!("name FROM and TO, {example}; or pass --all"))),
    }
}

/// Every question that is asked.
fn questions(args: &TraceArgs, asked: &Asked, network: &Network) -> Result<Vec<Question>, Problem> {
    let origins = match &asked.from {
        Some(text) => selection::origins(network, text)?,
        None => selection::all_origins(network),
    };
    let goals = match &asked.to {
        Some(text) => selection::goals(network, text)?,
        None => selection::all_goals(network),
    };
    if origins.is_empty() || goals.is_empty() {
        let what = match origins.is_empty() {
            true => "no instance and no subnet",
            false => "no bucket and no endpoint",
        };
        return Err(Problem::new(format!("this network has {what}"))
            .remedy("name FROM and TO; any bucket is s3://NAME"));
    }
    let principal = match &args.principal {
        Some(text) => Some(selection::role(network, text)?),
        None => None,
    };
    let mut questions = Vec::new();
    for from in &origins {
        for to in &goals {
            let plain = Question::new(from.clone(), to.clone());
            questions.push(Question {
                naming: args.name.clone().unwrap_or_default(),
                action: args.action.clone().or_else(|| plain.action.clone()),
                object: args.object.clone(),
                principal: principal.clone(),
                tls: !args.no_tls,
                ..plain
            });
        }
    }
    Ok(questions)
}

/// Whether a word is the id of an instance, a subnet or a VPC.
pub(super) fn is_id(word: &str) -> bool {
    let digits = ["i-", "subnet-", "vpc-"]
        .iter()
        .find_map(|prefix| word.strip_prefix(prefix));
    digits.is_some_and(|it| {
        (8..=17).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Whether a word was meant as FROM.
fn is_address(file: &Path) -> bool {
    let word = file.to_string_lossy();
    let plain = word.strip_prefix("existing.").unwrap_or(&word);
    let starts = ["instance.", "subnet.", "vpc."];
    starts.iter().any(|start| plain.starts_with(start)) && !file.exists()
}

fn action(text: &str) -> Result<String, String> {
    let (service, name) = text.split_once(':').unwrap_or_default();
    match service.is_empty() || name.is_empty() {
        true => Err("expected SERVICE:ACTION, such as s3:GetObject".to_owned()),
        false => Ok(text.to_owned()),
    }
}

impl From<Unfound> for Problem {
    fn from(unfound: Unfound) -> Self {
        Self::new(unfound.problem).remedy(unfound.remedy)
    }
}

#[cfg(test)]
mod tests;

//! `s3net import --vpc ID --write FILE`
//!
//! ```text
//! connect ─► read the VPC ─► draft ─► text ─► checked as a plan file ─► FILE
//!                                                                        │
//!                                             --adopt: plan, ask, apply ◄┘
//! ```
//!
//! Nothing of the account is changed but by `--adopt`, which is an apply of the
//! written file.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Exit;
use super::arguments::{Output, Source, Target};
use super::prepare::Prepared;
use super::problem::Problem;
use super::reach::connect_to;
use super::run::{Execution, Fit, carry_out, exit};
use crate::aws::SharedReads;
use crate::config::{self, Loaded};
use crate::kind::Scope;
use crate::kinds::registry;
use crate::model::address::is_name;
use crate::model::tags::NAME;
use crate::plan::{Ending, Selection};
use crate::report::{self, Printer, Verb};
use crate::takeover::{Drafted, Gathered, Naming, draft, gather};

/// The longest name of a stack.
const LONGEST_NAME: usize = 40;

/// Which VPC, and which file.
#[derive(Debug, Args)]
pub struct ImportVpcArgs {
    /// Read all that stands in this VPC, and write a plan file of it.
    #[arg(
        long,
        value_name = "ID",
        group = "whole",
        requires = "write",
        conflicts_with_all = ["file", "address", "id", "variables"],
        help_heading = "A whole VPC"
    )]
    vpc: Option<String>,
    /// The plan file to write.
    #[arg(
        long,
        value_name = "FILE",
        requires = "whole",
        help_heading = "A whole VPC or template"
    )]
    pub(super) write: Option<PathBuf>,
    /// The stack's name [default: the VPC's or the template's].
    #[arg(
        long,
        value_name = "NAME",
        requires = "whole",
        value_parser = stack_name,
        help_heading = "A whole VPC or template"
    )]
    pub(super) stack: Option<String>,
    /// A bucket to take over beside those that the VPC's policies name.
    #[arg(
        long = "bucket",
        value_name = "NAME",
        requires = "vpc",
        help_heading = "A whole VPC"
    )]
    buckets: Vec<String>,
    /// Write over a file that is there.
    #[arg(long, requires = "whole", help_heading = "A whole VPC or template")]
    pub(super) force: bool,
    /// Adopt at once what the file says: show the plan, ask, write tags and state.
    #[arg(long, requires = "vpc", help_heading = "A whole VPC")]
    adopt: bool,
}

/// One import of a VPC.
struct Import<'a> {
    vpc: &'a str,
    file: &'a Path,
    args: &'a ImportVpcArgs,
}

/// Reads a stack's name.
fn stack_name(text: &str) -> Result<String, String> {
    match is_name(text) && text.len() <= LONGEST_NAME {
        true => Ok(text.to_owned()),
        false => Err("use letters, digits, `-` and `_`, at most 40 characters".to_owned()),
    }
}

/// Imports a VPC.
pub(super) async fn run(
    args: ImportVpcArgs,
    target: Target,
    output: Output,
    auto_approve: bool,
) -> Exit {
    let printer = output.printer();
    // The command line demands both.
    let (Some(vpc), Some(file)) = (&args.vpc, &args.write) else {
        return Problem::new("neither a VPC nor a table is named").tell(&printer);
    };
    let import = Import {
        vpc,
        file,
        args: &args,
    };
    match written(&import, &target, &printer).await {
        Ok(Exit::Done) if args.adopt => {
            let source = Source {
                file: file.clone(),
                variables: Vec::new(),
                saved: None,
            };
            let mut execution = Execution::of(source, target, output);
            execution.auto_approve = auto_approve;
            adopted(&execution, &printer).await
        }
        Ok(exit) => exit,
        Err(problem) => problem.tell(&printer),
    }
}

/// Reads the VPC and writes the file.
async fn written(import: &Import<'_>, target: &Target, printer: &Printer) -> Result<Exit, Problem> {
    let (path, force) = (import.file, import.args.force);
    if !force && path.exists() {
        return Err(taken(path));
    }
    let aws = connect_to(target.region.clone(), None, target, printer).await?;
    let place = aws.place_of(&aws.caller().await?);
    let (wanted, shared) = (BTreeMap::new(), SharedReads::default());
    let scope = Scope {
        aws: &aws,
        stack: "",
        place: &place,
        wanted: &wanted,
        shared: &shared,
        thorough: false,
    };
    let buckets: BTreeSet<String> = import.args.buckets.iter().cloned().collect();
    let gathered = gather(registry(), &scope, import.vpc, &buckets).await?;
    let stated = import.args.stack.clone();
    let stack = stated.unwrap_or_else(|| name_of(&gathered));
    let file = path.display().to_string();
    let naming = Naming {
        stack: &stack,
        file: &file,
        place: &place,
    };
    let drafted = draft(gathered, &naming, registry());
    let text = drafted.draft.text(registry());
    let loaded = checked(path, &text);
    save(path, &text, force)?;
    tell(import, &drafted, printer);
    if !loaded.diagnostics.is_empty() {
        printer.diagnostics(&loaded);
    }
    Ok(match loaded.desired {
        Some(_) => Exit::Done,
        None => Exit::Error,
    })
}

/// The VPC's name as far as a stack can have it, else its id.
fn name_of(gathered: &Gathered) -> String {
    let vpc = gathered.objects.iter().find(|(kind, _)| *kind == "vpc");
    let vpc = vpc.and_then(|(_, vpcs)| vpcs.first());
    let name = vpc
        .and_then(|vpc| vpc.tags.get(NAME))
        .map_or("", String::as_str);
    // `three-ways-main` is how s3net itself names the VPC of `three-ways`.
    let name = name.strip_suffix("-main").unwrap_or(name);
    let mut sound: String = crate::draft::sound_name(name);
    sound.truncate(LONGEST_NAME);
    match sound.trim_matches('-') {
        "" => gathered.vpc.clone(),
        name => name.to_owned(),
    }
}

/// What the text means as a plan file.
fn checked(file: &Path, text: &str) -> Loaded {
    let source = config::Source {
        name: file.display().to_string(),
        text: text.to_owned(),
    };
    let folder = file.parent().unwrap_or(Path::new(""));
    config::parse(source, folder, &config::Options::default(), registry())
}

fn taken(file: &Path) -> Problem {
    Problem::new(format!("{} is there already", file.display()))
        .remedy("name another file, or pass --force to write over it")
}

/// Writes a file whole or not at all; over another one only with `force`.
fn save(file: &Path, text: &str, force: bool) -> Result<(), Problem> {
    let trouble = |error: std::io::Error| {
        Problem::new(format!("{} cannot be written", file.display())).because(error.to_string())
    };
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    if let Some(folder) = folder {
        std::fs::create_dir_all(folder).map_err(trouble)?;
    }
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let beside = file.with_file_name(name);
    let put = || {
        let mut part = std::fs::File::create(&beside)?;
        part.write_all(text.as_bytes())?;
        part.sync_all()?;
        match force {
            true => std::fs::rename(&beside, file),
            // Fails where somebody else wrote the file meanwhile.
            false => std::fs::hard_link(&beside, file).and_then(|()| std::fs::remove_file(&beside)),
        }
    };
    put().map_err(|error| {
        // What is left of it says nothing to anybody.
        let _ = std::fs::remove_file(&beside);
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => taken(file),
            _ => trouble(error),
        }
    })
}

fn tell(import: &Import<'_>, drafted: &Drafted, printer: &Printer) {
    let file = import.file.display().to_string();
    if printer.json() {
        printer.document(&report::import_vpc::document(import.vpc, &file, drafted));
        return;
    }
    printer.note(&report::import_vpc::text(&file, drafted));
    if !import.args.adopt {
        printer.hint(&format!(
            "read the file, then `s3net plan {file}` shows what adopting means"
        ));
    }
}

/// A plan that does nothing but adopt, of this file.
struct OnlyAdopts<'a>(&'a Path);

impl Fit for OnlyAdopts<'_> {
    fn plan(&self, prepared: &Prepared) -> Result<(), Problem> {
        let totals = prepared.plan.totals();
        let others = totals.create + totals.update + totals.replace + totals.delete;
        match others {
            0 => Ok(()),
            _ => Err(
                Problem::new("the plan of the written file would do more than adopt")
                    .because("what was read changed meanwhile, or the file cannot say it all")
                    .remedy(format!("look at it: `s3net plan {}`", self.0.display())),
            ),
        }
    }
}

/// Applies the written file, if that does nothing but adopt.
async fn adopted(execution: &Execution, printer: &Printer) -> Exit {
    let fit = OnlyAdopts(execution.file());
    let all = (Selection::default(), Ending::Kept);
    let prepared = match execution.begin_if(Verb::Apply, all, &fit, printer).await {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    let outcome = carry_out(&prepared, execution.parallelism(), Verb::Apply, printer).await;
    prepared.end(printer).await;
    exit(&outcome)
}

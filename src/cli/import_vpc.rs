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
use std::path::{Path, PathBuf};

use clap::Args;

use super::Exit;
use super::arguments::{Output, Source, Target};
use super::import_name::{Names, name_of, stack_name};
use super::prepare::Prepared;
use super::problem::Problem;
use super::reach::connect_to;
use super::run::{Execution, Fit, carry_out, exit};
use super::writing;
use crate::aws::SharedReads;
use crate::config::{self, Loaded};
use crate::kind::Scope;
use crate::kinds::registry;
use crate::model::{Action, Value, tags};
use crate::plan::{Ending, PlannedStep, Selection};
use crate::report::{self, Printer, Verb};
use crate::takeover::{Drafted, Naming, draft, gather};

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
    writing::free(path, force)?;
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
    let names = Names {
        aws: &aws,
        place: &place,
        target,
        printer,
    };
    let called = name_of(&gathered);
    let (stack, called) = match &import.args.stack {
        Some(stated) => (names.stated(stated).await?, stated.clone()),
        None => (names.after(&called).await?, called),
    };
    let file = path.display().to_string();
    let naming = Naming {
        stack: &stack,
        called: &called,
        file: &file,
        place: &place,
    };
    let drafted = draft(gathered, &naming, registry());
    let text = drafted.draft.text(registry());
    let loaded = checked(path, &text);
    writing::write(path, &text, force)?;
    tell(import, &drafted, printer);
    if !loaded.diagnostics.is_empty() {
        printer.diagnostics(&loaded);
    }
    Ok(match loaded.desired {
        Some(_) => Exit::Done,
        None => Exit::Error,
    })
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
        let mut steps = prepared.plan.steps.nodes().map(|(_, step)| step);
        match others == 0 && !steps.any(changes_more) {
            true => Ok(()),
            false => Err(
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

/// Whether an adoption would change more of its object than s3net's own tags. A
/// part (a rule, a profile) gets the tags of its table too: AWS gave it none.
fn changes_more(step: &PlannedStep) -> bool {
    // What only apply will tell is asked for, not changed.
    let mut changes = step
        .differences
        .iter()
        .filter(|it| it.after != Value::Unknown);
    let change = &step.tag_change;
    let set = change.set.keys().filter(|_| step.address.part.is_none());
    let mut written = set.chain(&change.remove);
    step.action == Action::Adopt
        && (changes.next().is_some() || written.any(|key| !key.starts_with(tags::PREFIX)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Lifecycle;
    use crate::model::tags::TagChange;
    use crate::model::{Address, Attributes, Tags};
    use crate::plan::Difference;

    /// The adoption of an endpoint that writes these tags.
    fn adoption(written: &[&str]) -> PlannedStep {
        let set = written
            .iter()
            .map(|key| ((*key).to_owned(), "x".to_owned()));
        PlannedStep {
            address: Address::new("gateway_endpoint", "s3"),
            action: Action::Adopt,
            replace: None,
            was: None,
            id: Some("vpce-1".into()),
            inputs: Attributes::new(),
            preview: Attributes::new(),
            live: Attributes::new(),
            differences: Vec::new(),
            tags: Tags::new(),
            tag_change: TagChange {
                set: set.collect(),
                remove: Vec::new(),
            },
            lifecycle: Lifecycle::default(),
            generation: 1,
            implied: false,
            given_back: false,
        }
    }

    #[test]
    fn adopting_at_once_writes_our_tags_and_nothing_else() {
        let difference = |after: Value| Difference {
            field: "policy".into(),
            before: None,
            after,
            replaces: None,
        };
        let ours = || adoption(&[tags::STACK, tags::ADDRESS]);
        assert!(!changes_more(&ours()));
        assert!(changes_more(&adoption(&[tags::STACK, tags::NAME])));
        let mut of_rule = adoption(&[tags::STACK, "Owner"]);
        of_rule.address = Address::new("security_group", "web").part("ingress", "x");
        assert!(!changes_more(&of_rule));
        of_rule.tag_change.remove.push("Note".into());
        assert!(changes_more(&of_rule));
        let mut removing = ours();
        removing.tag_change.remove.push("Owner".into());
        assert!(changes_more(&removing));
        let mut changing = ours();
        changing.differences.push(difference("new".into()));
        assert!(changes_more(&changing));
        // An output that only apply tells is none.
        changing.differences = vec![difference(Value::Unknown)];
        assert!(!changes_more(&changing));
    }
}

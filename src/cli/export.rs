//! `s3net export --terraform`: a stack as Terraform's configuration.
//!
//! ```text
//! file ─► look (or --offline) ─► terraform ─► DIR/main.tf, imports.tf, README.md
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Exit;
use super::arguments::{Output, Source, Target};
use super::prepare::{Depth, Purpose, look, world};
use super::problem::Problem;
use super::reach::load;
use super::writing::write;
use crate::kinds::registry;
use crate::plan::{Ending, objects};
use crate::report::{Printer, terraform_report};
use crate::terraform::{self, Exported, IMPORTS, Wish};

/// Write the stack in another form.
#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    source: Source,
    /// Write Terraform's configuration into this folder, with an import block for
    /// everything that lives.
    #[arg(long, value_name = "DIR", required = true)]
    terraform: PathBuf,
    /// Ask no account: the configuration is then without import blocks.
    #[arg(long, conflicts_with_all = ["local", "endpoint_url", "profile"])]
    offline: bool,
    /// Write over files that are there, and remove the import blocks of an earlier
    /// export where this one has none.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
}

pub(super) async fn run(args: ExportArgs) -> Exit {
    let printer = args.output.printer();
    let exported = match args.offline {
        true => offline(&args, &printer),
        false => live(&args, &printer).await,
    };
    let told = exported.and_then(|(stack, exported)| {
        save(&args.terraform, &exported, args.force)?;
        tell(&args.terraform, &stack, &exported, &printer);
        Ok(())
    });
    match told {
        Ok(()) if printer.lost_output() => Exit::Error,
        Ok(()) => Exit::Done,
        Err(problem) => problem.tell(&printer),
    }
}

/// The stack's name, and what it is from the file alone.
fn offline(args: &ExportArgs, printer: &Printer) -> Result<(String, Exported), Problem> {
    let desired = load(&args.source, args.target.region.as_deref(), printer)?;
    let wish = Wish {
        registry: registry(),
        stack: &desired.stack,
        live: BTreeMap::new(),
        existing: &BTreeMap::new(),
        place: None,
    };
    Ok((desired.stack.name.clone(), written(&wish)?))
}

/// The stack's name, and what it is with what lives of it.
async fn live(args: &ExportArgs, printer: &Printer) -> Result<(String, Exported), Problem> {
    let purpose = Purpose {
        lock: None,
        destroy: false,
        ending: Ending::Kept,
    };
    let seen = look(&args.source, &args.target, purpose, Depth::Usual, printer).await?;
    let stack = &seen.at.desired.stack;
    let (at, kept, refreshed, wishes) = (&seen.at, &seen.kept, &seen.refreshed, &seen.wishes);
    let objects = objects(&world(at, kept, refreshed, wishes, false));
    let wish = Wish {
        registry: seen.at.registry,
        stack,
        live: objects.iter().collect(),
        existing: &seen.refreshed.existing,
        place: Some(&seen.at.place),
    };
    Ok((stack.name.clone(), written(&wish)?))
}

fn written(wish: &Wish<'_>) -> Result<Exported, Problem> {
    terraform::export(wish)
        .map_err(|why| Problem::new("the stack cannot be written as HCL").because(why))
}

/// Writes the files; none of them where one is there already. Import blocks of an
/// earlier export would be Terraform's too, so they count as such a file.
fn save(folder: &Path, exported: &Exported, force: bool) -> Result<(), Problem> {
    let there = |name: &&str| folder.join(name).exists();
    let mut names = exported.files.keys().copied().chain([IMPORTS]);
    if let Some(name) = names.find(there)
        && !force
    {
        return Err(
            Problem::new(format!("{} is there already", folder.join(name).display()))
                .because("it may be somebody's work")
                .remedy("name another folder, or pass --force to write over it"),
        );
    }
    std::fs::create_dir_all(folder).map_err(|error| {
        Problem::new(format!("the folder {} cannot be made", folder.display()))
            .because(error.to_string())
    })?;
    let old = folder.join(IMPORTS);
    if !exported.files.contains_key(IMPORTS) && old.exists() {
        std::fs::remove_file(&old).map_err(|error| {
            Problem::new(format!("{} cannot be removed", old.display()))
                .because(error.to_string())
                .remedy("its import blocks are of an earlier export: remove it by hand")
        })?;
    }
    for (name, text) in &exported.files {
        write(&folder.join(name), text, force)?;
    }
    Ok(())
}

fn tell(folder: &Path, stack: &str, exported: &Exported, printer: &Printer) {
    let shown = folder.display().to_string();
    if printer.json() {
        printer.document(&terraform_report::document(exported, stack, &shown));
    }
    for (address, why) in &exported.left_out {
        printer.warning(&format!("{address} is not exported: {why}"), None);
    }
    printer.note(&terraform_report::summary(exported, &shown));
    printer.hint(&format!(
        "`cd {shown} && terraform init && terraform plan`; {shown}/README.md says more"
    ));
}

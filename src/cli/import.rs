//! `s3net import`: what others made becomes the stack's own.
//!
//! ```text
//! import FILE ADDRESS ID          one object, for a table that stands in the file
//! import --vpc ID --write FILE    a whole VPC, for a file that is written of it
//! import --cloudformation T       a template, for a file that is written of it
//! ```

use std::path::PathBuf;

use clap::Args;
use clap_complete::engine::ArgValueCompleter;

use super::Exit;
use super::arguments::{Output, Source, Target, name_and_value};
use super::completing::addresses;
use super::import_cloudformation::{self, FromTemplateArgs, Written};
use super::import_vpc::{self, ImportVpcArgs};
use super::problem::Problem;
use super::tend::{Deed, TendArgs, tend};
use crate::config::{Desired, Import, could_be};
use crate::kinds::registry;
use crate::model::Address;
use crate::model::diagnostic::did_you_mean;
use crate::report::Verb;

/// How it is called.
const USAGE: &str = "\
s3net import [OPTIONS] FILE ADDRESS ID
       s3net import [OPTIONS] --vpc ID --write FILE
       s3net import [OPTIONS] --cloudformation TEMPLATE --write FILE";

/// What the help says beneath the options.
const HELP: &str = "\
It writes s3net's own tags on the object, and on the rules and profiles in it
that the file lists, remembers it, and changes nothing else; what differs from
the file is shown by the next plan. `[[import]]` in the file does both in one
run.

With --vpc it reads a whole VPC, writes the plan file of it with an
`[[import]]` for each object, and changes nothing unless --adopt says so.

With --cloudformation it writes the plan file of a template, asks no account,
and says what it could not take over.";

/// Make what others made the stack's own: one object, a VPC, or a template.
#[derive(Debug, Args)]
#[command(override_usage = USAGE, after_help = HELP)]
pub struct ImportArgs {
    /// The file that says which network is wanted.
    #[arg(value_name = "FILE", required_unless_present = "whole")]
    file: Option<PathBuf>,
    /// The table of the file that it is to be, such as `vpc.main`.
    #[arg(
        value_name = "ADDRESS",
        required_unless_present = "whole",
        add = ArgValueCompleter::new(addresses)
    )]
    address: Option<Address>,
    /// AWS's id of it; of a bucket, role or zone also its name.
    #[arg(value_name = "ID", required_unless_present = "whole")]
    id: Option<String>,
    /// Set a variable of the file; S3NET_VAR_<NAME> in the environment does too.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = name_and_value)]
    variables: Vec<(String, String)>,
    #[command(flatten)]
    of_vpc: ImportVpcArgs,
    #[command(flatten)]
    of_template: FromTemplateArgs,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
    /// Do not ask before the first change.
    #[arg(long)]
    auto_approve: bool,
}

pub(super) async fn run(args: ImportArgs) -> Exit {
    let ImportArgs {
        file,
        address,
        id,
        variables,
        of_vpc,
        of_template,
        target,
        output,
        auto_approve,
    } = args;
    if of_template.is_asked() {
        let written = Written {
            file: of_vpc.write,
            stack: of_vpc.stack,
            region: target.region,
            force: of_vpc.force,
        };
        return import_cloudformation::run(&of_template, &written, &output);
    }
    let (Some(file), Some(address), Some(id)) = (file, address, id) else {
        return import_vpc::run(of_vpc, target, output, auto_approve).await;
    };
    let how = TendArgs {
        source: Source {
            file,
            variables,
            saved: None,
        },
        target,
        output,
        auto_approve,
    };
    let deed = Deed {
        verb: Verb::Import,
        nothing: format!("{address} is this stack's already."),
        afterwards: "`s3net plan` shows what differs from the file".to_owned(),
    };
    let table = address.clone();
    let edit = move |desired: &mut Desired| {
        check(desired, &table, &id)?;
        desired.imports = vec![Import {
            to: table,
            id,
            span: 0..0,
        }];
        Ok(())
    };
    tend(how, deed, edit, |_| {
        Ok(crate::plan::Tending::Adopt(&address))
    })
    .await
}

/// Whether the file has a table for it.
fn check(desired: &Desired, address: &Address, id: &str) -> Result<(), Problem> {
    let nodes = &desired.stack.nodes;
    if !nodes.contains_key(address) || address.part.is_some() {
        let tables = nodes.keys().filter(|address| address.part.is_none());
        let tables: Vec<String> = tables.map(ToString::to_string).collect();
        let problem = Problem::new(format!("{} has no [{address}]", desired.source.name))
            .because("the file says how an object that is imported is to be");
        let near = did_you_mean(&address.to_string(), tables.iter().map(String::as_str));
        return Err(match near {
            Some(near) => problem.remedy(format!("did you mean {near}?")),
            None => problem.remedy(format!("write a table [{address}] first")),
        });
    }
    let Some(kind) = registry().of(address) else {
        return Err(Problem::new(format!(
            "no kind is called `{}`",
            address.kind
        )));
    };
    let name = kind.about().name;
    if !kind.about().tagged {
        return Err(Problem::new(format!("{name} needs no import"))
            .because("AWS keeps no tags on it: it is known by what it stands in")
            .remedy("import what it stands in; it is then found by itself"));
    }
    if !could_be(kind, id) {
        return Err(Problem::new(format!("`{id}` is no id of {name}")).remedy(
            match kind.id_prefix() {
                Some(prefix) => format!("give its id, such as {prefix}0123456789abcdef0"),
                None => "give its name".to_owned(),
            },
        ));
    }
    Ok(())
}

//! `s3net init`: a plan file to begin with.
//!
//! ```text
//!  plans/NAME.toml ─► name, region, bucket put in ─► FILE
//! ```
//!
//! The examples are the scaffolds: they are documented, tested, and run. Their
//! comments stay; only a few values change.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValue;
use toml_edit::{DocumentMut, Item, value};

use super::Exit;
use super::arguments::Output;
use super::problem::Problem;
use super::writing::write;
use crate::config::{self, Options};
use crate::kinds::registry;
use crate::report::Printer;

/// The scaffolds: name, what it builds, and its text.
const SCAFFOLDS: &[(&str, &str, &str)] = &[
    (
        "gateway-endpoint",
        "private subnets, one bucket, and the way between them that costs nothing",
        include_str!("../../plans/gateway-endpoint.toml"),
    ),
    (
        "three-ways",
        "NAT gateway, gateway endpoint and interface endpoint side by side",
        include_str!("../../plans/three-ways.toml"),
    ),
    (
        "three-patterns",
        "internet gateway, gateway endpoint, interface endpoint, one bucket each",
        include_str!("../../plans/three-patterns.toml"),
    ),
    (
        "single-bucket",
        "one bucket by PrivateLink, in a VPC that exists",
        include_str!("../../plans/single-bucket.toml"),
    ),
    (
        "single-bucket-base",
        "a VPC such as single-bucket wants to find",
        include_str!("../../plans/single-bucket-base.toml"),
    ),
];

/// Write a plan file to begin with, from one of the examples.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Where to write it [default: the example's name and `.toml`; `-` for standard
    /// output].
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Which example to begin with.
    #[arg(
        long,
        value_name = "EXAMPLE",
        default_value = "gateway-endpoint",
        value_parser = clap::builder::PossibleValuesParser::new(
            SCAFFOLDS.iter().map(|(name, does, _)| PossibleValue::new(*name).help(*does))
        )
    )]
    from: String,
    /// The stack's name.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The region that it is to live in.
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// The bucket's name; bucket names are taken worldwide.
    #[arg(long, value_name = "NAME")]
    bucket: Option<String>,
    /// Write over a file that is there.
    #[arg(long)]
    force: bool,
}

pub(super) fn run(args: &InitArgs) -> Exit {
    let printer = Output::default().printer();
    match init(args, &printer) {
        Ok(()) if printer.lost_output() => Exit::Error,
        Ok(()) => Exit::Done,
        Err(problem) => problem.tell(&printer),
    }
}

fn init(args: &InitArgs, printer: &Printer) -> Result<(), Problem> {
    let scaffold = SCAFFOLDS.iter().find(|(name, _, _)| *name == args.from);
    let Some((name, _, text)) = scaffold else {
        return Err(Problem::new(format!("there is no example {}", args.from)));
    };
    let path = args
        .file
        .clone()
        .unwrap_or_else(|| PathBuf::from(format!("{name}.toml")));
    let text = filled_in(text, args)?;
    check(&path, &text, printer)?;
    if path.as_os_str() == "-" {
        printer.data(&text);
        return Ok(());
    }
    write(&path, &text, args.force)?;
    let shown = path.display();
    printer.note(&format!(
        "{shown} is written. Next: `s3net plan {shown} --local` tries it on this machine, \
         with no account and no bill."
    ));
    Ok(())
}

/// The example with the user's own values, and every comment where it was.
fn filled_in(text: &str, args: &InitArgs) -> Result<String, Problem> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error| Problem::new("the example is broken").because(format!("{error}")))?;
    let wishes = [
        ("stack", "name", "--name", &args.name),
        ("stack", "region", "--region", &args.region),
        ("variables", "bucket", "--bucket", &args.bucket),
    ];
    for (table, key, flag, wish) in wishes {
        let Some(wish) = wish else { continue };
        let Some(item) = document.get_mut(table).and_then(|table| table.get_mut(key)) else {
            return Err(Problem::new(format!("{} has no {table}.{key}", args.from))
                .because(format!("so {flag} has nothing to set")));
        };
        replace(item, wish);
    }
    Ok(document.to_string())
}

/// Puts another text in, with the old one's space and comment.
fn replace(item: &mut Item, text: &str) {
    let decor = item.as_value().map(|old| old.decor().clone());
    *item = value(text);
    if let (Some(decor), Some(new)) = (decor, item.as_value_mut()) {
        *new.decor_mut() = decor;
    }
}

/// Refuses values that no plan file can have, at their place.
fn check(path: &std::path::Path, text: &str, printer: &Printer) -> Result<(), Problem> {
    let source = config::Source {
        name: path.display().to_string(),
        text: text.to_owned(),
    };
    let folder = path.parent().unwrap_or(std::path::Path::new(""));
    let loaded = config::parse(source, folder, &Options::default(), registry());
    if loaded.desired.is_some() {
        return Ok(());
    }
    printer.diagnostics(&loaded);
    Err(Problem::told())
}

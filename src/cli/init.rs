//! `s3net init`: a plan file to begin with.
//!
//! ```text
//!  plans/NAME.toml ─► name, region, bucket, FILE put in ─► FILE
//! ```
//!
//! The examples are the scaffolds: they are documented, tested, and run. Their
//! comments stay; only a few values change, and the names of files.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValue;
use toml_edit::{DocumentMut, Item, value};

use super::Exit;
use super::arguments::Output;
use super::problem::Problem;
use super::writing::write;
use crate::aws::holders::quoted;
use crate::config::{self, Options};
use crate::kinds::registry;
use crate::report::Printer;

/// An example to begin with.
struct Scaffold {
    /// Its name.
    name: &'static str,
    /// What it builds.
    does: &'static str,
    /// The one whose network it wants to find.
    first: Option<&'static str>,
    /// Its file.
    text: &'static str,
}

const SCAFFOLDS: &[Scaffold] = &[
    Scaffold {
        name: "gateway-endpoint",
        does: "private subnets, one bucket, and the way between them that costs nothing",
        first: None,
        text: include_str!("../../plans/gateway-endpoint.toml"),
    },
    Scaffold {
        name: "three-ways",
        does: "NAT gateway, gateway endpoint and interface endpoint side by side",
        first: None,
        text: include_str!("../../plans/three-ways.toml"),
    },
    Scaffold {
        name: "three-patterns",
        does: "internet gateway, gateway endpoint, interface endpoint, one bucket each",
        first: None,
        text: include_str!("../../plans/three-patterns.toml"),
    },
    Scaffold {
        name: "single-bucket",
        does: "one bucket by PrivateLink, in a VPC that exists",
        first: Some("single-bucket-base"),
        text: include_str!("../../plans/single-bucket.toml"),
    },
    Scaffold {
        name: "single-bucket-base",
        does: "a VPC such as single-bucket wants to find",
        first: None,
        text: include_str!("../../plans/single-bucket-base.toml"),
    },
];

/// The region of the examples.
const HOME: &str = "ap-northeast-1";

/// A region as the commands in comments name it.
fn flag(region: &str) -> String {
    format!("--region {region}")
}

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
            SCAFFOLDS.iter().map(|it| PossibleValue::new(it.name).help(it.does))
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
    let Some(scaffold) = SCAFFOLDS.iter().find(|it| it.name == args.from) else {
        return Err(Problem::new(format!("there is no example {}", args.from)));
    };
    let piped = args.file.as_ref().is_some_and(|it| it.as_os_str() == "-");
    let usual = || PathBuf::from(format!("{}.toml", scaffold.name));
    // What is piped has no name yet, and is told of by its usual one.
    let path = args.file.clone().filter(|_| !piped);
    let path = path.unwrap_or_else(usual);
    let shown = quoted(&path.display().to_string());
    let text = filled_in(scaffold, args)?;
    let text = renamed(&text, scaffold, &shown);
    let text = match &args.region {
        Some(region) => text.replace(&flag(HOME), &flag(region)),
        None => text,
    };
    check(&path, &text, printer)?;
    if piped {
        printer.data(&text);
        return Ok(());
    }
    write(&path, &text, args.force)?;
    printer.note(&format!("{} is written.", path.display()));
    if let Some(first) = scaffold.first {
        let region = args.region.iter().map(|it| format!(" --region {it}"));
        let region: String = region.collect();
        printer.note("It goes into a network that is to be there. First, for one to try it in:");
        printer.status(&format!(
            "\n  s3net init --from {first}{region} && s3net apply {first}.toml --local\n\n"
        ));
    }
    printer.note("Next, on this machine, with no account and no bill:");
    printer.status(&format!("\n  s3net plan {shown} --local\n"));
    Ok(())
}

/// The example with the names that its comments have for files as they are here:
/// its own is the written one, and others would be written beside it.
fn renamed(text: &str, scaffold: &Scaffold, path: &str) -> String {
    let mut text = text.to_owned();
    for other in SCAFFOLDS.iter().filter(|it| it.name != scaffold.name) {
        let file = format!("{}.toml", other.name);
        text = text.replace(&format!("plans/{file}"), &file);
    }
    text.replace(&format!("plans/{}.toml", scaffold.name), path)
}

/// The example with the user's own values, and every comment where it was.
fn filled_in(scaffold: &Scaffold, args: &InitArgs) -> Result<String, Problem> {
    let mut document: DocumentMut = scaffold
        .text
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
            let problem = Problem::new(format!("{} has no {table}.{key}", args.from))
                .because(format!("so {flag} has nothing to set"));
            return Err(problem.remedy(match scaffold.first {
                Some(first) => format!("leave it out here, and pass it with --from {first}"),
                None => "leave it out".to_owned(),
            }));
        };
        replace(item, wish);
    }
    if let Some(name) = &args.name {
        name_tags(&mut document, scaffold.name, name);
    }
    if let Some(region) = args.region.as_deref().filter(|region| *region != HOME) {
        place_in(region, &mut document);
    }
    Ok(document.to_string())
}

/// Has tags of the stack that say its name say the new one.
fn name_tags(document: &mut DocumentMut, former: &str, name: &str) {
    let stack = document.get_mut("stack");
    let tags = stack.and_then(|stack| stack.get_mut("tags")?.as_table_like_mut());
    for (_, tag) in tags.into_iter().flat_map(|tags| tags.iter_mut()) {
        if tag.as_str() == Some(former) {
            replace(tag, name);
        }
    }
}

/// Has the zones of subnets be the first ones that a region has: those of the
/// examples leave out the `b` that Tokyo does not give to every account, and few
/// regions have a `d`. Montreal has one, and no `c`.
fn place_in(region: &str, document: &mut DocumentMut) {
    let letters = match region {
        "ca-central-1" => ["a", "b", "d"],
        _ => ["a", "b", "c"],
    };
    let subnets = document.get_mut("subnet");
    let Some(subnets) = subnets.and_then(Item::as_table_like_mut) else {
        return;
    };
    let zones = subnets.iter_mut();
    let zones = zones.filter_map(|(_, subnet)| subnet.as_table_like_mut()?.get_mut("zone"));
    let mut zones: Vec<&mut Item> = zones.collect();
    let former = zones.iter().filter_map(|zone| zone.as_str());
    let former: BTreeSet<String> = former.map(str::to_owned).collect();
    for zone in &mut zones {
        let place = former.iter().position(|it| zone.as_str() == Some(it));
        if let Some(letter) = place.and_then(|place| letters.get(place)) {
            replace(zone, letter);
        }
    }
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

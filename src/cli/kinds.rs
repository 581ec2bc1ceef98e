//! `s3net kinds`

use std::fmt::Write;

use clap::Args;

use super::Exit;
use super::arguments::Output;
use super::problem::Problem;
use crate::kind::{Default, Field, Kind, OnChange, Type};
use crate::kinds::registry;
use crate::model::diagnostic::did_you_mean;

/// List the kinds, or describe one of them.
#[derive(Debug, Args)]
pub struct KindsArgs {
    /// The kind to describe.
    #[arg(value_name = "KIND")]
    kind: Option<String>,
}

pub(super) fn run(args: &KindsArgs) -> Exit {
    let printer = Output::default().printer();
    let kinds = registry();
    let Some(name) = &args.kind else {
        let width = kinds.names().map(str::len).max().unwrap_or(0);
        let mut text = String::new();
        for about in kinds.tables().map(Kind::about) {
            let _ = writeln!(text, "{:width$}  {}", about.name, about.summary);
        }
        printer.data(&text);
        return Exit::Done;
    };
    match kinds.table(name) {
        Some(kind) => {
            printer.data(&describe(kind));
            Exit::Done
        }
        None => {
            let problem = Problem::new(format!("there is no kind `{name}`"));
            match did_you_mean(name, kinds.names()) {
                Some(near) => problem.remedy(format!("did you mean `{near}`?")),
                None => problem.remedy("`s3net kinds` lists them"),
            }
            .tell(&printer)
        }
    }
}

fn describe(kind: &dyn Kind) -> String {
    let about = kind.about();
    let mut text = format!("[{}.<name>]  {}\n\nFields:\n", about.name, about.summary);
    for field in kind.fields() {
        let _ = writeln!(text, "  {:<24}{}", field.name, holds(&field.holds));
        let _ = writeln!(text, "  {:<24}{}{}", "", field.doc, notes(field));
    }
    if !kind.outputs().is_empty() {
        text.push_str("\nOutputs, beside its id and fields:\n");
        for output in kind.outputs() {
            let _ = writeln!(text, "  {:<24}{}", output.name, output.doc);
        }
    }
    let _ = write!(text, "\nExample:\n\n{}", about.example);
    text
}

fn notes(field: &Field) -> String {
    let mut notes = String::new();
    if field.required {
        notes.push_str(" Required.");
    }
    match field.default {
        Default::Unmanaged => {}
        Default::Bool(value) => {
            let _ = write!(notes, " Default {value}.");
        }
        Default::Integer(value) => {
            let _ = write!(notes, " Default {value}.");
        }
        Default::Text(value) => {
            let _ = write!(notes, " Default \"{value}\".");
        }
        Default::Empty => notes.push_str(" Default empty."),
    }
    if let OnChange::Replace(_) = field.on_change {
        notes.push_str(" A change replaces it.");
    }
    notes
}

fn holds(holds: &Type) -> String {
    match holds {
        Type::Text | Type::CaselessText => "text".to_owned(),
        Type::DnsName => "DNS name".to_owned(),
        Type::OneOf(choices) => format!("one of {}", choices.join(", ")),
        Type::Bool => "true or false".to_owned(),
        Type::Integer(low, high) => format!("number, {low} to {high}"),
        Type::Cidr4(low, high) => format!("IPv4 block, /{low} to /{high}"),
        Type::Cidr => "IP block".to_owned(),
        Type::Zone => "zone, such as \"a\"".to_owned(),
        Type::Reference { kinds, .. } => format!("name of {}", kinds.join(", ")),
        Type::List(item) => format!("list of {}", self::holds(item)),
        Type::Set(item) => format!("set of {}", self::holds(item)),
        Type::Object(fields) => {
            let names: Vec<_> = fields.iter().map(|field| field.name).collect();
            format!("{{ {} }}", names.join(", "))
        }
        Type::Map(item) => format!("names with {}", self::holds(item)),
        Type::Policy(_) => "policy".to_owned(),
    }
}

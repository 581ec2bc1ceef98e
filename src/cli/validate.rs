//! `s3net validate`

use clap::Args;

use super::Exit;
use super::arguments::{Output, Source};
use super::reach::read;
use crate::report::validation_json;

/// Check the file alone: no account, no call.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    #[command(flatten)]
    source: Source,
    /// The region, where the file does not state it.
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(args: &ValidateArgs) -> Exit {
    let printer = args.output.printer();
    let loaded = match read(&args.source, args.region.as_deref()) {
        Ok(loaded) => loaded,
        Err(problem) => return problem.tell(&printer),
    };
    printer.diagnostics(&loaded);
    // What is wrong has been told, also as a document.
    if printer.json() && loaded.diagnostics.is_empty() {
        printer.document(&validation_json::document(&loaded));
    }
    let Some(desired) = loaded.desired else {
        return Exit::Error;
    };
    let nodes = &desired.stack.nodes;
    let tables = nodes.keys().filter(|address| address.part.is_none());
    let mut said = vec![
        counted(tables.count(), "resource"),
        counted(nodes.len(), "node"),
    ];
    if !desired.expectations.is_empty() {
        said.push(counted(desired.expectations.len(), "expectation"));
    }
    let file = args.source.file.display();
    printer.note(&format!("{file} is valid: {}.", said.join(", ")));
    Exit::of_output(&printer)
}

fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

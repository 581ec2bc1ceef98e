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
    let tables = desired.stack.nodes.keys().filter(|a| a.part.is_none());
    let expected = match desired.expectations.len() {
        0 => String::new(),
        1 => ", 1 expectation".to_owned(),
        many => format!(", {many} expectations"),
    };
    printer.note(&format!(
        "{} is valid: {} resources, {} nodes{expected}.",
        args.source.file.display(),
        tables.count(),
        desired.stack.nodes.len()
    ));
    match printer.lost_output() {
        true => Exit::Error,
        false => Exit::Done,
    }
}

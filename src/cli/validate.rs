//! `s3net validate`

use clap::Args;

use super::Exit;
use super::arguments::{Output, Source};
use super::reach::load;

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
    match load(&args.source, args.region.as_deref(), &printer) {
        Ok(desired) => {
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
            Exit::Done
        }
        Err(problem) => problem.tell(&printer),
    }
}

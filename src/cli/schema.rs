//! `s3net schema`

use clap::Args;

use super::Exit;
use super::arguments::Output;
use crate::kinds::registry;
use crate::report::{OUTPUT_SCHEMA, file_schema};

/// Print the JSON Schema of plan files, for editors, or of what --json writes.
///
/// Editors that read TOML (Taplo, Even Better TOML) complete and explain a plan
/// file once its first line names the schema: `#:schema ./s3net.schema.json`.
#[derive(Debug, Args)]
pub struct SchemaArgs {
    /// Print the schema of what --json writes, one document or event a line.
    #[arg(long)]
    output: bool,
}

pub(super) fn run(args: &SchemaArgs) -> Exit {
    let printer = Output::default().printer();
    if args.output {
        printer.data(OUTPUT_SCHEMA);
    } else {
        printer.data(&format!("{:#}", file_schema(registry())));
    }
    Exit::of_output(&printer)
}

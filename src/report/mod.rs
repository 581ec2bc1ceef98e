//! The only printer: what a run has to say, for people and for programs.
//!
//! ```text
//! plan ────► plan_text, json ──┐
//! drift ───► drift_text, _json ┤
//! [[expect]] ► expectations_*  ┤
//! traces ──► trace_*           ┤
//! events ──► progress, json ───┼──► printer ──► standard output, standard error
//! outcome ─► outcome_text, json┘
//! ```
//!
//! Everything but the printer and the progress turns plain data into text and
//! can be tested as such; only the printer writes.

mod board;
pub mod cloudformation_report;
pub mod diagnostic;
mod drift_facts;
pub mod drift_json;
pub mod drift_text;
mod ending;
pub mod expectations_json;
pub mod expectations_text;
mod facts;
mod file_schema;
mod fitting;
mod forecast;
pub mod graph_json;
pub mod import_vpc;
pub mod json;
pub mod kind_json;
pub mod kind_text;
pub mod left_out;
mod lifetime_text;
mod line_difference;
mod listing;
mod naming;
mod occasion;
pub mod outcome_text;
mod outputs;
pub mod paths_json;
pub mod paths_text;
pub mod plan_text;
mod policy_text;
pub mod preflight_text;
mod printer;
mod progress;
pub mod reap_json;
pub mod reap_text;
pub mod refresh_text;
pub mod resume_text;
pub mod rollback_text;
#[cfg(test)]
mod samples;
pub mod saved_text;
mod screen;
mod sheet;
pub mod state_text;
mod style;
pub mod switch_text;
pub mod terraform_report;
pub mod trace_json;
pub mod trace_matrix;
mod trace_price;
mod trace_scene;
pub mod trace_text;
pub mod validation_json;

pub use file_schema::file_schema;
pub use occasion::Occasion;
pub use outcome_text::Verb;
pub use outputs::outputs;
pub use printer::Printer;
pub use progress::Progress;
pub use style::{Ink, Style, Styles};
pub use trace_scene::{Scene, Sight};

/// The JSON Schema of every line that `--json` writes. It is part of the promise
/// that [`json::FORMAT_VERSION`] makes, and every test that reads such lines
/// holds them to it.
pub const OUTPUT_SCHEMA: &str = include_str!("output.schema.json");

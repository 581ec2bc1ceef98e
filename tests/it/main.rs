//! The integration tests, all in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that cannot go on is to fail at once"
)]

mod addresses;
mod adoption;
mod architecture;
mod calls;
mod cloudformation;
mod diagnostics;
mod documents;
mod draft;
mod drift;
mod edits;
mod engine;
mod expect;
mod facts;
mod faults;
mod fuzz;
mod golden;
mod holders;
mod import_vpc;
mod interruptions;
mod kill;
mod lab;
mod lifecycle;
mod lifetimes;
mod local;
mod moves;
mod outlook;
mod policies;
mod preflight;
mod progress;
mod refresh_only;
mod regions;
mod resend;
mod rollback;
mod room;
mod runs;
mod safety;
mod saved_plans;
mod selection;
mod shared_state;
mod starting;
mod state_files;
mod state_verbs;
mod survey;
mod switch;
mod systems;
mod terraform;
mod throttled;
mod toys;
mod trace;
mod trace_live;
mod trace_properties;

//! The integration tests, all in one binary.

mod architecture;
mod calls;
mod diagnostics;
mod edits;
mod engine;
mod lab;
mod local;
mod runs;
mod systems;
mod toys;

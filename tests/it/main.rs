//! The integration tests, all in one binary.

mod architecture;
mod diagnostics;
mod engine;
mod local;
mod toys;

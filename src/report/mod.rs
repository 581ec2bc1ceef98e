//! The only printer: what a run has to say, as text for people.
//!
//! Everything here turns plain data into strings; the command line writes them.

pub mod diagnostic;

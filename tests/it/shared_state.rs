//! State that several runs share: on S3, and in a folder.
//!
//! What is proved here: one run at a time, whatever happens to the others; nothing
//! is ever overwritten that a run has not read; a run that lost its lock writes
//! nothing more; a killed one is gone on from.

mod contract;
mod kills;
mod leases;
mod life;
mod races;
mod refusals;
mod site;
mod unlocking;

//! s3net: declarative private network paths from AWS subnets to S3.

pub mod apply;
pub mod aws;
pub mod cli;
pub mod config;
pub mod graph;
pub mod kind;
pub mod kinds;
pub mod local;
pub mod model;
pub mod plan;
pub mod refresh;
pub mod report;
pub mod state;

//! s3net: declarative private network paths from AWS subnets to S3.

pub mod aws;
pub mod kind;
pub mod kinds;
pub mod model;

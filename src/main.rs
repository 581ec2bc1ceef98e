//! The program: parse, run, exit code.

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    if s3net::cli::completed() {
        return ExitCode::SUCCESS;
    }
    s3net::cli::run(s3net::cli::Cli::parse()).await.into()
}

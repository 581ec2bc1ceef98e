//! The program: parse, run, exit code.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    if s3net::cli::completed() {
        return ExitCode::SUCCESS;
    }
    match s3net::cli::Cli::read() {
        Ok(cli) => s3net::cli::run(cli).await.into(),
        Err(exit) => exit.into(),
    }
}

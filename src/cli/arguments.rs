//! Arguments that several verbs share.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use super::keeping::location;
use crate::model::StateLocation;
use crate::plan::saved::Bound;
use crate::report::{Printer, Style};

/// Environment variables that set a variable of the file begin with this.
pub const VARIABLE_PREFIX: &str = "S3NET_VAR_";

/// Which file, and its variables.
#[derive(Debug, Clone, Args)]
pub struct Source {
    /// The file that says which network is wanted.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Set a variable of the file; S3NET_VAR_<NAME> in the environment does too.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub variables: Vec<(String, String)>,
    /// What a saved plan says: the file is read as it was then.
    #[arg(skip)]
    pub saved: Option<Box<Bound>>,
}

/// How to reach AWS.
#[derive(Debug, Clone, Args)]
pub struct Target {
    /// Use the local AWS endpoint: no account, no bill. Starts it if need be.
    #[arg(long, conflicts_with_all = ["endpoint_url", "profile"])]
    pub local: bool,
    /// Call this URL instead of AWS's own; AWS_ENDPOINT_URL does the same.
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// A profile of the AWS configuration files.
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// The region, where the file does not state it.
    #[arg(long, value_name = "NAME")]
    pub region: Option<String>,
    /// Where the stacks' state is: a folder, or s3://BUCKET/PREFIX; goes before
    /// what the file says [default: the folder `state`].
    #[arg(long, value_name = "PLACE", env = "S3NET_STATE", value_parser = location)]
    pub state: Option<StateLocation>,
    /// How many seconds a lock on S3 outlives a run that has gone silent.
    #[arg(
        long,
        hide = true,
        env = "S3NET_LEASE_SECONDS",
        default_value_t = 60,
        value_parser = clap::value_parser!(u64).range(2..=3600)
    )]
    pub lease: u64,
    /// Wait so many seconds for a lock that another run holds [default: 0].
    #[arg(long, value_name = "SECONDS")]
    pub lock_timeout: Option<u64>,
    /// How many seconds AWS may take to show what it has just made, before it
    /// counts as not made [default: 300; with --local what the endpoint says].
    #[arg(
        long,
        value_name = "SECONDS",
        env = "S3NET_CONSISTENCY",
        hide_env = true
    )]
    pub consistency: Option<u64>,
}

/// How to print.
#[derive(Debug, Clone, Default, Args)]
pub struct Output {
    /// Write JSON to standard output, one document or event a line.
    #[arg(long)]
    pub json: bool,
    /// Use no colour; NO_COLOR in the environment does the same.
    #[arg(long)]
    pub no_color: bool,
}

impl Source {
    /// The variables that the environment sets; the command line's win, and a
    /// saved plan has its own.
    #[must_use]
    pub fn environment(&self) -> BTreeMap<String, String> {
        if self.saved.is_some() {
            return BTreeMap::new();
        }
        std::env::vars_os()
            .filter_map(|(name, value)| {
                let name = name.into_string().ok()?;
                let name = name.strip_prefix(VARIABLE_PREFIX)?.to_owned();
                let stated = self.variables.iter().any(|(stated, _)| *stated == name);
                Some((name, value.into_string().ok()?)).filter(|_| !stated)
            })
            .collect()
    }
}

impl Output {
    /// A printer for these wishes.
    #[must_use]
    pub fn printer(&self) -> Printer {
        Printer::new(Style::detect(self.no_color), self.json)
    }
}

/// Reads `NAME=VALUE`.
///
/// # Errors
/// What is wrong with it.
pub fn name_and_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(name, value)| (name.trim().to_owned(), value.to_owned()))
        .filter(|(name, _)| !name.is_empty())
        .ok_or_else(|| "expected NAME=VALUE, such as bucket=my-data".to_owned())
}

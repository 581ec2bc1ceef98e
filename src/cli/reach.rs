//! From the file to the account that it is for: nothing of the network is read
//! yet, and nothing is changed.
//!
//! ```text
//! load file ─► connect ─► account, region ─► where state is
//! ```

use std::time::Duration;

use crate::aws::{Aws, Connection};
use crate::config::{self, Desired, Loaded};
use crate::kind::Registry;
use crate::kinds::registry;
use crate::model::Place;
use crate::model::policy::Caller;
use crate::report::Printer;
use crate::state::Store;

use super::arguments::{Source, Target};
use super::keeping::store;
use super::problem::Problem;
use super::saved;

/// Beyond the time for which the local endpoint hides new things: a call may
/// begin just before that time ends.
const LEEWAY: Duration = Duration::from_secs(2);

/// A file, the account that it is for, and where its state is.
pub struct Reached {
    /// What the file wants.
    pub desired: Desired,
    /// The kinds.
    pub registry: Registry,
    /// The clients.
    pub aws: Aws,
    /// Where the stack lives.
    pub place: Place,
    /// Whose the credentials are.
    pub caller: Caller,
    /// Where its state is.
    pub store: Store,
}

/// Reads and checks the file, and prints what is wrong with it.
///
/// # Errors
/// A [`Problem`] that is already told, or one for an unreadable file.
pub fn load(source: &Source, region: Option<&str>, printer: &Printer) -> Result<Desired, Problem> {
    let loaded = read(source, region)?;
    printer.diagnostics(&loaded);
    loaded.desired.ok_or_else(Problem::told)
}

/// Reads and checks the file.
///
/// # Errors
/// The file cannot be read.
pub fn read(source: &Source, region: Option<&str>) -> Result<Loaded, Problem> {
    if source.saved.is_none() && saved::is_one(&source.file) {
        return Err(saved::no_plan_file(&source.file));
    }
    let mut variables = source.environment();
    let from_environment = variables.keys().cloned().collect();
    variables.extend(source.variables.iter().cloned());
    let options = config::Options {
        variables,
        from_environment,
        region: region.map(str::to_owned).or_else(region_of_environment),
    };
    config::load(&source.file, &options, registry()).map_err(|error| {
        Problem::new(error.to_string())
            .remedy("name a plan file; `s3net init` writes one to begin with")
    })
}

/// The region that the environment of AWS tools states.
pub fn region_of_environment() -> Option<String> {
    ["AWS_REGION", "AWS_DEFAULT_REGION"]
        .iter()
        .find_map(|name| std::env::var(name).ok())
        .filter(|region| !region.is_empty())
}

/// Reads the file and finds the account that it is for. Nothing is read there.
/// `writes` says whether state is about to be written.
///
/// # Errors
/// The [`Problem`] that stands in the way.
pub async fn reach(
    source: &Source,
    target: &Target,
    writes: bool,
    printer: &Printer,
) -> Result<Reached, Problem> {
    let desired = load(source, target.region.as_deref(), printer)?;
    if let (Some(stated), Some(asked)) = (&desired.region, &target.region)
        && stated != asked
    {
        return Err(Problem::new(format!(
            "the file is for region {stated}, and --region says {asked}"
        ))
        .remedy("leave --region out, or change `region` under [stack]"));
    }
    let aws = connect(&desired, target, printer).await?;
    let caller = aws.caller().await?;
    let place = aws.place_of(&caller);
    // The file was read, with its zones and names, for one region; the usual
    // chain of AWS tools may have found another.
    let read_for = &desired.stack.region;
    if !read_for.is_empty() && *read_for != place.region {
        return Err(Problem::new(format!(
            "the file was read for region {read_for}, and calls would go to {}",
            place.region
        ))
        .remedy("state `region` under [stack], or pass --region"));
    }
    if let Some(stated) = &desired.account
        && *stated != place.account
    {
        return Err(Problem::new(format!(
            "the file is for account {stated}, and the credentials are of {}",
            place.account
        ))
        .remedy("use the credentials of that account, or change `account` under [stack]"));
    }
    if let Some(bound) = &source.saved {
        saved::same_file(bound, &desired)?;
        saved::same_place(bound, &place)?;
        saved::same_store(bound, &desired, target.state.as_ref())?;
    }
    let store = store(&desired, target, &aws, writes, printer).await?;
    Ok(Reached {
        desired,
        registry: registry(),
        aws,
        place,
        caller,
        store,
    })
}

/// Builds the clients for a file; with --local it starts the endpoint.
///
/// # Errors
/// There is no region, or no local endpoint.
pub async fn connect(
    desired: &Desired,
    target: &Target,
    printer: &Printer,
) -> Result<Aws, Problem> {
    let region = desired.region.clone().or_else(|| target.region.clone());
    // A file that is bound to an account runs there, also locally.
    connect_to(region, desired.account.as_deref(), target, printer).await
}

/// Builds the clients for a region, or for the usual one; with --local it starts
/// the endpoint, in the account `bound` if there is one.
///
/// # Errors
/// There is no region, or no local endpoint.
pub async fn connect_to(
    region: Option<String>,
    bound: Option<&str>,
    target: &Target,
    printer: &Printer,
) -> Result<Aws, Problem> {
    let mut connection = Connection {
        region,
        profile: target.profile.clone(),
        endpoint_url: target.endpoint_url.clone(),
        local_account: None,
        consistency: target.consistency.map(Duration::from_secs),
    };
    if target.local {
        let progress = |text: &str| printer.note(text);
        let endpoint = crate::local::ensure_running(bound, &progress).await?;
        connection.endpoint_url = Some(endpoint.url);
        connection.local_account = Some(endpoint.account);
        // It knows how long it hides what was just made.
        connection.consistency = connection.consistency.or(Some(match endpoint.consistency {
            Duration::ZERO => Duration::ZERO,
            lag => lag + LEEWAY,
        }));
    }
    Ok(Aws::connect(&connection).await?)
}

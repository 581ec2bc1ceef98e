//! Where a stack's state is, and how its lock is given back.

use std::path::Path;
use std::time::Duration;

use super::arguments::Target;
use super::problem::Problem;
use crate::aws::Aws;
use crate::aws::objects::Objects;
use crate::config::{Desired, made_by};
use crate::model::{Place, StateLocation};
use crate::report::Printer;
use crate::state::{Bucket, Held, Kept, Lock, Store, StoreError};

/// Where state is unless somebody says otherwise.
const DEFAULT_FOLDER: &str = "state";

/// The stack's state: where the command line or the environment says, or else
/// the file. Where it is about to be written, a bucket is asked whether it keeps
/// former versions.
///
/// # Errors
/// A bucket that cannot be reached, or that the stack itself makes.
pub async fn store(
    desired: &Desired,
    target: &Target,
    aws: &Aws,
    writes: bool,
    printer: &Printer,
) -> Result<Store, Problem> {
    let stack = &desired.stack.name;
    let place = state_of(desired, target.state.as_ref());
    let (bucket, prefix) = match &place {
        StateLocation::Folder(path) => return Ok(in_folder(path, stack, target.local)),
        StateLocation::Bucket { bucket, prefix } => (bucket, prefix),
    };
    if let Some(address) = made_by(&desired.stack, &place) {
        return Err(Problem::new(format!(
            "state is to be kept in {address}, which this stack makes itself"
        ))
        .because("state must be there before the stack is, and outlive it")
        .remedy("name another bucket, one that no stack of s3net makes"));
    }
    let url = format!("s3://{bucket}");
    let objects = Objects::open(aws, bucket).await;
    let objects = objects
        .map_err(|error| StoreError::of_call(&url, &format!("{url}/{prefix}"), "used", &error))?;
    // It is advice: where it cannot be asked for, none is given.
    if writes && let Ok(Some(false)) = objects.versioned().await {
        printer.note(&format!(
            "{url} keeps no former versions of the state; with versioning on, one that \
             was overwritten by mistake can be brought back"
        ));
    }
    let lease = Duration::from_secs(target.lease);
    Ok(Store::on(Bucket::new(
        objects, bucket, prefix, stack, lease,
    )))
}

/// Where a file's state is: where is `stated` beside it, or else where the file
/// says.
pub fn state_of(desired: &Desired, stated: Option<&StateLocation>) -> StateLocation {
    let place = stated.or(desired.state.as_ref());
    place
        .cloned()
        .unwrap_or_else(|| StateLocation::Folder(DEFAULT_FOLDER.into()))
}

/// What is built locally is kept apart from the real thing.
pub fn in_folder(folder: &Path, stack: &str, local: bool) -> Store {
    match local {
        true => Store::in_folder(&folder.join(stack), "local"),
        false => Store::in_folder(folder, stack),
    }
}

/// Takes the stack's lock for a command. From then on `aws` changes nothing unless the
/// lock is held.
///
/// # Errors
/// Another run holds it, and not only for as long as the user would wait.
pub async fn take_lock(
    store: &Store,
    aws: &Aws,
    command: &str,
    target: &Target,
    printer: &Printer,
) -> Result<Lock, Problem> {
    let patience = target
        .lock_timeout
        .map_or(Duration::ZERO, Duration::from_secs);
    let waiting = |held: &Held| printer.note(&format!("waiting for the lock: {held}"));
    let command = format!("s3net {command}");
    let lock = store.lock(&command, patience, waiting).await?;
    aws.fence().goes_by(lock.mandate());
    Ok(lock)
}

/// Refuses a state of another account or region, were it only a journal's.
///
/// # Errors
/// The [`Problem`] with both places.
pub fn check_place(store: &Store, kept: &Kept, place: &Place) -> Result<(), Problem> {
    match &kept.snapshot.place {
        Some(home)
            if home != place && (!kept.snapshot.nodes.is_empty() || kept.unclosed.is_some()) =>
        {
            Err(other_place(&store.name(), home, place))
        }
        _ => Ok(()),
    }
}

/// The problem of a state that lives elsewhere.
pub fn other_place(name: &str, home: &Place, place: &Place) -> Problem {
    Problem::new(format!("{name} is of another account or region"))
        .because(format!(
            "it is of account {} in {}, and this run is for account {} in {}",
            home.account, home.region, place.account, place.region
        ))
        .remedy("use that account and region, or other state: --state")
}

/// Gives a lock back as its verb ends.
pub async fn give_back(lock: Option<Lock>, printer: &Printer) {
    let Some(lock) = lock else { return };
    match lock.release().await {
        // That it was lost is what the run has ended with.
        Ok(()) | Err(StoreError::LockLost { .. }) => {}
        Err(error) => printer.warning(
            &format!("the lock could not be given back: {error}"),
            Some("nothing is to be done: it ends by itself in a minute"),
        ),
    }
}

/// Reads a place of state from the command line or the environment.
///
/// # Errors
/// What is wrong with it.
pub fn location(text: &str) -> Result<StateLocation, String> {
    StateLocation::parse(text).map_err(|(problem, remedy)| format!("{problem}: {remedy}"))
}

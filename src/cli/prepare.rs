//! From the file to a plan: what plan, apply, destroy, graph and drift have in
//! common.
//!
//! ```text
//!              reach                       look        prepare
//! load file ─► connect ─► account ─► state ─► refresh ─► plan
//!     │            │          │         │         │
//!     └─ any problem ends here, before a call that changes anything
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use crate::aws::{Aws, Connection};
use crate::config::{self, Desired};
use crate::kind::Registry;
use crate::kinds::registry;
use crate::model::Place;
use crate::model::policy::Caller;
use crate::plan::{Plan, World, plan};
use crate::refresh::{Expected, Refreshed, Wish, expected, refresh_until_seen, what_became};
use crate::report::{self, Printer};
use crate::state::{Kept, Lock, Snapshot, Store};

use super::arguments::{Source, Target};
use super::keeping::{check_place, give_back, store, take_lock};
use super::problem::Problem;

/// Beyond the time for which the local endpoint hides new things: a call may
/// begin just before that time ends.
const LEEWAY: Duration = Duration::from_secs(2);

/// What a verb wants prepared.
#[derive(Debug, Clone, Copy)]
pub struct Purpose {
    /// The command, for the lock's holder; none takes no lock.
    pub lock: Option<&'static str>,
    /// Whether everything is to go.
    pub destroy: bool,
}

/// How much of what others did is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// What stands in the answers that a plan needs.
    Usual,
    /// Also what takes calls of its own.
    Thorough,
}

/// A file, the account that it is for, and where its state is.
pub struct Reached {
    /// What the file wants.
    pub desired: Desired,
    /// The clients.
    pub aws: Aws,
    /// Where the stack lives.
    pub place: Place,
    /// Whose the credentials are.
    pub caller: Caller,
    /// Where its state is.
    pub store: Store,
}

/// A file, an account, and what lives there.
pub struct Seen {
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
    /// What the store holds.
    pub kept: Kept,
    /// What lives.
    pub refreshed: Refreshed,
    /// Held until the verb has ended.
    pub lock: Option<Lock>,
}

/// A file, an account, what lives there, and the plan between them.
pub struct Prepared {
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
    /// What the store holds.
    pub kept: Kept,
    /// The plan.
    pub plan: Plan,
    /// Held until the verb has ended.
    pub lock: Option<Lock>,
}

/// Reads and checks the file, and prints what is wrong with it.
///
/// # Errors
/// A [`Problem`] that is already told, or one for an unreadable file.
pub fn load(source: &Source, region: Option<&str>, printer: &Printer) -> Result<Desired, Problem> {
    let mut variables = source.environment();
    let from_environment = variables.keys().cloned().collect();
    variables.extend(source.variables.iter().cloned());
    let options = config::Options {
        variables,
        from_environment,
        region: region.map(str::to_owned).or_else(region_of_environment),
    };
    let loaded = config::load(&source.file, &options, registry()).map_err(|error| {
        Problem::new(error.to_string()).remedy("name a plan file, such as plans/three-ways.toml")
    })?;
    if !loaded.diagnostics.is_empty() {
        printer.diagnostics(&loaded.source, &loaded.diagnostics);
    }
    loaded.desired.ok_or_else(Problem::told)
}

fn region_of_environment() -> Option<String> {
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
    let store = store(&desired, target, &aws, writes, printer).await?;
    Ok(Reached {
        desired,
        aws,
        place,
        caller,
        store,
    })
}

/// Reads what lives.
///
/// # Errors
/// The [`Problem`] that stands in the way; nothing has been changed then.
pub async fn look(
    source: &Source,
    target: &Target,
    purpose: Purpose,
    depth: Depth,
    printer: &Printer,
) -> Result<Seen, Problem> {
    let reached = reach(source, target, purpose.lock.is_some(), printer).await?;
    let lock = match purpose.lock {
        Some(command) => Some(take_lock(&reached.store, command, target, printer).await?),
        None => None,
    };
    match find_out(&reached, purpose, depth, printer).await {
        Ok((kept, refreshed)) => Ok(Seen {
            desired: reached.desired,
            registry: registry(),
            aws: reached.aws,
            place: reached.place,
            caller: reached.caller,
            store: reached.store,
            kept,
            refreshed,
            lock,
        }),
        Err(problem) => {
            give_back(lock, printer).await;
            Err(problem)
        }
    }
}

/// Reads state and what lives.
async fn find_out(
    reached: &Reached,
    purpose: Purpose,
    depth: Depth,
    printer: &Printer,
) -> Result<(Kept, Refreshed), Problem> {
    let Reached {
        desired,
        aws,
        place,
        store,
        ..
    } = reached;
    let mut kept = store.read(&desired.stack.name).await?;
    check_place(store, &kept, place)?;
    if purpose.lock.is_none()
        && kept.unclosed.is_some()
        && let Some(held) = store.holder().await?
    {
        printer.note(&format!(
            "a run is under way, so this is a look at something that moves: {held}"
        ));
        // Its open calls are its own business.
        kept.unclosed = None;
    }
    let snapshot = &kept.snapshot;
    let kinds = registry();
    let look_ups: BTreeMap<_, _> = desired
        .existing
        .iter()
        .map(|(address, existing)| (address.clone(), existing.query.clone()))
        .collect();
    let no_look_ups = BTreeMap::new();
    let open = kept.unclosed.as_ref().map_or(&[][..], |run| &run.open);
    let wish = Wish {
        registry: kinds,
        aws,
        place,
        wanted: &desired.stack,
        remembered: snapshot,
        open,
        // What is destroyed needs nothing looked up.
        look_ups: if purpose.destroy {
            &no_look_ups
        } else {
            &look_ups
        },
        thorough: depth == Depth::Thorough,
    };
    let must_be_seen = expected(kinds, snapshot, open, purpose.destroy);
    let told = std::sync::Once::new();
    let waiting = |one: &Expected, longest: Duration| {
        told.call_once(|| printer.note(&report::resume_text::waiting(one, longest)));
    };
    let refreshed = refresh_until_seen(&wish, must_be_seen, &waiting).await?;
    if let Some(interrupted) = &kept.unclosed {
        printer.resumed(&what_became(interrupted, &refreshed, aws.consistency()));
    }
    Ok((kept, refreshed))
}

/// Prepares a plan.
///
/// # Errors
/// The [`Problem`] that stands in the way; nothing has been changed then.
pub async fn prepare(
    source: &Source,
    target: &Target,
    purpose: Purpose,
    printer: &Printer,
) -> Result<Prepared, Problem> {
    let seen = look(source, target, purpose, Depth::Usual, printer).await?;
    let Seen {
        desired,
        registry: kinds,
        aws,
        place,
        caller,
        store,
        kept,
        refreshed,
        lock,
    } = seen;
    let plan = make_plan(
        &desired,
        kinds,
        &place,
        &refreshed,
        &kept.snapshot,
        purpose.destroy,
    );
    let plan = match plan {
        Ok(plan) => plan,
        Err(problems) => {
            give_back(lock, printer).await;
            return Err(tell_all(problems, printer));
        }
    };
    Ok(Prepared {
        desired,
        registry: kinds,
        aws,
        place,
        caller,
        store,
        kept,
        plan,
        lock,
    })
}

impl Prepared {
    /// Gives the lock back; what was prepared is of no more use.
    pub async fn end(self, printer: &Printer) {
        give_back(self.lock, printer).await;
    }
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
    let mut connection = Connection {
        region: desired.region.clone().or_else(|| target.region.clone()),
        profile: target.profile.clone(),
        endpoint_url: target.endpoint_url.clone(),
        local_account: None,
        consistency: target.consistency.map(Duration::from_secs),
    };
    if target.local {
        // A file that is bound to an account runs there, also locally.
        let bound = desired.account.as_deref();
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

/// Plans from what was read.
///
/// # Errors
/// Every reason why there is no plan.
pub fn make_plan(
    desired: &Desired,
    kinds: Registry,
    place: &Place,
    refreshed: &Refreshed,
    snapshot: &Snapshot,
    destroy: bool,
) -> Result<Plan, Vec<Problem>> {
    plan(&World {
        registry: kinds,
        place,
        wanted: &desired.stack,
        existing: &refreshed.existing,
        live: &refreshed.live,
        remembered: snapshot,
        destroy,
    })
    .map_err(|errors| errors.into_iter().map(Problem::from).collect())
}

fn tell_all(problems: Vec<Problem>, printer: &Printer) -> Problem {
    for problem in problems {
        problem.tell(printer);
    }
    Problem::told()
}

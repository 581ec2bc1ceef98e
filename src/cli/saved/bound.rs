//! What a saved plan holds for, and the refusal of everything else.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::arguments::{Source, Target, VARIABLE_PREFIX};
use super::super::keeping::{location, state_of};
use super::super::prepare::Prepared;
use super::super::problem::Problem;
use super::super::reach::Reached;
use super::super::run::{Execution, Fit};
use super::super::selection::{Anew, Part};
use crate::config::Desired;
use crate::model::lifetime::told;
use crate::model::{Place, StateLocation};
use crate::plan::saved::{
    Bound, BoundState, Content, Deviation, SavedPlan, Stated, deviations, drift_deviations,
    hash_of, hash_of_text, learned_deviations,
};
use crate::plan::{Drift, Ending, Learned, Plan, Selection};
use crate::report::saved_text;
use crate::state::Kept;

/// What to do about a plan that is of no more use.
const AGAIN: &str = "look at a new plan, and save it: `s3net plan FILE --out PLAN`";

/// A plan that holds no longer.
fn stale(why: impl Into<String>) -> Problem {
    Problem::new("the saved plan is stale, so nothing was begun")
        .because(why)
        .remedy(AGAIN)
}

/// What a plan that was just made holds for.
///
/// # Errors
/// The plan file's path is no text.
pub fn bound(
    source: &Source,
    target: &Target,
    at: &Reached,
    kept: &Kept,
) -> Result<Bound, Problem> {
    let file = source.file.to_str().ok_or_else(|| {
        Problem::new("the plan cannot be saved")
            .because("the plan file's path is no UTF-8 text")
            .remedy("give the file another name")
    })?;
    let variables = at.desired.given.iter().map(|(name, given)| {
        let stated = match given.secret {
            true => Stated::Sha256(hash_of_text(given.value.as_bytes())),
            false => Stated::Value(given.value.clone()),
        };
        (name.clone(), stated)
    });
    Ok(Bound {
        stack: at.desired.stack.name.clone(),
        place: at.place.clone(),
        local: target.local,
        file: file.to_owned(),
        text_hash: at.desired.text_hash.clone(),
        variables: variables.collect(),
        state: bound_state(target.state.as_ref().map(ToString::to_string), kept),
    })
}

fn bound_state(location: Option<String>, kept: &Kept) -> BoundState {
    let snapshot = &kept.snapshot;
    let open = kept.unclosed.iter().flat_map(|run| &run.open);
    let open: Vec<_> = open.map(|call| (&call.started, &call.made)).collect();
    // A stack without a state has a new history each time that it is looked at.
    let is_new = snapshot.serial == 0 && kept.unclosed.is_none();
    BoundState {
        location,
        lineage: (!is_new).then(|| snapshot.lineage.clone()),
        serial: snapshot.serial,
        content: hash_of(&(&snapshot.nodes, &snapshot.generations, open)),
    }
}

/// How a saved plan is carried out: with the file, the variables and the state
/// that it was made from, and without a question.
///
/// # Errors
/// What the command line says otherwise, or a file that has changed.
pub fn execution(
    asked: &Execution,
    refresh_only: bool,
    plan: &SavedPlan,
) -> Result<Execution, Problem> {
    let bound = &plan.bound;
    if refresh_only && matches!(plan.content, Content::Graph(_)) {
        return Err(
            Problem::new("the saved plan changes AWS, and --refresh-only does not")
                .remedy("leave --refresh-only out, or save a plan that was made with it"),
        );
    }
    let (local, missing) = match bound.local {
        true => ("for the local endpoint", "pass --local"),
        false => ("for AWS", "leave --local out"),
    };
    if asked.target.local != bound.local {
        return Err(Problem::new(format!("the saved plan is {local}")).remedy(missing));
    }
    let mut execution = asked.clone();
    if let Some(region) = &asked.target.region
        && *region != bound.place.region
    {
        return Err(Problem::new(format!(
            "the saved plan is for region {}, and --region says {region}",
            bound.place.region
        ))
        .remedy("leave --region out"));
    }
    same_text(bound)?;
    execution.source = Source {
        file: bound.file.clone().into(),
        variables: variables(&bound.variables, &asked.source.variables)?,
        saved: Some(Box::new(bound.clone())),
    };
    execution.target.region = Some(bound.place.region.clone());
    if asked.target.state.is_none() {
        execution.target.state = stated(bound)?;
    }
    execution.auto_approve = true;
    Ok(execution)
}

/// Where the run that made the plan said that state is, if it did.
fn stated(bound: &Bound) -> Result<Option<StateLocation>, Problem> {
    let stated = bound.state.location.as_deref().map(location);
    stated.transpose().map_err(Problem::new)
}

/// Refuses a state in another place than the plan was made from, were it the same
/// one's copy.
///
/// # Errors
/// With both places.
pub fn same_store(
    bound: &Bound,
    desired: &Desired,
    asked: Option<&StateLocation>,
) -> Result<(), Problem> {
    let saved = stated(bound)?;
    let (then, now) = (state_of(desired, saved.as_ref()), state_of(desired, asked));
    if then == now {
        return Ok(());
    }
    Err(
        Problem::new("the saved plan is for a state in another place")
            .because(format!("it is for {then}, and this run is for {now}"))
            .remedy("leave --state out, and S3NET_STATE unset: the saved plan knows the place"),
    )
}

/// Refuses another part of the stack than the plan was made for, and another end
/// of its lifetime.
///
/// # Errors
/// The command line names one, and it is not that.
pub fn same_part(saved: &SavedPlan, part: &Part, anew: &Anew) -> Result<(), Problem> {
    if anew.ending() == Ending::Anew {
        return Err(
            Problem::new("the saved plan has the end of the lifetime in it")
                .because("--renew is part of a plan, and is not stated again")
                .remedy(format!("leave it out, or {AGAIN}")),
        );
    }
    let stated = part.and(anew);
    if stated == Selection::ALL || stated == saved.asked.selection {
        return Ok(());
    }
    Err(
        Problem::new("the saved plan was made for another part of the stack")
            .because("--target, --exclude and --replace are part of it, and are not stated again")
            .remedy(format!("leave them out, or {AGAIN}")),
    )
}

/// When the stack's lifetime ends by what the plan was shown with.
#[must_use]
pub fn ending(plan: &SavedPlan) -> Ending {
    let Content::Graph(graph) = &plan.content else {
        return Ending::Kept;
    };
    let term = graph.lifetime.and_then(|lifetime| lifetime.term);
    term.map_or(Ending::Kept, |term| Ending::At(term.until))
}

/// Refuses a plan file that is another by now, before anything of it is told.
fn same_text(bound: &Bound) -> Result<(), Problem> {
    let read = std::fs::read(Path::new(&bound.file));
    let text = read.map_err(|error| {
        Problem::new(format!("{} cannot be read", bound.file))
            .because(format!("{error}; the saved plan was made from it"))
            .remedy("run this in the folder in which the plan was made, with the same files")
    })?;
    match hash_of_text(&text) == bound.text_hash {
        true => Ok(()),
        false => Err(stale(format!("{} has changed since", bound.file))),
    }
}

/// The variables as they were: what was secret, the run must say again.
fn variables(
    bound: &BTreeMap<String, Stated>,
    given: &[(String, String)],
) -> Result<Vec<(String, String)>, Problem> {
    for (name, _) in given {
        if !bound.contains_key(name) {
            return Err(
                Problem::new(format!("the saved plan was made without --var {name}=…"))
                    .remedy(format!("leave --var {name}=… out, or {AGAIN}")),
            );
        }
    }
    let said = |name: &String| {
        let last = given.iter().rev().find(|(other, _)| other == name);
        last.map(|(_, value)| value.clone())
    };
    let mut all = Vec::new();
    for (name, stated) in bound {
        let value = match stated {
            Stated::Value(value) => match said(name) {
                Some(other) if other != *value => {
                    return Err(Problem::new(format!(
                        "the saved plan was made with --var {name}={value}"
                    ))
                    .remedy(format!("leave --var {name}=… out, or {AGAIN}")));
                }
                _ => value.clone(),
            },
            Stated::Sha256(hash) => {
                let environment = || std::env::var(format!("{VARIABLE_PREFIX}{name}")).ok();
                match said(name).or_else(environment) {
                    Some(value) if hash_of_text(value.as_bytes()) == *hash => value,
                    Some(_) => {
                        return Err(Problem::new(format!(
                            "the variable `{name}` has another value than when the plan was saved"
                        ))
                        .remedy(format!("pass the same value, or {AGAIN}")));
                    }
                    None => {
                        return Err(Problem::new(format!(
                            "the variable `{name}` must be given again"
                        ))
                        .because(
                            "it goes into a field that is never shown, so the saved plan has \
                             its hash and not its value",
                        )
                        .remedy(format!(
                            "pass --var {name}=…, or set {VARIABLE_PREFIX}{name}"
                        )));
                    }
                }
            }
        };
        all.push((name.clone(), value));
    }
    Ok(all)
}

/// Refuses another file than the plan was made from.
///
/// # Errors
/// The file's text or its stack is another.
pub fn same_file(bound: &Bound, desired: &Desired) -> Result<(), Problem> {
    if desired.text_hash != bound.text_hash {
        return Err(stale(format!("{} has changed since", bound.file)));
    }
    match desired.stack.name == bound.stack {
        true => Ok(()),
        false => Err(stale(format!(
            "it is of the stack {}, and the file is now of {}",
            bound.stack, desired.stack.name
        ))),
    }
}

/// Refuses another account or region.
///
/// # Errors
/// With both places.
pub fn same_place(bound: &Bound, place: &Place) -> Result<(), Problem> {
    if bound.place == *place {
        return Ok(());
    }
    Err(
        Problem::new("the saved plan is for another account or region")
            .because(format!(
                "it is for account {} in {}, and this run is for account {} in {}",
                bound.place.account, bound.place.region, place.account, place.region
            ))
            .remedy("use the credentials of that account and its region"),
    )
}

/// Refuses a state that has moved on.
///
/// # Errors
/// How it differs.
pub fn same_state(bound: &Bound, kept: &Kept) -> Result<(), Problem> {
    let then = &bound.state;
    let now = bound_state(None, kept);
    let why = match (&then.lineage, &now.lineage) {
        (None, Some(_)) => format!(
            "there was no state when it was saved, and now there is one of serial {}",
            now.serial
        ),
        (Some(_), None) => "the state that it was made from is gone".to_owned(),
        (one, other) if one != other => {
            "the state is of another history of the stack than when it was saved".to_owned()
        }
        _ if then.serial != now.serial => format!(
            "the state has moved on: it had serial {} when the plan was saved, and has {} now",
            then.serial, now.serial
        ),
        _ if then.content != now.content => match &kept.unclosed {
            Some(run) => format!(
                "`{}` has run since, and was interrupted",
                run.opened.command
            ),
            None => "the state of the same serial holds other things".to_owned(),
        },
        _ => return Ok(()),
    };
    Err(stale(why))
}

/// A plan that today is what was saved.
impl Fit for SavedPlan {
    fn state(&self, kept: &Kept) -> Result<(), Problem> {
        same_state(&self.bound, kept)
    }

    fn plan(&self, prepared: &Prepared) -> Result<(), Problem> {
        let Content::Graph(plan) = &self.content else {
            return Err(stale("it changes the state only"));
        };
        still_lives(plan, &prepared.plan)?;
        same(&deviations(plan, &prepared.plan, prepared.at.registry))
    }
}

/// Refuses to build what `reap` may take down at once: the lifetime that the plan
/// was shown with has ended since.
fn still_lives(saved: &Plan, now: &Plan) -> Result<(), Problem> {
    let left = |plan: &Plan| plan.lifetime.and_then(|lifetime| lifetime.left());
    let term = saved.lifetime.and_then(|lifetime| lifetime.term);
    match (term, left(saved), left(now)) {
        (Some(term), Some(_), None) => Err(stale(format!(
            "the lifetime that it was shown with has ended at {}",
            told(term.until)
        ))),
        _ => Ok(()),
    }
}

/// Refuses a refresh of which the drift, or what the state learns, is another by
/// now. A state that was lost learns of what has not drifted too.
///
/// # Errors
/// What deviates.
pub fn same_refresh(saved: (&Drift, &Learned), now: (&Drift, &Learned)) -> Result<(), Problem> {
    same(&drift_deviations(saved.0, now.0))?;
    same(&learned_deviations(saved.1, now.1))
}

fn same(found: &[Deviation]) -> Result<(), Problem> {
    match found.is_empty() {
        true => Ok(()),
        false => Err(stale(format!(
            "AWS, or a file that the plan names, has changed since: {}",
            saved_text::deviations(found)
        ))),
    }
}

//! Whether the account may have as many as a plan will have made.
//!
//! ```text
//! there already + made by the plan                    more than the quota at some moment?
//!               − deleted right before its successor
//!               − deleted at any time                 more than the quota at the end?
//! ```
//!
//! A quota that is too small at the end is an error; one that is too small only
//! if the plan's deletions come late is a warning, since they may come first. So
//! is one of which only AWS's default is known.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Check, Finding, Preflight, Severity};
use crate::aws::quotas::{Quota, Reading, read};
use crate::aws::{Aws, CallError};
use crate::kind::{Counted, Registry};
use crate::model::{Action, Address};
use crate::plan::{Plan, PlannedStep};

/// What a quota is counted within.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Within {
    /// The region, or the account.
    Place,
    /// What has this id (a VPC) or name (a zone).
    Known(String),
    /// What the plan is still to make.
    New(Address),
}

impl Within {
    /// As AWS's counts name it; nothing for what it cannot have counted.
    fn known(&self) -> Option<&str> {
        match self {
            Self::Place => Some(""),
            Self::Known(id) => Some(id),
            Self::New(_) => None,
        }
    }
}

/// What a plan does to one count.
#[derive(Debug, Default)]
struct Tally {
    /// The nodes that it makes.
    made: Vec<Address>,
    /// How many of them come right after the deletion of what they replace.
    succeeding: usize,
    /// How many it deletes.
    deleted: usize,
    /// How many nodes of it exist, kept and deleted ones.
    standing: usize,
}

type Tallies = BTreeMap<(Quota, Within), Tally>;

/// Counts a plan, and asks AWS for the rest.
pub(super) async fn check(aws: &Aws, plan: &Plan, registry: Registry) -> Preflight {
    let tallies = tally(plan, registry);
    let mut wanted: BTreeMap<Quota, BTreeSet<String>> = BTreeMap::new();
    for (quota, within) in tallies.keys() {
        let ids = wanted.entry(*quota).or_default();
        if let Within::Known(id) = within {
            ids.insert(id.clone());
        }
    }
    if wanted.is_empty() {
        return Preflight::default();
    }
    let reading = read(aws, &wanted).await;
    let mut findings: Vec<Finding> = tallies
        .iter()
        .filter_map(|((quota, within), tally)| judge(*quota, within, tally, &reading, plan))
        .collect();
    findings.extend(not_read(&reading.troubles));
    Preflight {
        findings,
        quotas: wanted
            .keys()
            .filter(|quota| reading.limits.contains_key(quota))
            .count(),
        ..Preflight::default()
    }
}

/// What could not be read, in one.
fn not_read(troubles: &[CallError]) -> Option<Finding> {
    let causes: Vec<String> = troubles.iter().map(ToString::to_string).collect();
    (!causes.is_empty()).then(|| Finding {
        severity: Severity::Note,
        check: Check::Quota,
        addresses: Vec::new(),
        problem: "quotas, or what counts against them, could not all be read".to_owned(),
        cause: Some(causes.join("; ")),
        remedy: None,
    })
}

/// What a plan does to each count that it adds to.
fn tally(plan: &Plan, registry: Registry) -> Tallies {
    let mut tallies = Tallies::new();
    for (at, step) in plan.steps.nodes() {
        let Some(kind) = registry.of(&step.address) else {
            continue;
        };
        let inputs = match step.action {
            Action::Delete => &step.live,
            _ => &step.preview,
        };
        for counted in kind.counts(inputs) {
            let Some(within) = within(plan, step, counted) else {
                continue;
            };
            let tally = tallies.entry((counted.quota, within)).or_default();
            match step.action {
                Action::Create => {
                    let mut before = plan.steps.predecessors(at);
                    tally.succeeding += usize::from(before.any(|at| {
                        let before = plan.steps.node(at);
                        before.action == Action::Delete && before.address == step.address
                    }));
                    tally.made.push(step.address.clone());
                }
                Action::Delete => {
                    tally.deleted += 1;
                    tally.standing += 1;
                }
                Action::Keep | Action::Adopt | Action::Update => tally.standing += 1,
                Action::Forget => {}
            }
        }
    }
    tallies.retain(|_, tally| !tally.made.is_empty());
    tallies
}

/// What a step counts within; nothing where that cannot be told.
fn within(plan: &Plan, step: &PlannedStep, counted: Counted) -> Option<Within> {
    let Some(field) = counted.within else {
        return Some(Within::Place);
    };
    let target = step.inputs.target(field);
    if counted.quota == Quota::NatGateways {
        let subnet = plan.facts.get(target?)?;
        return subnet
            .text("zone")
            .map(|zone| Within::Known(zone.to_owned()));
    }
    let known = match step.action {
        Action::Delete => step.live.text(field),
        _ => step.preview.text(field),
    };
    match known {
        Some(id) => Some(Within::Known(id.to_owned())),
        None => target.map(|address| Within::New(address.clone())),
    }
}

/// What is the matter with one count, if anything is.
fn judge(
    quota: Quota,
    within: &Within,
    tally: &Tally,
    reading: &Reading,
    plan: &Plan,
) -> Option<Finding> {
    let start = quota.from_the_start();
    let counted = within.known().and_then(|id| {
        let found = reading.used.get(&(quota, id.to_owned())).copied();
        // Of a VPC or zone that was read and has none, AWS tells nothing.
        found.or_else(|| (reading.troubles.is_empty() && is_read(quota)).then_some(0))
    });
    let there = counted.unwrap_or(tally.standing + start);
    let made = tally.made.len();
    let most_at_once = there + made - tally.succeeding;
    let at_the_end = (there + made).saturating_sub(tally.deleted);
    let limit = reading.limit(quota);
    if most_at_once <= limit.most {
        return None;
    }
    let noun = quota.noun();
    let place = match within {
        Within::Place => match quota {
            Quota::HostedZones | Quota::Roles | Quota::InstanceProfiles => {
                format!("account {}", plan.place.account)
            }
            _ => plan.place.region.clone(),
        },
        Within::Known(id) => id.clone(),
        Within::New(address) => address.to_string(),
    };
    let whose = match limit.applied {
        true => "the quota",
        false => "AWS's default quota",
    };
    let last = at_the_end.max(limit.most + 1);
    let (severity, problem) = match (at_the_end > limit.most, limit.applied) {
        (true, true) => (
            Severity::Error,
            format!(
                "{last} {noun} in {place} are more than {whose} of {}",
                limit.most
            ),
        ),
        (true, false) => (
            Severity::Warning,
            format!(
                "{last} {noun} in {place} are more than {whose} of {}",
                limit.most
            ),
        ),
        (false, _) => (
            Severity::Warning,
            format!(
                "for a while {most_at_once} {noun} in {place} would be more than {whose} of {}",
                limit.most
            ),
        ),
    };
    let verb = if there == 1 { "is" } else { "are" };
    let mut cause = format!("{there} {verb} there, and the plan makes {made}");
    if tally.deleted > 0 {
        cause.push_str(&format!(" and deletes {}", tally.deleted));
    }
    if !limit.applied {
        cause.push_str("; this account's own quota could not be read and may be higher");
    }
    Some(Finding {
        severity,
        check: Check::Quota,
        addresses: tally.made.clone(),
        problem,
        cause: Some(cause),
        remedy: Some(remedy(quota, most_at_once, &plan.place.region)),
    })
}

/// Whether AWS is asked how many there are.
fn is_read(quota: Quota) -> bool {
    !matches!(
        quota,
        Quota::Routes | Quota::InboundRules | Quota::OutboundRules
    )
}

fn remedy(quota: Quota, wanted: usize, region: &str) -> String {
    match quota.code() {
        Some((service, code)) => format!(
            "remove what is not needed, or ask for more: aws service-quotas \
             request-service-quota-increase --region {region} --service-code {service} \
             --quota-code {code} --desired-value {wanted}"
        ),
        None => format!(
            "remove {} that are not needed, or ask for more in the Service Quotas console",
            quota.noun()
        ),
    }
}

#[cfg(test)]
mod tests;

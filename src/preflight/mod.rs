//! All that would fail, found before the first change.
//!
//! ```text
//! plan ─► steps ─► kinds say ─┬─ what they will call ──► permissions ─┐
//!                             ├─ what they count against ► quotas     ├─► Preflight
//!                             └─ what may be in the way ─► obstacles ─┘
//! ```
//!
//! Everything is asked for side by side and nothing of it changes anything. What
//! cannot be asked is not guessed at: an error is a thing that will fail as far
//! as AWS itself says, a warning one that may. Other runs may use up what is
//! free now; the run then fails as it would have without this.

mod finding;
mod permissions;
mod quotas;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

pub use finding::{Check, Finding, Preflight, Severity};

use crate::aws::Aws;
use crate::aws::rehearsal::Rehearsals;
use crate::kind::{Intent, Obstacle, Registry};
use crate::model::Action;
use crate::model::policy::Caller;
use crate::plan::{Plan, PlannedStep};

/// Finds what would fail of a plan. Makes no call where the plan does nothing.
pub async fn preflight(plan: &Plan, registry: Registry, aws: &Aws, caller: &Caller) -> Preflight {
    let acting: Vec<&PlannedStep> = plan
        .steps
        .nodes()
        .map(|(_, step)| step)
        .filter(|step| acts(step))
        .collect();
    if acting.is_empty() {
        return Preflight::default();
    }
    let leaving: BTreeSet<&str> = acting
        .iter()
        .filter(|step| step.action == Action::Delete)
        .filter_map(|step| step.id.as_deref())
        .collect();
    let changed: Vec<BTreeSet<&str>> = acting.iter().map(|step| fields(step)).collect();
    let given_room = plan.given_room();
    let intents: Vec<Intent<'_>> = acting
        .iter()
        .zip(&changed)
        .map(|(step, changed)| Intent {
            aws,
            place: &plan.place,
            stack: &plan.stack,
            address: &step.address,
            action: step.action,
            wanted: &step.preview,
            live: &step.live,
            id: step.id.as_deref(),
            changed,
            tags: &step.tags,
            tag_change: &step.tag_change,
            leaving: &leaving,
            given_room: given_room.contains(&step.address),
        })
        .collect();
    let mut calls = Rehearsals::default();
    for intent in &intents {
        if let Some(kind) = registry.of(intent.address) {
            kind.rehearse(intent, &mut calls);
        }
    }
    let (permissions, quotas, obstacles) = tokio::join!(
        permissions::check(aws, caller, calls),
        quotas::check(aws, plan, registry),
        obstacles(registry, &intents),
    );
    let mut all = match permissions {
        Ok(found) => found,
        Err(expired) => {
            return Preflight {
                findings: vec![expired],
                ..Preflight::default()
            };
        }
    };
    all.findings.extend(quotas.findings);
    all.findings.extend(obstacles);
    all.quotas = quotas.quotas;
    all.findings
        .iter_mut()
        .for_each(|finding| finding.addresses.sort());
    all.findings.sort_by_key(|finding| finding.severity);
    all
}

/// Whether a step makes calls of its own.
fn acts(step: &PlannedStep) -> bool {
    let calls = matches!(
        step.action,
        Action::Create | Action::Adopt | Action::Update | Action::Delete
    );
    calls && !step.implied
}

fn fields(step: &PlannedStep) -> BTreeSet<&str> {
    let fields = step.differences.iter();
    fields.map(|difference| difference.field.as_str()).collect()
}

/// Asks each kind once for all of its nodes that are made or changed.
async fn obstacles(registry: Registry, intents: &[Intent<'_>]) -> Vec<Finding> {
    let mut by_kind: BTreeMap<&'static str, Vec<Intent<'_>>> = BTreeMap::new();
    let coming = |intent: &&Intent<'_>| intent.action != Action::Delete;
    for intent in intents.iter().filter(coming) {
        if let Some(kind) = registry.of(intent.address) {
            by_kind.entry(kind.about().name).or_default().push(*intent);
        }
    }
    let asked = registry.all().filter_map(|kind| {
        let mine = by_kind.get(kind.about().name)?;
        Some(async move { (mine, kind.obstacles(mine).await) })
    });
    let mut found = Vec::new();
    for (mine, answer) in join_all(asked).await {
        match answer {
            Ok(obstacles) => found.extend(obstacles.into_iter().map(in_the_way)),
            Err(error) => found.push(Finding {
                severity: Severity::Note,
                check: Check::Name,
                addresses: mine.iter().map(|intent| intent.address.clone()).collect(),
                problem: "whether AWS has these already could not be asked".to_owned(),
                cause: Some(error.to_string()),
                remedy: None,
            }),
        }
    }
    found
}

fn in_the_way(obstacle: Obstacle) -> Finding {
    Finding {
        severity: Severity::Error,
        check: Check::Name,
        addresses: vec![obstacle.address],
        problem: obstacle.problem,
        cause: Some(obstacle.cause),
        remedy: Some(obstacle.remedy),
    }
}

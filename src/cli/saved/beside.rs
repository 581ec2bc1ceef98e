//! What is shown beside a plan's steps, as a saved plan keeps it.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::expectations;
use super::super::outlook::Outlook;
use super::super::prepare::Prepared;
use super::super::problem::Problem;
use crate::kinds::registry;
use crate::plan::Plan;
use crate::plan::saved::SavedPlan;
use crate::plan::switch::WayChange;
use crate::report::{expectations_text, json, paths_json, paths_text};
use crate::trace::PathChange;

/// What a plan means for traffic, and what to beware of.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// The ways that will be others.
    pub changes: Vec<PathChange>,
    /// Those between two doors of the file.
    pub ways: Vec<WayChange>,
    /// The region, for prices.
    pub region: String,
    /// What was said of the expectations, all of which hold that count.
    pub expected: String,
    /// Warnings, each with what to do.
    pub warnings: Vec<(String, Option<String>)>,
    /// The expectations as the plan's document has them.
    expectations: Value,
    /// The traps as the plan's document has them.
    traps: Value,
}

impl Beside {
    /// What was shown; `more` are warnings that are no traps.
    pub fn of(outlook: &Outlook, prepared: &Prepared, more: Vec<(String, Option<String>)>) -> Self {
        let ahead = outlook.ahead(prepared);
        let broken = outlook.broken_connections(&prepared.plan);
        let broken = broken.map(|text| (text, Some(paths_text::RETRY.to_owned())));
        let desired = &prepared.at.desired;
        let waiting = expectations_text::waiting(desired, &outlook.checked, &outlook.waiting);
        let waiting = waiting.map(|text| (text, None));
        let judged = expectations::judged(&outlook.checked, &outlook.waiting);
        let traps = outlook.traps.iter();
        let traps = traps.map(|trap| (trap.problem.clone(), Some(trap.remedy.clone())));
        Self {
            changes: outlook.changes.clone(),
            ways: outlook.way_changes(),
            region: outlook.region.clone(),
            expected: expectations_text::summary(&judged),
            warnings: broken
                .into_iter()
                .chain(traps)
                .chain(more)
                .chain(waiting)
                .collect(),
            expectations: ahead.expectations,
            traps: ahead.traps,
        }
    }

    /// As it is written down.
    pub fn written(&self) -> Value {
        // It is made of texts and lists, which always have a form.
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Reads it back.
    ///
    /// # Errors
    /// Somebody sealed something else.
    pub fn read(path: &Path, saved: &SavedPlan) -> Result<Self, Problem> {
        Self::deserialize(&saved.beside).map_err(|error| {
            Problem::new(format!("{} is damaged", path.display()))
                .because(error.to_string())
                .remedy("make it anew with `s3net plan FILE --out`")
        })
    }

    /// What the plan's document says of traffic, and how long the plan will take.
    pub fn ahead(&self, plan: &Plan) -> json::Ahead {
        json::Ahead {
            expectations: self.expectations.clone(),
            path_changes: paths_json::changes(&self.changes, &self.region),
            traps: self.traps.clone(),
            estimate: json::estimate(plan, registry()),
        }
    }
}

//! Gates: the old way is not touched before the new one is found to work.
//!
//! ```text
//!  new way's steps ─► all done ─► asked: does it work? ─ yes ─► old way's steps
//!                                        └─ no ─► they are never begun
//! ```
//!
//! The engine does not know what a way is: whoever started it is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use async_trait::async_trait;

use super::engine::Sink;
use crate::graph::{Frontier, Step};
use crate::model::{Address, Attributes, Event};
use crate::plan::Plan;
use crate::plan::switch::Switch;

/// Who hears what a verifier waits for.
pub type Waits<'a> = dyn Fn(&str) + Send + Sync + 'a;

/// Whom the engine asks whether a new way works.
#[async_trait]
pub trait Verifier: Send + Sync {
    /// Whether the new way of a switch works now, and the old one may go.
    /// `facts` is what is known of every node; `waits` hears what is waited for
    /// once the new way was found to work. Dropped where the user does not want
    /// to wait.
    ///
    /// # Errors
    /// Why the old way must stay.
    async fn works(
        &self,
        switch: &Switch,
        facts: &BTreeMap<Address, Attributes>,
        waits: &Waits<'_>,
    ) -> Result<(), Unproven>;
}

/// A new way that was not found to work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unproven {
    /// Why, as a sentence fragment.
    pub cause: String,
    /// What to do, where that is known.
    pub remedy: Option<String>,
}

/// An old way that stays, since the new one was not found to work.
#[derive(Debug, Clone)]
pub struct Withheld {
    /// The switch.
    pub switch: Switch,
    /// Why.
    pub unproven: Unproven,
}

/// Where a gate stands.
#[derive(Debug, PartialEq, Eq)]
enum State {
    /// These steps of the new way are to be done yet.
    Closed(BTreeSet<Step>),
    /// Somebody has been asked.
    Asked,
    /// The new way works.
    Open,
    /// It does not.
    Barred,
}

/// The gates of a plan.
#[derive(Debug)]
pub(super) struct Gates<'p> {
    gates: Vec<(&'p Switch, State)>,
    /// The steps that could start but for a gate.
    held: BTreeSet<Step>,
}

impl<'p> Gates<'p> {
    /// The gates before the first step; none where nobody can be asked.
    pub(super) fn new(plan: &'p Plan, watched: bool) -> Self {
        let gated = plan.switches.iter().filter(|it| watched && it.is_gated());
        let gates = gated.map(|switch| {
            let opens = switch.opens.iter().copied().collect();
            (switch, State::Closed(opens))
        });
        Self {
            gates: gates.collect(),
            held: BTreeSet::new(),
        }
    }

    /// Whether a step that could start must wait; it is kept then.
    pub(super) fn hold(&mut self, step: Step) -> bool {
        let held = self.bars(step);
        if held {
            self.held.insert(step);
        }
        held
    }

    fn bars(&self, step: Step) -> bool {
        let mut shut = self.gates.iter().filter(|(_, state)| *state != State::Open);
        shut.any(|(switch, _)| switch.closes.contains(&step))
    }

    /// Takes note that a step is done.
    pub(super) fn done(&mut self, step: Step) {
        for (_, state) in &mut self.gates {
            if let State::Closed(opens) = state {
                opens.remove(&step);
            }
        }
    }

    /// The gates of which it is to be asked now whether their ways work.
    pub(super) fn due(&mut self) -> Vec<(usize, &'p Switch)> {
        let mut due = Vec::new();
        for (place, (switch, state)) in self.gates.iter_mut().enumerate() {
            if matches!(state, State::Closed(opens) if opens.is_empty()) {
                *state = State::Asked;
                due.push((place, *switch));
            }
        }
        due
    }

    /// Opens a gate; gives the steps that can start now.
    pub(super) fn open(&mut self, gate: usize) -> Vec<Step> {
        self.gates[gate].1 = State::Open;
        let free: Vec<Step> = self
            .held
            .iter()
            .copied()
            .filter(|step| !self.bars(*step))
            .collect();
        for step in &free {
            self.held.remove(step);
        }
        free
    }

    /// Shuts a gate for good; gives its switch.
    pub(super) fn bar(&mut self, gate: usize) -> &'p Switch {
        self.gates[gate].1 = State::Barred;
        self.gates[gate].0
    }
}

/// Asks of one gate whether its way works, and tells so.
pub(super) async fn ask(
    verifier: &dyn Verifier,
    (gate, switch): (usize, &Switch),
    facts: BTreeMap<Address, Attributes>,
    sink: Sink,
) -> (usize, Result<(), Unproven>) {
    let start = Instant::now();
    let asking = |waits_for: Option<&str>| {
        (sink)(Event::Asking {
            new: switch.new.clone(),
            old: switch.old.clone(),
            waits_for: waits_for.map(str::to_owned),
            elapsed: start.elapsed(),
        });
    };
    asking(None);
    let waits = |what: &str| asking(Some(what));
    let answer = verifier.works(switch, &facts, &waits).await;
    (sink)(Event::Asked {
        new: switch.new.clone(),
        old: switch.old.clone(),
        works: answer.is_ok(),
        elapsed: start.elapsed(),
    });
    (gate, answer)
}

/// What takes an old way away, and all that comes after it: it will not start.
pub(super) fn behind(plan: &Plan, frontier: &mut Frontier, switch: &Switch) -> BTreeSet<Step> {
    let mut barred = BTreeSet::new();
    for place in &switch.closes {
        barred.insert(*place);
        barred.extend(frontier.fail(&plan.steps, *place));
    }
    barred
}

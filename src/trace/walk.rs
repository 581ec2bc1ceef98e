//! What a trace gathers on its way: hops, the first block, what is not known.

use super::verdict::{Block, Hop, Passes, Rule, Stage, Symptom, Verdict};
use crate::model::network::Spot;

/// A way being walked.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub hops: Vec<Hop>,
    pub assumes: Vec<String>,
    block: Option<Block>,
    unknown: Vec<String>,
}

/// Why something does not pass.
#[derive(Debug)]
pub(super) struct Refusal {
    pub symptom: Symptom,
    pub problem: String,
    pub spot: Option<Spot>,
    pub remedy: Option<String>,
}

impl Walk {
    /// A hop that lets pass.
    pub(super) fn yes(&mut self, stage: Stage, text: impl Into<String>, rules: Vec<Rule>) {
        self.push(stage, text.into(), Passes::Yes, rules);
    }

    /// A hop that does not.
    pub(super) fn no(
        &mut self,
        stage: Stage,
        text: impl Into<String>,
        rules: Vec<Rule>,
        refusal: Refusal,
    ) {
        self.push(stage, text.into(), Passes::No, rules);
        let Refusal {
            symptom,
            problem,
            spot,
            remedy,
        } = refusal;
        self.block.get_or_insert(Block {
            stage,
            symptom,
            problem,
            spot,
            remedy,
        });
    }

    /// A hop of which it cannot be known.
    pub(super) fn unknown(
        &mut self,
        stage: Stage,
        text: impl Into<String>,
        rules: Vec<Rule>,
        why: impl Into<String>,
    ) {
        let why = why.into();
        if !self.unknown.contains(&why) {
            self.unknown.push(why.clone());
        }
        self.push(stage, text.into(), Passes::Unknown(why), rules);
    }

    /// One more reason why it cannot be known, beside that of a hop.
    pub(super) fn doubt(&mut self, why: String) {
        if !self.unknown.contains(&why) {
            self.unknown.push(why);
        }
    }

    /// Takes something for granted.
    pub(super) fn assume(&mut self, what: impl Into<String>) {
        let what = what.into();
        if !self.assumes.contains(&what) {
            self.assumes.push(what);
        }
    }

    fn push(&mut self, stage: Stage, text: String, passes: Passes, rules: Vec<Rule>) {
        self.hops.push(Hop {
            stage,
            text,
            passes,
            rules,
        });
    }

    /// The verdict: one no, else one unknown, else yes.
    pub(super) fn verdict(&mut self) -> Verdict {
        match self.block.take() {
            Some(block) => Verdict::Blocked(block),
            None if self.unknown.is_empty() => Verdict::Reachable,
            None => Verdict::Unknown(std::mem::take(&mut self.unknown)),
        }
    }
}

impl Refusal {
    /// A connection that is never answered.
    pub(super) fn time_out(problem: impl Into<String>) -> Self {
        Self::of(Symptom::TimeOut, problem)
    }

    /// A refusal with this symptom.
    pub(super) fn of(symptom: Symptom, problem: impl Into<String>) -> Self {
        Self {
            symptom,
            problem: problem.into(),
            spot: None,
            remedy: None,
        }
    }

    /// Where the file says it.
    pub(super) fn at(mut self, spot: Option<Spot>) -> Self {
        self.spot = spot;
        self
    }

    /// The smallest change that would open it.
    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl Rule {
    /// A rule that a file says.
    pub(super) fn new(text: impl Into<String>, spot: Option<&Spot>) -> Self {
        Self {
            text: text.into(),
            spot: spot.cloned(),
        }
    }
}

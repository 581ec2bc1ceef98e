//! What can start now, while a run goes on.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{Cycle, Dag, Step};

/// The moving edge of a run through a [`Dag`].
///
/// A node is handed out once, when all that comes before it is finished; among
/// those that can start, the one with the longest way ahead comes first.
#[derive(Debug)]
pub struct Frontier {
    missing: Vec<u32>,
    heights: Vec<u32>,
    barred: Vec<bool>,
    ready: BinaryHeap<(u32, Reverse<usize>)>,
}

impl Frontier {
    /// The frontier before anything has started.
    ///
    /// # Errors
    /// A whole [`Cycle`], if the graph has one.
    pub fn new<N, E>(dag: &Dag<N, E>) -> Result<Self, Cycle> {
        let heights = dag.heights()?;
        let missing: Vec<u32> = dag
            .steps()
            .map(|step| dag.predecessors(step).fold(0, |count, _| count + 1))
            .collect();
        let mut frontier = Self {
            barred: vec![false; missing.len()],
            ready: BinaryHeap::new(),
            missing,
            heights,
        };
        for step in dag.steps() {
            if frontier.missing[step.index()] == 0 {
                frontier.offer(step);
            }
        }
        Ok(frontier)
    }

    fn offer(&mut self, step: Step) {
        let index = step.index();
        self.ready.push((self.heights[index], Reverse(index)));
    }

    /// The next node that can start, if any.
    pub fn take(&mut self) -> Option<Step> {
        self.ready.pop().map(|(_, Reverse(index))| Step::new(index))
    }

    /// Tells that a node is finished: what waited for it only can start.
    pub fn finish<N, E>(&mut self, dag: &Dag<N, E>, step: Step) {
        for next in dag.successors(step) {
            let index = next.index();
            self.missing[index] = self.missing[index].saturating_sub(1);
            if self.missing[index] == 0 && !self.barred[index] {
                self.offer(next);
            }
        }
    }

    /// Tells that a node failed: all that comes after it will never start.
    /// Gives those that this failure bars and no earlier one did.
    pub fn fail<N, E>(&mut self, dag: &Dag<N, E>, step: Step) -> Vec<Step> {
        let mut barred = Vec::new();
        let mut stack: Vec<Step> = dag.successors(step).collect();
        while let Some(next) = stack.pop() {
            if !std::mem::replace(&mut self.barred[next.index()], true) {
                barred.push(next);
                stack.extend(dag.successors(next));
            }
        }
        barred.sort_unstable();
        barred
    }
}

#[cfg(test)]
mod tests {
    use super::super::dag::tests::any_dag;
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn every_node_starts_once_and_after_all_before_it(dag in any_dag(), width in 1usize..5) {
            let mut frontier = Frontier::new(&dag).unwrap();
            let (mut running, mut done) = (Vec::new(), BTreeSet::new());
            loop {
                while running.len() < width
                    && let Some(step) = frontier.take()
                {
                    for before in dag.predecessors(step) {
                        prop_assert!(done.contains(&before));
                    }
                    running.push(step);
                }
                let Some(step) = running.pop() else { break };
                prop_assert!(done.insert(step));
                frontier.finish(&dag, step);
            }
            prop_assert_eq!(done.len(), dag.len());
        }

        #[test]
        fn a_failure_bars_all_that_comes_after_and_nothing_else(
            dag in any_dag(),
            pick in any::<prop::sample::Index>(),
        ) {
            let mut frontier = Frontier::new(&dag).unwrap();
            let broken = Step::new(pick.index(dag.len()));
            let (mut done, mut barred) = (BTreeSet::new(), BTreeSet::new());
            while let Some(step) = frontier.take() {
                if step == broken {
                    barred.extend(frontier.fail(&dag, step));
                } else {
                    done.insert(step);
                    frontier.finish(&dag, step);
                }
            }
            prop_assert_eq!(done.len() + barred.len() + 1, dag.len());
            for step in barred {
                prop_assert!(dag.predecessors(step).any(|p| p == broken || !done.contains(&p)));
            }
        }
    }
}

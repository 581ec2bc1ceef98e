//! Gates: nothing behind one begins before somebody said that it may.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use proptest::prelude::*;
use s3net::apply::{Unproven, Verifier, Waits};
use s3net::graph::Step;
use s3net::model::{Action, Address, Attributes, Event};
use s3net::plan::switch::{Connections, Switch};
use s3net::plan::{Plan, Reason};

use super::drafts::draft;
use super::{block_on, cases};
use crate::toys::lab::Lab;
use crate::toys::stacks::at;

/// Answers as it is told, and notes what was under way when it was asked.
struct Asked {
    heard: Arc<Mutex<Vec<Event>>>,
    works: bool,
    times: Mutex<Vec<usize>>,
}

#[async_trait]
impl Verifier for Asked {
    async fn works(
        &self,
        _switch: &Switch,
        _facts: &BTreeMap<Address, Attributes>,
        waits: &Waits<'_>,
    ) -> Result<(), Unproven> {
        let heard = self.heard.lock().expect("no listener panics").len();
        self.times.lock().expect("no asker panics").push(heard);
        // Others go on meanwhile.
        tokio::task::yield_now().await;
        waits("more");
        match self.works {
            true => Ok(()),
            false => Err(Unproven {
                cause: "it does not".into(),
                remedy: None,
            }),
        }
    }
}

/// Puts a gate between some steps and some later ones.
fn gated(plan: &mut Plan, cut: usize, mask: u64) {
    let order = plan.steps.order().expect("a plan has no circle");
    let chosen = |steps: &[Step], shift: usize| -> Vec<Step> {
        let bit = |place: usize| mask >> ((place + shift) % 64) & 1 == 1;
        let chosen = steps.iter().enumerate().filter(|(place, _)| bit(*place));
        chosen.map(|(_, step)| *step).collect()
    };
    let (first, then) = order.split_at(cut % (order.len() + 1));
    let (opens, closes) = (chosen(first, 0), chosen(then, 7));
    for before in &opens {
        for after in &closes {
            plan.steps.before(*before, *after, Reason("gate".into()));
        }
    }
    plan.switches.push(Switch {
        ends: Vec::new(),
        old: at("topic", "old"),
        old_id: None,
        new: at("topic", "new"),
        by_endpoint_name: false,
        has_moved: false,
        opens,
        closes,
        moment: None,
        connections: Connections::Stay,
        gap: None,
    });
}

fn later(plan: &Plan, from: &[Step]) -> BTreeSet<Step> {
    let mut found: BTreeSet<Step> = from.iter().copied().collect();
    let mut next = from.to_vec();
    while let Some(step) = next.pop() {
        next.extend(plan.steps.successors(step).filter(|it| found.insert(*it)));
    }
    found
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn the_old_way_waits_for_the_answer(
        draft in draft(),
        cut in 0..40usize,
        mask in any::<u64>(),
        works in any::<bool>(),
        parallelism in 1..9usize,
    ) {
        let mut lab = Lab::new();
        lab.parallelism = parallelism;
        let wanted = draft.stack(&lab.name);
        block_on(async {
            let mut plan = lab.plan(&wanted).await.expect("there is a plan");
            gated(&mut plan, cut, mask);
            let switch = plan.switches[0].clone();
            let heard = Arc::new(Mutex::new(Vec::new()));
            let asked = Asked { heard: heard.clone(), works, times: Mutex::default() };
            let ran = lab.run_watched(&plan, &asked, heard).await;
            let times = asked.times.into_inner().expect("no asker panics");
            // Without anything behind it there is no gate.
            assert_eq!(times.len(), usize::from(switch.is_gated()));
            let address = |step: &Step| plan.steps.node(*step).address.clone();
            let place = |wanted: &dyn Fn(&Event) -> bool| ran.events.iter().position(wanted);
            for when in times {
                for step in switch.opens.iter().map(&address) {
                    let done = place(&|it| matches!(it, Event::Finished { address, .. } if *address == step));
                    assert!(done.is_some_and(|done| done < when), "{step} is done before");
                }
                for step in switch.closes.iter().map(&address) {
                    let begun = place(&|it| matches!(it, Event::Started { address, .. } if *address == step));
                    assert!(begun.is_none_or(|begun| begun >= when), "{step} begins after");
                    assert_eq!(begun.is_some(), works, "{step} begins if it may");
                }
            }
            // The question and the answer are told.
            let told = |wanted: &dyn Fn(&Event) -> bool| ran.events.iter().filter(|it| wanted(it)).count();
            let asking = told(&|it| matches!(it, Event::Asking { waits_for, .. } if waits_for.is_none()));
            let waiting = told(&|it| matches!(it, Event::Asking { waits_for, .. } if waits_for.as_deref() == Some("more")));
            let asked = told(&|it| matches!(it, Event::Asked { works: answer, .. } if *answer == works));
            assert_eq!([asking, waiting, asked], [usize::from(switch.is_gated()); 3]);
            let refused = !works && switch.is_gated();
            assert_eq!(ran.complete(), !refused);
            assert_eq!(ran.outcome.withheld.len(), usize::from(refused));
            if refused {
                // What does not come after the old way is done all the same.
                let barred = later(&plan, &switch.closes);
                let waiting = plan.steps.nodes().filter(|(step, it)| {
                    barred.contains(step) && it.action != Action::Keep
                });
                let waiting: BTreeSet<Address> = waiting.map(|(_, it)| it.address.clone()).collect();
                let not_started = ran.outcome.not_started.iter().map(|(it, _)| it.clone());
                assert_eq!(not_started.collect::<BTreeSet<_>>(), waiting);
            }
        });
    }
}

//! Runs that do not come to their end, and the runs that go on from there.

use std::collections::BTreeSet;

use proptest::prelude::*;
use s3net::model::{Action, Address, Event};

use super::drafts::{dependants, draft, edit};
use super::{assert_at_rest, block_on, cases};
use crate::toys::lab::Lab;
use crate::toys::log::Fault;
use crate::toys::stacks::needs;

/// How a run is broken off.
#[derive(Debug, Clone, Copy)]
enum Break {
    /// The nth call goes wrong.
    Call(usize, Fault),
    /// The user asks to stop after so many steps.
    Stop(usize),
}

fn any_break() -> impl Strategy<Value = Break> {
    prop_oneof![
        (0..40usize).prop_map(|n| Break::Call(n, Fault::Refuse)),
        (0..40usize).prop_map(|n| Break::Call(n, Fault::LoseAnswer)),
        (0..30usize).prop_map(Break::Stop),
    ]
}

/// Applies, and is broken off.
async fn apply_broken_off(lab: &Lab, wanted: &s3net::kind::Stack, way: Break) {
    let plan = lab.plan(wanted).await.expect("there is a plan");
    lab.cloud.take_log();
    let stop = match way {
        Break::Call(nth, fault) => {
            lab.cloud.trip(nth, fault);
            None
        }
        Break::Stop(after) => Some(after),
    };
    lab.run(&plan, stop).await;
    let log = lab.cloud.take_log();
    assert!(log.refusals().is_empty(), "{:#?}", log.refusals());
    assert!(
        log.entries.iter().all(|entry| entry.end.is_some()),
        "what was begun is ended"
    );
    lab.cloud.relent();
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn after_any_break_the_next_apply_finishes(
        (one, other) in (draft(), draft()),
        edits in prop::collection::vec(edit(), 0..3),
        breaks in prop::collection::vec(any_break(), 1..4),
        state_is_lost in prop::bool::weighted(0.3),
    ) {
        let lab = Lab::new();
        block_on(async {
            let mut wanted = one.stack(&lab.name);
            let mut breaks = breaks.into_iter();
            if let Some(way) = breaks.next() {
                apply_broken_off(&lab, &wanted, way).await;
            }
            for edit in &edits {
                wanted = one.edited(&other, edit).stack(&lab.name);
                if let Some(way) = breaks.next() {
                    apply_broken_off(&lab, &wanted, way).await;
                }
                if state_is_lost {
                    lab.lose_state();
                }
            }
            let ran = lab.apply(&wanted).await;
            assert!(ran.complete(), "{:#?}", ran.outcome.failed);
            assert_at_rest(&lab, &wanted).await;
        });
    }

    #[test]
    fn after_any_break_a_destroy_leaves_nothing(
        (one, other) in (draft(), draft()),
        edit in edit(),
        breaks in prop::collection::vec(any_break(), 1..3),
        state_is_lost in prop::bool::weighted(0.3),
    ) {
        let lab = Lab::new();
        block_on(async {
            lab.apply(&one.stack(&lab.name)).await;
            let wanted = one.edited(&other, &edit).stack(&lab.name);
            for way in breaks {
                apply_broken_off(&lab, &wanted, way).await;
            }
            if state_is_lost {
                lab.lose_state();
            }
            lab.cloud.take_log();
            let ran = lab.destroy(&wanted).await;
            assert!(ran.complete(), "{:#?}", ran.outcome.failed);
            assert!(lab.cloud.objects().is_empty());
            assert!(lab.cloud.take_log().refusals().is_empty());
        });
    }

    #[test]
    fn a_failing_node_bars_its_dependants_and_nothing_else(
        draft in draft(),
        pick in any::<prop::sample::Index>(),
    ) {
        let lab = Lab::new();
        let wanted = draft.stack(&lab.name);
        let nodes: BTreeSet<Address> = wanted.nodes.keys().cloned().collect();
        let broken = nodes.iter().nth(pick.index(nodes.len())).expect("a node").clone();
        block_on(async {
            lab.cloud.refuse(&broken);
            let ran = lab.apply(&wanted).await;
            let addresses = |pairs: &[(Address, Action)]| -> BTreeSet<Address> {
                pairs.iter().map(|(address, _)| address.clone()).collect()
            };
            let barred = dependants(&needs(&wanted), &broken);
            assert_eq!(addresses(&ran.outcome.not_started), barred);
            let failed: Vec<_> = ran.outcome.failed.iter().map(|f| f.address.clone()).collect();
            assert_eq!(failed, std::slice::from_ref(&broken));
            let mut rest = &nodes - &barred;
            rest.remove(&broken);
            assert_eq!(addresses(&ran.outcome.done), rest);
            assert!(!ran.outcome.interrupted);
            let told: BTreeSet<Address> = ran.events.iter().filter_map(|event| match event {
                Event::Barred { address, because, .. } => {
                    assert_eq!(*because, broken);
                    Some(address.clone())
                }
                _ => None,
            }).collect();
            assert_eq!(told, barred, "what is barred is told, once");
            assert_eq!(lab.snapshot().nodes.into_keys().collect::<BTreeSet<_>>(), rest);

            lab.cloud.relent();
            assert!(lab.apply(&wanted).await.complete());
            lab.cloud.take_log();
            assert_at_rest(&lab, &wanted).await;
        });
    }

    #[test]
    fn asked_to_stop_nothing_new_starts_and_all_that_started_ends(
        draft in draft(),
        after in 0..12usize,
        parallelism in 1..6usize,
    ) {
        let mut lab = Lab::new();
        lab.parallelism = parallelism;
        let wanted = draft.stack(&lab.name);
        block_on(async {
            let plan = lab.plan(&wanted).await.expect("there is a plan");
            let ran = lab.run(&plan, Some(after)).await;
            let (mut finished, mut late, mut started) = (0, 0, 0);
            for event in &ran.events {
                match event {
                    Event::Finished { .. } => finished += 1,
                    Event::Started { .. } => {
                        started += 1;
                        late += usize::from(finished >= after);
                    }
                    _ => {}
                }
            }
            assert_eq!(late, 0, "nothing starts after the user has asked to stop");
            assert_eq!(started, finished, "what is in flight ends");
            assert_eq!(ran.outcome.done.len(), finished);
            assert_eq!(ran.outcome.interrupted, finished >= after);
            assert_eq!(ran.outcome.not_started.len() + finished, wanted.nodes.len());
            assert_eq!(lab.snapshot().nodes.len(), finished);

            assert!(lab.apply(&wanted).await.complete());
            assert_at_rest(&lab, &wanted).await;
        });
    }
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn when_the_journal_cannot_be_written_no_call_is_made_and_the_next_run_goes_on(
        draft in draft(),
        after in 1..12usize,
        parallelism in 1..6usize,
    ) {
        let mut lab = Lab::new();
        lab.parallelism = parallelism;
        let wanted = draft.stack(&lab.name);
        block_on(async {
            let plan = lab.plan(&wanted).await.expect("there is a plan");
            lab.cloud.take_log();
            let ran = lab.run_spoiled(&plan, after).await;
            let all = wanted.nodes.len();
            let (done, failed) = (ran.outcome.done.len(), ran.outcome.failed.len());
            if all >= after {
                assert!(ran.outcome.trouble.is_some());
                // What was in flight ends, and an append that was under way when
                // the folder went still succeeds.
                assert!(done + failed <= after + 2 * parallelism, "nothing new begins");
                for failure in &ran.outcome.failed {
                    let text = failure.error.to_string();
                    assert!(text.contains("not begun"), "{text}");
                }
            }
            assert_eq!(lab.cloud.objects().len(), done, "what failed was not called");
            assert_eq!(done + failed + ran.outcome.not_started.len(), all);

            lab.mend_state();
            assert!(lab.apply(&wanted).await.complete());
            assert_at_rest(&lab, &wanted).await;
        });
    }
}

#[test]
fn a_run_that_cannot_write_state_starts_nothing_and_says_so() {
    let mut lab = Lab::new();
    lab.parallelism = 1;
    let mut stack = lab.builder();
    let net = stack.net("main");
    for number in 0..9 {
        stack.leaf(number, &net);
    }
    let wanted = stack.done();
    block_on(async {
        let plan = lab.plan(&wanted).await.expect("there is a plan");
        lab.spoil_state();
        let ran = lab
            .run_from(&plan, s3net::state::Snapshot::new(&lab.name), None)
            .await;
        assert!(ran.outcome.trouble.is_some());
        assert!(!ran.complete());
        assert!(
            ran.outcome.done.is_empty(),
            "what cannot be noted is not done"
        );
        assert_eq!(ran.outcome.not_started.len(), 10);
        lab.mend_state();
        assert!(
            lab.apply(&wanted).await.complete(),
            "tags tell what is there"
        );
        assert_at_rest(&lab, &wanted).await;
    });
}

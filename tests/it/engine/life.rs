//! The plain life of a stack: make it, change it, destroy it.

use proptest::prelude::*;
use s3net::model::Action;

use super::drafts::{draft, edit};
use super::{assert_at_rest, block_on, cases};
use crate::toys::lab::Lab;
use crate::toys::log::Verb;
use crate::toys::stacks::needs;

const MAKING: &[Verb] = &[Verb::Create, Verb::Settle];

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn apply_makes_everything_each_node_after_what_it_needs(draft in draft(), parallelism in 1..9usize) {
        let mut lab = Lab::new();
        lab.parallelism = parallelism;
        let wanted = draft.stack(&lab.name);
        block_on(async {
            let ran = lab.apply(&wanted).await;
            assert!(ran.complete(), "{:#?}", ran.outcome.failed);
            let log = lab.cloud.take_log();
            assert!(log.refusals().is_empty(), "{:#?}", log.refusals());
            assert!(log.most_in_flight <= parallelism);
            for (before, after) in needs(&wanted) {
                let ended = log.last_end(&before, MAKING);
                let started = log.first_start(&after, MAKING);
                assert!(ended.is_some() && ended < started, "{before} comes before {after}");
            }
            assert_at_rest(&lab, &wanted).await;
        });
    }

    #[test]
    fn destroy_leaves_nothing_and_goes_the_other_way(draft in draft(), state_is_lost in any::<bool>()) {
        let lab = Lab::new();
        let wanted = draft.stack(&lab.name);
        block_on(async {
            lab.apply(&wanted).await;
            lab.cloud.take_log();
            if state_is_lost {
                lab.lose_state();
            }
            let ran = lab.destroy(&wanted).await;
            assert!(ran.complete(), "{:#?}", ran.outcome.failed);
            assert!(lab.cloud.objects().is_empty());
            assert!(lab.snapshot().nodes.is_empty());
            let log = lab.cloud.take_log();
            assert!(log.refusals().is_empty(), "{:#?}", log.refusals());
            for (before, after) in needs(&wanted) {
                // A text with another's output in it holds nothing, and a part
                // that goes with its table has no call of its own.
                let ended = log.last_end(&after, &[Verb::Delete]);
                let started = log.first_start(&before, &[Verb::Delete]);
                let only_text = !refers_by_id(&wanted, &before, &after);
                assert!(only_text || ended.is_none() || ended < started, "{after} goes before {before}");
            }
        });
    }

    #[test]
    fn an_edit_is_done_without_a_refusal(
        (one, other) in (draft(), draft()),
        edits in prop::collection::vec(edit(), 1..4),
        state_is_lost in prop::bool::weighted(0.2),
        parallelism in 1..9usize,
    ) {
        let mut lab = Lab::new();
        lab.parallelism = parallelism;
        block_on(async {
            let first = one.stack(&lab.name);
            assert!(lab.apply(&first).await.complete());
            for edit in &edits {
                if state_is_lost {
                    lab.lose_state();
                }
                let wanted = one.edited(&other, edit).stack(&lab.name);
                let plan = lab.plan(&wanted).await.expect("there is a plan");
                let ran = lab.run(&plan, None).await;
                assert!(ran.complete(), "{:#?}", ran.outcome.failed);
                assert_at_rest(&lab, &wanted).await;
            }
        });
    }

    #[test]
    fn an_edit_touches_nothing_that_it_does_not_concern((one, other) in (draft(), draft()), edit in edit()) {
        let lab = Lab::new();
        block_on(async {
            let before = one.stack(&lab.name);
            lab.apply(&before).await;
            let wanted = one.edited(&other, &edit).stack(&lab.name);
            let plan = lab.plan(&wanted).await.expect("there is a plan");
            for (_, step) in plan.steps.nodes() {
                let same = |address| {
                    before.get(address).map(|node| &node.inputs)
                        == wanted.get(address).map(|node| &node.inputs)
                };
                // A node changes because it is edited, or because something
                // that it needs gets another id or another text.
                if step.action != Action::Keep && same(&step.address) {
                    let needed = needs(&wanted).into_iter().filter(|(_, after)| *after == step.address);
                    let moved = needed.map(|(before, _)| before).any(|before| {
                        plan.steps.nodes().any(|(_, other)| {
                            other.address == before && other.action == Action::Create
                        })
                    });
                    assert!(moved, "{} is {}", step.address, step.action.done());
                }
            }
        });
    }
}

/// Whether a node's need of another is more than a text.
fn refers_by_id(
    wanted: &s3net::kind::Stack,
    before: &s3net::model::Address,
    after: &s3net::model::Address,
) -> bool {
    let node = wanted.get(after).expect("it is wanted");
    let mut by_id = node.inputs.get("behind").is_some();
    node.inputs.each_reference(&mut |reference| {
        by_id |= reference.target == *before && reference.attribute == "id";
    });
    by_id
}

//! Plans for a part of a stack: a beginning of the whole run, from which
//! another run goes on.

mod by_hand;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;
use s3net::kind::Stack;
use s3net::model::{Action, Address, AddressPattern};
use s3net::plan::{Plan, PlanError, PlannedStep, Selection};

use super::drafts::{Draft, draft, edit};
use super::{assert_at_rest, block_on, cases};
use crate::toys::lab::Lab;

/// What tells a step of a plan from the others.
type Key = (Address, Action, Option<String>);

fn key(step: &PlannedStep) -> Key {
    (step.address.clone(), step.action, step.id.clone())
}

fn steps(plan: &Plan) -> BTreeSet<Key> {
    let all = plan.steps.nodes().map(|(_, step)| step);
    let doing = all.filter(|step| step.action != Action::Keep);
    doing.map(key).collect()
}

fn left_out(plan: &Plan) -> BTreeSet<Key> {
    plan.left_out.iter().map(|it| key(&it.step)).collect()
}

fn pattern(text: &str) -> AddressPattern {
    text.parse().expect("a pattern")
}

/// Patterns for some of the nodes that are wanted or live: addresses, tables,
/// and now and then a whole kind.
fn patterns(picks: &[(Index, u8)], stacks: [&Stack; 2]) -> Vec<AddressPattern> {
    let all: BTreeSet<&Address> = stacks.iter().flat_map(|it| it.nodes.keys()).collect();
    let all: Vec<&Address> = all.into_iter().collect();
    let text = |(pick, form): &(Index, u8)| {
        let address = all[pick.index(all.len())];
        match form % 4 {
            0 | 1 => address.to_string(),
            2 => address.table().to_string(),
            _ => format!("{}.*", address.kind),
        }
    };
    picks.iter().map(|pick| pattern(&text(pick))).collect()
}

fn picks(most: usize) -> impl Strategy<Value = Vec<(Index, u8)>> {
    prop::collection::vec((any::<Index>(), any::<u8>()), 0..=most)
}

/// A stack, an edit of it, and which part of the edit is meant.
#[derive(Debug, Clone)]
struct Case {
    one: Draft,
    other: Draft,
    edit: super::drafts::Edit,
    target: Vec<(Index, u8)>,
    exclude: Vec<(Index, u8)>,
    replace: Vec<(Index, u8)>,
}

prop_compose! {
    fn case()(
        (one, other, edit) in (draft(), draft(), edit()),
        target in picks(3),
        exclude in picks(2),
        replace in picks(1),
    ) -> Case {
        Case { one, other, edit, target, exclude, replace }
    }
}

impl Case {
    fn stacks(&self, lab: &Lab) -> (Stack, Stack) {
        let wanted = self.one.edited(&self.other, &self.edit);
        (self.one.stack(&lab.name), wanted.stack(&lab.name))
    }

    fn selection(&self, first: &Stack, wanted: &Stack) -> Selection {
        let of = |picks: &[(Index, u8)]| patterns(picks, [first, wanted]);
        Selection {
            target: of(&self.target),
            exclude: of(&self.exclude),
            replace: of(&self.replace),
        }
    }
}

/// Holds that a part is a beginning of the whole, and what the user asked for.
fn assert_a_beginning(part: &Plan, whole: &Plan, selection: &Selection) {
    let (chosen, left, all) = (steps(part), left_out(part), steps(whole));
    assert!(chosen.is_disjoint(&left));
    let both: BTreeSet<Key> = chosen.union(&left).cloned().collect();
    assert_eq!(both, all, "what is not done is told");
    for (first, then, reason) in whole.steps.edges() {
        let (first, then) = (whole.steps.node(first), whole.steps.node(then));
        if chosen.contains(&key(then)) && first.action != Action::Keep {
            assert!(
                chosen.contains(&key(first)),
                "{} is done without {} before it: {reason}",
                then.address,
                first.address
            );
        }
    }
    let takes = |patterns: &[AddressPattern], address: &Address| {
        patterns.iter().any(|pattern| pattern.takes(address))
    };
    for (address, action, _) in &chosen {
        let excluded = takes(&selection.exclude, address);
        assert!(!excluded, "{address} is excluded, and {}", action.done());
    }
    if selection.exclude.is_empty() {
        for (address, ..) in &left {
            assert!(!takes(&selection.target, address), "{address} is a target");
        }
    }
    // Made anew means both: away with the old, here with the new.
    let mut halves: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (_, step) in part
        .steps
        .nodes()
        .filter(|(_, step)| step.replace.is_some())
    {
        let id = step.id.clone().expect("something is replaced");
        let label = format!("{} {}", step.address.kind, step.address.label());
        *halves.entry((label, id)).or_default() += 1;
    }
    assert!(halves.values().all(|count| *count == 2), "{halves:?}");
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn a_part_is_a_beginning_of_the_whole(case in case()) {
        let lab = Lab::new();
        let (first, wanted) = case.stacks(&lab);
        let selection = case.selection(&first, &wanted);
        block_on(async {
            assert!(lab.apply(&first).await.complete());
            let whole = lab.plan_part(&wanted, &selection.of_all(), false).await.expect("a plan");
            let part = lab.plan_part(&wanted, &selection, false).await.expect("a plan");
            assert_a_beginning(&part, &whole, &selection);
        });
    }

    #[test]
    fn a_part_and_then_the_rest_is_the_whole(case in case(), state_is_lost in prop::bool::weighted(0.2)) {
        let lab = Lab::new();
        let (first, wanted) = case.stacks(&lab);
        let selection = case.selection(&first, &wanted);
        block_on(async {
            assert!(lab.apply(&first).await.complete());
            if state_is_lost {
                lab.lose_state();
            }
            let before = lab.cloud.objects();
            let part = lab.plan_part(&wanted, &selection, false).await.expect("a plan");
            let ran = lab.run(&part, None).await;
            assert!(ran.complete(), "{:#?}", ran.outcome.failed);
            // What is left out is as it was, and still remembered.
            let now = lab.cloud.objects();
            let remembered: BTreeSet<String> =
                lab.snapshot().nodes.values().map(|node| node.id.clone()).collect();
            for step in part.left_out.iter().map(|it| &it.step) {
                if let Some(id) = &step.id {
                    let same = |it: &crate::toys::cloud::Object| (it.attributes.clone(), it.tags.clone());
                    assert_eq!(before.get(id).map(same), now.get(id).map(same), "{}", step.address);
                    assert!(remembered.contains(id), "{}", step.address);
                }
            }
            assert!(remembered.len() == now.len(), "{remembered:?} {:?}", now.keys());
            // The same part has nothing more to do. What --replace asked for had
            // orders of its own, which are gone.
            if selection.replace.is_empty() {
                match lab.plan_part(&wanted, &selection, false).await {
                    Ok(again) => assert!(again.is_empty(), "{:?}", steps(&again)),
                    // What a pattern meant may be gone by now.
                    Err(errors) => assert!(
                        errors.iter().all(|error| matches!(error, PlanError::FitsNothing { .. })),
                        "{errors:?}"
                    ),
                }
            }
            let ran = lab.apply(&wanted).await;
            assert!(ran.complete(), "{:#?}", ran.outcome.failed);
            assert_at_rest(&lab, &wanted).await;
        });
    }

    #[test]
    fn a_part_goes_with_its_users_and_then_the_rest(
        draft in draft(),
        target in picks(2),
        exclude in picks(2),
    ) {
        let lab = Lab::new();
        let wanted = draft.stack(&lab.name);
        let selection = Selection {
            target: patterns(&target, [&wanted, &wanted]),
            exclude: patterns(&exclude, [&wanted, &wanted]),
            replace: Vec::new(),
        };
        block_on(async {
            assert!(lab.apply(&wanted).await.complete());
            lab.cloud.take_log();
            let whole = lab.plan_to_destroy(&wanted).await.expect("a plan");
            let part = lab.plan_part(&wanted, &selection, true).await.expect("a plan");
            assert_a_beginning(&part, &whole, &selection);
            let ran = lab.run(&part, None).await;
            assert!(ran.complete(), "{:#?}", ran.outcome.failed);
            let left = lab.cloud.objects();
            assert_eq!(left.len(), part.left_out.len(), "{:#?}", left.keys());
            for step in part.left_out.iter().map(|it| &it.step) {
                assert!(left.contains_key(step.id.as_ref().expect("it lives")), "{}", step.address);
            }
            assert_eq!(lab.snapshot().nodes.len(), left.len());
            assert!(lab.destroy(&wanted).await.complete());
            assert!(lab.cloud.objects().is_empty());
            let log = lab.cloud.take_log();
            assert!(log.refusals().is_empty(), "{:#?}", log.refusals());
        });
    }
}

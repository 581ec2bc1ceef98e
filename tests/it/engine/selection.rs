//! Plans for a part of a stack: a beginning of the whole run, from which
//! another run goes on.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;
use s3net::kind::{Lifecycle, Stack};
use s3net::model::{Action, Address, AddressPattern};
use s3net::plan::{Plan, PlanError, PlannedStep, Selection};

use super::drafts::{Draft, draft, edit};
use super::{assert_at_rest, block_on, cases};
use crate::toys::lab::Lab;
use crate::toys::log::Verb;
use crate::toys::stacks::ids;

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
    #![proptest_config(cases(96))]

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
            // The same part has nothing more to do.
            let again = Selection { replace: Vec::new(), ..selection.clone() };
            match lab.plan_part(&wanted, &again, false).await {
                Ok(again) => assert!(again.is_empty(), "{:?}", steps(&again)),
                // What a pattern meant may be gone by now.
                Err(errors) => assert!(
                    errors.iter().all(|error| matches!(error, PlanError::FitsNothing { .. })),
                    "{errors:?}"
                ),
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

fn only(target: &[&str]) -> Selection {
    Selection {
        target: target.iter().map(|text| pattern(text)).collect(),
        ..Selection::ALL
    }
}

fn anew(replace: &str) -> Selection {
    Selection {
        replace: vec![pattern(replace)],
        ..Selection::ALL
    }
}

#[test]
fn everything_as_target_leaves_nothing_out() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    stack.leaf("one", &net);
    block_on(async {
        let plan = lab.plan_part(&stack.done(), &only(&["*"]), false).await;
        let plan = plan.expect("there is a plan");
        assert!(plan.left_out.is_empty());
        assert_eq!(plan.totals().create, 2);
    });
}

#[test]
fn a_new_table_comes_with_the_parts_that_need_nothing_more() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let (one, two) = (stack.leaf("one", &net), stack.leaf("two", &net));
    let user = stack.leaf("user", &net);
    stack.set(&user, "peers", ids([&one]));
    let near = stack.link(&one, "near", &net);
    let far = stack.link(&one, "far", &two);
    block_on(async {
        let plan = lab
            .plan_part(&stack.done(), &only(&["leaf.user"]), false)
            .await;
        let plan = plan.expect("there is a plan");
        let made: BTreeSet<Address> = steps(&plan).into_iter().map(|(it, ..)| it).collect();
        assert_eq!(made, BTreeSet::from([net.clone(), one.clone(), user, near]));
        let left: Vec<Address> = plan
            .left_out
            .iter()
            .map(|it| it.step.address.clone())
            .collect();
        assert!(left.contains(&two) && left.contains(&far), "{left:?}");
        // A table that is named comes with all of them, and what they need.
        let plan = lab
            .plan_part(&stack.done(), &only(&["leaf.one"]), false)
            .await;
        let made: BTreeSet<Address> = steps(&plan.expect("a plan"))
            .into_iter()
            .map(|(it, ..)| it)
            .collect();
        assert!(made.contains(&two) && made.contains(&far), "{made:?}");
    });
}

#[test]
fn what_must_not_be_destroyed_stops_only_its_own_part() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let (kept, other) = (stack.leaf("kept", &net), stack.leaf("other", &net));
    stack.node(&kept).lifecycle = Lifecycle {
        prevent_destroy: true,
        ..Lifecycle::default()
    };
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        for leaf in [&kept, &other] {
            stack.set(leaf, "shade", "red");
        }
        let wanted = stack.done();
        let refused = lab.plan(&wanted).await.expect_err("the user forbids it");
        assert!(
            matches!(refused[..], [PlanError::Prevented { .. }]),
            "{refused:?}"
        );
        let plan = lab.plan_part(&wanted, &only(&["leaf.other"]), false).await;
        let plan = plan.expect("it does not touch it");
        assert_eq!((plan.totals().replace, plan.totals().changes()), (1, 1));
        assert!(lab.run(&plan, None).await.complete());
        // Nor is it made anew because somebody asks for it.
        stack.set(&kept, "shade", "green");
        let refused = lab
            .plan_part(&stack.done(), &anew("leaf.kept"), false)
            .await;
        let refused = refused.expect_err("the user forbids it");
        assert!(
            matches!(&refused[..], [PlanError::Prevented { reason, .. }] if reason.contains("--replace")),
            "{refused:?}"
        );
    });
}

#[test]
fn what_is_asked_for_anew_gets_another_id_and_its_users_follow() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let (leaf, user) = (stack.leaf("one", &net), stack.leaf("user", &net));
    stack.set(&user, "peers", ids([&leaf]));
    let link = stack.link(&leaf, "out", &net);
    block_on(async {
        let wanted = stack.done();
        assert!(lab.apply(&wanted).await.complete());
        let before = lab.snapshot();
        let plan = lab.plan_part(&wanted, &anew("leaf.one"), false).await;
        let plan = plan.expect("there is a plan");
        let reason = plan.steps.nodes().find_map(|(_, it)| {
            let it = (it.address == leaf).then_some(it)?;
            it.replace.clone()
        });
        assert_eq!(reason.as_deref(), Some("asked for by --replace"));
        assert!(lab.run(&plan, None).await.complete());
        let after = lab.snapshot();
        for (address, same) in [(&net, true), (&leaf, false), (&user, true), (&link, false)] {
            let is = before.nodes[address].id == after.nodes[address].id;
            assert_eq!(is, same, "{address}");
        }
        let objects = lab.cloud.objects();
        let peers = objects[&after.nodes[&user].id]
            .attributes
            .get("peers")
            .cloned();
        let new = s3net::model::Value::texts([after.nodes[&leaf].id.clone()]);
        assert_eq!(peers, Some(new));
        assert_at_rest(&lab, &wanted).await;
        // What is not there yet is simply made.
        let late = stack.leaf("late", &net);
        stack.set(&late, "stem", ids([&leaf]));
        let plan = lab
            .plan_part(&stack.done(), &anew("leaf.late"), false)
            .await;
        let totals = plan.expect("there is a plan").totals();
        assert_eq!((totals.create, totals.replace), (1, 0));
    });
}

#[test]
fn a_part_of_a_table_that_stays_is_deleted_by_a_call() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let leaf = stack.leaf("one", &net);
    let link = stack.link(&leaf, "out", &net);
    block_on(async {
        let wanted = stack.done();
        assert!(lab.apply(&wanted).await.complete());
        lab.cloud.take_log();
        let part = lab
            .plan_part(&wanted, &only(&["leaf.one/link:*"]), true)
            .await;
        assert!(lab.run(&part.expect("a plan"), None).await.complete());
        assert_eq!(lab.cloud.objects().len(), 2);
        assert_eq!(lab.cloud.take_log().verbs(&link), [Verb::Delete]);
        // With its table it needs no call.
        assert!(lab.apply(&wanted).await.complete());
        lab.cloud.take_log();
        let part = lab.plan_part(&wanted, &only(&["leaf.one"]), true).await;
        assert!(lab.run(&part.expect("a plan"), None).await.complete());
        assert_eq!(lab.cloud.objects().len(), 1);
        assert_eq!(lab.cloud.take_log().verbs(&link), []);
    });
}

#[test]
fn a_pattern_in_vain_is_refused_with_what_may_be_meant() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let leaf = stack.leaf("private-1", &net);
    block_on(async {
        let refused = lab
            .plan_part(&stack.done(), &only(&["leaf.privat-1"]), false)
            .await;
        let errors = refused.expect_err("there is none");
        let [error] = &errors[..] else {
            panic!("{errors:?}")
        };
        assert!(error.to_string().contains("`leaf.privat-1`"), "{error}");
        assert_eq!(
            error.remedy().as_deref(),
            Some("did you mean leaf.private-1?")
        );
        // What only lives, or is only remembered, can be named as well.
        assert!(lab.apply(&stack.done()).await.complete());
        stack.remove(&leaf);
        let plan = lab
            .plan_part(&stack.done(), &only(&["leaf.*"]), false)
            .await;
        assert_eq!(plan.expect("there is a plan").totals().delete, 1);
    });
}

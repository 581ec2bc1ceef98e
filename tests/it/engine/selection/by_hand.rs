//! Single cases of plans for a part, each for one rule.

use std::collections::BTreeSet;

use s3net::kind::Lifecycle;
use s3net::model::{Address, Value};
use s3net::plan::{PlanError, Selection};

use super::super::{assert_at_rest, block_on};
use super::{pattern, steps};
use crate::toys::lab::Lab;
use crate::toys::log::Verb;
use crate::toys::stacks::ids;

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
        let new = Value::texts([after.nodes[&leaf].id.clone()]);
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
    let link = stack.link(&leaf, "out", &leaf);
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

//! What the user says of a node's life, and what state and tags remember.

use s3net::kind::Lifecycle;
use s3net::model::{Action, tags};
use s3net::plan::PlanError;

use super::{assert_at_rest, block_on};
use crate::toys::lab::Lab;
use crate::toys::log::{Fault, Verb};
use crate::toys::stacks::{attribute, ids, text_with};

const PREVENT: Lifecycle = Lifecycle {
    prevent_destroy: true,
    ignore: Vec::new(),
    forget_on_remove: false,
    create_before_destroy: false,
};

const FORGET: Lifecycle = Lifecycle {
    prevent_destroy: false,
    ignore: Vec::new(),
    forget_on_remove: true,
    create_before_destroy: false,
};

fn assert_prevented(plan: Result<s3net::plan::Plan, Vec<PlanError>>, of: &s3net::model::Address) {
    let errors = plan.expect_err("the user forbids it");
    assert!(
        matches!(&errors[..], [PlanError::Prevented { address, .. }] if address == of),
        "{errors:?}"
    );
}

#[test]
fn what_must_not_be_destroyed_is_not() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let leaf = stack.leaf("one", &net);
    stack.node(&leaf).lifecycle = PREVENT;
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        assert_prevented(lab.plan_to_destroy(&stack.done()).await, &leaf);
        let mut changed = stack.clone();
        changed.set(&leaf, "shade", "red");
        assert_prevented(lab.plan(&changed.done()).await, &leaf);
        let mut without = stack.clone();
        without.remove(&leaf);
        assert_prevented(lab.plan(&without.done()).await, &leaf);
        // A destroy with an empty file, as after the table has gone.
        assert_prevented(lab.plan_to_destroy(&lab.builder().done()).await, &leaf);
        // Its net would go, and it with it.
        let mut resized = stack.clone();
        resized.set(&net, "size", 5);
        assert_prevented(lab.plan(&resized.done()).await, &leaf);
    });
}

#[test]
fn the_wish_to_prevent_outlives_a_rename() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let badge = stack.badge("old", "name");
    stack.node(&badge).lifecycle = PREVENT;
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        let mut renamed = lab.builder();
        let new = renamed.badge("new", "name");
        renamed.set(&new, "shade", "red");
        let errors = lab
            .plan(&renamed.done())
            .await
            .expect_err("it was said of the old one");
        assert!(
            matches!(errors[..], [PlanError::Prevented { .. }]),
            "{errors:?}"
        );
    });
}

#[test]
fn what_is_forgotten_stays_and_loses_our_tags() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let leaf = stack.leaf("one", &net);
    let link = stack.link(&leaf, "out", &net);
    for address in [&leaf, &link] {
        stack.node(address).lifecycle = FORGET;
    }
    stack
        .node(&leaf)
        .tags
        .insert("Project".into(), "lab".into());
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        let id = lab.snapshot().nodes[&leaf].id.clone();
        stack.remove(&leaf).remove(&link);
        lab.cloud.take_log();
        let plan = lab.plan(&stack.done()).await.expect("there is a plan");
        assert_eq!(plan.totals().forget, 2);
        assert!(lab.run(&plan, None).await.complete());
        let objects = lab.cloud.objects();
        assert_eq!(objects.len(), 3, "nothing is deleted");
        assert_eq!(objects[&id].tags.keys().collect::<Vec<_>>(), ["Project"]);
        let log = lab.cloud.take_log();
        assert_eq!(log.verbs(&leaf), [Verb::Retag]);
        assert_eq!(log.verbs(&link), [], "it has no tags");
        assert!(
            lab.plan(&stack.done())
                .await
                .is_ok_and(|plan| plan.is_empty())
        );
        assert!(!lab.snapshot().nodes.contains_key(&leaf));
    });
}

#[test]
fn what_is_ignored_is_not_mended() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    stack.node(&net).lifecycle.ignore = vec!["label".into()];
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        let id = lab.snapshot().nodes[&net].id.clone();
        lab.cloud
            .meddle(&id, |object| object.attributes.set("label", "by hand"));
        lab.cloud.meddle(&id, |object| {
            object.tags.insert("Owner".into(), "someone".into());
        });
        assert_at_rest(&lab, &stack.done()).await;
        // A change of something else leaves it alone.
        stack.node(&net).tags.insert("Project".into(), "lab".into());
        assert!(lab.apply(&stack.done()).await.complete());
        let object = lab.cloud.objects()[&id].clone();
        assert_eq!(object.attributes.text("label"), Some("by hand"));
        assert_eq!(
            object.tags.get("Owner").map(String::as_str),
            Some("someone")
        );
    });
}

#[test]
fn an_ignored_field_is_not_written_with_the_others() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let leaf = stack.leaf("one", &net);
    stack.set(&leaf, "hue", "grey");
    stack.node(&leaf).lifecycle.ignore = vec!["label".into()];
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        let id = lab.snapshot().nodes[&leaf].id.clone();
        lab.cloud
            .meddle(&id, |object| object.attributes.set("label", "by hand"));
        stack.set(&leaf, "hue", "blue");
        assert!(lab.apply(&stack.done()).await.complete());
        let object = lab.cloud.objects()[&id].clone();
        assert_eq!(object.attributes.text("hue"), Some("blue"));
        assert_eq!(object.attributes.text("label"), Some("by hand"));
    });
}

#[test]
fn a_rename_re_tags_and_nothing_else() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let badge = stack.badge("old", "name");
    let vault = stack.vault("old", "vault-1");
    stack.seal(&vault);
    let leaf = stack.leaf("one", &net);
    stack.set(&leaf, "peers", ids([&badge]));
    stack
        .node(&badge)
        .tags
        .insert("Dropped".into(), "later".into());
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        lab.cloud.take_log();
        let mut renamed = lab.builder();
        renamed.net("main");
        let badge = renamed.badge("new", "name");
        let vault = renamed.vault("new", "vault-1");
        let seal = renamed.seal(&vault);
        let leaf = renamed.leaf("one", &net);
        renamed.set(&leaf, "peers", ids([&badge]));
        let wanted = renamed.done();
        assert!(lab.apply(&wanted).await.complete());
        let log = lab.cloud.take_log();
        assert_eq!(log.verbs(&badge), [Verb::Retag]);
        assert_eq!(log.verbs(&vault), [Verb::Retag]);
        assert_eq!(
            log.entries.len(),
            2,
            "{seal} and {leaf} need no call: {:#?}",
            log.entries
        );
        assert_at_rest(&lab, &wanted).await;
        let id = lab.snapshot().nodes[&badge].id.clone();
        let kept = lab.cloud.objects()[&id].tags.clone();
        assert_eq!(
            kept.get(tags::ADDRESS).map(String::as_str),
            Some("badge.new")
        );
        assert!(
            !kept.contains_key("Dropped"),
            "a tag that was ours goes, also with a rename"
        );
    });
}

#[test]
fn a_part_that_moves_to_another_table_is_changed_in_place() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let (one, two) = (stack.net("one"), stack.net("two"));
    let leaf = stack.leaf("a", &one);
    let old = stack.way(&one, &leaf);
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        lab.cloud.take_log();
        stack.remove(&old);
        let new = stack.way(&two, &leaf);
        assert!(lab.apply(&stack.done()).await.complete());
        let log = lab.cloud.take_log();
        assert_eq!(log.verbs(&new), [Verb::Update, Verb::Settle]);
        assert_eq!(log.entries.len(), 2);
        assert_at_rest(&lab, &stack.done()).await;
    });
}

#[test]
fn an_output_that_no_read_repeats_is_remembered() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let leaf = stack.leaf("one", &net);
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        // Neither new tags nor a new text make it forget.
        stack
            .node(&leaf)
            .tags
            .insert("Project".into(), "lab".into());
        assert!(lab.apply(&stack.done()).await.complete());
        stack
            .node(&leaf)
            .tags
            .insert("Project".into(), "lab-2".into());
        let user = stack.leaf("two", &net);
        stack.set(&user, "hue", text_with(attribute(&leaf, "secret")));
        let ran = lab.apply(&stack.done()).await;
        assert!(ran.complete(), "{:#?}", ran.outcome.failed);
        assert_at_rest(&lab, &stack.done()).await;
    });
}

#[test]
fn an_output_that_is_lost_with_the_state_is_asked_for_again() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let (leaf, user) = (stack.leaf("one", &net), stack.leaf("two", &net));
    stack.set(&user, "hue", text_with(attribute(&leaf, "secret")));
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        lab.lose_state();
        lab.cloud.take_log();
        let ran = lab.apply(&stack.done()).await;
        assert!(ran.complete(), "{:#?}", ran.outcome.failed);
        assert_eq!(lab.cloud.take_log().verbs(&leaf), [Verb::Settle]);
        assert_at_rest(&lab, &stack.done()).await;
    });
}

#[test]
fn what_was_made_and_not_waited_for_is_waited_for_next_time() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let badge = stack.badge("b", "name");
    block_on(async {
        lab.cloud.trip(1, Fault::Refuse);
        assert!(!lab.apply(&stack.done()).await.complete());
        let other = stack.badge("c", "other");
        // A run that stops before its turn does not lose the knowledge.
        let plan = lab.plan(&stack.done()).await.expect("there is a plan");
        lab.run(&plan, Some(0)).await;
        lab.cloud.take_log();
        let plan = lab.plan(&stack.done()).await.expect("there is a plan");
        assert_eq!((plan.totals().create, plan.totals().update), (1, 1));
        assert!(lab.run(&plan, None).await.complete());
        let log = lab.cloud.take_log();
        assert_eq!(log.verbs(&badge), [Verb::Settle]);
        assert_eq!(log.verbs(&other), [Verb::Create, Verb::Settle]);
        assert_at_rest(&lab, &stack.done()).await;
    });
}

#[test]
fn state_only_follows_what_the_file_says_of_lives() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        stack.node(&net).lifecycle = PREVENT;
        let plan = lab.plan(&stack.done()).await.expect("there is a plan");
        assert!(plan.is_empty());
        let serial = lab.snapshot().serial;
        lab.run(&plan, None).await;
        assert!(lab.snapshot().nodes[&net].prevent_destroy);
        assert_eq!(lab.snapshot().serial, serial + 1);
        // With nothing to say, nothing is written.
        lab.run(&plan, None).await;
        assert_eq!(lab.snapshot().serial, serial + 1);
        assert_eq!(plan.totals().keep, 1);
        assert!(
            plan.steps
                .nodes()
                .all(|(_, step)| step.action == Action::Keep)
        );
    });
}

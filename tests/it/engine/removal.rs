//! Replacements and removals: what goes before what, and beside what.

use s3net::model::{Action, Value};
use s3net::state::Snapshot;

use super::{assert_at_rest, block_on};
use crate::toys::lab::{Lab, plan_from};
use crate::toys::log::{Fault, Verb};
use crate::toys::pretend::as_if_applied;
use crate::toys::stacks::ids;

#[test]
fn what_a_user_that_stays_holds_is_made_beside_the_old_one() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let badge = stack.badge("b", "name");
    let user = stack.leaf("user", &net);
    stack.set(&user, "peers", ids([&badge]));
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        for shade in ["red", "blue", "red"] {
            lab.cloud.take_log();
            stack.set(&badge, "shade", shade);
            assert!(lab.apply(&stack.done()).await.complete());
            let log = lab.cloud.take_log();
            assert_eq!(
                log.verbs(&badge),
                [Verb::Create, Verb::Settle, Verb::Delete]
            );
            let made = log.last_end(&badge, &[Verb::Create, Verb::Settle]);
            let (let_go, gone) = (
                log.first_start(&user, &[Verb::Update]),
                log.first_start(&badge, &[Verb::Delete]),
            );
            assert!(made < let_go, "the user changes to the new one");
            assert!(
                log.last_end(&user, &[Verb::Settle]) < gone,
                "then the old one goes"
            );
            assert!(log.refusals().is_empty());
            assert_at_rest(&lab, &stack.done()).await;
        }
    });
}

#[test]
fn what_nobody_holds_is_deleted_before_it_is_made_anew() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let (old, user) = (stack.leaf("old", &net), stack.leaf("user", &net));
    stack.set(&user, "near", ids([&old]));
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        lab.cloud.take_log();
        stack.set(&old, "shade", "red");
        assert!(lab.apply(&stack.done()).await.complete());
        let log = lab.cloud.take_log();
        assert_eq!(log.verbs(&old), [Verb::Delete, Verb::Create, Verb::Settle]);
        assert_eq!(log.verbs(&user), [Verb::Update, Verb::Settle]);
        assert!(log.last_end(&old, &[Verb::Settle]) < log.first_start(&user, &[Verb::Update]));
        assert_at_rest(&lab, &stack.done()).await;
    });
}

/// `top` stays and holds `middle`, which is made anew because `base` is: so
/// neither may go before the new ones stand.
#[test]
fn a_chain_under_a_user_that_stays_is_made_beside_as_a_whole() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let (base, middle, top) = (
        stack.leaf("base", &net),
        stack.leaf("middle", &net),
        stack.leaf("top", &net),
    );
    stack
        .set(&middle, "stem", ids([&base]))
        .set(&top, "peers", ids([&middle]));
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        lab.cloud.take_log();
        stack.set(&base, "shade", "red");
        let plan = lab.plan(&stack.done()).await.expect("no circle");
        assert_eq!(plan.totals().replace, 2);
        assert!(lab.run(&plan, None).await.complete());
        assert_at_rest(&lab, &stack.done()).await;
    });
}

/// As above, where no field but an order ties the two that are made anew.
#[test]
fn a_chain_by_order_is_made_beside_as_a_whole() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let (base, top) = (stack.leaf("base", &net), stack.leaf("top", &net));
    let gate = stack.gate("middle", &net, "base");
    stack.set(&top, "peers", ids([&gate]));
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        lab.cloud.take_log();
        stack.set(&base, "shade", "red").set(&gate, "shade", "red");
        let plan = lab.plan(&stack.done()).await.expect("no circle");
        assert_eq!(plan.totals().replace, 2);
        assert!(lab.run(&plan, None).await.complete());
        let log = lab.cloud.take_log();
        let gone = log.last_end(&gate, &[Verb::Delete]);
        assert!(
            gone < log.first_start(&base, &[Verb::Delete]),
            "the gate goes first"
        );
        assert!(log.refusals().is_empty());
        assert_at_rest(&lab, &stack.done()).await;
    });
}

/// One that points at it loosely stays, so what nobody wants waits for it; what
/// that one holds is made anew, and must not go before.
#[test]
fn a_chain_under_a_loose_user_of_what_goes_makes_no_circle() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let (base, old, user) = (
        stack.leaf("base", &net),
        stack.leaf("old", &net),
        stack.leaf("user", &net),
    );
    stack
        .set(&old, "peers", ids([&base]))
        .set(&user, "near", ids([&old]));
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        lab.cloud.take_log();
        stack.remove(&old).set(&base, "shade", "red");
        stack.set(&user, "near", ids([&base]));
        assert!(lab.apply(&stack.done()).await.complete());
        assert_at_rest(&lab, &stack.done()).await;
    });
}

#[test]
fn a_circle_that_a_stranger_made_can_be_destroyed() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let (one, two) = (stack.leaf("one", &net), stack.leaf("two", &net));
    stack.set(&one, "near", ids([&two]));
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        let id = |leaf| lab.snapshot().nodes[leaf].id.clone();
        lab.cloud.meddle(&id(&two), |object| {
            object.attributes.set("near", Value::texts([id(&one)]));
        });
        assert!(lab.destroy(&stack.done()).await.complete());
        assert!(lab.cloud.objects().is_empty());
    });
}

#[test]
fn an_object_that_a_read_gives_twice_is_one() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let leaf = stack.leaf("one", &net);
    let mut live = as_if_applied(&stack.done());
    live.extend(live.clone());
    let none = Snapshot::new(&lab.name);
    let plan = plan_from(&stack.done(), &live, &none, false);
    assert!(plan.is_ok_and(|plan| plan.is_empty()));
    stack.remove(&leaf);
    let plan = plan_from(&stack.done(), &live, &none, false).expect("there is a plan");
    assert_eq!(plan.totals().delete, 1);
}

#[test]
fn the_old_one_goes_after_a_break_between_making_beside_and_deleting() {
    for state_is_lost in [false, true] {
        let lab = Lab::new();
        let mut stack = lab.builder();
        let net = stack.net("main");
        let badge = stack.badge("b", "name");
        let users = [stack.leaf("one", &net), stack.leaf("two", &net)];
        for user in &users {
            stack.set(user, "peers", ids([&badge]));
        }
        stack.node(&badge).lifecycle.forget_on_remove = true;
        block_on(async {
            assert!(lab.apply(&stack.done()).await.complete());
            let first = lab.snapshot().nodes[&badge].id.clone();
            stack.set(&badge, "shade", "red");
            let plan = lab.plan(&stack.done()).await.expect("there is a plan");
            // Create and settle of the badge, update of the first user; the
            // update of the second goes wrong.
            lab.cloud.take_log();
            lab.cloud.trip(3, Fault::Refuse);
            assert!(!lab.run(&plan, None).await.complete());
            lab.cloud.relent();
            lab.cloud.take_log();
            if state_is_lost {
                lab.lose_state();
            }
            assert!(lab.cloud.objects().contains_key(&first), "both stand now");
            let plan = lab.plan(&stack.done()).await.expect("there is a plan");
            let totals = plan.totals();
            assert_eq!((totals.create, totals.replace, totals.delete), (0, 0, 1));
            assert!(lab.run(&plan, None).await.complete());
            assert!(!lab.cloud.objects().contains_key(&first));
            assert_at_rest(&lab, &stack.done()).await;
        });
    }
}

#[test]
fn what_is_beyond_repair_is_made_anew() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let leaf = stack.leaf("one", &net);
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        let id = lab.snapshot().nodes[&leaf].id.clone();
        lab.cloud
            .meddle(&id, |object| object.broken = Some("it fell".into()));
        let plan = lab.plan(&stack.done()).await.expect("there is a plan");
        let reasons: Vec<_> = plan
            .steps
            .nodes()
            .filter_map(|(_, s)| s.replace.clone())
            .collect();
        assert_eq!(reasons, ["it fell", "it fell"]);
        assert!(lab.run(&plan, None).await.complete());
        assert!(!lab.cloud.objects().contains_key(&id));
        assert_at_rest(&lab, &stack.done()).await;
    });
}

/// The vault's id is its name, so its seal would look untouched by a new vault.
#[test]
fn the_parts_of_what_is_made_anew_are_made_anew() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let vault = stack.vault("v", "vault-1");
    let seal = stack.seal(&vault);
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        lab.cloud.take_log();
        stack.set(&vault, "shade", "red");
        assert!(lab.apply(&stack.done()).await.complete());
        let log = lab.cloud.take_log();
        assert_eq!(
            log.verbs(&vault),
            [Verb::Delete, Verb::Create, Verb::Settle]
        );
        assert_eq!(
            log.verbs(&seal),
            [Verb::Create, Verb::Settle],
            "it went with its vault"
        );
        assert_at_rest(&lab, &stack.done()).await;
    });
}

#[test]
fn parts_go_with_their_table_unless_they_hold_something_that_goes() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let (one, two) = (stack.leaf("one", &net), stack.leaf("two", &net));
    let (across, back) = (stack.link(&one, "l", &two), stack.link(&two, "l", &one));
    let plain = stack.link(&one, "net", &net);
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        lab.cloud.take_log();
        for gone in [&one, &two, &across, &back, &plain] {
            stack.remove(gone);
        }
        assert!(lab.apply(&stack.done()).await.complete());
        let log = lab.cloud.take_log();
        assert_eq!(log.verbs(&across), [Verb::Delete], "it held the other leaf");
        assert_eq!(log.verbs(&back), [Verb::Delete]);
        assert_eq!(log.verbs(&plain), [], "the net stays");
        assert_at_rest(&lab, &stack.done()).await;
    });
}

#[test]
fn two_objects_that_claim_one_address_become_one() {
    let lab = Lab::new();
    let mut stack = lab.builder();
    let net = stack.net("main");
    let (leaf, user) = (stack.leaf("one", &net), stack.leaf("user", &net));
    stack.set(&user, "peers", ids([&leaf]));
    block_on(async {
        assert!(lab.apply(&stack.done()).await.complete());
        let ours = lab.snapshot().nodes[&leaf].id.clone();
        // A copy of old, with another shade, that the user leaf came to hold.
        let mut other = lab.builder();
        other.net("main");
        let copy = other.leaf("copy", &net);
        other.leaf("one", &net);
        other.leaf("user", &net);
        other.set(&user, "peers", ids([&copy]));
        assert!(lab.apply(&other.done()).await.complete());
        let copied = lab.snapshot().nodes[&copy].id.clone();
        lab.cloud.meddle(&copied, |object| {
            object
                .tags
                .insert(s3net::model::tags::ADDRESS.into(), leaf.to_string());
        });
        lab.cloud.take_log();
        let plan = lab.plan(&stack.done()).await.expect("there is a plan");
        assert!(lab.run(&plan, None).await.complete());
        let objects = lab.cloud.objects();
        assert!(objects.contains_key(&ours) && !objects.contains_key(&copied));
        assert_at_rest(&lab, &stack.done()).await;
        assert_eq!(lab.snapshot().nodes[&leaf].id, ours);
        assert!(
            plan.steps
                .nodes()
                .any(|(_, step)| step.action == Action::Delete)
        );
    });
}

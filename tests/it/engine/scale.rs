//! Thousands of nodes. Times are for the benches; here it is what comes out.

use super::block_on;
use crate::toys::lab::{Lab, plan_from};
use crate::toys::log::Verb;
use crate::toys::pretend::{as_if_applied, large, renamed, star};
use crate::toys::stacks::needs;
use s3net::state::Snapshot;

#[test]
fn five_thousand_nodes_are_made_in_order_and_destroyed() {
    let mut lab = Lab::new();
    lab.parallelism = 200;
    let wanted = large(&lab.name, 5_000);
    assert!(wanted.nodes.len() >= 5_000);
    block_on(async {
        let ran = lab.apply(&wanted).await;
        assert!(ran.complete());
        let log = lab.cloud.take_log();
        assert!(log.refusals().is_empty());
        assert!(log.most_in_flight <= 200);
        let mut spans = std::collections::HashMap::new();
        for entry in &log.entries {
            let span = spans.entry(&entry.address).or_insert((entry.start, 0));
            span.1 = span.1.max(entry.end.unwrap_or(usize::MAX));
        }
        for (before, after) in needs(&wanted) {
            assert!(
                spans[&before].1 < spans[&after].0,
                "{before} comes before {after}"
            );
        }
        assert_eq!(lab.snapshot().nodes.len(), wanted.nodes.len());
        assert!(lab.plan(&wanted).await.is_ok_and(|plan| plan.is_empty()));

        assert!(lab.destroy(&wanted).await.complete());
        assert!(lab.cloud.objects().is_empty());
        assert!(
            lab.cloud
                .take_log()
                .entries
                .iter()
                .all(|entry| entry.verb == Verb::Delete)
        );
    });
}

#[test]
fn what_everything_needs_is_no_bottleneck() {
    let wanted = star("star", 20_000);
    let none = Snapshot::new("star");
    let plan = plan_from(&wanted, &[], &none, false).expect("there is a plan");
    assert_eq!(plan.totals().create, 20_000);
    let live = as_if_applied(&wanted);
    assert!(plan_from(&wanted, &live, &none, false).is_ok_and(|plan| plan.is_empty()));
    let plan = plan_from(&wanted, &live, &none, true).expect("there is a plan");
    assert_eq!(plan.totals().delete, 20_000);
}

#[test]
fn thousands_are_known_again_under_new_names() {
    let (before, after) = renamed("names", 5_000);
    let live = as_if_applied(&before);
    let none = Snapshot::new("names");
    let totals = plan_from(&after, &live, &none, false).map(|plan| plan.totals());
    assert_eq!(
        totals.map(|totals| (totals.update, totals.create, totals.delete)),
        Ok((5_000, 0, 0))
    );
}

//! The planner and the engine, held to their rules with toy kinds.
//!
//! Random stacks are applied, edited, broken off and destroyed; the toy cloud
//! refuses whatever AWS would refuse, so an engine that gets an order wrong is
//! caught by the cloud and not by a copy of the planner's own thinking.

#![expect(clippy::expect_used, reason = "what is not as expected fails the test")]

mod drafts;
mod gates;
mod interruption;
mod life;
mod lifecycle;
mod removal;
mod saved;
mod scale;
mod selection;

use std::future::Future;

use proptest::prelude::ProptestConfig;
use s3net::kind::Stack;

use crate::toys::lab::Lab;

/// So many cases, or as many as PROPTEST_CASES says; what fails is shown and
/// not kept in a file.
fn cases(count: u32) -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").map_or(count, |_| usual.cases),
        failure_persistence: None,
        ..usual
    }
}

/// Runs a test's calls on one thread, as the command line's own runtime may.
fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime")
        .block_on(work)
}

/// Holds that the cloud is as wanted: nothing to do, nothing left over, and no
/// call on the way there that the cloud had to refuse.
async fn assert_at_rest(lab: &Lab, wanted: &Stack) {
    let plan = lab.plan(wanted).await.expect("there is a plan");
    assert!(plan.is_empty(), "{:#?}", {
        let steps = plan
            .steps
            .nodes()
            .filter(|(_, step)| step.action != s3net::model::Action::Keep);
        steps.map(|(_, step)| step).collect::<Vec<_>>()
    });
    let objects = lab.cloud.objects();
    assert_eq!(objects.len(), wanted.nodes.len(), "{:#?}", objects.keys());
    let log = lab.cloud.take_log();
    assert!(log.refusals().is_empty(), "{:#?}", log.refusals());
    let remembered = lab.snapshot();
    assert!(
        remembered.nodes.keys().eq(wanted.nodes.keys()),
        "{:#?}",
        remembered.nodes.keys()
    );
    for (address, node) in &remembered.nodes {
        assert!(objects.contains_key(&node.id), "{address} is {}", node.id);
    }
}

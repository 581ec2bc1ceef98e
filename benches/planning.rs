//! How long planning takes, per node and for stacks of growing size.
//!
//! `cargo bench --bench planning`. The column of items a second is nodes
//! planned a second: it should hardly fall as stacks grow. Everything happens
//! in memory with the toy kinds of the tests; no file and no call is involved.
#![expect(clippy::expect_used, reason = "a benchmark that cannot run is to stop")]

use divan::Bencher;
use divan::counter::ItemsCount;
use s3net::kind::{Live, Stack};
use s3net::model::Address;
use s3net::plan::Plan;
use s3net::state::Snapshot;

#[path = "../tests/it/toys/mod.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod toys;

use toys::lab::plan_from;
use toys::pretend::{as_if_applied, large, renamed, star};

const SIZES: &[usize] = &[1_000, 10_000, 100_000];

fn main() {
    divan::main();
}

/// Plans again and again.
fn measure(bencher: Bencher<'_, '_>, wanted: &Stack, live: &[Live], destroy: bool) {
    let remembered = Snapshot::new(&wanted.name);
    let plan = || -> Plan {
        let plan = plan_from(wanted, live, &remembered, destroy);
        plan.expect("a sound stack has a plan")
    };
    bencher
        .counter(ItemsCount::new(wanted.nodes.len().max(live.len())))
        .bench_local(plan);
}

/// Everything is to be made.
#[divan::bench(args = SIZES)]
fn all_new(bencher: Bencher<'_, '_>, count: usize) {
    measure(bencher, &large("bench", count), &[], false);
}

/// Everything is as wanted.
#[divan::bench(args = SIZES)]
fn nothing_to_do(bencher: Bencher<'_, '_>, count: usize) {
    let wanted = large("bench", count);
    measure(bencher, &wanted, &as_if_applied(&wanted), false);
}

/// A leaf changes such that it and what refers to it are made anew or changed.
#[divan::bench(args = SIZES)]
fn one_edit(bencher: Bencher<'_, '_>, count: usize) {
    let mut wanted = large("bench", count);
    let live = as_if_applied(&wanted);
    let leaf = wanted.nodes.get_mut(&Address::new("leaf", "0-4"));
    leaf.expect("a leaf").inputs.set("shade", "red");
    measure(bencher, &wanted, &live, false);
}

/// Every badge has another name in the file, and is told again by its looks.
#[divan::bench(args = SIZES)]
fn all_renamed(bencher: Bencher<'_, '_>, count: usize) {
    let (before, after) = renamed("bench", count);
    measure(bencher, &after, &as_if_applied(&before), false);
}

/// Everything is to go.
#[divan::bench(args = SIZES)]
fn destroy(bencher: Bencher<'_, '_>, count: usize) {
    let wanted = large("bench", count);
    measure(bencher, &wanted, &as_if_applied(&wanted), true);
}

/// Everything needs one node, and is to go.
#[divan::bench(args = SIZES)]
fn destroy_a_star(bencher: Bencher<'_, '_>, count: usize) {
    let wanted = star("bench", count);
    measure(bencher, &wanted, &as_if_applied(&wanted), true);
}

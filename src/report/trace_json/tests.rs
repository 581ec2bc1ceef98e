//! What documents look like.

use super::*;
use crate::report::samples::traces::{LAB, Wanted};

#[test]
fn a_way_that_works() {
    let wanted = Wanted::of(LAB);
    let trace = wanted.trace("instance.one", "bucket.data");
    insta::assert_json_snapshot!(trace_document(&trace, &wanted.scene()));
}

#[test]
fn a_way_that_is_blocked() {
    let wanted = Wanted::of(LAB);
    let trace = wanted.trace("instance.two", "bucket.data");
    let document = trace_document(&trace, &wanted.scene());
    insta::assert_json_snapshot!(document["trace"]["block"]);
    assert_eq!(document["trace"]["reachable"], false);
    let line = document["trace"]["block"]["spot"]["line"].as_u64().unwrap();
    let text = LAB.lines().nth(usize::try_from(line).unwrap() - 1).unwrap();
    assert_eq!(text, "egress = []");
}

#[test]
fn a_matrix_has_every_trace() {
    let wanted = Wanted::of(LAB);
    let traces = wanted.traces();
    let document = matrix_document(&traces, &wanted.scene());
    assert_eq!(document["document"], "trace_matrix");
    let told = document["traces"].as_array().unwrap();
    assert_eq!(told.len(), 4);
    assert!(told.iter().all(|it| it["hops"].is_array()));
}

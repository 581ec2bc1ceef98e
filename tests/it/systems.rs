//! The example plans, each built, planned again, and destroyed to nothing.

use crate::lab::{Lab, leftovers};

#[tokio::test]
async fn three_ways_is_built_planned_empty_and_destroyed_to_nothing() {
    let lab = Lab::with_plan("three-ways.toml");
    let applied = lab.apply().exits(0);
    assert!(applied.err.contains("Apply complete"), "{}", applied.err);
    lab.plan().exits(0);
    let again = lab.apply().exits(0);
    assert!(again.out.contains("No changes"), "{}", again.out);
    let destroyed = lab.destroy().exits(0);
    assert!(
        destroyed.err.contains("Nothing is left"),
        "{}",
        destroyed.err
    );
    let left = leftovers(&lab.aws().await).await;
    assert!(left.is_empty(), "{left:?}");
    lab.plan().exits(2);
}

#[tokio::test]
async fn three_patterns_is_built_planned_empty_and_destroyed_to_nothing() {
    let lab = Lab::with_plan("three-patterns.toml");
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
    let left = leftovers(&lab.aws().await).await;
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn single_bucket_finds_its_base_and_leaves_it_as_it_was() {
    let lab = Lab::with_plan("single-bucket-base.toml");
    lab.apply().exits(0);
    let base = lab.text();
    lab.write(&std::fs::read_to_string(crate::lab::plans().join("single-bucket.toml")).unwrap());
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.destroy().exits(0);
    lab.write(&base);
    lab.plan().exits(0);
    lab.destroy().exits(0);
    let left = leftovers(&lab.aws().await).await;
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn state_can_be_lost() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.apply().exits(0);
    std::fs::remove_dir_all(lab.folder.path().join("state")).unwrap();
    lab.plan().exits(0);
    std::fs::remove_dir_all(lab.folder.path().join("state")).ok();
    lab.destroy().exits(0);
    let left = leftovers(&lab.aws().await).await;
    assert!(left.is_empty(), "{left:?}");
}

//! What a destroy makes of moves, removals and guards, and why a name will not do.

use super::state;
use crate::lab::Lab;

/// The file of a stack with these tables.
fn stack(tables: &str) -> String {
    format!("[stack]\nname = \"moving\"\nregion = \"ap-northeast-1\"\n\n{tables}")
}

#[track_caller]
fn says(text: &str, part: &str) {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(part), "`{part}` is not in\n{text}");
}

/// The blocks of the VPCs that live beside AWS's own, and whether s3net's tags are
/// on them.
fn networks(lab: &Lab) -> Vec<(String, bool)> {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let vpcs = runtime.block_on(async {
        let ec2 = lab.aws().await.ec2;
        ec2.describe_vpcs().send().await.unwrap()
    });
    let made = vpcs
        .vpcs()
        .iter()
        .filter(|it| it.is_default() != Some(true));
    let mut found: Vec<(String, bool)> = made
        .map(|vpc| {
            let mut keys = vpc.tags().iter().filter_map(|tag| tag.key());
            let ours = keys.any(|key| key.starts_with("s3net:"));
            (vpc.cidr_block().unwrap().to_owned(), ours)
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_move_to_a_taken_name_destroys_nothing_that_is_guarded() {
    let lab = Lab::new();
    let guarded = "lifecycle = { prevent_destroy = true }\n";
    let (a, b) = (
        "[vpc.a]\ncidr = \"10.1.0.0/16\"\n",
        "[vpc.b]\ncidr = \"10.2.0.0/16\"\n",
    );
    let moved = stack(&format!(
        "{b}\n[[moved]]\nfrom = \"vpc.a\"\nto = \"vpc.b\"\n"
    ));
    lab.write(&stack(&format!("{a}{guarded}\n{b}")));
    lab.apply().exits(0);
    lab.write(&moved);
    let ran = lab.destroy().exits(1);
    says(
        &ran.err,
        "vpc.a would be destroyed, and its `prevent_destroy` forbids that",
    );
    assert_eq!(networks(&lab).len(), 2);
    // Without the guard each of them goes by its own name.
    lab.write(&stack(&format!("{a}\n{b}")));
    lab.apply().exits(0);
    lab.write(&moved);
    let ran = lab.destroy().exits(0);
    for text in ["- vpc.a", "- vpc.b"] {
        assert!(ran.out.contains(text), "`{text}` is not in\n{}", ran.out);
    }
    assert!(!ran.out.contains("the other one stays"), "{}", ran.out);
    assert_eq!(networks(&lab), []);
}

#[test]
fn a_destroy_leaves_what_left_the_file_and_is_to_stay() {
    let lab = Lab::new();
    let forget = "lifecycle = { on_remove = \"forget\" }\n";
    let vpc = |name: &str, block: u8| format!("[vpc.{name}]\ncidr = \"10.{block}.0.0/16\"\n");
    let (stays, goes) = (vpc("stays", 1), vpc("main", 4));
    let (left, wanted) = (vpc("left", 2) + forget, vpc("wanted", 3) + forget);
    lab.write(&stack(&format!("{stays}\n{left}\n{wanted}\n{goes}")));
    lab.apply().exits(0);
    lab.write(&stack(&format!(
        "{wanted}\n{goes}\n[[removed]]\nfrom = \"vpc.stays\"\n"
    )));
    let ran = lab.destroy().exits(0);
    for text in [". vpc.stays", ". vpc.left", "- vpc.wanted", "- vpc.main"] {
        assert!(ran.out.contains(text), "`{text}` is not in\n{}", ran.out);
    }
    says(&ran.out, "2 to leave to themselves");
    says(&ran.err, "this was not deleted, and is nobody's now: vpc.");
    let unmarked = |block: u8| (format!("10.{block}.0.0/16"), false);
    assert_eq!(networks(&lab), [unmarked(1), unmarked(2)]);
    lab.destroy().exits(0);
    assert_eq!(networks(&lab).len(), 2);
}

#[test]
fn what_is_guarded_is_told_once_and_how_to_keep_it() {
    let lab = Lab::new();
    lab.write(&stack(&format!(
        "[bucket.data]\nname = \"{}\"\nlifecycle = {{ prevent_destroy = true }}\n",
        lab.bucket()
    )));
    lab.apply().exits(0);
    let ran = lab.destroy().exits(1);
    assert_eq!(ran.err.matches("error:").count(), 1, "{}", ran.err);
    says(&ran.err, "bucket.data would be destroyed");
    says(
        &ran.err,
        "everything is to go; take `prevent_destroy` away first",
    );
    says(&ran.err, "--exclude bucket.data`");
    assert!(!ran.err.contains("no longer wants"), "{}", ran.err);
    lab.edit("prevent_destroy = true", "prevent_destroy = false");
    lab.destroy().exits(0);
}

#[test]
fn state_move_says_why_a_name_will_not_do() {
    let lab = Lab::new();
    lab.write(&stack(
        "[vpc.a]\ncidr = \"10.1.0.0/16\"\n\n[vpc.b]\ncidr = \"10.2.0.0/16\"\n",
    ));
    lab.apply().exits(0);
    let taken = state(&lab, "move", &["vpc.a", "vpc.b", "--auto-approve"]).exits(1);
    says(&taken.err, "vpc.a cannot become vpc.b: both live");
    assert!(!taken.err.contains("[[moved]]"), "{}", taken.err);
    let same = state(&lab, "move", &["vpc.a", "vpc.a"]).exits(1);
    says(&same.err, "the two names are the same");
    let other = state(&lab, "move", &["vpc.a", "subnet.a"]).exits(1);
    says(&other.err, "an object of AWS stays what it is");
    lab.destroy().exits(0);
}

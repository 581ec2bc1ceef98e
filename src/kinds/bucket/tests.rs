//! What a bucket's table becomes.

use super::*;
use crate::model::{Span, Value};

fn expanded(inputs: Attributes) -> Declared {
    let mut table = Declared {
        address: Address::new("bucket", "data"),
        stack: "lab".into(),
        region: "ap-northeast-1".into(),
        inputs,
        spans: [("kms_key".to_owned(), Span { start: 3, end: 4 })].into(),
        span: 0..1,
        tags: Tags::new(),
        parts: Vec::new(),
        problems: Vec::new(),
    };
    Bucket.expand(&mut table);
    table
}

fn part<'t>(table: &'t Declared, label: &str) -> Option<&'t Attributes> {
    let mut parts = table.parts.iter();
    parts
        .find(|part| part.address.label() == label)
        .map(|part| &part.inputs)
}

#[test]
fn a_plain_bucket_is_closed_and_encrypted() {
    let table = expanded(
        Attributes::new()
            .with("name", "x")
            .with("encryption", "AES256"),
    );
    let block = part(&table, "public_access_block").unwrap();
    assert_eq!(block.bool("restrict_public_buckets"), Some(true));
    assert_eq!(block.target("bucket"), Some(&table.address));
    let encryption = part(&table, "encryption").unwrap();
    assert_eq!(encryption.text("algorithm"), Some("AES256"));
    assert_eq!(table.parts.len(), 2);
    assert!(table.problems.is_empty() && table.tags.is_empty());
}

#[test]
fn stated_settings_are_parts_of_their_own() {
    let inputs = Attributes::new()
        .with("force_destroy", true)
        .with("block_public_access", false)
        .with("versioning", false)
        .with("encryption", "aws:kms")
        .with("kms_key", "alias/k");
    let table = expanded(inputs);
    let block = part(&table, "public_access_block").unwrap();
    assert_eq!(block.bool("block_public_policy"), Some(false));
    let versioning = part(&table, "versioning").unwrap();
    assert_eq!(versioning.bool("enabled"), Some(false));
    let encryption = part(&table, "encryption").unwrap();
    assert_eq!(encryption.text("kms_key"), Some("alias/k"));
    assert_eq!(
        table.tags.get(FORCE_DESTROY).map(String::as_str),
        Some("true")
    );
    assert!(table.problems.is_empty());
}

#[test]
fn a_key_that_would_not_be_used_is_told() {
    let inputs = Attributes::new().with("kms_key", "alias/k");
    let table = expanded(inputs);
    assert_eq!(table.problems.len(), 1);
    assert_eq!(table.problems[0].labels[0].span, 3..4);
}

#[test]
fn policy_and_tls_make_one_document() {
    let stated = policy::document(vec![Value::Map(
        [("Effect".to_owned(), "Allow".into())].into(),
    )]);
    let alone = expanded(Attributes::new().with("policy", stated.clone()));
    let both = expanded(
        Attributes::new()
            .with("policy", stated.clone())
            .with("require_tls", true),
    );
    let tls = expanded(Attributes::new().with("require_tls", true));
    let document =
        |table: &Declared| part(table, "policy").and_then(|it| it.get("policy").cloned());
    assert_eq!(document(&alone), Some(stated));
    assert_eq!(policy::statements(&document(&both).unwrap()).len(), 2);
    let tls = policy::statements(&document(&tls).unwrap());
    let resources = tls[0].as_map().unwrap().get("Resource").unwrap();
    let arn = |_: &Reference| Some(Value::from("arn:aws:s3:::x"));
    let resolved = resources.resolve(None, &arn);
    assert_eq!(
        resolved,
        Value::texts(["arn:aws:s3:::x", "arn:aws:s3:::x/*"])
    );
}

#[test]
fn outputs_follow_the_partition() {
    let place = |region: &str| Place {
        account: "1".into(),
        region: region.into(),
    };
    let inputs = Attributes::new().with("name", "x");
    let tokyo = Bucket.predict(&inputs, &place("ap-northeast-1"));
    assert_eq!(tokyo.text("arn"), Some("arn:aws:s3:::x"));
    let host = "x.s3.ap-northeast-1.amazonaws.com";
    assert_eq!(tokyo.text("domain_name"), Some(host));
    let beijing = Bucket.predict(&inputs, &place("cn-north-1"));
    assert_eq!(beijing.text("arn"), Some("arn:aws-cn:s3:::x"));
    let host = "x.s3.cn-north-1.amazonaws.com.cn";
    assert_eq!(beijing.text("domain_name"), Some(host));
}

fn checked(names: &[&str]) -> Vec<Diagnostic> {
    let mut stack = Stack::default();
    for (index, name) in names.iter().enumerate() {
        let node = Node {
            inputs: Attributes::new().with("name", *name),
            span: index..index + 1,
            ..Node::default()
        };
        let address = Address::new("bucket", &format!("b{index}"));
        stack.nodes.insert(address, node);
    }
    let mut problems = Vec::new();
    for node in stack.nodes.values() {
        Bucket.check(node, &stack, &mut problems);
    }
    problems
}

#[test]
fn names_are_checked() {
    assert!(checked(&["sound", "sound-too"]).is_empty());
    assert!(checked(&["Unsound"])[0].is_error());
    assert!(!checked(&["a.dot"])[0].is_error());
    assert_eq!(checked(&["twice", "twice"]).len(), 1);
}

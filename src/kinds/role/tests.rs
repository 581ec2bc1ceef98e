//! What a role's table becomes, and which names it may have.

use super::expanding::{name_of, principal_of, whole_arn};
use super::*;
use crate::model::{Address, Piece, Tags};

fn expanded(inputs: Attributes) -> Declared {
    let mut table = Declared {
        address: Address::new("role", "instance"),
        stack: "lab".into(),
        region: "ap-northeast-1".into(),
        inputs,
        spans: std::collections::BTreeMap::new(),
        span: 0..1,
        tags: Tags::new(),
        parts: Vec::new(),
        problems: Vec::new(),
    };
    Role.expand(&mut table);
    table
}

fn parts(table: &Declared) -> Vec<String> {
    let parts = table.parts.iter();
    parts.map(|part| part.address.to_string()).collect()
}

#[test]
fn a_role_for_ec2_has_a_profile() {
    let table = expanded(Attributes::new().with("service", "ec2"));
    assert_eq!(table.inputs.text("name"), Some("lab-instance"));
    assert_eq!(table.inputs.text("path"), Some("/s3net/lab/"));
    let trust = table.inputs.get("trust").unwrap();
    assert_eq!(policy::principals(trust), ["ec2.amazonaws.com"]);
    assert_eq!(parts(&table), ["role.instance/instance_profile"]);
    let profile = &table.parts[0].inputs;
    assert_eq!(profile.text("name"), Some("lab-instance"));
    assert_eq!(profile.target("role"), Some(&table.address));
    assert!(table.problems.is_empty());
}

#[test]
fn policies_are_parts_known_by_name() {
    let document = policy::document(vec![]);
    let inline = Value::Map([("s3".to_owned(), document.clone())].into());
    let mut inputs = Attributes::new().with("service", "lambda").with(
        "managed_policies",
        vec![
            Value::from("AmazonSSMManagedInstanceCore"),
            Value::from("service-role/AmazonS3ObjectLambdaExecutionRolePolicy"),
            Value::from("arn:aws:iam::123456789012:policy/team/Ours"),
        ],
    );
    inputs.0.insert("inline_policies".into(), inline);
    let table = expanded(inputs);
    assert_eq!(
        parts(&table),
        [
            "role.instance/managed_policy:AmazonSSMManagedInstanceCore",
            "role.instance/managed_policy:AmazonS3ObjectLambdaExecutionRolePolicy",
            "role.instance/managed_policy:Ours",
            "role.instance/inline_policy:s3",
        ]
    );
    let arn = |index: usize| table.parts[index].inputs.text("policy_arn").unwrap();
    assert_eq!(
        arn(0),
        "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    );
    let by_path = "arn:aws:iam::aws:policy/service-role/AmazonS3ObjectLambdaExecutionRolePolicy";
    assert_eq!(arn(1), by_path);
    assert_eq!(arn(2), "arn:aws:iam::123456789012:policy/team/Ours");
    assert_eq!(table.parts[3].inputs.get("policy"), Some(&document));
    assert!(table.problems.is_empty());
}

#[test]
fn somebody_must_be_able_to_take_it_one_way() {
    assert_eq!(expanded(Attributes::new()).problems.len(), 1);
    let trust = policy::trust_of_service("lambda.amazonaws.com");
    let mut inputs = Attributes::new();
    inputs.0.insert("trust".into(), trust);
    assert!(expanded(inputs.clone()).problems.is_empty());
    assert!(expanded(inputs.clone()).parts.is_empty());
    assert_eq!(expanded(inputs.with("service", "ec2")).problems.len(), 1);
}

#[test]
fn a_policy_must_be_one() {
    let policies = vec![Value::from("arn:aws:iam::aws:role/x")];
    let inputs = Attributes::new().with("service", "lambda");
    let table = expanded(inputs.with("managed_policies", policies));
    assert_eq!(table.problems.len(), 1);
}

#[test]
fn principals_and_policies_follow_the_partition() {
    assert_eq!(principal_of("ec2", "cn-north-1"), "ec2.amazonaws.com.cn");
    assert_eq!(principal_of("ec2", "us-gov-west-1"), "ec2.amazonaws.com");
    assert_eq!(principal_of("lambda", "cn-north-1"), "lambda.amazonaws.com");
    assert_eq!(principal_of("a.b.com", "cn-north-1"), "a.b.com");
    let arn = whole_arn(&"X".into(), "us-gov-west-1");
    assert_eq!(arn.as_text(), Some("arn:aws-us-gov:iam::aws:policy/X"));
    assert_eq!(whole_arn(&"".into(), "eu-west-1"), Value::from(""));
}

#[test]
fn a_policy_whose_account_is_not_known_has_a_name() {
    let piece = |text: &str| Piece::Text(text.into());
    let arn = Value::Template(vec![
        piece("arn:aws:iam::"),
        Piece::Account,
        piece(":policy/X"),
    ]);
    assert_eq!(name_of(&arn).as_deref(), Some("X"));
    let ends_unknown = Value::Template(vec![piece("arn:aws:iam::1:policy/"), Piece::Account]);
    assert_eq!(name_of(&ends_unknown), None);
    let begins_unknown = Value::Template(vec![Piece::Account, piece("-x")]);
    assert_eq!(name_of(&begins_unknown), None);
}

fn checked(names: &[&str], path: &str) -> usize {
    let mut stack = Stack::default();
    for (index, name) in names.iter().enumerate() {
        let inputs = Attributes::new().with("name", *name).with("path", path);
        let node = Node {
            inputs,
            span: index..index + 1,
            ..Node::default()
        };
        let address = Address::new("role", &format!("r{index}"));
        stack.nodes.insert(address, node);
    }
    let mut problems = Vec::new();
    for node in stack.nodes.values() {
        Role.check(node, &stack, &mut problems);
    }
    problems.len()
}

#[test]
fn names_and_paths_are_checked() {
    assert_eq!(
        checked(&["lab-instance", "a+b=c,d.e@f_g-h"], "/s3net/lab/"),
        0
    );
    assert_eq!(checked(&[&"x".repeat(64)], "/"), 0);
    assert_eq!(checked(&[&"x".repeat(65)], "/"), 1);
    assert_eq!(checked(&["a b"], "/"), 1);
    assert_eq!(checked(&["Same", "same"], "/"), 1);
    for path in ["x/", "/x", "//", "/a b/", ""] {
        assert_eq!(checked(&["r"], path), 1, "{path}");
    }
}

#[test]
fn an_arn_is_certain_before_the_role_exists() {
    let place = Place {
        account: "123456789012".into(),
        region: "cn-north-1".into(),
    };
    let inputs = Attributes::new().with("name", "r").with("path", "/p/");
    let arn = Role.predict(&inputs, &place);
    assert_eq!(
        arn.text("arn"),
        Some("arn:aws-cn:iam::123456789012:role/p/r")
    );
}

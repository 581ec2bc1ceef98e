//! Splitting a group's rules off its table.

use super::*;
use crate::model::{Address, Tags, Value};

fn expanded(inputs: Attributes) -> Declared {
    let mut table = Declared {
        address: Address::new("security_group", "endpoint"),
        stack: "lab".into(),
        region: "eu-west-1".into(),
        inputs,
        spans: [("egress[0].to".to_owned(), 60..70)].into(),
        span: 0..10,
        tags: Tags::new(),
        parts: Vec::new(),
        problems: Vec::new(),
    };
    SecurityGroup.expand(&mut table);
    table
}

fn parts(table: &Declared) -> Vec<String> {
    let parts = table.parts.iter();
    parts.map(|part| part.address.to_string()).collect()
}

fn rule(peer: &str, to: &str) -> Value {
    Value::Map(
        [
            ("protocol".into(), "all".into()),
            (peer.to_owned(), to.into()),
        ]
        .into(),
    )
}

#[test]
fn without_egress_aws_own_rule_is_a_part() {
    let table = expanded(Attributes::new());
    assert_eq!(
        parts(&table),
        ["security_group.endpoint/egress:all:all:0.0.0.0/0"]
    );
    assert_eq!(table.inputs.get("default_egress"), None);
    assert_eq!(table.inputs.text("group_name"), Some("lab-endpoint"));
    assert_eq!(
        table.inputs.text("description"),
        Some("endpoint, managed by s3net")
    );
}

#[test]
fn a_list_of_egress_turns_aws_own_rule_off_unless_it_is_in_it() {
    let egress = |rules: Vec<Value>| expanded(Attributes::new().with("egress", rules));
    let none = egress(Vec::new());
    assert!(none.parts.is_empty());
    assert_eq!(none.inputs.bool("default_egress"), Some(false));
    let one = egress(vec![rule("to", "10.0.0.0/8")]);
    assert_eq!(
        parts(&one),
        ["security_group.endpoint/egress:all:all:10.0.0.0/8"]
    );
    assert_eq!(one.inputs.bool("default_egress"), Some(false));
    let kept = egress(vec![rule("to", "0.0.0.0/0")]);
    assert_eq!(kept.parts.len(), 1);
    assert_eq!(kept.inputs.get("default_egress"), None);
}

#[test]
fn rules_that_aws_takes_for_one_are_told() {
    let rules = vec![
        rule("from", "self"),
        rule("from", "security_group.endpoint"),
    ];
    let table = expanded(Attributes::new().with("ingress", rules));
    let told: Vec<_> = table.problems.iter().map(|p| p.problem.as_str()).collect();
    assert_eq!(
        told,
        ["`all:all:self` stands twice in security_group.endpoint"]
    );
}

#[test]
fn faults_stand_at_their_field() {
    let rules = vec![rule("to", "10.0.0.1/8")];
    let table = expanded(Attributes::new().with("egress", rules));
    assert_eq!(table.problems[0].labels[0].span, 60..70);
    assert_eq!(
        table.problems[0].remedy.as_deref(),
        Some("write `10.0.0.0/8`")
    );
}

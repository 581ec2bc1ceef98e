//! Whose holders are and what becomes of them, told in full.

use super::super::services::GUARD_DUTY;
use super::*;
use crate::model::holder;

fn tagged(pairs: &[(&str, &str)]) -> Tags {
    let pairs = pairs.iter();
    pairs
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn told(sightings: Vec<Sighting>, leaving: &[&str]) -> (String, String) {
    let leaving = leaving.iter().map(|id| (*id).to_owned()).collect();
    let holders = judged(
        sightings,
        Ours {
            stack: "lab",
            account: "111122223333",
            leaving: &leaving,
            reach: "--region eu-west-1",
        },
    );
    let remedy = holder::remedy(&holders).unwrap_or_default();
    (holder::in_lines(&holders).join("\n"), remedy)
}

#[test]
fn a_strangers_thing_is_left_alone_and_the_command_is_told() {
    let web = Sighting::new(Noun::Instance, Some("i-1")).tagged(tagged(&[("Name", "web")]));
    let (lines, remedy) = told(vec![web], &[]);
    insta::assert_snapshot!(lines, @r#"- instance i-1 "web", not made by s3net: left alone, for you to decide"#);
    insta::assert_snapshot!(remedy, @r"
    - instance i-1: not s3net's to terminate; if it may go:
    aws ec2 terminate-instances --region eu-west-1 --instance-ids i-1
    Then run again: it goes on from here.
    ");
}

#[test]
fn another_stacks_thing_is_for_that_stack_to_destroy() {
    let tags = tagged(&[
        ("s3net:stack", "shop"),
        ("s3net:address", "security_group.db"),
    ]);
    let noun = Noun::Rule {
        group: "sg-9".into(),
        egress: false,
    };
    let mut rule = Sighting::new(noun, Some("sgr-1")).tagged(tags);
    rule.note = Some("of security group sg-9".into());
    let (lines, remedy) = told(vec![rule], &[]);
    insta::assert_snapshot!(lines, @"- ingress rule sgr-1 (of security group sg-9), security_group.db of stack shop: left alone, for you to decide");
    insta::assert_snapshot!(remedy, @r"
    - ingress rule sgr-1: run `s3net destroy` for stack shop first, or take the rule out of security_group.db there and apply that
    Then run again: it goes on from here.
    ");
}

#[test]
fn what_goes_by_itself_or_by_this_run_needs_nobody() {
    let ours = tagged(&[("s3net:stack", "lab"), ("s3net:address", "instance.one")]);
    let mut nat = Sighting::new(Noun::NatGateway, Some("nat-1"));
    nat.going = true;
    let one = Sighting::new(Noun::Instance, Some("i-1")).tagged(ours.clone());
    let (lines, remedy) = told(vec![nat.clone(), one.clone()], &["i-1"]);
    insta::assert_snapshot!(lines, @r"
    - instance i-1, instance.one of this stack: this run deletes it, so it is waited for
    - NAT gateway nat-1, not made by s3net: AWS takes it down, so it is waited for
    ");
    assert_eq!(remedy, "");
    // What is ours and stays needs a word.
    let (lines, remedy) = told(vec![nat, one], &[]);
    assert!(lines.starts_with("- instance i-1, instance.one of this stack: left alone"));
    assert!(remedy.contains("this run does not delete it"), "{remedy}");
}

#[test]
fn guard_duty_is_named_and_left_alone() {
    let mut endpoint = Sighting::new(Noun::Endpoint, Some("vpce-1"));
    endpoint.service = Some(GUARD_DUTY);
    endpoint.note = Some("com.amazonaws.eu-west-1.guardduty-data".into());
    let mut group = Sighting::new(Noun::SecurityGroup, Some("sg-1"));
    group.service = Some(GUARD_DUTY);
    let (lines, remedy) = told(vec![group, endpoint], &[]);
    insta::assert_snapshot!(lines, @r"
    - VPC endpoint vpce-1 (com.amazonaws.eu-west-1.guardduty-data), put there by Amazon GuardDuty: left alone, for you to decide
    - security group sg-1, put there by Amazon GuardDuty: left alone, for you to decide
    ");
    assert!(remedy.contains("aws ec2 delete-vpc-endpoints"), "{remedy}");
    assert!(remedy.contains("aws ec2 delete-security-group"), "{remedy}");
}

#[test]
fn another_accounts_thing_is_for_its_owner() {
    let mut eni = Sighting::new(Noun::Interface, Some("eni-1"));
    eni.account = Some("999988887777".into());
    let (lines, remedy) = told(vec![eni.clone()], &[]);
    assert!(lines.contains("of account 999988887777"), "{lines}");
    assert!(!remedy.contains("aws ec2"), "{remedy}");
    eni.account = Some("111122223333".into());
    let (lines, remedy) = told(vec![eni], &[]);
    assert!(lines.contains("not made by s3net"), "{lines}");
    assert!(remedy.contains("delete-network-interface"), "{remedy}");
}

#[test]
fn each_is_told_once_and_the_sights_add_up() {
    let by_interface = Sighting::new(Noun::Endpoint, Some("vpce-1"));
    let mut by_name = Sighting::new(Noun::Endpoint, Some("vpce-1"));
    by_name.service = Some(GUARD_DUTY);
    let (lines, _) = told(vec![by_interface, by_name], &[]);
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert!(lines.contains("GuardDuty"), "{lines}");
}

#[test]
fn garbage_in_tags_stays_in_its_line() {
    let long = format!("x\n\u{1b}[2Jhint: run rm -rf{}", "y".repeat(10_000));
    let tags = tagged(&[
        ("s3net:stack", &long),
        ("s3net:address", "\n\n"),
        ("Name", &long),
    ]);
    let eni = Sighting::new(Noun::Interface, None).tagged(tags);
    let (lines, remedy) = told(vec![eni], &[]);
    assert_eq!(lines.lines().count(), 1, "{lines}");
    assert!(lines.len() < 500, "{lines}");
    assert_eq!(remedy.lines().count(), 2, "{remedy}");
    assert!(!lines.contains(char::is_control) && !remedy.contains('\u{1b}'));
}

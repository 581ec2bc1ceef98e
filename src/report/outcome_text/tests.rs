//! What outcomes look like at 80 columns, without colour.

use super::*;
use crate::aws::CallError;
use crate::model::Action;
use crate::model::Holder;
use crate::model::holder::{Fate, Owner};
use crate::report::samples::{Sample, address, an_outcome, id_of, new_network, refused};

fn text(plan: &Plan, outcome: &Outcome, verb: Verb) -> String {
    super::outcome(plan, outcome, Duration::from_secs(92), Style::PLAIN, verb)
}

#[test]
fn all_is_done() {
    let plan = new_network().plan();
    let outcome = an_outcome(&plan, |_| true, &[]);
    insta::assert_snapshot!(
        text(&plan, &outcome, Verb::Apply),
        @"Apply complete in 1m32s: 6 created, 0 changed, 0 destroyed."
    );
    let mut destroyed = Sample::new().has("subnet.a", "subnet-1", []);
    destroyed.destroy = true;
    let plan = destroyed.plan();
    let outcome = an_outcome(&plan, |_| true, &[]);
    insta::assert_snapshot!(
        text(&plan, &outcome, Verb::Destroy),
        @"Destroy complete in 1m32s: 1 destroyed."
    );
}

#[test]
fn a_replaced_node_counts_once() {
    let sample = Sample::new()
        .wants("subnet.a", [("cidr", "10.0.1.0/24".into())])
        .has("subnet.a", "subnet-1", [("cidr", "10.0.2.0/24".into())])
        .wants("instance.one", [("subnet", id_of("subnet.a"))]);
    let plan = sample.plan();
    let outcome = an_outcome(&plan, |_| true, &[]);
    insta::assert_snapshot!(
        text(&plan, &outcome, Verb::Apply),
        @"Apply complete in 1m32s: 1 created, 0 changed, 1 replaced, 0 destroyed."
    );
    // Only the old one is gone so far.
    let mut half = an_outcome(&plan, |_| false, &[]);
    half.done.push((address("subnet.a"), Action::Delete));
    assert_eq!(counts(&plan, &half).destroyed, 1);
}

/// As a role and its instance profile have one name.
#[test]
fn two_objects_of_one_id_count_twice() {
    let sample = Sample::new()
        .wants("subnet.a", [("cidr", "10.0.1.0/24".into())])
        .has("subnet.a", "lab", [("cidr", "10.0.2.0/24".into())])
        .wants("instance.one", [("subnet", id_of("subnet.a"))])
        .has("instance.one", "lab", [("subnet", "lab".into())]);
    let plan = sample.plan();
    let outcome = an_outcome(&plan, |_| true, &[]);
    insta::assert_snapshot!(
        text(&plan, &outcome, Verb::Apply),
        @"Apply complete in 1m32s: 0 created, 0 changed, 2 replaced, 0 destroyed."
    );
}

#[test]
fn some_of_it_failed() {
    let plan = new_network().plan();
    let held = CallError::Held {
        id: "vpc-0a1b".into(),
        holders: vec![
            Holder {
                what: "instance".into(),
                id: "i-0123456789abcdef0".into(),
                note: Some("\"web\" (network interface eni-0123456789abcdef0)".into()),
                owner: Owner::Unknown { account: None },
                fate: Fate::Ask {
                    advice: "not s3net's to terminate; if it may go:".into(),
                    command: Some(
                        "aws ec2 terminate-instances --region ap-northeast-1 \\\n\
                         --instance-ids i-0123456789abcdef0"
                            .into(),
                    ),
                },
            },
            Holder {
                what: "network interface".into(),
                id: "eni-1".into(),
                note: Some("(RDSNetworkInterface)".into()),
                owner: Owner::Service {
                    name: "Amazon RDS".into(),
                },
                fate: Fate::Wait,
            },
        ],
        refusal: Box::new(refused()),
    };
    let outcome = an_outcome(
        &plan,
        |address| address.kind == "vpc" || address.kind == "route_table" && address.part.is_none(),
        &[("subnet.private-2", refused()), ("subnet.private-10", held)],
    );
    insta::assert_snapshot!(text(&plan, &outcome, Verb::Apply));
}

#[test]
fn all_of_a_long_list_waits() {
    let mut sample = Sample::new().wants("vpc.main", []);
    for n in 1..=60 {
        sample = sample.wants(&format!("subnet.private-{n}"), [("vpc", id_of("vpc.main"))]);
    }
    let plan = sample.plan();
    let no_answer = CallError::NoAnswer {
        operation: "CreateVpc",
        reason: "error trying to connect: Connection refused (os error 111)".into(),
        sent: false,
    };
    let outcome = an_outcome(&plan, |_| false, &[("vpc.main", no_answer)]);
    insta::assert_snapshot!(text(&plan, &outcome, Verb::Apply));
}

#[test]
fn the_user_asked_to_stop() {
    let plan = new_network().plan();
    let mut outcome = an_outcome(&plan, |address| address.kind == "vpc", &[]);
    outcome.interrupted = true;
    insta::assert_snapshot!(text(&plan, &outcome, Verb::Apply));
}

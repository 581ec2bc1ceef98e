//! What documents look like.

use super::*;
use crate::report::samples::{Sample, address, an_outcome, id_of, refused, with};

fn sample() -> Sample {
    Sample::new()
        .wants("vpc.main", [("cidr", "10.0.0.0/16".into())])
        .has("vpc.main", "vpc-1", [("cidr", "10.0.0.0/16".into())])
        .wants(
            "subnet.a",
            [("vpc", id_of("vpc.main")), ("cidr", "10.0.1.0/24".into())],
        )
        .has(
            "subnet.a",
            "subnet-1",
            [("vpc", "vpc-1".into()), ("cidr", "10.0.2.0/24".into())],
        )
        .wants(
            "instance.one",
            [
                ("subnet", id_of("subnet.a")),
                ("user_data", "PASSWORD=hunter2".into()),
            ],
        )
}

#[test]
fn a_plan() {
    let document = plan_document(&sample().plan(), Ahead::default());
    assert!(!document.to_string().contains("hunter2"));
    insta::assert_json_snapshot!(document);
}

#[test]
fn an_outcome_with_a_failure() {
    let plan = sample().plan();
    let mut outcome = an_outcome(&plan, |_| false, &[]);
    let taken = outcome
        .not_started
        .iter()
        .position(|(_, a)| *a == Action::Delete)
        .unwrap();
    outcome.done.push(outcome.not_started.remove(taken));
    let failed = outcome
        .not_started
        .iter()
        .position(|(a, _)| *a == address("subnet.a"))
        .unwrap();
    let (address, action) = outcome.not_started.remove(failed);
    outcome.failed.push(crate::apply::Failure {
        address,
        action,
        made: None,
        error: refused(),
    });
    let known = with([
        ("id", "i-1".into()),
        ("user_data", "PASSWORD=hunter2".into()),
        ("private_ip", crate::model::Value::Unknown),
    ]);
    outcome.facts.insert(Address::new("instance", "one"), known);
    let document = outcome_document(&plan, &outcome, Duration::from_millis(1234), Verb::Apply);
    assert!(!document.to_string().contains("hunter2"));
    insta::assert_json_snapshot!(document);
}

#[test]
fn an_event() {
    let event = Event::Finished {
        address: Address::new("vpc", "main"),
        action: Action::Create,
        id: Some("vpc-1".into()),
        elapsed: Duration::from_millis(420),
    };
    let now = "2026-11-21T23:30:00Z".parse().unwrap();
    insta::assert_snapshot!(
        event_document(&event, now, Some(Duration::from_secs(80)), None),
        @r#"{"action":"create","address":"vpc.main","elapsed_ms":420,"event":"finished","format_version":"1.3","id":"vpc-1","left_ms":80000,"time":"2026-11-21T23:30:00Z","usual_ms":null}"#
    );
}

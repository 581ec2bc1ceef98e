//! What is wanted back, without an account: real kinds, made-up objects.

use super::*;
use crate::kinds::registry;
use crate::model::{Piece, Place, Reference, Value};

fn place() -> Place {
    Place {
        account: "123456789012".into(),
        region: "eu-west-1".into(),
    }
}

fn tagged(kind: &str, name: &str, id: &str, attributes: Attributes) -> Live {
    let tags = [
        (tags::STACK.to_owned(), "lab".to_owned()),
        (tags::ADDRESS.to_owned(), format!("{kind}.{name}")),
    ];
    Live::tagged(id, tags.into(), attributes)
}

fn endpoint(id: &str) -> Live {
    let attributes = Attributes::new()
        .with("vpc", "vpc-1")
        .with("service", "com.amazonaws.eu-west-1.s3")
        .with("route_tables", Value::List(Vec::new()));
    tagged("gateway_endpoint", "s3", id, attributes)
}

fn vpc() -> Live {
    let attributes = Attributes::new()
        .with("cidr", "10.0.0.0/16")
        .with("dns_support", true)
        .with("dns_hostnames", true)
        .with("tenancy", "default");
    tagged("vpc", "main", "vpc-1", attributes)
}

fn policy(vpce: &str) -> Live {
    let bucket = Address::new("bucket", "data");
    let statement = Value::Map(
        [
            ("Effect".to_owned(), Value::from("Deny")),
            ("aws:SourceVpce".to_owned(), Value::from(vpce)),
            (
                "Note".to_owned(),
                Value::text(format!("only by {vpce}, not by {vpce}0")),
            ),
        ]
        .into(),
    );
    let attributes = Attributes::new()
        .with("bucket", "lab-data")
        .with("policy", statement);
    Live::keyed(bucket.part("policy", ""), "lab-data", attributes)
}

/// A world of these objects, for a closure.
fn in_world<T>(live: &[Live], remembered: &Snapshot, then: impl FnOnce(&World<'_>) -> T) -> T {
    let wanted = Stack {
        name: "lab".into(),
        region: "eu-west-1".into(),
        ..Stack::default()
    };
    then(&World {
        registry: registry(),
        place: &place(),
        wanted: &wanted,
        existing: &BTreeMap::new(),
        live,
        remembered,
        destroy: false,
        wishes: &NO_WISHES,
    })
}

/// The plan that goes back from `after` to `before`, where a run touched these.
fn back(before: &[Live], after: &[Live], touched: &[&Address]) -> Plan {
    let nothing = Snapshot::new("lab");
    in_world(before, &nothing, |world| {
        let ran = plan(world).unwrap();
        let touched = Touched {
            nodes: touched.iter().map(|it| (*it).clone()).collect(),
            let_go: BTreeSet::new(),
        };
        let undoing = Undoing::of(world, &ran, &touched, after, &nothing);
        undoing.plan(world).unwrap()
    })
}

fn deeds(plan: &Plan) -> Vec<String> {
    let steps = plan.steps.nodes().map(|(_, step)| step);
    let steps = steps.filter(|step| step.action != Action::Keep);
    let mut deeds: Vec<String> = steps
        .map(|step| format!("{} {}", step.action.doing(), step.address))
        .collect();
    deeds.sort();
    deeds
}

#[test]
fn what_the_run_did_not_touch_is_left_as_it_is_now() {
    let before = [vpc(), endpoint("vpce-1")];
    let mut changed = vpc();
    changed.attributes.set("dns_hostnames", false);
    let after = [changed, endpoint("vpce-1")];
    assert_eq!(deeds(&back(&before, &after, &[])), [""; 0]);
    let main = Address::new("vpc", "main");
    assert_eq!(
        deeds(&back(&before, &after, &[&main])),
        ["changing vpc.main"]
    );
}

#[test]
fn what_the_run_made_goes_and_what_it_deleted_is_made_again() {
    let (main, s3) = (
        Address::new("vpc", "main"),
        Address::new("gateway_endpoint", "s3"),
    );
    let with = [vpc(), endpoint("vpce-1")];
    let without = [vpc()];
    assert_eq!(
        deeds(&back(&without, &with, &[&s3])),
        ["deleting gateway_endpoint.s3"]
    );
    assert_eq!(
        deeds(&back(&with, &without, &[&s3, &main])),
        ["creating gateway_endpoint.s3"]
    );
}

#[test]
fn a_policy_names_what_is_made_again_by_its_new_id() {
    let s3 = Address::new("gateway_endpoint", "s3");
    let bucket = tagged(
        "bucket",
        "data",
        "lab-data",
        Attributes::new()
            .with("name", "lab-data")
            .with("force_destroy", false),
    );
    let before = [vpc(), endpoint("vpce-1"), bucket.clone(), policy("vpce-1")];
    // The run has taken the endpoint away, and the policy's word of it.
    let after = [vpc(), bucket, policy("vpce-other")];
    let part = Address::new("bucket", "data").part("policy", "");
    let plan = back(&before, &after, &[&s3, &part]);
    assert_eq!(
        deeds(&plan),
        [
            "changing bucket.data/policy",
            "creating gateway_endpoint.s3"
        ]
    );
    let mut steps = plan.steps.nodes();
    let (_, step) = steps.find(|(_, step)| step.address == part).unwrap();
    let statement = step.inputs.get("policy").and_then(Value::as_map).unwrap();
    let id = Reference::id(s3);
    assert_eq!(statement["aws:SourceVpce"], Value::Reference(id.clone()));
    // A longer id that begins alike is another one.
    assert_eq!(
        statement["Note"],
        Value::Template(vec![
            Piece::Text("only by ".into()),
            Piece::Reference(id),
            Piece::Text(", not by vpce-10".into()),
        ])
    );
}

#[test]
fn a_renamed_object_gets_its_old_name_back() {
    let before = [vpc()];
    let mut renamed = vpc();
    let other = Address::new("vpc", "other");
    renamed.address = Some(other.clone());
    renamed.tags.insert(tags::ADDRESS.into(), other.to_string());
    let plan = back(&before, &[renamed], &[&other]);
    assert_eq!(deeds(&plan), ["changing vpc.main"]);
    let (_, step) = plan.steps.nodes().next().unwrap();
    assert_eq!(step.tag_change.set[tags::ADDRESS], "vpc.main");
}

#[test]
fn what_the_run_made_may_go_although_the_file_guards_it() {
    let made = Remembered {
        id: "vpce-1".into(),
        prevent_destroy: true,
        forget_on_remove: true,
        ..Remembered::default()
    };
    let s3 = Address::new("gateway_endpoint", "s3");
    let mut after = Snapshot::new("lab");
    after.nodes.insert(s3.clone(), made);
    let nothing = Snapshot::new("lab");
    in_world(&[vpc()], &nothing, |world| {
        let ran = plan(world).unwrap();
        let touched = Touched {
            nodes: [s3.clone()].into(),
            let_go: BTreeSet::new(),
        };
        let live = [vpc(), endpoint("vpce-1")];
        let undoing = Undoing::of(world, &ran, &touched, &live, &after);
        let plan = undoing.plan(world).unwrap();
        assert_eq!(deeds(&plan), ["deleting gateway_endpoint.s3"]);
    });
}

#[test]
fn what_was_let_go_is_taken_back_by_its_tags() {
    let s3 = Address::new("gateway_endpoint", "s3");
    let nothing = Snapshot::new("lab");
    in_world(&[vpc(), endpoint("vpce-1")], &nothing, |world| {
        let ran = plan(world).unwrap();
        let touched = Touched {
            nodes: [s3.clone()].into(),
            let_go: [s3.clone()].into(),
        };
        // Nobody finds it any more: it carries no tag of ours.
        let undoing = Undoing::of(world, &ran, &touched, &[vpc()], &nothing);
        let plan = undoing.plan(world).unwrap();
        assert_eq!(deeds(&plan), ["changing gateway_endpoint.s3"]);
        let mut steps = plan.steps.nodes();
        let (_, step) = steps.find(|(_, step)| step.address == s3).unwrap();
        assert_eq!(step.id.as_deref(), Some("vpce-1"));
        assert_eq!(step.tag_change.set[tags::STACK], "lab");
    });
}

#[test]
fn what_is_lost_is_known_before_the_run_as_well_as_after_it() {
    let one = Address::new("instance", "one");
    let mut live = tagged("instance", "one", "i-1", Attributes::new());
    live.tags.insert("Backup".into(), "daily".into());
    let hash = "sha256:0123";
    let memory = Remembered {
        id: "i-1".into(),
        attributes: Attributes::new().with("user_data", hash),
        tags: [(tags::STACK.to_owned(), "lab".to_owned())].into(),
        ..Remembered::default()
    };
    let mut remembered = Snapshot::new("lab");
    remembered.nodes.insert(one.clone(), memory);
    let what = |lost: &[Lost]| -> Vec<String> { lost.iter().map(|it| it.what.clone()).collect() };
    let expected = [
        "its disk, and what ran on it",
        "its user_data, of which only a hash is known",
        "the tags of others: Backup",
    ];
    let before = [live];
    in_world(&before, &remembered, |world| {
        // The file wants nothing of it any more.
        let ran = plan(world).unwrap();
        assert_eq!(what(&losses(world, &ran)), expected);
        let touched = Touched {
            nodes: [one].into(),
            let_go: BTreeSet::new(),
        };
        let undoing = Undoing::of(world, &ran, &touched, &[], &Snapshot::new("lab"));
        assert_eq!(what(&undoing.lost), expected);
    });
}

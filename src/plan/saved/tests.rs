//! What is written is read again, and nothing else is.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::graph::Dag;
use crate::kind::{Foreign, Lifecycle};
use crate::kinds::registry;
use crate::model::tags::TagChange;
use crate::model::{Action, Address, Attributes, Piece, Reference, Tags, Value as Held};
use crate::plan::{
    Basis, Because, Difference, Drifted, FieldDrift, Happened, LeftOut, PlannedStep, Reason,
    TagDrift,
};

const SECRET: &str = "hunter2-of-the-launch-script";

fn vpc() -> Address {
    Address::new("vpc", "main")
}

fn place() -> Place {
    Place {
        account: "123456789012".into(),
        region: "eu-west-1".into(),
    }
}

fn step(address: Address, action: Action) -> PlannedStep {
    PlannedStep {
        address,
        action,
        replace: None,
        was: None,
        id: None,
        inputs: Attributes::new(),
        preview: Attributes::new(),
        live: Attributes::new(),
        differences: Vec::new(),
        tags: Tags::new(),
        tag_change: TagChange::default(),
        lifecycle: Lifecycle::default(),
        generation: 1,
        implied: false,
        given_back: false,
    }
}

/// A plan with every form of step, and every form of value.
fn plan() -> Plan {
    let mut steps = Dag::new();
    let subnet = Address::new("subnet", "a");
    let made = steps.add(PlannedStep {
        inputs: Attributes::new()
            .with("vpc", Reference::id(vpc()))
            .with(
                "name",
                Held::Template(vec![
                    Piece::Text("in ".into()),
                    Piece::Account,
                    Piece::Reference(Reference::id(vpc())),
                ]),
            )
            .with(
                "zones",
                vec![Held::Bool(true), Held::Integer(-7), Held::Null],
            )
            .with("policy", Held::Map([("Id".to_owned(), "x".into())].into()))
            .with("user_data", SECRET),
        preview: Attributes::new()
            .with("vpc", Held::Unknown)
            .with("user_data", SECRET),
        tags: [("Name".to_owned(), "a".to_owned())].into(),
        lifecycle: Lifecycle {
            prevent_destroy: true,
            ignore: vec!["tags".into()],
            forget_on_remove: true,
            create_before_destroy: true,
        },
        replace: Some("AWS cannot change a subnet's IPv4 block".into()),
        id: Some("subnet-1".into()),
        ..step(subnet.clone(), Action::Create)
    });
    let gone = steps.add(PlannedStep {
        id: Some("subnet-1".into()),
        live: Attributes::new().with("cidr", "10.0.1.0/24"),
        implied: true,
        generation: 0,
        ..step(subnet, Action::Delete)
    });
    let changed = steps.add(PlannedStep {
        id: Some("vpc-1".into()),
        differences: vec![
            Difference {
                field: "cidr".into(),
                before: Some("10.0.0.0/16".into()),
                after: Held::Unknown,
                replaces: Some("AWS cannot".into()),
            },
            Difference {
                field: "user_data".into(),
                before: None,
                after: SECRET.into(),
                replaces: None,
            },
        ],
        tag_change: TagChange {
            set: [("K".to_owned(), "v".to_owned())].into(),
            remove: vec!["Old".into()],
        },
        ..step(vpc(), Action::Update)
    });
    steps.add(step(vpc().part("cidr", "10.1.0.0/16"), Action::Forget));
    steps.add(PlannedStep {
        id: Some("rtb-1".into()),
        inputs: Attributes::new().with("user_data", SECRET),
        ..step(Address::new("route_table", "a"), Action::Keep)
    });
    steps.before(gone, made, Reason("it is made anew".into()));
    steps.before(changed, made, Reason("it refers to it".into()));
    let found = Attributes::new()
        .with("id", "vpc-9")
        .with("user_data", SECRET);
    Plan {
        stack: "lab".into(),
        place: place(),
        steps,
        facts: BTreeMap::from([(Address::existing("vpc", "shared"), found)]),
        foreign: vec![Foreign::new(&vpc(), "route", "10.9.0.0/16 via pcx-1")],
        selection: Selection {
            target: vec!["vpc.*".parse().unwrap()],
            ..Selection::ALL
        },
        left_out: vec![LeftOut {
            step: PlannedStep {
                inputs: Attributes::new().with("user_data", SECRET),
                ..step(Address::new("instance", "one"), Action::Create)
            },
            because: Because::NotTargeted,
            new_first: false,
        }],
        lifetime: None,
        switches: Vec::new(),
    }
}

fn drift() -> Drift {
    let object = |happened| Drifted {
        address: vpc(),
        id: "vpc-1".into(),
        happened,
        basis: Basis::State,
        fields: vec![FieldDrift {
            field: "user_data".into(),
            before: SECRET.into(),
            after: Some(SECRET.into()),
            ignored: true,
            wanted: false,
        }],
        tags: vec![TagDrift {
            key: "Name".into(),
            before: None,
            after: Some("x".into()),
        }],
        broken: Some("it failed".into()),
    };
    Drift {
        stack: "lab".into(),
        place: place(),
        compared: 3,
        by_file: 1,
        objects: vec![
            object(Happened::Changed),
            object(Happened::Gone),
            object(Happened::Appeared),
            object(Happened::Renewed("vpc-0".into())),
        ],
        foreign: Vec::new(),
        unfinished: [vpc()].into(),
        names: [("vpc-1".to_owned(), vpc())].into(),
    }
}

fn saved(content: Content) -> SavedPlan {
    SavedPlan {
        at: "2026-11-22T08:30:00Z".parse().unwrap(),
        by: "0.1.0".into(),
        bound: Bound {
            stack: "lab".into(),
            place: place(),
            local: false,
            file: "lab.toml".into(),
            text_hash: "00".into(),
            variables: [
                ("a".to_owned(), Stated::Value("1".into())),
                ("b".to_owned(), Stated::Sha256("ff".into())),
            ]
            .into(),
            state: BoundState {
                location: None,
                lineage: Some("x".into()),
                serial: 7,
                content: "11".into(),
            },
        },
        asked: Asked::default(),
        content,
        beside: json!({ "more": ["of", 1] }),
    }
}

/// What `show` and `apply` get of a plan.
fn kept() -> SavedPlan {
    saved(Content::Graph(Box::new(sealed_plan(&plan()))))
}

#[test]
fn every_form_of_step_and_value_is_read_as_it_was_written() {
    let kept = kept();
    let again = read(&write(&kept).unwrap()).unwrap();
    assert_eq!(write(&again).unwrap(), write(&kept).unwrap());
    let (Content::Graph(before), Content::Graph(after)) = (&kept.content, &again.content) else {
        panic!("a graph");
    };
    assert_eq!(deviations(before, after, registry()), []);
    let steps = |plan: &Plan| {
        plan.steps
            .nodes()
            .map(|(_, s)| s.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(steps(after), steps(before));
    assert_eq!(after.steps.edges().count(), 2);
    assert_eq!(after.foreign, before.foreign);
    assert_eq!(after.selection, before.selection);
    assert_eq!(after.left_out.len(), 1);
    assert_eq!(after.facts, before.facts);
}

#[test]
fn a_drift_is_read_as_it_was_written() {
    let learned = Learned {
        remembered: [vpc()].into(),
        forgotten: [Address::new("subnet", "a")].into(),
    };
    let kept = saved(Content::Refresh(Box::new(sealed_drift(&drift())), learned));
    let bytes = write(&kept).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains(SECRET));
    let again = read(&bytes).unwrap();
    assert_eq!(write(&again).unwrap(), bytes);
    let Content::Refresh(again, _) = again.content else {
        panic!("a drift");
    };
    assert_eq!(drift_deviations(&again, &drift()), []);
    let mut other = drift();
    other.objects.pop();
    let found = drift_deviations(&again, &other);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn no_secret_is_written_down_and_a_change_of_one_is_seen() {
    let text = String::from_utf8(write(&kept()).unwrap()).unwrap();
    assert!(!text.contains(SECRET));
    assert_eq!(deviations(&kept_plan(), &plan(), registry()), []);
    let first = |of: &mut Plan, value: Held| {
        let step = of.steps.steps().next().unwrap();
        of.steps.node_mut(step).inputs.set("user_data", value);
    };
    // Neither a text nor one that is not known yet passes for another.
    let open = |text: &str| {
        Held::Template(vec![
            Piece::Text(text.into()),
            Piece::Reference(Reference::id(vpc())),
        ])
    };
    let (mut before, mut after) = (plan(), plan());
    first(&mut before, open(SECRET));
    first(&mut after, open(SECRET));
    assert_eq!(deviations(&before, &after, registry()), []);
    assert!(
        !serde_json::to_string(&sealed_plan(&before))
            .unwrap()
            .contains(SECRET)
    );
    for value in [open("another"), "another".into()] {
        first(&mut after, value);
        let found = deviations(&before, &after, registry());
        assert_eq!(found[0].what, What::Content(vec!["user_data".into()]));
    }
}

fn kept_plan() -> Plan {
    match kept().content {
        Content::Graph(plan) => *plan,
        Content::Refresh(..) => panic!("a graph"),
    }
}

#[test]
fn each_way_to_deviate_is_told() {
    let what = |change: &dyn Fn(&mut Plan)| {
        let mut now = plan();
        change(&mut now);
        deviations(&kept_plan(), &now, registry())
    };
    fn at(plan: &mut Plan, place: usize) -> &mut PlannedStep {
        let step = plan.steps.steps().nth(place).unwrap();
        plan.steps.node_mut(step)
    }
    let one = |change: &dyn Fn(&mut Plan)| {
        let found = what(change);
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].what.clone()
    };
    let content = |names: &[&str]| What::Content(names.iter().map(|n| (*n).into()).collect());
    assert_eq!(what(&|_| {}), []);
    let action = What::Action(Some(Action::Update), Some(Action::Keep));
    assert_eq!(one(&|p| at(p, 2).action = Action::Keep), action);
    let object = What::Object(Some("vpc-1".into()), Some("vpc-2".into()));
    assert_eq!(one(&|p| at(p, 2).id = Some("vpc-2".into())), object);
    assert_eq!(
        one(&|p| at(p, 0).inputs.set("cidr", "x")),
        content(&["cidr"])
    );
    assert_eq!(
        one(&|p| at(p, 0).preview.set("vpc", "x")),
        content(&["vpc"])
    );
    assert_eq!(
        one(&|p| at(p, 2).differences.clear()),
        content(&["cidr", "user_data"])
    );
    assert_eq!(one(&|p| at(p, 0).tags.clear()), content(&["tags"]));
    assert_eq!(
        one(&|p| at(p, 0).lifecycle.ignore.clear()),
        content(&["lifecycle"])
    );
    assert_eq!(one(&|p| at(p, 0).replace = None), content(&["replace"]));
    assert_eq!(one(&|p| at(p, 0).generation = 2), content(&["generation"]));
    assert_eq!(one(&|p| at(p, 1).implied = false), content(&["implied"]));
    // A field of the object counts, and an output of AWS's own does not.
    assert_eq!(one(&|p| at(p, 1).live.set("cidr", "x")), content(&["cidr"]));
    assert_eq!(what(&|p| at(p, 1).live.set("available_addresses", 9)), []);
    // Nor does what a node that stays is like.
    assert_eq!(what(&|p| at(p, 4).live.set("vpc", "x")), []);
    assert!(matches!(one(&|p| at(p, 4).id = None), What::Object(..)));
    let order = one(&|p| p.steps.keep_edges(|reason| reason.0 != "it refers to it"));
    assert!(
        matches!(order, What::Order { saved: true, .. }),
        "{order:?}"
    );
    let more = one(&|p| {
        p.steps
            .add(step(Address::new("bucket", "b"), Action::Create));
    });
    assert_eq!(more, What::Action(None, Some(Action::Create)));
}

#[test]
fn what_is_no_saved_plan_is_told_from_a_damaged_one() {
    let bytes = write(&kept()).unwrap();
    assert!(is_one(&bytes) && begins(&bytes));
    assert_eq!(read(b"").unwrap_err(), SavedPlanError::NotOne);
    assert_eq!(read(b"[stack]\n").unwrap_err(), SavedPlanError::NotOne);
    let text = String::from_utf8(bytes).unwrap();
    let newer = text.replacen(":1,", ":2,", 1);
    let error = read(newer.as_bytes()).unwrap_err();
    assert_eq!(error, SavedPlanError::OtherFormat { found: 2 });
    for end in 0..text.len() {
        assert!(read(&text.as_bytes()[..end]).is_err(), "cut at {end}");
    }
    let edited = text.replacen("10.0.1.0/24", "10.0.2.0/24", 1);
    assert_ne!(edited, text);
    let error = read(edited.as_bytes()).unwrap_err();
    assert!(matches!(error, SavedPlanError::Damaged { .. }), "{error}");
    // One that is sealed anew and makes no sense is refused as well.
    let (head, rest) = text.split_once("\"sha256\":\"").unwrap();
    for (from, to) in [
        ("\"edges\":[[", "\"edges\":[[99,0,\"x\"],["),
        ("\"action\":\"create\"", "\"action\":\"explode\""),
        ("\"address\":\"vpc.main\"", "\"address\":\"vpc\""),
    ] {
        let content = rest[64 + "\",\n\"plan\":".len()..rest.len() - "}\n".len()].to_owned();
        let content = content.replacen(from, to, 1);
        let hash = hash_of_text(format!("1\n{content}").as_bytes());
        let forged = format!("{head}\"sha256\":\"{hash}\",\n\"plan\":{content}}}\n");
        let error = read(forged.as_bytes()).unwrap_err();
        assert!(matches!(error, SavedPlanError::Damaged { .. }), "{error}");
        assert!(!error.to_string().contains("SHA-256"), "{error}");
    }
}

proptest! {
    #[test]
    fn a_byte_flipped_anywhere_is_refused(place in any::<prop::sample::Index>(), bit in 0..8u8) {
        let mut bytes = write(&kept()).unwrap();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(read(&bytes).is_err(), "byte {}", place);
    }

    #[test]
    fn garbage_is_refused(more in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&more).is_err());
        let mut bytes = b"{\"s3net_saved_plan\":1,\n\"sha256\":\"".to_vec();
        bytes.extend(more);
        prop_assert!(read(&bytes).is_err());
    }
}

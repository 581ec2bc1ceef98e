//! What counts as drift, and what does not. The kinds are the real ones.

use proptest::prelude::*;

use super::super::wishes::NO_WISHES;
use super::*;
use crate::kind::{Lifecycle, Stack};
use crate::model::Reference;
use crate::state::Snapshot;

/// A stack as it was left by an apply, and what has become of it since.
struct Sample {
    wanted: Stack,
    live: Vec<Live>,
    remembered: Snapshot,
}

/// A node's address, its id and its inputs.
type Row<'r> = (&'r str, &'r str, &'r [(&'r str, Value)]);

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn with(pairs: &[(&str, Value)]) -> Attributes {
    let pairs = pairs.iter();
    pairs.map(|(n, v)| ((*n).to_owned(), v.clone())).collect()
}

fn own_tags(at: &Address) -> Tags {
    Tags::from([
        (tags::STACK.to_owned(), "lab".to_owned()),
        (tags::ADDRESS.to_owned(), at.to_string()),
        (tags::NAME.to_owned(), format!("lab-{}", at.name)),
    ])
}

impl Sample {
    /// A VPC, a subnet in it, and a table with a route.
    fn new() -> Self {
        let vpc = Reference::id(address("vpc.main"));
        let nodes: [Row<'_>; 4] = [
            ("vpc.main", "vpc-1", &[("cidr", "10.0.0.0/16".into())]),
            (
                "subnet.one",
                "subnet-1",
                &[
                    ("vpc", vpc.clone().into()),
                    ("cidr", "10.0.1.0/24".into()),
                    ("map_public_ip", false.into()),
                ],
            ),
            ("route_table.main", "rtb-1", &[("vpc", vpc.into())]),
            (
                "route_table.main/route:0.0.0.0/0",
                "rtb-1:0.0.0.0/0",
                &[
                    (
                        "route_table",
                        Reference::id(address("route_table.main")).into(),
                    ),
                    ("to", "0.0.0.0/0".into()),
                    ("via", "igw-1".into()),
                ],
            ),
        ];
        let ids: BTreeMap<Address, &str> =
            nodes.iter().map(|(at, id, _)| (address(at), *id)).collect();
        let known = |reference: &Reference| ids.get(&reference.target).map(|id| Value::text(*id));
        let mut sample = Self {
            wanted: Stack {
                name: "lab".into(),
                ..Stack::default()
            },
            live: Vec::new(),
            remembered: Snapshot::new("lab"),
        };
        for (at, id, inputs) in nodes {
            let at = address(at);
            let tags = match at.part {
                None => own_tags(&at),
                Some(_) => Tags::new(),
            };
            let inputs = with(inputs);
            let attributes = inputs.resolve(None, &known);
            let live = Live {
                address: Some(at.clone()),
                id: id.into(),
                attributes: attributes.clone(),
                tags: tags.clone(),
                ..Live::default()
            };
            let node = Remembered {
                id: id.into(),
                attributes,
                tags: tags.clone(),
                ..Remembered::default()
            };
            sample.live.push(live);
            sample.remembered.nodes.insert(at.clone(), node);
            sample.wanted.nodes.insert(
                at,
                Node {
                    inputs,
                    tags,
                    ..Node::default()
                },
            );
        }
        sample
    }

    fn live(&mut self, at: &str) -> &mut Live {
        let at = address(at);
        self.live
            .iter_mut()
            .find(|live| live.address.as_ref() == Some(&at))
            .unwrap()
    }

    fn drift(&self) -> Drift {
        self.drift_beside(&BTreeSet::new())
    }

    fn drift_beside(&self, open: &BTreeSet<Address>) -> Drift {
        let world = World {
            registry: registry(),
            place: &Place {
                account: "123456789012".into(),
                region: "eu-west-1".into(),
            },
            wanted: &self.wanted,
            existing: &BTreeMap::new(),
            live: &self.live,
            remembered: &self.remembered,
            destroy: false,
            wishes: &NO_WISHES,
        };
        drift(&world, open).unwrap()
    }

    /// The fields that differ, as `address.field`.
    fn fields(&self) -> Vec<String> {
        let objects = self.drift().objects;
        let of = |it: &Drifted| {
            let fields = it.fields.iter();
            fields
                .map(|f| format!("{}.{}", it.address, f.field))
                .collect::<Vec<_>>()
        };
        objects.iter().flat_map(of).collect()
    }
}

#[test]
fn what_is_as_it_was_left_has_not_drifted() {
    let drift = Sample::new().drift();
    assert!(!drift.is_any() && drift.objects.is_empty());
    assert_eq!((drift.compared, drift.by_file), (4, 0));
}

#[test]
fn a_wish_that_is_not_applied_yet_is_no_drift() {
    let mut sample = Sample::new();
    let node = sample.wanted.nodes.get_mut(&address("subnet.one")).unwrap();
    node.inputs.set("map_public_ip", true);
    node.inputs.set("cidr", "10.0.9.0/24");
    assert!(!sample.drift().is_any());
    // Somebody did by hand what the file wants by now.
    sample
        .live("subnet.one")
        .attributes
        .set("map_public_ip", true);
    let drift = sample.drift();
    assert!(drift.is_any());
    assert!(drift.objects[0].fields[0].wanted);
}

#[test]
fn what_the_file_does_not_state_is_awss_to_choose() {
    let mut sample = Sample::new();
    let known = sample
        .remembered
        .nodes
        .get_mut(&address("vpc.main"))
        .unwrap();
    known.attributes.set("dns_support", true);
    sample.live("vpc.main").attributes.set("dns_support", false);
    assert!(!sample.drift().is_any());
}

#[test]
fn a_secret_is_compared_with_the_hash_that_the_state_keeps() {
    let at = address("instance.one");
    let script = |text: &str| Attributes::new().with("user_data", text);
    let node = Node {
        inputs: script("echo one"),
        ..Node::default()
    };
    let mut sample = Sample::new();
    sample.wanted.nodes.insert(at.clone(), node);
    let kept = sealed("user_data", &"echo one".into());
    let node = Remembered {
        id: "i-1".into(),
        attributes: Attributes::new().with("user_data", kept),
        ..Remembered::default()
    };
    sample.remembered.nodes.insert(at.clone(), node);
    let live = |text: &str| Live::keyed(at.clone(), "i-1", script(text));
    sample.live.push(live("echo one"));
    assert!(!sample.drift().is_any());
    sample.live.pop();
    sample.live.push(live("echo two"));
    assert_eq!(sample.fields(), ["instance.one.user_data"]);
}

#[test]
fn ignored_fields_are_shown_and_do_not_count() {
    let mut sample = Sample::new();
    let node = sample.wanted.nodes.get_mut(&address("subnet.one")).unwrap();
    node.lifecycle = Lifecycle {
        ignore: vec!["map_public_ip".into()],
        ..Lifecycle::default()
    };
    sample
        .live("subnet.one")
        .attributes
        .set("map_public_ip", true);
    let drift = sample.drift();
    assert!(!drift.is_any());
    assert!(drift.objects[0].fields[0].ignored);
    sample
        .live("subnet.one")
        .attributes
        .set("cidr", "10.0.2.0/24");
    assert!(sample.drift().is_any());
}

#[test]
fn what_is_gone_renewed_or_new_is_told_as_such() {
    let mut sample = Sample::new();
    sample.live("subnet.one").id = "subnet-2".into();
    sample.live.retain(|live| live.id != "rtb-1:0.0.0.0/0");
    let tags = own_tags(&address("subnet.two"));
    sample
        .live
        .push(Live::tagged("subnet-9", tags, Attributes::new()));
    let told: Vec<_> = sample
        .drift()
        .objects
        .into_iter()
        .map(|it| (it.address.to_string(), it.happened))
        .collect();
    assert_eq!(
        told,
        [
            ("route_table.main/route:0.0.0.0/0".into(), Happened::Gone),
            ("subnet.one".into(), Happened::Renewed("subnet-1".into())),
            ("subnet.two".into(), Happened::Appeared),
        ]
    );
}

#[test]
fn without_state_the_file_is_the_measure() {
    let mut sample = Sample::new();
    sample.remembered.nodes.clear();
    let drift = sample.drift();
    assert!(!drift.is_any());
    assert_eq!((drift.compared, drift.by_file), (4, 4));
    sample
        .live("subnet.one")
        .attributes
        .set("map_public_ip", true);
    assert_eq!(sample.fields(), ["subnet.one.map_public_ip"]);
    // What does not exist was perhaps never made.
    sample.live.retain(|live| live.id == "vpc-1");
    assert!(!sample.drift().is_any());
}

#[test]
fn tags_of_others_are_drift_and_those_of_aws_are_not() {
    let mut sample = Sample::new();
    let live = sample.live("vpc.main");
    live.tags
        .insert("aws:cloudformation:stack-name".into(), "x".into());
    live.tags.insert(tags::TOKEN.into(), "0123".into());
    live.tags.insert(tags::REGION.into(), "eu-west-1".into());
    assert!(!sample.drift().is_any());
    let live = sample.live("vpc.main");
    live.tags.insert("CostCentre".into(), "7".into());
    let drift = sample.drift();
    assert!(drift.is_any() && drift.objects[0].only_foreign_tags());
    let live = sample.live("vpc.main");
    live.tags.insert(tags::NAME.into(), "theirs".into());
    live.tags.remove(tags::STACK);
    let changed = sample.drift().objects.remove(0);
    assert!(!changed.only_foreign_tags());
    let told = changed.tags;
    let told: Vec<_> = told
        .iter()
        .map(|tag| {
            (
                tag.key.as_str(),
                tag.before.as_deref(),
                tag.after.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("CostCentre", None, Some("7")),
            ("Name", Some("lab-main"), Some("theirs")),
            ("s3net:stack", Some("lab"), None),
        ]
    );
}

#[test]
fn what_others_added_counts_and_what_a_run_left_open_does_not() {
    let mut sample = Sample::new();
    let within = address("route_table.main");
    let what = Foreign::new(&within, "route", "10.9.0.0/16 via igw-1");
    sample
        .live
        .push(Live::foreign("rtb-1:10.9.0.0/16", what.clone()));
    let drift = sample.drift();
    assert!(drift.is_any() && drift.objects.is_empty());
    assert_eq!(drift.foreign[0].what, what);

    let mut sample = Sample::new();
    sample
        .live("subnet.one")
        .attributes
        .set("map_public_ip", true);
    sample
        .live("vpc.main")
        .attributes
        .set("cidr", "10.1.0.0/16");
    let vpc = sample
        .remembered
        .nodes
        .get_mut(&address("vpc.main"))
        .unwrap();
    vpc.unsettled = true;
    let drift = sample.drift_beside(&BTreeSet::from([address("subnet.one")]));
    assert!(!drift.is_any());
    assert_eq!((drift.compared, drift.unfinished.len()), (2, 2));
}

#[test]
fn what_is_broken_has_drifted() {
    let mut sample = Sample::new();
    sample.live("subnet.one").broken = Some("it failed".into());
    assert!(sample.drift().is_any());
}

proptest! {
    #[test]
    fn each_changed_field_is_told_and_no_other(
        cidr in any::<bool>(), public in any::<bool>(), via in any::<bool>(), vpc in any::<bool>(),
    ) {
        let mut sample = Sample::new();
        let mut changed = Vec::new();
        for (is, at, field, value) in [
            (via, "route_table.main/route:0.0.0.0/0", "via", Value::from("nat-1")),
            (vpc, "subnet.one", "vpc", Value::from("vpc-2")),
            (cidr, "subnet.one", "cidr", Value::from("10.0.2.0/24")),
            (public, "subnet.one", "map_public_ip", Value::from(true)),
        ] {
            if is {
                sample.live(at).attributes.set(field, value);
                changed.push(format!("{at}.{field}"));
            }
        }
        let mut told = sample.fields();
        told.sort();
        changed.sort();
        prop_assert_eq!(&told, &changed);
        prop_assert_eq!(sample.drift().is_any(), !changed.is_empty());
    }

    #[test]
    fn the_order_of_what_lives_does_not_matter(places in Just(vec![0, 1, 2, 3]).prop_shuffle()) {
        let mut sample = Sample::new();
        sample.live("subnet.one").attributes.set("map_public_ip", true);
        sample.live("vpc.main").tags.insert("Owner".into(), "x".into());
        let told = sample.drift().objects;
        sample.live = places.iter().map(|place| sample.live[*place].clone()).collect();
        prop_assert_eq!(sample.drift().objects, told);
    }
}

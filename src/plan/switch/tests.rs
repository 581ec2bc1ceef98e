//! The orders, on random plans: whatever edges there are, the new way's steps
//! come before the old way's, or a gap is told.

use proptest::prelude::*;

use super::*;
use crate::graph::Dag;
use crate::kind::Lifecycle;
use crate::kinds::registry;
use crate::model::tags::TagChange;
use crate::model::{Attributes, Place, Reference, Tags, Value};
use crate::plan::PlannedStep;

fn step(address: Address, action: Action, inputs: Attributes, live: Attributes) -> PlannedStep {
    let differences = match action {
        Action::Update => vec![crate::plan::Difference {
            field: "via".into(),
            before: None,
            after: Value::Null,
            replaces: None,
        }],
        _ => Vec::new(),
    };
    PlannedStep {
        id: (action != Action::Create).then(|| format!("id-of-{}", address.name)),
        address,
        action,
        replace: None,
        was: None,
        preview: inputs.clone(),
        inputs,
        live,
        differences,
        tags: Tags::new(),
        tag_change: TagChange::default(),
        lifecycle: Lifecycle::default(),
        generation: 1,
        implied: false,
        given_back: false,
    }
}

fn plan_of(steps: Vec<PlannedStep>, edges: &[(usize, usize)]) -> Plan {
    let mut dag: Dag<PlannedStep, Reason> = Dag::new();
    let places: Vec<Step> = steps.into_iter().map(|step| dag.add(step)).collect();
    for (a, b) in edges {
        dag.before(places[*a], places[*b], Reason("given".into()));
    }
    Plan {
        stack: "lab".into(),
        place: Place::default(),
        steps: dag,
        facts: Default::default(),
        foreign: Vec::new(),
        selection: Default::default(),
        left_out: Vec::new(),
        lifetime: None,
        switches: Vec::new(),
    }
}

fn door(kind: &str, name: &str) -> Address {
    Address::new(kind, name)
}

/// A subnet that moves from a NAT gateway to a gateway endpoint.
fn nat_to_gateway() -> (Vec<PlannedStep>, WayChange) {
    let (old, new) = (door("nat_gateway", "main"), door("gateway_endpoint", "s3"));
    let table = Address::new("route_table", "one");
    let route = table.part("route", "0.0.0.0/0");
    let none = Attributes::new;
    let steps = vec![
        step(Address::new("subnet", "one"), Action::Keep, none(), none()),
        step(
            new.clone(),
            Action::Create,
            none().with(
                "route_tables",
                Value::List(vec![Reference::id(table).into()]),
            ),
            none(),
        ),
        step(
            route,
            Action::Delete,
            none(),
            none().with("via", "id-of-main"),
        ),
        step(old.clone(), Action::Delete, none(), none()),
        step(
            Address::new("bucket", "data"),
            Action::Create,
            none(),
            none(),
        ),
    ];
    let change = WayChange {
        from: Address::new("subnet", "one"),
        to: Address::new("bucket", "data"),
        old,
        new,
        by_endpoint_name: false,
        has_moved: false,
    };
    (steps, change)
}

#[test]
fn the_new_door_comes_before_the_route_and_the_old_door() {
    let (steps, change) = nat_to_gateway();
    let mut plan = plan_of(steps, &[]);
    arrange(&mut plan, registry(), &[change]);
    let switch = &plan.switches[0];
    assert_eq!(switch.opens, [Step::new(1)]);
    assert_eq!(switch.closes, [Step::new(2), Step::new(3)]);
    assert_eq!(switch.gap, None);
    assert_eq!(switch.connections, Connections::Break);
    let moment = switch.moment.as_ref().unwrap();
    assert_eq!(moment.address.to_string(), "gateway_endpoint.s3");
    assert!(later_than(&plan, Step::new(1)).contains(&Step::new(3)));
    // What has no part in it is not held up.
    assert!(
        later_than(&plan, Step::new(1))
            .iter()
            .all(|it| *it != Step::new(4))
    );
}

#[test]
fn a_circle_is_told_and_not_made() {
    let (steps, change) = nat_to_gateway();
    // Something makes the old door go before the new one can be made.
    let mut plan = plan_of(steps, &[(3, 1)]);
    arrange(&mut plan, registry(), &[change]);
    assert!(plan.steps.order().is_ok());
    let switch = &plan.switches[0];
    let gap = switch.gap.clone().unwrap();
    let named = |(address, action): &(Address, Action)| (address.to_string(), *action);
    let deleted = ("nat_gateway.main".to_owned(), Action::Delete);
    assert_eq!(named(&gap.first), deleted);
    let created = ("gateway_endpoint.s3".to_owned(), Action::Create);
    assert_eq!(named(&gap.then), created);
    assert_eq!(gap.because, None);
    // It cannot wait for what comes after it.
    assert_eq!(switch.closes, [Step::new(2)]);
}

#[test]
fn a_record_is_the_moment_of_a_way_by_name() {
    let (old, new) = (
        door("gateway_endpoint", "s3"),
        door("interface_endpoint", "s3"),
    );
    let none = Attributes::new;
    let target = Reference {
        target: new.clone(),
        attribute: "dns_name".into(),
    };
    let record = Address::new("alias_record", "data");
    let steps = vec![
        step(
            record.clone(),
            Action::Create,
            none().with("target_dns_name", target),
            none(),
        ),
        step(new.clone(), Action::Create, none(), none()),
        step(old.clone(), Action::Delete, none(), none()),
    ];
    let mut plan = plan_of(steps, &[(1, 0)]);
    let change = WayChange {
        from: Address::new("subnet", "one"),
        to: Address::new("bucket", "data"),
        old,
        new,
        by_endpoint_name: false,
        has_moved: false,
    };
    arrange(&mut plan, registry(), &[change]);
    let switch = &plan.switches[0];
    assert_eq!(switch.moment.as_ref().unwrap().address, record);
    assert_eq!(switch.connections, Connections::Stay);
    assert!(later_than(&plan, Step::new(0)).contains(&Step::new(2)));
}

proptest! {
    #[test]
    fn every_new_step_comes_before_every_old_one_or_a_gap_is_told(
        kinds in prop::collection::vec(0..4u8, 2..14),
        pairs in prop::collection::vec((0..14usize, 0..14usize), 0..30),
    ) {
        let (old, new) = (door("nat_gateway", "main"), door("gateway_endpoint", "s3"));
        let none = Attributes::new;
        let mut steps = vec![
            step(old.clone(), Action::Delete, none(), none()),
            step(new.clone(), Action::Create, none(), none()),
        ];
        for (number, kind) in kinds.iter().enumerate() {
            let address = Address::new("route_table", &format!("t{number}"));
            let leads = none().with("via", Reference::id(new.clone()));
            let led = none().with("via", "id-of-main");
            steps.push(match kind {
                0 => step(address.part("route", "a"), Action::Create, leads, none()),
                1 => step(address.part("route", "a"), Action::Delete, none(), led),
                2 => step(address.part("route", "a"), Action::Update, leads, led),
                _ => step(address, Action::Create, none(), none()),
            });
        }
        let count = steps.len();
        // Edges lead from lower to higher places of some order, so no circle.
        let edges: Vec<(usize, usize)> = pairs
            .into_iter()
            .map(|(a, b)| (a % count, b % count))
            .filter(|(a, b)| a < b)
            .collect();
        let mut plan = plan_of(steps, &edges);
        let given = plan.clone();
        let change = WayChange {
            from: Address::new("subnet", "one"),
            to: Address::new("bucket", "data"),
            old: old.clone(),
            new: new.clone(),
            by_endpoint_name: false,
        has_moved: false,
        };
        arrange(&mut plan, registry(), &[change]);
        prop_assert!(plan.steps.order().is_ok());
        let switch = plan.switches[0].clone();
        let pieces = Pieces::of(&given, registry(), &switch);
        let mut forced = false;
        for after in pieces.closing.difference(&pieces.opening) {
            for before in &pieces.opening {
                // Ordered, unless the other order is there already.
                let other = later_than(&plan, *after).contains(before);
                prop_assert!(other || later_than(&plan, *before).contains(after));
                forced |= other;
            }
        }
        prop_assert!(!forced || switch.gap.is_some());
        for step in &switch.closes {
            for before in &switch.opens {
                prop_assert!(later_than(&plan, *before).contains(step));
            }
        }
    }
}

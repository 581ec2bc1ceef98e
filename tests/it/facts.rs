//! The network of a file, held against the one that an apply of it leaves in the
//! account, as refresh reads it.

use std::collections::BTreeMap;

use s3net::config::{self, Desired, Options};
use s3net::kinds::registry;
use s3net::model::network::{Known, Network, Spot};
use s3net::plan::facts::{live, wanted};
use s3net::plan::{NO_WISHES, Plan, World, plan};
use s3net::refresh::{Refreshed, Wish, refresh};
use s3net::state::Store;

use crate::lab::Lab;

/// What a laboratory's file wants, what lives of it, and the plan between them.
struct Seen {
    desired: Desired,
    refreshed: Refreshed,
    wanted: Network,
    live: Network,
    plan: Plan,
}

async fn look(lab: &Lab) -> Seen {
    let mut options = Options::default();
    if lab.text().contains("${var.bucket}") {
        options.variables.insert("bucket".to_owned(), lab.bucket());
    }
    let file = lab.folder.path().join("plan.toml");
    let desired = config::load(&file, &options, registry()).unwrap();
    let desired = desired.desired.unwrap();
    let aws = lab.aws().await;
    let place = aws.place().await.unwrap();
    let stack = &desired.stack;
    let state = lab.state(&stack.name);
    let store = Store::in_folder(state.parent().unwrap().parent().unwrap(), "local");
    let kept = store.read(&stack.name).await.unwrap();
    let look_ups: BTreeMap<_, _> = desired
        .existing
        .iter()
        .map(|(address, existing)| (address.clone(), existing.query.clone()))
        .collect();
    let wish = Wish {
        registry: registry(),
        aws: &aws,
        place: &place,
        wanted: stack,
        remembered: &kept.snapshot,
        open: &[],
        look_ups: &look_ups,
        adoptions: &BTreeMap::new(),
        moved: &BTreeMap::new(),
        thorough: false,
    };
    let refreshed = refresh(&wish).await.unwrap();
    let world = World {
        registry: registry(),
        place: &place,
        wanted: stack,
        existing: &refreshed.existing,
        live: &refreshed.live,
        remembered: &kept.snapshot,
        destroy: false,
        wishes: &NO_WISHES,
    };
    let plan = plan(&world).unwrap();
    let (wanted, live) = (wanted(&world, Some(&plan)), live(&world));
    Seen {
        desired,
        refreshed,
        wanted,
        live,
        plan,
    }
}

/// Takes away where the file says each fact; gives how many had a place.
fn forget_spots(network: &mut Network) -> usize {
    let mut spots: Vec<&mut Option<Spot>> = Vec::new();
    spots.extend(network.vpcs.values_mut().map(|it| &mut it.spot));
    spots.extend(network.subnets.values_mut().map(|it| &mut it.spot));
    for table in network.route_tables.values_mut() {
        spots.push(&mut table.spot);
        spots.extend(table.routes.iter_mut().map(|it| &mut it.spot));
    }
    let gateways = network.internet_gateways.values_mut();
    spots.extend(gateways.map(|it| &mut it.spot));
    spots.extend(network.nat_gateways.values_mut().map(|it| &mut it.spot));
    let endpoints = network.gateway_endpoints.values_mut();
    spots.extend(endpoints.map(|it| &mut it.spot));
    let endpoints = network.interface_endpoints.values_mut();
    spots.extend(endpoints.map(|it| &mut it.spot));
    for group in network.security_groups.values_mut() {
        spots.push(&mut group.spot);
        let rules = group.ingress.iter_mut().chain(&mut group.egress);
        spots.extend(rules.map(|it| &mut it.spot));
    }
    spots.extend(network.instances.values_mut().map(|it| &mut it.spot));
    for zone in network.private_zones.values_mut() {
        spots.push(&mut zone.spot);
        spots.extend(zone.records.iter_mut().map(|it| &mut it.spot));
    }
    for bucket in network.buckets.values_mut() {
        spots.extend([&mut bucket.spot, &mut bucket.policy.spot]);
    }
    for role in network.roles.values_mut() {
        spots.push(&mut role.spot);
        let policies = role.policies.iter_mut().chain(&mut role.boundary);
        spots.extend(policies.map(|it| &mut it.spot));
    }
    let found = spots.iter().filter(|it| it.is_some()).count();
    for spot in spots {
        *spot = None;
    }
    found
}

/// Two networks, line by line, so that a difference can be read.
#[track_caller]
fn assert_same(one: &Network, other: &Network) {
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    for (a, b) in one.lines().zip(other.lines()) {
        assert_eq!(a, b, "in {one}");
    }
    assert_eq!(one.lines().count(), other.lines().count());
}

#[tokio::test]
async fn an_applied_file_and_its_account_are_one_network() {
    for (name, spots) in [("three-ways.toml", 27), ("three-patterns.toml", 26)] {
        let lab = Lab::with_plan(name);
        lab.apply().exits(0);
        let mut seen = look(&lab).await;
        assert!(seen.plan.is_empty(), "{:?}", seen.plan.totals());
        assert_eq!(forget_spots(&mut seen.live), 0);
        assert_eq!(forget_spots(&mut seen.wanted), spots, "{name}");
        assert_same(&seen.wanted, &seen.live);
        // Every key is AWS's own, but for what AWS makes with a VPC.
        let keys = seen.live.labels.iter();
        let stand_ins = keys.filter(|(key, _)| key.contains('(')).count();
        assert_eq!(stand_ins, 2);
        let stack = &seen.desired.stack;
        let instances = stack.of_kind("instance").count();
        assert_eq!(seen.live.instances.len(), instances);
        for (address, _) in stack.of_kind("instance") {
            let key = seen.live.labelled(&address.to_string()).unwrap();
            let instance = &seen.live.instances[key];
            assert!(key.starts_with("i-") && instance.private_address.is_some());
            assert!(matches!(&instance.role, Known::Is(Some(_))), "{instance:?}");
        }
        let notes = seen.refreshed.live.iter().all(|it| !it.kind.is_empty());
        assert!(notes, "refresh says which kind found what");
        lab.destroy().exits(0);
    }
}

#[tokio::test]
async fn a_second_stack_sees_the_first_as_far_as_it_looks_it_up() {
    let lab = Lab::with_plan("single-bucket-base.toml");
    lab.apply().exits(0);
    let beside = Lab {
        account: lab.account.clone(),
        ..Lab::with_plan("single-bucket.toml")
    };
    let before = look(&beside).await;
    assert!(before.live.gateway_endpoints.is_empty());
    let planned = &before.wanted;
    let vpc = planned.labelled("existing.vpc.shared").unwrap();
    assert!(vpc.starts_with("vpc-") && !vpc.contains('('), "{vpc}");
    assert!(planned.unread.contains_key(vpc));
    let zone = planned.private_zones.values().next().unwrap();
    assert_eq!(zone.vpcs.iter().collect::<Vec<_>>(), [vpc]);
    assert_eq!(zone.records.len(), 1);
    beside.apply().exits(0);
    let mut after = look(&beside).await;
    forget_spots(&mut after.wanted);
    assert_same(&after.wanted, &after.live);
    beside.destroy().exits(0);
    lab.destroy().exits(0);
}

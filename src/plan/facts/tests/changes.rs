//! What becomes of a network by a plan, and of what others put into it.

use proptest::prelude::*;

use super::picture::picture;
use super::samples::{Sample, of_text};
use super::{LAB, key};
use crate::kind::{Foreign, Live};
use crate::model::Attributes;
use crate::model::network::{Destination, Network, Peer, PublicAddress, RecordTarget, Route, Via};
use crate::plan::World;
use crate::plan::facts::{live, wanted};

#[test]
fn without_egress_a_group_lets_everything_out_and_with_none_nothing() {
    let open = LAB.replace("egress = []\n", "");
    let rules = |text: &str| {
        let sample = of_text(text);
        let network = wanted(&sample.world(), None);
        network.security_groups[&key("security_group.one")]
            .egress
            .len()
    };
    assert_eq!((rules(LAB), rules(&open)), (0, 1));
    // AWS's own rule, where the file takes it over and it has no tags yet.
    let mut sample = of_text(&open).applied();
    let group = sample
        .live
        .iter_mut()
        .find(|it| it.kind == "security_group");
    group.unwrap().attributes.set("default_egress", true);
    for network in [live(&sample.world()), wanted(&sample.world(), None)] {
        let group = &network.security_groups[&sample.id("security_group.one")];
        assert_eq!(group.egress.len(), 1, "{group:?}");
    }
    // A live VPC's default group may have been emptied: nobody has looked.
    let network = live(&sample.world());
    let group = network.vpcs[&sample.id("vpc.main")].default_group.as_ref();
    let why = network.why_unknown(group.unwrap());
    assert!(
        why.starts_with("the rules of the default security group"),
        "{why}"
    );
    // It goes with the next apply.
    let sample = sample.with_file(LAB);
    let plan = sample.plan();
    let id = sample.id("security_group.one");
    let egress = |network: Network| network.security_groups[&id].egress.len();
    assert_eq!(egress(live(&sample.world())), 1);
    assert_eq!(egress(wanted(&sample.world(), Some(&plan))), 0);
}

#[test]
fn what_is_made_anew_has_a_stand_in_and_those_who_name_it_follow() {
    let sample = of_text(LAB).applied();
    let moved = LAB.replace("service = \"s3\"", "service = \"ssm\"");
    let (old, sample) = (sample.id("interface_endpoint.s3"), sample.with_file(&moved));
    let network = wanted(&sample.world(), Some(&sample.plan()));
    let new = key("interface_endpoint.s3");
    assert!(!network.interface_endpoints.contains_key(&old));
    assert_eq!(network.interface_endpoints[&new].vpc, sample.id("vpc.main"));
    let zone = &network.private_zones[&sample.id("private_zone.data")];
    assert_eq!(zone.records[0].target, RecordTarget::Endpoint(new.clone()));
    let bucket = &network.buckets["lab-data-123456789012"];
    let policy = bucket.policy.document.get().unwrap().as_ref().unwrap();
    let policy = crate::model::policy::to_json_text(policy);
    assert!(policy.contains(&format!("\"{new}\"")), "{policy}");
    let before = live(&sample.world());
    assert!(before.interface_endpoints.contains_key(&old));
    let nat = |network: &Network| network.nat_gateways[&sample.id("nat_gateway.main")].address;
    let address = PublicAddress::Is("192.0.2.1".parse().unwrap());
    assert_eq!((nat(&before), nat(&network)), (address, address));
}

#[test]
fn what_leaves_the_file_is_gone_unless_it_is_forgotten() {
    let nat = "[nat_gateway.main]\nsubnet = \"a\"\nelastic_ip = \"nat\"\n";
    let kept = "[nat_gateway.main]\nsubnet = \"a\"\nelastic_ip = \"nat\"\n\
                lifecycle = { on_remove = \"forget\" }\n";
    let after = |before: &str| {
        let sample = of_text(before).applied().with_file(&LAB.replace(nat, ""));
        let network = wanted(&sample.world(), Some(&sample.plan()));
        let id = sample.id("nat_gateway.main");
        network
            .nat_gateways
            .get(&id)
            .map(|it| (network.label(&id).to_owned(), it.clone()))
    };
    assert_eq!(after(LAB), None);
    let (label, gateway) = after(&LAB.replace(nat, kept)).unwrap();
    assert_eq!(label, "nat_gateway.main");
    assert_eq!(gateway.spot, None);
    let sample = of_text(LAB).applied();
    let everything = World {
        destroy: true,
        ..sample.world()
    };
    let plan = crate::plan::plan(&everything).unwrap();
    assert!(wanted(&everything, Some(&plan)).vpcs.is_empty());
}

/// A route of others in the table, and a rule of others in the group.
fn with_strangers(mut sample: Sample) -> Sample {
    let (table, group) = (sample.id("route_table.a"), sample.id("security_group.one"));
    let (at, of) = (
        "route_table.a".parse().unwrap(),
        "security_group.one".parse().unwrap(),
    );
    let route = Attributes::new()
        .with("route_table", table.as_str())
        .with("to", "10.9.0.0/16")
        .with("via", "nat-9 (black hole)");
    let rule = Attributes::new()
        .with("security_group", group.as_str())
        .with("protocol", "tcp")
        .with("from_port", 443_i64)
        .with("to_port", 443_i64)
        .with("prefix_list", "pl-9");
    let mut add = |kind: &'static str, what: Foreign, attributes: Attributes| {
        let id = format!("{table}/{kind}");
        let foreign = Live::foreign(id, what).showing(attributes);
        sample.live.push(Live { kind, ..foreign });
    };
    add("route", Foreign::new(&at, "route", "x"), route);
    add(
        "security_group_egress_rule",
        Foreign::new(&of, "rule", "x"),
        rule,
    );
    sample
}

#[test]
fn what_others_put_into_our_objects_counts_as_long_as_these_stay() {
    let sample = with_strangers(of_text(LAB).applied());
    let (table, group) = (sample.id("route_table.a"), sample.id("security_group.one"));
    let plan = sample.plan();
    let foreign = Route {
        to: Destination::Block("10.9.0.0/16".parse().unwrap()),
        via: Via::NatGateway("nat-9".into()),
        blackhole: true,
        propagated: false,
        spot: None,
    };
    for network in [live(&sample.world()), wanted(&sample.world(), Some(&plan))] {
        let routes = &network.route_tables[&table].routes;
        assert!(routes.len() == 2 && routes.contains(&foreign), "{routes:?}");
        let egress = &network.security_groups[&group].egress;
        assert_eq!(egress[0].peer, Peer::PrefixList("pl-9".into()));
        let why = &network.unread["nat-9"];
        assert!(why.starts_with("the facts of nat-9"), "{why}");
    }
    // A table that is made anew has none of it.
    let elsewhere = LAB.replace(
        "[vpc.main]\ncidr = \"10.0.0.0/16\"",
        "[vpc.main]\ncidr = \"10.0.0.0/17\"",
    );
    let sample = sample.with_file(&elsewhere);
    let network = wanted(&sample.world(), Some(&sample.plan()));
    assert_eq!(network.route_tables[&key("route_table.a")].routes.len(), 1);
    assert!(!network.route_tables.contains_key(&table));
}

proptest! {
    #[test]
    fn telling_does_not_depend_on_the_order_of_reads(seed in any::<u64>(), twice in any::<bool>()) {
        let mut sample = with_strangers(of_text(LAB).applied());
        let plan = sample.plan();
        let ordered = (picture(&live(&sample.world())), picture(&wanted(&sample.world(), Some(&plan))));
        if twice {
            // Between two pages a read may give an object again.
            let again = sample.live[seed as usize % sample.live.len()].clone();
            sample.live.push(again);
        }
        let mut state = seed;
        for place in (1..sample.live.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            sample.live.swap(place, (state >> 33) as usize % (place + 1));
        }
        prop_assert_eq!(picture(&live(&sample.world())), ordered.0);
        let plan = sample.plan();
        prop_assert_eq!(picture(&wanted(&sample.world(), Some(&plan))), ordered.1);
    }
}

//! What a trace looks at does not grow with the network around it.

use super::networks::three_ways;
use super::*;
use crate::model::network::Key;

/// The three ways, as many times side by side, each in a VPC of its own.
fn many(count: usize) -> Network {
    let one = three_ways();
    let mut all = Network {
        place: one.place.clone(),
        buckets: one.buckets.clone(),
        ..Network::default()
    };
    for number in 0..count {
        let own = |key: &Key| format!("{key}-{number}");
        let (vpc, mut copy) = (own(&"vpc-1".into()), one.clone());
        all.vpcs.insert(vpc.clone(), copy.vpcs["vpc-1"].clone());
        for (key, subnet) in &mut copy.subnets {
            subnet.vpc.clone_from(&vpc);
            subnet.route_table = subnet.route_table.as_ref().map(own);
            all.subnets.insert(own(key), subnet.clone());
        }
        for (key, table) in &mut copy.route_tables {
            table.vpc.clone_from(&vpc);
            all.route_tables.insert(own(key), table.clone());
        }
        for (key, endpoint) in &mut copy.gateway_endpoints {
            endpoint.vpc.clone_from(&vpc);
            endpoint.route_tables = endpoint.route_tables.iter().map(own).collect();
            all.gateway_endpoints.insert(own(key), endpoint.clone());
        }
        for (key, endpoint) in &mut copy.interface_endpoints {
            endpoint.vpc.clone_from(&vpc);
            all.interface_endpoints.insert(own(key), endpoint.clone());
        }
    }
    all
}

/// How many things are looked at for all of its subnets.
fn looks(network: &Network) -> usize {
    let tracer = Tracer::new(network);
    for key in network.subnets.keys() {
        let question = Question::new(Origin::Subnet(key.clone()), Goal::Bucket("data".into()));
        assert_eq!(tracer.trace(&question).question, question);
    }
    tracer.looks()
}

#[test]
fn the_work_grows_with_the_questions_and_not_with_the_network() {
    let (one, ten, hundred) = (many(1), many(10), many(100));
    assert_eq!(hundred.subnets.len(), 400);
    let each = looks(&one);
    assert!(each > 4, "{each}");
    assert_eq!(looks(&ten), 10 * each);
    assert_eq!(looks(&hundred), 100 * each);
}

//! What a network names and nobody has told: its reasons, for traces that end
//! there.

use std::collections::BTreeSet;

use super::super::outcome::World;
use crate::kind::ARE_NOT_READ;
use crate::model::network::{Key, Network, Via, stand_in};

/// Notes a reason for each look-up of the file that was not made.
pub(super) fn note_look_ups(world: &World<'_>, network: &mut Network) {
    for node in world.wanted.nodes.values() {
        node.inputs.each_reference(&mut |reference| {
            let target = &reference.target;
            if !target.existing || world.existing.contains_key(target) {
                return;
            }
            let key = stand_in(target);
            let reason = format!("the facts of {target} {ARE_NOT_READ}");
            network.labels.insert(key.clone(), target.to_string());
            network.unread.insert(key, reason);
        });
    }
}

/// Notes a reason for each thing that others name and that nobody has told.
pub(super) fn note_untold(network: &mut Network) {
    for key in untold(network) {
        let reason = format!("the facts of {key} {ARE_NOT_READ}");
        network.unread.entry(key).or_insert(reason);
    }
}

/// The keys that entries name and that have no entry.
fn untold(network: &Network) -> BTreeSet<Key> {
    let mut found: BTreeSet<&Key> = BTreeSet::new();
    let vpcs = network.subnets.values().map(|it| &it.vpc);
    let vpcs = vpcs.chain(network.route_tables.values().map(|it| &it.vpc));
    let vpcs = vpcs.chain(network.gateway_endpoints.values().map(|it| &it.vpc));
    let vpcs = vpcs.chain(network.interface_endpoints.values().map(|it| &it.vpc));
    found.extend(vpcs.filter(|key| !network.vpcs.contains_key(*key)));
    let subnets = network.instances.values().map(|it| &it.subnet);
    let subnets = subnets.chain(network.nat_gateways.values().map(|it| &it.subnet));
    let endpoints = network.interface_endpoints.values();
    let subnets = subnets.chain(endpoints.clone().flat_map(|it| it.subnets.keys()));
    found.extend(subnets.filter(|key| !network.subnets.contains_key(*key)));
    let tables = network.subnets.values();
    let tables = tables.filter_map(|it| it.route_table.as_ref());
    found.extend(tables.filter(|key| !network.route_tables.contains_key(*key)));
    let instances = network.instances.values();
    let groups = instances.flat_map(|it| &it.security_groups);
    let groups = groups.chain(endpoints.flat_map(|it| &it.security_groups));
    found.extend(groups.filter(|key| !network.security_groups.contains_key(*key)));
    let routes = network.route_tables.values().flat_map(|it| &it.routes);
    found.extend(routes.filter_map(|route| match &route.via {
        Via::InternetGateway(key) => (!network.internet_gateways.contains_key(key)).then_some(key),
        Via::NatGateway(key) => (!network.nat_gateways.contains_key(key)).then_some(key),
        Via::Instance(key) => (!network.instances.contains_key(key)).then_some(key),
        Via::Local | Via::Other(_) => None,
    }));
    // An empty key is a field that only apply will know.
    found
        .into_iter()
        .filter(|key| !key.is_empty())
        .cloned()
        .collect()
}

//! Places of the file in a network that was read from the account.
//!
//! A survey knows what lives and no file. Where a file wants the same object, by
//! the same id, what blocks a way can be shown at its line.

use std::collections::BTreeMap;

use crate::model::network::{Key, Network, Spot};

/// Gives every object of `found` the place at which `wanted` says it.
pub fn place(found: &mut Network, wanted: &Network) {
    /// Each map of the network, with the place that its objects have.
    macro_rules! each {
        ($($map:ident),*) => {
            $(take(&mut found.$map, &wanted.$map, |it| &it.spot, |it| &mut it.spot);)*
        };
    }
    each!(
        vpcs,
        subnets,
        route_tables,
        internet_gateways,
        nat_gateways,
        gateway_endpoints,
        interface_endpoints,
        security_groups,
        instances,
        private_zones,
        buckets,
        roles
    );
    for (key, bucket) in &mut found.buckets {
        if let Some(told) = wanted.buckets.get(key) {
            bucket.policy.spot.clone_from(&told.policy.spot);
        }
    }
}

fn take<T>(
    found: &mut BTreeMap<Key, T>,
    wanted: &BTreeMap<Key, T>,
    of: impl Fn(&T) -> &Option<Spot>,
    to: impl Fn(&mut T) -> &mut Option<Spot>,
) {
    for (key, it) in found {
        if let Some(told) = wanted.get(key) {
            to(it).clone_from(of(told));
        }
    }
}

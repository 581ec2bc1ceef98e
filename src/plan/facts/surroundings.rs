//! A file's network within what others have built: an existing VPC, its tables,
//! groups and endpoints.
//!
//! ```text
//!  survey of the VPC ─► without what is ours ─┐
//!                                             ├─► one network
//!  the file's own things, as wanted ──────────┘
//! ```
//!
//! Of ours the file has the last word; of the rest the account has.

use std::collections::{BTreeMap, BTreeSet};

use super::super::outcome::World;
use crate::model::Address;
use crate::model::network::{Key, Network, RouteTable, is_stand_in};

/// What a file's network stands in and does not make, by AWS's ids and names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// VPCs.
    pub vpcs: BTreeSet<Key>,
    /// Buckets, by name.
    pub buckets: BTreeSet<Key>,
    /// Roles, by name.
    pub roles: BTreeSet<Key>,
}

impl Surroundings {
    /// Whether the file makes everything that its network needs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.vpcs.is_empty() && self.buckets.is_empty() && self.roles.is_empty()
    }
}

/// What a network stands in that the file does not make.
#[must_use]
pub fn surroundings(world: &World<'_>, wanted: &Network) -> Surroundings {
    let others = |keys: Vec<&Key>| -> BTreeSet<Key> {
        let keys = keys.into_iter();
        keys.filter(|key| !key.is_empty() && !is_stand_in(key) && !is_own(world, wanted, key))
            .cloned()
            .collect()
    };
    let mut vpcs: Vec<&Key> = wanted.vpcs.keys().collect();
    vpcs.extend(wanted.subnets.values().map(|it| &it.vpc));
    vpcs.extend(wanted.route_tables.values().map(|it| &it.vpc));
    vpcs.extend(wanted.gateway_endpoints.values().map(|it| &it.vpc));
    vpcs.extend(wanted.interface_endpoints.values().map(|it| &it.vpc));
    vpcs.extend(wanted.security_groups.values().map(|it| &it.vpc));
    vpcs.extend(wanted.private_zones.values().flat_map(|it| &it.vpcs));
    vpcs.extend(
        wanted
            .internet_gateways
            .values()
            .filter_map(|it| it.vpc.as_ref()),
    );
    let mut vpcs = others(vpcs);
    vpcs.extend(led_by_look_ups(world));
    Surroundings {
        vpcs,
        buckets: others(wanted.buckets.keys().collect()),
        roles: others(wanted.roles.keys().collect()),
    }
}

/// The VPCs in which a route table is looked up, ours too: the file says that a
/// table of others steers something there, the main one for example.
fn led_by_look_ups(world: &World<'_>) -> impl Iterator<Item = Key> {
    let found = world.existing.iter();
    let tables = found.filter(|(address, _)| address.kind == "route_table");
    tables.filter_map(|(_, table)| table.attributes.text("vpc").map(str::to_owned))
}

/// Whether the file makes what has this key.
fn is_own(world: &World<'_>, wanted: &Network, key: &str) -> bool {
    let label = wanted.labels.get(key);
    let address = label.and_then(|label| label.parse::<Address>().ok());
    address.is_some_and(|it| !it.existing && world.wanted.nodes.contains_key(&it))
        || is_stand_in(key) && label.is_none_or(|label| !label.starts_with("existing."))
}

/// The wanted network within a survey of its surroundings.
#[must_use]
pub fn within(world: &World<'_>, wanted: Network, survey: &Network) -> Network {
    let mut whole = survey.clone();
    let ours = world
        .live
        .iter()
        .filter(|live| live.own_address().is_some());
    let ours: BTreeSet<&str> = ours.map(|live| live.id.as_str()).collect();
    let own = |key: &Key| is_own(world, &wanted, key);
    lay(&mut whole.vpcs, &wanted.vpcs, &ours, own);
    lay(&mut whole.subnets, &wanted.subnets, &ours, own);
    lay(&mut whole.route_tables, &wanted.route_tables, &ours, own);
    lay(
        &mut whole.internet_gateways,
        &wanted.internet_gateways,
        &ours,
        own,
    );
    lay(&mut whole.nat_gateways, &wanted.nat_gateways, &ours, own);
    lay(
        &mut whole.gateway_endpoints,
        &wanted.gateway_endpoints,
        &ours,
        own,
    );
    lay(
        &mut whole.interface_endpoints,
        &wanted.interface_endpoints,
        &ours,
        own,
    );
    lay(
        &mut whole.security_groups,
        &wanted.security_groups,
        &ours,
        own,
    );
    lay(&mut whole.instances, &wanted.instances, &ours, own);
    lay(&mut whole.private_zones, &wanted.private_zones, &ours, own);
    lay(&mut whole.buckets, &wanted.buckets, &ours, own);
    lay(&mut whole.roles, &wanted.roles, &ours, own);
    forget_stand_ins(&mut whole.route_tables);
    // A subnet of others may be given a table of ours, or lose one that goes.
    for (key, subnet) in &mut whole.subnets {
        let given = wanted
            .subnets
            .get(key)
            .and_then(|it| it.route_table.as_ref());
        if let Some(table) = given.filter(|table| own(table)) {
            subnet.route_table = Some(table.clone());
        }
        let gone = |table: &Key| !whole.route_tables.contains_key(table);
        if subnet.route_table.as_ref().is_some_and(gone) {
            subnet.route_table = None;
        }
    }
    // What the file calls a thing is its own; a namesake of another file goes by
    // its id.
    let names: BTreeSet<&String> = wanted.labels.values().collect();
    whole.labels.retain(|_, label| !names.contains(label));
    whole.labels.extend(wanted.labels);
    whole.unread.extend(wanted.unread);
    let told = whole.clone();
    whole.unread.retain(|key, _| !is_told(&told, key));
    whole.place = wanted.place;
    whole
}

/// Lays what is wanted over what was found: ours as wanted, the rest as found.
fn lay<T: Clone>(
    found: &mut BTreeMap<Key, T>,
    wanted: &BTreeMap<Key, T>,
    ours: &BTreeSet<&str>,
    own: impl Fn(&Key) -> bool,
) {
    found.retain(|key, _| !ours.contains(key.as_str()));
    for (key, it) in wanted {
        if own(key) || !found.contains_key(key) {
            found.insert(key.clone(), it.clone());
        }
    }
}

/// What AWS makes with a VPC of ours stands for its main table only until that
/// was read.
fn forget_stand_ins(tables: &mut BTreeMap<Key, RouteTable>) {
    let read = tables.iter().filter(|(key, _)| !is_stand_in(key));
    let read = read.filter(|(_, table)| table.main);
    let read: BTreeSet<Key> = read.map(|(_, table)| table.vpc.clone()).collect();
    tables.retain(|key, table| !(table.main && is_stand_in(key) && read.contains(&table.vpc)));
}

fn is_told(network: &Network, key: &str) -> bool {
    network.vpcs.contains_key(key)
        || network.subnets.contains_key(key)
        || network.route_tables.contains_key(key)
        || network.security_groups.contains_key(key)
        || network.instances.contains_key(key)
        || network.internet_gateways.contains_key(key)
        || network.nat_gateways.contains_key(key)
        || network.buckets.contains_key(key)
        || network.roles.contains_key(key)
}

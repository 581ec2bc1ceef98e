//! A network made ready for questions: what is asked of every subnet is looked
//! up once.

use std::collections::{BTreeMap, HashMap};

use ipnet::IpNet;

use super::blocks::public_blocks;
use super::ranges;
use crate::model::Value;
use crate::model::network::{
    GatewayEndpoint, InterfaceEndpoint, Key, Network, PrivateZone, RouteTable, Subnet,
};
use crate::model::policy;

/// A thing with its key.
pub(super) type Keyed<'a, T> = (&'a Key, &'a T);

/// A network with what is asked often.
#[derive(Debug)]
pub(super) struct Index<'a> {
    pub network: &'a Network,
    main_tables: HashMap<&'a str, Keyed<'a, RouteTable>>,
    gateway_endpoints: HashMap<&'a str, Vec<Keyed<'a, GatewayEndpoint>>>,
    interface_endpoints: HashMap<&'a str, Vec<Keyed<'a, InterfaceEndpoint>>>,
    zones: HashMap<&'a str, Vec<Keyed<'a, PrivateZone>>>,
    lists: BTreeMap<&'a str, Vec<IpNet>>,
    anywhere: Vec<IpNet>,
    /// The policy of an endpoint that has none of its own.
    pub full_access: Value,
    /// The policies of a caller of whom nothing is known.
    pub unbounded: Value,
    /// How many things were handed out to be looked at.
    #[cfg(test)]
    pub looks: std::cell::Cell<usize>,
}

impl<'a> Index<'a> {
    pub(super) fn new(network: &'a Network) -> Self {
        let mut index = Self {
            network,
            main_tables: HashMap::new(),
            gateway_endpoints: HashMap::new(),
            interface_endpoints: HashMap::new(),
            zones: HashMap::new(),
            lists: BTreeMap::new(),
            anywhere: public_blocks(),
            full_access: policy::document(vec![policy::allow_everything()]),
            unbounded: policy::document(vec![policy::allow_everything_of_ones_own()]),
            #[cfg(test)]
            looks: std::cell::Cell::default(),
        };
        for entry in network.route_tables.iter().filter(|(_, table)| table.main) {
            index.main_tables.insert(&entry.1.vpc, entry);
        }
        for entry in &network.gateway_endpoints {
            for table in &entry.1.route_tables {
                let served = index.gateway_endpoints.entry(table).or_default();
                served.push(entry);
            }
        }
        for entry in &network.interface_endpoints {
            let inside = index.interface_endpoints.entry(&entry.1.vpc).or_default();
            inside.push(entry);
        }
        for entry in &network.private_zones {
            for vpc in &entry.1.vpcs {
                index.zones.entry(vpc).or_default().push(entry);
            }
        }
        for list in network.prefix_lists.values() {
            let ipv4 = list
                .blocks
                .iter()
                .filter(|block| matches!(block, IpNet::V4(_)));
            let blocks = ipv4.copied().collect();
            index.lists.insert(&list.name, blocks);
        }
        index
    }

    /// The table that steers a subnet's traffic.
    pub(super) fn table_of(&self, subnet: &'a Subnet) -> Option<Keyed<'a, RouteTable>> {
        match &subnet.route_table {
            Some(key) => self.network.route_tables.get_key_value(key),
            None => self.main_tables.get(subnet.vpc.as_str()).copied(),
        }
    }

    /// The gateway endpoints that a table has routes to.
    pub(super) fn gateway_endpoints_of(&self, table: &str) -> &[Keyed<'a, GatewayEndpoint>] {
        self.counted(self.gateway_endpoints.get(table))
    }

    /// The interface endpoints of a VPC.
    pub(super) fn interface_endpoints_of(&self, vpc: &str) -> &[Keyed<'a, InterfaceEndpoint>] {
        self.counted(self.interface_endpoints.get(vpc))
    }

    /// The private zones that a VPC resolves.
    pub(super) fn zones_of(&self, vpc: &str) -> &[Keyed<'a, PrivateZone>] {
        self.counted(self.zones.get(vpc))
    }

    fn counted<'s, T>(&self, found: Option<&'s Vec<T>>) -> &'s [T] {
        let found = found.map_or(&[][..], Vec::as_slice);
        #[cfg(test)]
        self.looks.set(self.looks.get() + 1 + found.len());
        found
    }

    /// The blocks of a service's public addresses: of its prefix list where that
    /// was read, of the embedded table, or else every public block.
    pub(super) fn blocks_of(&self, service: &str) -> Vec<IpNet> {
        self.listed(service)
            .unwrap_or_else(|| self.anywhere.clone())
    }

    /// The blocks of a service, where they are known.
    pub(super) fn listed(&self, service: &str) -> Option<Vec<IpNet>> {
        let read = self.lists.get(service).filter(|blocks| !blocks.is_empty());
        read.cloned().or_else(|| ranges::of_service(service))
    }

    /// The blocks of a prefix list by its key.
    pub(super) fn list(&self, key: &str) -> Option<(&'a str, Vec<IpNet>)> {
        let list = self.network.prefix_lists.get(key)?;
        // By key: several lists may have one name.
        let blocks = list.blocks.iter().copied();
        let ipv4 = blocks.filter(|block| matches!(block, IpNet::V4(_)));
        Some((&list.name, ipv4.collect()))
    }
}

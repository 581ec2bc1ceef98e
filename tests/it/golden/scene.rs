//! The network of a golden case: its plan file with the placeholders filled in,
//! and facts that no plan file can say but an account can have.
//!
//! | fact | what |
//! |---|---|
//! | `vpc.main dns_hostnames off` | a VPC's DNS attribute |
//! | `bucket far in us-east-1` | a bucket of this account in another region |
//! | `bucket theirs of 999999999999` | a bucket of another account, policy unread |
//! | `route_table.a 0.0.0.0/0 blackhole` | the route's target is gone |
//! | `route_table.a 10.9.0.0/16 via tgw-1` | a route that a plan cannot make |
//! | `route_table.a 0.0.0.0/0 propagated vgw-1` | one that came by propagation |
//! | `nat_gateway.main broken` | AWS says that it failed |
//! | `subnet.a acl out allow tcp 443 0.0.0.0/0` | an entry of its ACL, in order |
//! | `subnet.a table none` | it has no table of its own |
//! | `prefix_list pl-1 NAME BLOCK…` | a managed prefix list |
//! | `nat_gateway.main at 203.0.113.7` | its public address |
//! | `instance.a at 10.0.1.9` | its private address |

use std::collections::BTreeMap;
use std::path::Path;

use s3net::config::{self, Options};
use s3net::kinds::registry;
use s3net::model::Place;
use s3net::model::network::{
    AclEntry, Bucket, BucketPolicy, Destination, Known, Network, NetworkAcl, Ports, PrefixList,
    Protocol, PublicAddress, Route, Via,
};
use s3net::plan::facts::wanted;
use s3net::plan::{NO_WISHES, World};
use s3net::state::Snapshot;

use super::table::{Choice, System};

/// The network of a plan text, offline, in an account that may be known; or what
/// is wrong with the text.
pub fn of_plan(text: &str, account: &str) -> Result<Network, String> {
    let source = config::Source {
        name: "plan.toml".to_owned(),
        text: text.to_owned(),
    };
    let loaded = config::parse(source, Path::new("."), &Options::default(), registry());
    let Some(desired) = loaded.desired else {
        let problems = loaded.diagnostics.iter().map(|it| it.problem.as_str());
        return Err(problems.collect::<Vec<_>>().join("; "));
    };
    let place = Place {
        account: account.to_owned(),
        region: desired.stack.region.clone(),
    };
    let world = World {
        registry: registry(),
        place: &place,
        wanted: &desired.stack,
        existing: &BTreeMap::new(),
        live: &[],
        remembered: &Snapshot::new(&desired.stack.name),
        destroy: false,
        wishes: &NO_WISHES,
    };
    Ok(wanted(&world, None))
}

impl System {
    /// The plan of a case, and the facts beyond it.
    pub fn scene(&self, settings: &BTreeMap<String, String>) -> (String, Vec<&str>) {
        let mut fills: BTreeMap<&str, String> = BTreeMap::new();
        let mut facts = Vec::new();
        for (option, choices) in &self.option {
            let chosen = settings.get(option).map_or("none", String::as_str);
            let choice: &Choice = choices
                .get(chosen)
                .unwrap_or_else(|| panic!("option {option} has no choice {chosen}"));
            for (placeholder, value) in choice {
                if let Some(list) = value.as_array() {
                    facts.extend(list.iter().map(|fact| fact.as_str().unwrap()));
                    continue;
                }
                let fill = fills.entry(placeholder).or_default();
                if !fill.is_empty() {
                    fill.push('\n');
                }
                fill.push_str(value.as_str().unwrap());
            }
        }
        let mut plan = self.plan.clone();
        // Texts may hold placeholders themselves.
        for _ in 0..2 {
            for (placeholder, text) in &fills {
                plan = plan.replace(&format!("@{placeholder}@"), text);
            }
        }
        let empty = plan.split('@').skip(1).step_by(2).map(str::to_owned);
        for placeholder in empty.collect::<Vec<_>>() {
            plan = plan.replace(&format!("@{placeholder}@"), "");
        }
        (plan, facts)
    }
}

/// Adds a fact to a network.
pub fn add(network: &mut Network, fact: &str) {
    let words: Vec<&str> = fact.split_whitespace().collect();
    let key = |network: &Network, label: &str| {
        let key = network.labelled(label);
        key.unwrap_or_else(|| panic!("no {label} for `{fact}`"))
            .clone()
    };
    match words.as_slice() {
        [vpc, "dns_support", "off"] => {
            let vpc = key(network, vpc);
            network.vpcs.get_mut(&vpc).unwrap().dns_support = false;
        }
        [vpc, "dns_hostnames", "off"] => {
            let vpc = key(network, vpc);
            network.vpcs.get_mut(&vpc).unwrap().dns_hostnames = false;
        }
        ["bucket", name, "in", region] => {
            let account = network.place.account.clone();
            bucket(network, name, region, &account, Known::default());
        }
        ["bucket", name, "of", account] => {
            let region = network.place.region.clone();
            let policy = Known::Not("the bucket is another account's".to_owned());
            bucket(network, name, &region, account, policy);
        }
        [table, to, "blackhole"] => {
            let to = Destination::Block(to.parse().unwrap());
            let table = key(network, table);
            let routes = &mut network.route_tables.get_mut(&table).unwrap().routes;
            routes.iter_mut().find(|it| it.to == to).unwrap().blackhole = true;
        }
        [table, to, how @ ("via" | "propagated"), target] => {
            let table = key(network, table);
            let to = match to.starts_with("pl-") {
                true => Destination::PrefixList((*to).to_owned()),
                false => Destination::Block(to.parse().unwrap()),
            };
            let via = match network.labelled(target) {
                Some(key) if target.starts_with("nat_") => Via::NatGateway(key.clone()),
                Some(key) => Via::InternetGateway(key.clone()),
                None => Via::Other((*target).to_owned()),
            };
            network
                .route_tables
                .get_mut(&table)
                .unwrap()
                .routes
                .push(Route {
                    to,
                    via,
                    blackhole: false,
                    propagated: *how == "propagated",
                    spot: None,
                });
        }
        [thing, "broken"] => {
            let key = key(network, thing);
            let why = Some("AWS says failed".to_owned());
            if let Some(it) = network.nat_gateways.get_mut(&key) {
                it.broken = why;
            } else if let Some(it) = network.gateway_endpoints.get_mut(&key) {
                it.broken = why;
            } else {
                network.interface_endpoints.get_mut(&key).unwrap().broken = why;
            }
        }
        [gateway, "detached"] => {
            let key = key(network, gateway);
            network.internet_gateways.get_mut(&key).unwrap().vpc = None;
        }
        [subnet, "table", "none"] => {
            let subnet = key(network, subnet);
            network.subnets.get_mut(&subnet).unwrap().route_table = None;
        }
        [subnet, "acl", side, effect, protocol, ports, block] => {
            let subnet = key(network, subnet);
            let ports: Vec<u16> = ports.split('-').map(|it| it.parse().unwrap()).collect();
            acl_entry(network, &subnet, |number| AclEntry {
                number,
                egress: *side == "out",
                allow: *effect == "allow",
                protocol: Protocol::named(protocol),
                ports: Ports {
                    from: ports[0],
                    to: *ports.last().unwrap(),
                },
                block: block.parse().unwrap(),
            });
        }
        ["prefix_list", id, name, blocks @ ..] => {
            let list = PrefixList {
                name: (*name).to_owned(),
                blocks: blocks.iter().map(|it| it.parse().unwrap()).collect(),
            };
            network.prefix_lists.insert((*id).to_owned(), list);
        }
        [thing, "at", address] => {
            let key = key(network, thing);
            let address = address.parse().unwrap();
            match network.nat_gateways.get_mut(&key) {
                Some(nat) => nat.address = PublicAddress::Is(address),
                None => {
                    let instance = network.instances.get_mut(&key).unwrap();
                    instance.private_address = Some(address);
                }
            }
        }
        _ => panic!("no such fact: {fact}"),
    }
}

fn bucket(
    network: &mut Network,
    name: &str,
    region: &str,
    account: &str,
    policy: Known<Option<s3net::model::Value>>,
) {
    let bucket = Bucket {
        name: name.to_owned(),
        region: Known::Is(region.to_owned()),
        account: Known::Is(account.to_owned()),
        policy: BucketPolicy {
            document: policy,
            spot: None,
        },
        block: Known::default(),
        spot: None,
    };
    network.buckets.insert(name.to_owned(), bucket);
}

/// Adds an entry to a subnet's ACL, numbered in order.
fn acl_entry(network: &mut Network, subnet: &str, entry: impl FnOnce(u32) -> AclEntry) {
    let name = format!("acl-{subnet}");
    let it = network.subnets.get_mut(subnet).unwrap();
    it.network_acl = Some(name.clone());
    let vpc = it.vpc.clone();
    let acl = network
        .network_acls
        .entry(name)
        .or_insert_with(|| NetworkAcl {
            vpc,
            entries: Vec::new(),
        });
    let number = u32::try_from(acl.entries.len()).unwrap() * 100 + 100;
    acl.entries.push(entry(number));
}

//! The facts of networks that live, whoever made them, for traces.
//!
//! Only reads, as few as AWS allows, and all that need nothing of each other
//! side by side:
//!
//! ```text
//! subnets, instances ─► their VPCs ─┬─► the two DNS attributes of each
//!                                   ├─► subnets, gateways, endpoints, ACLs
//!                                   ├─► tables, groups ─► prefix lists they name,
//!                                   │   beside S3's and DynamoDB's own
//!                                   ├─► private zones ─► records
//!                                   └─► instances ─► profiles ─► roles ─┐
//! roles asked for ──────────────────────────────────────────────────────┴─► policies
//! buckets
//! ```
//!
//! What the credentials may not read is told as not known, with the reason, and
//! never as not there. Every other trouble is the survey's own: half a network
//! would be answered about as if it were whole.

mod buckets;
mod endpoints;
mod filters;
mod gaps;
mod instances;
mod labels;
mod names;
mod prefix_lists;
mod reads;
mod roles;
mod routing;
mod subnets;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types as ec2;

use super::{Aws, CallError};
use crate::model::Place;
use crate::model::network::{Known, Network};
use gaps::{Gaps, noted};

/// What a survey is to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Area {
    /// VPCs, by id.
    pub vpcs: BTreeSet<String>,
    /// Subnets, by id: all of their VPCs is looked at.
    pub subnets: BTreeSet<String>,
    /// Instances, by id: all of their VPCs is looked at.
    pub instances: BTreeSet<String>,
    /// Buckets, by name, of any region and account.
    pub buckets: BTreeSet<String>,
    /// Roles, by name, beside those of the instances.
    pub roles: BTreeSet<String>,
}

/// What was read of the VPCs.
struct Found {
    ids: Vec<String>,
    vpcs: Vec<ec2::Vpc>,
    dns: BTreeMap<String, Known<subnets::Dns>>,
    subnets: Known<Vec<ec2::Subnet>>,
    route_tables: Known<Vec<ec2::RouteTable>>,
    internet_gateways: Known<Vec<ec2::InternetGateway>>,
    nat_gateways: Known<Vec<ec2::NatGateway>>,
    endpoints: Known<Vec<ec2::VpcEndpoint>>,
    interfaces: Known<Vec<ec2::NetworkInterface>>,
    security_groups: Known<Vec<ec2::SecurityGroup>>,
    network_acls: Known<Vec<ec2::NetworkAcl>>,
    prefix_lists: Vec<prefix_lists::List>,
    zones: names::Zones,
    callers: instances::Callers,
    roles: Vec<roles::Outline>,
}

/// Reads the facts of an area. A bucket that is not there is among them, with
/// nothing known of it; instances that are terminated are not.
///
/// # Errors
/// AWS's refusal of anything but a permission, such as of a VPC, a subnet, an
/// instance or a role that is not there; DescribeVpcs not allowed; an answer
/// that makes no sense.
pub async fn survey(aws: &Aws, place: &Place, area: &Area) -> Result<Network, CallError> {
    let (vpcs, buckets, mut asked) = tokio::try_join!(
        found(aws, place, area),
        buckets::read(aws, place, &area.buckets),
        roles::outlines(aws, place, area.roles.iter().cloned().collect()),
    )?;
    let mut network = Network {
        place: place.clone(),
        account_block: Known::Not("the account's own block of public access was not read".into()),
        ..Network::default()
    };
    if let Some(mut found) = vpcs {
        asked.append(&mut found.roles);
        tell(&mut network, area, found)?;
    }
    let documents = roles::managed_policies(aws, roles::managed_of(&asked)).await?;
    for role in asked {
        roles::tell(&mut network, role, &documents);
    }
    for bucket in buckets {
        network.buckets.insert(bucket.name.clone(), bucket);
    }
    labels::tell_apart(&mut network.labels);
    Ok(network)
}

/// Reads all of the VPCs of an area; nothing where it has none.
async fn found(aws: &Aws, place: &Place, area: &Area) -> Result<Option<Found>, CallError> {
    let ids = vpcs_of(aws, area).await?;
    if ids.is_empty() {
        return Ok(None);
    }
    let ids = ids.as_slice();
    let named = async {
        let (tables, groups, mut lists) = tokio::try_join!(
            reads::route_tables(aws, ids),
            reads::security_groups(aws, ids),
            prefix_lists::of_aws(aws, place),
        )?;
        let mut named: BTreeSet<String> = routing::prefix_lists_of(&tables)
            .chain(filters::prefix_lists_of(&groups))
            .collect();
        named.retain(|id| lists.iter().all(|list| list.id != *id));
        lists.extend(prefix_lists::named(aws, named).await?);
        Ok((tables, groups, lists))
    };
    let callers = async {
        let callers = instances::read(aws, ids).await?;
        let new = callers.roles().filter(|role| !area.roles.contains(*role));
        let outlines = roles::outlines(aws, place, new.cloned().collect()).await?;
        Ok((callers, outlines))
    };
    let (vpcs, dns, subnets, gateways, nats, endpoints, interfaces, acls, zones, named, callers) =
        tokio::try_join!(
            reads::vpcs(aws, ids),
            subnets::dns_of(aws, ids),
            reads::subnets(aws, ids),
            reads::internet_gateways(aws, ids),
            reads::nat_gateways(aws, ids),
            reads::vpc_endpoints(aws, ids),
            reads::endpoint_interfaces(aws, ids),
            reads::network_acls(aws, ids),
            names::read(aws, place, ids),
            named,
            callers,
        )?;
    let (route_tables, security_groups, prefix_lists) = named;
    let (callers, roles) = callers;
    Ok(Some(Found {
        ids: ids.to_vec(),
        vpcs,
        dns,
        subnets,
        route_tables,
        internet_gateways: gateways,
        nat_gateways: nats,
        endpoints,
        interfaces,
        security_groups,
        network_acls: acls,
        prefix_lists,
        zones,
        callers,
        roles,
    }))
}

/// The VPCs of an area: those that it names, and those of its subnets and
/// instances.
async fn vpcs_of(aws: &Aws, area: &Area) -> Result<Vec<String>, CallError> {
    let (subnets, instances) = tokio::try_join!(
        reads::vpcs_of_subnets(aws, &area.subnets),
        reads::vpcs_of_instances(aws, &area.instances),
    )?;
    let mut ids = area.vpcs.clone();
    ids.extend(subnets);
    ids.extend(instances);
    Ok(ids.into_iter().collect())
}

/// Tells what was read in the network's words. Later subjects add to earlier
/// ones: tables and ACLs to subnets, interfaces to endpoints.
fn tell(network: &mut Network, area: &Area, found: Found) -> Result<(), CallError> {
    let mut gaps = Gaps::new(&found.ids);
    let gaps = &mut gaps;
    let asked = [
        (
            &area.subnets,
            unless(&found.subnets, "it has no IPv4 addresses"),
        ),
        (
            &area.instances,
            unless(&found.callers.instances, "it is terminated"),
        ),
    ];
    subnets::tell_vpcs(network, gaps, &found.vpcs, &found.dns)?;
    subnets::tell(network, &noted(gaps, found.subnets))?;
    let nats = noted(gaps, found.nat_gateways);
    routing::tell_tables(network, &noted(gaps, found.route_tables), &nats)?;
    routing::tell_internet_gateways(network, &noted(gaps, found.internet_gateways));
    routing::tell_nat_gateways(network, &nats)?;
    match &found.endpoints {
        Known::Is(found_endpoints) => {
            let interfaces = noted(gaps, found.interfaces);
            endpoints::tell(network, found_endpoints, &interfaces)?;
        }
        Known::Not(reason) => gaps.hide_all(reason),
    }
    filters::tell_groups(network, &noted(gaps, found.security_groups))?;
    match found.network_acls {
        Known::Is(acls) => filters::tell_acls(network, &acls)?,
        Known::Not(reason) => filters::tell_acls_unread(network, gaps, &reason),
    }
    for list in found.prefix_lists {
        labels::put(network, &list.id, &list.tags);
        network.prefix_lists.insert(list.id, list.facts);
    }
    names::tell(network, gaps, found.zones);
    instances::tell(network, gaps, found.callers)?;
    for (ids, reason) in asked {
        let told =
            |id: &String| network.subnets.contains_key(id) || network.instances.contains_key(id);
        let missing: Vec<&String> = ids.iter().filter(|id| !told(id)).collect();
        for id in missing {
            network.unread.insert(id.clone(), reason.clone());
        }
    }
    std::mem::take(gaps).tell(network);
    Ok(())
}

/// Why something is not told: it could not be read, or else this.
fn unless<T>(read: &Known<Vec<T>>, otherwise: &str) -> String {
    match read {
        Known::Is(_) => otherwise.to_owned(),
        Known::Not(reason) => reason.clone(),
    }
}

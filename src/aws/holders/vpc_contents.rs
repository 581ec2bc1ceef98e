//! What is left in a VPC, beyond what AWS itself deletes with it: the default
//! group, the default ACL and the main route table.
//!
//! DeleteVpc wants everything else gone (Amazon EC2 API reference, DeleteVpc).

use super::objects::Read;
use super::services::{GUARD_DUTY, is_guard_duty_endpoint, is_guard_duty_group};
use super::sighting::{Noun, Sighting};
use crate::aws::error::on;
use crate::aws::tagging::{filter, from_ec2};
use crate::aws::vpc_endpoints::is_going;
use crate::aws::{Aws, CallError};

type Seen = Result<Vec<Sighting>, CallError>;

/// A read for each kind of thing that can be left.
pub(super) fn reads<'a>(aws: &'a Aws, id: &'a str) -> Vec<Read<'a>> {
    vec![
        Box::pin(subnets(aws, id)),
        Box::pin(security_groups(aws, id)),
        Box::pin(endpoints(aws, id)),
        Box::pin(internet_gateways(aws, id)),
        Box::pin(vpn_gateways(aws, id)),
        Box::pin(route_tables(aws, id)),
        Box::pin(network_acls(aws, id)),
        Box::pin(peerings(aws, id, "requester-vpc-info.vpc-id")),
        Box::pin(peerings(aws, id, "accepter-vpc-info.vpc-id")),
    ]
}

async fn subnets(aws: &Aws, id: &str) -> Seen {
    let request = aws.ec2.describe_subnets().filters(filter("vpc-id", [id]));
    let answer = request.send().await.map_err(on("DescribeSubnets"))?;
    let subnets = answer.subnets().iter();
    Ok(subnets
        .map(|it| {
            let mut seen = Sighting::new(Noun::Subnet, it.subnet_id());
            seen.account = it.owner_id().map(str::to_owned);
            seen.tagged(from_ec2(it.tags()))
        })
        .collect())
}

async fn security_groups(aws: &Aws, id: &str) -> Seen {
    let request = aws.ec2.describe_security_groups();
    let request = request.filters(filter("vpc-id", [id]));
    let answer = request.send().await.map_err(on("DescribeSecurityGroups"))?;
    let groups = answer.security_groups().iter();
    Ok(groups
        .filter(|it| it.group_name() != Some("default"))
        .map(|it| {
            let name = it.group_name().unwrap_or_default();
            let mut seen = Sighting::new(Noun::SecurityGroup, it.group_id());
            seen.account = it.owner_id().map(str::to_owned);
            seen.note = (!name.is_empty()).then(|| name.to_owned());
            seen.service = is_guard_duty_group(name).then_some(GUARD_DUTY);
            seen.tagged(from_ec2(it.tags()))
        })
        .collect())
}

async fn endpoints(aws: &Aws, id: &str) -> Seen {
    let request = aws.ec2.describe_vpc_endpoints();
    let request = request.filters(filter("vpc-id", [id]));
    let answer = request.send().await.map_err(on("DescribeVpcEndpoints"))?;
    let endpoints = answer.vpc_endpoints().iter();
    let standing = endpoints.filter(|it| crate::aws::vpc_endpoints::state(it) != "deleted");
    Ok(standing
        .map(|it| {
            let tags = from_ec2(it.tags());
            let service = it.service_name().unwrap_or_default();
            let mut seen = Sighting::new(Noun::Endpoint, it.vpc_endpoint_id());
            seen.note = (!service.is_empty()).then(|| service.to_owned());
            seen.going = is_going(it);
            seen.service = is_guard_duty_endpoint(service, &tags).then_some(GUARD_DUTY);
            seen.tagged(tags)
        })
        .collect())
}

async fn internet_gateways(aws: &Aws, id: &str) -> Seen {
    let request = aws.ec2.describe_internet_gateways();
    let request = request.filters(filter("attachment.vpc-id", [id]));
    let answer = request.send().await;
    let answer = answer.map_err(on("DescribeInternetGateways"))?;
    let gateways = answer.internet_gateways().iter();
    Ok(gateways
        .map(|it| {
            let noun = Noun::InternetGateway { vpc: id.to_owned() };
            let mut seen = Sighting::new(noun, it.internet_gateway_id());
            seen.note = Some("attached".to_owned());
            seen.tagged(from_ec2(it.tags()))
        })
        .collect())
}

async fn vpn_gateways(aws: &Aws, id: &str) -> Seen {
    let request = aws.ec2.describe_vpn_gateways();
    let request = request.filters(filter("attachment.vpc-id", [id]));
    let answer = request.send().await.map_err(on("DescribeVpnGateways"))?;
    let gateways = answer.vpn_gateways().iter();
    let attached = gateways.filter(|gateway| {
        let mut here = gateway.vpc_attachments().iter();
        here.any(|it| {
            let state = it.state().map(|state| state.as_str());
            it.vpc_id() == Some(id) && state != Some("detached")
        })
    });
    Ok(attached
        .map(|it| {
            let noun = Noun::VpnGateway { vpc: id.to_owned() };
            let mut seen = Sighting::new(noun, it.vpn_gateway_id());
            seen.note = Some("attached".to_owned());
            seen.tagged(from_ec2(it.tags()))
        })
        .collect())
}

async fn route_tables(aws: &Aws, id: &str) -> Seen {
    let request = aws.ec2.describe_route_tables();
    let request = request.filters(filter("vpc-id", [id]));
    let answer = request.send().await.map_err(on("DescribeRouteTables"))?;
    let tables = answer.route_tables().iter();
    let own = tables.filter(|table| {
        let mut associations = table.associations().iter();
        !associations.any(|it| it.main().unwrap_or(false))
    });
    Ok(own
        .map(|it| Sighting::new(Noun::RouteTable, it.route_table_id()).tagged(from_ec2(it.tags())))
        .collect())
}

async fn network_acls(aws: &Aws, id: &str) -> Seen {
    let request = aws.ec2.describe_network_acls();
    let request = request.filters(filter("vpc-id", [id]));
    let answer = request.send().await.map_err(on("DescribeNetworkAcls"))?;
    let acls = answer.network_acls().iter();
    Ok(acls
        .filter(|it| it.is_default() != Some(true))
        .map(|it| Sighting::new(Noun::NetworkAcl, it.network_acl_id()).tagged(from_ec2(it.tags())))
        .collect())
}

async fn peerings(aws: &Aws, id: &str, side: &str) -> Seen {
    let request = aws.ec2.describe_vpc_peering_connections();
    let request = request.filters(filter(side, [id]));
    let answer = request.send().await;
    let answer = answer.map_err(on("DescribeVpcPeeringConnections"))?;
    let peerings = answer.vpc_peering_connections().iter();
    Ok(peerings
        .filter_map(|it| {
            let state = it.status().and_then(|it| it.code()).map(|it| it.as_str());
            // The others are gone, or were never there (Amazon VPC peering
            // guide, "VPC peering connection lifecycle").
            if !["pending-acceptance", "provisioning", "active", "deleting"]
                .contains(&state.unwrap_or("active"))
            {
                return None;
            }
            let other = match side.starts_with("requester") {
                true => it.accepter_vpc_info(),
                false => it.requester_vpc_info(),
            };
            let mut seen = Sighting::new(Noun::Peering, it.vpc_peering_connection_id());
            seen.note = other
                .and_then(|it| it.vpc_id())
                .map(|vpc| format!("with {vpc}"));
            seen.going = state == Some("deleting");
            Some(seen.tagged(from_ec2(it.tags())))
        })
        .collect())
}

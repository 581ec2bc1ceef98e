//! Every object of an account with what it is tied to, in words that are the
//! same for two accounts that were built alike.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::Tag;
use s3net::aws::Aws;

/// Names for AWS's ids: the address that the tags say.
#[derive(Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn learn(&mut self, id: Option<&str>, tags: &[Tag]) {
        let tag = tags.iter().find(|tag| tag.key() == Some("s3net:address"));
        let name = tag.and_then(|tag| tag.value()).unwrap_or("nobody's");
        self.0.insert(id.unwrap().to_owned(), name.to_owned());
    }

    fn of(&self, id: Option<&str>) -> String {
        let id = id.unwrap_or("-");
        self.0.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    fn all<'a>(&self, ids: impl Iterator<Item = Option<&'a str>>) -> String {
        let mut names: Vec<String> = ids.map(|id| self.of(id)).collect();
        names.sort();
        names.join(" ")
    }
}

/// One line an object, sorted.
pub async fn census(aws: &Aws, account: &str) -> Vec<String> {
    let mut names = Names::default();
    let ec2 = &aws.ec2;
    let vpcs = ec2.describe_vpcs().send().await.unwrap();
    for vpc in vpcs.vpcs() {
        names.learn(vpc.vpc_id(), vpc.tags());
    }
    let subnets = ec2.describe_subnets().send().await.unwrap();
    for subnet in subnets.subnets() {
        names.learn(subnet.subnet_id(), subnet.tags());
    }
    let groups = ec2.describe_security_groups().send().await.unwrap();
    for group in groups.security_groups() {
        names.learn(group.group_id(), group.tags());
    }
    let gateways = ec2.describe_internet_gateways().send().await.unwrap();
    for gateway in gateways.internet_gateways() {
        names.learn(gateway.internet_gateway_id(), gateway.tags());
    }
    let addresses = ec2.describe_addresses().send().await.unwrap();
    for address in addresses.addresses() {
        names.learn(address.allocation_id(), address.tags());
    }
    let nats = ec2.describe_nat_gateways().send().await.unwrap();
    for nat in nats.nat_gateways() {
        names.learn(nat.nat_gateway_id(), nat.tags());
    }
    let tables = ec2.describe_route_tables().send().await.unwrap();
    for table in tables.route_tables() {
        names.learn(table.route_table_id(), table.tags());
    }
    let endpoints = ec2.describe_vpc_endpoints().send().await.unwrap();
    for endpoint in endpoints.vpc_endpoints() {
        names.learn(endpoint.vpc_endpoint_id(), endpoint.tags());
    }

    let mut lines = Vec::new();
    for vpc in vpcs.vpcs() {
        let (name, cidr) = (names.of(vpc.vpc_id()), vpc.cidr_block().unwrap());
        lines.push(format!("vpc {name} {cidr} default={:?}", vpc.is_default()));
    }
    for subnet in subnets.subnets() {
        let (name, vpc) = (names.of(subnet.subnet_id()), names.of(subnet.vpc_id()));
        lines.push(format!(
            "subnet {name} {vpc} {}",
            subnet.cidr_block().unwrap()
        ));
    }
    for group in groups.security_groups() {
        let (name, vpc) = (names.of(group.group_id()), names.of(group.vpc_id()));
        lines.push(format!(
            "group {name} {vpc} {}",
            group.group_name().unwrap()
        ));
    }
    let rules = ec2.describe_security_group_rules().send().await.unwrap();
    for rule in rules.security_group_rules() {
        let peer = rule
            .referenced_group_info()
            .and_then(|info| info.group_id());
        lines.push(format!(
            "rule {} egress={:?} {:?} {:?}-{:?} {:?} {}",
            names.of(rule.group_id()),
            rule.is_egress(),
            rule.ip_protocol(),
            rule.from_port(),
            rule.to_port(),
            rule.cidr_ipv4(),
            names.of(peer),
        ));
    }
    for gateway in gateways.internet_gateways() {
        let vpcs = names.all(gateway.attachments().iter().map(|a| a.vpc_id()));
        let name = names.of(gateway.internet_gateway_id());
        lines.push(format!("internet gateway {name} at {vpcs}"));
    }
    for address in addresses.addresses() {
        let name = names.of(address.allocation_id());
        lines.push(format!(
            "address {name} used={}",
            address.association_id().is_some()
        ));
    }
    for nat in nats.nat_gateways() {
        let state = nat.state().unwrap().as_str();
        if state != "deleted" {
            let (name, subnet) = (names.of(nat.nat_gateway_id()), names.of(nat.subnet_id()));
            lines.push(format!("nat {name} {subnet} {state}"));
        }
    }
    for table in tables.route_tables() {
        let name = names.of(table.route_table_id());
        let to = names.all(table.associations().iter().map(|a| a.subnet_id()));
        lines.push(format!(
            "table {name} {} for {to}",
            names.of(table.vpc_id())
        ));
        for route in table.routes() {
            let to = route
                .destination_cidr_block()
                .or(route.destination_prefix_list_id());
            let via = names.of(route.nat_gateway_id().or(route.gateway_id()));
            lines.push(format!("route {name} {to:?} {via} {:?}", route.state()));
        }
    }
    for endpoint in endpoints.vpc_endpoints() {
        let state = endpoint.state().unwrap().as_str().to_lowercase();
        if state == "deleted" {
            continue;
        }
        lines.push(format!(
            "endpoint {} {} {:?} {state} tables {} subnets {} groups {} policy {}",
            names.of(endpoint.vpc_endpoint_id()),
            endpoint.service_name().unwrap(),
            endpoint.vpc_endpoint_type(),
            names.all(
                endpoint
                    .route_table_ids()
                    .iter()
                    .map(|id| Some(id.as_str()))
            ),
            names.all(endpoint.subnet_ids().iter().map(|id| Some(id.as_str()))),
            names.all(endpoint.groups().iter().map(|group| group.group_id())),
            endpoint.policy_document().unwrap_or("-").len(),
        ));
    }
    let reservations = ec2.describe_instances().send().await.unwrap();
    for instance in reservations
        .reservations()
        .iter()
        .flat_map(|r| r.instances())
    {
        let state = instance.state().and_then(|s| s.name()).unwrap().as_str();
        if state == "terminated" {
            continue;
        }
        names.learn(instance.instance_id(), instance.tags());
        let profile = instance
            .iam_instance_profile()
            .and_then(|profile| profile.arn());
        lines.push(format!(
            "instance {} {state} {} groups {} profile {profile:?}",
            names.of(instance.instance_id()),
            names.of(instance.subnet_id()),
            names.all(instance.security_groups().iter().map(|g| g.group_id())),
        ));
    }
    let interfaces = ec2.describe_network_interfaces().send().await.unwrap();
    for interface in interfaces.network_interfaces() {
        let subnet = names.of(interface.subnet_id());
        let groups = names.all(interface.groups().iter().map(|group| group.group_id()));
        lines.push(format!("interface {subnet} {groups}"));
    }
    named(aws, &mut lines).await;
    let mut lines: Vec<String> = lines
        .into_iter()
        .map(|line| line.replace(account, "ACCOUNT"))
        .collect();
    lines.sort();
    lines
}

/// What AWS knows by name.
async fn named(aws: &Aws, lines: &mut Vec<String>) {
    for bucket in aws.s3.list_buckets().send().await.unwrap().buckets() {
        let name = bucket.name().unwrap();
        let policy = aws.s3.get_bucket_policy().bucket(name).send().await.ok();
        let block = aws.s3.get_public_access_block().bucket(name).send().await;
        let tags = aws.s3.get_bucket_tagging().bucket(name).send().await.ok();
        lines.push(format!(
            "bucket {name} policy {:?} block {} tags {}",
            policy.and_then(|p| p.policy).map(|text| text.len()),
            block.is_ok(),
            tags.map_or(0, |tags| tags.tag_set().len()),
        ));
    }
    for role in aws.iam.list_roles().send().await.unwrap().roles() {
        let name = role.role_name();
        let inline = aws
            .iam
            .list_role_policies()
            .role_name(name)
            .send()
            .await
            .unwrap();
        let attached = aws.iam.list_attached_role_policies().role_name(name);
        let attached = attached.send().await.unwrap();
        let attached: Vec<_> = attached
            .attached_policies()
            .iter()
            .map(|p| p.policy_arn())
            .collect();
        lines.push(format!(
            "role {name} {:?} {attached:?}",
            inline.policy_names()
        ));
    }
    let profiles = aws.iam.list_instance_profiles().send().await.unwrap();
    for profile in profiles.instance_profiles() {
        let roles: Vec<_> = profile
            .roles()
            .iter()
            .map(|role| role.role_name())
            .collect();
        lines.push(format!(
            "profile {} {roles:?}",
            profile.instance_profile_name()
        ));
    }
    let zones = aws.route53.list_hosted_zones().send().await.unwrap();
    for zone in zones.hosted_zones() {
        lines.push(format!("zone {}", zone.name()));
        let records = aws
            .route53
            .list_resource_record_sets()
            .hosted_zone_id(zone.id());
        for record in records.send().await.unwrap().resource_record_sets() {
            let alias = record.alias_target().is_some();
            lines.push(format!(
                "record {} {:?} alias={alias}",
                record.name(),
                record.r#type()
            ));
        }
    }
}

//! VPC endpoints, with the addresses of their network interfaces.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use aws_sdk_ec2::types as ec2;

use super::super::CallError;
use super::super::vpc_endpoints::{is_full_access, regional_entry, state};
use super::labels;
use super::reads::{parsed, said};
use crate::model::network::{GatewayEndpoint, InterfaceEndpoint, Known, Network};
use crate::model::{Value, policy};

/// Tells gateway and interface endpoints. Those of other types are no way to an
/// AWS service by its name.
///
/// # Errors
/// An answer that makes no sense.
pub(super) fn tell(
    network: &mut Network,
    endpoints: &[ec2::VpcEndpoint],
    interfaces: &[ec2::NetworkInterface],
) -> Result<(), CallError> {
    let interfaces: BTreeMap<&str, &ec2::NetworkInterface> = interfaces
        .iter()
        .filter_map(|it| Some((it.network_interface_id()?, it)))
        .collect();
    for endpoint in endpoints.iter().filter(|it| state(it) != "deleted") {
        let id = said(endpoint.vpc_endpoint_id(), "an endpoint's id")?;
        match endpoint.vpc_endpoint_type() {
            // Before there were others, AWS did not say it.
            None | Some(ec2::VpcEndpointType::Gateway) => {
                let facts = gateway(endpoint)?;
                network.gateway_endpoints.insert(id.to_owned(), facts);
            }
            Some(ec2::VpcEndpointType::Interface) => {
                let facts = interface(endpoint, &interfaces)?;
                network.interface_endpoints.insert(id.to_owned(), facts);
            }
            Some(_) => continue,
        }
        labels::put_ec2(network, id, endpoint.tags());
    }
    Ok(())
}

fn gateway(endpoint: &ec2::VpcEndpoint) -> Result<GatewayEndpoint, CallError> {
    Ok(GatewayEndpoint {
        vpc: said(endpoint.vpc_id(), "an endpoint's VPC")?.to_owned(),
        service: said(endpoint.service_name(), "an endpoint's service")?.to_owned(),
        route_tables: endpoint.route_table_ids().iter().cloned().collect(),
        policy: policy_of(endpoint),
        broken: broken(endpoint),
        spot: None,
    })
}

fn interface(
    endpoint: &ec2::VpcEndpoint,
    interfaces: &BTreeMap<&str, &ec2::NetworkInterface>,
) -> Result<InterfaceEndpoint, CallError> {
    let subnets = endpoint.subnet_ids().iter();
    let mut subnets: BTreeMap<_, Option<Ipv4Addr>> =
        subnets.map(|subnet| (subnet.clone(), None)).collect();
    let own = endpoint.network_interface_ids().iter();
    for interface in own.filter_map(|id| interfaces.get(id.as_str())) {
        let subnet = said(interface.subnet_id(), "a network interface's subnet")?;
        if let Some(text) = interface.private_ip_address().filter(|it| !it.is_empty()) {
            let address = parsed(text, "a private address")?;
            subnets.insert(subnet.to_owned(), Some(address));
        }
    }
    let options = endpoint.dns_options();
    let only_inbound = options
        .and_then(ec2::DnsOptions::private_dns_only_for_inbound_resolver_endpoint)
        .unwrap_or_default();
    let groups = endpoint.groups().iter();
    let dns_name = regional_entry(endpoint).and_then(|entry| entry.dns_name());
    Ok(InterfaceEndpoint {
        vpc: said(endpoint.vpc_id(), "an endpoint's VPC")?.to_owned(),
        service: said(endpoint.service_name(), "an endpoint's service")?.to_owned(),
        subnets,
        security_groups: groups
            .filter_map(|group| group.group_id().map(str::to_owned))
            .collect(),
        private_dns: endpoint.private_dns_enabled().unwrap_or_default(),
        only_inbound,
        dns_name: dns_name.map(|name| name.strip_prefix("*.").unwrap_or(name).to_owned()),
        policy: policy_of(endpoint),
        broken: broken(endpoint),
        spot: None,
    })
}

/// Its policy; nothing where it allows everything.
fn policy_of(endpoint: &ec2::VpcEndpoint) -> Known<Option<Value>> {
    let Some(text) = endpoint.policy_document().filter(|text| !text.is_empty()) else {
        return Known::Is(None);
    };
    match policy::parse(text) {
        Ok(document) if is_full_access(&document) => Known::Is(None),
        Ok(document) => Known::Is(Some(document)),
        Err(error) => Known::Not(format!(
            "AWS shows a policy of the endpoint that is {error}"
        )),
    }
}

/// Why it does not work: its state, with what AWS says of it. One that lacks an
/// interface in some subnet (`partial`) works in the others.
fn broken(endpoint: &ec2::VpcEndpoint) -> Option<String> {
    let state = state(endpoint);
    if matches!(state.as_str(), "available" | "partial") {
        return None;
    }
    let state = match state.as_str() {
        "pendingacceptance" => "pending acceptance",
        state => state,
    };
    let error = endpoint.last_error();
    let told = error.and_then(|error| error.message().or(error.code()));
    Some(match told.or(endpoint.failure_reason()) {
        Some(told) => format!("its state is {state}: {told}"),
        None => format!("its state is {state}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::builders::VpcEndpointBuilder;
    use aws_sdk_ec2::types::{State, VpcEndpointType};

    const S3: &str = "com.amazonaws.ap-northeast-1.s3";

    fn endpoint(id: &str, kind: VpcEndpointType) -> VpcEndpointBuilder {
        ec2::VpcEndpoint::builder()
            .vpc_endpoint_id(id)
            .vpc_id("vpc-1")
            .service_name(S3)
            .vpc_endpoint_type(kind)
            .state(State::Available)
    }

    #[test]
    fn a_gateway_endpoint_says_which_tables_it_serves() {
        let narrow = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}"#;
        let gateway = endpoint("vpce-1", VpcEndpointType::Gateway)
            .route_table_ids("rtb-2")
            .route_table_ids("rtb-1")
            .policy_document(narrow)
            .build();
        let mut network = Network::default();
        tell(&mut network, &[gateway], &[]).unwrap();
        let told = &network.gateway_endpoints["vpce-1"];
        assert!(told.route_tables.iter().eq(["rtb-1", "rtb-2"]));
        assert_eq!(told.service, S3);
        let document = policy::parse(narrow).unwrap();
        assert_eq!(told.policy, Known::Is(Some(document)));
        assert_eq!(told.broken, None);
    }

    #[test]
    fn an_interface_endpoint_has_an_address_in_each_subnet() {
        let name = "*.vpce-1-ab.s3.ap-northeast-1.vpce.amazonaws.com";
        let options = ec2::DnsOptions::builder();
        let group = ec2::SecurityGroupIdentifier::builder().group_id("sg-1");
        let interface = endpoint("vpce-1", VpcEndpointType::Interface)
            .subnet_ids("subnet-1")
            .subnet_ids("subnet-2")
            .network_interface_ids("eni-1")
            .groups(group.build())
            .private_dns_enabled(true)
            .dns_options(
                options
                    .private_dns_only_for_inbound_resolver_endpoint(true)
                    .build(),
            )
            .dns_entries(ec2::DnsEntry::builder().dns_name(name).build())
            .build();
        let of_interface = |id: &str, subnet: &str| {
            ec2::NetworkInterface::builder()
                .network_interface_id(id)
                .subnet_id(subnet)
                .private_ip_address("10.0.1.7")
                .build()
        };
        let found = [
            of_interface("eni-1", "subnet-1"),
            of_interface("eni-9", "subnet-9"),
        ];
        let mut network = Network::default();
        tell(&mut network, &[interface], &found).unwrap();
        let told = &network.interface_endpoints["vpce-1"];
        let address = Some("10.0.1.7".parse().unwrap());
        let subnets: Vec<_> = told
            .subnets
            .iter()
            .map(|(id, at)| (id.as_str(), *at))
            .collect();
        assert_eq!(subnets, [("subnet-1", address), ("subnet-2", None)]);
        assert!(told.private_dns && told.only_inbound);
        assert_eq!(
            told.dns_name.as_deref(),
            Some("vpce-1-ab.s3.ap-northeast-1.vpce.amazonaws.com")
        );
        assert_eq!(told.policy, Known::Is(None));
    }

    #[test]
    fn what_does_not_work_says_why_and_what_is_gone_is_not_told() {
        let states = [
            "Available",
            "pendingAcceptance",
            "failed",
            "deleting",
            "Deleted",
        ];
        let endpoints: Vec<_> = states
            .iter()
            .map(|state| {
                endpoint(&format!("vpce-{state}"), VpcEndpointType::Gateway)
                    .state(State::from(*state))
                    .build()
            })
            .collect();
        let mut network = Network::default();
        tell(&mut network, &endpoints, &[]).unwrap();
        let broken: BTreeMap<&str, Option<&str>> = network
            .gateway_endpoints
            .iter()
            .map(|(id, it)| (id.as_str(), it.broken.as_deref()))
            .collect();
        let expected = [
            ("vpce-Available", None),
            ("vpce-deleting", Some("its state is deleting")),
            ("vpce-failed", Some("its state is failed")),
            (
                "vpce-pendingAcceptance",
                Some("its state is pending acceptance"),
            ),
        ];
        assert_eq!(broken, BTreeMap::from(expected));
    }

    #[test]
    fn a_policy_that_is_none_is_not_known() {
        let odd = endpoint("vpce-1", VpcEndpointType::Gateway).policy_document("nonsense");
        assert!(matches!(policy_of(&odd.build()), Known::Not(_)));
        let full =
            r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;
        let full = endpoint("vpce-1", VpcEndpointType::Interface).policy_document(full);
        assert_eq!(policy_of(&full.build()), Known::Is(None));
    }
}

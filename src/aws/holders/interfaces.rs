//! Whose a network interface is: an instance's, an endpoint's, a NAT gateway's,
//! a service's, or its own.
//!
//! An interface is mostly a sign of something else, which is what has to go. So
//! the user is told of that, and of the interface beside it.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    InstanceStateName, NatGatewayState, NetworkInterface, NetworkInterfaceStatus,
};

use super::services::{GUARD_DUTY, is_guard_duty_endpoint, of_interface};
use super::sighting::{Noun, Sighting};
use crate::aws::error::on;
use crate::aws::tagging::{filter, from_ec2};
use crate::aws::vpc_endpoints::is_going;
use crate::aws::{Aws, CallError};
use crate::model::Tags;

/// What stands behind an interface, as far as the interface itself says.
pub(super) fn sighted(interface: &NetworkInterface) -> Sighting {
    let id = interface.network_interface_id();
    let description = interface.description().unwrap_or_default();
    let attachment = interface.attachment();
    let beside = || Some(format!("network interface {}", id.unwrap_or("?")));
    let behind = |noun: Noun, id: &str| Sighting {
        note: beside(),
        ..Sighting::new(noun, Some(id))
    };
    if let Some(instance) = attachment.and_then(|it| it.instance_id()) {
        return behind(Noun::Instance, instance);
    }
    if let Some(gateway) = named_in(description, "nat-") {
        return behind(Noun::NatGateway, gateway);
    }
    if let Some(endpoint) = named_in(description, "vpce-") {
        return behind(Noun::Endpoint, endpoint);
    }
    let service = of_interface(interface);
    // A service has given it back, and AWS removes it.
    let available = interface.status() == Some(&NetworkInterfaceStatus::Available);
    Sighting {
        note: (!description.is_empty()).then(|| description.to_owned()),
        account: interface.owner_id().map(str::to_owned),
        service,
        going: service.is_some() && available,
        ..Sighting::new(Noun::Interface, id).tagged(from_ec2(interface.tag_set()))
    }
}

/// What maps a public address to an interface; none where it has none.
pub(super) fn mapping(interface: &NetworkInterface) -> Option<Sighting> {
    let association = interface.association()?;
    let public = association.public_ip()?;
    let mut behind = sighted(interface);
    let with = |what: &str| Some(format!("with public address {public}{what}"));
    let by_user = [Noun::Instance, Noun::Interface].contains(&behind.noun);
    // An Elastic IP can be taken off; an address of AWS's own goes with what
    // has it.
    match association.association_id() {
        Some(id)
            if by_user
                && behind.service.is_none()
                && association.ip_owner_id() != Some("amazon") =>
        {
            behind.note = Some(format!("of {} {}", behind.noun.text(), behind.id));
            behind.id = public.to_owned();
            behind.noun = Noun::Mapping {
                association: id.to_owned(),
            };
        }
        _ => {
            behind.note = with(
                &behind
                    .note
                    .map_or_else(String::new, |note| format!(", {note}")),
            )
        }
    }
    Some(behind)
}

/// The first id with this prefix that a description of AWS's names.
fn named_in<'a>(description: &'a str, prefix: &str) -> Option<&'a str> {
    let ours = ["Interface for NAT Gateway ", "VPC Endpoint Interface "];
    ours.iter()
        .find_map(|start| description.strip_prefix(start))
        .map(str::trim)
        .filter(|id| id.starts_with(prefix) && !id.contains(char::is_whitespace))
}

/// What is known of an object behind an interface.
#[derive(Debug, Clone, Default)]
struct Known {
    tags: Tags,
    going: bool,
    guard_duty: bool,
    note: Option<String>,
}

/// Asks for the tags and states of what stands behind interfaces, one call for
/// each kind of it, side by side. What AWS no longer shows is going: its
/// interface lingers. Gives the operations that failed beside it.
pub(super) async fn look_behind(aws: &Aws, sightings: &mut [Sighting]) -> Vec<CallError> {
    let ids = |noun: Noun| -> Vec<String> {
        let of_kind = sightings.iter().filter(|it| it.noun == noun);
        of_kind.map(|it| it.id.clone()).collect()
    };
    let (instances, gateways, endpoints) = tokio::join!(
        instances(aws, ids(Noun::Instance)),
        nat_gateways(aws, ids(Noun::NatGateway)),
        endpoints(aws, ids(Noun::Endpoint)),
    );
    let mut failed = Vec::new();
    for (noun, found) in [
        (Noun::Instance, instances),
        (Noun::NatGateway, gateways),
        (Noun::Endpoint, endpoints),
    ] {
        match found {
            Err(error) => failed.push(error),
            Ok(found) => {
                for sighting in sightings.iter_mut().filter(|it| it.noun == noun) {
                    let gone = || Known {
                        going: true,
                        ..Known::default()
                    };
                    let known = found.get(&sighting.id).cloned().unwrap_or_else(gone);
                    sighting.tags.extend(known.tags);
                    sighting.going |= known.going;
                    sighting.note = known.note.or(sighting.note.take());
                    if known.guard_duty {
                        sighting.service = Some(GUARD_DUTY);
                    }
                }
            }
        }
    }
    failed
}

type Found = Result<BTreeMap<String, Known>, CallError>;

async fn instances(aws: &Aws, ids: Vec<String>) -> Found {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let request = aws.ec2.describe_instances();
    let sent = request.filters(filter("instance-id", ids)).send().await;
    let answer = sent.map_err(on("DescribeInstances"))?;
    let reservations = answer.reservations().iter();
    let instances = reservations.flat_map(|it| it.instances());
    Ok(instances
        .map(|instance| {
            let state = instance.state().and_then(|it| it.name());
            let known = Known {
                tags: from_ec2(instance.tags()),
                going: matches!(
                    state,
                    Some(InstanceStateName::ShuttingDown | InstanceStateName::Terminated)
                ),
                ..Known::default()
            };
            (instance.instance_id().unwrap_or_default().to_owned(), known)
        })
        .collect())
}

async fn nat_gateways(aws: &Aws, ids: Vec<String>) -> Found {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let request = aws.ec2.describe_nat_gateways();
    let sent = request.filter(filter("nat-gateway-id", ids)).send().await;
    let answer = sent.map_err(on("DescribeNatGateways"))?;
    let gateways = answer.nat_gateways().iter();
    Ok(gateways
        .map(|gateway| {
            let known = Known {
                tags: from_ec2(gateway.tags()),
                going: matches!(
                    gateway.state(),
                    Some(NatGatewayState::Deleting | NatGatewayState::Deleted)
                ),
                ..Known::default()
            };
            (
                gateway.nat_gateway_id().unwrap_or_default().to_owned(),
                known,
            )
        })
        .collect())
}

async fn endpoints(aws: &Aws, ids: Vec<String>) -> Found {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let request = aws.ec2.describe_vpc_endpoints();
    let sent = request.filters(filter("vpc-endpoint-id", ids)).send().await;
    let answer = sent.map_err(on("DescribeVpcEndpoints"))?;
    let endpoints = answer.vpc_endpoints().iter();
    Ok(endpoints
        .map(|endpoint| {
            let tags = from_ec2(endpoint.tags());
            let service = endpoint.service_name().unwrap_or_default();
            let known = Known {
                guard_duty: is_guard_duty_endpoint(service, &tags),
                going: is_going(endpoint),
                note: (!service.is_empty()).then(|| service.to_owned()),
                tags,
            };
            (
                endpoint.vpc_endpoint_id().unwrap_or_default().to_owned(),
                known,
            )
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::builders::NetworkInterfaceBuilder;
    use aws_sdk_ec2::types::{NetworkInterfaceAssociation, NetworkInterfaceAttachment};

    fn interface(description: &str) -> NetworkInterfaceBuilder {
        NetworkInterface::builder()
            .network_interface_id("eni-1")
            .description(description)
    }

    #[test]
    fn what_stands_behind_an_interface_is_told() {
        let attachment = NetworkInterfaceAttachment::builder().instance_id("i-1");
        let of_instance = interface("").attachment(attachment.build()).build();
        let seen = sighted(&of_instance);
        assert_eq!((seen.noun, seen.id.as_str()), (Noun::Instance, "i-1"));
        assert_eq!(seen.note.as_deref(), Some("network interface eni-1"));
        let cases = [
            (
                "Interface for NAT Gateway nat-0a1b",
                Noun::NatGateway,
                "nat-0a1b",
            ),
            (
                "VPC Endpoint Interface vpce-0a1b",
                Noun::Endpoint,
                "vpce-0a1b",
            ),
            ("VPC Endpoint Interface nonsense", Noun::Interface, "eni-1"),
            ("my vpce-0a1b", Noun::Interface, "eni-1"),
            ("", Noun::Interface, "eni-1"),
        ];
        for (description, noun, id) in cases {
            let seen = sighted(&interface(description).build());
            assert_eq!((seen.noun, seen.id.as_str()), (noun, id), "{description}");
        }
    }

    #[test]
    fn an_interface_that_a_service_gave_back_goes_by_itself() {
        let lambda = |status| {
            let it = interface("AWS Lambda VPC ENI-f-1").requester_managed(true);
            sighted(&it.status(status).build())
        };
        assert!(lambda(NetworkInterfaceStatus::Available).going);
        assert!(!lambda(NetworkInterfaceStatus::InUse).going);
        let users = interface("").status(NetworkInterfaceStatus::Available);
        assert!(!sighted(&users.build()).going);
    }

    #[test]
    fn only_mapped_interfaces_keep_a_gateway_attached() {
        assert_eq!(mapping(&interface("").build()), None);
        let mapped = |owner: &str| {
            NetworkInterfaceAssociation::builder()
                .public_ip("192.0.2.7")
                .association_id("eipassoc-1")
                .ip_owner_id(owner)
                .build()
        };
        let nat = interface("Interface for NAT Gateway nat-1").association(mapped("1"));
        let seen = mapping(&nat.build()).unwrap();
        assert_eq!(seen.noun, Noun::NatGateway);
        let note = "with public address 192.0.2.7, network interface eni-1";
        assert_eq!(seen.note.as_deref(), Some(note));
        let attachment = NetworkInterfaceAttachment::builder().instance_id("i-1");
        let instance = interface("").attachment(attachment.build());
        let elastic = mapping(&instance.clone().association(mapped("1")).build()).unwrap();
        assert_eq!(elastic.id, "192.0.2.7");
        assert_eq!(elastic.note.as_deref(), Some("of instance i-1"));
        let amazons = mapping(&instance.association(mapped("amazon")).build()).unwrap();
        assert_eq!((amazons.noun, amazons.id.as_str()), (Noun::Instance, "i-1"));
    }
}

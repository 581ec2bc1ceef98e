//! The attachment of an internet gateway to its VPC.
//!
//! It has no id of its own, so it goes by its gateway's. AWS detaches a gateway
//! only when no public address of the VPC is mapped any more (Amazon EC2 API
//! reference, DetachInternetGateway). Addresses of NAT gateways that are being
//! deleted go by themselves; those of a stranger's instance do not, so we name
//! them instead of waiting blindly.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    AttachmentStatus, InternetGatewayAttachment as Described, NetworkInterface,
};

use crate::aws::reads::address_of;
use crate::aws::tagging::filter;
use crate::aws::{Call, CallError, Creation, Seen, on};
use crate::kind::{About, Change, Field, Kind, Live, Node, PartOf, Scope, Stack, Type};
use crate::model::{Attributes, Diagnostic};

/// `internet_gateway.<name>/attachment`
pub struct InternetGatewayAttachment;

const FIELDS: &[Field] = &[
    Field::new(
        "internet_gateway",
        Type::reference(&["internet_gateway"], &["igw-"]),
        "The gateway.",
    )
    .required()
    .replaces("AWS detaches one gateway before it attaches another"),
    Field::new(
        "vpc",
        Type::reference(&["vpc"], &["vpc-"]),
        "The VPC that it is attached to.",
    )
    .required()
    .replaces("AWS detaches a gateway from one VPC before it attaches it to another"),
];

const LIMIT: Duration = Duration::from_secs(600);
/// How long addresses that AWS takes back by itself may stay mapped: a NAT
/// gateway's go when it is deleted, which takes minutes.
const LINGER: Duration = Duration::from_secs(1200);
/// How long we wait for what will not go by itself, in case it is just going.
const STRANGER: Duration = Duration::from_secs(20);

#[async_trait]
impl Kind for InternetGatewayAttachment {
    fn about(&self) -> About {
        About {
            name: "internet_gateway_attachment",
            summary: "The attachment of an internet gateway to its VPC.",
            example: "",
            part_of: Some(PartOf {
                table: "internet_gateway",
                label: "attachment",
            }),
            tagged: false,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        // Told at the later of the two.
        let mut twins = stack.parts_of_kind("internet_gateway", "attachment");
        if let Some((other, twin)) = twins.find(|(_, twin)| {
            twin.span.start < node.span.start && twin.inputs.get("vpc") == node.inputs.get("vpc")
        }) {
            let problem = "a second internet gateway for one VPC";
            problems.push(
                Diagnostic::error(node.span_of("vpc"), problem)
                    .here("this VPC has one already")
                    .also(
                        twin.span_of("vpc"),
                        format!("{} is attached to it", other.table()),
                    )
                    .because("AWS attaches one internet gateway to a VPC at most")
                    .remedy(format!(
                        "remove one of them and let routes go via {}",
                        other.table()
                    )),
            );
        }
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let gateways = scope.shared.internet_gateways(scope.aws, scope.stack);
        let mut found = Vec::new();
        for gateway in gateways.await?.iter() {
            let (Some(address), Some(id)) =
                (address_of(gateway.tags()), gateway.internet_gateway_id())
            else {
                continue;
            };
            for attachment in gateway.attachments().iter().filter(|a| stands(a)) {
                let mut attributes = Attributes::new().with("internet_gateway", id);
                attributes.set_text("vpc", attachment.vpc_id());
                found.push(Live::keyed(address.part("attachment", ""), id, attributes));
            }
        }
        Ok(found)
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let (gateway, vpc) = both(inputs)?;
        let create = || async {
            call.once_known("the gateway and the VPC to be known", || async {
                let request = call.aws.ec2.attach_internet_gateway();
                let request = request.internet_gateway_id(gateway).vpc_id(vpc);
                let sent = request.send().await.map_err(on("AttachInternetGateway"));
                sent.map(|_| gateway.to_owned())
            })
            .await
        };
        // It may also be our own call of a run that died before it could note it.
        let look = || async {
            let attached = state(call, gateway, vpc).await?;
            Ok(attached.map(|_| gateway.to_owned()).into_iter().collect())
        };
        let creation = Creation {
            what: "the attachment",
            taken: &["Resource.AlreadyAssociated"],
        };
        let made = call.create_once(creation, create, look).await?;
        Ok(made.into_id())
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let (_, vpc) = both(inputs)?;
        call.wait_for("the internet gateway to be attached", LIMIT, || async {
            Ok(match state(call, id, vpc).await? {
                // EC2 says `available`, a word that its own model does not list.
                Some(state) if ["available", "attached"].contains(&state.as_str()) => {
                    Seen::Ready(())
                }
                Some(state) => Seen::Pending(state),
                None => Seen::Pending("not yet seen".into()),
            })
        })
        .await?;
        Ok(Attributes::new())
    }

    async fn update(
        &self,
        _call: &Call<'_>,
        id: &str,
        _change: &Change,
    ) -> Result<String, CallError> {
        // Nothing of it can change in place.
        Ok(id.to_owned())
    }

    async fn delete(&self, call: &Call<'_>, id: &str, live: &Attributes) -> Result<(), CallError> {
        let Some(vpc) = live.text("vpc") else {
            return Err(CallError::internal(format!(
                "{id} is attached to no known VPC"
            )));
        };
        detach(call, id, vpc).await?;
        let what = format!("{id} to be detached from {vpc}");
        call.wait_for(&what, LIMIT, || async {
            Ok(match state(call, id, vpc).await? {
                None => Seen::Ready(()),
                Some(state) => Seen::Pending(state),
            })
        })
        .await
    }
}

/// Detaches, waiting while public addresses of the VPC are mapped.
async fn detach(call: &Call<'_>, id: &str, vpc: &str) -> Result<(), CallError> {
    let start = Instant::now();
    let what = format!("{vpc} to have no mapped public address");
    call.wait_for(&what, LINGER * 2, || async {
        let request = call.aws.ec2.detach_internet_gateway();
        let answer = request.internet_gateway_id(id).vpc_id(vpc).send().await;
        let refusal = match answer.map_err(on("DetachInternetGateway")) {
            Ok(_) => return Ok(Seen::Ready(())),
            Err(error) if error.is_not_found() => return Ok(Seen::Ready(())),
            Err(error) if !error.is(&["DependencyViolation"]) => return Err(error),
            Err(error) => error,
        };
        // A read that fails must not hide why the detach did.
        let mapped = mapped_in(call, vpc).await.unwrap_or_default();
        let limit = match mapped.iter().all(|mapped| mapped.passing) {
            true => LINGER,
            false => STRANGER,
        };
        let mut holders: Vec<String> = mapped.into_iter().map(|mapped| mapped.text).collect();
        if start.elapsed() >= limit {
            return Err(CallError::Held {
                id: id.to_owned(),
                holders,
                refusal: Box::new(refusal),
            });
        }
        Ok(Seen::Pending(match holders.is_empty() {
            true => refusal.code().to_owned(),
            false => holders.swap_remove(0),
        }))
    })
    .await
}

/// A public address that is mapped to a network interface.
#[derive(Debug, PartialEq, Eq)]
struct Mapped {
    /// A sentence fragment with the address and who has it.
    text: String,
    /// Whether AWS takes it back by itself.
    passing: bool,
}

async fn mapped_in(call: &Call<'_>, vpc: &str) -> Result<Vec<Mapped>, CallError> {
    let interfaces: Vec<NetworkInterface> = call
        .aws
        .ec2
        .describe_network_interfaces()
        .filters(filter("vpc-id", [vpc]))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("DescribeNetworkInterfaces"))?;
    Ok(interfaces.iter().filter_map(mapped).collect())
}

fn mapped(interface: &NetworkInterface) -> Option<Mapped> {
    let public = interface.association()?.public_ip()?;
    let owner = interface
        .attachment()
        .and_then(|attachment| attachment.instance_id())
        .or(interface.description().filter(|text| !text.is_empty()))
        .unwrap_or("no description");
    let id = interface.network_interface_id().unwrap_or("?");
    Some(Mapped {
        text: format!("public address {public} of network interface {id} ({owner})"),
        passing: interface.requester_managed().unwrap_or(false),
    })
}

/// The state of a gateway's attachment to a VPC; nothing where there is none.
async fn state(call: &Call<'_>, gateway: &str, vpc: &str) -> Result<Option<String>, CallError> {
    let request = call.aws.ec2.describe_internet_gateways();
    let answer = request.internet_gateway_ids(gateway).send().await;
    let answer = match answer.map_err(on("DescribeInternetGateways")) {
        Ok(answer) => answer,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(answer
        .internet_gateways()
        .iter()
        .flat_map(|gateway| gateway.attachments())
        .filter(|attachment| attachment.vpc_id() == Some(vpc))
        .find(|attachment| attachment.state() != Some(&AttachmentStatus::Detached))
        .map(|attachment| {
            let state = attachment.state().map(AttachmentStatus::as_str);
            state.unwrap_or("attached").to_owned()
        }))
}

/// Whether an attachment is there and meant to stay.
fn stands(attachment: &Described) -> bool {
    !matches!(
        attachment.state(),
        Some(AttachmentStatus::Detached | AttachmentStatus::Detaching)
    )
}

fn both(inputs: &Attributes) -> Result<(&str, &str), CallError> {
    inputs
        .text("internet_gateway")
        .zip(inputs.text("vpc"))
        .ok_or_else(|| CallError::internal("an attachment lacks its gateway or its VPC"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Reference, Value};
    use aws_sdk_ec2::types::NetworkInterfaceAssociation;

    fn attachment(vpc: &str, start: usize) -> Node {
        let vpc = Value::from(Reference::id(Address::new("vpc", vpc)));
        Node {
            inputs: Attributes::new().with("vpc", vpc),
            span: start..start + 5,
            ..Node::default()
        }
    }

    #[test]
    fn two_gateways_for_one_vpc_are_told_once() {
        let mut stack = Stack::default();
        for (name, vpc, start) in [("a", "main", 10), ("b", "main", 50), ("c", "other", 90)] {
            let address = Address::new("internet_gateway", name).part("attachment", "");
            stack.nodes.insert(address, attachment(vpc, start));
        }
        let mut problems = Vec::new();
        for node in stack.nodes.values() {
            InternetGatewayAttachment.check(node, &stack, &mut problems);
        }
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].labels[0].span, 50..55);
        assert_eq!(problems[0].labels[1].span, 10..15);
    }

    #[test]
    fn only_mapped_interfaces_are_named() {
        let free = NetworkInterface::builder().network_interface_id("eni-1");
        assert_eq!(mapped(&free.build()), None);
        let association = NetworkInterfaceAssociation::builder().public_ip("192.0.2.7");
        let nat = NetworkInterface::builder()
            .network_interface_id("eni-2")
            .description("Interface for NAT Gateway nat-1")
            .requester_managed(true)
            .association(association.build())
            .build();
        let mapped = mapped(&nat).unwrap();
        assert!(mapped.passing);
        assert_eq!(
            mapped.text,
            "public address 192.0.2.7 of network interface eni-2 (Interface for NAT Gateway nat-1)"
        );
    }
}

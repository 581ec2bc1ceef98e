//! The attachment of an internet gateway to its VPC.
//!
//! It has no id of its own, so it goes by its gateway's. AWS detaches a gateway
//! only when no public address of the VPC is mapped any more (Amazon EC2 API
//! reference, DetachInternetGateway). Addresses of NAT gateways that are being
//! deleted go by themselves; those of a stranger's instance do not, so we name
//! them instead of waiting blindly.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_ec2::types::{AttachmentStatus, InternetGatewayAttachment as Described};

use crate::aws::holders::Held;
use crate::aws::reads::address_of;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::{Call, CallError, Creation, Seen, on};
use crate::kind::{
    About, Change, Claim, Field, Intent, Kind, Live, Node, PartOf, Scope, Stack, Told, Type,
};
use crate::model::network::Network;
use crate::model::{Action, Attributes, Diagnostic, Place};

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

    fn claims(&self, of: &Attributes, _place: &Place) -> Vec<Claim> {
        let because = "a gateway has one VPC, and a VPC one gateway";
        let ends = [of.text("internet_gateway"), of.text("vpc")];
        let ends = ends.into_iter().flatten();
        ends.map(|end| Claim::new(format!("attachment of {end}"), because))
            .collect()
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        let gateway = told.key_in("internet_gateway");
        if let Some(gateway) = network.internet_gateways.get_mut(&gateway) {
            gateway.vpc = Some(told.key_in("vpc"));
        }
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let ec2 = &step.aws.ec2;
        let (gateway, vpc) = (
            step.id_in("internet_gateway", "igw"),
            step.id_in("vpc", "vpc"),
        );
        let real = step.knows(&["internet_gateway", "vpc"]);
        if step.action != Action::Create {
            let request = ec2.detach_internet_gateway().dry_run(true);
            let live = |field: &str| step.live.text(field).map(str::to_owned);
            let request =
                request.internet_gateway_id(live("internet_gateway").unwrap_or(gateway.clone()));
            let request = request.vpc_id(live("vpc").unwrap_or(vpc.clone()));
            let action = "ec2:DetachInternetGateway";
            calls.dry_run(step.address, action, ("", true), request.send());
        }
        if step.action != Action::Delete {
            let request = ec2.attach_internet_gateway().dry_run(true);
            let request = request.internet_gateway_id(gateway).vpc_id(vpc);
            let action = "ec2:AttachInternetGateway";
            calls.dry_run(step.address, action, ("", real), request.send());
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
            let attached = attachments(call, gateway).await?;
            let mut attached = attached.iter().filter(|found| stands(found));
            match attached.next().map(|found| found.vpc_id()) {
                None => Ok(Vec::new()),
                Some(other) if other == Some(vpc) => Ok(vec![gateway.to_owned()]),
                Some(other) => Err(CallError::Failed {
                    what: format!("the attachment of {gateway} to {vpc}"),
                    reason: format!(
                        "somebody attached it to {} meanwhile; detach it there first",
                        other.unwrap_or("another VPC")
                    ),
                }),
            }
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
        let held = Held::Attachment { gateway: id, vpc };
        call.delete_when_free(held, || async {
            let request = call.aws.ec2.detach_internet_gateway();
            let sent = request.internet_gateway_id(id).vpc_id(vpc).send().await;
            sent.map(|_| ()).map_err(on("DetachInternetGateway"))
        })
        .await?;
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

/// The state of a gateway's attachment to a VPC; nothing where there is none.
async fn state(call: &Call<'_>, gateway: &str, vpc: &str) -> Result<Option<String>, CallError> {
    let attachments = attachments(call, gateway).await?;
    Ok(attachments
        .iter()
        .filter(|attachment| attachment.vpc_id() == Some(vpc))
        .find(|attachment| attachment.state() != Some(&AttachmentStatus::Detached))
        .map(|attachment| {
            let state = attachment.state().map(AttachmentStatus::as_str);
            state.unwrap_or("attached").to_owned()
        }))
}

/// The attachments of a gateway as AWS shows them; none where it does not know
/// the gateway yet.
async fn attachments(call: &Call<'_>, gateway: &str) -> Result<Vec<Described>, CallError> {
    let request = call.aws.ec2.describe_internet_gateways();
    let answer = request.internet_gateway_ids(gateway).send().await;
    match answer.map_err(on("DescribeInternetGateways")) {
        Ok(answer) => Ok(answer
            .internet_gateways
            .unwrap_or_default()
            .into_iter()
            .flat_map(|gateway| gateway.attachments.unwrap_or_default())
            .collect()),
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
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
}

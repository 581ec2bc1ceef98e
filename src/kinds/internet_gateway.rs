//! An internet gateway.
//!
//! The gateway and its attachment to a VPC are two nodes, because AWS makes
//! them by two calls and others need the attachment, not the gateway: a route
//! to a gateway that is not attached is refused, and a public NAT gateway fails.
//!
//! ```text
//! CreateInternetGateway ─► AttachInternetGateway ─► routes, public NAT gateways
//! ```
//!
//! CreateInternetGateway has no client token: after a crash the gateway is
//! found by its tags.

use async_trait::async_trait;
use aws_sdk_ec2::types::{InternetGateway as Described, ResourceType};

use crate::aws::holders::Held;
use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::tagging::{filter, from_ec2, of_creation, specification, with_tags};
use crate::aws::{Call, CallError, Creation, on};
use crate::kind::{
    About, Area, Counted, Declared, Field, Intent, Kind, Live, Query, Scope, Standings, Told, Type,
    in_vpc,
};
use crate::model::network::{self, Network};
use crate::model::{Action, Attributes};

/// `[internet_gateway.<name>]`
pub struct InternetGateway;

const FIELDS: &[Field] = &[Field::new(
    "vpc",
    Type::reference(&["vpc"], &["vpc-"]),
    "The VPC it is attached to.",
)
.required()
.expanded()];

#[async_trait]
impl Kind for InternetGateway {
    fn about(&self) -> About {
        About {
            name: "internet_gateway",
            summary: "A VPC's way to and from the internet.",
            example: "[vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
                      [internet_gateway.main]\nvpc = \"main\"\n",
            part_of: None,
            tagged: true,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn id_prefix(&self) -> Option<&'static str> {
        Some("igw-")
    }

    fn expand(&self, table: &mut Declared) {
        let Some(vpc) = table.inputs.get("vpc").cloned() else {
            return;
        };
        let inputs = Attributes::new()
            .with("internet_gateway", table.own_id())
            .with("vpc", vpc);
        table.part("attachment", "", "vpc", inputs);
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        let gateway = network::InternetGateway {
            // Of our own, the attachment tells it.
            vpc: told.attributes.text("vpc").map(str::to_owned),
            spot: told.spot(""),
        };
        let key = told.key.to_owned();
        network.internet_gateways.insert(key, gateway);
    }

    /// CreateInternetGateway takes no client token.
    fn repeatable(&self) -> bool {
        false
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let ec2 = &step.aws.ec2;
        match step.action {
            Action::Create => {
                let tags = specification(ResourceType::InternetGateway, step.tags);
                let request = ec2.create_internet_gateway().dry_run(true);
                let request = request.tag_specifications(tags);
                let action = "ec2:CreateInternetGateway";
                calls.dry_run(step.address, action, ("", true), request.send());
            }
            Action::Delete => {
                let request = ec2.delete_internet_gateway().dry_run(true);
                let request = request.internet_gateway_id(step.own_id("igw"));
                let action = "ec2:DeleteInternetGateway";
                calls.dry_run(step.address, action, ("", true), request.send());
            }
            _ => step.rehearse_tags(calls),
        }
    }

    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        vec![Counted::in_region(Quota::InternetGateways)]
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let gateways = scope.shared.internet_gateways(scope.aws, scope.stack);
        Ok(gateways
            .await?
            .iter()
            .map(|gateway| live(gateway, Attributes::new()))
            .collect())
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        let mut filters = with_tags(&query.tags);
        let vpc = query.vpc.as_ref();
        filters.extend(vpc.map(|vpc| filter("attachment.vpc-id", [vpc])));
        let gateways: Vec<_> = scope
            .aws
            .ec2
            .describe_internet_gateways()
            .set_filters((!filters.is_empty()).then_some(filters))
            .set_internet_gateway_ids(query.id.clone().map(|id| vec![id]))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await
            .map_err(on("DescribeInternetGateways"))?;
        Ok(gateways
            .iter()
            .map(|gateway| {
                let mut attributes = Attributes::new();
                attributes.set_text("vpc", gateway.attachments().iter().find_map(|a| a.vpc_id()));
                live(gateway, attributes)
            })
            .collect())
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        Ok(in_vpc(self, scope, area).await?.into())
    }

    async fn create(&self, call: &Call<'_>, _inputs: &Attributes) -> Result<String, CallError> {
        let tags = specification(ResourceType::InternetGateway, &call.marked_tags());
        let ec2 = &call.aws.ec2;
        let request = ec2.create_internet_gateway().tag_specifications(tags);
        let create = || async {
            let answer = request.clone().send().await;
            let answer = answer.map_err(on("CreateInternetGateway"))?;
            answer
                .internet_gateway()
                .and_then(|gateway| gateway.internet_gateway_id())
                .map(str::to_owned)
                .ok_or_else(|| CallError::internal("CreateInternetGateway gave no id"))
        };
        let look = || async {
            let request = ec2.describe_internet_gateways().filters(of_creation(call));
            let answer = request.send().await;
            let answer = answer.map_err(on("DescribeInternetGateways"))?;
            let gateways = answer.internet_gateways().iter();
            Ok(gateways
                .filter_map(|it| it.internet_gateway_id.clone())
                .collect())
        };
        let creation = Creation {
            what: "the internet gateway",
            taken: &[],
        };
        let made = call.create_once(creation, create, look).await?;
        Ok(made.into_id())
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        call.delete_when_free(Held::InternetGateway(id), || async {
            let request = call.aws.ec2.delete_internet_gateway();
            let sent = request.internet_gateway_id(id).send().await;
            sent.map(|_| ()).map_err(on("DeleteInternetGateway"))
        })
        .await
    }
}

fn live(gateway: &Described, attributes: Attributes) -> Live {
    Live::tagged(
        gateway.internet_gateway_id().unwrap_or_default(),
        from_ec2(gateway.tags()),
        attributes,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Reference, Value};

    #[test]
    fn the_vpc_becomes_an_attachment() {
        let vpc = Value::from(Reference::id(Address::new("vpc", "main")));
        let mut table = Declared {
            address: Address::new("internet_gateway", "main"),
            stack: "lab".into(),
            region: "eu-west-1".into(),
            inputs: Attributes::new().with("vpc", vpc.clone()),
            spans: [("vpc".to_owned(), 30..36)].into(),
            span: 0..20,
            tags: Default::default(),
            parts: Vec::new(),
            problems: Vec::new(),
        };
        InternetGateway.expand(&mut table);
        assert_eq!(table.parts.len(), 1);
        let part = &table.parts[0];
        assert_eq!(part.address.to_string(), "internet_gateway.main/attachment");
        assert_eq!(part.span, 30..36);
        assert_eq!(part.inputs.get("vpc"), Some(&vpc));
        assert_eq!(part.inputs.target("internet_gateway"), Some(&table.address));
    }
}

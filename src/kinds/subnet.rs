//! A subnet: an address block of a VPC in one availability zone.
//!
//! ModifySubnetAttribute changes one attribute a call (Amazon EC2 API
//! reference). CreateSubnet has no client token; a second subnet with the same
//! block in the same VPC is refused with `InvalidSubnet.Conflict`.

mod standing;

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_ec2::types::{AttributeBooleanValue, ResourceType, Subnet as Described, SubnetState};
use ipnet::Ipv4Net;

use crate::aws::holders::Held;
use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::tagging::{filter, from_ec2, of_creation, specification, with_tags};
use crate::aws::{Call, CallError, Creation, Seen, on};
use crate::kind::{
    About, Area, Change, Claim, Counted, Default, Field, Intent, Kind, Live, Node, Obstacle, Query,
    Scope, Stack, Standings, Told, Type, in_vpc, overlap,
};
use crate::model::network::{self, Network};
use crate::model::{Action, Attributes, Diagnostic, Place};

/// `[subnet.<name>]`
pub struct Subnet;

const FIELDS: &[Field] = &[
    Field::new(
        "vpc",
        Type::reference(&["vpc"], &["vpc-"]),
        "The VPC it lies in.",
    )
    .required()
    .replaces("AWS cannot move a subnet to another VPC"),
    Field::new(
        "cidr",
        Type::Cidr4(16, 28),
        "Its IPv4 block, inside the VPC's.",
    )
    .required()
    .replaces("AWS cannot change a subnet's IPv4 block"),
    Field::new(
        "zone",
        Type::Zone,
        "Its availability zone: the letter or the whole name.",
    )
    .replaces("AWS cannot move a subnet to another zone"),
    Field::new(
        "map_public_ip",
        Type::Bool,
        "Whether instances started in it get a public address.",
    )
    .default(Default::Bool(false)),
];

const LIMIT: Duration = Duration::from_secs(600);

#[async_trait]
impl Kind for Subnet {
    fn about(&self) -> About {
        About {
            name: "subnet",
            summary: "An address block of a VPC in one availability zone.",
            example: "[vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
                      [subnet.private-1]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"\nzone = \"a\"\n",
            part_of: None,
            tagged: true,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn id_prefix(&self) -> Option<&'static str> {
        Some("subnet-")
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        let Some(block) = block_of(node) else { return };
        let vpc = node.inputs.target("vpc");
        if let Some(address) = vpc
            && let Some(outer) = stack.get(address)
            && let Some(range) = block_of(outer)
            && !range.contains(&block)
        {
            problems.push(
                Diagnostic::error(
                    node.span_of("cidr"),
                    format!("subnet {block} lies outside its VPC"),
                )
                .here("not inside the VPC's block")
                .also(outer.span_of("cidr"), format!("{address} is {range}"))
                .remedy(format!("choose a block inside {range}")),
            );
        }
        // Each overlapping pair is told once, at the later of the two.
        for (other, twin) in stack.of_kind("subnet").filter(|(_, twin)| {
            twin.span.start < node.span.start && twin.inputs.get("vpc") == node.inputs.get("vpc")
        }) {
            if let Some(taken) = block_of(twin)
                && overlap(taken, block)
            {
                problems.push(
                    Diagnostic::error(
                        node.span_of("cidr"),
                        format!("subnet {block} overlaps {other}"),
                    )
                    .here("this block")
                    .also(twin.span_of("cidr"), format!("{taken} is taken"))
                    .remedy("choose blocks that share no address"),
                );
            }
        }
    }

    fn natural_key(&self) -> &'static [&'static str] {
        &["vpc", "cidr"]
    }

    fn claims(&self, of: &Attributes, _place: &Place) -> Vec<Claim> {
        let block = of.text("cidr").and_then(|it| it.parse::<Ipv4Net>().ok());
        let claim = of.text("vpc").zip(block);
        let claim = claim.map(|(vpc, block)| Claim::block(vpc, block));
        claim.into_iter().collect()
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        let inputs = told.attributes;
        let Some(block) = inputs.text("cidr").and_then(|it| it.parse().ok()) else {
            return;
        };
        // An association of ours says which table one of a look-up has; where
        // none does, nobody has looked.
        let unread = told.looked_up().then(|| format!("rtb-of({})", told.key));
        if let Some(table) = &unread {
            network
                .unread
                .insert(table.clone(), told.unread("the routes"));
        }
        let subnet = network::Subnet {
            vpc: told.key_in("vpc"),
            block,
            zone: inputs.text("zone").map(str::to_owned),
            route_table: unread,
            network_acl: None,
            maps_public_addresses: inputs.bool("map_public_ip").unwrap_or(false),
            spot: told.spot(""),
        };
        network.subnets.insert(told.key.to_owned(), subnet);
    }

    /// CreateSubnet takes no client token.
    fn repeatable(&self) -> bool {
        false
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let ec2 = &step.aws.ec2;
        if step.touches(&["map_public_ip"]) || step.wanted.bool("map_public_ip") == Some(true) {
            // AWS has no dry run of it.
            calls.needs(step.address, "ec2:ModifySubnetAttribute", "*");
        }
        match step.action {
            Action::Create => {
                let vpc = step.id_in("vpc", "vpc");
                let request = ec2.create_subnet().dry_run(true).vpc_id(&vpc);
                let request = request
                    .set_cidr_block(step.text("cidr").map(str::to_owned))
                    .set_availability_zone(step.text("zone").map(str::to_owned))
                    .tag_specifications(specification(ResourceType::Subnet, step.tags));
                let real = step.knows(&["vpc"]);
                calls.dry_run(
                    step.address,
                    "ec2:CreateSubnet",
                    (&vpc, real),
                    request.send(),
                );
            }
            Action::Delete => {
                let request = ec2.delete_subnet().subnet_id(step.own_id("subnet"));
                let request = request.dry_run(true);
                calls.dry_run(step.address, "ec2:DeleteSubnet", ("", true), request.send());
            }
            _ => step.rehearse_tags(calls),
        }
    }

    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        vec![Counted::within(Quota::Subnets, "vpc")]
    }

    async fn obstacles(&self, steps: &[Intent<'_>]) -> Result<Vec<Obstacle>, CallError> {
        standing::obstacles(steps).await
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let subnets = scope.shared.subnets(scope.aws, scope.stack).await?;
        Ok(subnets.iter().map(live).collect())
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        let mut filters = with_tags(&query.tags);
        filters.extend(query.vpc.as_ref().map(|vpc| filter("vpc-id", [vpc])));
        let subnets: Vec<_> = scope
            .aws
            .ec2
            .describe_subnets()
            .set_filters((!filters.is_empty()).then_some(filters))
            .set_subnet_ids(query.id.clone().map(|id| vec![id]))
            .into_paginator()
            .items()
            .send()
            .collect::<Result<_, _>>()
            .await
            .map_err(on("DescribeSubnets"))?;
        Ok(subnets.iter().map(live).collect())
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        let mut found = in_vpc(self, scope, area).await?;
        for subnet in &mut found {
            let zone = subnet.fields.text("zone");
            let letter = zone.and_then(|zone| zone.strip_prefix(scope.place.region.as_str()));
            subnet.called =
                letter.map(|letter| format!("subnet-{}", letter.trim_start_matches('-')));
        }
        Ok(found.into())
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let request = call
            .aws
            .ec2
            .create_subnet()
            .set_vpc_id(inputs.text("vpc").map(str::to_owned))
            .set_cidr_block(inputs.text("cidr").map(str::to_owned))
            .set_availability_zone(inputs.text("zone").map(str::to_owned))
            .tag_specifications(specification(ResourceType::Subnet, &call.marked_tags()));
        let create = || async {
            let answer = call
                .once_known("the VPC to be known", || async {
                    request.clone().send().await.map_err(on("CreateSubnet"))
                })
                .await?;
            answer
                .subnet()
                .and_then(|subnet| subnet.subnet_id())
                .map(str::to_owned)
                .ok_or_else(|| CallError::internal("CreateSubnet gave no id"))
        };
        let look = || async {
            let request = call.aws.ec2.describe_subnets().filters(of_creation(call));
            let answer = request.send().await.map_err(on("DescribeSubnets"))?;
            let subnets = answer.subnets().iter();
            Ok(subnets.filter_map(|it| it.subnet_id.clone()).collect())
        };
        let creation = Creation {
            what: "the subnet",
            taken: &["InvalidSubnet.Conflict"],
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
        let (public, zone) = call
            .wait_for("the subnet to be available", LIMIT, || async {
                let answer = call.aws.ec2.describe_subnets().subnet_ids(id).send().await;
                let answer = match answer.map_err(on("DescribeSubnets")) {
                    Ok(answer) => answer,
                    Err(error) if error.is_not_found() => {
                        return Ok(Seen::Pending("not yet known".into()));
                    }
                    Err(error) => return Err(error),
                };
                Ok(match answer.subnets().first() {
                    Some(subnet) if subnet.state() == Some(&SubnetState::Available) => {
                        let zone = subnet.availability_zone().unwrap_or_default().to_owned();
                        Seen::Ready((subnet.map_public_ip_on_launch().unwrap_or(false), zone))
                    }
                    _ => Seen::Pending("pending".into()),
                })
            })
            .await?;
        let wanted = inputs.bool("map_public_ip").unwrap_or(public);
        if wanted != public {
            let value = AttributeBooleanValue::builder().value(wanted).build();
            let request = call.aws.ec2.modify_subnet_attribute().subnet_id(id);
            let request = request.map_public_ip_on_launch(value);
            call.once_known("the subnet to be known", || async {
                let sent = request.clone().send().await;
                sent.map_err(on("ModifySubnetAttribute"))
            })
            .await?;
        }
        Ok(Attributes::new().with("zone", zone))
    }

    async fn update(
        &self,
        _call: &Call<'_>,
        id: &str,
        _change: &Change,
    ) -> Result<String, CallError> {
        // The one attribute that can change is brought to rest by `settle`.
        Ok(id.to_owned())
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        call.delete_when_free(Held::Subnet(id), || async {
            call.aws
                .ec2
                .delete_subnet()
                .subnet_id(id)
                .send()
                .await
                .map(|_| ())
                .map_err(on("DeleteSubnet"))
        })
        .await
    }
}

fn block_of(node: &Node) -> Option<Ipv4Net> {
    node.inputs.text("cidr")?.parse().ok()
}

fn live(subnet: &Described) -> Live {
    let mut attributes = Attributes::new().with(
        "map_public_ip",
        subnet.map_public_ip_on_launch().unwrap_or(false),
    );
    attributes.set_text("vpc", subnet.vpc_id());
    attributes.set_text("cidr", subnet.cidr_block());
    attributes.set_text("zone", subnet.availability_zone());
    Live::tagged(
        subnet.subnet_id().unwrap_or_default(),
        from_ec2(subnet.tags()),
        attributes,
    )
}

//! A VPC, with its two DNS attributes.
//!
//! AWS keeps the DNS attributes apart from the VPC: each is read and written
//! by a call of its own (Amazon EC2 API reference, DescribeVpcAttribute and
//! ModifyVpcAttribute: "you can only … one attribute at a time"). A new VPC has
//! DNS support on and DNS host names off.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    AttributeBooleanValue, ResourceType, Tenancy, Vpc as Described, VpcAttributeName, VpcState,
};

use crate::aws::holders::Held;
use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::tagging::{from_ec2, of_creation, specification, with_tags};
use crate::aws::{Call, CallError, Creation, Seen, on};
use crate::kind::{
    About, Area, Change, Counted, Default, Field, Intent, Kind, Live, Node, Output, Query, Scope,
    Stack, Standing, Standings, Told, Type,
};
use crate::model::network::Network;
use crate::model::{Action, Attributes, Diagnostic};

mod telling;

/// `[vpc.<name>]`
pub struct Vpc;

const FIELDS: &[Field] = &[
    Field::new(
        "cidr",
        Type::Cidr4(16, 28),
        "The VPC's IPv4 block, /16 to /28.",
    )
    .required()
    .replaces("AWS cannot change a VPC's primary IPv4 block"),
    Field::new(
        "dns_support",
        Type::Bool,
        "Whether the VPC's own resolver answers.",
    )
    .default(Default::Bool(true)),
    Field::new(
        "dns_hostnames",
        Type::Bool,
        "Whether instances get DNS names; private DNS and private zones need it.",
    )
    .default(Default::Bool(true)),
    Field::new(
        "tenancy",
        Type::OneOf(&["default", "dedicated"]),
        "Tenancy of instances.",
    )
    .default(Default::Text("default"))
    .replaces("AWS can only relax a VPC's tenancy, not set it"),
];

const LIMIT: Duration = Duration::from_secs(600);

#[async_trait]
impl Kind for Vpc {
    fn about(&self) -> About {
        About {
            name: "vpc",
            summary: "A virtual network of one region.",
            example: "[vpc.main]\ncidr = \"10.0.0.0/16\"\n",
            part_of: None,
            tagged: true,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn id_prefix(&self) -> Option<&'static str> {
        Some("vpc-")
    }

    fn outputs(&self) -> &'static [Output] {
        &[]
    }

    fn check(&self, node: &Node, _stack: &Stack, problems: &mut Vec<Diagnostic>) {
        let inputs = &node.inputs;
        if inputs.bool("dns_hostnames") == Some(true) && inputs.bool("dns_support") == Some(false) {
            problems.push(
                Diagnostic::error(
                    node.span_of("dns_support"),
                    "DNS host names need DNS support",
                )
                .because("AWS gives instances names through the VPC's own resolver")
                .remedy("set `dns_hostnames = false` too, or leave `dns_support` on"),
            );
        }
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        telling::tell(told, network);
    }

    /// CreateVpc takes no client token.
    fn repeatable(&self) -> bool {
        false
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let ec2 = &step.aws.ec2;
        if step.action == Action::Create || step.touches(&["dns_support", "dns_hostnames"]) {
            // AWS has no dry run of it.
            calls.needs(step.address, "ec2:ModifyVpcAttribute", "*");
        }
        match step.action {
            Action::Create => {
                let tags = specification(ResourceType::Vpc, step.tags);
                let request = ec2.create_vpc().dry_run(true).tag_specifications(tags);
                let request = request.set_cidr_block(step.text("cidr").map(str::to_owned));
                calls.dry_run(step.address, "ec2:CreateVpc", ("", true), request.send());
            }
            Action::Delete => {
                let request = ec2.delete_vpc().vpc_id(step.own_id("vpc")).dry_run(true);
                calls.dry_run(step.address, "ec2:DeleteVpc", ("", true), request.send());
            }
            _ => step.rehearse_tags(calls),
        }
    }

    /// A VPC comes with a security group.
    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        [Quota::Vpcs, Quota::SecurityGroups]
            .map(Counted::in_region)
            .into()
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let read = |by| read(scope, vec![by], None);
        let vpcs = scope.shared.adoptions.with_own(scope.stack, read).await?;
        lives(scope, &vpcs).await
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        let vpcs = read(scope, with_tags(&query.tags), query.id.clone()).await?;
        lives(scope, &vpcs).await
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        let Some(vpc) = area.vpc() else {
            return Ok(Standings::default());
        };
        let query = Query {
            id: Some(vpc.to_owned()),
            ..Query::default()
        };
        let found = self.look_up(scope, &query).await?;
        let found = found.into_iter().map(|live| Standing::new(live, FIELDS));
        Ok(found.collect::<Vec<_>>().into())
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let creation = Creation {
            what: "the VPC",
            taken: &[],
        };
        let request = call
            .aws
            .ec2
            .create_vpc()
            .set_cidr_block(inputs.text("cidr").map(str::to_owned))
            .set_instance_tenancy(inputs.text("tenancy").map(Tenancy::from))
            .tag_specifications(specification(ResourceType::Vpc, &call.marked_tags()));
        let create = || async {
            let answer = request.clone().send().await.map_err(on("CreateVpc"))?;
            answer
                .vpc()
                .and_then(|vpc| vpc.vpc_id())
                .map(str::to_owned)
                .ok_or_else(|| CallError::internal("CreateVpc gave no id"))
        };
        let look = || async {
            let request = call.aws.ec2.describe_vpcs().filters(of_creation(call));
            let answer = request.send().await.map_err(on("DescribeVpcs"))?;
            let vpcs = answer.vpcs().iter();
            Ok(vpcs.filter_map(|vpc| vpc.vpc_id.clone()).collect())
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
        call.wait_for("the VPC to be available", LIMIT, || async {
            let answer = call.aws.ec2.describe_vpcs().vpc_ids(id).send().await;
            let answer = match answer.map_err(on("DescribeVpcs")) {
                Ok(answer) => answer,
                Err(error) if error.is_not_found() => {
                    return Ok(Seen::Pending("not yet known".into()));
                }
                Err(error) => return Err(error),
            };
            Ok(match answer.vpcs().first().and_then(|vpc| vpc.state()) {
                Some(VpcState::Available) => Seen::Ready(()),
                other => Seen::Pending(other.map_or("unknown", VpcState::as_str).to_owned()),
            })
        })
        .await?;
        let live = call
            .once_known("the VPC to be known", || dns(call.aws, id))
            .await?;
        // Support first: AWS refuses host names without it.
        for (name, is) in [("dns_support", live.0), ("dns_hostnames", live.1)] {
            if let Some(wanted) = inputs.bool(name)
                && wanted != is
            {
                set_dns(call, id, name, wanted).await?;
            }
        }
        Ok(Attributes::new())
    }

    async fn update(
        &self,
        _call: &Call<'_>,
        id: &str,
        _change: &Change,
    ) -> Result<String, CallError> {
        // Both attributes are brought to rest by `settle`.
        Ok(id.to_owned())
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        call.delete_when_free(Held::Vpc(id), || async {
            call.aws
                .ec2
                .delete_vpc()
                .vpc_id(id)
                .send()
                .await
                .map(|_| ())
                .map_err(on("DeleteVpc"))
        })
        .await
    }
}

async fn read(
    scope: &Scope<'_>,
    filters: Vec<aws_sdk_ec2::types::Filter>,
    id: Option<String>,
) -> Result<Vec<Described>, CallError> {
    scope
        .aws
        .ec2
        .describe_vpcs()
        .set_filters((!filters.is_empty()).then_some(filters))
        .set_vpc_ids(id.map(|id| vec![id]))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("DescribeVpcs"))
}

async fn lives(scope: &Scope<'_>, vpcs: &[Described]) -> Result<Vec<Live>, CallError> {
    let reads = vpcs.iter().map(|vpc| async move {
        let id = vpc.vpc_id().unwrap_or_default();
        let (support, hostnames) = dns(scope.aws, id).await?;
        let mut attributes = Attributes::new()
            .with("dns_support", support)
            .with("dns_hostnames", hostnames);
        attributes.set_text("cidr", vpc.cidr_block());
        attributes.set_text("tenancy", vpc.instance_tenancy().map(Tenancy::as_str));
        Ok(Live::tagged(id, from_ec2(vpc.tags()), attributes))
    });
    futures_util::future::try_join_all(reads).await
}

/// The VPC's DNS support and DNS host names: AWS has no batched read of them.
async fn dns(aws: &crate::aws::Aws, id: &str) -> Result<(bool, bool), CallError> {
    let ask = |name: VpcAttributeName| {
        aws.ec2
            .describe_vpc_attribute()
            .vpc_id(id)
            .attribute(name)
            .send()
    };
    let (support, hostnames) = tokio::try_join!(
        ask(VpcAttributeName::EnableDnsSupport),
        ask(VpcAttributeName::EnableDnsHostnames),
    )
    .map_err(on("DescribeVpcAttribute"))?;
    let value = |v: Option<&AttributeBooleanValue>| v.and_then(|v| v.value()).unwrap_or(false);
    Ok((
        value(support.enable_dns_support()),
        value(hostnames.enable_dns_hostnames()),
    ))
}

async fn set_dns(call: &Call<'_>, id: &str, name: &str, wanted: bool) -> Result<(), CallError> {
    let value = AttributeBooleanValue::builder().value(wanted).build();
    let request = call.aws.ec2.modify_vpc_attribute().vpc_id(id);
    let request = match name {
        "dns_support" => request.enable_dns_support(value),
        _ => request.enable_dns_hostnames(value),
    };
    call.once_known("the VPC to be known", || async {
        let sent = request.clone().send().await;
        sent.map(|_| ()).map_err(on("ModifyVpcAttribute"))
    })
    .await
}

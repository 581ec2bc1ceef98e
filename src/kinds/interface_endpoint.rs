//! An interface endpoint: addresses of a service inside the VPC's own subnets.
//!
//! AWS puts one network interface into each subnet, under names of its own
//! (`*.vpce-…`) and, with private DNS, under the service's own names. All
//! differences go in one ModifyVpcEndpoint, because AWS takes one change at a
//! time. Three defaults of AWS are never relied on: without `PrivateDnsEnabled`
//! private DNS is on; for S3, private DNS without
//! `PrivateDnsOnlyForInboundResolverEndpoint` is for inbound resolvers only,
//! which needs a gateway endpoint (S3 user guide, "AWS PrivateLink for Amazon
//! S3"); so both always go in the same call. See
//! [`crate::aws::endpoint_changes`] for states and waits.

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    DnsOptionsSpecification, DnsRecordIpType, IpAddressType, ResourceType, VpcEndpointType,
};

use super::vpc_endpoint_rehearsal;
use crate::aws::endpoint_changes::{self, SetChange};
use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::route53::plain_name;
use crate::aws::tagging::{filter, specification, with_tags};
use crate::aws::vpc_endpoints::{self, full_access, is_full_access, private_names};
use crate::aws::{Call, CallError, on};
use crate::kind::{
    About, Area, Change, Claim, Counted, Declared, Default, Field, Intent, Interface, Kind, Live,
    Node, Order, Output, PolicyUse, Query, Scope, Stack, Standings, Told, Took, Type, Usual,
    in_vpc,
};
use crate::model::network::{self, Known, Network};
use crate::model::{Attributes, Diagnostic, Place};

mod checks;
mod sight;

/// `[interface_endpoint.<name>]`
pub struct InterfaceEndpoint;

/// The field that limits private DNS to queries from outside the VPC.
const ONLY_INBOUND: &str = "private_dns_only_for_inbound_resolver";

const FIELDS: &[Field] = &[
    Field::new("vpc", Type::reference(&["vpc"], &["vpc-"]), "The VPC it lies in.")
        .required()
        .replaces("AWS cannot move an endpoint to another VPC"),
    Field::new(
        "service",
        Type::Text,
        "The service it stands for: `s3`, `ssm`, `ecr.api` or a whole service name.",
    )
    .required()
    .replaces("AWS cannot change the service of an endpoint"),
    Field::new(
        "subnets",
        Type::Set(&Type::reference(&["subnet"], &["subnet-"])),
        "The subnets that get an address of the service, one for each zone.",
    )
    .default(Default::Empty),
    Field::new(
        "security_groups",
        Type::Set(&Type::reference(&["security_group"], &["sg-"])),
        "The groups of its network interfaces; AWS takes the VPC's default group where absent.",
    ),
    Field::new(
        "private_dns",
        Type::Bool,
        "Whether the service's own names lead to it inside the VPC.",
    )
    .default(Default::Bool(false)),
    Field::new(
        ONLY_INBOUND,
        Type::Bool,
        "For S3 with private DNS: whether only queries through an inbound resolver endpoint get its addresses.",
    )
    .default(Default::Bool(false)),
    Field::new(
        "ip_address_type",
        Type::OneOf(&["ipv4", "dualstack", "ipv6"]),
        "Which addresses its network interfaces get.",
    ),
    Field::new(
        "dns_record_ip_type",
        Type::OneOf(&["ipv4", "dualstack", "ipv6", "service-defined"]),
        "Which addresses its names have.",
    ),
    Field::new(
        "policy",
        Type::Policy(PolicyUse::Resource),
        "What may be done through it; everything where absent.",
    ),
];

#[async_trait]
impl Kind for InterfaceEndpoint {
    fn about(&self) -> About {
        About {
            name: "interface_endpoint",
            summary: "Private addresses of an AWS service inside a VPC's subnets.",
            example: "[vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
                      [subnet.private-1]\nvpc = \"main\"\ncidr = \"10.0.1.0/24\"\nzone = \"a\"\n\n\
                      [interface_endpoint.s3]\nvpc = \"main\"\nservice = \"s3\"\n\
                      subnets = [\"private-1\"]\n",
            part_of: None,
            tagged: true,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn id_prefix(&self) -> Option<&'static str> {
        Some("vpce-")
    }

    fn outputs(&self) -> &'static [Output] {
        &[
            Output {
                name: "dns_name",
                doc: "Its name that holds for all its zones, as AWS gives it (`*.vpce-…` for S3).",
            },
            Output {
                name: "hosted_zone_id",
                doc: "The hosted zone of that name, for alias records.",
            },
            Output {
                name: "bucket_url",
                doc: "For S3: the URL to give to clients as endpoint.",
            },
        ]
    }

    fn expand(&self, table: &mut Declared) {
        if let Some(service) = table.inputs.text("service") {
            let whole = vpc_endpoints::service_name(service, &table.region);
            table.inputs.set("service", whole);
        }
        if table.inputs.get("policy").is_none_or(is_full_access) {
            table.inputs.set("policy", full_access());
        }
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        checks::check(node, stack, problems);
    }

    fn claims(&self, of: &Attributes, place: &Place) -> Vec<Claim> {
        let service = of.text("service").zip(of.text("vpc"));
        let service = service.filter(|_| of.bool("private_dns") == Some(true));
        let Some((service, vpc)) = service else {
            return Vec::new();
        };
        let mut names = private_names(service, &place.region);
        if names.is_empty() {
            names.push(service.to_owned());
        }
        let claim = |name: String| Claim::dns_name(&name, vpc);
        names.into_iter().map(claim).collect()
    }

    fn interfaces<'a>(&self, inputs: &'a Attributes) -> Vec<Interface<'a>> {
        let subnets = inputs.list("subnets").iter();
        let interface = |subnet| Interface {
            subnet,
            stated: false,
        };
        subnets.map(interface).collect()
    }

    fn orders(&self, node: &Node, stack: &Stack) -> Vec<Order> {
        if node.inputs.bool(ONLY_INBOUND) != Some(true) {
            return Vec::new();
        }
        stack
            .of_kind("gateway_endpoint")
            .filter(|(_, gateway)| {
                gateway.inputs.get("vpc") == node.inputs.get("vpc")
                    && gateway.inputs.get("service") == node.inputs.get("service")
            })
            .map(|(address, _)| Order {
                after: address.clone(),
                reason: "private DNS for inbound resolvers only needs a gateway endpoint beside it",
            })
            .collect()
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        let (inputs, own) = (told.attributes, told.attributes.text("dns_name"));
        let endpoint = network::InterfaceEndpoint {
            vpc: told.key_in("vpc"),
            service: told.key_in("service"),
            // A read of endpoints gives their interfaces' ids, not addresses.
            subnets: told
                .keys_in("subnets")
                .into_iter()
                .map(|it| (it, None))
                .collect(),
            security_groups: told.keys_in("security_groups"),
            private_dns: inputs.bool("private_dns").unwrap_or(false),
            only_inbound: inputs.bool(ONLY_INBOUND).unwrap_or(false),
            dns_name: own.map(|name| plain_name(name).trim_start_matches("*.").to_owned()),
            policy: match told.policy_in("policy") {
                Known::Is(policy) => Known::Is(policy.filter(|it| !is_full_access(it))),
                unknown => unknown,
            },
            broken: told.broken.map(str::to_owned),
            spot: told.spot(""),
        };
        let key = told.key.to_owned();
        network.interface_endpoints.insert(key, endpoint);
    }

    // One to two minutes until it is available, as long for its names and its
    // interfaces to go (experience with AWS, not a figure of AWS's).
    fn usual(&self) -> Usual {
        Usual {
            create: Took::seconds(60, 120),
            update: Took::seconds(20, 90),
            delete: Took::seconds(30, 120),
        }
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        vpc_endpoint_rehearsal::rehearse(VpcEndpointType::Interface, step, calls);
    }

    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        vec![Counted::within(Quota::InterfaceEndpoints, "vpc")]
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let endpoints = scope.shared.vpc_endpoints(scope.aws, scope.stack).await?;
        Ok(endpoints
            .iter()
            .filter(|it| sight::is_interface(it))
            .map(|endpoint| sight::live(endpoint, &scope.place.region))
            .collect())
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        let mut filters = with_tags(&query.tags);
        filters.push(filter(
            "vpc-endpoint-type",
            [VpcEndpointType::Interface.as_str()],
        ));
        filters.extend(query.vpc.as_ref().map(|vpc| filter("vpc-id", [vpc])));
        let endpoints = vpc_endpoints::describe(scope.aws, filters, query.id.as_deref()).await?;
        Ok(endpoints
            .iter()
            .filter(|it| sight::is_interface(it))
            .map(|endpoint| sight::live(endpoint, &scope.place.region))
            .collect())
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        let mut found = in_vpc(self, scope, area).await?;
        for endpoint in &mut found {
            vpc_endpoints::as_stated(&mut endpoint.fields, &scope.place.region);
            endpoint.called = endpoint.fields.text("service").map(str::to_owned);
        }
        Ok(found.into())
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let stated = |field: &str| Some(inputs.texts(field)).filter(|items| !items.is_empty());
        // The SDK does not fill in this token by itself, as it does elsewhere.
        let request = call
            .aws
            .ec2
            .create_vpc_endpoint()
            .vpc_endpoint_type(VpcEndpointType::Interface)
            .set_vpc_id(inputs.text("vpc").map(str::to_owned))
            .set_service_name(inputs.text("service").map(str::to_owned))
            .set_subnet_ids(stated("subnets"))
            .set_security_group_ids(stated("security_groups"))
            .set_policy_document(vpc_endpoints::policy_text(inputs.get("policy")))
            .set_ip_address_type(inputs.text("ip_address_type").map(IpAddressType::from))
            .private_dns_enabled(inputs.bool("private_dns").unwrap_or(false))
            .set_dns_options(dns_options(inputs, &call.place.region))
            .client_token(call.token)
            .tag_specifications(specification(ResourceType::VpcEndpoint, call.tags));
        let request = &request;
        let answer = endpoint_changes::once_free(call, || async {
            request
                .clone()
                .send()
                .await
                .map_err(on("CreateVpcEndpoint"))
        })
        .await?;
        answer
            .vpc_endpoint()
            .and_then(|endpoint| endpoint.vpc_endpoint_id())
            .map(str::to_owned)
            .ok_or_else(|| CallError::internal("CreateVpcEndpoint gave no id"))
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        id: &str,
        _inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let endpoint = endpoint_changes::until_available(call, id).await?;
        Ok(sight::outputs(&endpoint, &call.place.region))
    }

    async fn update(
        &self,
        call: &Call<'_>,
        id: &str,
        change: &Change,
    ) -> Result<String, CallError> {
        let (before, after) = (&change.before, &change.after);
        let mut request = call.aws.ec2.modify_vpc_endpoint().vpc_endpoint_id(id);
        if change.touches("subnets") {
            let subnets = SetChange::of(before, after, "subnets");
            request = request
                .set_add_subnet_ids(subnets.add)
                .set_remove_subnet_ids(subnets.remove);
        }
        if change.touches("security_groups") {
            let groups = SetChange::of(before, after, "security_groups");
            request = request
                .set_add_security_group_ids(groups.add)
                .set_remove_security_group_ids(groups.remove);
        }
        if change.touches("policy") {
            request = match vpc_endpoints::policy_text(after.get("policy")) {
                Some(policy) => request.policy_document(policy),
                None => request.reset_policy(true),
            };
        }
        if change.touches("ip_address_type") {
            let kind = after.text("ip_address_type").map(IpAddressType::from);
            request = request.set_ip_address_type(kind);
        }
        if ["private_dns", ONLY_INBOUND, "dns_record_ip_type"]
            .iter()
            .any(|field| change.touches(field))
        {
            request = request
                .private_dns_enabled(after.bool("private_dns").unwrap_or(false))
                .set_dns_options(dns_options(after, &call.place.region));
        }
        let entering = request.get_add_subnet_ids().clone();
        match endpoint_changes::modify(call, request.clone()).await {
            // A subnet takes the place of another one of its zone, which AWS
            // still counts: out first, then in.
            Err(error)
                if error.is(&["DuplicateSubnetsInSameZone"])
                    && request.get_remove_subnet_ids().is_some() =>
            {
                endpoint_changes::modify(call, request.set_add_subnet_ids(None)).await?;
                endpoint_changes::until_available(call, id).await?;
                let request = call.aws.ec2.modify_vpc_endpoint().vpc_endpoint_id(id);
                let request = request.set_add_subnet_ids(entering);
                endpoint_changes::modify(call, request).await?;
            }
            other => other?,
        }
        Ok(id.to_owned())
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        endpoint_changes::delete(call, id).await
    }
}

fn is_s3(service: Option<&str>, region: &str) -> bool {
    service.and_then(|service| vpc_endpoints::short_name(service, region)) == Some("s3")
}

/// The DNS options of a call. The option for inbound resolvers is for S3: AWS
/// refuses it for services without a gateway endpoint (Amazon EC2 API
/// reference, DnsOptionsSpecification).
fn dns_options(inputs: &Attributes, region: &str) -> Option<DnsOptionsSpecification> {
    let record = inputs.text("dns_record_ip_type").map(DnsRecordIpType::from);
    let only_inbound =
        is_s3(inputs.text("service"), region).then(|| inputs.bool(ONLY_INBOUND).unwrap_or(false));
    if record.is_none() && only_inbound.is_none() {
        return None;
    }
    let options = DnsOptionsSpecification::builder()
        .set_dns_record_ip_type(record)
        .set_private_dns_only_for_inbound_resolver_endpoint(only_inbound);
    Some(options.build())
}

#[cfg(test)]
mod tests;

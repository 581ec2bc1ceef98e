//! A NAT gateway, public or private.
//!
//! CreateNatGateway answers at once with `pending`; what is wrong (no internet
//! gateway, an Elastic IP in use) comes out only later, as `failed` with a code
//! and a message. A failed gateway cannot be repaired and stays visible for
//! about an hour (Amazon VPC user guide, "NAT gateways"), so it counts as
//! broken and is made anew.
//!
//! A public one sends what it translates by the route table of its *own*
//! subnet, which `way_out` looks at; `addresses` looks at its addresses.

mod addresses;
mod way_out;

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_ec2::types::{
    ConnectivityType, Filter, NatGateway as Described, NatGatewayAddress, NatGatewayState,
    ResourceType,
};

use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::tagging::{filter, from_ec2, of_stack, specification, with_tags};
use crate::aws::{Call, CallError, Seen, on};
use crate::kind::{
    About, Area, Claim, Counted, Default, Field, Intent, Interface, Kind, Live, Node, Order,
    Output, Query, Scope, Stack, Standings, Told, Took, Type, Usual, in_vpc,
};
use crate::model::network::{self, Network, PublicAddress};
use crate::model::{Action, Attributes, Diagnostic, Place, Value};

/// `[nat_gateway.<name>]`
pub struct NatGateway;

const FIELDS: &[Field] = &[
    Field::new(
        "subnet",
        Type::reference(&["subnet"], &["subnet-"]),
        "The subnet that it stands in; a public one needs a subnet with a route to an internet gateway.",
    )
    .required()
    .replaces("AWS cannot move a NAT gateway to another subnet"),
    Field::new(
        "elastic_ip",
        Type::reference(&["elastic_ip"], &["eipalloc-"]),
        "The public address of a public one.",
    )
    .replaces("AWS cannot change a NAT gateway's first address"),
    Field::new(
        "connectivity",
        Type::OneOf(&["public", "private"]),
        "`public` leads to the internet, `private` to other networks only.",
    )
    .default(Default::Text("public"))
    .replaces("AWS cannot turn a public NAT gateway into a private one or back"),
    Field::new(
        "private_ip",
        Type::Text,
        "Its IPv4 address in the subnet; AWS chooses one where it is left out.",
    )
    .replaces("AWS cannot change a NAT gateway's private address"),
];

const OUTPUTS: &[Output] = &[
    Output {
        name: "public_ip",
        doc: "Its public address; a private one has none.",
    },
    Output {
        name: "network_interface",
        doc: "The id of its network interface.",
    },
];

/// How long a gateway may take to be made, and an old one to let go.
const LIMIT: Duration = Duration::from_secs(600);
/// How long a gateway may take to be deleted.
const DELETION: Duration = Duration::from_secs(1800);

#[async_trait]
impl Kind for NatGateway {
    fn about(&self) -> About {
        About {
            name: "nat_gateway",
            summary: "A way out of private subnets that lets nothing in.",
            example: "[vpc.main]\ncidr = \"10.0.0.0/16\"\n\n\
                      [subnet.public]\nvpc = \"main\"\ncidr = \"10.0.0.0/24\"\nzone = \"a\"\n\n\
                      [internet_gateway.main]\nvpc = \"main\"\n\n\
                      [route_table.public]\nvpc = \"main\"\nsubnets = [\"public\"]\n\
                      routes = [{ to = \"0.0.0.0/0\", via = \"internet_gateway.main\" }]\n\n\
                      [elastic_ip.nat]\n\n\
                      [nat_gateway.main]\nsubnet = \"public\"\nelastic_ip = \"nat\"\n",
            part_of: None,
            tagged: true,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn id_prefix(&self) -> Option<&'static str> {
        Some("nat-")
    }

    fn outputs(&self) -> &'static [Output] {
        OUTPUTS
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        addresses::check(node, is_public(&node.inputs), stack, problems);
        if is_public(&node.inputs) {
            way_out::check(node, stack, problems);
        }
    }

    fn claims(&self, of: &Attributes, _place: &Place) -> Vec<Claim> {
        addresses::claims(of)
    }

    fn interfaces<'a>(&self, inputs: &'a Attributes) -> Vec<Interface<'a>> {
        Interface::only(inputs)
    }

    fn orders(&self, node: &Node, stack: &Stack) -> Vec<Order> {
        if is_public(&node.inputs) {
            way_out::orders(node, stack)
        } else {
            Vec::new()
        }
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        let public = is_public(told.attributes);
        let own = told.attributes.get("public_ip").cloned();
        let address = own.or_else(|| told.beyond("elastic_ip", "public_ip"));
        let address = address.as_ref().and_then(Value::as_text);
        let gateway = network::NatGateway {
            subnet: told.key_in("subnet"),
            public,
            address: match (public, address.and_then(|it| it.parse().ok())) {
                (false, _) => PublicAddress::None,
                (true, Some(address)) => PublicAddress::Is(address),
                (true, None) => PublicAddress::Some,
            },
            broken: told.broken.map(str::to_owned),
            spot: told.spot(""),
        };
        network.nat_gateways.insert(told.key.to_owned(), gateway);
    }

    // One to three minutes until it is available, and about one until it is gone
    // (experience with AWS, not a figure of AWS's).
    fn usual(&self) -> Usual {
        Usual {
            create: Took::seconds(60, 180),
            update: Took::seconds(10, 60),
            delete: Took::seconds(40, 90),
        }
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let ec2 = &step.aws.ec2;
        match step.action {
            Action::Create => {
                let tags = specification(ResourceType::Natgateway, step.tags);
                let public = step.wanted.get("elastic_ip").is_some();
                let address = public.then(|| step.id_in("elastic_ip", "eipalloc"));
                let request = ec2
                    .create_nat_gateway()
                    .dry_run(true)
                    .tag_specifications(tags);
                let request = request
                    .subnet_id(step.id_in("subnet", "subnet"))
                    .set_allocation_id(address)
                    .set_connectivity_type(step.text("connectivity").map(ConnectivityType::from));
                let real = step.knows(&["subnet"]) && (!public || step.knows(&["elastic_ip"]));
                calls.dry_run(
                    step.address,
                    "ec2:CreateNatGateway",
                    ("", real),
                    request.send(),
                );
            }
            Action::Delete => {
                let request = ec2.delete_nat_gateway().dry_run(true);
                let request = request.nat_gateway_id(step.own_id("nat"));
                calls.dry_run(
                    step.address,
                    "ec2:DeleteNatGateway",
                    ("", true),
                    request.send(),
                );
            }
            _ => step.rehearse_tags(calls),
        }
    }

    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        vec![Counted::within(Quota::NatGateways, "subnet")]
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        // Deleted ones stay visible for a while and are nobody's any more.
        let states = filter("state", ["pending", "available", "failed"]);
        let read = |by| read(scope, vec![by, states.clone()], None);
        let gateways = scope.shared.adoptions.with_own(scope.stack, read).await?;
        Ok(gateways.iter().map(live).collect())
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        let mut filters = with_tags(&query.tags);
        filters.extend(query.vpc.as_ref().map(|vpc| filter("vpc-id", [vpc])));
        filters.push(filter("state", ["pending", "available"]));
        let gateways = read(scope, filters, query.id.clone()).await?;
        Ok(gateways.iter().map(live).collect())
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        let mut found = in_vpc(self, scope, area).await?;
        for gateway in &mut found {
            // Any free address does, and an own one can be stated later.
            if let Some(Value::String(address)) = gateway.fields.0.remove("private_ip") {
                gateway.notes.push(format!("private address {address}"));
            }
        }
        Ok(found.into())
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        if let Some(address) = inputs.text("elastic_ip") {
            wait_for_old_ones(call, address).await?;
        }
        let request = call
            .aws
            .ec2
            .create_nat_gateway()
            .client_token(call.token)
            .set_subnet_id(inputs.text("subnet").map(str::to_owned))
            .set_allocation_id(inputs.text("elastic_ip").map(str::to_owned))
            .set_connectivity_type(inputs.text("connectivity").map(ConnectivityType::from))
            .set_private_ip_address(inputs.text("private_ip").map(str::to_owned))
            .tag_specifications(specification(ResourceType::Natgateway, call.tags));
        let answer = call
            .once_known("the subnet and the Elastic IP to be known", || async {
                request.clone().send().await.map_err(on("CreateNatGateway"))
            })
            .await?;
        answer
            .nat_gateway()
            .and_then(|gateway| gateway.nat_gateway_id())
            .map(str::to_owned)
            .ok_or_else(|| CallError::internal("CreateNatGateway gave no id"))
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        id: &str,
        _inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        call.wait_for("the NAT gateway to be available", LIMIT, || async {
            let Some(gateway) = describe(call, id).await? else {
                return Ok(Seen::Pending("not yet known".into()));
            };
            match gateway.state() {
                Some(NatGatewayState::Available) => {
                    let mut outputs = Attributes::new();
                    set_addresses(&mut outputs, &gateway);
                    Ok(Seen::Ready(outputs))
                }
                Some(
                    state @ (NatGatewayState::Failed
                    | NatGatewayState::Deleting
                    | NatGatewayState::Deleted),
                ) => Err(CallError::Failed {
                    what: id.to_owned(),
                    reason: failure(&gateway).unwrap_or_else(|| format!("it is {state}")),
                }),
                state => Ok(Seen::Pending(
                    state.map_or("unknown", NatGatewayState::as_str).to_owned(),
                )),
            }
        })
        .await
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        let request = call.aws.ec2.delete_nat_gateway().nat_gateway_id(id);
        match request.send().await.map_err(on("DeleteNatGateway")) {
            Ok(_) => {}
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error),
        }
        call.wait_for("the NAT gateway to be deleted", DELETION, || async {
            let gateway = describe(call, id).await?;
            Ok(match gateway.as_ref().map(|gateway| gateway.state()) {
                None | Some(Some(NatGatewayState::Deleted)) => Seen::Ready(()),
                Some(state) => {
                    Seen::Pending(state.map_or("unknown", NatGatewayState::as_str).to_owned())
                }
            })
        })
        .await
    }
}

fn is_public(inputs: &Attributes) -> bool {
    inputs.text("connectivity") != Some("private")
}

async fn read(
    scope: &Scope<'_>,
    filters: Vec<Filter>,
    id: Option<String>,
) -> Result<Vec<Described>, CallError> {
    scope
        .aws
        .ec2
        .describe_nat_gateways()
        .set_filter(Some(filters))
        .set_nat_gateway_ids(id.map(|id| vec![id]))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("DescribeNatGateways"))
}

fn live(gateway: &Described) -> Live {
    let connectivity = gateway.connectivity_type().map(ConnectivityType::as_str);
    let mut attributes = Attributes::new().with("connectivity", connectivity.unwrap_or("public"));
    attributes.set_text("subnet", gateway.subnet_id());
    attributes.set_text(
        "elastic_ip",
        first_address(gateway).and_then(|a| a.allocation_id()),
    );
    set_addresses(&mut attributes, gateway);
    let mut live = Live::tagged(
        gateway.nat_gateway_id().unwrap_or_default(),
        from_ec2(gateway.tags()),
        attributes,
    );
    if gateway.state() == Some(&NatGatewayState::Failed) {
        live.broken = failure(gateway).or_else(|| Some("it failed".to_owned()));
    }
    live
}

fn first_address(gateway: &Described) -> Option<&NatGatewayAddress> {
    let addresses = gateway.nat_gateway_addresses();
    let first = addresses.iter().find(|a| a.is_primary() == Some(true));
    first.or(addresses.first())
}

fn set_addresses(attributes: &mut Attributes, gateway: &Described) {
    let Some(address) = first_address(gateway) else {
        return;
    };
    attributes.set_text("public_ip", address.public_ip());
    attributes.set_text("private_ip", address.private_ip());
    attributes.set_text("network_interface", address.network_interface_id());
}

/// AWS's failure code and message.
fn failure(gateway: &Described) -> Option<String> {
    match (gateway.failure_code(), gateway.failure_message()) {
        (Some(code), Some(message)) => Some(format!("{code}: {message}")),
        (code, message) => code.or(message).map(str::to_owned),
    }
}

/// The gateway, or nothing where AWS says that it is not there.
async fn describe(call: &Call<'_>, id: &str) -> Result<Option<Described>, CallError> {
    let request = call.aws.ec2.describe_nat_gateways().nat_gateway_ids(id);
    match request.send().await.map_err(on("DescribeNatGateways")) {
        Ok(answer) => Ok(answer.nat_gateways.unwrap_or_default().into_iter().next()),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Waits until no gateway that an earlier run began to delete has the address
/// any more: a new gateway would fail, and say so only later.
async fn wait_for_old_ones(call: &Call<'_>, address: &str) -> Result<(), CallError> {
    if call.created_one_named_in(address) {
        return Ok(());
    }
    let what = format!("{address} to be free");
    call.wait_for(&what, LIMIT, || async {
        let request = call.aws.ec2.describe_nat_gateways();
        let request = request
            .filter(of_stack(call.stack))
            .filter(filter("state", ["deleting"]));
        let answer = request.send().await.map_err(on("DescribeNatGateways"))?;
        let holds = |gateway: &&Described| {
            let addresses = gateway.nat_gateway_addresses();
            addresses.iter().any(|a| a.allocation_id() == Some(address))
        };
        Ok(match answer.nat_gateways().iter().find(holds) {
            None => Seen::Ready(()),
            Some(gateway) => Seen::Pending(format!(
                "{} is being deleted",
                gateway.nat_gateway_id().unwrap_or("an old NAT gateway")
            )),
        })
    })
    .await
}

#[cfg(test)]
mod tests;

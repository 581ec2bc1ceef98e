//! A route of a route table.
//!
//! Routes have neither an id nor tags: one is known by its table and its
//! destination. A change of target is one ReplaceRoute, without a gap. When
//! what a route goes by is deleted, the route stays as a black hole (Amazon VPC
//! user guide, "Route tables"); that is drift, and the same call mends it.
//!
//! AWS has no route twice, so a crash between CreateRoute and our note of it
//! ends as `RouteAlreadyExists` with the wanted target, which we adopt. A route
//! that neither the file wants nor the state remembers is somebody else's.

mod finding;
mod rehearsal;
mod telling;

use async_trait::async_trait;
use aws_sdk_ec2::types::Route as Described;

use super::route_target::{Destination, Shown, Target, VIA};
use crate::aws::quotas::Quota;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::{Call, CallError, Creation, Seen, on};
use crate::kind::{
    About, Change, Counted, Field, Intent, Kind, Live, Node, Order, PartOf, Scope, Stack, Told,
    Type,
};
use crate::model::network::Network;
use crate::model::{Address, Attributes, Diagnostic, Value};

/// `route_table.<name>/route:<destination>`
pub struct Route;

const FIELDS: &[Field] = &[
    Field::new(
        "route_table",
        Type::reference(&["route_table"], &["rtb-"]),
        "The table.",
    )
    .required()
    .replaces("AWS cannot move a route to another table"),
    Field::new(
        "to",
        Type::Text,
        "Where it leads: a block in canonical form or a prefix list.",
    )
    .required()
    .replaces("AWS knows a route by its destination"),
    Field::new("via", VIA, "What it goes by.")
        .required()
        .loose(),
];

/// An answer that AWS gives while its other half has not heard of a target.
const PASSING: &[&str] = &["InvalidParameterException"];

#[async_trait]
impl Kind for Route {
    fn about(&self) -> About {
        About {
            name: "route",
            summary: "A route of a route table.",
            example: "",
            part_of: Some(PartOf {
                table: "route_table",
                label: "route",
            }),
            tagged: false,
            contained: true,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        let vpc = node
            .inputs
            .target("route_table")
            .and_then(|at| stack.get(at));
        let Some(vpc) = vpc.and_then(|table| table.inputs.get("vpc")) else {
            return;
        };
        check_local(node, vpc, stack, problems);
        let Some(via) = node.inputs.target("via") else {
            return;
        };
        if let Some(other) = vpc_of(via, stack)
            && other != vpc
        {
            let problem = format!("a route via {via}, which belongs to another VPC");
            problems.push(
                Diagnostic::error(node.span_of("via"), problem)
                    .because("AWS routes by what stands in the route table's own VPC")
                    .remedy("name a gateway of the same VPC"),
            );
        }
    }

    fn orders(&self, node: &Node, stack: &Stack) -> Vec<Order> {
        let gateway = node.inputs.target("via");
        let gateway = gateway.filter(|via| via.kind == "internet_gateway" && !via.existing);
        gateway
            .map(|gateway| gateway.part("attachment", ""))
            .filter(|attachment| stack.get(attachment).is_some())
            .map(|after| Order {
                after,
                reason: "AWS refuses a route to an internet gateway that is not attached",
            })
            .into_iter()
            .collect()
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        telling::tell(told, network);
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        rehearsal::rehearse(step, calls);
    }

    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        vec![Counted::within(Quota::Routes, "route_table")]
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        finding::find(scope).await
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let (table, to) = key(inputs)?;
        let via = via(inputs)?;
        let (destination, target) = (Destination::of(to), Target::of(via)?);
        let request = call
            .aws
            .ec2
            .create_route()
            .route_table_id(table)
            .set_destination_cidr_block(destination.ipv4)
            .set_destination_ipv6_cidr_block(destination.ipv6)
            .set_destination_prefix_list_id(destination.prefix_list)
            .set_gateway_id(target.gateway)
            .set_nat_gateway_id(target.nat_gateway)
            .set_instance_id(target.instance)
            .set_network_interface_id(target.network_interface)
            .set_transit_gateway_id(target.transit_gateway)
            .set_vpc_peering_connection_id(target.peering);
        let create = || async {
            patiently(call, || async {
                let sent = request.clone().send().await.map_err(on("CreateRoute"));
                sent.map(|_| id_of(table, to))
            })
            .await
        };
        let creation = Creation {
            what: "the route",
            taken: &["RouteAlreadyExists"],
        };
        let look = || standing_one(call, table, to, via);
        let made = call.create_once(creation, create, look).await?;
        Ok(made.into_id())
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        _id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let (table, to) = key(inputs)?;
        let via = via(inputs)?;
        call.wait_for("the route to be active", call.aws.patience(), || async {
            let routes = routes_of(call, table).await?;
            let shown = routes.iter().filter_map(Shown::read).find(|r| r.to == to);
            Ok(match shown {
                Some(shown) if shown.active && shown.goes_via(via) => Seen::Ready(()),
                Some(shown) => Seen::Pending(format!("it goes via {}", shown.via(Some(via)))),
                None => Seen::Pending("not yet seen".into()),
            })
        })
        .await?;
        Ok(Attributes::new())
    }

    async fn update(
        &self,
        call: &Call<'_>,
        id: &str,
        change: &Change,
    ) -> Result<String, CallError> {
        if !change.touches("via") {
            return Ok(id.to_owned());
        }
        let (table, to) = key(&change.after)?;
        let (destination, target) = (Destination::of(to), Target::of(via(&change.after)?)?);
        let request = call
            .aws
            .ec2
            .replace_route()
            .route_table_id(table)
            .set_destination_cidr_block(destination.ipv4)
            .set_destination_ipv6_cidr_block(destination.ipv6)
            .set_destination_prefix_list_id(destination.prefix_list)
            .set_gateway_id(target.gateway)
            .set_nat_gateway_id(target.nat_gateway)
            .set_instance_id(target.instance)
            .set_network_interface_id(target.network_interface)
            .set_transit_gateway_id(target.transit_gateway)
            .set_vpc_peering_connection_id(target.peering);
        patiently(call, || async {
            request.clone().send().await.map_err(on("ReplaceRoute"))
        })
        .await?;
        Ok(id_of(table, to))
    }

    async fn delete(&self, call: &Call<'_>, _id: &str, live: &Attributes) -> Result<(), CallError> {
        let (table, to) = key(live)?;
        let destination = Destination::of(to);
        let request = call
            .aws
            .ec2
            .delete_route()
            .route_table_id(table)
            .set_destination_cidr_block(destination.ipv4)
            .set_destination_ipv6_cidr_block(destination.ipv6)
            .set_destination_prefix_list_id(destination.prefix_list);
        // Nothing waits for a route to be gone, so its answer is enough.
        let deleted = patiently(call, || async {
            request.clone().send().await.map_err(on("DeleteRoute"))
        })
        .await;
        match deleted {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A route to the VPC's own block would be AWS's local route.
fn check_local(node: &Node, vpc: &Value, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let block = vpc.as_target().and_then(|at| stack.get(at));
    let block = block.and_then(|vpc| vpc.inputs.text("cidr"));
    if block.is_some() && node.inputs.text("to") == block {
        problems.push(
            Diagnostic::error(node.span_of("to"), "a route to the VPC's own block")
                .because("AWS's local route leads there already and cannot be replaced by another")
                .remedy("remove the route, or narrow its destination"),
        );
    }
}

/// The VPC that a gateway of the stack stands in.
fn vpc_of<'s>(via: &Address, stack: &'s Stack) -> Option<&'s Value> {
    let node = match via.kind.as_str() {
        "internet_gateway" => stack.get(&via.part("attachment", ""))?,
        _ => {
            let subnet = stack.get(via)?.inputs.target("subnet")?;
            stack.get(subnet)?
        }
    };
    node.inputs.get("vpc")
}

/// Repeats a call while AWS's other half has not heard of what was just made.
async fn patiently<T, F, R>(call: &Call<'_>, send: F) -> Result<T, CallError>
where
    F: FnMut() -> R + Send,
    R: Future<Output = Result<T, CallError>> + Send,
{
    call.retry(
        "the route's table and target to be known",
        call.aws.patience(),
        |error| {
            error.is(PASSING) || error.is_not_found() && call.created_one_named_in(error.message())
        },
        send,
    )
    .await
}

/// The route that is there already, where it goes the wanted way.
async fn standing_one(
    call: &Call<'_>,
    table: &str,
    to: &str,
    via: &str,
) -> Result<Vec<String>, CallError> {
    let routes = routes_of(call, table).await?;
    let Some(shown) = routes.iter().filter_map(Shown::read).find(|r| r.to == to) else {
        return Ok(Vec::new());
    };
    if shown.goes_via(via) {
        return Ok(vec![id_of(table, to)]);
    }
    Err(CallError::Failed {
        what: format!("the route to {to} in {table}"),
        reason: format!(
            "somebody made one via {} meanwhile; plan again to see it",
            shown.via(None)
        ),
    })
}

/// The routes of a table as AWS shows them; none where it does not know it yet.
async fn routes_of(call: &Call<'_>, table: &str) -> Result<Vec<Described>, CallError> {
    let request = call.aws.ec2.describe_route_tables().route_table_ids(table);
    match request.send().await.map_err(on("DescribeRouteTables")) {
        Ok(answer) => Ok(answer
            .route_tables
            .unwrap_or_default()
            .into_iter()
            .flat_map(|table| table.routes.unwrap_or_default())
            .collect()),
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The natural key of a route, which serves as its id.
fn id_of(table: &str, to: &str) -> String {
    format!("{table}:{to}")
}

fn key(attributes: &Attributes) -> Result<(&str, &str), CallError> {
    attributes
        .text("route_table")
        .zip(attributes.text("to"))
        .ok_or_else(|| CallError::internal("a route lacks its table or its destination"))
}

fn via(inputs: &Attributes) -> Result<&str, CallError> {
    inputs
        .text("via")
        .ok_or_else(|| CallError::internal("a route lacks what it goes by"))
}

#[cfg(test)]
mod tests;

//! Route tables as a plan file would have them, whoever made them.
//!
//! The local route and the routes of gateway endpoints are AWS's own and not
//! told; a route that no file can say is. The main table is AWS's too: it cannot be
//! made or deleted apart from its VPC, and the subnets without a table of their own
//! use it.

use aws_sdk_ec2::types::{
    Route, RouteOrigin, RouteTable as Described, RouteTableAssociationStateCode as Code,
};

use super::super::route_target::{LITERAL, Shown, of_endpoint};
use super::{FIELDS, live};
use crate::aws::tagging::filter;
use crate::aws::{CallError, on};
use crate::kind::{Area, Scope, Standing, Standings};
use crate::model::{Attributes, Value};

const EVERYWHERE: &str = "0.0.0.0/0";
/// Said of a table that leads out by a route which its file does not have: a NAT
/// gateway of its subnets would be refused without.
const LED_OUT: &str = "its [[import]] is to stay: others' route leads out of it";

pub(super) async fn standing(scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
    let Some(vpc) = area.vpc() else {
        return Ok(Standings::default());
    };
    let request = scope.aws.ec2.describe_route_tables();
    let request = request.filters(filter("vpc-id", [vpc]));
    let tables = request.into_paginator().items().send();
    let tables: Result<Vec<Described>, _> = tables.collect().await;
    let mut tables = tables.map_err(on("DescribeRouteTables"))?;
    tables.sort_by(|a, b| a.route_table_id().cmp(&b.route_table_id()));
    let found: Vec<Standing> = tables.iter().map(table).collect();
    Ok(found.into())
}

fn table(table: &Described) -> Standing {
    let mut standing = Standing::new(live(table), FIELDS);
    let subnets = subnets(table);
    let mut routes = Vec::new();
    for route in table.routes() {
        match written(route) {
            Written::Route(route) => routes.push(route),
            Written::Cannot(why) => {
                if route.destination_cidr_block() == Some(EVERYWHERE) {
                    standing.notes.push(LED_OUT.to_owned());
                }
                standing.left_out.push(why);
            }
            Written::OfAws => {}
        }
    }
    routes.sort();
    if is_main(table) {
        let words = routes.iter().filter_map(in_words);
        standing
            .notes
            .extend(words.map(|route| format!("route {route}")));
        standing.notes.extend(
            subnets
                .iter()
                .map(|it| format!("explicitly of subnet {it}")),
        );
        let why = "the VPC's main route table, which AWS made and keeps";
        standing.kept_by_aws = Some(why.to_owned());
        standing.called = Some("main".to_owned());
    }
    standing.fields.set("subnets", Value::texts(subnets));
    standing.fields.set("routes", routes);
    standing
}

fn is_main(table: &Described) -> bool {
    let mut associations = table.associations().iter();
    associations.any(|it| it.main().unwrap_or(false))
}

/// The subnets that have the table for their own.
fn subnets(table: &Described) -> Vec<String> {
    let associations = table.associations().iter().filter(|it| {
        let state = it.association_state().and_then(|state| state.state());
        !matches!(
            state,
            Some(Code::Disassociating | Code::Disassociated | Code::Failed)
        )
    });
    let mut ids: Vec<String> = associations.filter_map(|it| it.subnet_id.clone()).collect();
    ids.sort();
    ids
}

/// What a file says of a route.
enum Written {
    /// This.
    Route(Value),
    /// Nothing: AWS makes it by itself.
    OfAws,
    /// Nothing, though it is somebody's.
    Cannot(String),
}

fn written(route: &Route) -> Written {
    let gateway = route.gateway_id().unwrap_or_default();
    // A gateway endpoint's route comes with the endpoint; one to a block leads to
    // a firewall's or a load balancer's.
    match of_endpoint(route) {
        None if gateway == "local" => return Written::OfAws,
        Some((to, _)) if to.starts_with("pl-") => return Written::OfAws,
        Some((to, via)) => return Written::Cannot(format!("the route to {to} via {via}")),
        None => {}
    }
    let to = route
        .destination_cidr_block()
        .or(route.destination_ipv6_cidr_block())
        .or(route.destination_prefix_list_id())
        .unwrap_or("?");
    if route.origin() == Some(&RouteOrigin::EnableVgwRoutePropagation) {
        return Written::Cannot(format!("the route to {to} that {gateway} propagates"));
    }
    let Some(shown) = Shown::read(route) else {
        return Written::Cannot(format!("the route to {to} of an AWS service"));
    };
    let via = shown.via(None);
    if !shown.active || !LITERAL.iter().any(|prefix| via.starts_with(prefix)) {
        return Written::Cannot(format!("the route to {to} via {via}"));
    }
    let route = Attributes::new().with("to", shown.to).with("via", via);
    Written::Route(Value::Map(route.0))
}

fn in_words(route: &Value) -> Option<String> {
    let route = route.as_map()?;
    let text = |field: &str| route.get(field)?.as_text();
    Some(format!("{} via {}", text("to")?, text("via")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::builders::RouteBuilder;

    fn told(route: RouteBuilder) -> Standing {
        let route = route.origin(RouteOrigin::CreateRoute).build();
        table(&Described::builder().routes(route).build())
    }

    #[test]
    fn a_route_to_a_firewall_is_told_and_an_endpoints_own_is_not() {
        let by = || Route::builder().gateway_id("vpce-1");
        let own = told(by().destination_prefix_list_id("pl-1"));
        assert!(own.left_out.is_empty() && own.notes.is_empty());
        let some = told(by().destination_cidr_block("10.9.0.0/16"));
        assert_eq!(some.left_out, ["the route to 10.9.0.0/16 via vpce-1"]);
        assert!(some.notes.is_empty());
        let all = told(by().destination_cidr_block(EVERYWHERE));
        assert_eq!(all.left_out, ["the route to 0.0.0.0/0 via vpce-1"]);
        assert_eq!(all.notes, [LED_OUT]);
    }
}

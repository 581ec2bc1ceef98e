//! Routes as the planner meets them.

use super::*;
use crate::model::Reference;

fn id(address: &str) -> Value {
    Reference::id(address.parse().unwrap()).into()
}

fn stack() -> Stack {
    let mut stack = Stack::default();
    let mut add = |address: &str, inputs: Attributes| {
        let node = Node {
            inputs,
            ..Node::default()
        };
        stack.nodes.insert(address.parse().unwrap(), node);
    };
    let in_vpc = |name: &str| Attributes::new().with("vpc", id(name));
    add("vpc.main", Attributes::new().with("cidr", "10.0.0.0/16"));
    add("vpc.other", Attributes::new().with("cidr", "10.1.0.0/16"));
    add("route_table.main", in_vpc("vpc.main"));
    add("internet_gateway.main/attachment", in_vpc("vpc.main"));
    add("internet_gateway.other/attachment", in_vpc("vpc.other"));
    add("subnet.other", in_vpc("vpc.other"));
    add(
        "nat_gateway.other",
        Attributes::new().with("subnet", id("subnet.other")),
    );
    stack
}

fn route(to: &str, via: Value) -> Node {
    Node {
        inputs: Attributes::new()
            .with("route_table", id("route_table.main"))
            .with("to", to)
            .with("via", via),
        ..Node::default()
    }
}

fn told(to: &str, via: &str) -> Vec<String> {
    let mut problems = Vec::new();
    Route.check(&route(to, id(via)), &stack(), &mut problems);
    problems
        .into_iter()
        .map(|problem| problem.problem)
        .collect()
}

#[test]
fn gateways_of_other_vpcs_are_told() {
    assert!(told("0.0.0.0/0", "internet_gateway.main").is_empty());
    assert!(told("0.0.0.0/0", "existing.internet_gateway.shared").is_empty());
    for via in ["internet_gateway.other", "nat_gateway.other"] {
        assert_eq!(
            told("0.0.0.0/0", via),
            [format!("a route via {via}, which belongs to another VPC")]
        );
    }
}

#[test]
fn the_local_route_is_not_ours() {
    assert_eq!(
        told("10.0.0.0/16", "internet_gateway.main"),
        ["a route to the VPC's own block"]
    );
}

#[test]
fn a_route_follows_the_attachment_of_its_gateway() {
    let after = |via: &str| {
        let orders = Route.orders(&route("0.0.0.0/0", id(via)), &stack());
        let orders = orders.into_iter();
        orders.map(|o| o.after.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(
        after("internet_gateway.main"),
        ["internet_gateway.main/attachment"]
    );
    assert!(after("internet_gateway.unknown").is_empty());
    assert!(after("nat_gateway.other").is_empty());
}

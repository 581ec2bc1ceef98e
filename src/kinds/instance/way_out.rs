//! What must stand before an instance starts: its role's rights and, for its
//! first boot, its way out.
//!
//! ```text
//! role's policies ───────────────────────────────────┐
//! subnet's association ─► its table's routes, and    ├─► instance
//! gateway endpoints on the table, and egress rules ──┤   (with user data)
//! internet gateway's attachment ─────────────────────┘   (with public address)
//! ```

use crate::kind::{Node, Order, Stack};
use crate::model::Address;

const RIGHTS: &str = "programs on an instance start with the rights that its role has then";
const ATTACHED: &str = "a public address works only behind an attached internet gateway";
const FIRST_BOOT: &str = "user data runs at first boot and needs its way out by then";

/// What the instance comes after, beyond what its fields show.
pub(super) fn orders(node: &Node, stack: &Stack) -> Vec<Order> {
    let mut orders = Vec::new();
    let mut after = |address: &Address, reason: &'static str| {
        orders.push(Order {
            after: address.clone(),
            reason,
        });
    };
    if let Some(role) = node.inputs.target("instance_profile").map(Address::table) {
        for label in ["inline_policy", "managed_policy"] {
            let policies = stack.parts_of_kind("role", label);
            for (policy, _) in policies.filter(|(policy, _)| policy.table() == role) {
                after(policy, RIGHTS);
            }
        }
    }
    let subnet = node.inputs.target("subnet");
    if node.inputs.bool("public_ip") == Some(true)
        && let Some(vpc) = subnet
            .and_then(|subnet| stack.get(subnet))
            .and_then(|subnet| subnet.inputs.get("vpc"))
    {
        let attachments = stack.parts_of_kind("internet_gateway", "attachment");
        for (attachment, _) in attachments.filter(|(_, it)| it.inputs.get("vpc") == Some(vpc)) {
            after(attachment, ATTACHED);
        }
    }
    if node.inputs.get("user_data").is_none() {
        return orders;
    }
    let associations = stack.parts_of_kind("route_table", "association");
    for (association, part) in associations.filter(|(_, it)| it.inputs.target("subnet") == subnet) {
        after(association, FIRST_BOOT);
        let Some(table) = part.inputs.target("route_table") else {
            continue;
        };
        for (route, part) in stack.parts_of_kind("route_table", "route") {
            let own = part
                .inputs
                .target("via")
                .is_some_and(|via| is_it(via, node, stack));
            if part.inputs.target("route_table") == Some(table) && !own {
                after(route, FIRST_BOOT);
            }
        }
        for (endpoint, it) in stack.of_kind("gateway_endpoint") {
            if it.inputs.targets("route_tables").contains(&table) {
                after(endpoint, FIRST_BOOT);
            }
        }
    }
    let groups = node.inputs.targets("security_groups");
    for (rule, part) in stack.parts_of_kind("security_group", "egress") {
        let group = part.inputs.target("security_group");
        if group.is_some_and(|group| groups.contains(&group)) {
            after(rule, FIRST_BOOT);
        }
    }
    orders
}

/// Whether an address is this very node's: a router's own table may lead to it.
fn is_it(address: &Address, node: &Node, stack: &Stack) -> bool {
    stack
        .get(address)
        .is_some_and(|it| std::ptr::eq(it, node) || it.inputs == node.inputs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, Reference, Value};

    fn reference(address: &str) -> Value {
        Value::Reference(Reference::id(address.parse().unwrap()))
    }

    fn stack() -> Stack {
        let mut stack = Stack::default();
        let mut add = |address: &str, fields: &[(&str, Value)]| {
            let inputs = fields.iter().map(|(n, v)| ((*n).to_owned(), v.clone()));
            let node = Node {
                inputs: inputs.collect::<Attributes>(),
                ..Node::default()
            };
            stack.nodes.insert(address.parse().unwrap(), node);
        };
        let table = || reference("route_table.x");
        add("subnet.x", &[("vpc", reference("vpc.main"))]);
        add(
            "internet_gateway.g/attachment",
            &[("vpc", reference("vpc.main"))],
        );
        add(
            "internet_gateway.h/attachment",
            &[("vpc", reference("vpc.other"))],
        );
        add(
            "route_table.x/association:x",
            &[("route_table", table()), ("subnet", reference("subnet.x"))],
        );
        add(
            "route_table.x/route:0.0.0.0/0",
            &[
                ("route_table", table()),
                ("via", reference("nat_gateway.n")),
            ],
        );
        add(
            "route_table.x/route:10.9.0.0/16",
            &[("route_table", table()), ("via", reference("instance.i"))],
        );
        add(
            "route_table.y/route:0.0.0.0/0",
            &[("route_table", reference("route_table.y"))],
        );
        add(
            "gateway_endpoint.s3",
            &[("route_tables", Value::List(vec![table()]))],
        );
        add(
            "security_group.a/egress:all:all:0.0.0.0/0",
            &[("security_group", reference("security_group.a"))],
        );
        add("role.r/inline_policy:s3", &[("role", reference("role.r"))]);
        add("role.q/inline_policy:s3", &[("role", reference("role.q"))]);
        stack
    }

    fn told(fields: &[(&str, Value)]) -> Vec<String> {
        let mut stack = stack();
        let inputs = fields.iter().map(|(n, v)| ((*n).to_owned(), v.clone()));
        let node = Node {
            inputs: inputs.collect::<Attributes>(),
            ..Node::default()
        };
        let own = Address::new("instance", "i");
        stack.nodes.insert(own.clone(), node);
        let orders = orders(stack.get(&own).unwrap(), &stack);
        orders.iter().map(|order| order.after.to_string()).collect()
    }

    #[test]
    fn an_instance_waits_for_what_it_needs() {
        let subnet = ("subnet", reference("subnet.x"));
        assert_eq!(told(std::slice::from_ref(&subnet)), Vec::<String>::new());
        let profile = reference("role.r/instance_profile");
        assert_eq!(
            told(&[subnet.clone(), ("instance_profile", profile)]),
            ["role.r/inline_policy:s3"]
        );
        assert_eq!(
            told(&[subnet.clone(), ("public_ip", true.into())]),
            ["internet_gateway.g/attachment"]
        );
        let groups = Value::List(vec![reference("security_group.a")]);
        assert_eq!(
            told(&[
                subnet,
                ("user_data", "#!/bin/sh".into()),
                ("security_groups", groups)
            ]),
            [
                "route_table.x/association:x",
                "route_table.x/route:0.0.0.0/0",
                "gateway_endpoint.s3",
                "security_group.a/egress:all:all:0.0.0.0/0"
            ]
        );
    }
}

//! Which way a public NAT gateway's own traffic leaves.
//!
//! ```text
//! private subnet ─► NAT gateway ─► its subnet's route table
//!                                    └─ 0.0.0.0/0 ─► internet gateway, attached
//! ```
//!
//! AWS fails a public NAT gateway whose VPC has no internet gateway attached;
//! one whose subnet lacks the route comes to life and translates into nothing.

use crate::kind::{Node, Order, Stack};
use crate::model::{Address, Attributes, Diagnostic, Value};

const EVERYWHERE: &str = "0.0.0.0/0";
const WITHOUT_WAY_OUT: &str =
    "a public NAT gateway in a subnet without a route to an internet gateway";

/// Reports a public gateway that nothing can leave from.
pub(super) fn check(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let Some(subnet) = node.inputs.get("subnet") else {
        return;
    };
    let Some((association, table)) = table_of(stack, subnet) else {
        // The subnet is left to its VPC's main table. We know what stands in
        // that one only if the VPC is made by us: AWS's local route alone.
        if let Some(vpc) = vpc_of(stack, subnet)
            && vpc.as_target().is_some_and(|vpc| stack.get(vpc).is_some())
            && !may_be_led_out(node, vpc, stack)
        {
            let problem = "a public NAT gateway in a subnet without a route table";
            let way = gateway_of(stack, vpc);
            problems.push(
                Diagnostic::error(node.span_of("subnet"), problem)
                    .here("no route to an internet gateway leads out of this subnet")
                    .because("a NAT gateway sends what it translates by its own subnet's routes")
                    .remedy(format!(
                        "list the subnet under `subnets` of a route table with {}",
                        route_by(way)
                    )),
            );
        }
        return;
    };
    let default = routes_of(stack, table).find(|(_, route)| goes_everywhere(route));
    let problem = match default {
        Some((_, route)) if leads_to_internet_gateway(&route.inputs) => return,
        // Through an appliance it may still come out somewhere.
        Some((_, route)) if !leads_to_nat_gateway(&route.inputs) => {
            problems.push(
                Diagnostic::warning(
                    node.span_of("subnet"),
                    "a public NAT gateway whose subnet sends 0.0.0.0/0 elsewhere than to an internet gateway",
                )
                .also(route.span.clone(), "this way")
                .because("a NAT gateway sends what it translates by its own subnet's routes"),
            );
            return;
        }
        Some((_, route)) => Diagnostic::error(
            node.span_of("subnet"),
            "a public NAT gateway in a subnet that sends 0.0.0.0/0 to a NAT gateway",
        )
        .also(route.span.clone(), "this route leads back, not out"),
        // No file can say every route that others have made.
        None if is_adopted(node, table, stack) => {
            problems.push(
                Diagnostic::warning(node.span_of("subnet"), WITHOUT_WAY_OUT)
                    .also(association.span.clone(), "by this route table")
                    .because(
                        "a NAT gateway sends what it translates by its own subnet's routes; what \
                         is imported may have one that is not in this file, such as a firewall's",
                    )
                    .remedy("keep the [[import]] while that is so: it says that others made it"),
            );
            return;
        }
        None => Diagnostic::error(node.span_of("subnet"), WITHOUT_WAY_OUT).also(
            association.span.clone(),
            "this route table serves the subnet and has no route 0.0.0.0/0",
        ),
    };
    let way = vpc_of(stack, subnet).and_then(|vpc| gateway_of(stack, vpc));
    let at = table
        .as_target()
        .map_or_else(String::new, ToString::to_string);
    problems.push(
        problem
            .because("a NAT gateway sends what it translates by its own subnet's routes")
            .remedy(format!("give {at} {}", route_by(way))),
    );
}

/// Whether a VPC's main table may have routes that no file tells: others made
/// the VPC or the gateway, or the file looks a table up, which may be that one.
fn may_be_led_out(node: &Node, vpc: &Value, stack: &Stack) -> bool {
    let mut looked_up = stack.there_already.iter().filter(|it| it.existing);
    is_adopted(node, vpc, stack) || looked_up.any(|it| it.kind == "route_table")
}

/// Whether others made a gateway, or the VPC or table that it lives by.
fn is_adopted(node: &Node, lives_by: &Value, stack: &Stack) -> bool {
    let adopted = |address: &Address| stack.there_already.contains(address);
    let mut gateways = stack.of_kind("nat_gateway");
    let own = gateways.find(|(_, it)| std::ptr::eq(*it, node));
    own.is_some_and(|(address, _)| adopted(address)) || lives_by.as_target().is_some_and(adopted)
}

/// A public gateway comes after the way out that it needs.
pub(super) fn orders(node: &Node, stack: &Stack) -> Vec<Order> {
    let Some(subnet) = node.inputs.get("subnet") else {
        return Vec::new();
    };
    let mut orders = Vec::new();
    if let Some(vpc) = vpc_of(stack, subnet) {
        orders.extend(attachments_of(stack, vpc).map(|(address, _)| Order {
            after: address.clone(),
            reason: "AWS fails a public NAT gateway whose VPC has no internet gateway attached",
        }));
    }
    if let Some((_, table)) = table_of(stack, subnet) {
        let ways = routes_of(stack, table).filter(|(_, route)| {
            goes_everywhere(route) && leads_to_internet_gateway(&route.inputs)
        });
        orders.extend(ways.map(|(address, _)| Order {
            after: address.clone(),
            reason: "a public NAT gateway sends what it translates by this route",
        }));
    }
    orders
}

/// The association of a subnet and the table that it names.
fn table_of<'s>(stack: &'s Stack, subnet: &Value) -> Option<(&'s Node, &'s Value)> {
    let mut associations = stack.parts_of_kind("route_table", "association");
    let (_, found) = associations.find(|(_, node)| node.inputs.get("subnet") == Some(subnet))?;
    Some((found, found.inputs.get("route_table")?))
}

fn routes_of<'s>(
    stack: &'s Stack,
    table: &'s Value,
) -> impl Iterator<Item = (&'s Address, &'s Node)> {
    stack
        .parts_of_kind("route_table", "route")
        .filter(move |(_, node)| node.inputs.get("route_table") == Some(table))
}

/// The VPC of a subnet that the stack has.
fn vpc_of<'s>(stack: &'s Stack, subnet: &Value) -> Option<&'s Value> {
    stack.get(subnet.as_target()?)?.inputs.get("vpc")
}

fn attachments_of<'s>(
    stack: &'s Stack,
    vpc: &'s Value,
) -> impl Iterator<Item = (&'s Address, &'s Node)> {
    stack
        .parts_of_kind("internet_gateway", "attachment")
        .filter(move |(_, node)| node.inputs.get("vpc") == Some(vpc))
}

/// The internet gateway of a VPC.
fn gateway_of(stack: &Stack, vpc: &Value) -> Option<Address> {
    let mut attachments = attachments_of(stack, vpc);
    attachments.next().map(|(address, _)| address.table())
}

fn goes_everywhere(route: &Node) -> bool {
    route.inputs.text("to") == Some(EVERYWHERE)
}

fn leads_to_internet_gateway(route: &Attributes) -> bool {
    leads_to(route, "internet_gateway", "igw-")
}

fn leads_to_nat_gateway(route: &Attributes) -> bool {
    leads_to(route, "nat_gateway", "nat-")
}

fn leads_to(route: &Attributes, kind: &str, prefix: &str) -> bool {
    route.target("via").is_some_and(|via| via.kind == kind)
        || route.text("via").is_some_and(|via| via.starts_with(prefix))
}

/// The route to add, as a user would write it.
fn route_by(gateway: Option<Address>) -> String {
    match gateway {
        Some(gateway) => format!("the route `{{ to = \"{EVERYWHERE}\", via = \"{gateway}\" }}`"),
        None => format!(
            "a route `{{ to = \"{EVERYWHERE}\", via = \"internet_gateway.…\" }}`, \
             and the VPC an `[internet_gateway.…]`"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Reference;

    fn id(address: &str) -> Value {
        Reference::id(address.parse().unwrap()).into()
    }

    /// A VPC with an internet gateway, a public subnet, and the NAT gateway in it.
    fn stack() -> Stack {
        let mut stack = Stack::default();
        let mut add = |address: &str, inputs: Attributes| {
            let node = Node {
                inputs,
                ..Node::default()
            };
            stack.nodes.insert(address.parse().unwrap(), node);
        };
        add("vpc.main", Attributes::new());
        let in_vpc = || Attributes::new().with("vpc", id("vpc.main"));
        add("subnet.public", in_vpc());
        add(
            "internet_gateway.main/attachment",
            in_vpc().with("internet_gateway", id("internet_gateway.main")),
        );
        add(
            "nat_gateway.main",
            Attributes::new().with("subnet", id("subnet.public")),
        );
        stack
    }

    fn associate(stack: &mut Stack) {
        let inputs = Attributes::new()
            .with("route_table", id("route_table.public"))
            .with("subnet", id("subnet.public"));
        let node = Node {
            inputs,
            ..Node::default()
        };
        let address = "route_table.public/association:public".parse().unwrap();
        stack.nodes.insert(address, node);
    }

    fn route(stack: &mut Stack, via: impl Into<Value>) {
        let inputs = Attributes::new()
            .with("route_table", id("route_table.public"))
            .with("to", EVERYWHERE)
            .with("via", via);
        let node = Node {
            inputs,
            ..Node::default()
        };
        let address = "route_table.public/route:0.0.0.0/0".parse().unwrap();
        stack.nodes.insert(address, node);
    }

    fn told(stack: &Stack) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        let node = stack.get(&Address::new("nat_gateway", "main")).unwrap();
        check(node, stack, &mut problems);
        problems
    }

    #[test]
    fn a_subnet_without_a_table_is_told() {
        let problems = told(&stack());
        assert_eq!(
            problems[0].problem,
            "a public NAT gateway in a subnet without a route table"
        );
        let remedy = problems[0].remedy.as_deref().unwrap();
        assert!(
            remedy.contains("via = \"internet_gateway.main\""),
            "{remedy}"
        );
    }

    #[test]
    fn a_table_without_the_route_is_told() {
        let mut stack = stack();
        associate(&mut stack);
        let problems = told(&stack);
        assert_eq!(
            problems[0].problem,
            "a public NAT gateway in a subnet without a route to an internet gateway"
        );
        assert!(
            problems[0]
                .remedy
                .as_deref()
                .unwrap()
                .starts_with("give route_table.public ")
        );
    }

    #[test]
    fn a_route_that_leads_back_is_told() {
        let mut stack = stack();
        associate(&mut stack);
        route(&mut stack, id("nat_gateway.main"));
        assert!(told(&stack)[0].is_error());
        route(&mut stack, "eni-1");
        assert!(!told(&stack)[0].is_error());
    }

    #[test]
    fn the_way_out_is_enough_and_comes_first() {
        let mut stack = stack();
        associate(&mut stack);
        for via in [id("internet_gateway.main"), Value::from("igw-1")] {
            route(&mut stack, via);
            assert!(told(&stack).is_empty());
            let node = stack.get(&Address::new("nat_gateway", "main")).unwrap();
            let after: Vec<_> = orders(node, &stack)
                .into_iter()
                .map(|order| order.after.to_string())
                .collect();
            assert_eq!(
                after,
                [
                    "internet_gateway.main/attachment",
                    "route_table.public/route:0.0.0.0/0"
                ]
            );
        }
    }

    #[test]
    fn the_main_table_of_what_others_made_is_not_judged() {
        for there in [
            Address::new("vpc", "main"),
            Address::new("nat_gateway", "main"),
            Address::existing("route_table", "main"),
        ] {
            let mut stack = stack();
            stack.there_already.insert(there);
            assert!(told(&stack).is_empty());
        }
        let mut stack = stack();
        let other = Address::existing("vpc", "main");
        stack.there_already.insert(other);
        assert!(told(&stack)[0].is_error());
    }

    #[test]
    fn a_table_of_others_may_have_a_route_that_no_file_can_say() {
        for (there, judged) in [
            ("route_table.public", false),
            ("nat_gateway.main", false),
            // A table of the file's own is known, whoever made the VPC.
            ("vpc.main", true),
        ] {
            let mut stack = stack();
            associate(&mut stack);
            stack.there_already.insert(there.parse().unwrap());
            assert_eq!(told(&stack)[0].is_error(), judged, "{there}");
            // What the file does say is judged all the same.
            route(&mut stack, id("nat_gateway.main"));
            assert!(told(&stack)[0].is_error(), "{there}");
        }
    }

    #[test]
    fn what_the_file_does_not_show_is_not_judged() {
        let mut stack = stack();
        // The subnet lies in a VPC that is looked up: its main table is unknown.
        let subnet = Address::new("subnet", "public");
        let vpc = id("existing.vpc.shared");
        stack.nodes.get_mut(&subnet).unwrap().inputs.set("vpc", vpc);
        assert!(told(&stack).is_empty());
    }
}

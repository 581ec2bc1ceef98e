//! What a plan file can get wrong about a gateway endpoint.

use crate::aws::vpc_endpoints::short_name;
use crate::kind::{Node, Stack};
use crate::model::{Address, Diagnostic};

/// The services that gateway endpoints lead to (AWS PrivateLink guide,
/// "Gateway endpoints", and S3 user guide, "Networking for directory buckets").
const SERVICES: &[&str] = &["s3", "dynamodb", "s3express"];

/// Finds what is wrong with a gateway endpoint in its stack.
pub(super) fn check(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    check_service(node, stack, problems);
    check_tables(node, stack, problems);
}

fn check_service(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let Some(service) = node.inputs.text("service") else {
        return;
    };
    if short_name(service, &stack.region).is_some_and(|it| SERVICES.contains(&it)) {
        return;
    }
    problems.push(
        Diagnostic::error(
            node.span_of("service"),
            format!("`{service}` has no gateway endpoint in {}", stack.region),
        )
        .because("gateway endpoints lead to the region's own S3 and DynamoDB only")
        .remedy("use an [interface_endpoint] for it, or `s3` or `dynamodb`"),
    );
}

fn check_tables(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let tables = node.inputs.list("route_tables");
    if tables.is_empty() {
        problems.push(
            Diagnostic::warning(
                node.span_of("route_tables"),
                "no route leads to this endpoint",
            )
            .remedy("name the route tables of the subnets that are to use it"),
        );
    }
    for address in node.inputs.targets("route_tables") {
        if let Some(table) = stack.get(address)
            && in_different_vpcs(node, table)
        {
            problems.push(
                Diagnostic::error(
                    node.span_of("route_tables"),
                    format!("{address} belongs to another VPC than the endpoint"),
                )
                .also(table.span_of("vpc"), "its VPC")
                .remedy("name route tables of the endpoint's own VPC"),
            );
        }
    }
    // Each pair is told once, at the later of the two.
    for (other, twin) in stack.of_kind("gateway_endpoint").filter(|(_, twin)| {
        twin.span.start < node.span.start
            && twin.inputs.get("service") == node.inputs.get("service")
    }) {
        let taken = twin.inputs.list("route_tables");
        for table in tables.iter().filter(|table| taken.contains(table)) {
            let name = table
                .as_target()
                .map(Address::to_string)
                .or_else(|| table.to_text())
                .unwrap_or_default();
            problems.push(
                Diagnostic::error(
                    node.span_of("route_tables"),
                    format!("{name} already has a route to this service by {other}"),
                )
                .here("the second gateway endpoint on one table")
                .also(twin.span_of("route_tables"), "the first")
                .because("a route table takes one route to a service's prefix list")
                .remedy("take the table out of one of the two endpoints"),
            );
        }
    }
}

/// Whether two nodes certainly lie in different VPCs. Two names of VPCs that
/// the file only looks up may stand for one, and so may a literal id.
fn in_different_vpcs(one: &Node, other: &Node) -> bool {
    match (one.inputs.target("vpc"), other.inputs.target("vpc")) {
        (Some(one), Some(other)) => one != other && !(one.existing && other.existing),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, Reference, Value};

    fn reference(kind: &str, name: &str) -> Value {
        Value::Reference(Reference::id(Address::new(kind, name)))
    }

    fn endpoint(start: usize, service: &str, tables: &[&str]) -> Node {
        let tables = tables.iter().map(|name| reference("route_table", name));
        Node {
            inputs: Attributes::new()
                .with("vpc", reference("vpc", "main"))
                .with("service", format!("com.amazonaws.ap-northeast-1.{service}"))
                .with("route_tables", tables.collect::<Vec<_>>()),
            span: start..start + 1,
            ..Node::default()
        }
    }

    fn problems(nodes: Vec<(&str, Node)>) -> Vec<Diagnostic> {
        let mut stack = Stack {
            region: "ap-northeast-1".into(),
            ..Stack::default()
        };
        for (name, node) in nodes {
            let address = Address::new("gateway_endpoint", name);
            stack.nodes.insert(address, node);
        }
        let mut problems = Vec::new();
        for node in stack.nodes.values() {
            check(node, &stack, &mut problems);
        }
        problems
    }

    #[test]
    fn one_endpoint_of_a_service_for_a_table() {
        let one = problems(vec![
            ("a", endpoint(0, "s3", &["x", "y"])),
            ("b", endpoint(9, "s3", &["y"])),
            ("c", endpoint(20, "dynamodb", &["y"])),
        ]);
        assert_eq!(one.len(), 1);
        assert!(one[0].problem.contains("route_table.y"), "{one:?}");
        assert_eq!(one[0].labels[0].span, 9..10);
    }

    #[test]
    fn only_s3_and_dynamodb_have_gateways() {
        let found = problems(vec![("a", endpoint(0, "ssm", &["x"]))]);
        assert_eq!(found.len(), 1);
        assert!(found[0].is_error());
        let idle = problems(vec![("a", endpoint(0, "s3", &[]))]);
        assert!(idle.len() == 1 && !idle[0].is_error());
    }

    #[test]
    fn a_table_of_another_vpc_is_refused() {
        let mut stack = Stack {
            region: "ap-northeast-1".into(),
            ..Stack::default()
        };
        let table = Node {
            inputs: Attributes::new().with("vpc", reference("vpc", "other")),
            ..Node::default()
        };
        stack.nodes.insert(Address::new("route_table", "x"), table);
        let mut problems = Vec::new();
        check(&endpoint(0, "s3", &["x"]), &stack, &mut problems);
        assert_eq!(problems.len(), 1);
    }
}

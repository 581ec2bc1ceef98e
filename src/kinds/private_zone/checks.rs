//! What a plan file can get wrong about a private zone.

use crate::aws::route53::plain_name;
use crate::aws::vpc_endpoints::private_names;
use crate::kind::{Node, Stack};
use crate::model::{Address, Diagnostic, Piece, Value};

/// Finds what is wrong with a private zone in its stack.
pub(super) fn check(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    check_vpcs(node, stack, problems);
    if let Some(name) = node.inputs.text("name") {
        let name = plain_name(name);
        check_endpoints(node, &name, stack, problems);
        check_twins(node, &name, stack, problems);
        check_wildcard(node, &name, stack, problems);
    }
}

fn check_vpcs(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    if node.inputs.get("vpcs").is_some() && node.inputs.list("vpcs").is_empty() {
        problems.push(
            Diagnostic::error(node.span_of("vpcs"), "a private zone needs a VPC")
                .because("a zone without one would be public")
                .remedy("name at least one VPC"),
        );
    }
    for address in node.inputs.targets("vpcs") {
        let Some(vpc) = stack.get(address) else {
            continue;
        };
        for field in ["dns_support", "dns_hostnames"] {
            if vpc.inputs.bool(field) == Some(false) {
                problems.push(
                    Diagnostic::error(
                        node.span_of("vpcs"),
                        format!("a private zone needs `{field}` on {address}"),
                    )
                    .also(vpc.span_of(field), "off here")
                    .because("its names are answered by the VPC's own resolver")
                    .remedy(format!("set `{field} = true` on {address}")),
                );
            }
        }
    }
}

/// A private-DNS endpoint makes a zone of its own in the VPC, and a VPC takes
/// one zone of a name.
fn check_endpoints(node: &Node, name: &str, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let vpcs = node.inputs.list("vpcs");
    for (address, endpoint) in stack.of_kind("interface_endpoint") {
        let shares_vpc = endpoint
            .inputs
            .get("vpc")
            .is_some_and(|vpc| vpcs.contains(vpc));
        let service = endpoint.inputs.text("service");
        if endpoint.inputs.bool("private_dns") == Some(true)
            && shares_vpc
            && service.is_some_and(|it| private_names(it, &stack.region).iter().any(|n| n == name))
        {
            problems.push(
                Diagnostic::error(
                    node.span_of("name"),
                    format!("{address} already answers {name} in this VPC"),
                )
                .here("this zone has the name")
                .also(
                    endpoint.span_of("private_dns"),
                    "and so has its private DNS",
                )
                .remedy("set `private_dns = false` there, or do without this zone"),
            );
        }
    }
}

fn check_twins(node: &Node, name: &str, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let vpcs = node.inputs.list("vpcs");
    // Each pair is told once, at the later of the two.
    for (other, twin) in stack.of_kind("private_zone").filter(|(_, twin)| {
        twin.span.start < node.span.start
            && twin.inputs.text("name").map(plain_name).as_deref() == Some(name)
            && twin
                .inputs
                .list("vpcs")
                .iter()
                .any(|vpc| vpcs.contains(vpc))
    }) {
        problems.push(
            Diagnostic::error(
                node.span_of("name"),
                format!("{other} already answers {name} in the same VPC"),
            )
            .also(twin.span_of("name"), "the first")
            .remedy("put all records into one zone"),
        );
    }
}

/// Clients put the bucket's name before S3's own, so a zone for all of S3 needs
/// a wildcard beside its apex.
fn check_wildcard(node: &Node, name: &str, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let Some((own, _)) = stack.nodes.iter().find(|(_, it)| std::ptr::eq(*it, node)) else {
        return;
    };
    let all_of_s3 = private_names(&format!("com.amazonaws.{}.s3", stack.region), &stack.region);
    if all_of_s3.first().map(String::as_str) != Some(name) {
        return;
    }
    let mut records = stack.referring("alias_record", "zone", own).peekable();
    if records.peek().is_some() && !records.any(|(_, record)| is_wildcard(record, own)) {
        problems.push(
            Diagnostic::warning(node.span_of("name"), "buckets have no name in this zone")
                .because("clients ask for BUCKET.s3.REGION…, and inside these VPCs only this zone answers")
                .remedy("add an [alias_record] with `name = \"*\"` to the same target"),
        );
    }
}

fn is_wildcard(record: &Node, zone: &Address) -> bool {
    match record.inputs.get("name") {
        Some(Value::String(name)) => name.starts_with("*."),
        Some(Value::Template(pieces)) => matches!(
            pieces.as_slice(),
            [Piece::Text(label), Piece::Reference(of)] if label == "*." && of.target == *zone
        ),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Attributes, Reference};

    const REGION: &str = "ap-northeast-1";
    const ALL_OF_S3: &str = "s3.ap-northeast-1.amazonaws.com";

    fn reference(kind: &str, name: &str) -> Value {
        Value::Reference(Reference::id(Address::new(kind, name)))
    }

    fn node(start: usize, inputs: Attributes) -> Node {
        Node {
            inputs,
            span: start..start + 1,
            ..Node::default()
        }
    }

    fn zone(start: usize, name: &str) -> Node {
        let inputs = Attributes::new()
            .with("name", name)
            .with("vpcs", vec![reference("vpc", "main")]);
        node(start, inputs)
    }

    fn told(nodes: Vec<(&str, &str, Node)>) -> Vec<String> {
        let mut stack = Stack {
            region: REGION.into(),
            ..Stack::default()
        };
        for (kind, name, node) in nodes {
            stack.nodes.insert(Address::new(kind, name), node);
        }
        let mut problems = Vec::new();
        for (_, zone) in stack.of_kind("private_zone") {
            check(zone, &stack, &mut problems);
        }
        problems.into_iter().map(|it| it.problem).collect()
    }

    #[test]
    fn an_endpoint_and_a_zone_of_one_name() {
        let endpoint = |private_dns: bool| {
            let inputs = Attributes::new()
                .with("vpc", reference("vpc", "main"))
                .with("service", "com.amazonaws.ap-northeast-1.s3")
                .with("private_dns", private_dns);
            ("interface_endpoint", "s3", node(9, inputs))
        };
        let all = || {
            (
                "private_zone",
                "z",
                zone(0, "S3.ap-northeast-1.amazonaws.com."),
            )
        };
        let one = (
            "private_zone",
            "z",
            zone(0, "data.s3.ap-northeast-1.amazonaws.com"),
        );
        assert_eq!(told(vec![endpoint(true), all()]).len(), 1);
        assert_eq!(told(vec![endpoint(false), all()]), Vec::<String>::new());
        assert_eq!(told(vec![endpoint(true), one]), Vec::<String>::new());
    }

    #[test]
    fn one_zone_of_a_name_and_vpcs_with_dns() {
        let twins = told(vec![
            ("private_zone", "a", zone(0, "x.example")),
            ("private_zone", "b", zone(5, "X.example.")),
        ]);
        assert_eq!(
            twins,
            ["private_zone.a already answers x.example in the same VPC"]
        );
        let vpc = node(0, Attributes::new().with("dns_support", false));
        let off = told(vec![
            ("vpc", "main", vpc),
            ("private_zone", "a", zone(5, "x.example")),
        ]);
        assert_eq!(off, ["a private zone needs `dns_support` on vpc.main"]);
    }

    #[test]
    fn all_of_s3_needs_a_wildcard() {
        let record = |name: Value| {
            let inputs = Attributes::new()
                .with("zone", reference("private_zone", "z"))
                .with("name", name);
            node(9, inputs)
        };
        let apex = ("alias_record", "apex", record(Value::from(ALL_OF_S3)));
        let zone = || ("private_zone", "z", zone(0, ALL_OF_S3));
        assert_eq!(told(vec![zone(), apex.clone()]).len(), 1);
        let of_zone = Reference {
            target: Address::new("private_zone", "z"),
            attribute: "name".into(),
        };
        let wild = Value::Template(vec![Piece::Text("*.".into()), Piece::Reference(of_zone)]);
        let wild = ("alias_record", "wild", record(wild));
        assert_eq!(told(vec![zone(), apex, wild]), Vec::<String>::new());
    }
}

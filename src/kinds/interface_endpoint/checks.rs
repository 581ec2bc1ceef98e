//! What a plan file can get wrong about an interface endpoint.
//!
//! AWS refuses all of this too, but only after the VPC, its subnets and its
//! groups stand.

use super::{ONLY_INBOUND, is_s3};
use crate::kind::{Node, Stack};
use crate::model::Diagnostic;

/// Finds what is wrong with an interface endpoint in its stack.
pub(super) fn check(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    check_private_dns(node, stack, problems);
    check_only_inbound(node, stack, problems);
    check_subnets(node, stack, problems);
    check_vpc(node, stack, problems);
}

fn check_private_dns(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    if node.inputs.bool("private_dns") != Some(true) {
        return;
    }
    let place = || node.span_of("private_dns");
    let vpc = node.inputs.target("vpc");
    if let Some((address, vpc)) = vpc.and_then(|address| Some((address, stack.get(address)?))) {
        let off = ["dns_support", "dns_hostnames"]
            .into_iter()
            .find(|field| vpc.inputs.bool(field) == Some(false));
        if let Some(field) = off {
            problems.push(
                Diagnostic::error(place(), format!("private DNS needs `{field}` on {address}"))
                    .here("private DNS is on here")
                    .also(vpc.span_of(field), "and off here")
                    .because("the names are answered by the VPC's own resolver")
                    .remedy(format!(
                        "set `{field} = true` on {address}, or `private_dns = false` here"
                    )),
            );
        }
    }
    // Each pair is told once, at the later of the two.
    for (other, twin) in stack.of_kind("interface_endpoint").filter(|(_, twin)| {
        twin.span.start < node.span.start
            && twin.inputs.bool("private_dns") == Some(true)
            && twin.inputs.get("vpc") == node.inputs.get("vpc")
            && twin.inputs.get("service") == node.inputs.get("service")
    }) {
        problems.push(
            Diagnostic::error(
                place(),
                format!("{other} already answers this service's names in the VPC"),
            )
            .also(twin.span_of("private_dns"), "the first")
            .remedy("turn `private_dns` off on one of the two"),
        );
    }
}

fn check_only_inbound(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    if node.inputs.bool(ONLY_INBOUND) != Some(true) {
        return;
    }
    let place = || node.span_of(ONLY_INBOUND);
    if !is_s3(node.inputs.text("service"), &stack.region) {
        problems.push(
            Diagnostic::error(place(), format!("`{ONLY_INBOUND}` is for S3 only"))
                .because("AWS offers it where a gateway endpoint serves the VPC itself, as with S3")
                .remedy("remove it"),
        );
        return;
    }
    if node.inputs.bool("private_dns") != Some(true) {
        problems.push(
            Diagnostic::error(place(), format!("`{ONLY_INBOUND}` needs private DNS"))
                .because("without private DNS there are no names to limit")
                .remedy("set `private_dns = true` too, or remove it"),
        );
    }
    // Another's VPC may have a gateway endpoint that this file does not know.
    let ours = node.inputs.target("vpc").filter(|vpc| !vpc.existing);
    let gateway = stack.of_kind("gateway_endpoint").any(|(_, gateway)| {
        gateway.inputs.get("vpc") == node.inputs.get("vpc")
            && is_s3(gateway.inputs.text("service"), &stack.region)
    });
    if let Some(vpc) = ours
        && !gateway
    {
        problems.push(
            Diagnostic::error(
                place(),
                format!("`{ONLY_INBOUND}` needs a gateway endpoint for S3 in {vpc}"),
            )
            .because("queries from inside the VPC get public addresses, which only a gateway endpoint leads to")
            .remedy("add a [gateway_endpoint] with `service = \"s3\"` for this VPC"),
        );
    }
}

fn check_subnets(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    if node.inputs.list("subnets").is_empty() {
        problems.push(
            Diagnostic::warning(node.span_of("subnets"), "the endpoint has no address")
                .remedy("name at least one subnet"),
        );
    }
    let subnets: Vec<_> = node
        .inputs
        .targets("subnets")
        .into_iter()
        .filter_map(|address| Some((address, stack.get(address)?)))
        .collect();
    for (index, (address, subnet)) in subnets.iter().enumerate() {
        let zone = subnet.inputs.text("zone");
        let twin = subnets[..index]
            .iter()
            .find(|(_, twin)| zone.is_some() && twin.inputs.text("zone") == zone);
        if let Some((first, _)) = twin {
            problems.push(
                Diagnostic::error(
                    node.span_of("subnets"),
                    format!("{first} and {address} lie in the same zone"),
                )
                .also(subnet.span_of("zone"), "the second of the zone")
                .because(
                    "an endpoint takes one subnet of each zone; the whole zone reaches it there",
                )
                .remedy("leave one of them out"),
            );
        }
    }
}

fn check_vpc(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    for field in ["subnets", "security_groups"] {
        for address in node.inputs.targets(field) {
            if let Some(other) = stack.get(address)
                && in_different_vpcs(node, other)
            {
                problems.push(
                    Diagnostic::error(
                        node.span_of(field),
                        format!("{address} belongs to another VPC than the endpoint"),
                    )
                    .also(other.span_of("vpc"), "its VPC")
                    .remedy("name what belongs to the endpoint's own VPC"),
                );
            }
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
    use super::super::InterfaceEndpoint;
    use super::*;
    use crate::kind::Kind;
    use crate::model::{Address, Attributes, Reference, Value};

    const S3: &str = "com.amazonaws.ap-northeast-1.s3";

    fn reference(kind: &str, name: &str) -> Value {
        Value::Reference(Reference::id(Address::new(kind, name)))
    }

    fn node(inputs: Attributes) -> Node {
        Node {
            inputs: inputs.with("vpc", reference("vpc", "main")),
            ..Node::default()
        }
    }

    fn endpoint() -> Attributes {
        Attributes::new()
            .with("service", S3)
            .with("subnets", vec![reference("subnet", "a")])
    }

    fn stack(nodes: Vec<(&str, &str, Node)>) -> Stack {
        let mut stack = Stack {
            region: "ap-northeast-1".into(),
            ..Stack::default()
        };
        for (kind, name, node) in nodes {
            stack.nodes.insert(Address::new(kind, name), node);
        }
        stack
    }

    fn told(endpoint: Attributes, stack: &Stack) -> Vec<String> {
        let mut problems = Vec::new();
        check(&node(endpoint), stack, &mut problems);
        problems.into_iter().map(|it| it.problem).collect()
    }

    #[test]
    fn private_dns_needs_the_vpcs_dns() {
        let vpc = Node {
            inputs: Attributes::new().with("dns_hostnames", false),
            ..Node::default()
        };
        let stack = stack(vec![("vpc", "main", vpc)]);
        assert_eq!(told(endpoint(), &stack), Vec::<String>::new());
        let problems = told(endpoint().with("private_dns", true), &stack);
        assert_eq!(problems, ["private DNS needs `dns_hostnames` on vpc.main"]);
    }

    #[test]
    fn only_inbound_needs_private_dns_and_a_gateway() {
        let alone = stack(vec![]);
        let wanted = endpoint().with(ONLY_INBOUND, true);
        assert_eq!(told(wanted.clone(), &alone).len(), 2);

        let gateway = node(Attributes::new().with("service", S3));
        let both = stack(vec![("gateway_endpoint", "s3", gateway)]);
        let wanted = wanted.with("private_dns", true);
        assert_eq!(told(wanted.clone(), &both), Vec::<String>::new());
        let orders = InterfaceEndpoint.orders(&node(wanted.clone()), &both);
        assert_eq!(orders[0].after, Address::new("gateway_endpoint", "s3"));
        assert_eq!(InterfaceEndpoint.orders(&node(endpoint()), &both), []);

        let foreign = wanted.with("service", "com.amazonaws.ap-northeast-1.ssm");
        assert_eq!(told(foreign, &both).len(), 1);
    }

    #[test]
    fn one_subnet_for_a_zone_and_all_in_one_vpc() {
        let subnet = |zone: &str| node(Attributes::new().with("zone", zone));
        let mut elsewhere = subnet("ap-northeast-1c");
        elsewhere.inputs.set("vpc", reference("vpc", "other"));
        let stack = stack(vec![
            ("subnet", "a", subnet("ap-northeast-1a")),
            ("subnet", "b", subnet("ap-northeast-1a")),
            ("subnet", "c", elsewhere),
        ]);
        let subnets = |names: &[&str]| {
            let names = names.iter().map(|name| reference("subnet", name));
            endpoint().with("subnets", names.collect::<Vec<_>>())
        };
        let problems = told(subnets(&["a", "b"]), &stack);
        assert_eq!(problems, ["subnet.a and subnet.b lie in the same zone"]);
        let problems = told(subnets(&["a", "c"]), &stack);
        assert_eq!(
            problems,
            ["subnet.c belongs to another VPC than the endpoint"]
        );
    }
}

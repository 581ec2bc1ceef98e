//! Whether a NAT gateway's addresses fit it.
//!
//! A public one needs an Elastic IP of its own, a private one takes none, and a
//! private address must lie in its subnet (Amazon EC2 API reference,
//! CreateNatGateway).

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::super::private_address;
use crate::kind::{Claim, Node, Stack};
use crate::model::{Attributes, Diagnostic};

/// The addresses that no other gateway can have.
pub(super) fn claims(of: &Attributes) -> Vec<Claim> {
    let public = of.text("elastic_ip").map(|address| {
        Claim::new(
            format!("the Elastic IP {address}"),
            format!("an Elastic IP serves one gateway, and both have {address}"),
        )
    });
    let private = of.text("private_ip").zip(of.text("subnet"));
    let private = private.map(|(address, subnet)| Claim::private_address(address, subnet));
    public.into_iter().chain(private).collect()
}

/// Reports addresses that AWS would refuse.
pub(super) fn check(node: &Node, public: bool, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let inputs = &node.inputs;
    match (public, inputs.get("elastic_ip")) {
        (true, None) => problems.push(
            Diagnostic::error(
                node.span.clone(),
                "a public NAT gateway without an Elastic IP",
            )
            .here("`elastic_ip` is missing")
            .because("AWS gives a public NAT gateway no address by itself")
            .remedy(
                "add a table `[elastic_ip.nat]` and `elastic_ip = \"nat\"` here, \
                     or set `connectivity = \"private\"`",
            ),
        ),
        (false, Some(_)) => problems.push(
            Diagnostic::error(
                node.span_of("elastic_ip"),
                "a private NAT gateway with an Elastic IP",
            )
            .because("AWS refuses a public address for a private NAT gateway")
            .remedy("remove `elastic_ip`, or set `connectivity = \"public\"`"),
        ),
        _ => {}
    }
    // Told at the later of the two.
    let mut gateways = stack.of_kind("nat_gateway");
    if let Some((other, twin)) = gateways.find(|(_, twin)| {
        twin.span.start < node.span.start
            && inputs.get("elastic_ip").is_some()
            && twin.inputs.get("elastic_ip") == inputs.get("elastic_ip")
    }) {
        problems.push(
            Diagnostic::error(
                node.span_of("elastic_ip"),
                "one Elastic IP for two NAT gateways",
            )
            .here("it is taken")
            .also(twin.span_of("elastic_ip"), format!("{other} has it"))
            .remedy("add an `[elastic_ip.…]` table of its own for this one"),
        );
    }
    check_private_ip(node, stack, problems);
    private_address::check_twins(node, stack, problems);
}

fn check_private_ip(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let Some(text) = node.inputs.text("private_ip") else {
        return;
    };
    let Ok(address) = text.parse::<Ipv4Addr>() else {
        let problem = format!("`{text}` is no IPv4 address");
        problems.push(
            Diagnostic::error(node.span_of("private_ip"), problem)
                .remedy("write an address such as `10.0.0.10`, or leave `private_ip` out"),
        );
        return;
    };
    let subnet = node.inputs.target("subnet").and_then(|at| stack.get(at));
    let block = subnet.and_then(|subnet| subnet.inputs.text("cidr")?.parse::<Ipv4Net>().ok());
    if let (Some(subnet), Some(block)) = (subnet, block)
        && !block.contains(&address)
    {
        problems.push(
            Diagnostic::error(
                node.span_of("private_ip"),
                format!("{address} lies outside the NAT gateway's subnet"),
            )
            .also(subnet.span_of("cidr"), format!("the subnet is {block}"))
            .remedy(format!(
                "choose an address inside {block}, or leave `private_ip` out"
            )),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Reference};

    fn gateway(inputs: Attributes, start: usize) -> Node {
        Node {
            inputs,
            span: start..start + 5,
            ..Node::default()
        }
    }

    fn told(nodes: Vec<(&str, Node)>) -> Vec<String> {
        let mut stack = Stack::default();
        for (address, node) in nodes {
            stack.nodes.insert(address.parse().unwrap(), node);
        }
        let mut problems = Vec::new();
        for (_, node) in stack.of_kind("nat_gateway") {
            let public = node.inputs.text("connectivity") != Some("private");
            check(node, public, &stack, &mut problems);
        }
        problems
            .into_iter()
            .map(|problem| problem.problem)
            .collect()
    }

    #[test]
    fn addresses_fit_the_connectivity() {
        let subnet = || Attributes::new().with("subnet", "subnet-1");
        let public = subnet().with("connectivity", "public");
        let private = subnet().with("connectivity", "private");
        assert_eq!(
            told(vec![("nat_gateway.a", gateway(public, 0))]),
            ["a public NAT gateway without an Elastic IP"]
        );
        assert!(told(vec![("nat_gateway.a", gateway(private.clone(), 0))]).is_empty());
        assert_eq!(
            told(vec![(
                "nat_gateway.a",
                gateway(private.with("elastic_ip", "eipalloc-1"), 0)
            )]),
            ["a private NAT gateway with an Elastic IP"]
        );
    }

    #[test]
    fn an_elastic_ip_serves_one_gateway() {
        let inputs = || {
            Attributes::new()
                .with("subnet", "subnet-1")
                .with("elastic_ip", "eipalloc-1")
        };
        assert_eq!(
            told(vec![
                ("nat_gateway.a", gateway(inputs(), 0)),
                ("nat_gateway.b", gateway(inputs(), 40)),
            ]),
            ["one Elastic IP for two NAT gateways"]
        );
    }

    #[test]
    fn a_private_address_lies_in_the_subnet() {
        let subnet = Reference::id(Address::new("subnet", "one"));
        let wants = |address: &str| {
            let inputs = Attributes::new()
                .with("connectivity", "private")
                .with("subnet", subnet.clone())
                .with("private_ip", address);
            let block = Node {
                inputs: Attributes::new().with("cidr", "10.0.1.0/24"),
                ..Node::default()
            };
            told(vec![
                ("nat_gateway.a", gateway(inputs, 0)),
                ("subnet.one", block),
            ])
        };
        assert!(wants("10.0.1.9").is_empty());
        assert_eq!(
            wants("10.0.2.9"),
            ["10.0.2.9 lies outside the NAT gateway's subnet"]
        );
        assert_eq!(wants("ten"), ["`ten` is no IPv4 address"]);
    }
}

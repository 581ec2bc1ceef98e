//! Private addresses that a file states: not a kind, but what an instance and a NAT
//! gateway both may have in a subnet.

use crate::kind::{Node, Stack};
use crate::model::Diagnostic;

/// The kinds that state one, in the field `private_ip` beside `subnet`.
const KINDS: [&str; 2] = ["instance", "nat_gateway"];

/// Reports an address that another table of the file has in the same subnet.
pub(super) fn check_twins(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let Some(address) = node.inputs.text("private_ip") else {
        return;
    };
    // Told at the later of the two.
    let mut twins = KINDS.iter().flat_map(|kind| stack.of_kind(kind));
    if let Some((other, twin)) = twins.find(|(_, twin)| {
        twin.span.start < node.span.start
            && twin.inputs.text("private_ip") == Some(address)
            && twin.inputs.get("subnet") == node.inputs.get("subnet")
    }) {
        problems.push(
            Diagnostic::error(
                node.span_of("private_ip"),
                format!("{address} is {other}'s address already"),
            )
            .here("the second")
            .also(twin.span_of("private_ip"), "the first")
            .because("a subnet has each address once")
            .remedy("state another address of the subnet, or leave it to AWS"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Attributes, Reference};

    #[test]
    fn a_subnet_has_each_address_once() {
        let mut stack = Stack::default();
        for (start, at, subnet, address) in [
            (0, "nat_gateway.main", "a", "10.0.1.9"),
            (10, "instance.same", "a", "10.0.1.9"),
            (20, "instance.apart", "b", "10.0.1.9"),
            (30, "instance.other", "a", "10.0.1.10"),
        ] {
            let subnet = Reference::id(Address::new("subnet", subnet));
            let node = Node {
                inputs: Attributes::new()
                    .with("subnet", subnet)
                    .with("private_ip", address),
                span: start..start + 5,
                ..Node::default()
            };
            stack.nodes.insert(at.parse().unwrap(), node);
        }
        let mut problems = Vec::new();
        for node in stack.nodes.values() {
            check_twins(node, &stack, &mut problems);
        }
        let told: Vec<_> = problems.iter().map(|it| it.problem.as_str()).collect();
        assert_eq!(told, ["10.0.1.9 is nat_gateway.main's address already"]);
        assert_eq!(problems[0].labels[0].span, 10..15);
    }
}

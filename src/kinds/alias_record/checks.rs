//! What a plan file can get wrong about an alias record.

use crate::aws::route53::plain_name;
use crate::kind::{Node, Stack};
use crate::model::{Diagnostic, Reference, Value};

/// Finds what is wrong with an alias record in its stack.
pub(super) fn check(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    check_name(node, stack, problems);
    check_twins(node, stack, problems);
    check_type(node, stack, problems);
}

/// A value as text, as far as the file alone tells it.
fn known_text(value: &Value, stack: &Stack) -> Option<String> {
    let known = |reference: &Reference| {
        let node = stack.get(&reference.target)?;
        node.inputs
            .get(&reference.attribute)
            .filter(|value| value.as_text().is_some())
            .cloned()
    };
    value.resolve(None, &known).to_text()
}

fn name_of(node: &Node, stack: &Stack) -> Option<String> {
    let name = known_text(node.inputs.get("name")?, stack)?;
    Some(plain_name(&name))
}

fn check_name(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let Some(zone) = node.inputs.target("zone").and_then(|zone| stack.get(zone)) else {
        return;
    };
    let zone_name = zone
        .inputs
        .get("name")
        .and_then(|name| known_text(name, stack))
        .map(|name| plain_name(&name));
    let (Some(name), Some(zone_name)) = (name_of(node, stack), zone_name) else {
        return;
    };
    if name != zone_name && !name.ends_with(&format!(".{zone_name}")) {
        problems.push(
            Diagnostic::error(
                node.span_of("name"),
                format!("`{name}` lies outside its zone"),
            )
            .also(zone.span_of("name"), format!("the zone is {zone_name}"))
            .because("a name with a dot in it is a whole name")
            .remedy(format!(
                "write `{name}.{zone_name}`, or one label without a dot"
            )),
        );
    }
}

fn check_twins(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let Some(name) = name_of(node, stack) else {
        return;
    };
    // Each pair is told once, at the later of the two.
    for (other, twin) in stack.of_kind("alias_record").filter(|(_, twin)| {
        twin.span.start < node.span.start
            && ["zone", "type"]
                .iter()
                .all(|field| twin.inputs.get(field) == node.inputs.get(field))
            && name_of(twin, stack).as_ref() == Some(&name)
    }) {
        problems.push(
            Diagnostic::error(
                node.span_of("name"),
                format!("{other} is the same record, {name}"),
            )
            .here("the second")
            .also(twin.span_of("name"), "the first")
            .remedy("remove one of them, or give it another name or type"),
        );
    }
}

fn check_type(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    if node.inputs.text("type") != Some("AAAA") {
        return;
    }
    let Some(address) = node.inputs.target("target_dns_name") else {
        return;
    };
    let Some(endpoint) = stack.get(address) else {
        return;
    };
    let addresses = endpoint.inputs.text("ip_address_type");
    if !matches!(addresses, Some("dualstack" | "ipv6")) {
        problems.push(
            Diagnostic::warning(
                node.span_of("type"),
                format!("{address} has no IPv6 address to lead to"),
            )
            .also(endpoint.span_of("ip_address_type"), "IPv4 only")
            .remedy(format!(
                "set `ip_address_type = \"dualstack\"` on {address}, or use type A"
            )),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Attributes, Piece};

    fn of_zone(attribute: &str) -> Reference {
        Reference {
            target: Address::new("private_zone", "data"),
            attribute: attribute.into(),
        }
    }

    fn record(start: usize, name: Value) -> Node {
        Node {
            inputs: Attributes::new()
                .with("zone", of_zone("id"))
                .with("name", name)
                .with("type", "A"),
            span: start..start + 1,
            ..Node::default()
        }
    }

    fn told(records: Vec<Node>) -> Vec<String> {
        let mut stack = Stack::default();
        let zone = Node {
            inputs: Attributes::new().with("name", "Data.example."),
            ..Node::default()
        };
        stack
            .nodes
            .insert(Address::new("private_zone", "data"), zone);
        for (index, node) in records.into_iter().enumerate() {
            let address = Address::new("alias_record", &format!("r{index}"));
            stack.nodes.insert(address, node);
        }
        let mut problems = Vec::new();
        for (_, node) in stack.of_kind("alias_record") {
            check(node, &stack, &mut problems);
        }
        problems.into_iter().map(|it| it.problem).collect()
    }

    #[test]
    fn names_lie_in_their_zone() {
        let label = Piece::Text("*.".into());
        let wild = Value::Template(vec![label, Piece::Reference(of_zone("name"))]);
        for name in [
            Value::Reference(of_zone("name")),
            wild,
            Value::from("www.data.example"),
        ] {
            assert_eq!(told(vec![record(0, name)]), Vec::<String>::new());
        }
        for name in ["www.example", "notdata.example"] {
            let problems = told(vec![record(0, Value::from(name))]);
            assert_eq!(problems, [format!("`{name}` lies outside its zone")]);
        }
    }

    #[test]
    fn a_record_stands_once() {
        let apex = || Value::Reference(of_zone("name"));
        let problems = told(vec![
            record(0, apex()),
            record(5, Value::from("DATA.example")),
        ]);
        assert_eq!(
            problems,
            ["alias_record.r0 is the same record, data.example"]
        );
    }
}

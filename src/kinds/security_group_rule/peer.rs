//! The other side of a rule: a block, a group, the group itself or a prefix list.

use std::net::IpAddr;

use ipnet::IpNet;

use super::key::{Direction, Fault, unknown_yet};
use crate::model::address::is_name;
use crate::model::{Address, Attributes, Reference, Value};

/// The key and the inputs that the other side of a rule makes.
pub(super) fn peer(
    rule: &Attributes,
    direction: Direction,
    group: &Address,
) -> Result<(String, Attributes), Fault> {
    let field = direction.peer();
    let remedy = "write a block, `self`, `security_group.…`, or an id `sg-…` or `pl-…`";
    let refer = |target: Address| {
        let (key, place) = match target == *group {
            true => ("self".to_owned(), group.clone()),
            false => (target.to_string(), target),
        };
        (
            key,
            Attributes::new().with("source_group", Reference::id(place)),
        )
    };
    let text = match rule.get(field) {
        Some(Value::String(text)) => text,
        Some(Value::Reference(reference))
            if reference.target.kind == "security_group"
                && reference.target.part.is_none()
                && reference.attribute == "id" =>
        {
            return Ok(refer(reference.target.clone()));
        }
        _ => return Err(unknown_yet(field, remedy)),
    };
    let plain = |name: &str| Ok((text.clone(), Attributes::new().with(name, text.as_str())));
    if text == "self" {
        return Ok(refer(group.clone()));
    }
    if text.starts_with("sg-") {
        return plain("source_group");
    }
    if text.starts_with("pl-") {
        return plain("prefix_list");
    }
    if let Ok(block) = text.parse::<IpNet>() {
        return block_of(field, text, block);
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        let block = IpNet::from(address);
        let problem = format!("`{text}` is an address, not a block");
        return Err(Fault::new(field, problem, format!("write `{block}`")));
    }
    match text.parse::<Address>() {
        Ok(target) if target.kind == "security_group" && target.part.is_none() => Ok(refer(target)),
        Ok(target) => Err(
            Fault::new(field, format!("`{target}` is no peer of a rule"), remedy)
                .because("AWS lets a rule name blocks, security groups and prefix lists"),
        ),
        Err(_) if is_name(text) => Err(Fault::new(
            field,
            format!("`{text}` does not say what it is"),
            format!("write `security_group.{text}`"),
        )),
        Err(_) => Err(Fault::new(
            field,
            format!("`{text}` is no peer of a rule"),
            remedy,
        )),
    }
}

fn block_of(field: &'static str, text: &str, block: IpNet) -> Result<(String, Attributes), Fault> {
    if block.trunc() != block {
        let problem = format!("{text} has host bits set");
        return Err(Fault::new(
            field,
            problem,
            format!("write `{}`", block.trunc()),
        ));
    }
    let (name, block) = match block {
        IpNet::V4(block) => ("cidr_ipv4", block.to_string()),
        IpNet::V6(block) => ("cidr_ipv6", block.to_string()),
    };
    let inputs = Attributes::new().with(name, block.as_str());
    Ok((block, inputs))
}

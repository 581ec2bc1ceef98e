//! Protocols and ports of rules: one name for each, and which go together.

use super::key::{Fault, unknown_yet};
use crate::model::{Attributes, Value};

/// The name by which we know a protocol, whatever AWS or the user calls it.
pub(super) fn protocol_name(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let name = match (text.as_str(), text.parse::<i16>()) {
        ("all", _) | (_, Ok(-1)) => "all",
        ("tcp", _) | (_, Ok(6)) => "tcp",
        ("udp", _) | (_, Ok(17)) => "udp",
        ("icmp", _) | (_, Ok(1)) => "icmp",
        ("icmpv6", _) | (_, Ok(58)) => "icmpv6",
        (_, Ok(number @ 0..=255)) => return Some(number.to_string()),
        _ => return None,
    };
    Some(name.to_owned())
}

/// The protocol of a rule as its table says it.
pub(super) fn protocol(rule: &Attributes) -> Result<String, Fault> {
    let remedy = "write tcp, udp, icmp, icmpv6, all, or a protocol's number from 0 to 255";
    match rule.get("protocol") {
        None => Ok("tcp".to_owned()),
        Some(Value::String(text)) => protocol_name(text)
            .ok_or_else(|| Fault::new("protocol", format!("`{text}` is no protocol"), remedy)),
        Some(_) => Err(unknown_yet("protocol", remedy)),
    }
}

/// Whether a protocol has ports. Of other protocols, AWS takes no ports at all
/// ("you may not specify all protocols and specific ports"), or ignores them.
fn has_ports(protocol: &str) -> bool {
    matches!(protocol, "tcp" | "udp")
}

/// The key and the inputs that a rule's ports make.
pub(super) fn ports(rule: &Attributes, protocol: &str) -> Result<(String, Attributes), Fault> {
    let stated = ["port", "ports"].map(|field| rule.get(field).map(|value| (field, value)));
    let stated: Vec<_> = stated.into_iter().flatten().collect();
    if !has_ports(protocol) {
        return match stated.first() {
            None => Ok(("all".to_owned(), no_ports(protocol))),
            Some((field, _)) => Err(Fault::new(
                field,
                format!("ports with protocol {protocol}"),
                format!("remove `{field}`, or set `protocol` to \"tcp\" or \"udp\""),
            )
            .because("only tcp and udp have ports")),
        };
    }
    let example = "write `port = 443`, or a range as in `ports = \"1024-65535\"`";
    match stated.as_slice() {
        [] => Err(Fault::new(
            "protocol",
            format!("a rule for {protocol} without a port"),
            format!("{example}; every port is `ports = \"0-65535\"`"),
        )),
        [("port", Value::Integer(port))] => Ok(range(*port, *port)),
        [("ports", Value::String(text))] => {
            let (from, to) = text.split_once('-').unwrap_or((text, text));
            let number = |text: &str| text.trim().parse::<u16>().ok().map(i64::from);
            match (number(from), number(to)) {
                (Some(from), Some(to)) if from <= to => Ok(range(from, to)),
                (Some(from), Some(to)) => Err(Fault::new(
                    "ports",
                    format!("the range {text} runs backwards"),
                    format!("write `ports = \"{to}-{from}\"`"),
                )),
                _ => Err(Fault::new(
                    "ports",
                    format!("`{text}` is no range of ports"),
                    example,
                )),
            }
        }
        [_, _] => Err(Fault::new(
            "ports",
            "`port` and `ports` in one rule",
            "keep one of them",
        )),
        [(field, _)] if *field == "port" => Err(unknown_yet("port", example)),
        _ => Err(unknown_yet("ports", example)),
    }
}

fn range(from: i64, to: i64) -> (String, Attributes) {
    let key = match from == to {
        true => from.to_string(),
        false => format!("{from}-{to}"),
    };
    let ports = Attributes::new()
        .with("from_port", from)
        .with("to_port", to);
    (key, ports)
}

/// What AWS keeps in place of ports: for ICMP the type and the code, of which
/// -1 means all; for the rest nothing.
fn no_ports(protocol: &str) -> Attributes {
    match protocol {
        "icmp" | "icmpv6" => Attributes::new()
            .with("from_port", -1_i64)
            .with("to_port", -1_i64),
        _ => Attributes::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_have_one_name() {
        for (text, name) in [
            ("TCP", "tcp"),
            ("6", "tcp"),
            ("006", "tcp"),
            ("17", "udp"),
            ("1", "icmp"),
            ("58", "icmpv6"),
            ("-1", "all"),
            ("All", "all"),
            ("50", "50"),
        ] {
            assert_eq!(protocol_name(text).as_deref(), Some(name), "{text}");
        }
        for text in ["", "256", "-2", "http"] {
            assert_eq!(protocol_name(text), None, "{text}");
        }
    }
}

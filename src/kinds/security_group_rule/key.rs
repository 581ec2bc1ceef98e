//! From a rule as a user writes it to the rule that AWS keeps, and its key.
//!
//! AWS knows a rule by its direction, protocol, ports and peer. The description
//! is no part of that (Amazon VPC user guide, "Security group rules"), so it is
//! none of the key, and two rules that differ only by it are one rule.
//!
//! ```text
//! { port = 443, from = "security_group.instance" }
//!        └─► tcp:443:security_group.instance
//! { protocol = "-1", to = "0.0.0.0/0" }
//!        └─► all:all:0.0.0.0/0
//! ```

use super::peer::peer;
use super::ports::{ports, protocol};
use crate::kind::Declared;
use crate::model::{Address, Attributes, Diagnostic, Span};

/// The two lists of rules that a group has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kinds) enum Direction {
    /// What may come in.
    Ingress,
    /// What may go out.
    Egress,
}

impl Direction {
    /// The group's field, and the label of its rules in addresses.
    pub(in crate::kinds) fn label(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }

    /// What a rule of this direction is called.
    pub(in crate::kinds) fn noun(self) -> &'static str {
        match self {
            Self::Ingress => "ingress rule",
            Self::Egress => "egress rule",
        }
    }

    /// The field of a rule that names the other side.
    pub(in crate::kinds) fn peer(self) -> &'static str {
        match self {
            Self::Ingress => "from",
            Self::Egress => "to",
        }
    }
}

/// The key of the rule that AWS puts into every new group.
pub(in crate::kinds) const ALLOW_ALL: &str = "all:all:0.0.0.0/0";

/// The rule that AWS puts into every new group, without its group.
pub(in crate::kinds) fn allow_all() -> Attributes {
    Attributes::new()
        .with("protocol", "all")
        .with("cidr_ipv4", "0.0.0.0/0")
        .with("description", "")
}

/// What is wrong with a field of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    field: &'static str,
    problem: String,
    cause: Option<&'static str>,
    remedy: String,
}

impl Fault {
    pub(super) fn new(
        field: &'static str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            field,
            problem: problem.into(),
            cause: None,
            remedy: remedy.into(),
        }
    }

    pub(super) fn because(mut self, cause: &'static str) -> Self {
        self.cause = Some(cause);
        self
    }
}

/// Splits a group's rules of one direction off as parts.
pub(in crate::kinds) fn split_off(table: &mut Declared, direction: Direction) {
    let label = direction.label();
    for (index, rule) in table.inputs.list(label).to_vec().iter().enumerate() {
        // What is missing or of a wrong type was told by the parser.
        let Some(rule) = rule.as_map() else { continue };
        let rule = Attributes(rule.clone());
        if rule.get(direction.peer()).is_none() {
            continue;
        }
        let path = format!("{label}[{index}]");
        match read(&rule, direction, &table.address) {
            Ok((key, inputs)) => {
                let inputs = inputs.with("security_group", table.own_id());
                table.part(label, &key, &path, inputs);
            }
            Err(faults) => {
                for fault in faults {
                    let span = place(table, &path, fault.field);
                    let problem = Diagnostic::error(span, fault.problem).remedy(fault.remedy);
                    table.problems.push(match fault.cause {
                        Some(cause) => problem.because(cause),
                        None => problem,
                    });
                }
            }
        }
    }
}

/// Where a field of a rule stands, or the rule.
fn place(table: &Declared, path: &str, field: &str) -> Span {
    match table.spans.get(&format!("{path}.{field}")) {
        Some(span) => span.clone(),
        None => table.span_of(path),
    }
}

/// A rule's key and inputs, or all that is wrong with it.
fn read(
    rule: &Attributes,
    direction: Direction,
    group: &Address,
) -> Result<(String, Attributes), Vec<Fault>> {
    let mut faults = Vec::new();
    let mut inputs = Attributes::new();
    let mut keys = Vec::new();
    let mut take = |read: Result<(String, Attributes), Fault>| match read {
        Ok((key, found)) => {
            keys.push(key);
            inputs.0.extend(found.0);
        }
        Err(fault) => faults.push(fault),
    };
    match protocol(rule) {
        Ok(name) => {
            let ports = ports(rule, &name);
            take(Ok((name.clone(), Attributes::new().with("protocol", name))));
            take(ports);
        }
        Err(fault) => take(Err(fault)),
    }
    take(peer(rule, direction, group));
    let description = rule.text("description").unwrap_or_default();
    if let Some(fault) = description_fault(description) {
        faults.push(fault);
    }
    inputs.set("description", description);
    if faults.is_empty() {
        Ok((keys.join(":"), inputs))
    } else {
        Err(faults)
    }
}

/// A value that only apply will know, in a field that makes the rule's key.
pub(super) fn unknown_yet(field: &'static str, remedy: &str) -> Fault {
    let problem = format!("`{field}` is not known when the plan is made");
    Fault::new(field, problem, remedy)
        .because("a rule is known by its protocol, ports and peer, before and after apply")
}

fn description_fault(text: &str) -> Option<Fault> {
    let remedy = "use letters, digits, spaces and . _ - : / ( ) # , @ [ ] + = & ; { } ! $ *";
    (!is_description(text))
        .then(|| Fault::new("description", "a description that AWS refuses", remedy))
}

/// Whether AWS takes a text as the description (or name) of a group or a rule:
/// at most 255 of its characters (Amazon EC2 API reference, CreateSecurityGroup).
pub(in crate::kinds) fn is_description(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    text.len() <= 255 && text.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Reference, Value};

    fn group() -> Address {
        Address::new("security_group", "endpoint")
    }

    fn rule(fields: &[(&str, Value)]) -> Attributes {
        let fields = fields.iter();
        fields
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect()
    }

    fn key(fields: &[(&str, Value)]) -> String {
        read(&rule(fields), Direction::Ingress, &group()).unwrap().0
    }

    fn fault(fields: &[(&str, Value)]) -> String {
        let faults = read(&rule(fields), Direction::Ingress, &group()).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults[0].problem.clone()
    }

    #[test]
    fn a_rule_is_known_by_protocol_ports_and_peer() {
        let from = ("from", Value::from("10.0.0.0/8"));
        assert_eq!(
            key(&[("port", 443_i64.into()), from.clone()]),
            "tcp:443:10.0.0.0/8"
        );
        assert_eq!(
            key(&[("ports", "1024 - 2048".into()), from.clone()]),
            "tcp:1024-2048:10.0.0.0/8"
        );
        assert_eq!(
            key(&[("ports", "443-443".into()), from.clone()]),
            "tcp:443:10.0.0.0/8"
        );
        assert_eq!(
            key(&[("protocol", "-1".into()), from.clone()]),
            "all:all:10.0.0.0/8"
        );
        assert_eq!(
            key(&[("protocol", "icmp".into()), from]),
            "icmp:all:10.0.0.0/8"
        );
    }

    #[test]
    fn peers_take_one_form() {
        let keys = |from: Value| key(&[("port", 443_i64.into()), ("from", from)]);
        let named = |address: &str| Value::from(Reference::id(address.parse().unwrap()));
        assert_eq!(keys("2001:DB8:0::/48".into()), "tcp:443:2001:db8::/48");
        assert_eq!(keys("sg-0abc".into()), "tcp:443:sg-0abc");
        assert_eq!(keys("pl-61a54008".into()), "tcp:443:pl-61a54008");
        for same in ["security_group.one".into(), named("security_group.one")] {
            assert_eq!(keys(same), "tcp:443:security_group.one");
        }
        assert_eq!(
            keys("existing.security_group.one".into()),
            "tcp:443:existing.security_group.one"
        );
        for own in ["self", "security_group.endpoint"] {
            assert_eq!(keys(own.into()), "tcp:443:self");
        }
    }

    #[test]
    fn inputs_are_as_aws_keeps_them() {
        let inputs =
            |fields: &[(&str, Value)]| read(&rule(fields), Direction::Ingress, &group()).unwrap().1;
        let tcp = inputs(&[("port", 443_i64.into()), ("from", "self".into())]);
        assert_eq!(tcp.integer("from_port"), Some(443));
        assert_eq!(tcp.integer("to_port"), Some(443));
        assert_eq!(tcp.target("source_group"), Some(&group()));
        assert_eq!(tcp.text("description"), Some(""));
        let all = inputs(&[("protocol", "all".into()), ("from", "0.0.0.0/0".into())]);
        assert_eq!(all, allow_all());
        let ping = inputs(&[("protocol", "icmp".into()), ("from", "::/0".into())]);
        assert_eq!(ping.integer("from_port"), Some(-1));
        assert_eq!(ping.text("cidr_ipv6"), Some("::/0"));
    }

    #[test]
    fn nonsense_is_told() {
        let from = ("from", Value::from("10.0.0.0/8"));
        let https = ("port", Value::from(443_i64));
        assert_eq!(
            fault(std::slice::from_ref(&from)),
            "a rule for tcp without a port"
        );
        assert_eq!(
            fault(&[("protocol", "all".into()), https.clone(), from.clone()]),
            "ports with protocol all"
        );
        assert_eq!(
            fault(&[
                ("protocol", "icmp".into()),
                ("ports", "0-1".into()),
                from.clone()
            ]),
            "ports with protocol icmp"
        );
        assert_eq!(
            fault(&[("protocol", "https".into()), https.clone(), from.clone()]),
            "`https` is no protocol"
        );
        assert_eq!(
            fault(&[("ports", "9-1".into()), from.clone()]),
            "the range 9-1 runs backwards"
        );
        assert_eq!(
            fault(&[("ports", "1-70000".into()), from.clone()]),
            "`1-70000` is no range of ports"
        );
        assert_eq!(
            fault(&[https.clone(), ("ports", "1-2".into()), from]),
            "`port` and `ports` in one rule"
        );
        let peer = |from: &str| fault(&[https.clone(), ("from", from.into())]);
        assert_eq!(peer("10.0.0.1/8"), "10.0.0.1/8 has host bits set");
        assert_eq!(peer("10.0.0.1"), "`10.0.0.1` is an address, not a block");
        assert_eq!(peer("instance"), "`instance` does not say what it is");
        assert_eq!(peer("subnet.one"), "`subnet.one` is no peer of a rule");
        assert_eq!(
            fault(&[https.clone(), ("from", Value::Unknown)]),
            "`from` is not known when the plan is made"
        );
        let described = [
            ("description", "umlaut ä".into()),
            https,
            ("from", "self".into()),
        ];
        assert_eq!(fault(&described), "a description that AWS refuses");
    }

    #[test]
    fn every_fault_of_a_rule_is_told() {
        let fields = [
            ("protocol", "all".into()),
            ("port", 1_i64.into()),
            ("from", "x y".into()),
        ];
        let faults = read(&rule(&fields), Direction::Egress, &group());
        // An egress rule's peer is `to`.
        assert_eq!(faults.unwrap_err().len(), 2);
    }
}

//! Names and descriptions of groups: which AWS takes, and how two groups for
//! one table stand side by side.
//!
//! AWS takes a name once in a VPC. A group that is made anew while interfaces
//! still hold the old one therefore gets the same name with an ending, and the
//! one after it the plain name again.

use super::super::security_group_rule::key::is_description;
use crate::kind::{Claim, Node, Stack};
use crate::model::{Attributes, Diagnostic};

/// The ending of the name of a group that was made beside its predecessor.
const SECOND: &str = " (2)";
/// How long a stated name may be, in characters: AWS's 255 less the ending.
const LONGEST_NAME: usize = 251;

/// The name that the file has for a group of this name.
pub(super) fn first(name: &str) -> &str {
    name.strip_suffix(SECOND).unwrap_or(name)
}

/// The claim of the name that a group has or is to have. What lives tells its real
/// name apart from the one that the file has for it.
pub(super) fn claim(of: &Attributes) -> Option<Claim> {
    let (name, vpc) = (of.text("name").or(of.text("group_name"))?, of.text("vpc")?);
    Some(Claim::new(
        format!("group {name} of {vpc}"),
        format!("both are called {name}, and {vpc} takes each group name once"),
    ))
}

/// Chooses a name that the group which still stands does not have.
pub(super) fn beside(inputs: &mut Attributes, live: &Attributes) {
    let wanted = inputs.text("group_name").map(str::to_owned);
    if let Some(wanted) = wanted
        && live.text("name") == Some(&wanted)
    {
        inputs.set("group_name", format!("{wanted}{SECOND}"));
    }
}

/// Reports names and descriptions that AWS refuses.
pub(super) fn check(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    check_texts(node, problems);
    let same = |twin: &Node, field: &str| twin.inputs.get(field) == node.inputs.get(field);
    // Told at the later of the two.
    let mut groups = stack.of_kind("security_group");
    if let Some((other, twin)) = groups.find(|(_, twin)| {
        twin.span.start < node.span.start && same(twin, "vpc") && same(twin, "group_name")
    }) {
        problems.push(
            Diagnostic::error(
                node.span_of("group_name"),
                "two security groups with one name in a VPC",
            )
            .here("this name is taken")
            .also(twin.span_of("group_name"), format!("{other} has it"))
            .because("AWS takes a group's name once in a VPC")
            .remedy("choose another `group_name`, or leave it out"),
        );
    }
}

fn check_texts(node: &Node, problems: &mut Vec<Diagnostic>) {
    let remedy = "use letters, digits, spaces and . _ - : / ( ) # , @ [ ] + = & ; { } ! $ *";
    let description = node.inputs.text("description").unwrap_or_default();
    if !is_description(description) {
        let problem = "a description that AWS refuses";
        problems.push(Diagnostic::error(node.span_of("description"), problem).remedy(remedy));
    }
    let Some(name) = node.inputs.text("group_name") else {
        return;
    };
    let fault = if name.to_ascii_lowercase().starts_with("sg-") {
        Some((
            "AWS keeps names that begin with `sg-` for ids",
            "choose another name",
        ))
    } else if name.eq_ignore_ascii_case("default") {
        Some((
            "AWS keeps this name for each VPC's own group",
            "choose another name",
        ))
    } else if name.ends_with(SECOND) {
        Some((
            "s3net itself uses this ending for groups that it makes anew",
            "choose another name",
        ))
    } else if name.is_empty() || name.len() > LONGEST_NAME {
        Some((
            "AWS takes names of 1 to 255 characters",
            "choose another name",
        ))
    } else if !is_description(name) {
        Some(("AWS does not take every character", remedy))
    } else {
        None
    };
    if let Some((cause, remedy)) = fault {
        problems.push(
            Diagnostic::error(node.span_of("group_name"), "a name that no group can have")
                .because(cause)
                .remedy(remedy),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Address;

    #[test]
    fn names_that_aws_refuses_are_told() {
        let fine = |name: &str| {
            let node = Node {
                inputs: Attributes::new().with("group_name", name),
                ..Node::default()
            };
            let mut problems = Vec::new();
            check(&node, &Stack::default(), &mut problems);
            problems.is_empty()
        };
        assert!(fine("lab-endpoint"));
        for name in [
            "",
            "default",
            "SG-1",
            "lab (2)",
            "lab\u{e4}",
            &"x".repeat(252),
        ] {
            assert!(!fine(name), "{name}");
        }
    }

    #[test]
    fn two_groups_with_one_name_are_told_once() {
        let mut stack = Stack::default();
        for (name, start) in [("a", 10), ("b", 40)] {
            let node = Node {
                inputs: Attributes::new()
                    .with("vpc", "vpc-1")
                    .with("group_name", "same"),
                span: start..start + 5,
                ..Node::default()
            };
            stack
                .nodes
                .insert(Address::new("security_group", name), node);
        }
        let mut problems = Vec::new();
        for node in stack.nodes.values() {
            check(node, &stack, &mut problems);
        }
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].labels[0].span, 40..45);
    }

    #[test]
    fn a_group_claims_its_real_name() {
        let of = |fields: &[(&str, &str)]| {
            let fields = fields.iter();
            let of = fields.fold(Attributes::new(), |of, (field, text)| of.with(field, *text));
            claim(&of)
        };
        let (one, vpc) = (("group_name", "lab"), ("vpc", "vpc-1"));
        let wanted = of(&[one, vpc]).unwrap();
        let live = |name: &'static str| of(&[one, vpc, ("name", name)]).unwrap();
        assert_eq!(
            wanted.clash(&live("lab")).as_deref(),
            Some("both are called lab, and vpc-1 takes each group name once")
        );
        assert_eq!(wanted.clash(&live("lab (2)")), None);
        assert_eq!(wanted.clash(&of(&[one, ("vpc", "vpc-2")]).unwrap()), None);
        assert_eq!(of(&[one]), None, "the VPC is not known yet");
    }

    #[test]
    fn a_group_beside_its_predecessor_has_another_name() {
        let beside = |wanted: &str, live: &str| {
            let mut inputs = Attributes::new().with("group_name", wanted);
            beside(&mut inputs, &Attributes::new().with("name", live));
            inputs.text("group_name").map(str::to_owned)
        };
        assert_eq!(beside("lab", "lab").as_deref(), Some("lab (2)"));
        assert_eq!(beside("lab", "lab (2)").as_deref(), Some("lab"));
        assert_eq!(beside("new", "lab").as_deref(), Some("new"));
    }
}

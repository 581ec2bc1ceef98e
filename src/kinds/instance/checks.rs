//! What a plan file can get wrong about an instance.

use std::net::Ipv4Addr;

use aws_sdk_ec2::types::InstanceType;
use ipnet::Ipv4Net;

use super::super::private_address;
use crate::kind::{Node, Stack};
use crate::model::diagnostic::did_you_mean;
use crate::model::{Diagnostic, images};

/// EC2's limit of user data before it is encoded (EC2 user guide, "Run commands
/// on your instance at launch").
const LONGEST_USER_DATA: usize = 16 * 1024;

/// Finds what is wrong with an instance in its stack.
pub(super) fn check(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    check_type(node, problems);
    check_image(node, problems);
    check_architectures(node, problems);
    check_address(node, stack, problems);
    private_address::check_twins(node, stack, problems);
    check_groups(node, stack, problems);
    if let Some(data) = node.inputs.text("user_data")
        && data.len() > LONGEST_USER_DATA
    {
        problems.push(
            Diagnostic::error(
                node.span_of("user_data"),
                format!("user data of {} bytes is too long", data.len()),
            )
            .because(format!("EC2 takes up to {LONGEST_USER_DATA} bytes"))
            .remedy("put the bulk into a bucket, and let the user data fetch it"),
        );
    }
}

fn check_type(node: &Node, problems: &mut Vec<Diagnostic>) {
    let Some(stated) = node.inputs.text("type") else {
        return;
    };
    let known = InstanceType::values();
    if known.contains(&stated) {
        return;
    }
    let near = did_you_mean(stated, known.iter().copied());
    let remedy = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "write a type such as `t3.micro`".to_owned(),
    };
    let is_type = stated.split_once('.').is_some_and(|(family, size)| {
        let fits = |text: &str| {
            !text.is_empty()
                && text
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        fits(family) && fits(size) && family.contains(|c: char| c.is_ascii_digit())
    });
    let place = node.span_of("type");
    problems.push(if is_type {
        // AWS brings new types out faster than we learn of them.
        Diagnostic::warning(place, format!("`{stated}` is not a type that s3net knows"))
            .remedy(remedy)
    } else {
        Diagnostic::error(place, format!("`{stated}` is not an instance type")).remedy(remedy)
    });
}

fn check_image(node: &Node, problems: &mut Vec<Diagnostic>) {
    let Some(stated) = node.inputs.text("image") else {
        return;
    };
    let is_id = stated.strip_prefix("ami-").is_some_and(|hex| {
        matches!(hex.len(), 8 | 17) && hex.chars().all(|c| c.is_ascii_hexdigit())
    });
    if is_id || stated.starts_with('/') || images::parameter_of(stated).is_some() {
        return;
    }
    let remedy = match did_you_mean(stated, images::aliases()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let names: Vec<&str> = images::aliases().collect();
            format!(
                "write {}, a public parameter (`/aws/service/…`) or an id (`ami-…`)",
                names.join(", ")
            )
        }
    };
    problems.push(
        Diagnostic::error(node.span_of("image"), format!("`{stated}` is not an image"))
            .remedy(remedy),
    );
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Architecture {
    Intel,
    Arm,
}

/// The processors of a type. AWS's own Arm processors are a `g` after the
/// generation's number (EC2 user guide, "Instance type naming conventions");
/// the first of them came before that rule.
fn processors(stated: &str) -> Option<Architecture> {
    let (family, _) = stated.split_once('.')?;
    if family == "a1" {
        return Some(Architecture::Arm);
    }
    if family.starts_with("mac") {
        return None;
    }
    let generation = family.find(|c: char| c.is_ascii_digit())?;
    Some(if family[generation..].contains('g') {
        Architecture::Arm
    } else {
        Architecture::Intel
    })
}

/// The processors that an image is for, where its name tells.
fn made_for(image: &str) -> Option<Architecture> {
    if image.contains("arm64") {
        Some(Architecture::Arm)
    } else if image.contains("x86_64") || ["al2023", "al2"].contains(&image) {
        Some(Architecture::Intel)
    } else {
        None
    }
}

fn check_architectures(node: &Node, problems: &mut Vec<Diagnostic>) {
    let (Some(kind), Some(image)) = (node.inputs.text("type"), node.inputs.text("image")) else {
        return;
    };
    let (Some(has), Some(needs)) = (processors(kind), made_for(image)) else {
        return;
    };
    if has != needs {
        let remedy = match has {
            Architecture::Arm => {
                "use `image = \"al2023-arm64\"`, or a type without a `g` such as `t3.micro`"
            }
            Architecture::Intel => "use `image = \"al2023\"`, or an Arm type such as `t4g.micro`",
        };
        problems.push(
            Diagnostic::error(
                node.span_of("image"),
                format!("image `{image}` does not run on `{kind}`"),
            )
            .also(node.span_of("type"), "other processors")
            .remedy(remedy),
        );
    }
}

fn check_address(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let Some(stated) = node.inputs.text("private_ip") else {
        return;
    };
    let place = || node.span_of("private_ip");
    let Ok(address) = stated.parse::<Ipv4Addr>() else {
        problems.push(
            Diagnostic::error(place(), format!("`{stated}` is not an IPv4 address"))
                .remedy("write an address such as 10.0.1.10"),
        );
        return;
    };
    let Some(subnet) = node.inputs.target("subnet").and_then(|it| stack.get(it)) else {
        return;
    };
    let Some(block) = subnet
        .inputs
        .text("cidr")
        .and_then(|it| it.parse::<Ipv4Net>().ok())
    else {
        return;
    };
    // AWS keeps the first four addresses and the last (VPC user guide, "Subnet
    // CIDR blocks").
    let offset = u32::from(address).wrapping_sub(u32::from(block.network()));
    let problem = if !block.contains(&address) {
        "lies outside the subnet"
    } else if offset < 4 || address == block.broadcast() {
        "is one of the five addresses that AWS keeps"
    } else {
        return;
    };
    problems.push(
        Diagnostic::error(place(), format!("{address} {problem}"))
            .also(subnet.span_of("cidr"), format!("the subnet is {block}"))
            .remedy("choose another address of the subnet, or leave it to AWS"),
    );
}

fn check_groups(node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
    let subnet = node.inputs.target("subnet").and_then(|it| stack.get(it));
    let Some(vpc) = subnet.and_then(|subnet| subnet.inputs.target("vpc")) else {
        return;
    };
    for address in node.inputs.targets("security_groups") {
        let Some(group) = stack.get(address) else {
            continue;
        };
        // Two names of VPCs that are only looked up may stand for one.
        if let Some(other) = group.inputs.target("vpc")
            && other != vpc
            && !(other.existing && vpc.existing)
        {
            problems.push(
                Diagnostic::error(
                    node.span_of("security_groups"),
                    format!("{address} belongs to another VPC than the instance's subnet"),
                )
                .also(group.span_of("vpc"), format!("{other}, not {vpc}"))
                .remedy("name groups of the subnet's own VPC"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Attributes, Reference, Value};

    fn told(inputs: Attributes) -> Vec<(bool, String)> {
        let mut stack = Stack::default();
        let subnet = Node {
            inputs: Attributes::new().with("cidr", "10.0.1.0/24"),
            ..Node::default()
        };
        stack.nodes.insert(Address::new("subnet", "x"), subnet);
        let subnet = Reference::id(Address::new("subnet", "x"));
        let node = Node {
            inputs: inputs.with("subnet", subnet),
            ..Node::default()
        };
        let mut problems = Vec::new();
        check(&node, &stack, &mut problems);
        problems
            .into_iter()
            .map(|it| (it.is_error(), it.problem))
            .collect()
    }

    fn with(name: &str, value: &str) -> Attributes {
        Attributes::new().with(name, value)
    }

    #[test]
    fn types_and_images() {
        for fine in ["t3.micro", "c7gn.xlarge", "u-6tb1.112xlarge"] {
            assert_eq!(told(with("type", fine)), [], "{fine}");
        }
        assert!(told(with("type", "t3micro"))[0].0);
        assert!(told(with("type", "T3.micro"))[0].0);
        assert!(!told(with("type", "z99.nano"))[0].0);
        for fine in ["al2023", "ami-0123456789abcdef0", "/aws/service/x"] {
            assert_eq!(told(with("image", fine)), [], "{fine}");
        }
        for wrong in ["ubuntu", "ami-xyz", "al2024"] {
            assert!(told(with("image", wrong))[0].0, "{wrong}");
        }
    }

    #[test]
    fn processors_of_type_and_image_agree() {
        use Architecture::{Arm, Intel};
        for (family, is) in [
            ("t3", Intel),
            ("t4g", Arm),
            ("c7gn", Arm),
            ("g4dn", Intel),
            ("g5g", Arm),
            ("a1", Arm),
            ("im4gn", Arm),
            ("u-6tb1", Intel),
        ] {
            assert_eq!(processors(&format!("{family}.large")), Some(is), "{family}");
        }
        let both = with("type", "t4g.micro").with("image", "al2023");
        assert_eq!(told(both).len(), 1);
        let both = with("type", "t4g.micro").with("image", "al2023-arm64");
        assert_eq!(told(both), []);
    }

    #[test]
    fn addresses_and_user_data() {
        assert_eq!(told(with("private_ip", "10.0.1.4")), []);
        for wrong in ["10.0.2.4", "10.0.1.3", "10.0.1.255", "10.0.1"] {
            assert!(told(with("private_ip", wrong))[0].0, "{wrong}");
        }
        assert_eq!(told(with("user_data", &"x".repeat(16_384))), []);
        assert_eq!(told(with("user_data", &"x".repeat(16_385))).len(), 1);
    }

    #[test]
    fn groups_of_the_same_vpc() {
        let mut stack = Stack::default();
        let of = |vpc: Address| Attributes::new().with("vpc", Reference::id(vpc));
        for (kind, inputs) in [
            ("subnet", of(Address::new("vpc", "a"))),
            ("security_group", of(Address::new("vpc", "b"))),
        ] {
            let node = Node {
                inputs,
                ..Node::default()
            };
            stack.nodes.insert(Address::new(kind, "x"), node);
        }
        let group = Value::Reference(Reference::id(Address::new("security_group", "x")));
        let node = Node {
            inputs: Attributes::new()
                .with("subnet", Reference::id(Address::new("subnet", "x")))
                .with("security_groups", vec![group]),
            ..Node::default()
        };
        let mut problems = Vec::new();
        check(&node, &stack, &mut problems);
        assert_eq!(problems.len(), 1);
    }
}

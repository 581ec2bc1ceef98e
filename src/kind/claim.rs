//! What only one object at a time can have.
//!
//! AWS tells some objects apart by a name, and gives some things to one object
//! only: a table's route to S3, an Elastic IP, the addresses of a block. Two that
//! claim the same cannot stand side by side, of whatever kind they are. So the old
//! one gives it up first, and a plan that cannot do that says so.

use ipnet::Ipv4Net;

use crate::model::{Attributes, Value};

/// A claim of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// What is claimed, in the same words whoever claims it.
    pub what: String,
    /// Which part of that, where it is addresses.
    pub block: Option<Ipv4Net>,
    /// Why only one can have it, as a sentence fragment about the two.
    pub because: String,
}

impl Claim {
    /// A claim of the whole of something.
    pub fn new(what: impl Into<String>, because: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            block: None,
            because: because.into(),
        }
    }

    /// A claim of the addresses of a block.
    #[must_use]
    pub fn block(vpc: &str, block: Ipv4Net) -> Self {
        Self {
            block: Some(block),
            ..Self::new(
                format!("addresses of {vpc}"),
                "and a VPC has each one once".to_owned(),
            )
        }
    }

    /// A claim of one private address of a subnet.
    #[must_use]
    pub fn private_address(address: &str, subnet: &str) -> Self {
        Self::new(
            format!("{address} in {subnet}"),
            format!("both have the private address {address}"),
        )
    }

    /// A claim of a DNS name, and of all names below it, inside a VPC.
    #[must_use]
    pub fn dns_name(name: &str, vpc: &str) -> Self {
        Self::new(
            format!("{name} in {vpc}"),
            format!("both answer {name}, which a VPC takes from one place"),
        )
    }

    /// The claim of what AWS tells objects of a kind apart by; none where that is
    /// not all known. Case does not tell objects apart that have nothing but a name
    /// (IAM user guide, "IAM and AWS STS quotas").
    #[must_use]
    pub fn natural(kind: &str, key: &[&str], of: &Attributes) -> Option<Self> {
        let values: Option<Vec<String>> = key
            .iter()
            .map(|field| {
                let known = of.get(field).filter(|value| !value.has_unknown());
                let text = format!("{:?}", known?);
                Some(match key {
                    ["name"] => text.to_ascii_lowercase(),
                    _ => text,
                })
            })
            .collect();
        let values = values.filter(|values| !values.is_empty())?;
        let fields: Vec<String> = key.iter().map(|field| format!("`{field}`")).collect();
        Some(Self::new(
            format!("{kind} {}", values.join(" ")),
            format!(
                "AWS tells them apart by {}, which both have",
                fields.join(" and ")
            ),
        ))
    }

    /// Why this cannot be had while another one holds the other claim.
    #[must_use]
    pub fn clash(&self, held: &Self) -> Option<String> {
        if self.what != held.what {
            return None;
        }
        match (self.block, held.block) {
            (Some(new), Some(old)) => overlap(new, old).then(|| {
                let because = &self.because;
                format!("the blocks {new} and {old} share addresses, {because}")
            }),
            _ => Some(self.because.clone()),
        }
    }
}

/// A network interface that an object puts into a subnet. It takes one of the
/// subnet's addresses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interface<'a> {
    /// The subnet.
    pub subnet: &'a Value,
    /// Whether it is to have a certain address. AWS gives the others any that is
    /// free, and so perhaps one that somebody else is to have.
    pub stated: bool,
}

impl<'a> Interface<'a> {
    /// The one interface of an object that says its subnet and perhaps its address.
    #[must_use]
    pub fn only(of: &'a Attributes) -> Vec<Self> {
        let stated = of.get("private_ip").is_some();
        let subnet = of.get("subnet").into_iter();
        subnet.map(|subnet| Self { subnet, stated }).collect()
    }
}

/// Whether two blocks share addresses.
#[must_use]
pub fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_clash_where_they_overlap() {
        let claim = |vpc: &str, block: &str| Claim::block(vpc, block.parse().unwrap());
        let (wide, narrow) = (claim("vpc-1", "10.0.0.0/23"), claim("vpc-1", "10.0.1.0/24"));
        assert!(wide.clash(&narrow).is_some() && narrow.clash(&wide).is_some());
        assert_eq!(narrow.clash(&claim("vpc-1", "10.0.2.0/24")), None);
        assert_eq!(narrow.clash(&claim("vpc-2", "10.0.1.0/24")), None);
    }

    #[test]
    fn what_is_not_known_is_not_claimed() {
        let of = Attributes::new()
            .with("role", Value::Unknown)
            .with("name", "a");
        assert_eq!(Claim::natural("policy", &["role", "name"], &of), None);
        assert_eq!(Claim::natural("policy", &[], &of), None);
        let claim = Claim::natural("policy", &["name"], &of).unwrap();
        assert_eq!(claim.clash(&claim), Some(claim.because.clone()));
        let other = Claim::natural("role", &["name"], &of).unwrap();
        assert_eq!(claim.clash(&other), None);
        let capital = Attributes::new().with("name", "A");
        let capital = Claim::natural("policy", &["name"], &capital).unwrap();
        assert!(
            capital.clash(&claim).is_some(),
            "case does not tell them apart"
        );
    }
}

//! What a record is known by: zone, name and type, and their text form.

use aws_sdk_route53::types::RrType;

use crate::aws::CallError;
use crate::aws::route53::{bare_id, plain_name};
use crate::model::Attributes;

/// What a record is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// The zone's bare id.
    pub zone: String,
    /// Its whole name, as people write it.
    pub name: String,
    /// Its type.
    pub kind: RrType,
}

impl Key {
    /// The key of a record that Route 53 tells of.
    pub fn new(zone: &str, name: &str, kind: RrType) -> Self {
        Self {
            zone: bare_id(zone).to_owned(),
            name: plain_name(name),
            kind,
        }
    }

    /// The key of known inputs.
    pub fn of(inputs: &Attributes) -> Result<Self, CallError> {
        match (inputs.text("zone"), inputs.text("name")) {
            (Some(zone), Some(name)) => {
                let kind = inputs.text("type").unwrap_or("A");
                Ok(Self::new(zone, name, RrType::from(kind)))
            }
            _ => Err(CallError::internal("a record needs a zone and a name")),
        }
    }

    /// The key in its text form.
    pub fn parse(id: &str) -> Option<Self> {
        let (zone, rest) = id.split_once('/')?;
        let (name, kind) = rest.rsplit_once('/')?;
        Some(Self::new(zone, name, RrType::from(kind)))
    }

    /// The text form, which is the record's id.
    pub fn text(&self) -> String {
        format!("{}/{}/{}", self.zone, self.name, self.kind.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inputs() -> Attributes {
        Attributes::new()
            .with("zone", "Z1")
            .with("name", "*.Data.example.")
            .with(
                "target_dns_name",
                "*.vpce-0a1b-c2d3.s3.x.vpce.amazonaws.com",
            )
            .with("target_zone_id", "Z2")
    }

    #[test]
    fn a_record_is_known_by_zone_name_and_type() {
        let key = Key::of(&inputs()).unwrap();
        assert_eq!(key.text(), "Z1/*.data.example/A");
        assert_eq!(Key::parse(&key.text()), Some(key));
        let odd = Key::parse("Z1/0/25.2.0.192.example/AAAA").unwrap();
        assert_eq!(odd.name, "0/25.2.0.192.example");
        assert!(Key::parse("Z1").is_none());
        assert!(Key::of(&Attributes::new().with("zone", "Z1")).is_err());
    }
}

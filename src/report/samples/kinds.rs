//! Toy kinds with the names and some of the fields of real ones.

use async_trait::async_trait;

use crate::aws::{Call, CallError};
use crate::kind::{
    About, Default as Absent, Field, Kind, Live, PartOf, PolicyUse, Registry, Scope, Type,
};
use crate::model::Attributes;

/// A kind that can be planned, and makes no calls.
struct Toy {
    name: &'static str,
    part_of: Option<PartOf>,
    fields: &'static [Field],
}

#[async_trait]
impl Kind for Toy {
    fn about(&self) -> About {
        About {
            name: self.name,
            summary: "",
            example: "",
            part_of: self.part_of,
            tagged: self.part_of.is_none(),
            contained: self.part_of.is_some(),
        }
    }

    fn fields(&self) -> &'static [Field] {
        self.fields
    }

    async fn find(&self, _scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        Ok(Vec::new())
    }

    async fn create(&self, _call: &Call<'_>, _inputs: &Attributes) -> Result<String, CallError> {
        Err(CallError::internal("a toy"))
    }

    async fn delete(
        &self,
        _call: &Call<'_>,
        _id: &str,
        _live: &Attributes,
    ) -> Result<(), CallError> {
        Ok(())
    }
}

const VPC: Field = Field::new("vpc", Type::reference(&["vpc"], &["vpc-"]), "")
    .replaces("AWS cannot move it to another VPC");
const SUBNETS: Field = Field::new("subnets", Type::Set(&Type::reference(&["subnet"], &[])), "");
const POLICY: Field = Field::new("policy", Type::Policy(PolicyUse::Resource), "");

const fn table(name: &'static str, fields: &'static [Field]) -> Toy {
    Toy {
        name,
        part_of: None,
        fields,
    }
}

const fn part(table: &'static str, label: &'static str, fields: &'static [Field]) -> Toy {
    Toy {
        name: label,
        part_of: Some(PartOf { table, label }),
        fields,
    }
}

static KINDS: &[&dyn Kind] = &[
    &table(
        "vpc",
        &[
            Field::new("cidr", Type::Cidr4(16, 28), "")
                .replaces("AWS cannot change a VPC's primary IPv4 block"),
            Field::new("dns_support", Type::Bool, "").default(Absent::Bool(true)),
        ],
    ),
    &table(
        "subnet",
        &[
            VPC,
            Field::new("cidr", Type::Cidr4(16, 28), "")
                .replaces("AWS cannot change a subnet's IPv4 block"),
            Field::new("zone", Type::Zone, ""),
        ],
    ),
    &table("route_table", &[VPC]),
    &part(
        "route_table",
        "association",
        &[
            Field::new("route_table", Type::reference(&["route_table"], &[]), "")
                .replaces("AWS gives an association to one table"),
            Field::new("subnet", Type::reference(&["subnet"], &[]), "")
                .replaces("AWS gives an association to one subnet"),
        ],
    ),
    &part(
        "route_table",
        "route",
        &[
            Field::new("route_table", Type::reference(&["route_table"], &[]), "")
                .replaces("AWS cannot move a route to another table"),
            Field::new("to", Type::Cidr, "").replaces("AWS cannot change where a route leads to"),
            Field::new("via", Type::reference(&["nat_gateway"], &["nat-"]), "").loose(),
        ],
    ),
    &table(
        "security_group",
        &[
            VPC,
            Field::new("description", Type::Text, "")
                .replaces("AWS cannot change a security group's description"),
        ],
    ),
    &part(
        "security_group",
        "ingress",
        &[
            Field::new(
                "security_group",
                Type::reference(&["security_group"], &[]),
                "",
            )
            .replaces("AWS cannot move a rule to another group"),
            Field::new("protocol", Type::Text, ""),
            Field::new("from_port", Type::Integer(0, 65535), ""),
            Field::new("to_port", Type::Integer(0, 65535), ""),
            Field::new(
                "source_group",
                Type::reference(&["security_group"], &[]),
                "",
            ),
            Field::new("description", Type::Text, ""),
        ],
    ),
    &table(
        "gateway_endpoint",
        &[
            VPC,
            Field::new("service", Type::Text, ""),
            Field::new(
                "route_tables",
                Type::Set(&Type::reference(&["route_table"], &[])),
                "",
            ),
            POLICY,
        ],
    ),
    &table(
        "interface_endpoint",
        &[
            VPC,
            Field::new("service", Type::Text, ""),
            SUBNETS,
            Field::new(
                "security_groups",
                Type::Set(&Type::reference(&["security_group"], &["sg-"])),
                "",
            ),
            POLICY,
        ],
    ),
    &table(
        "bucket",
        &[Field::new("name", Type::Text, "").replaces("AWS cannot rename a bucket")],
    ),
    &table(
        "instance",
        &[
            Field::new("subnet", Type::reference(&["subnet"], &[]), "")
                .replaces("AWS cannot move an instance to another subnet"),
            Field::new("type", Type::Text, ""),
            Field::new("user_data", Type::Text, ""),
        ],
    ),
];

/// The toy kinds.
pub fn registry() -> Registry {
    Registry::new(KINDS)
}

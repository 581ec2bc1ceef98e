//! Plans for the tests of this layer, made by the real planner from toy kinds.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::apply::{Failure, Outcome};
use crate::aws::{Call, CallError};
use crate::kind::{
    About, Default as Absent, Field, Kind, Live, Node, PartOf, PolicyUse, Registry, Scope, Stack,
    Type,
};
use crate::model::{Action, Address, Attributes, Place, Reference, Tags, Value, policy, tags};
use crate::plan::{Plan, World, plan};
use crate::state::Snapshot;

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

/// An address from its text.
pub fn address(text: &str) -> Address {
    text.parse().unwrap()
}

/// A reference to a node's id.
pub fn id_of(text: &str) -> Value {
    Reference::id(address(text)).into()
}

/// Several references.
pub fn ids_of(texts: &[&str]) -> Value {
    Value::List(texts.iter().map(|text| id_of(text)).collect())
}

/// Attributes from pairs.
pub fn with<const N: usize>(pairs: [(&str, Value); N]) -> Attributes {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A policy document of JSON.
pub fn document(text: &str) -> Value {
    policy::parse(text).unwrap()
}

/// A world in which to plan.
pub struct Sample {
    wanted: Stack,
    existing: BTreeMap<Address, Live>,
    live: Vec<Live>,
    pub destroy: bool,
}

impl Sample {
    pub fn new() -> Self {
        Self {
            wanted: Stack {
                name: "three-ways".into(),
                region: "ap-northeast-1".into(),
                nodes: BTreeMap::new(),
            },
            existing: BTreeMap::new(),
            live: Vec::new(),
            destroy: false,
        }
    }

    /// Wants a node, with the tags that every node of a file gets.
    pub fn wants<const N: usize>(mut self, node: &str, inputs: [(&str, Value); N]) -> Self {
        let address = address(node);
        let tags = match address.part {
            None => tags_of(&address),
            Some(_) => Tags::new(),
        };
        let node = Node {
            inputs: with(inputs),
            tags,
            ..Node::default()
        };
        self.wanted.nodes.insert(address, node);
        self
    }

    /// Gives a wanted node a tag more.
    pub fn tagged(mut self, node: &str, key: &str, value: &str) -> Self {
        let node = self.wanted.nodes.get_mut(&address(node)).unwrap();
        node.tags.insert(key.into(), value.into());
        self
    }

    /// What the user says of a wanted node's life, from now on.
    pub fn has<const N: usize>(
        mut self,
        node: &str,
        id: &str,
        attributes: [(&str, Value); N],
    ) -> Self {
        let address = address(node);
        let tags = match address.part {
            None => tags_of(&address),
            Some(_) => Tags::new(),
        };
        self.live.push(Live {
            address: Some(address),
            id: id.into(),
            attributes: with(attributes),
            tags,
            broken: None,
        });
        self
    }

    /// The last live object is beyond repair.
    pub fn broken(mut self, reason: &str) -> Self {
        self.live.last_mut().unwrap().broken = Some(reason.into());
        self
    }

    /// A look-up found something.
    pub fn found(mut self, node: &str, id: &str) -> Self {
        let live = Live {
            id: id.into(),
            ..Live::default()
        };
        self.existing.insert(address(node), live);
        self
    }

    /// What the planner makes of it.
    pub fn plan(&self) -> Plan {
        plan(&World {
            registry: registry(),
            place: &Place {
                account: "123456789012".into(),
                region: "ap-northeast-1".into(),
            },
            wanted: &self.wanted,
            existing: &self.existing,
            live: &self.live,
            remembered: &Snapshot::new("three-ways"),
            destroy: self.destroy,
        })
        .unwrap()
    }
}

fn tags_of(address: &Address) -> Tags {
    Tags::from([
        (
            tags::NAME.to_owned(),
            format!("three-ways-{}", address.name),
        ),
        ("Project".to_owned(), "three-ways".to_owned()),
        (tags::STACK.to_owned(), "three-ways".to_owned()),
        (tags::ADDRESS.to_owned(), address.to_string()),
    ])
}

/// The subnet's table, its network and its way out, all new.
pub fn new_network() -> Sample {
    Sample::new()
        .wants(
            "vpc.main",
            [("cidr", "10.0.0.0/16".into()), ("dns_support", true.into())],
        )
        .wants(
            "subnet.private-10",
            [
                ("vpc", id_of("vpc.main")),
                ("cidr", "10.0.10.0/24".into()),
                ("zone", "ap-northeast-1d".into()),
            ],
        )
        .wants(
            "subnet.private-2",
            [
                ("vpc", id_of("vpc.main")),
                ("cidr", "10.0.2.0/24".into()),
                ("zone", "ap-northeast-1c".into()),
            ],
        )
        .wants("route_table.private", [("vpc", id_of("vpc.main"))])
        .wants(
            "route_table.private/association:private-2",
            [
                ("route_table", id_of("route_table.private")),
                ("subnet", id_of("subnet.private-2")),
            ],
        )
        .wants(
            "route_table.private/route:0.0.0.0/0",
            [
                ("route_table", id_of("route_table.private")),
                ("to", "0.0.0.0/0".into()),
                ("via", "nat-0a1b2c3d4e5f60718".into()),
            ],
        )
}

/// An outcome in which these steps failed, those were done, and no other began.
pub fn an_outcome(
    plan: &Plan,
    done: impl Fn(&Address) -> bool,
    failed: &[(&str, CallError)],
) -> Outcome {
    let mut outcome = Outcome {
        done: Vec::new(),
        failed: Vec::new(),
        not_started: Vec::new(),
        interrupted: false,
        snapshot: Snapshot::new("three-ways"),
        trouble: None,
        facts: BTreeMap::new(),
    };
    for (_, step) in plan.steps.nodes().filter(|(_, s)| s.action != Action::Keep) {
        let failure = failed
            .iter()
            .find(|(text, _)| step.address == address(text));
        if let Some((_, error)) = failure {
            outcome.failed.push(Failure {
                address: step.address.clone(),
                action: step.action,
                error: error.clone(),
            });
        } else if done(&step.address) {
            outcome.done.push((step.address.clone(), step.action));
        } else {
            outcome
                .not_started
                .push((step.address.clone(), step.action));
        }
    }
    outcome
}

pub fn refused() -> CallError {
    CallError::Refused {
        operation: "CreateSubnet",
        code: "SubnetLimitExceeded".into(),
        message: "The maximum number of subnets has been reached for the VPC \
                  vpc-0a1b2c3d4e5f60718."
            .into(),
        request_id: Some("5f0e2c1a-9d7b-4c3e-8a6f-1b2c3d4e5f60".into()),
    }
}

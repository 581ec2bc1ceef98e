//! Plans for the tests of this layer, made by the real planner from toy kinds.

mod kinds;
pub mod traces;

use std::collections::BTreeMap;
use std::time::Duration;

pub use kinds::registry;

use crate::apply::{Failure, Outcome};
use crate::aws::CallError;
use crate::kind::{Live, Node, Stack};
use crate::model::{
    Action, Address, Attributes, Piece, Place, Reference, Tags, Value, policy, tags,
};
use crate::plan::{Plan, Wishes, World, plan};
use crate::state::Snapshot;

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
    pub wishes: Wishes,
}

impl Sample {
    pub fn new() -> Self {
        Self {
            wanted: Stack {
                name: "three-ways".into(),
                region: "ap-northeast-1".into(),
                ..Stack::default()
            },
            existing: BTreeMap::new(),
            live: Vec::new(),
            destroy: false,
            wishes: Wishes::default(),
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

    /// An object lives at a node's address, with the tags that it would have.
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
            ..Live::default()
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
            wishes: &self.wishes,
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

const FULL_ACCESS: &str = r#"{"Version":"2008-10-17","Statement":[
    {"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// The network with both endpoints and what uses them, all new.
pub fn new_endpoints() -> Sample {
    let bucket = Reference {
        target: address("bucket.data"),
        attribute: "arn".into(),
    };
    let objects = Value::Template(vec![
        Piece::Reference(bucket.clone()),
        Piece::Text("/*".into()),
    ]);
    let statement = Value::Map(
        [
            ("Effect", "Allow".into()),
            ("Principal", "*".into()),
            ("Action", "s3:GetObject".into()),
            ("Resource", Value::List(vec![bucket.into(), objects])),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into(),
    );
    let admitting = policy::document(vec![statement]);
    new_network()
        .found("existing.security_group.shared", "sg-0f9e8d7c6b5a43210")
        .wants("bucket.data", [("name", "saa-03-003".into())])
        .tagged("bucket.data", "Owner", "data team")
        .wants(
            "security_group.instance",
            [
                ("vpc", id_of("vpc.main")),
                (
                    "description",
                    "HTTPS\u{1b}[31m from the instances\nand more".into(),
                ),
            ],
        )
        .wants(
            "security_group.instance/ingress:tcp:443:security_group.instance",
            [
                ("security_group", id_of("security_group.instance")),
                ("protocol", "tcp".into()),
                ("from_port", 443i64.into()),
                ("to_port", 443i64.into()),
                ("source_group", id_of("security_group.instance")),
            ],
        )
        .wants(
            "interface_endpoint.s3",
            [
                ("vpc", id_of("vpc.main")),
                ("service", "com.amazonaws.ap-northeast-1.s3".into()),
                (
                    "subnets",
                    ids_of(&["subnet.private-2", "subnet.private-10"]),
                ),
                (
                    "security_groups",
                    ids_of(&["security_group.instance", "existing.security_group.shared"]),
                ),
                ("policy", document(FULL_ACCESS)),
            ],
        )
        .wants(
            "gateway_endpoint.s3",
            [
                ("vpc", id_of("vpc.main")),
                ("route_tables", ids_of(&["route_table.private"])),
                ("policy", admitting),
            ],
        )
        .wants(
            "instance.one",
            [
                ("subnet", id_of("subnet.private-2")),
                ("type", "t3.micro".into()),
                ("user_data", "#!/bin/sh\nexport PASSWORD=hunter2\n".into()),
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
        withheld: Vec::new(),
        done: Vec::new(),
        took: Vec::new(),
        failed: Vec::new(),
        not_started: Vec::new(),
        interrupted: false,
        snapshot: Snapshot::new("three-ways"),
        trouble: None,
        stopped_by: None,
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
                made: None,
                error: error.clone(),
            });
        } else if done(&step.address) {
            outcome.done.push((step.address.clone(), step.action));
            outcome.took.push(Duration::from_millis(420));
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

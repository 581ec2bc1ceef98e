//! Files read by the real kinds, and accounts in which they were applied.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::super::{NO_WISHES, Plan, World, plan};
use super::super::config::{self, Desired, Options};
use super::super::registry;
use crate::kind::Live;
use crate::model::{Address, Attributes, Place, Reference, Value};
use crate::state::{Remembered, Snapshot};

/// A file, and what lives of it.
pub(super) struct Sample {
    pub desired: Desired,
    pub place: Place,
    pub existing: BTreeMap<Address, Live>,
    pub live: Vec<Live>,
    pub remembered: Snapshot,
}

/// An example plan of which nothing lives, and no account is known.
pub(super) fn example(name: &str) -> Sample {
    let plans = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
    of_text(&std::fs::read_to_string(plans.join(name)).unwrap())
}

/// A file of which nothing lives, and no account is known.
pub(super) fn of_text(text: &str) -> Sample {
    let source = config::Source {
        name: "plan.toml".to_owned(),
        text: text.to_owned(),
    };
    let loaded = config::parse(source, Path::new("."), &Options::default(), registry());
    let Some(desired) = loaded.desired else {
        panic!("{:#?}", loaded.diagnostics);
    };
    Sample {
        place: Place {
            account: String::new(),
            region: desired.stack.region.clone(),
        },
        remembered: Snapshot::new(&desired.stack.name),
        desired,
        existing: BTreeMap::new(),
        live: Vec::new(),
    }
}

impl Sample {
    pub(super) fn world(&self) -> World<'_> {
        World {
            registry: registry(),
            place: &self.place,
            wanted: &self.desired.stack,
            existing: &self.existing,
            live: &self.live,
            remembered: &self.remembered,
            destroy: false,
            wishes: &NO_WISHES,
        }
    }

    pub(super) fn plan(&self) -> Plan {
        plan(&self.world()).unwrap()
    }

    /// Applies the file: each node lives as it is wanted.
    pub(super) fn applied(mut self) -> Self {
        "123456789012".clone_into(&mut self.place.account);
        let stack = &self.desired.stack;
        let mut known: BTreeMap<Address, Attributes> = BTreeMap::new();
        // Each round makes what refers to nothing that is not made yet.
        while known.len() < stack.nodes.len() {
            let before = known.len();
            for (address, node) in &stack.nodes {
                let of = |reference: &Reference| {
                    let target = known.get(&reference.target);
                    target.and_then(|it| it.get(&reference.attribute).cloned())
                };
                let inputs = node.inputs.resolve(Some(&self.place.account), &of);
                let ready = inputs.iter().all(|(_, value)| !value.has_unknown());
                if !ready || known.contains_key(address) {
                    continue;
                }
                let kind = registry().of(address).unwrap();
                let certain = kind.certain_id(&inputs);
                let id = certain.unwrap_or_else(|| id_of(address, known.len()));
                let mut all = kind.predict(&inputs, &self.place);
                all.0.extend(outputs(address, &id, known.len()).0);
                all.0.extend(inputs.0);
                let live = Live {
                    kind: kind.about().name,
                    address: Some(address.clone()),
                    id: id.clone(),
                    attributes: all.clone(),
                    tags: node.tags.clone(),
                    ..Live::default()
                };
                let remembered = Remembered {
                    id: id.clone(),
                    attributes: all.clone(),
                    tags: node.tags.clone(),
                    forget_on_remove: node.lifecycle.forget_on_remove,
                    ..Remembered::default()
                };
                self.live.push(live);
                self.remembered.nodes.insert(address.clone(), remembered);
                all.set("id", id);
                known.insert(address.clone(), all);
            }
            assert!(known.len() > before, "nothing more can be made");
        }
        self
    }

    /// Puts another file in the place of the one that was applied.
    pub(super) fn with_file(mut self, text: &str) -> Self {
        self.desired = of_text(text).desired;
        self
    }

    /// AWS's id of a node.
    pub(super) fn id(&self, address: &str) -> String {
        let at: Address = address.parse().unwrap();
        let mut found = self.live.iter();
        let found = found.find(|live| live.address.as_ref() == Some(&at));
        found.unwrap().id.clone()
    }
}

/// An id with the prefix of its kind.
fn id_of(address: &Address, number: usize) -> String {
    let prefix = match (address.kind.as_str(), address.label()) {
        ("internet_gateway", _) => "igw",
        ("nat_gateway", _) => "nat",
        ("elastic_ip", _) => "eipalloc",
        ("instance", _) => "i",
        ("route_table", "") => "rtb",
        ("gateway_endpoint" | "interface_endpoint", _) => "vpce",
        ("security_group", "") => "sg",
        ("private_zone", _) => "Z",
        (_, "") => address.kind.as_str(),
        (_, label) => label,
    };
    format!("{prefix}-{number}")
}

/// What AWS adds to an object.
fn outputs(address: &Address, id: &str, number: usize) -> Attributes {
    let some = Attributes::new();
    match (address.kind.as_str(), address.label()) {
        ("interface_endpoint", "") => some
            .with(
                "dns_name",
                format!("*.{id}-x.s3.eu-west-1.vpce.amazonaws.com"),
            )
            .with("hosted_zone_id", "ZVPCE"),
        ("elastic_ip" | "nat_gateway", "") => some.with("public_ip", "192.0.2.1"),
        ("instance", "") => some.with("private_ip", format!("10.0.0.{number}")),
        ("security_group", "") => some.with("default_egress", Value::Bool(false)),
        _ => some,
    }
}

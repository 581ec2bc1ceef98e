//! The toy kinds: each shows one thing that some AWS kind does.
//!
//! | kind | like | what it shows |
//! |---|---|---|
//! | `net` | VPC | a root |
//! | `leaf` | subnet, endpoint | references that hold, loose ones, ones that replace; a set; an output that no read repeats |
//! | `leaf/link` | group rule | a part that goes with its table, and cross-references |
//! | `net/way` | route-table association | a part by natural key that can move, and gets a new id then |
//! | `gate` | NAT gateway | an order that no field shows |
//! | `badge` | security group | a unique name |
//! | `vault`, `vault/seal` | bucket and its policy | an id that is known before it exists |

use async_trait::async_trait;
use s3net::aws::{Call, CallError};
use s3net::kind::{
    About, Change, Default, Field, Kind, Live, Node, Order, Output, PartOf, Registry, Scope, Stack,
    Type,
};
use s3net::model::tags::TagChange;
use s3net::model::{Address, Attributes, Place};

use super::cloud::Cloud;

/// A toy kind, as data.
#[derive(Debug)]
pub struct Toy {
    pub name: &'static str,
    pub part_of: Option<PartOf>,
    pub contained: bool,
    pub fields: &'static [Field],
    pub outputs: &'static [Output],
    /// The field whose value no two objects share.
    pub unique: Option<&'static str>,
    /// Whether the field of that value can be another text for a while.
    pub renamed_beside: bool,
    /// Whether the id is that value.
    pub id_is_name: bool,
    /// Fields that the second call, `settle`, sets.
    pub settled: &'static [&'static str],
    /// For a part: the field that refers to its table.
    pub table_field: &'static str,
}

const PLAIN: Toy = Toy {
    name: "",
    part_of: None,
    contained: false,
    fields: &[],
    outputs: &[],
    unique: None,
    renamed_beside: false,
    id_is_name: false,
    settled: &[],
    table_field: "",
};

const NET: Type = Type::reference(&["net"], &["net-"]);
const LEAF: Type = Type::reference(&["leaf"], &["leaf-"]);
const HELD: Type = Type::reference(&["leaf", "badge", "gate"], &[]);
const ANY: Type = Type::reference(&["leaf", "net"], &["leaf-", "net-"]);
const VAULT: Type = Type::reference(&["vault"], &[]);
const CODE: Output = Output {
    name: "code",
    doc: "A code that the cloud gives.",
};
const SECRET: Output = Output {
    name: "secret",
    doc: "A code that the cloud tells once.",
};
const ARN: Output = Output {
    name: "arn",
    doc: "Its whole name.",
};

const fn label() -> Field {
    Field::new("label", Type::Text, "A text.").default(Default::Text("plain"))
}

const fn shade() -> Field {
    Field::new("shade", Type::Text, "A colour.").replaces("the cloud cannot repaint it")
}

static NETS: Toy = Toy {
    name: "net",
    fields: &[
        Field::new("size", Type::Integer(0, 9), "Its size.")
            .required()
            .replaces("the cloud cannot resize a net"),
        label(),
    ],
    outputs: &[CODE],
    settled: &["label"],
    ..PLAIN
};

static LEAFS: Toy = Toy {
    name: "leaf",
    fields: &[
        Field::new("net", NET, "Its net.")
            .required()
            .replaces("a leaf stays in its net"),
        Field::new("stem", Type::Set(&LEAF), "What it grows on.").replaces("it has grown there"),
        Field::new("peers", Type::Set(&HELD), "What it holds."),
        Field::new("near", Type::Set(&LEAF), "What it points at.").loose(),
        Field::new("hue", Type::Text, "A text with others' outputs in it."),
        label(),
        shade(),
    ],
    outputs: &[CODE, SECRET],
    settled: &["label"],
    ..PLAIN
};

static LINKS: Toy = Toy {
    name: "leaf_link",
    part_of: Some(PartOf {
        table: "leaf",
        label: "link",
    }),
    contained: true,
    fields: &[
        Field::new("leaf", LEAF, "Its leaf.")
            .required()
            .replaces("a link stays on its leaf"),
        Field::new("to", ANY, "Where it leads.").required(),
        Field::new("note", Type::Text, "A text."),
    ],
    table_field: "leaf",
    ..PLAIN
};

static WAYS: Toy = Toy {
    name: "net_way",
    part_of: Some(PartOf {
        table: "net",
        label: "way",
    }),
    fields: &[
        Field::new("net", NET, "Its net.").required(),
        Field::new("leaf", LEAF, "Where it leads.")
            .required()
            .replaces("a way leads to one leaf"),
    ],
    unique: Some("leaf"),
    table_field: "net",
    ..PLAIN
};

static GATES: Toy = Toy {
    name: "gate",
    fields: &[
        Field::new("net", NET, "Its net.").required(),
        Field::new("behind", Type::Text, "The leaf that must be there first.")
            .replaces("a gate stays behind its leaf"),
        label(),
        shade(),
    ],
    ..PLAIN
};

static BADGES: Toy = Toy {
    name: "badge",
    fields: &[
        Field::new("name", Type::Text, "Its name.")
            .required()
            .replaces("a badge keeps its name"),
        label(),
        shade(),
    ],
    unique: Some("name"),
    renamed_beside: true,
    ..PLAIN
};

static VAULTS: Toy = Toy {
    name: "vault",
    fields: &[
        Field::new("name", Type::Text, "Its name.")
            .required()
            .replaces("a vault keeps its name"),
        label(),
        shade(),
    ],
    outputs: &[ARN],
    unique: Some("name"),
    id_is_name: true,
    settled: &["label"],
    ..PLAIN
};

static SEALS: Toy = Toy {
    name: "vault_seal",
    part_of: Some(PartOf {
        table: "vault",
        label: "seal",
    }),
    contained: true,
    fields: &[
        Field::new("vault", VAULT, "Its vault.")
            .required()
            .replaces("a seal stays on its vault"),
        Field::new("note", Type::Text, "A text."),
    ],
    unique: Some("vault"),
    table_field: "vault",
    ..PLAIN
};

const TOYS: [&Toy; 8] = [
    &NETS, &LEAFS, &LINKS, &WAYS, &GATES, &BADGES, &VAULTS, &SEALS,
];

const KINDS: &[&dyn Kind] = &[
    &NETS, &LEAFS, &LINKS, &WAYS, &GATES, &BADGES, &VAULTS, &SEALS,
];

/// Every toy kind.
pub const REGISTRY: Registry = Registry::new(KINDS);

impl Toy {
    /// The toy kind of a node.
    pub fn of(address: &Address) -> &'static Toy {
        let label = address.label();
        TOYS.into_iter()
            .find(|toy| match toy.part_of {
                None => label.is_empty() && toy.name == address.kind,
                Some(part_of) => part_of.table == address.kind && part_of.label == label,
            })
            .expect("only toys are asked for")
    }

    /// The name of the object that a vault's inputs describe.
    fn own_name<'a>(&self, inputs: &'a Attributes) -> Option<&'a str> {
        self.unique
            .filter(|_| self.id_is_name)
            .and_then(|field| inputs.text(field))
    }
}

#[async_trait]
impl Kind for Toy {
    fn about(&self) -> About {
        About {
            name: self.name,
            summary: "A toy.",
            example: "",
            part_of: self.part_of,
            tagged: self.part_of.is_none(),
            contained: self.contained,
        }
    }

    fn fields(&self) -> &'static [Field] {
        self.fields
    }

    fn outputs(&self) -> &'static [Output] {
        self.outputs
    }

    fn orders(&self, node: &Node, stack: &Stack) -> Vec<Order> {
        let behind = node.inputs.text("behind").unwrap_or_default();
        let after = Address::new("leaf", behind);
        let there = stack.get(&after).is_some();
        let order = Order {
            after,
            reason: "a gate opens only once its leaf is there",
        };
        there.then_some(order).into_iter().collect()
    }

    fn predict(&self, inputs: &Attributes, place: &Place) -> Attributes {
        self.own_name(inputs).map_or_else(Attributes::new, |name| {
            let arn = format!("arn:{}:{name}", place.region);
            Attributes::new().with("id", name).with("arn", arn)
        })
    }

    fn pairs_with(&self, wanted: &Attributes, live: &Attributes) -> bool {
        let same = |field| wanted.text(field).is_some() && wanted.text(field) == live.text(field);
        self.unique.is_some_and(same)
    }

    fn beside(&self, inputs: &mut Attributes, live: &Attributes) {
        let (Some(field), true) = (self.unique, self.renamed_beside) else {
            return;
        };
        if let Some(name) = inputs.text(field).map(str::to_owned)
            && live.text("full_name") == Some(&name)
        {
            inputs.set(field, format!("{name}~2"));
        }
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        Ok(Cloud::of(scope.stack).find(self))
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        Cloud::of(call.stack)
            .create(Toy::of(call.address), call, inputs)
            .await
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        Cloud::of(call.stack).settle(self, call, id, inputs).await
    }

    async fn update(
        &self,
        call: &Call<'_>,
        id: &str,
        change: &Change,
    ) -> Result<String, CallError> {
        Cloud::of(call.stack).update(self, call, id, change).await
    }

    async fn retag(&self, call: &Call<'_>, id: &str, change: &TagChange) -> Result<(), CallError> {
        Cloud::of(call.stack).retag(call, id, change).await
    }

    async fn delete(&self, call: &Call<'_>, id: &str, _live: &Attributes) -> Result<(), CallError> {
        match Cloud::of(call.stack).delete(call, id).await {
            Err(error) if error.is_not_found() => Ok(()),
            answer => answer,
        }
    }
}

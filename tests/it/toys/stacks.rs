//! Wanted stacks of toys, as config would hand them to the planner.

use s3net::kind::{Node, Stack};
use s3net::model::{Address, Attributes, Piece, Reference, Tags, Value, tags};

use super::kinds::Toy;
use super::lab::REGION;

/// A wanted stack that grows node by node.
#[derive(Debug, Clone)]
pub struct Builder {
    stack: Stack,
}

/// The address of a toy table.
pub fn at(kind: &str, name: impl std::fmt::Display) -> Address {
    Address::new(kind, &name.to_string())
}

/// A reference to an attribute of a node.
pub fn attribute(target: &Address, attribute: &str) -> Reference {
    Reference {
        target: target.clone(),
        attribute: attribute.to_owned(),
    }
}

/// A reference to a node's id.
pub fn id(target: &Address) -> Value {
    Value::Reference(Reference::id(target.clone()))
}

/// References to nodes' ids.
pub fn ids<'a>(targets: impl IntoIterator<Item = &'a Address>) -> Value {
    Value::List(targets.into_iter().map(id).collect())
}

/// A text with another node's attribute in it.
pub fn text_with(reference: Reference) -> Value {
    Value::Template(vec![
        Piece::Text("it is ".to_owned()),
        Piece::Reference(reference),
    ])
}

impl Builder {
    /// A stack without a node.
    pub fn new(name: &str) -> Self {
        Self {
            stack: Stack {
                name: name.to_owned(),
                region: REGION.to_owned(),
                ..Stack::default()
            },
        }
    }

    /// Adds a node, with the tags that config would give it.
    pub fn add(&mut self, address: Address, inputs: Attributes) -> &mut Node {
        let mut tags = Tags::new();
        if Toy::of(&address).part_of.is_none() {
            tags.insert(tags::STACK.to_owned(), self.stack.name.clone());
            tags.insert(tags::ADDRESS.to_owned(), address.to_string());
        }
        let node = Node {
            inputs,
            tags,
            ..Node::default()
        };
        self.stack
            .nodes
            .entry(address)
            .insert_entry(node)
            .into_mut()
    }

    /// Adds a net.
    pub fn net(&mut self, name: impl std::fmt::Display) -> Address {
        let address = at("net", name);
        let inputs = Attributes::new().with("size", 1).with("label", "plain");
        self.add(address.clone(), inputs);
        address
    }

    /// Adds a leaf that refers to nothing but its net.
    pub fn leaf(&mut self, name: impl std::fmt::Display, net: &Address) -> Address {
        let address = at("leaf", name);
        let inputs = Attributes::new()
            .with("net", id(net))
            .with("shade", "green")
            .with("label", "plain");
        self.add(address.clone(), inputs);
        address
    }

    /// Adds a link of a leaf.
    pub fn link(&mut self, leaf: &Address, key: &str, to: &Address) -> Address {
        let address = leaf.part("link", key);
        let inputs = Attributes::new()
            .with("leaf", id(leaf))
            .with("to", id(to))
            .with("note", "plain");
        self.add(address.clone(), inputs);
        address
    }

    /// Adds a net's way to a leaf; its key is the leaf's name.
    pub fn way(&mut self, net: &Address, leaf: &Address) -> Address {
        let address = net.part("way", &leaf.name);
        let inputs = Attributes::new()
            .with("net", id(net))
            .with("leaf", id(leaf));
        self.add(address.clone(), inputs);
        address
    }

    /// Adds a gate behind a leaf.
    pub fn gate(&mut self, name: impl std::fmt::Display, net: &Address, behind: &str) -> Address {
        let address = at("gate", name);
        let inputs = Attributes::new()
            .with("net", id(net))
            .with("behind", behind)
            .with("shade", "green")
            .with("label", "plain");
        self.add(address.clone(), inputs);
        address
    }

    /// Adds a badge.
    pub fn badge(&mut self, name: impl std::fmt::Display, text: &str) -> Address {
        let address = at("badge", name);
        let inputs = Attributes::new()
            .with("name", text)
            .with("shade", "green")
            .with("label", "plain");
        self.add(address.clone(), inputs);
        address
    }

    /// Adds a vault.
    pub fn vault(&mut self, name: impl std::fmt::Display, text: &str) -> Address {
        let address = at("vault", name);
        let inputs = Attributes::new()
            .with("name", text)
            .with("shade", "green")
            .with("label", "plain");
        self.add(address.clone(), inputs);
        address
    }

    /// Adds a vault's seal.
    pub fn seal(&mut self, vault: &Address) -> Address {
        let address = vault.part("seal", "");
        let inputs = Attributes::new()
            .with("vault", id(vault))
            .with("note", "plain");
        self.add(address.clone(), inputs);
        address
    }

    /// A node that was added.
    pub fn node(&mut self, address: &Address) -> &mut Node {
        self.stack.nodes.get_mut(address).expect("it was added")
    }

    /// Sets a field of a node that was added.
    pub fn set(&mut self, address: &Address, field: &str, value: impl Into<Value>) -> &mut Self {
        self.node(address).inputs.set(field, value);
        self
    }

    /// Takes a node away.
    pub fn remove(&mut self, address: &Address) -> &mut Self {
        self.stack.nodes.remove(address);
        self
    }

    /// The stack.
    pub fn done(&self) -> Stack {
        self.stack.clone()
    }
}

/// The nodes that must be there before each node, by references and orders.
pub fn needs(stack: &Stack) -> Vec<(Address, Address)> {
    let mut needs = Vec::new();
    for (after, node) in &stack.nodes {
        node.inputs.each_reference(&mut |reference| {
            needs.push((reference.target.clone(), after.clone()));
        });
        if let Some(kind) = super::REGISTRY.of(after) {
            let orders = kind.orders(node, stack).into_iter();
            needs.extend(orders.map(|order| (order.after, after.clone())));
        }
    }
    needs.sort();
    needs.dedup();
    needs
}

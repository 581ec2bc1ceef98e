//! Large stacks, and the live objects that an apply would leave, without one.

use std::collections::HashMap;

use s3net::kind::{Live, Stack};
use s3net::model::{Address, Value};

use super::stacks::{Builder, ids};

/// A stack of about `count` nodes as users build them, many times over: per
/// group a net, nine leafs in chains, a link on each second leaf, ways and a gate.
pub fn large(name: &str, count: usize) -> Stack {
    let mut builder = Builder::new(name);
    let mut made = 0;
    for group in 0.. {
        let net = builder.net(group);
        let mut before: Option<Address> = None;
        for place in 0..9 {
            let leaf = builder.leaf(format!("{group}-{place}"), &net);
            if let Some(before) = before.replace(leaf.clone()) {
                builder.set(&leaf, "peers", ids([&before]));
            }
            if place % 2 == 0 {
                builder.link(&leaf, "out", &net);
            }
            if place % 3 == 0 {
                builder.way(&net, &leaf);
            }
            if place == 8 {
                builder.gate(group, &net, &leaf.name);
            }
        }
        made += 19;
        if made >= count {
            break;
        }
    }
    builder.done()
}

/// The live objects of a stack, as a refresh after its apply would find them.
pub fn as_if_applied(stack: &Stack) -> Vec<Live> {
    let ids: HashMap<&Address, String> = stack
        .nodes
        .keys()
        .enumerate()
        .map(|(number, address)| (address, format!("{}-{number:07}", address.kind)))
        .collect();
    let known = |reference: &s3net::model::Reference| {
        ids.get(&reference.target)
            .map(|id| Value::text(id.as_str()))
    };
    stack
        .nodes
        .iter()
        .map(|(address, node)| Live {
            address: Some(address.clone()),
            id: ids[address].clone(),
            attributes: node.inputs.resolve(None, &known),
            tags: node.tags.clone(),
            ..Live::default()
        })
        .collect()
}

/// A stack of one net and so many leafs: everything needs one node.
pub fn star(name: &str, count: usize) -> Stack {
    let mut builder = Builder::new(name);
    let net = builder.net("main");
    for number in 1..count {
        builder.leaf(number, &net);
    }
    builder.done()
}

/// A stack of so many badges, and the same under other addresses.
pub fn renamed(name: &str, count: usize) -> (Stack, Stack) {
    let (mut before, mut after) = (Builder::new(name), Builder::new(name));
    for number in 0..count {
        before.badge(format!("old-{number}"), &format!("name-{number}"));
        after.badge(format!("new-{number}"), &format!("name-{number}"));
    }
    (before.done(), after.done())
}

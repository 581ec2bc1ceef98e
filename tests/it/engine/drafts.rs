//! Random stacks, and random edits of them.
//!
//! A draft says of each of a few named nodes whether it is there and how it
//! looks. An edit takes some of one draft's traits and some of another's, so
//! that nodes come, go, change, move, and refer the other way round.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use proptest::prelude::*;
use s3net::kind::Stack;
use s3net::model::Address;

use crate::toys::stacks::{Builder, attribute, ids, text_with};

/// How one node looks. Each kind reads the traits that it has.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    there: bool,
    /// A leaf refers to leafs of lower rank only, which rules circles out.
    rank: u8,
    net: u8,
    label: bool,
    shade: bool,
    /// Bits: leafs and badges that it holds, grows on, points at.
    peers: u16,
    stem: u16,
    near: u16,
    /// Where its links lead.
    links: [Option<u8>; 2],
    /// The net whose way leads to it.
    way: Option<u8>,
    /// The leaf or vault whose output its text holds, or that it is behind.
    other: Option<u8>,
    moved: bool,
}

/// Which traits of a look are taken from the other draft.
pub type Mask = u16;

/// A stack by looks.
#[derive(Clone)]
pub struct Draft {
    nets: Vec<Look>,
    leafs: Vec<Look>,
    gates: Vec<Look>,
    badges: Vec<Look>,
    vaults: Vec<Look>,
}

/// Which traits an edit takes from the other draft, node by node.
pub type Edit = Vec<Mask>;

const NETS: usize = 3;
const LEAFS: usize = 9;
const FEW: usize = 3;

fn sparse() -> impl Strategy<Value = u16> {
    (any::<u16>(), any::<u16>(), any::<u16>()).prop_map(|(a, b, c)| a & b & c)
}

prop_compose! {
    fn look()(
        (there, rank, net, label, shade) in (
            prop::bool::weighted(0.75), 0..20u8, 0..NETS as u8, any::<bool>(), any::<bool>()
        ),
        (peers, stem, near) in (sparse(), sparse(), sparse()),
        links in prop::array::uniform2(prop::option::weighted(0.3, 0..LEAFS as u8)),
        (way, other) in (
            prop::option::weighted(0.4, 0..NETS as u8), prop::option::of(0..LEAFS as u8)
        ),
        moved in prop::bool::weighted(0.3),
    ) -> Look {
        Look { there, rank, net, label, shade, peers, stem, near, links, way, other, moved }
    }
}

prop_compose! {
    /// Any draft.
    pub fn draft()(
        nets in prop::collection::vec(look(), NETS),
        leafs in prop::collection::vec(look(), LEAFS),
        gates in prop::collection::vec(look(), FEW),
        badges in prop::collection::vec(look(), FEW),
        vaults in prop::collection::vec(look(), FEW),
    ) -> Draft {
        Draft { nets, leafs, gates, badges, vaults }
    }
}

/// As the stack that it describes, which is what matters of a draft that fails.
impl fmt::Debug for Draft {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (address, node) in &self.stack("lab").nodes {
            let inputs = node.inputs.iter();
            let inputs: Vec<_> = inputs
                .map(|(name, value)| format!("{name}={}", value.to_json()))
                .collect();
            write!(out, "\n  {address} {}", inputs.join(" "))?;
        }
        Ok(())
    }
}

/// Any edit: mostly few traits of few nodes.
pub fn edit() -> impl Strategy<Value = Edit> {
    let mask = prop_oneof![
        4 => Just(0),
        4 => sparse(),
        1 => any::<u16>(),
    ];
    prop::collection::vec(mask, NETS + LEAFS + 3 * FEW)
}

fn mixed(one: &Look, other: &Look, mask: Mask) -> Look {
    let pick = |bit: u32| if mask >> bit & 1 == 1 { other } else { one };
    Look {
        there: pick(0).there,
        rank: pick(1).rank,
        net: pick(2).net,
        label: pick(3).label,
        shade: pick(4).shade,
        peers: pick(5).peers,
        stem: pick(6).stem,
        near: pick(7).near,
        links: [pick(8).links[0], pick(9).links[1]],
        way: pick(10).way,
        other: pick(11).other,
        moved: pick(12).moved,
    }
}

impl Draft {
    /// This draft with some traits of another.
    pub fn edited(&self, other: &Self, edit: &Edit) -> Self {
        let mut masks = edit.iter().copied();
        let mut mix = |ones: &[Look], others: &[Look]| {
            ones.iter()
                .zip(others)
                .map(|(one, other)| mixed(one, other, masks.next().unwrap_or(0)))
                .collect()
        };
        Self {
            nets: mix(&self.nets, &other.nets),
            leafs: mix(&self.leafs, &other.leafs),
            gates: mix(&self.gates, &other.gates),
            badges: mix(&self.badges, &other.badges),
            vaults: mix(&self.vaults, &other.vaults),
        }
    }

    /// The stack that it describes.
    pub fn stack(&self, name: &str) -> Stack {
        let mut stack = Builder::new(name);
        // There is one net at least: nothing stands without.
        let nets: BTreeMap<usize, Address> = (0..NETS)
            .filter(|number| *number == 0 || self.nets[*number].there)
            .map(|number| {
                let net = stack.net(number);
                let look = self.nets[number];
                stack.set(&net, "size", i64::from(look.shade));
                stack.set(&net, "label", text(look.label));
                (number, net)
            })
            .collect();
        let net = |number: u8| nets.get(&usize::from(number)).unwrap_or(&nets[&0]);
        let badges = self.badges_of(&mut stack);
        let vaults = self.vaults_of(&mut stack);

        let mut order: Vec<usize> = (0..LEAFS).filter(|n| self.leafs[*n].there).collect();
        order.sort_by_key(|number| (self.leafs[*number].rank, *number));
        let mut leafs: BTreeMap<usize, Address> = BTreeMap::new();
        for number in order {
            let look = self.leafs[number];
            let leaf = stack.leaf(number, net(look.net));
            let chosen = |bits: u16| {
                let bit = move |n: &usize| bits >> n & 1 == 1;
                leafs
                    .iter()
                    .filter(move |(n, _)| bit(n))
                    .map(|(_, leaf)| leaf)
            };
            let held = badges
                .iter()
                .filter(|(n, _)| look.peers >> (LEAFS + **n) & 1 == 1);
            let peers = ids(chosen(look.peers).chain(held.map(|(_, badge)| badge)));
            let (stem, near) = (ids(chosen(look.stem)), ids(chosen(look.near)));
            stack.set(&leaf, "peers", peers);
            stack.set(&leaf, "stem", stem).set(&leaf, "near", near);
            stack.set(&leaf, "label", text(look.label));
            stack.set(&leaf, "shade", text(look.shade));
            let other = look.other.map(usize::from);
            let output = match other.and_then(|n| leafs.get(&n)) {
                Some(other) => Some(attribute(other, "code")),
                None => other
                    .and_then(|n| vaults.get(&n))
                    .map(|v| attribute(v, "arn")),
            };
            if let Some(output) = output {
                stack.set(&leaf, "hue", text_with(output));
            } else {
                stack.set(&leaf, "hue", "grey");
            }
            leafs.insert(number, leaf);
        }
        for (number, leaf) in &leafs {
            let look = self.leafs[*number];
            for (key, to) in look.links.iter().enumerate() {
                let to = to.and_then(|to| leafs.get(&usize::from(to)));
                if let Some(to) = to.filter(|to| *to != leaf) {
                    stack.link(leaf, &key.to_string(), to);
                }
            }
            if let Some(way) = look.way {
                stack.way(net(way), leaf);
            }
        }
        for number in (0..FEW).filter(|number| self.gates[*number].there) {
            let look = self.gates[number];
            let behind = look.other.and_then(|n| leafs.get(&usize::from(n)));
            let behind = behind.map_or("", |leaf| leaf.name.as_str());
            let gate = stack.gate(number, net(look.net), behind);
            stack.set(&gate, "label", text(look.label));
            stack.set(&gate, "shade", text(look.shade));
        }
        stack.done()
    }

    /// Badges and vaults that move keep their names and get other addresses.
    fn badges_of(&self, stack: &mut Builder) -> BTreeMap<usize, Address> {
        let there = (0..FEW).filter(|number| self.badges[*number].there);
        there
            .map(|number| {
                let look = self.badges[number];
                let place = if look.moved { number + FEW } else { number };
                let badge = stack.badge(place, &format!("name-{number}"));
                stack.set(&badge, "label", text(look.label));
                stack.set(&badge, "shade", text(look.shade));
                (number, badge)
            })
            .collect()
    }

    fn vaults_of(&self, stack: &mut Builder) -> BTreeMap<usize, Address> {
        let there = (0..FEW).filter(|number| self.vaults[*number].there);
        there
            .map(|number| {
                let look = self.vaults[number];
                let place = if look.moved { number + FEW } else { number };
                let vault = stack.vault(place, &format!("vault-{number}"));
                stack.set(&vault, "label", text(look.label));
                stack.set(&vault, "shade", text(look.shade));
                if look.way.is_some() {
                    let seal = stack.seal(&vault);
                    stack.set(&seal, "note", text(look.label));
                }
                (number, vault)
            })
            .collect()
    }
}

fn text(light: bool) -> &'static str {
    if light { "light" } else { "dark" }
}

/// The nodes that come after a node, however far.
pub fn dependants(needs: &[(Address, Address)], of: &Address) -> BTreeSet<Address> {
    let mut found = BTreeSet::new();
    let mut next = vec![of];
    while let Some(node) = next.pop() {
        for (_, after) in needs.iter().filter(|(before, _)| before == node) {
            if found.insert(after.clone()) {
                next.push(after);
            }
        }
    }
    found
}

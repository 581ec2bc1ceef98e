//! Intrinsic functions and conditions.
//!
//! What needs a value now (a condition, a key of a mapping) settles the
//! parameters in it; everything else keeps them as variables of the plan file.
//! (AWS CloudFormation user guide, "Intrinsic function reference".)

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::Ipv4Net;

use super::node::{Holds, Node};
use super::scope::{Fault, World, dynamic, joined_by};
use super::value::{joined, pieces, split};
use crate::draft;
use crate::model::place::partition;
use crate::model::{Piece, Value};

/// The most blocks that `Fn::Cidr` gives.
const MOST_BLOCKS: usize = 256;

/// The zones of regions whose letters do not run from `a`, as new accounts see
/// them.
const ZONES: &[(&str, &[&str])] = &[
    ("ap-northeast-1", &["a", "c", "d"]),
    ("ca-central-1", &["a", "b", "d"]),
    ("us-west-1", &["a", "c"]),
];

/// Whether a key of a map calls something: a function, a loop or a macro.
pub(super) fn is_call(key: &str) -> bool {
    key.starts_with("Fn::")
}

/// What a function gives.
pub(super) fn call(
    world: &World<'_>,
    scope: usize,
    name: &str,
    with: &Node,
    depth: usize,
) -> Result<Value, Fault> {
    let call = Call {
        world,
        scope,
        with,
        depth,
    };
    match name {
        "Ref" => call.refer(),
        "Fn::GetAtt" => call.attribute(),
        // A dynamic reference may come together only here.
        "Fn::Sub" => dynamic(with, call.substitute()?),
        "Fn::Join" => dynamic(with, call.join()?),
        "Fn::Select" => call.select(),
        "Fn::Split" => call.split(),
        "Fn::FindInMap" => call.find_in_map(),
        "Fn::If" => call.choose(),
        "Fn::GetAZs" => Ok(call.zones()),
        "Fn::Cidr" => call.blocks(),
        "Fn::Base64" => call.encode(),
        other => Err(Fault::at(with, format!("{other} is not supported"))),
    }
}

/// One call of a function.
struct Call<'a> {
    world: &'a World<'a>,
    scope: usize,
    with: &'a Node,
    depth: usize,
}

impl Call<'_> {
    fn fault<T>(&self, text: &str) -> Result<T, Fault> {
        Err(Fault::at(self.with, text))
    }

    fn value(&self, node: &Node) -> Result<Value, Fault> {
        self.world.value(self.scope, node, self.depth)
    }

    fn settled_text(&self, node: &Node) -> Result<String, Fault> {
        let value = self.value(node)?;
        self.world.settled_text(node, value, self.depth)
    }

    /// Exactly so many arguments.
    fn arguments<const N: usize>(&self) -> Result<&[Node; N], Fault> {
        let wrong = || Fault::at(self.with, format!("this function takes {N} arguments"));
        self.with.items().try_into().map_err(|_| wrong())
    }

    fn refer(&self) -> Result<Value, Fault> {
        match self.with.text() {
            Some(name) => self.name(name),
            None => self.fault("`Ref` takes a name"),
        }
    }

    /// What a name stands for: pseudo parameter, parameter or resource.
    fn name(&self, name: &str) -> Result<Value, Fault> {
        let region = self.world.request.region.as_deref().unwrap_or_default();
        Ok(match name {
            "AWS::Region" => draft::region(),
            "AWS::StackName" => draft::stack_name(),
            "AWS::AccountId" => Value::Template(vec![Piece::Account]),
            "AWS::Partition" => Value::text(partition(region)),
            "AWS::URLSuffix" if region.starts_with("cn-") => Value::text("amazonaws.com.cn"),
            "AWS::URLSuffix" => Value::text("amazonaws.com"),
            "AWS::NoValue" => Value::Null,
            other if other.starts_with("AWS::") => {
                return self.fault(&format!("a plan file has no name for {other}"));
            }
            other => {
                return self.world.named(self.scope, other, self.with, self.depth);
            }
        })
    }

    fn attribute(&self) -> Result<Value, Fault> {
        let path = match &self.with.holds {
            Holds::Text(text) => text.clone(),
            Holds::List(items) => {
                let parts = items.iter().map(|item| self.settled_text(item));
                parts.collect::<Result<Vec<_>, _>>()?.join(".")
            }
            _ => return self.fault("`GetAtt` takes a resource and an attribute"),
        };
        self.attribute_of(&path)
    }

    fn attribute_of(&self, path: &str) -> Result<Value, Fault> {
        match path.split_once('.') {
            Some((id, attribute)) => self
                .world
                .resource(self.scope, id, attribute, self.with, self.depth),
            None => self.fault("`GetAtt` takes a resource and an attribute"),
        }
    }

    fn substitute(&self) -> Result<Value, Fault> {
        let (text, own) = match self.with.items() {
            [text] => (text, None),
            [text, own] => (text, Some(own)),
            _ => return self.fault("`Sub` takes a text and a map"),
        };
        let Some(text) = text.text() else {
            return self.fault("`Sub` takes a text that is written out");
        };
        let mut all = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            all.push(Piece::Text(before.to_owned()));
            let Some((inside, behind)) = after.split_once('}') else {
                return self.fault("`${` without `}`");
            };
            rest = behind;
            if let Some(literal) = inside.strip_prefix('!') {
                all.push(Piece::Text(format!("${{{literal}}}")));
                continue;
            }
            let name = inside.trim();
            let value = match own.and_then(|own| own.get(name)) {
                Some(node) => self.value(node)?,
                None if name.contains('.') => self.attribute_of(name)?,
                None => self.name(name)?,
            };
            match pieces(value) {
                Some(more) => all.extend(more),
                None => return self.fault(&format!("`{name}` is no text")),
            }
        }
        all.push(Piece::Text(rest.to_owned()));
        self.whole(joined(all))
    }

    fn whole(&self, text: Option<Value>) -> Result<Value, Fault> {
        text.map_or_else(|| self.fault("the text is no text, or too long"), Ok)
    }

    fn join(&self) -> Result<Value, Fault> {
        let [between, items] = self.arguments()?;
        let Some(between) = between.text() else {
            return self.fault("`Join` takes a separator that is written out");
        };
        match self.value(items)? {
            Value::List(items) => self.whole(joined_by(items, between)),
            _ => self.fault("`Join` takes a list"),
        }
    }

    fn select(&self) -> Result<Value, Fault> {
        let [index, items] = self.arguments()?;
        let index: usize = match self.settled_text(index)?.parse() {
            Ok(index) => index,
            Err(_) => return self.fault("`Select` takes a number"),
        };
        match self.value(items)? {
            Value::List(mut items) if index < items.len() => Ok(items.swap_remove(index)),
            Value::List(items) => {
                self.fault(&format!("`Select` {index} of a list of {}", items.len()))
            }
            _ => self.fault("`Select` takes a list"),
        }
    }

    fn split(&self) -> Result<Value, Fault> {
        let [at, text] = self.arguments()?;
        let Some(at) = at.text().filter(|at| !at.is_empty()) else {
            return self.fault("`Split` takes a separator that is written out");
        };
        let value = self.value(text)?;
        let whole = match split(value.clone(), at) {
            Some(items) => return Ok(Value::List(items)),
            None => self.world.settled(text, value, self.depth)?,
        };
        match split(whole, at) {
            Some(items) => Ok(Value::List(items)),
            None => self.fault("what is to be split is no text"),
        }
    }

    fn find_in_map(&self) -> Result<Value, Fault> {
        let [map, top, second, ..] = self.with.items() else {
            return self.fault("`FindInMap` takes a mapping and two keys");
        };
        let map = self.settled_text(map)?;
        let (top, second) = (self.settled_text(top)?, self.settled_text(second)?);
        let mapping = self.world.entry(self.scope, "Mappings", &map);
        let found = mapping.and_then(|it| it.node.get(&top)?.get(&second));
        match found {
            Some(node) => self.value(node),
            None => self.fault(&format!("the mapping {map} has no {top}.{second}")),
        }
    }

    fn choose(&self) -> Result<Value, Fault> {
        let [name, yes, no] = self.arguments()?;
        let Some(name) = name.text() else {
            return self.fault("`If` takes a condition's name");
        };
        match condition(self.world, self.scope, name, self.with, self.depth)? {
            true => self.value(yes),
            false => self.value(no),
        }
    }

    /// The zones of the region, as far as one can know them without asking.
    fn zones(&self) -> Value {
        let region = self.world.request.region.as_deref().unwrap_or_default();
        let known = ZONES.iter().find(|(name, _)| *name == region);
        let letters = known.map_or(&["a", "b", "c", "d"][..], |(_, letters)| letters);
        Value::texts(letters.iter().copied())
    }

    fn blocks(&self) -> Result<Value, Fault> {
        let [block, count, bits] = self.arguments()?;
        let block: Option<Ipv4Net> = self.settled_text(block)?.parse().ok();
        let count: Option<usize> = self.settled_text(count)?.parse().ok();
        let bits: Option<u8> = self.settled_text(bits)?.parse().ok();
        let blocks = block
            .zip(count)
            .zip(bits)
            .and_then(|((block, count), bits)| {
                let blocks = block.subnets(32_u8.checked_sub(bits)?).ok()?;
                let blocks: Vec<_> = blocks.take(count.min(MOST_BLOCKS)).collect();
                (blocks.len() == count).then_some(blocks)
            });
        match blocks {
            Some(blocks) => Ok(Value::texts(blocks.iter().map(ToString::to_string))),
            None => self.fault("`Cidr` takes an IPv4 block, a count and a number of bits"),
        }
    }

    fn encode(&self) -> Result<Value, Fault> {
        match self.value(self.with)? {
            Value::String(text) => Ok(Value::text(STANDARD.encode(text))),
            _ => self.fault("what is to be encoded is not known while importing"),
        }
    }
}

/// Whether a named condition holds.
pub(super) fn condition(
    world: &World<'_>,
    scope: usize,
    name: &str,
    node: &Node,
    depth: usize,
) -> Result<bool, Fault> {
    match world.entry(scope, "Conditions", name) {
        Some(entry) => holds(world, scope, &entry.node, depth + 1),
        None => Err(Fault::at(
            node,
            format!("the template has no condition {name}"),
        )),
    }
}

/// Whether a condition holds.
fn holds(world: &World<'_>, scope: usize, node: &Node, depth: usize) -> Result<bool, Fault> {
    world.step(node, depth)?;
    let named = match &node.holds {
        Holds::Map(_) => node.get("Condition"),
        Holds::Call(name, with) if name == "Condition" => Some(&**with),
        _ => None,
    };
    if let Some(name) = named.and_then(Node::text) {
        return condition(world, scope, name, node, depth);
    }
    let Holds::Call(name, with) = &node.holds else {
        return Err(Fault::at(node, "a condition is a function"));
    };
    let all = || {
        with.items()
            .iter()
            .map(|item| holds(world, scope, item, depth + 1))
    };
    match (name.as_str(), with.items()) {
        ("Fn::Equals", [one, other]) => {
            let text = |node: &Node| {
                let value = world.value(scope, node, depth + 1)?;
                world.compared_text(node, value, depth + 1)
            };
            Ok(text(one)? == text(other)?)
        }
        ("Fn::Not", [only]) => Ok(!holds(world, scope, only, depth + 1)?),
        ("Fn::And", _) => Ok(all()
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .all(|it| it)),
        ("Fn::Or", _) => Ok(all()
            .collect::<Result<Vec<_>, _>>()?
            .into_iter()
            .any(|it| it)),
        (other, _) => Err(Fault::at(node, format!("{other} is no condition"))),
    }
}

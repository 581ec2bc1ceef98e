//! Live objects on their way to being told: whose kind they are, and what the
//! ids in their fields refer to.

use std::borrow::Cow;

use super::super::live_stack::Index;
use super::super::outcome::World;
use super::telling::{Source, Subject};
use crate::kind::{Kind, Live, Type};
use crate::model::{Address, Attributes, Value};

/// What ids can name: what lives and is ours, and what was looked up.
pub(super) fn named<'w>(world: &World<'w>) -> Vec<(&'w Address, &'w Live)> {
    let own = world.live.iter();
    let own = own.filter_map(|live| Some((live.own_address()?, live)));
    own.chain(world.existing).collect()
}

/// Live objects, by what ids can name.
pub(super) struct Lives<'a> {
    objects: &'a [(&'a Address, &'a Live)],
    index: Index<'a>,
}

impl<'a> Lives<'a> {
    pub(super) fn new(world: &World<'_>, objects: &'a [(&'a Address, &'a Live)]) -> Self {
        Self {
            objects,
            index: Index::new(world.registry, objects),
        }
    }

    /// An object as AWS shows it; nothing where nobody knows of what kind it is.
    pub(super) fn subject<'s>(&'s self, world: &World<'_>, live: &'s Live) -> Option<Subject<'s>> {
        let kind = match &live.address {
            Some(address) => world.registry.of(address)?,
            None => world
                .registry
                .all()
                .find(|kind| kind.about().name == live.kind)?,
        };
        Some(self.of_kind(kind, live.address.as_ref(), live))
    }

    /// What was looked up.
    pub(super) fn looked_up<'s>(&'s self, world: &World<'s>) -> Vec<Subject<'s>> {
        let found = world.existing.iter();
        let subjects = found.filter_map(|(address, live)| {
            let kind = world.registry.of(address)?;
            Some(self.of_kind(kind, Some(address), live))
        });
        subjects.collect()
    }

    fn of_kind<'s>(
        &'s self,
        kind: &'static dyn Kind,
        address: Option<&'s Address>,
        live: &'s Live,
    ) -> Subject<'s> {
        Subject {
            kind,
            address,
            key: live.id.clone(),
            attributes: Cow::Borrowed(&live.attributes),
            broken: live.broken.as_deref(),
            from: Source::Live(self),
        }
    }

    /// An attribute of the object that a field's id refers to.
    pub(super) fn beyond(
        &self,
        kind: &dyn Kind,
        attributes: &Attributes,
        field: &str,
        attribute: &str,
    ) -> Option<Value> {
        let known = kind.fields().iter().find(|it| it.name == field)?;
        let Type::Reference {
            kinds,
            attribute: by,
            ..
        } = known.holds
        else {
            return None;
        };
        let place = self.index.owner(kinds, by, attributes.text(field)?)?;
        let (_, object) = self.objects[place];
        match attribute {
            "id" => Some(Value::text(&object.id)),
            other => object.attributes.get(other).cloned(),
        }
    }
}

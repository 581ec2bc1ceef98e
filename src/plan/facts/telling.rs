//! Asks each kind in turn what it tells of each object.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::outcome::World;
use super::finding::Lives;
use super::wanting::File;
use crate::kind::{Kind, Registry, Told};
use crate::model::network::{Key, Network};
use crate::model::{Address, Attributes, Place, Value};

/// An object that is to be told.
pub(super) struct Subject<'a> {
    /// Its kind.
    pub kind: &'static dyn Kind,
    /// Its node, where it is one.
    pub address: Option<&'a Address>,
    /// AWS's id, or a stand-in.
    pub key: Key,
    /// What is known of it, references as keys.
    pub attributes: Cow<'a, Attributes>,
    /// Why it does not work, where AWS says so.
    pub broken: Option<&'a str>,
    /// Who knows what its fields refer to.
    pub from: Source<'a>,
}

/// Where an object was learnt of.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// From the file: its fields hold references.
    File(&'a File<'a>, &'a Attributes),
    /// From AWS: its fields hold ids.
    Live(&'a Lives<'a>),
}

impl Subject<'_> {
    fn beyond(&self, field: &str, attribute: &str) -> Option<Value> {
        match self.from {
            Source::File(file, inputs) => file.beyond(inputs.get(field)?, attribute),
            Source::Live(lives) => lives.beyond(self.kind, &self.attributes, field, attribute),
        }
    }
}

/// Tells every object: kinds in the order of the registry, so that what belongs
/// to another's entry finds it, and objects of one kind by address and key.
pub(super) fn tell_all(
    world: &World<'_>,
    subjects: Vec<Subject<'_>>,
    place: &Place,
    network: &mut Network,
) {
    let ranks = ranks(world.registry);
    let mut ranked: Vec<_> = subjects
        .into_iter()
        .filter_map(|it| Some((*ranks.get(it.kind.about().name)?, it)))
        .collect();
    ranked
        .sort_by(|(one, a), (other, b)| (one, a.address, &a.key).cmp(&(other, b.address, &b.key)));
    // A read may give one object twice, between two pages.
    ranked.dedup_by(|(one, a), (other, b)| {
        (&*one, a.address, &a.key) == (&*other, b.address, &b.key)
    });
    for (_, subject) in &ranked {
        if let Some(address) = subject.address.filter(|it| it.part.is_none()) {
            let labels = &mut network.labels;
            let label = labels.entry(subject.key.clone());
            label.or_insert_with(|| address.to_string());
        }
        let told = Told {
            key: &subject.key,
            address: subject.address,
            attributes: &subject.attributes,
            broken: subject.broken,
            place,
            stated: matches!(subject.from, Source::File(..)),
            behind: &|field, attribute| subject.beyond(field, attribute),
        };
        subject.kind.tell(&told, network);
    }
}

/// The turn of each kind.
fn ranks(registry: Registry) -> HashMap<&'static str, usize> {
    let kinds = registry.all().enumerate();
    kinds
        .map(|(turn, kind)| (kind.about().name, turn))
        .collect()
}

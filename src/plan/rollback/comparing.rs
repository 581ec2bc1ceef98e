//! What lived before and what lives now, made comparable.
//!
//! An object is the same one where kind, part and id are: its address may have
//! changed in between, and after a break two objects may claim one address.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::Touched;
use crate::kind::{Live, Registry};
use crate::model::{Address, Attributes, Reference, tags};
use crate::state::Snapshot;

/// An object's kind, its part's label and its id.
pub(super) type Identity<'a> = (&'a str, &'a str, &'a str);

pub(super) fn identity(object: &Live) -> Option<Identity<'_>> {
    let address = object.address.as_ref()?;
    Some((&address.kind, address.label(), &object.id))
}

/// One object for each address: of several, the one that the state knows.
pub(super) fn chosen<'a>(live: &'a [Live], remembered: &Snapshot) -> Vec<(&'a Address, &'a Live)> {
    let mut chosen: BTreeMap<&Address, &Live> = BTreeMap::new();
    for object in live {
        let Some(address) = &object.address else {
            continue;
        };
        let known = remembered.nodes.get(address);
        if known.is_some_and(|known| known.id == object.id) {
            chosen.insert(address, object);
        } else {
            chosen.entry(address).or_insert(object);
        }
    }
    chosen.into_iter().collect()
}

/// What a file would say of an object: the fields of its own node.
/// A field that bears the name of one of its target's parts means the part: an
/// instance's profile is known as its role's, and is made after the role.
pub(super) fn stated(
    registry: Registry,
    objects: &[(&Address, &Live)],
    address: &Address,
    seen: Attributes,
) -> Attributes {
    let fields = registry.of(address).map_or(&[][..], |kind| kind.fields());
    let mut stated = Attributes::new();
    for field in fields.iter().filter(|field| !field.expanded) {
        let Some(value) = seen.get(field.name) else {
            continue;
        };
        let part = value.as_target().map(|table| table.part(field.name, ""));
        let part = part.filter(|part| {
            objects
                .binary_search_by_key(&part, |(address, _)| address)
                .is_ok()
        });
        match part {
            Some(part) => stated.set(field.name, Reference::id(part)),
            None => stated.set(field.name, value.clone()),
        }
    }
    stated
}

/// The touched nodes with the names that their objects had before: a rename
/// moves an object from one address to another.
pub(super) fn with_former_names(
    before: &[Live],
    after: &[Live],
    touched: &BTreeSet<Address>,
) -> BTreeSet<Address> {
    let now: HashMap<Identity<'_>, &Address> = after
        .iter()
        .filter_map(|object| Some((identity(object)?, object.address.as_ref()?)))
        .collect();
    let former = before.iter().filter_map(|object| {
        let is_at = now.get(&identity(object)?)?;
        touched.contains(*is_at).then(|| object.address.clone())?
    });
    former.chain(touched.iter().cloned()).collect()
}

/// What lives now, as the rollback's plan is to see it: under the addresses of
/// then, with what was let go, and without what is none of this run's business.
pub(super) fn comparable(
    was: &[(&Address, &Live)],
    before: &[Live],
    after: &[Live],
    touched: &Touched,
) -> Vec<Live> {
    let former: HashMap<Identity<'_>, &Address> = was
        .iter()
        .filter_map(|(address, object)| Some((identity(object)?, *address)))
        .collect();
    let stood: HashSet<Identity<'_>> = before.iter().filter_map(identity).collect();
    let mut live: Vec<Live> = Vec::with_capacity(after.len());
    let mut at: HashSet<Address> = HashSet::new();
    for object in after {
        let Some(it) = identity(object) else {
            continue;
        };
        let mut object = object.clone();
        match former.get(&it) {
            Some(address) => object.address = Some((*address).clone()),
            // A second object of its address, from before the run.
            None if stood.contains(&it) => continue,
            None => {}
        }
        let Some(address) = object.address.clone() else {
            continue;
        };
        if touched.nodes.contains(&address) || at.insert(address) {
            live.push(object);
        }
    }
    for (address, object) in was.iter().filter(|(it, _)| touched.let_go.contains(*it)) {
        let shown = live.iter().any(|it| identity(it) == identity(object));
        if !shown && at.insert((*address).clone()) {
            let mut object = (*object).clone();
            object.tags.retain(|key, _| !key.starts_with(tags::PREFIX));
            live.push(object);
        }
    }
    live
}

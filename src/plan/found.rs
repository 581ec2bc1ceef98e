//! The live objects on their way to the wanted nodes that they belong to.

use std::collections::HashMap;

use super::outcome::World;
use crate::kind::{Claim, Kind, Live};
use crate::model::{Address, Attributes, Place};

/// The live objects that no wanted node has taken yet.
pub(super) struct Found<'a> {
    /// Those whose address is wanted: one each, but for what a break left.
    claims: HashMap<&'a Address, (&'a Live, Vec<&'a Live>)>,
    /// The others, by kind and label.
    shelves: HashMap<(&'a str, &'a str), Shelf<'a>>,
}

/// Live objects of one kind, in the order of their addresses.
struct Shelf<'a> {
    objects: Vec<Option<&'a Live>>,
    /// Where the last one was taken. A rename of many keeps their order as a
    /// rule, so the next one stands beside it.
    hand: usize,
    /// The places of those that claim the whole of something, by what it is; made
    /// when it is first asked for.
    claimed: Option<HashMap<String, Vec<usize>>>,
}

impl<'a> Found<'a> {
    /// Sorts out what lives. What has no address is not ours to touch.
    pub(super) fn new(world: &World<'a>) -> Self {
        let mut found = Self {
            claims: HashMap::with_capacity(world.live.len()),
            shelves: HashMap::new(),
        };
        for object in world.live {
            let Some(address) = &object.address else {
                continue;
            };
            if world.destroy || !world.wanted.nodes.contains_key(address) {
                let shelf = found.shelves.entry((&address.kind, address.label()));
                let shelf = shelf.or_insert_with(|| Shelf {
                    objects: Vec::new(),
                    hand: 0,
                    claimed: None,
                });
                shelf.objects.push(Some(object));
            } else {
                found
                    .claims
                    .entry(address)
                    .and_modify(|(first, others)| {
                        // A read may give one object twice, between two pages.
                        if first.id != object.id && others.iter().all(|o| o.id != object.id) {
                            others.push(object);
                        }
                    })
                    .or_insert((object, Vec::new()));
            }
        }
        for shelf in found.shelves.values_mut() {
            shelf
                .objects
                .sort_by_key(|object| object.map(|o| &o.address));
        }
        found
    }

    /// Takes the objects that claim a wanted address.
    pub(super) fn claiming(&mut self, address: &Address) -> Vec<&'a Live> {
        self.claims
            .remove(address)
            .map_or_else(Vec::new, |(first, mut others)| {
                others.insert(0, first);
                others
            })
    }

    /// Takes an object that nobody wants under its own address, and that suits
    /// a wanted node of its kind. Of several, one that has already what only one can
    /// have: AWS would not let another become its like.
    pub(super) fn suiting(
        &mut self,
        wanted: &'a Address,
        kind: &dyn Kind,
        preview: &Attributes,
        place: &Place,
    ) -> Option<&'a Live> {
        let shelf = self.shelves.get_mut(&(&*wanted.kind, wanted.label()))?;
        let suits = |live: &Live| kind.pairs_with(preview, &live.attributes);
        let claims = |of: &Attributes| kind.claims(of, place);
        if let Some(place) = shelf.claiming(&claims(preview), claims, suits) {
            return shelf.objects[place].take();
        }
        let count = shelf.objects.len();
        let nearest = (0..count).flat_map(|gap| {
            let after = (shelf.hand + gap < count).then_some(shelf.hand + gap);
            [after, shelf.hand.checked_sub(gap + 1)]
        });
        let place = nearest.flatten().find(|place| {
            let object = shelf.objects[*place];
            object.is_some_and(|object| object.broken.is_none() && suits(object))
        })?;
        shelf.hand = place;
        shelf.objects[place].take()
    }

    /// What nobody has taken, in the order of addresses.
    pub(super) fn rest(self) -> Vec<&'a Live> {
        let shelves = self.shelves.into_values();
        let mut rest: Vec<&Live> = shelves.flat_map(|s| s.objects).flatten().collect();
        // What others have put into our objects is left alone.
        rest.retain(|object| object.foreign.is_none());
        rest.sort_by_key(|object| (&object.address, &object.id));
        rest.dedup_by_key(|object| (&object.address, &object.id));
        rest
    }
}

impl Shelf<'_> {
    /// The place of an object that suits, and has one of these claims.
    fn claiming(
        &mut self,
        wanted: &[Claim],
        claims: impl Fn(&Attributes) -> Vec<Claim>,
        suits: impl Fn(&Live) -> bool,
    ) -> Option<usize> {
        let objects = &self.objects;
        let claimed = self.claimed.get_or_insert_with(|| {
            let mut claimed: HashMap<String, Vec<usize>> = HashMap::new();
            for (place, object) in objects.iter().enumerate() {
                let claims = object.map_or_else(Vec::new, |live| claims(&live.attributes));
                for claim in claims.into_iter().filter(|claim| claim.block.is_none()) {
                    claimed.entry(claim.what).or_default().push(place);
                }
            }
            claimed
        });
        let places = wanted.iter().filter_map(|claim| claimed.get(&claim.what));
        places
            .flatten()
            .copied()
            .find(|place| objects[*place].is_some_and(|live| live.broken.is_none() && suits(live)))
    }
}

//! What goes, and what must wait for a change before it can.
//!
//! An object that goes has to wait where something that stays still uses it:
//! the user is changed first. So has all that a waiting object uses itself. An
//! object that waits and is made anew is therefore made *beside* the old one:
//!
//! ```text
//!   alarm (stays) ──uses──► group (made anew) ──uses──► topic (made anew)
//!
//!   new topic ► new group ► alarm changes ► old group goes ► old topic goes
//! ```
//!
//! The same is done for what `create_before_destroy` asks of, and for what that
//! uses. Everything else is deleted first and made anew then. No circle can come of
//! this: only what does not wait is deleted before something is made.

use std::collections::HashMap;

use super::decide::{Decided, Fate};
use super::live_stack::{Ties, ties};
use super::outcome::World;
use crate::kind::Live;
use crate::model::Address;

/// What becomes of a live object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It stays, as it is or changed.
    Stays,
    /// It goes, and another one is made for it.
    Replaced,
    /// It goes, since nobody wants it.
    Unwanted,
    /// It goes, since another object serves at its address.
    Spare,
}

/// The live objects of a plan.
pub(super) struct Leaving<'a> {
    /// Each under its live address, with its end.
    pub objects: Vec<(&'a Live, End)>,
    /// The object of each decision, by place.
    pub of_decision: Vec<Option<usize>>,
    /// What each is to the others; empty where nothing goes.
    pub ties: Vec<Ties>,
    /// Whether it must wait for a change before it can go.
    pub waits: Vec<bool>,
    /// Whether it must do so because of a `create_before_destroy`.
    pub wished: Vec<bool>,
}

impl<'a> Leaving<'a> {
    pub(super) fn new(world: &World<'_>, decided: &Decided<'a>) -> Self {
        let mut objects = Vec::new();
        let mut of_decision = vec![None; decided.wanted.len()];
        for (place, decision) in decided.wanted.iter().enumerate() {
            if let Some(live) = decision.live {
                of_decision[place] = Some(objects.len());
                let end = match decision.fate {
                    Fate::Replace(_) => End::Replaced,
                    _ => End::Stays,
                };
                objects.push((live, end));
            }
        }
        objects.extend(decided.unwanted.iter().map(|live| (*live, End::Unwanted)));
        objects.extend(decided.spare.iter().map(|live| (*live, End::Spare)));
        let goes = |place: usize| objects[place].1 != End::Stays;
        let mut leaving = Self {
            ties: Vec::new(),
            waits: vec![false; objects.len()],
            wished: Vec::new(),
            of_decision,
            objects: Vec::new(),
        };
        if (0..objects.len()).any(goes) {
            // Only what has an address came this far.
            let named: Vec<(&Address, &Live)> = objects
                .iter()
                .filter_map(|(live, _)| Some((live.address.as_ref()?, *live)))
                .collect();
            leaving.ties = ties(world, &named, goes);
        }
        leaving.objects = objects;
        let of_decision = decided.wanted.iter().zip(&leaving.of_decision);
        let wished = of_decision
            .filter(|(decision, _)| decision.node.lifecycle.create_before_destroy)
            .filter_map(|(_, object)| *object);
        let wished: Vec<usize> = wished.collect();
        leaving.wait(wished);
        leaving.wished.clone_from(&leaving.waits);
        leaving.wait(leaving.used_by_what_stays());
        leaving
    }

    /// Whether an object goes.
    pub(super) fn goes(&self, place: usize) -> bool {
        self.objects[place].1 != End::Stays
    }

    /// What stays and holds an object, if anything does.
    pub(super) fn stays_and_holds(&self, place: usize) -> Option<&'a Address> {
        let mut users = self.ties.iter().enumerate().filter(|(user, ties)| {
            let mut uses = ties.uses.iter();
            !self.goes(*user) && uses.any(|used| used.holds && used.target == place)
        });
        let (user, _) = users.next()?;
        self.objects[user].0.address.as_ref()
    }

    /// Whether a user's change must come before an object goes. A loose user of
    /// what is deleted before it is made anew can only follow it.
    pub(super) fn change_comes_first(&self, place: usize) -> bool {
        self.objects[place].1 != End::Replaced || self.waits[place]
    }

    /// The live parts of each table, by its live address.
    pub(super) fn parts(&self) -> HashMap<Address, Vec<usize>> {
        let mut parts: HashMap<Address, Vec<usize>> = HashMap::new();
        for (place, (live, _)) in self.objects.iter().enumerate() {
            if let Some(address) = live.address.as_ref().filter(|a| a.part.is_some()) {
                parts.entry(address.table()).or_default().push(place);
            }
        }
        parts
    }

    /// What must wait for a change of an object that stays.
    fn used_by_what_stays(&self) -> Vec<usize> {
        let mut next: Vec<usize> = Vec::new();
        for (user, ties) in self.ties.iter().enumerate() {
            if !self.goes(user) {
                let uses = ties.uses.iter().filter(|used| {
                    let replaced = self.objects[used.target].1 == End::Replaced;
                    used.holds || !replaced
                });
                next.extend(uses.map(|used| used.target));
            }
        }
        next
    }

    /// Lets objects wait, with all that must wait for them.
    fn wait(&mut self, mut next: Vec<usize>) {
        let parts = self.parts();
        while let Some(place) = next.pop() {
            if self.goes(place) && !self.waits[place] {
                self.waits[place] = true;
                // A part serves those who use its table, as long as they do.
                let address = self.objects[place].0.address.as_ref();
                next.extend(
                    address
                        .and_then(|address| parts.get(address))
                        .into_iter()
                        .flatten(),
                );
                let ties = &self.ties[place];
                next.extend(ties.uses.iter().map(|used| used.target));
                next.extend(ties.orders.iter().map(|(later, _)| *later));
            }
        }
    }
}

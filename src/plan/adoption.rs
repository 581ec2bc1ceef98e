//! Adoption: which objects of others become nodes, and what forbids it.
//!
//! Adopting writes our tags and changes in place what differs. It never destroys:
//! where a node could only be had by making the object anew, or by deleting what
//! stands in it, the plan is refused, and the user learns which field it is.
//!
//! ```text
//! nobody's ─► adopted once, then like any other; the wish says nothing more
//! ours, at this address ─► nothing to do
//! ours elsewhere, another stack's, not there ─► refused
//! ```

use std::collections::BTreeSet;

use super::decide::{Decision, Fate};
use super::outcome::{PlanError, World};
use super::wishes::Adoption;
use crate::kind::{Kind, Live};
use crate::model::adoption::Owner;
use crate::model::{Address, tags};

/// The tables whose objects this plan adopts.
pub(super) struct Adopting<'a>(BTreeSet<&'a Address>);

impl<'a> Adopting<'a> {
    /// What is to be adopted.
    ///
    /// # Errors
    /// Every object that cannot be.
    pub(super) fn new(world: &World<'a>) -> Result<Self, Vec<PlanError>> {
        let mut adopting = BTreeSet::new();
        let mut errors = Vec::new();
        let wished = world.wishes.adopted.keys().filter(|_| !world.destroy);
        for address in wished {
            match standing(world, address) {
                Ok(true) => drop(adopting.insert(address)),
                Ok(false) => {}
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() {
            Ok(Self(adopting))
        } else {
            Err(errors)
        }
    }

    /// Turns the fate of a node whose object is not ours yet into its adoption.
    ///
    /// # Errors
    /// It would have to be destroyed.
    #[expect(
        clippy::result_large_err,
        reason = "a refused plan is told, and nothing more is made of it"
    )]
    pub(super) fn turn(
        &self,
        world: &World<'_>,
        kind: &dyn Kind,
        decision: &mut Decision<'_>,
    ) -> Result<(), PlanError> {
        let table = decision.address.table();
        let Some(live) = decision
            .live
            .filter(|_| world.wishes.adopted.contains_key(&table))
        else {
            return Ok(());
        };
        let is_new = kind.about().tagged && !live.tags.contains_key(tags::STACK);
        if let Fate::Replace(reason) = &decision.fate
            && (is_new || self.0.contains(&table))
        {
            return Err(would_be_made_anew(decision, live, reason));
        }
        if is_new && matches!(decision.fate, Fate::Keep | Fate::Update) {
            decision.fate = Fate::Adopt;
        }
        Ok(())
    }

    /// What stands in an object that is adopted, is no stranger's, and that the
    /// file does not list: it would be deleted.
    pub(super) fn refuse_losses(&self, unwanted: &[&Live]) -> Vec<PlanError> {
        let lost = unwanted.iter().filter_map(|live| {
            let address = live.address.as_ref()?;
            self.0
                .contains(&address.table())
                .then(|| PlanError::Unadoptable {
                    address: Box::new(address.table()),
                    id: live.id.clone(),
                    reason: format!("the file does not list {address}, which would be deleted"),
                    remedy: "adopting never destroys: list it, and take it out once it is yours"
                        .to_owned(),
                })
        });
        lost.collect()
    }
}

/// Why an object that could only be had anew is not adopted.
fn would_be_made_anew(decision: &Decision<'_>, live: &Live, reason: &str) -> PlanError {
    let differing = || {
        decision
            .differences
            .iter()
            .filter(|it| it.replaces.is_some())
    };
    // What refers to something that is to be made cannot be it already.
    let unknown = differing().find(|it| it.after.has_unknown());
    let (reason, remedy) = match (unknown, differing().next()) {
        (Some(it), _) => (
            format!("what its `{}` is to be is not there yet", it.field),
            "import what it refers to first, or look that up under [existing.…]",
        ),
        (None, Some(it)) => (
            format!(
                "`{}` differs, and it would be made anew: {reason}",
                it.field
            ),
            "adopting never destroys: write the field as the object has it",
        ),
        (None, None) => (
            format!("it would be made anew: {reason}"),
            "adopting never destroys: let it be made anew by whoever has it now",
        ),
    };
    PlanError::Unadoptable {
        address: Box::new(decision.address.clone()),
        id: live.id.clone(),
        reason,
        remedy: remedy.to_owned(),
    }
}

/// The other remedy, where the file says that the object is to be adopted.
const fn or_take_it_out(adoption: &Adoption) -> &'static str {
    match adoption.in_file {
        true => ", or take the [[import]] out",
        false => "",
    }
}

/// Whether the object of a node is there to be adopted; not, where it is ours
/// already, or was.
#[expect(
    clippy::result_large_err,
    reason = "a refused plan is told, and nothing more is made of it"
)]
fn standing(world: &World<'_>, address: &Address) -> Result<bool, PlanError> {
    let adoption = &world.wishes.adopted[address];
    let id = adoption.sighting.as_ref().map_or(&adoption.id, |it| &it.id);
    let refused = |reason: String, remedy: &str| PlanError::Unadoptable {
        address: Box::new(address.clone()),
        id: id.clone(),
        reason,
        remedy: remedy.to_owned(),
    };
    let own = world
        .live
        .iter()
        .filter(|live| live.own_address() == Some(address));
    let other = own.map(|live| &live.id).find(|own| *own != id);
    let Some(sighting) = &adoption.sighting else {
        // One that was adopted and is gone is made anew like any other.
        if other.is_some() || world.remembered.nodes.contains_key(address) {
            return Ok(false);
        }
        let place = &world.place;
        return Err(refused(
            format!("account {} has none in {}", place.account, place.region),
            "check the id, and the account and region in use",
        ));
    };
    if !sighting.others.is_empty() {
        return Err(refused(
            format!("{} has the same name", sighting.others.join(", ")),
            "write the id of the one that is meant",
        ));
    }
    match &sighting.owner {
        Owner::Nobody => match other {
            Some(other) => Err(refused(
                format!("{address} is {other} already"),
                &format!("give the object another table{}", or_take_it_out(adoption)),
            )),
            None => Ok(true),
        },
        Owner::Stack {
            name,
            address: here,
        } if *name == world.wanted.name => {
            let here = here
                .as_ref()
                .map(|here| world.wishes.moved.get(here).unwrap_or(here));
            match here {
                Some(here) if here == address => Ok(false),
                Some(here) => Err(refused(
                    format!("it is {here} of this stack already"),
                    &format!(
                        "rename the table with [[moved]]{}",
                        or_take_it_out(adoption)
                    ),
                )),
                None => Err(refused(
                    format!("it carries the tag {} and no address", tags::STACK),
                    "take the tag off it by hand",
                )),
            }
        }
        Owner::Stack {
            name,
            address: there,
        } => {
            let there = there
                .as_ref()
                .map_or_else(String::new, |it| format!("{it} of "));
            Err(refused(
                format!("it is {there}s3net's stack {name}"),
                "let that stack forget it first: `s3net state forget`, or [[removed]] in its file",
            ))
        }
    }
}

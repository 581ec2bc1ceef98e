//! The [`Kind`] trait itself.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{
    Area, Claim, Counted, Declared, Field, Intent, Interface, Live, Node, Obstacle, Order, Output,
    Query, Scope, Stack, Standing, Standings, Told, Usual,
};
use crate::aws::rehearsal::Rehearsals;
use crate::aws::{Call, CallError};
use crate::model::network::Network;
use crate::model::policy::{Caller, Lockout};
use crate::model::tags::TagChange;
use crate::model::{Address, Attributes, Diagnostic, Place};

/// What a kind is called and what it is.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Its name: the table's key in a plan file, or the part's own noun.
    pub name: &'static str,
    /// One sentence for the documentation.
    pub summary: &'static str,
    /// A table of it as a user would write it; empty for parts.
    pub example: &'static str,
    /// Which table it is a part of, where it has no table of its own.
    pub part_of: Option<PartOf>,
    /// Whether AWS keeps tags on it.
    pub tagged: bool,
    /// True where deleting the table's object deletes this part with it, so
    /// that no call of its own is needed then.
    pub contained: bool,
}

/// Which table a part belongs to, and what it is called there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartOf {
    /// The table's kind.
    pub table: &'static str,
    /// The part's label in addresses.
    pub label: &'static str,
}

/// What is to become of an object that exists.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// What AWS says of it now.
    pub before: Attributes,
    /// What is wanted, every value known.
    pub after: Attributes,
    /// The names of the fields that differ.
    pub fields: BTreeSet<String>,
}

impl Change {
    /// Whether a field differs.
    #[must_use]
    pub fn touches(&self, field: &str) -> bool {
        self.fields.contains(field)
    }
}

/// One AWS kind. See the module's own documentation for the whole picture.
///
/// The pure half is called any number of times and must answer the same each
/// time. The other half makes calls: it must be safe to call again after a
/// crash, and must take a not-found answer (and nothing else) for "gone".
#[async_trait]
pub trait Kind: Send + Sync {
    /// What it is called and what it is.
    fn about(&self) -> About;

    /// What a table (or part) of it holds.
    fn fields(&self) -> &'static [Field];

    /// What AWS adds to it; `id` is always there and not listed.
    fn outputs(&self) -> &'static [Output] {
        &[]
    }

    /// Fills in what the file leaves to us and splits off the table's parts.
    fn expand(&self, _table: &mut Declared) {}

    /// Finds what is wrong with a node in its stack, beyond each field's type.
    fn check(&self, _node: &Node, _stack: &Stack, _problems: &mut Vec<Diagnostic>) {}

    /// The orders that AWS demands but no field shows. `stack` holds wanted
    /// nodes when building and live ones when destroying; references are
    /// addresses in both.
    fn orders(&self, _node: &Node, _stack: &Stack) -> Vec<Order> {
        Vec::new()
    }

    /// Outputs that are certain before the object exists, such as a bucket's ARN.
    fn predict(&self, _inputs: &Attributes, _place: &Place) -> Attributes {
        Attributes::new()
    }

    /// What AWS's ids of it begin with, such as `vpc-`; hexadecimal digits follow.
    /// None where AWS knows it by a name.
    fn id_prefix(&self) -> Option<&'static str> {
        None
    }

    /// The id that the object will have, where that is certain before it exists:
    /// a bucket's name.
    fn certain_id(&self, _inputs: &Attributes) -> Option<String> {
        None
    }

    /// Tells what a trace must know of an object, wanted or live. See [`Told`]
    /// for the order in which kinds are asked.
    fn tell(&self, _told: &Told<'_>, _network: &mut Network) {}

    /// How the node, once it is as wanted, would shut out whoever makes it, so
    /// that it could not be changed or taken back. `wanted` is what is known
    /// of it now.
    fn shuts_out(&self, _wanted: &Attributes, _place: &Place, _caller: &Caller) -> Vec<Lockout> {
        Vec::new()
    }

    /// What goes for good with an object that is deleted, though another one can
    /// be made alike: "the objects in it". `live` is what AWS says of it.
    fn lost_with(&self, _live: &Attributes) -> Option<String> {
        None
    }

    /// The fields by which AWS itself tells objects of this kind apart, where it
    /// does: two objects cannot have them alike.
    fn natural_key(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether a live object whose address nobody wants any more can become
    /// this wanted node, which does not exist yet, by an update in place. By
    /// default that is so where the natural keys are alike: the table was given
    /// another name in the file.
    fn pairs_with(&self, wanted: &Attributes, live: &Attributes) -> bool {
        let key = self.natural_key();
        let alike =
            |field: &&str| wanted.get(field).is_some() && wanted.get(field) == live.get(field);
        !key.is_empty() && key.iter().all(alike)
    }

    /// How long its steps usually take on AWS.
    fn usual(&self) -> Usual {
        Usual::QUICK
    }

    /// Whether creating it twice with the same token or natural key gives one
    /// object. Where it does not, a creation that may have been made already is
    /// looked for, for as long as AWS may take to show it, before it is made.
    fn repeatable(&self) -> bool {
        true
    }

    /// What only one object at a time can have of what this one has, or is to
    /// have. By default that is what the natural keys say.
    fn claims(&self, of: &Attributes, _place: &Place) -> Vec<Claim> {
        let claim = Claim::natural(self.about().name, self.natural_key(), of);
        claim.into_iter().collect()
    }

    /// The network interfaces that it puts into subnets.
    fn interfaces<'a>(&self, _inputs: &'a Attributes) -> Vec<Interface<'a>> {
        Vec::new()
    }

    /// Changes the inputs of a replacement that is made while the old object is
    /// still there, where the two could not stand side by side (a name that
    /// must be unique). `live` is what AWS says of the old one.
    fn beside(&self, _inputs: &mut Attributes, _live: &Attributes) {}

    /// Whether `find` sees only objects whose names the file or the state knows,
    /// since AWS has no read that filters by tag. `look_up` by tags then finds
    /// the others, at the price of a call for each object of the account.
    fn found_by_name(&self) -> bool {
        false
    }

    /// Whether its tags are kept elsewhere than with EC2, so that EC2's one read of
    /// all tags does not tell of them. `look_up` without any wish gives them then.
    fn tagged_elsewhere(&self) -> bool {
        false
    }

    /// Whether it belongs to the account and to no region, so that a read from any
    /// region finds it.
    fn of_no_region(&self) -> bool {
        false
    }

    /// Notes the calls that a step will make, so that AWS can be asked before
    /// the first change whether it would let them be made. See [`Rehearsals`].
    fn rehearse(&self, _step: &Intent<'_>, _calls: &mut Rehearsals) {}

    /// The quotas that a new object counts against.
    fn counts(&self, _inputs: &Attributes) -> Vec<Counted> {
        Vec::new()
    }

    /// Finds what AWS has already that these nodes, which are to be created or
    /// changed, could not stand beside. One read for all of them, where AWS has
    /// one; none for those of which too little is known.
    async fn obstacles(&self, _steps: &[Intent<'_>]) -> Result<Vec<Obstacle>, CallError> {
        Ok(Vec::new())
    }

    /// Every live object of the stack, in as few calls as AWS allows.
    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError>;

    /// Every live object that an `[existing]` table describes.
    async fn look_up(&self, _scope: &Scope<'_>, _query: &Query) -> Result<Vec<Live>, CallError> {
        Err(CallError::internal(format!(
            "{} cannot be looked up",
            self.about().name
        )))
    }

    /// Every live object of an area as the table that would make it, whoever made
    /// it: what an import writes. The parts of a table are put back by `rejoin`.
    async fn standing(&self, _scope: &Scope<'_>, _area: &Area) -> Result<Standings, CallError> {
        Ok(Standings::default())
    }

    /// For a part: puts what is live of it back into the fields of its table, the
    /// way back from `expand`. Called for each table that an import found.
    async fn rejoin(&self, _scope: &Scope<'_>, _table: &mut Standing) -> Result<(), CallError> {
        Ok(())
    }

    /// Writes the names of tables where fields hold ids in a way that the fields'
    /// types do not show. `named` gives the table of an id. `own` is the table's
    /// own address.
    fn rename(
        &self,
        _own: &Address,
        _fields: &mut Attributes,
        _named: &(dyn Fn(&str) -> Option<Address> + Sync),
    ) {
    }

    /// Makes the one call that brings the object into being; gives its id.
    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError>;

    /// Brings a created or updated object to rest: settings that need calls of
    /// their own, then waits. Gives its outputs. Safe to call again.
    async fn settle(
        &self,
        _call: &Call<'_>,
        _id: &str,
        _inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        Ok(Attributes::new())
    }

    /// Makes the calls that change the object in place; gives its id, which
    /// some changes renew.
    async fn update(
        &self,
        _call: &Call<'_>,
        id: &str,
        _change: &Change,
    ) -> Result<String, CallError> {
        Ok(id.to_owned())
    }

    /// Writes and removes tags. The default is EC2's way.
    async fn retag(&self, call: &Call<'_>, id: &str, change: &TagChange) -> Result<(), CallError> {
        crate::aws::tagging::retag_ec2(call, id, change).await
    }

    /// Deletes the object and waits until it is gone. `live` is what AWS last
    /// said of it. Not found is success.
    async fn delete(&self, call: &Call<'_>, id: &str, live: &Attributes) -> Result<(), CallError>;
}

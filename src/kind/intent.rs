//! What a plan is about to do with a node, as kinds see it before the first
//! change: what it calls, what it counts against, what may stand in its way.

use std::collections::BTreeSet;

use crate::aws::quotas::Quota;
use crate::aws::rehearsal::{Rehearsals, stand_in};
use crate::aws::{Aws, tagging};
use crate::model::tags::TagChange;
use crate::model::{Action, Address, Attributes, Place, Tags};

/// What a plan is about to do with a node.
#[derive(Debug, Clone, Copy)]
pub struct Intent<'a> {
    /// The clients.
    pub aws: &'a Aws,
    /// Where the stack lives.
    pub place: &'a Place,
    /// The stack's name.
    pub stack: &'a str,
    /// The node.
    pub address: &'a Address,
    /// What is done with it.
    pub action: Action,
    /// What is wanted, as far as it is known now.
    pub wanted: &'a Attributes,
    /// What AWS says of the object that exists.
    pub live: &'a Attributes,
    /// AWS's id of the object that exists.
    pub id: Option<&'a str>,
    /// The fields that change.
    pub changed: &'a BTreeSet<&'a str>,
    /// Every tag that it is to carry.
    pub tags: &'a Tags,
    /// The tags that change.
    pub tag_change: &'a TagChange,
    /// The ids of what the same plan deletes.
    pub leaving: &'a BTreeSet<&'a str>,
    /// Whether another node of the plan first gives up what only one can have, and
    /// this one takes.
    pub given_room: bool,
}

impl Intent<'_> {
    /// A field's text: what is wanted, or of a delete what is there.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        match self.action {
            Action::Delete => self.live.text(field),
            _ => self.wanted.text(field),
        }
    }

    /// The id in a field, or a well-formed one that nothing has.
    #[must_use]
    pub fn id_in(&self, field: &str, prefix: &str) -> String {
        self.text(field)
            .map_or_else(|| stand_in(prefix), str::to_owned)
    }

    /// The id of the object itself, or a well-formed one that nothing has.
    #[must_use]
    pub fn own_id(&self, prefix: &str) -> String {
        self.id.map_or_else(|| stand_in(prefix), str::to_owned)
    }

    /// Whether all of these fields are known.
    #[must_use]
    pub fn knows(&self, fields: &[&str]) -> bool {
        fields.iter().all(|field| self.text(field).is_some())
    }

    /// What to do where an object has the place of a new node: what else the file
    /// can say, or how the object becomes a look-up or the node itself.
    #[must_use]
    pub fn or_take_over(&self, otherwise: &str, id: &str) -> String {
        let Address { kind, name, .. } = self.address;
        let table = self.address.table();
        format!(
            "{otherwise}, look it up under [existing.{kind}.{name}], or take it over: \
             `s3net import FILE {table} {id}`"
        )
    }

    /// Whether one of these fields changes.
    #[must_use]
    pub fn touches(&self, fields: &[&str]) -> bool {
        fields.iter().any(|field| self.changed.contains(field))
    }

    /// Notes the calls that change the tags of an object of EC2.
    pub fn rehearse_tags(&self, calls: &mut Rehearsals) {
        if let Some(id) = self.id {
            tagging::rehearse_ec2(self.aws, self.address, id, self.tag_change, calls);
        }
    }
}

/// A quota that an object counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// The quota.
    pub quota: Quota,
    /// The field that names what the quota is for, where it is not the account
    /// in this region.
    pub within: Option<&'static str>,
}

impl Counted {
    /// A quota of the account in this region.
    #[must_use]
    pub const fn in_region(quota: Quota) -> Self {
        Self {
            quota,
            within: None,
        }
    }

    /// A quota of what a field names.
    #[must_use]
    pub const fn within(quota: Quota, field: &'static str) -> Self {
        Self {
            quota,
            within: Some(field),
        }
    }
}

/// Something that stands where a plan would put a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The node.
    pub address: Address,
    /// What is the matter.
    pub problem: String,
    /// Why that is in the way.
    pub cause: String,
    /// What to do.
    pub remedy: String,
}

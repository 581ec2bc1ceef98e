//! What stands in the account, in the words of a plan file: the way back from
//! live objects to tables, for an import of what others made.
//!
//! ```text
//!            table ──expand──► table's node + parts ──create──► AWS
//!   Standing (a table) ◄─rejoin─ parts ◄─standing─ objects ◄──── AWS
//! ```
//!
//! Fields hold AWS's ids where a file has names: which names there are is known
//! only once everything was read.

use std::collections::BTreeSet;

use super::{Field, Kind, Live, Query, Scope};
use crate::aws::CallError;
use crate::model::{Attributes, Tags};

/// Of what an import reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Area {
    /// All that stands in a VPC, by its id.
    Vpc(String),
    /// What stands in no VPC: objects by id or name, since others refer to them.
    Named(BTreeSet<String>),
}

impl Area {
    /// The VPC, if the area is one.
    #[must_use]
    pub fn vpc(&self) -> Option<&str> {
        match self {
            Self::Vpc(id) => Some(id),
            Self::Named(_) => None,
        }
    }

    /// The objects that are asked for one by one.
    #[must_use]
    pub fn named(&self) -> Vec<&str> {
        match self {
            Self::Vpc(_) => Vec::new(),
            Self::Named(ids) => ids.iter().map(String::as_str).collect(),
        }
    }
}

/// A live object as the table that would make it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// By what `[[import]]` knows it.
    pub id: String,
    /// Its table's fields, with AWS's ids for what it refers to.
    pub fields: Attributes,
    /// Its tags, without those of AWS itself.
    pub tags: Tags,
    /// What to call it where it has no `Name` tag.
    pub called: Option<String>,
    /// What a reader of the file may want to know, a line each.
    pub notes: Vec<String>,
    /// What it has and its table cannot say, a sentence fragment each.
    pub left_out: Vec<String>,
    /// Fields that must be left alone, since the table cannot say them as they are.
    pub ignore: Vec<String>,
    /// Why it gets no table of its own, where AWS made it or keeps it: the file
    /// only looks it up, if anything refers to it.
    pub kept_by_aws: Option<String>,
}

impl Standing {
    /// A live object with those of its attributes that are fields.
    #[must_use]
    pub fn new(live: Live, fields: &[Field]) -> Self {
        let is_field = |name: &String| fields.iter().any(|field| field.name == *name);
        let attributes = live.attributes.0.into_iter();
        let mut standing = Self {
            id: live.id,
            fields: attributes.filter(|(name, _)| is_field(name)).collect(),
            tags: live.tags,
            ..Self::default()
        };
        standing.left_out.extend(live.broken);
        standing
    }

    /// Takes a field out where it holds this text.
    pub fn drop_if(&mut self, field: &str, text: &str) {
        if self.fields.text(field) == Some(text) {
            self.fields.0.remove(field);
        }
    }
}

/// The live objects of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standings {
    /// Each one.
    pub objects: Vec<Standing>,
    /// What was asked for, or met, and cannot be taken over: a sentence each.
    pub left_out: Vec<String>,
}

impl From<Vec<Standing>> for Standings {
    fn from(objects: Vec<Standing>) -> Self {
        Self {
            objects,
            left_out: Vec::new(),
        }
    }
}

/// The objects of a kind whose look-up by VPC tells all there is to tell.
///
/// # Errors
/// AWS's refusal.
pub async fn in_vpc<K: Kind + ?Sized>(
    kind: &K,
    scope: &Scope<'_>,
    area: &Area,
) -> Result<Vec<Standing>, CallError> {
    let Some(vpc) = area.vpc() else {
        return Ok(Vec::new());
    };
    let query = Query {
        vpc: Some(vpc.to_owned()),
        ..Query::default()
    };
    let mut found = kind.look_up(scope, &query).await?;
    found.sort_by(|a, b| a.id.cmp(&b.id));
    let fields = kind.fields();
    Ok(found
        .into_iter()
        .map(|live| Standing::new(live, fields))
        .collect())
}

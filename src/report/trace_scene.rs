//! What traces are told against: the network's own names for things, and the
//! places of the plan file.

use super::fitting::harmless;
use crate::config::Desired;
use crate::model::network::{Known, Network, Spot, is_stand_in};
use crate::trace::{Door, Goal, Origin};

/// Which network was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// The one that the file wants, as if all of it were there.
    Wanted,
    /// The one that apply would leave.
    Planned,
    /// The one that lives.
    Live,
}

/// The network that was asked, and the file that wants it, if there is one.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// Which one it is.
    pub sight: Sight,
    /// The network.
    pub network: &'a Network,
    /// The file.
    pub file: Option<&'a Desired>,
}

impl Scene<'_> {
    /// Which network was asked, in words.
    #[must_use]
    pub fn network_words(&self) -> String {
        let place = &self.network.place;
        let file = self.file.map(|file| harmless(&file.source.name));
        let file = file.unwrap_or_else(|| "the file".to_owned());
        match self.sight {
            Sight::Wanted => format!("as {file} wants it"),
            Sight::Planned => format!("as applying {file} would leave it"),
            Sight::Live => format!(
                "as it lives in {}, account {}",
                harmless(&place.region),
                harmless(&place.account)
            ),
        }
    }

    /// `line 12`, if the file has it.
    #[must_use]
    pub fn line(&self, spot: Option<&Spot>) -> Option<String> {
        let line = self.file?.line_of(spot?)?;
        Some(format!("line {line}"))
    }

    /// What people call a thing.
    #[must_use]
    pub fn label(&self, key: &str) -> String {
        harmless(self.network.label(key))
    }

    /// What people call an origin.
    #[must_use]
    pub fn origin(&self, origin: &Origin) -> String {
        match origin {
            Origin::Subnet(key) | Origin::Instance(key) => self.label(key),
        }
    }

    /// What people call a goal: a bucket that has no name but its own is
    /// `s3://name`.
    #[must_use]
    pub fn goal(&self, goal: &Goal) -> String {
        match goal {
            Goal::Bucket(key) if !self.network.labels.contains_key(key) => {
                format!("s3://{}", harmless(key))
            }
            Goal::Bucket(key) => self.label(key),
            Goal::Service(name) => harmless(name),
        }
    }

    /// A door in words: its address, or what it is and its id.
    #[must_use]
    pub fn door(&self, door: &Door) -> String {
        let label = self.label(door.key());
        let plain = label.strip_prefix("existing.").unwrap_or(&label);
        let says_it_itself = plain
            .strip_prefix(door.kind())
            .is_some_and(|rest| rest.starts_with('.'));
        match door {
            Door::Other(_) => label,
            _ if says_it_itself => label,
            _ => format!("{} {label}", door.noun()),
        }
    }

    /// Whether a goal is known to be in another region.
    #[must_use]
    pub fn is_elsewhere(&self, goal: &Goal) -> bool {
        let Goal::Bucket(key) = goal else {
            return false;
        };
        let bucket = self.network.buckets.get(key);
        match bucket.map(|bucket| &bucket.region) {
            Some(Known::Is(region)) => *region != self.network.place.region,
            _ => false,
        }
    }
}

/// AWS's id of a thing; nothing for what has none yet.
#[must_use]
pub fn id(key: &str) -> Option<&str> {
    (!is_stand_in(key)).then_some(key)
}

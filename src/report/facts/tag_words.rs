//! Tags in words. What s3net writes for itself is not worth one, nor is the
//! name that every object gets; what all new objects get is said once.

use super::{Content, Fact, Facts};
use crate::model::Action;
use crate::model::tags::{self, TagChange, Tags};
use crate::plan::PlannedStep;
use crate::report::fitting::{columns, cut, harmless};
use crate::report::listing::{Deed, Table};

impl Facts<'_> {
    /// The tags that every new object gets, which are said once for all.
    #[must_use]
    pub fn shared_tags(&self) -> String {
        pairs(&self.shared).join(", ")
    }

    /// The tags that all of several new objects have.
    pub(super) fn tags_of_all(&self, tables: &[Table<'_>]) -> Tags {
        let mut new = tables
            .iter()
            .flat_map(|table| table.own.iter().chain(&table.parts))
            .filter(|entry| entry.deed == Deed::Create && !entry.step.tags.is_empty())
            .map(|entry| self.own_tags(entry.step));
        let (Some(mut shared), Some(second)) = (new.next(), new.next()) else {
            return Tags::new();
        };
        for tags in std::iter::once(second).chain(new) {
            shared.retain(|key, value| tags.get(key) == Some(value));
        }
        shared
    }

    /// The tags that are the user's: without s3net's own, and without the name
    /// that every object gets.
    fn own_tags(&self, step: &PlannedStep) -> Tags {
        let name = format!("{}-{}", self.stack, step.address.name);
        let tags = step.tags.iter().filter(|(key, value)| {
            self.full || !(key.starts_with(tags::PREFIX) || *key == tags::NAME && **value == name)
        });
        tags.map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// The tags of a new object that others do not have.
    pub(super) fn tags(&self, step: &PlannedStep, room: usize) -> Option<Fact> {
        let mut own = self.own_tags(step);
        own.retain(|key, value| self.shared.get(key) != Some(value));
        if own.is_empty() {
            return None;
        }
        let pairs = pairs(&own);
        let words = format!("{{ {} }}", pairs.join(", "));
        let content = if columns(&words) <= room {
            Content::plain(words)
        } else if self.full {
            let pairs = pairs.into_iter().map(|pair| format!("  {pair}"));
            let lines = std::iter::once("{".to_owned()).chain(pairs);
            Content::Lines(lines.chain(["}".to_owned()]).collect())
        } else {
            Content::plain(cut(&words, room))
        };
        Some(Fact {
            name: "tags".to_owned(),
            is_value: true,
            forces: false,
            content,
        })
    }

    /// What changes of an object's tags. Their old values are not in the plan.
    pub(super) fn tag_changes(&self, step: &PlannedStep) -> Vec<Fact> {
        let TagChange { set, remove } = &step.tag_change;
        if step.tag_change.is_empty() {
            return Vec::new();
        }
        let is_shown = |key: &str| self.full || !key.starts_with(tags::PREFIX);
        let mut shown = set.clone();
        shown.retain(|key, _| is_shown(key));
        let gone = remove.iter().filter(|key| is_shown(key));
        let gone: Vec<_> = gone.map(|key| harmless(key)).collect();
        let mut words = Vec::new();
        if !shown.is_empty() {
            words.push(format!("set {}", pairs(&shown).join(", ")));
        }
        if !gone.is_empty() {
            words.push(format!("remove {}", gone.join(", ")));
        }
        if step.action == Action::Update && set.contains_key(tags::STACK) {
            words.push("s3net's own are put on again".to_owned());
        }
        let fact = |name: &str, words: String| Fact {
            name: name.to_owned(),
            is_value: false,
            forces: false,
            content: Content::plain(words),
        };
        let mut facts = Vec::new();
        // What is adopted had none, and what is given back will have none.
        let is_ours = !set.contains_key(tags::STACK) && !step.given_back;
        if set.contains_key(tags::ADDRESS) && is_ours {
            let words = match &step.was {
                Some(was) => format!("{was} so far; the object stays"),
                None => "the object had another one so far, and stays".to_owned(),
            };
            facts.push(fact("address", words));
        }
        if !words.is_empty() {
            facts.push(fact("tags", words.join("; ")));
        } else if facts.is_empty() && is_ours {
            facts.push(fact("tags", "s3net's own are mended".to_owned()));
        }
        facts
    }
}

/// Tags as `key = value`.
fn pairs(tags: &Tags) -> Vec<String> {
    tags.iter()
        .map(|(key, value)| harmless(&format!("{key} = {value}")))
        .collect()
}

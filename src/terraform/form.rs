//! What one kind is in Terraform.
//!
//! Import ids are of the forms that the AWS provider's documentation gives under
//! "Import" of each resource: often AWS's own id, else a few of them together.

use super::shapes::{self, Shape};
use crate::kind::Live;

/// What a kind is in Terraform.
pub(super) struct Form {
    /// The table's kind, and the part's label.
    pub kind: (&'static str, &'static str),
    /// Terraform's type.
    pub named: &'static str,
    /// Fields that are arguments as they are.
    pub arguments: &'static [(&'static str, &'static str)],
    /// Attributes that others refer to, where they have other names there.
    pub attributes: &'static [(&'static str, &'static str)],
    /// What is not as simple as that.
    pub shape: Shape,
    /// Fields that the shape writes, and the arguments or blocks that they become.
    pub shaped: &'static [(&'static str, &'static str)],
    /// Whether it takes tags there.
    pub tags: bool,
    /// By what it is imported.
    pub import: fn(&Live) -> Option<String>,
}

impl Form {
    /// The arguments and blocks that a field becomes.
    pub(super) fn names_of(&self, field: &str) -> impl Iterator<Item = &'static str> {
        let all = self.arguments.iter().chain(self.shaped);
        let own = all.filter(move |(ours, _)| *ours == field);
        own.map(|(_, theirs)| *theirs)
    }
}

impl std::fmt::Debug for Form {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.named)
    }
}

/// What most kinds have alike.
pub(super) const PLAIN: Form = Form {
    kind: ("", ""),
    named: "",
    arguments: &[],
    attributes: &[],
    shape: shapes::none,
    shaped: &[],
    tags: false,
    import: by_id,
};

fn by_id(live: &Live) -> Option<String> {
    Some(live.id.trim_start_matches("/hostedzone/").to_owned())
}

/// By the bucket that a setting is one of.
pub(super) fn of_bucket(live: &Live) -> Option<String> {
    let stated = live.attributes.text("bucket").map(str::to_owned);
    stated.or_else(|| live.id.split('/').next().map(str::to_owned))
}

/// Several of a live object's attributes together.
pub(super) fn together(live: &Live, names: &[&str], between: &str) -> Option<String> {
    let texts: Option<Vec<&str>> = names
        .iter()
        .map(|name| live.attributes.text(name))
        .collect();
    Some(texts?.join(between))
}

//! `[existing.<kind>.<name>]`: what is looked up and never changed.
//!
//! ```toml
//! [existing.vpc.shared]
//! tags = { Name = "shared" }       # or id = "vpc-…", or, for named kinds, name = "…"
//! ```

use super::Existing;
use super::document::Entry;
use super::fields::{table_of, unknown_key};
use super::reading::{Found, Reading};
use crate::kind::Query;
use crate::model::{Address, Diagnostic};

impl Reading<'_> {
    /// Reads one look-up.
    pub(crate) fn existing(
        &self,
        address: &Address,
        entry: &Entry,
        found: &mut Found,
    ) -> Option<Existing> {
        let subject = format!("[{address}]");
        let table = table_of(
            entry,
            &subject,
            &format!("{subject} and below it `id = \"…\"`"),
            found,
        )?;
        let mut query = Query::default();
        let before = found.problems.len();
        for entry in &table.entries {
            match entry.key.as_str() {
                "id" => query.id = self.known_text(&entry.item, "`id`", found),
                "name" => query.name = self.known_text(&entry.item, "`name`", found),
                "tags" => {
                    let tags = self.tags(entry, found).into_iter();
                    query.tags = tags.map(|(key, (value, _))| (key, value)).collect();
                }
                key => {
                    let keys = &["id", "name", "tags"];
                    let mut problem = unknown_key(key, entry.place(), &subject, keys);
                    if self
                        .registry
                        .table(&address.kind)
                        .is_some_and(|kind| kind.fields().iter().any(|field| field.name == key))
                    {
                        problem =
                            problem.because("a look-up says how to find it, not how it is to be");
                    }
                    found.problems.push(problem);
                }
            }
        }
        if found.problems.len() > before {
            return None;
        }
        if query == Query::default() {
            return found.problem(
                Diagnostic::error(
                    entry.place(),
                    format!("{subject} does not say how to find it"),
                )
                .remedy("add `id = \"…\"`, `name = \"…\"` or `tags = { … = \"…\" }`"),
            );
        }
        Some(Existing {
            query,
            span: entry.place(),
        })
    }
}

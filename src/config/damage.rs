//! What can still be trusted once a table is known to be damaged.
//!
//! A table with a missing or unsound field is still expanded and checked, so
//! that its other mistakes are told in the same run. But a kind may then take
//! what could not be read for something that the file leaves out. So of what the
//! kinds say only that is kept which points at fields that were read:
//!
//! | the problem points at                | told                          |
//! |--------------------------------------|-------------------------------|
//! | sound tables alone                   | yes                           |
//! | a sound field of the table it is of  | yes                           |
//! | anything else of a damaged table     | no, it may be a consequence   |

use std::collections::BTreeMap;

use crate::model::{Address, Diagnostic, Span};

/// A damaged table.
#[derive(Debug)]
pub(crate) struct Damage {
    /// Where its header and all of its fields stand.
    pub places: Vec<Span>,
    /// Where the fields stand that were read.
    pub sound: Vec<Span>,
}

/// The damaged tables of a file.
#[derive(Debug, Default)]
pub(crate) struct Damages(pub BTreeMap<Address, Damage>);

impl Damages {
    /// Whether a table is damaged.
    pub(crate) fn contains(&self, table: &Address) -> bool {
        self.0.contains_key(table)
    }

    /// Whether what is said of a table can be trusted.
    pub(crate) fn trusts(&self, table: &Address, problem: &Diagnostic) -> bool {
        problem.labels.iter().all(|label| {
            let sound_field = self
                .0
                .get(table)
                .is_some_and(|damage| within(&damage.sound, &label.span));
            sound_field
                || !self
                    .0
                    .values()
                    .any(|damage| within(&damage.places, &label.span))
        })
    }
}

fn within(places: &[Span], span: &Span) -> bool {
    places
        .iter()
        .any(|place| place.start <= span.start && span.end <= place.end)
}

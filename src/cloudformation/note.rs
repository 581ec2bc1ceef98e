//! What is to be said of an import: what could not be taken over, and where the
//! template has it.

use crate::model::Address;

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Something of the template is not in the plan file.
    Left,
    /// Something is in the plan file, but not as the template has it.
    Changed,
    /// Something to know.
    Word,
}

impl Weight {
    /// Its name in documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left_out",
            Self::Changed => "changed",
            Self::Word => "remark",
        }
    }
}

/// One note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// How much it matters.
    pub weight: Weight,
    /// The template's file.
    pub file: String,
    /// The line in it, from 1.
    pub line: usize,
    /// What of the template it is about: a resource, a property's path.
    pub subject: String,
    /// What is to be said, a sentence fragment.
    pub text: String,
    /// The table whose comment it is; none for the file's head.
    pub table: Option<Address>,
}

impl Note {
    /// As a comment and as a line on a terminal, without its place.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self.weight {
            Weight::Left => format!("left out: {}: {}", self.subject, self.text),
            Weight::Changed | Weight::Word => format!("{}: {}", self.subject, self.text),
        }
    }
}

//! What a preflight finds.

use crate::model::Address;

/// How sure it is that something fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It will fail.
    Error,
    /// It may fail.
    Warning,
    /// It could not be asked.
    Note,
}

impl Severity {
    /// Its word in documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// Whether the credentials may make a call.
    Permission,
    /// Whether the account may have so many.
    Quota,
    /// Whether AWS has a name, or a block of addresses, free.
    Name,
    /// Whether it can be found out, halfway, that a new way works.
    Way,
}

impl Check {
    /// Its word in documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Permission => "permission",
            Self::Quota => "quota",
            Self::Name => "name",
            Self::Way => "way",
        }
    }
}

/// One thing that fails, or may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How sure that is.
    pub severity: Severity,
    /// What was asked for.
    pub check: Check,
    /// The nodes that it is about.
    pub addresses: Vec<Address>,
    /// What is the matter.
    pub problem: String,
    /// Why.
    pub cause: Option<String>,
    /// What to do.
    pub remedy: Option<String>,
}

/// What a preflight found, and how much it asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preflight {
    /// What fails or may fail, errors first.
    pub findings: Vec<Finding>,
    /// How many actions were asked for, and answered.
    pub actions: usize,
    /// How many quotas were asked for, and answered.
    pub quotas: usize,
}

impl Preflight {
    /// How many findings there are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let of = |finding: &&Finding| finding.severity == severity;
        self.findings.iter().filter(of).count()
    }

    /// Whether something will fail.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.count(Severity::Error) > 0
    }
}

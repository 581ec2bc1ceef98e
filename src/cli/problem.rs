//! Anything that ends a verb early, as problem, cause and remedy.

use crate::aws::{CallError, ConnectError};
use crate::local::LocalError;
use crate::plan::PlanError;
use crate::refresh::RefreshError;
use crate::report::Printer;
use crate::state::StoreError;
use crate::takeover::TakeoverError;

use super::Exit;

/// Why a verb ends early.
#[derive(Debug)]
pub struct Problem {
    /// What is the matter, a sentence fragment.
    pub problem: String,
    /// Why.
    pub cause: Option<String>,
    /// What to do.
    pub remedy: Option<String>,
    /// How the process ends.
    pub exit: Exit,
}

impl Problem {
    /// An error without a cause of its own.
    pub fn new(problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            cause: None,
            remedy: None,
            exit: Exit::Error,
        }
    }

    /// Says why.
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Says what to do.
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// The problem of a file that has already been told in full.
    pub fn told() -> Self {
        Self::new("")
    }

    /// Prints it and says how to exit.
    pub fn tell(self, printer: &Printer) -> Exit {
        if !self.problem.is_empty() {
            printer.error(&self.problem, self.cause.as_deref(), self.remedy.as_deref());
        }
        self.exit
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let (problem, cause) = match &error {
            StoreError::Damaged { name, line, reason } => {
                let line = line.map_or_else(String::new, |line| format!(" in line {line}"));
                (format!("{name} is damaged{line}"), reason.clone())
            }
            StoreError::Newer { name, .. } => {
                (format!("{name} is not understood"), error.to_string())
            }
            StoreError::OtherStack { name, .. } => {
                (format!("{name} is another stack's"), error.to_string())
            }
            StoreError::OtherHistory { .. } => (
                "state and journal do not belong together".to_owned(),
                error.to_string(),
            ),
            _ => (error.to_string(), String::new()),
        };
        Self {
            exit: match error {
                StoreError::Locked(_) | StoreError::Alive(_) => Exit::Locked,
                _ => Exit::Error,
            },
            cause: Some(cause).filter(|cause| !cause.is_empty()),
            ..Self::new(problem).remedy(error.remedy())
        }
    }
}

impl From<LocalError> for Problem {
    fn from(error: LocalError) -> Self {
        Self::new(error.to_string()).remedy(error.remedy())
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        let told = Self {
            remedy: error.remedy(),
            ..Self::new(error.to_string())
        };
        match &error {
            RefreshError::Read { source, .. } => Self {
                problem: "the live network cannot be read".to_owned(),
                cause: Some(with_request(&error.to_string(), source)),
                ..told
            },
            RefreshError::NotOne { .. } => told,
        }
    }
}

impl From<TakeoverError> for Problem {
    fn from(error: TakeoverError) -> Self {
        let told = Self {
            remedy: error.remedy(),
            ..Self::new(error.to_string())
        };
        match &error {
            TakeoverError::Read { source, .. } => Self {
                problem: "the live network cannot be read".to_owned(),
                cause: Some(with_request(&error.to_string(), source)),
                ..told
            },
            _ => told,
        }
    }
}

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        match &error {
            // A file without a region has been told of before.
            ConnectError::NoRegion => {
                Self::new(error.to_string()).remedy("pass --region, or set AWS_REGION")
            }
            ConnectError::NoIdentity(source) => Self::new("AWS does not say who we are")
                .because(with_request(&source.to_string(), source))
                .remedy(source.remedy().unwrap_or_else(|| {
                    "check the credentials: a profile, the environment, or `aws sso login`; \
                     or use --local"
                        .to_owned()
                })),
        }
    }
}

impl From<PlanError> for Problem {
    fn from(error: PlanError) -> Self {
        Self {
            cause: error.cause(),
            remedy: error.remedy(),
            ..Self::new(error.to_string())
        }
    }
}

fn with_request(text: &str, error: &CallError) -> String {
    match error.request_id() {
        Some(id) => format!("{text} (request {id})"),
        None => text.to_owned(),
    }
}

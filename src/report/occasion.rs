//! On which occasion a plan is shown, and what can be said of it then.
//!
//! ```text
//! plan            just made, as much of it as is wanted
//! apply, destroy  about to be carried out, in short
//! show            made some time ago, as much of it as is wanted
//! ```

use super::outcome_text::Verb;
use crate::model::AddressPattern;
use crate::plan::Selection;

/// On which occasion a plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// `plan` has made it.
    Made {
        /// Whether all of it is shown.
        full: bool,
    },
    /// `show` has read it: what time it is now has nothing to do with it.
    Read {
        /// Whether all of it is shown.
        full: bool,
    },
    /// A verb is about to carry it out.
    Begun(Verb),
}

impl Occasion {
    /// Whether fields at their defaults are shown as well, nothing is cut and
    /// nothing is left out.
    #[must_use]
    pub const fn is_full(self) -> bool {
        match self {
            Self::Made { full } | Self::Read { full } => full,
            Self::Begun(_) => false,
        }
    }

    /// Whether the plan was made at another time than it is shown.
    #[must_use]
    pub const fn is_later(self) -> bool {
        matches!(self, Self::Read { .. })
    }

    /// What shows all of a plan for this part of the stack: an option of the same
    /// verb where it has one, else the command that does.
    #[must_use]
    pub fn shows_all(self, selection: &Selection) -> String {
        let Self::Begun(verb) = self else {
            return "--full".to_owned();
        };
        let Selection {
            target,
            exclude,
            replace,
        } = selection;
        let mut words = vec!["s3net plan FILE".to_owned()];
        if verb.takes_down() {
            words.push("--destroy".to_owned());
        }
        for (option, patterns) in [
            ("--target", target),
            ("--exclude", exclude),
            ("--replace", replace),
        ] {
            words.extend(patterns.iter().map(|it| format!("{option} {}", quoted(it))));
        }
        words.push("--full".to_owned());
        words.join(" ")
    }
}

/// A pattern as a shell takes it.
fn quoted(pattern: &AddressPattern) -> String {
    let text = pattern.to_string();
    match text.contains(['*', ' ']) {
        true => format!("'{text}'"),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_without_full_names_the_command_that_has_it() {
        let part = Selection {
            target: vec!["subnet.*".parse().unwrap(), "vpc.main".parse().unwrap()],
            exclude: vec!["bucket.data".parse().unwrap()],
            replace: Vec::new(),
        };
        for occasion in [
            Occasion::Made { full: false },
            Occasion::Read { full: true },
        ] {
            assert_eq!(occasion.shows_all(&part), "--full");
        }
        let asked = "--target 'subnet.*' --target vpc.main --exclude bucket.data --full";
        for (verb, command) in [
            (Verb::Apply, "s3net plan FILE "),
            (Verb::Destroy, "s3net plan FILE --destroy "),
        ] {
            let said = Occasion::Begun(verb).shows_all(&part);
            assert_eq!(said, command.to_owned() + asked);
        }
    }
}

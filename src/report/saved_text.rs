//! How today's plan deviates from the saved one, in words.

use crate::model::Action;
use crate::plan::saved::{Deviation, Lesson, What};

/// How many deviations are told.
const TOLD: usize = 5;

/// The first deviations, each in a few words, and how many more there are.
#[must_use]
pub fn deviations(found: &[Deviation]) -> String {
    let mut told: Vec<String> = found.iter().take(TOLD).map(deviation).collect();
    if let more @ 1.. = found.len().saturating_sub(TOLD) {
        told.push(format!("and {more} more"));
    }
    told.join("; ")
}

fn deviation(found: &Deviation) -> String {
    let address = &found.address;
    match &found.what {
        What::Action(saved, now) => {
            let saved = match saved {
                Some(action) => format!("was {}", to_be(*action)),
                None => "was not in the saved plan".to_owned(),
            };
            let now = match now {
                Some(action) => format!("is now {}", to_be(*action)),
                None => "is not in today's".to_owned(),
            };
            format!("{address} {saved} and {now}")
        }
        What::Object(saved, now) => {
            let id = |id: &Option<String>| id.clone().unwrap_or_else(|| "nothing".to_owned());
            format!("{address} was {} and is now {}", id(saved), id(now))
        }
        What::Content(fields) => format!("{address} has another {}", fields.join(", ")),
        What::Order { before, saved } => match saved {
            true => format!("{address} no longer comes before {before}"),
            false => format!("{address} comes before {before} now"),
        },
        What::Drift => format!("{address} differs from the state otherwise than it did"),
        What::Memory(saved, now) => format!(
            "the state was {} {address} and is now {}",
            to_learn(*saved),
            match now {
                None => "not to".to_owned(),
                Some(_) => format!("{} it", to_learn(*now)),
            }
        ),
    }
}

const fn to_be(action: Action) -> &'static str {
    match action {
        Action::Keep => "to stay as it is",
        Action::Create => "to be created",
        Action::Adopt => "to be adopted",
        Action::Update => "to be changed",
        Action::Delete => "to be deleted",
        Action::Forget => "to be left to itself",
    }
}

const fn to_learn(lesson: Option<Lesson>) -> &'static str {
    match lesson {
        None => "to learn nothing of",
        Some(Lesson::Remember) => "to remember",
        Some(Lesson::Forget) => "to forget",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Address;

    #[test]
    fn deviations_are_told_in_words_and_the_rest_is_counted() {
        let of = |name: &str, what| Deviation {
            address: Address::new("subnet", name),
            what,
        };
        let mut found = vec![
            of("a", What::Action(Some(Action::Keep), Some(Action::Update))),
            of("b", What::Action(None, Some(Action::Delete))),
            of("c", What::Content(vec!["cidr".into(), "tags".into()])),
            of("d", What::Memory(Some(Lesson::Remember), None)),
            of("e", What::Memory(None, Some(Lesson::Forget))),
        ];
        insta::assert_snapshot!(deviations(&found), @"subnet.a was to stay as it is and is now to be changed; subnet.b was not in the saved plan and is now to be deleted; subnet.c has another cidr, tags; the state was to remember subnet.d and is now not to; the state was to learn nothing of subnet.e and is now to forget it");
        found = (0..8).map(|_| of("a", What::Drift)).collect();
        assert!(deviations(&found).ends_with("; and 3 more"));
    }
}

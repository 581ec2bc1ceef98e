//! A stack's lifetime in one line, and for programs.

use std::time::Duration;

use serde_json::{Value, json};

use super::fitting::wrapped;
use super::occasion::Occasion;
use super::style::{Ink, Style};
use crate::model::duration::passed;
use crate::model::lifetime::{Term, end_of, told, words, written};
use crate::plan::{Lifetime, Plan};

/// What a plan makes of a lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// Nothing has one yet.
    Starts,
    /// It goes on.
    Runs,
    /// It is over.
    Ended,
    /// It ends at another moment from now on.
    Renewed,
    /// The file states none any more.
    TakenBack,
}

impl Turn {
    fn of(lifetime: &Lifetime) -> Self {
        match (lifetime.term, lifetime.before) {
            (None, _) => Self::TakenBack,
            (Some(_), None) => Self::Starts,
            (Some(term), Some(before)) if term.until != before => Self::Renewed,
            (Some(_), Some(_)) if lifetime.left().is_none() => Self::Ended,
            (Some(_), Some(_)) => Self::Runs,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Starts => "starts",
            Self::Runs => "runs",
            Self::Ended => "ended",
            Self::Renewed => "renewed",
            Self::TakenBack => "taken_back",
        }
    }
}

/// What is to be said of a plan's lifetime, and where it ends a line; nothing
/// where the stack has none.
///
/// ```text
/// Lifetime: 3 h 20 min left, until 2026-11-22 16:00 UTC.
/// ```
#[must_use]
pub fn line(plan: &Plan, style: Style, occasion: Occasion) -> String {
    let Some(lifetime) = &plan.lifetime else {
        return String::new();
    };
    let mut text = format!("Lifetime: {}.", said(lifetime, occasion));
    let deed = match lifetime.term {
        Some(_) => "written on",
        None => "taken off",
    };
    match plan.lifetimes_changed() {
        0 => {}
        1 => text.push_str(&format!(" Its tag is {deed} 1 object.")),
        count => text.push_str(&format!(" Its tag is {deed} {count} objects.")),
    }
    let ended = Turn::of(lifetime) == Turn::Ended;
    let lines = wrapped(&text, style.width).into_iter();
    lines
        .map(|line| match ended {
            true => style.paint(Ink::Change, &line) + "\n",
            false => line + "\n",
        })
        .collect()
}

fn said(lifetime: &Lifetime, occasion: Occasion) -> String {
    let Some(term) = lifetime.term else {
        return "none any more".to_owned();
    };
    let (ttl, until) = (whole(term), told(term.until));
    let turn = Turn::of(lifetime);
    if turn == Turn::Ended {
        let when = match occasion.is_later() {
            true => format!("at {until}"),
            false => format!("{} ago", words(passed(term.until, lifetime.now))),
        };
        return format!(
            "ended {when}. `s3net reap` may take the stack down at any time; \
             `apply --renew` gives it {ttl} more"
        );
    }
    // A saved plan keeps the end that it was shown with, whenever that is told or
    // carried out.
    let length = Duration::from_secs(term.ttl_seconds);
    let begins = term.until == end_of(lifetime.now, length);
    let span = match turn {
        _ if occasion.is_later() => ttl,
        Turn::Starts | Turn::Renewed if begins => format!("{ttl} from now"),
        _ => format!("{} left", words(lifetime.left().unwrap_or_default())),
    };
    match lifetime.before.filter(|_| turn == Turn::Renewed) {
        Some(before) => format!("{span}, until {until} (so far until {})", told(before)),
        None => format!("{span}, until {until}"),
    }
}

fn whole(term: Term) -> String {
    words(Duration::from_secs(term.ttl_seconds))
}

/// A plan's lifetime for programs; null where the stack has none.
#[must_use]
pub fn document(plan: &Plan) -> Value {
    let Some(lifetime) = &plan.lifetime else {
        return Value::Null;
    };
    json!({
        "status": Turn::of(lifetime).word(),
        "ttl_seconds": lifetime.term.map(|term| term.ttl_seconds),
        "until": lifetime.term.map(|term| written(term.until)),
        "until_so_far": lifetime.before.map(written),
        "left_seconds": lifetime.left().map(|left| left.as_secs()),
        "objects_to_tag": plan.lifetimes_changed(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn moment(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn lifetime(until: Option<&str>, before: Option<&str>) -> Lifetime {
        Lifetime {
            term: until.map(|until| Term {
                ttl_seconds: 28_800,
                until: moment(until),
            }),
            before: before.map(moment),
            now: moment("2026-11-22T12:40:00Z"),
        }
    }

    #[test]
    fn each_turn_has_its_words() {
        let (four, eight) = (Some("2026-11-22T16:00:00Z"), Some("2026-11-22T20:40:00Z"));
        let ten = Some("2026-11-22T10:30:00Z");
        for (given, text) in [
            (
                lifetime(eight, None),
                "8 h from now, until 2026-11-22 20:40 UTC",
            ),
            (
                lifetime(four, four),
                "3 h 20 min left, until 2026-11-22 16:00 UTC",
            ),
            (
                lifetime(eight, four),
                "8 h from now, until 2026-11-22 20:40 UTC (so far until 2026-11-22 16:00 UTC)",
            ),
            (
                lifetime(ten, ten),
                "ended 2 h 10 min ago. `s3net reap` may take the stack down at any time; \
                 `apply --renew` gives it 8 h more",
            ),
            (lifetime(None, four), "none any more"),
            // A saved plan that is carried out later.
            (
                lifetime(four, None),
                "3 h 20 min left, until 2026-11-22 16:00 UTC",
            ),
            (
                lifetime(four, ten),
                "3 h 20 min left, until 2026-11-22 16:00 UTC (so far until 2026-11-22 10:30 UTC)",
            ),
        ] {
            assert_eq!(said(&given, Occasion::Made { full: false }), text);
        }
    }

    #[test]
    fn what_was_saved_is_told_without_what_time_it_is() {
        let (four, eight) = (Some("2026-11-22T16:00:00Z"), Some("2026-11-22T20:40:00Z"));
        let ten = Some("2026-11-22T10:30:00Z");
        for (given, text) in [
            (lifetime(eight, None), "8 h, until 2026-11-22 20:40 UTC"),
            (lifetime(four, four), "8 h, until 2026-11-22 16:00 UTC"),
            (
                lifetime(eight, four),
                "8 h, until 2026-11-22 20:40 UTC (so far until 2026-11-22 16:00 UTC)",
            ),
            (
                lifetime(ten, ten),
                "ended at 2026-11-22 10:30 UTC. `s3net reap` may take the stack down at any \
                 time; `apply --renew` gives it 8 h more",
            ),
            (lifetime(None, four), "none any more"),
        ] {
            assert_eq!(said(&given, Occasion::Read { full: false }), text);
        }
    }
}

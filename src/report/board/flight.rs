//! A step in flight, and its line on the board.

use std::time::{Duration, Instant};

use super::super::fitting::{columns, cut, harmless, padded};
use crate::model::duration::{brief, roughly};
use crate::model::{Action, Address};

/// What goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// A step is carried out.
    Step(Action),
    /// It is asked whether a new way works.
    Asking,
}

impl Doing {
    /// `creating`
    fn word(self) -> &'static str {
        match self {
            Self::Step(action) => action.doing(),
            Self::Asking => "asking",
        }
    }

    /// `creating`, `asking whether the new way works`
    pub(super) fn at_length(self) -> &'static str {
        match self {
            Self::Step(action) => action.doing(),
            Self::Asking => "asking whether the new way works",
        }
    }
}

/// A step in flight, or a question.
#[derive(Debug)]
pub(super) struct Flight {
    pub(super) address: Address,
    pub(super) doing: Doing,
    pub(super) since: Instant,
    /// For what it waits.
    pub(super) waits: Option<String>,
    /// How long it takes when it is next worth a word.
    pub(super) next_word: Duration,
    /// Beyond this, it takes longer than such a step usually does.
    pub(super) usual: Option<Duration>,
}

impl Flight {
    /// `creating 4m02s  nat_gateway.main  waits for … (pending), usually 3 min`
    pub(super) fn line(&self, now: Instant, addresses: usize, width: usize) -> String {
        let late = self.late(now);
        let room = width.saturating_sub(columns(&late));
        self.on_time(now, addresses, room) + &late
    }

    /// How long it usually takes at most, where it takes longer.
    pub(super) fn late(&self, now: Instant) -> String {
        let elapsed = now.saturating_duration_since(self.since);
        let usual = self.usual.filter(|usual| elapsed > *usual);
        usual.map_or_else(String::new, |usual| format!(", usually {}", roughly(usual)))
    }

    fn on_time(&self, now: Instant, addresses: usize, width: usize) -> String {
        let elapsed = whole(now.saturating_duration_since(self.since));
        let doing = format!("{} {elapsed}", self.doing.word());
        let address = padded(&harmless(&self.address.to_string()), addresses);
        let start = format!("{}  {address}", padded(&doing, 14));
        let Some(waits) = &self.waits else {
            let about = match self.doing {
                Doing::Step(_) => "",
                Doing::Asking => "  whether the new way works",
            };
            return cut(format!("{start}{about}").trim_end(), width);
        };
        let room = width.saturating_sub(columns(&start) + 2);
        // The address stands beside it: shorter forms need no other subject.
        let own = waits
            .strip_prefix("the ")
            .and_then(|it| it.split_once(" to "));
        let shorter = own.map(|(_, deed)| [format!("for it to {deed}"), format!("to {deed}")]);
        let forms = std::iter::once(format!("for {waits}")).chain(shorter.into_iter().flatten());
        if let Some(form) = forms
            .map(|form| format!("waits {form}"))
            .find(|it| columns(it) <= room)
        {
            return format!("{start}  {form}");
        }
        match waits.rsplit_once(" (") {
            _ if columns(waits) <= room => format!("{start}  {waits}"),
            // AWS's word for the state says more than the rest.
            Some((what, state)) if columns(state) + 12 < room => {
                let what = cut(what, room - columns(state) - 2);
                format!("{start}  {what} ({state}")
            }
            _ => cut(start.trim_end(), width),
        }
    }
}

/// A duration in whole seconds: fractions that run on the screen are noise.
pub(super) fn whole(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 10 {
        format!("{seconds}s")
    } else {
        brief(duration)
    }
}

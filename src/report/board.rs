//! What is in flight, as far as events tell: the state behind the progress.
//!
//! It knows no terminal and no clock: whoever draws says what time it is.

use std::time::{Duration, Instant};

use super::fitting::{columns, cut, harmless, padded, wrapped};
use super::style::{Ink, Style};
use crate::model::duration::brief;
use crate::model::{Action, Address, Event};

/// How many steps in flight are shown.
const SHOWN: usize = 10;
/// After how long a step is worth a word where no line can be taken back.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// The columns of the bar itself.
const BAR: usize = 24;
/// Addresses up to so many columns have what is said of them in one column.
const COMMON_ADDRESS: usize = 40;

/// A step in flight.
#[derive(Debug)]
struct Flight {
    address: Address,
    action: Action,
    since: Instant,
    /// For what it waits.
    waits: Option<String>,
    /// How long it takes when it is next worth a word.
    next_word: Duration,
}

/// The state of a run.
#[derive(Debug)]
pub struct Board {
    total: usize,
    done: usize,
    failed: usize,
    stopping: bool,
    since: Instant,
    flights: Vec<Flight>,
    /// The columns that addresses take.
    addresses: usize,
}

impl Board {
    /// A run of these steps that begins now.
    pub fn new<'a>(steps: impl Iterator<Item = &'a Address>, now: Instant) -> Self {
        let widths = steps.map(|address| columns(&address.to_string()));
        let (total, addresses) = widths.fold((0, 0), |(count, widest), width| {
            let common = if width <= COMMON_ADDRESS { width } else { 0 };
            (count + 1, widest.max(common))
        });
        Self {
            total,
            done: 0,
            failed: 0,
            stopping: false,
            since: now,
            flights: Vec::new(),
            addresses,
        }
    }

    /// Takes note of an event; gives the lines to leave behind, if any.
    pub fn note(&mut self, event: &Event, now: Instant, style: Style) -> Vec<String> {
        match event {
            Event::Started { address, action } => {
                self.flights.push(Flight {
                    address: address.clone(),
                    action: *action,
                    since: now,
                    waits: None,
                    next_word: FIRST_WORD,
                });
                Vec::new()
            }
            Event::Waiting { address, what, .. } => {
                let flight = self.flights.iter_mut().find(|f| f.address == *address);
                if let Some(flight) = flight {
                    flight.waits = Some(harmless(what));
                }
                Vec::new()
            }
            Event::Finished {
                address,
                action,
                id,
                elapsed,
            } => {
                self.land(address, *action);
                self.done += 1;
                vec![self.finished(address, *action, id.as_deref(), *elapsed, style)]
            }
            Event::Failed {
                address,
                action,
                cause,
                elapsed,
                ..
            } => {
                self.land(address, *action);
                self.failed += 1;
                let address = padded(&address.to_string(), self.addresses);
                let start = format!("  ! {address}  ");
                let text = format!("failed after {}: {}", brief(*elapsed), harmless(cause));
                let mut lines = wrapped(&text, style.width.saturating_sub(6)).into_iter();
                let first = lines.next().unwrap_or_default();
                if columns(&start) + columns(&text) <= style.width {
                    return vec![style.paint(Ink::Bad, &format!("{start}{text}"))];
                }
                let mut all = vec![style.paint(Ink::Bad, start.trim_end())];
                all.push(format!("      {first}"));
                all.extend(lines.map(|line| format!("      {line}")));
                all
            }
            Event::Barred { .. } => Vec::new(),
            Event::Stopping { in_flight } => {
                self.stopping = true;
                let steps = match in_flight {
                    0 => "nothing is in flight".to_owned(),
                    1 => "1 step in flight ends first".to_owned(),
                    count => format!("{count} steps in flight end first"),
                };
                let text = format!(
                    "Stopping: nothing new starts, {steps}. Press Ctrl-C again to wait no \
                     longer for what AWS is at."
                );
                let lines = wrapped(&text, style.width);
                lines
                    .iter()
                    .map(|line| style.paint(Ink::Change, line))
                    .collect()
            }
        }
    }

    /// The line that a finished step leaves behind.
    fn finished(
        &self,
        address: &Address,
        action: Action,
        id: Option<&str>,
        elapsed: Duration,
        style: Style,
    ) -> String {
        let (symbol, ink) = match action {
            Action::Create => ("+", Ink::Good),
            Action::Update => ("~", Ink::Change),
            Action::Delete => ("-", Ink::Bad),
            Action::Forget | Action::Keep => (".", Ink::Change),
        };
        let address = padded(&address.to_string(), self.addresses);
        let said = format!("{} in {}", action.done(), brief(elapsed));
        let line = format!("  {} {address}  {said}", style.paint(ink, symbol));
        match id.map(harmless) {
            Some(id) if 4 + columns(&address) + 2 + 20 + columns(&id) <= style.width => {
                format!(
                    "{}  {}",
                    line + &" ".repeat(18usize.saturating_sub(columns(&said))),
                    style.paint(Ink::Faint, &id)
                )
            }
            _ => line,
        }
    }

    fn land(&mut self, address: &Address, action: Action) {
        let is_it = |flight: &Flight| flight.address == *address && flight.action == action;
        if let Some(index) = self.flights.iter().position(is_it) {
            self.flights.remove(index);
        }
    }

    /// The lines to draw now: the bar, and what is in flight beneath it.
    /// `spinner` shows that the drawing is alive.
    #[must_use]
    pub fn lines(&self, now: Instant, style: Style, spinner: &str) -> Vec<String> {
        let mut lines = vec![self.bar(now, style)];
        let shown = self.flights.iter().take(SHOWN);
        let widths = shown
            .clone()
            .map(|flight| columns(&flight.address.to_string()));
        let widest = widths
            .filter(|width| *width <= COMMON_ADDRESS)
            .max()
            .unwrap_or(0);
        for flight in shown {
            let address = padded(&flight.address.to_string(), widest);
            let elapsed = now.saturating_duration_since(flight.since);
            let mut said = format!("{} {}", flight.action.doing(), whole(elapsed));
            if let Some(waits) = &flight.waits {
                said = format!("{}  waits for {waits}", padded(&said, 14));
            }
            let text =
                cut_before_state(&format!("{address}  {said}"), style.width.saturating_sub(5));
            lines.push(format!("  {} {text}", style.paint(Ink::Hint, spinner)));
        }
        if self.flights.len() > SHOWN {
            let text = format!("    + {} more", self.flights.len() - SHOWN);
            lines.push(style.paint(Ink::Faint, &text));
        }
        lines
    }

    fn bar(&self, now: Instant, style: Style) -> String {
        let landed = self.done + self.failed;
        let full = (landed * BAR)
            .checked_div(self.total)
            .unwrap_or(BAR)
            .min(BAR);
        let bar = format!(
            "{}{}",
            style.paint(Ink::Good, &"━".repeat(full)),
            style.paint(Ink::Faint, &"─".repeat(BAR - full))
        );
        let mut said = format!("{}/{} done", self.done, self.total);
        if self.failed > 0 {
            said.push_str(&format!(", {} failed", self.failed));
        }
        said.push_str(&format!(", {} in flight", self.flights.len()));
        if self.stopping {
            said.push_str(", stopping");
        }
        let elapsed = whole(now.saturating_duration_since(self.since));
        format!("  {bar}  {said}, {elapsed}")
    }

    /// What is to be said of steps that take long, where no line can be taken
    /// back: after 10 s, 20 s, 40 s and so on.
    pub fn overdue(&mut self, now: Instant) -> Vec<String> {
        let addresses = self.addresses;
        let mut lines = Vec::new();
        for flight in &mut self.flights {
            let elapsed = now.saturating_duration_since(flight.since);
            if elapsed < flight.next_word {
                continue;
            }
            while flight.next_word <= elapsed {
                flight.next_word *= 2;
            }
            let address = padded(&flight.address.to_string(), addresses);
            let waits = flight
                .waits
                .as_ref()
                .map_or_else(String::new, |what| format!(", waits for {what}"));
            lines.push(format!(
                "    {address}  still {} after {}{waits}",
                flight.action.doing(),
                whole(elapsed)
            ));
        }
        lines
    }
}

/// The text, cut where it is too long, but with AWS's word for the state in
/// parentheses at its end.
fn cut_before_state(text: &str, width: usize) -> String {
    match text.rsplit_once(" (") {
        Some((start, state)) if columns(text) > width && columns(state) + 12 < width => {
            let start = cut(start, width - columns(state) - 2);
            format!("{start} ({state}")
        }
        _ => cut(text, width),
    }
}

/// A duration in whole seconds: fractions that run on the screen are noise.
fn whole(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 10 {
        format!("{seconds}s")
    } else {
        brief(duration)
    }
}

#[cfg(test)]
mod tests;

//! What is in flight, as far as events tell: the state behind the progress.
//!
//! It knows no terminal and no clock: whoever draws says what time it is.

mod asking;
mod flight;

use std::time::{Duration, Instant};

use super::fitting::{columns, cut, harmless, padded, wrapped};
use super::forecast::Forecast;
use super::style::{Ink, Style};
use crate::model::duration::{brief, roughly};
use crate::model::{Action, Address, Event, Holder, holder};

use flight::{Doing, Flight, whole};

/// How many steps in flight are shown.
const SHOWN: usize = 10;
/// After how long a step is worth a word where no line can be taken back.
const FIRST_WORD: Duration = Duration::from_secs(10);
/// What usually takes less is not said to take longer than usual.
const WORTH_A_WORD: Duration = Duration::from_secs(5);
/// The columns of the bar itself, and on a narrow terminal.
const BAR: usize = 24;
const NARROW_BAR: usize = 12;

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
    /// The columns of a line.
    width: usize,
    /// How long it all may take.
    forecast: Option<Forecast>,
}

impl Board {
    /// A run of these steps that begins now.
    pub fn new<'a>(steps: impl Iterator<Item = &'a Address>, now: Instant, style: Style) -> Self {
        let most = common(style);
        let widths = steps.map(|address| columns(&address.to_string()));
        let (total, addresses) = widths.fold((0, 0), |(count, widest), width| {
            let common = if width <= most { width } else { 0 };
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
            width: style.width,
            forecast: None,
        }
    }

    /// The same with a forecast.
    #[must_use]
    pub fn foreseeing(mut self, forecast: Forecast) -> Self {
        self.forecast = Some(forecast);
        self
    }

    /// How long the run may still take.
    #[must_use]
    pub fn left(&self, now: Instant) -> Option<Duration> {
        Some(self.forecast.as_ref()?.left(now))
    }

    /// Beyond which time a step takes longer than usual.
    #[must_use]
    pub fn usually(&self, address: &Address, action: Action) -> Option<Duration> {
        let took = self.forecast.as_ref()?.usually(address, action)?;
        Some(took.longest)
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The steps in flight.
    pub fn in_flight(&self) -> Vec<&Address> {
        let steps = self.flights.iter().filter(|it| it.doing != Doing::Asking);
        steps.map(|flight| &flight.address).collect()
    }

    /// Takes note of an event; gives the lines to leave behind, if any.
    pub fn note(&mut self, event: &Event, now: Instant, style: Style) -> Vec<String> {
        if let Some(forecast) = &mut self.forecast {
            forecast.note(event, now);
        }
        match event {
            Event::Started { address, action } => {
                let usual = self.usually(address, *action);
                self.flights.push(Flight {
                    address: address.clone(),
                    doing: Doing::Step(*action),
                    since: now,
                    waits: None,
                    next_word: FIRST_WORD,
                    usual: usual.filter(|usual| *usual >= WORTH_A_WORD),
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
            Event::Held {
                address,
                holders,
                elapsed,
                ..
            } => self.held(address, holders, *elapsed, style),
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
            Event::Asking { new, waits_for, .. } => {
                self.asking(new, waits_for.as_deref(), now, style)
            }
            Event::Asked {
                new,
                works,
                elapsed,
                ..
            } => {
                self.end(new, Doing::Asking);
                vec![self.asked(new, *works, *elapsed, style)]
            }
            Event::Stopping { in_flight } => {
                self.stopping = true;
                let steps = match in_flight {
                    0 => "nothing is in flight".to_owned(),
                    1 => "1 step in flight ends first".to_owned(),
                    count => format!("{count} steps in flight end first"),
                };
                let text = format!(
                    "Stopping: nothing new starts, {steps}. Press Ctrl-C again to stop \
                     waiting for AWS."
                );
                let lines = wrapped(&text, style.width);
                lines
                    .iter()
                    .map(|line| style.paint(Ink::Change, line))
                    .collect()
            }
        }
    }

    /// Who holds what is to be deleted, and what becomes of them.
    fn held(
        &self,
        address: &Address,
        holders: &[Holder],
        elapsed: Duration,
        style: Style,
    ) -> Vec<String> {
        let address = padded(&harmless(&address.to_string()), self.addresses);
        let since = brief(elapsed);
        let symbol = style.paint(Ink::Change, "?");
        if holders.is_empty() {
            let text = "is held by something that AWS does not name yet";
            return vec![format!("  {symbol} {address}  {text}")];
        }
        let mut lines = vec![format!(
            "  {symbol} {address}  is held, seen after {since}, by"
        )];
        for told in holder::in_lines(holders) {
            let told = wrapped(&harmless(&told), style.width.saturating_sub(6));
            lines.extend(told.into_iter().map(|line| format!("      {line}")));
        }
        lines
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
            Action::Adopt => (">", Ink::Good),
            Action::Update => ("~", Ink::Change),
            Action::Delete => ("-", Ink::Bad),
            Action::Forget | Action::Keep => (".", Ink::Change),
        };
        let address = padded(&harmless(&address.to_string()), self.addresses);
        let (word, time) = (action.done(), brief(elapsed));
        let symbol = style.paint(ink, symbol);
        // The symbol says what the word does, where there is no room for both.
        // What goes with its table takes no call, and so no time.
        let said = match elapsed.as_millis() {
            0 => word.to_owned(),
            _ => format!("{word} in {time}"),
        };
        let said = if 4 + columns(&address) + 2 + columns(&said) <= style.width {
            padded(&said, 18)
        } else {
            time
        };
        let start = format!("  {symbol} {address}  {said}");
        match id.map(harmless) {
            Some(id) if 6 + columns(&address) + columns(&said) + columns(&id) <= style.width => {
                format!("{start}{}", style.paint(Ink::Faint, &id))
            }
            _ => start.trim_end().to_owned(),
        }
    }

    fn land(&mut self, address: &Address, action: Action) {
        self.end(address, Doing::Step(action));
    }

    fn end(&mut self, address: &Address, doing: Doing) {
        let is_it = |flight: &Flight| flight.address == *address && flight.doing == doing;
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
            .filter(|width| *width <= common(style))
            .max()
            .unwrap_or(0);
        for flight in shown {
            let text = flight.line(now, widest, style.width.saturating_sub(5));
            lines.push(format!("  {} {text}", style.paint(Ink::Hint, spinner)));
        }
        if self.flights.len() > SHOWN {
            let text = format!("    + {} more", self.flights.len() - SHOWN);
            lines.push(style.paint(Ink::Faint, &text));
        }
        lines
    }

    /// `━━━━━━──────  11/33 done, 2 in flight, 41s, about 2 min left`
    fn bar(&self, now: Instant, style: Style) -> String {
        let mut said = format!("{}/{} done", self.done, self.total);
        if self.failed > 0 {
            said.push_str(&format!(", {} failed", self.failed));
        }
        said.push_str(&format!(", {} in flight", self.in_flight().len()));
        if self.stopping {
            said.push_str(", stopping");
        }
        said.push_str(", ");
        said.push_str(&whole(now.saturating_duration_since(self.since)));
        let whole_bar = if style.width < 72 { NARROW_BAR } else { BAR };
        if 2 + whole_bar + 2 + columns(&said) > style.width {
            return format!("  {}", cut(&said, style.width.saturating_sub(2)));
        }
        let landed = self.done + self.failed;
        let full = (landed * whole_bar)
            .checked_div(self.total)
            .unwrap_or(whole_bar)
            .min(whole_bar);
        let bar = format!(
            "{}{}",
            style.paint(Ink::Good, &"━".repeat(full)),
            style.paint(Ink::Faint, &"─".repeat(whole_bar - full))
        );
        let forecast = self.forecast.as_ref();
        if let Some(left) = forecast.and_then(|forecast| forecast.worth_telling(now)) {
            let left = roughly(left);
            let room = style
                .width
                .saturating_sub(2 + whole_bar + 2 + columns(&said));
            let told = [format!(", about {left} left"), format!(", ~{left} left")];
            said.extend(told.into_iter().find(|told| columns(told) <= room));
        }
        format!("  {bar}  {said}")
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
            let told = format!(
                "{address}  still {} after {}{waits}{}",
                flight.doing.at_length(),
                whole(elapsed),
                flight.late(now)
            );
            if 4 + columns(&told) <= self.width {
                lines.push(format!("    {told}"));
                continue;
            }
            let mut told = wrapped(&told, self.width.saturating_sub(8)).into_iter();
            lines.extend(told.next().map(|line| format!("    {line}")));
            lines.extend(told.map(|line| format!("        {line}")));
        }
        lines
    }
}

/// Addresses up to so many columns have what is said of them in one column: at
/// 80 columns, there is room for the rest and an id of EC2.
fn common(style: Style) -> usize {
    style.width.saturating_sub(20) / 2
}

#[cfg(test)]
mod tests;

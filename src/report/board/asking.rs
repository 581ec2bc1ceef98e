//! A gate on the board: whether a new way works is asked, and answered.

use std::time::{Duration, Instant};

use super::super::fitting::{harmless, padded};
use super::super::style::{Ink, Style};
use super::flight::{Doing, Flight};
use super::{Board, FIRST_WORD};
use crate::model::Address;
use crate::model::duration::brief;

impl Board {
    /// It is asked whether a new way works, or waited for after that.
    pub(super) fn asking(
        &mut self,
        new: &Address,
        waits_for: Option<&str>,
        now: Instant,
        style: Style,
    ) -> Vec<String> {
        let is_it = |it: &&mut Flight| it.address == *new && it.doing == Doing::Asking;
        if let (Some(what), Some(flight)) = (waits_for, self.flights.iter_mut().find(is_it)) {
            flight.waits = Some(harmless(what));
            return Vec::new();
        }
        self.flights.push(Flight {
            address: new.clone(),
            doing: Doing::Asking,
            since: now,
            waits: waits_for.map(harmless),
            next_word: FIRST_WORD,
            usual: None,
        });
        let address = padded(&harmless(&new.to_string()), self.addresses);
        let symbol = style.paint(Ink::Hint, "?");
        vec![format!(
            "  {symbol} {address}  asking whether the new way works"
        )]
    }

    /// The line that the answer leaves behind.
    pub(super) fn asked(
        &self,
        new: &Address,
        works: bool,
        elapsed: Duration,
        style: Style,
    ) -> String {
        let address = padded(&harmless(&new.to_string()), self.addresses);
        let time = brief(elapsed);
        match works {
            true => {
                let symbol = style.paint(Ink::Good, "=");
                format!("  {symbol} {address}  the new way works, after {time}")
            }
            false => {
                let told = format!("  ! {address}  not found to work after {time}");
                style.paint(Ink::Bad, &told)
            }
        }
    }
}

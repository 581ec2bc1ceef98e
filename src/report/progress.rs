//! Progress while a plan is carried out.
//!
//! ```text
//!   + vpc.main          created in 0.4s   vpc-0a1b             left behind
//!   ━━━━━━━━────────────────  11/33 done, 2 in flight, 41s     drawn again
//!   ⠹ creating 32s    nat_gateway.main  waits for …            and again
//! ```
//!
//! On a terminal the last lines are drawn anew ten times a second. Elsewhere
//! only finished steps leave a line, and now and then those that take long. As
//! JSON, each event is a document.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use jiff::Timestamp;

use super::board::Board;
use super::forecast::Forecast;
use super::json::event_document;
use super::printer::Printer;
use super::screen::Screen;
use crate::kind::Registry;
use crate::model::{Action, Event};
use crate::plan::Plan;

/// How often a terminal is drawn anew.
const FRAME: Duration = Duration::from_millis(100);
/// How often it is asked what takes long.
const LOOK: Duration = Duration::from_secs(1);
/// Turns while a step is in flight.
const SPINNER: &[&str] = &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// Shows events as they come. Every method can be called from any thread.
#[derive(Debug)]
pub struct Progress {
    printer: Printer,
    board: Arc<Mutex<Board>>,
    manner: Manner,
}

/// How events are shown.
#[derive(Debug)]
enum Manner {
    /// Lines on a terminal that are drawn again and again.
    Drawn(ProgressBar),
    /// Lines that stay; dropping the sender ends the thread that looks for
    /// steps that take long.
    Lines(Mutex<Option<mpsc::Sender<()>>>),
    /// Documents.
    Json,
}

impl Progress {
    /// Begins to show the progress of a plan.
    #[must_use]
    pub fn start(plan: &Plan, registry: Registry, printer: &Printer) -> Self {
        let now = Instant::now();
        let steps = plan.steps.nodes().map(|(_, step)| step);
        let steps = steps.filter(|step| step.action != Action::Keep);
        let addresses = steps.map(|step| &step.address);
        let forecast = Forecast::new(plan, registry, now);
        let board = Board::new(addresses, now, printer.error_style()).foreseeing(forecast);
        let is_empty = board.is_empty();
        let board = Arc::new(Mutex::new(board));
        // Progress stands in a paragraph of its own.
        if !printer.json() && !is_empty {
            printer.status("\n");
        }
        let manner = if printer.json() {
            Manner::Json
        } else if is_empty {
            Manner::Lines(Mutex::new(None))
        } else if printer.error_style().terminal {
            Manner::Drawn(drawn(&board, printer))
        } else {
            Manner::Lines(Mutex::new(Some(looking(&board, printer))))
        };
        Self {
            printer: printer.clone(),
            board,
            manner,
        }
    }

    /// Shows an event.
    pub fn handle(&self, event: Event) {
        let (style, now) = (self.printer.error_style(), Instant::now());
        let (lines, left, usual) = {
            let mut board = lock(&self.board);
            let lines = board.note(&event, now, style);
            let usual = match &event {
                Event::Started { address, action } => board.usually(address, *action),
                _ => None,
            };
            (lines, board.left(now), usual)
        };
        if let Manner::Json = self.manner {
            let document = event_document(&event, Timestamp::now(), left, usual);
            self.printer.document(&document);
            return;
        }
        for line in lines {
            match &self.manner {
                Manner::Drawn(bar) => bar.println(line),
                Manner::Lines(_) | Manner::Json => self.printer.status(&line),
            }
        }
    }

    /// Takes back what is drawn. Events that come later are not shown well.
    pub fn finish(&self) {
        match &self.manner {
            Manner::Drawn(bar) if !bar.is_finished() => {
                bar.finish_and_clear();
                self.printer.status("\n");
            }
            Manner::Lines(looking) => {
                if lock(looking).take().is_some() {
                    self.printer.status("\n");
                }
            }
            Manner::Drawn(_) | Manner::Json => {}
        }
    }
}

impl Progress {
    /// Says what is known when the process ends in the middle of a run.
    pub fn leave(&self, command: &str) {
        self.finish();
        let open: Vec<String> = lock(&self.board)
            .in_flight()
            .iter()
            .map(ToString::to_string)
            .collect();
        let what = match open.len() {
            0 => "with nothing in flight".to_owned(),
            _ => format!("in the middle of {}", open.join(", ")),
        };
        self.printer.warning(
            &format!("ended at once, {what}; the journal says what was begun"),
            Some(&format!(
                "run `s3net {command}` again: it finds out what became of it, and goes on"
            )),
        );
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

/// A bar that draws the board.
fn drawn(board: &Arc<Mutex<Board>>, printer: &Printer) -> ProgressBar {
    let screen = ProgressDrawTarget::term_like(Box::new(Screen::of_stderr()));
    let bar = ProgressBar::with_draw_target(None, screen);
    let (board, style) = (Arc::clone(board), printer.error_style());
    let draw = move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
        let frame = state.elapsed().as_millis() / FRAME.as_millis();
        let spinner = SPINNER[(frame % SPINNER.len() as u128) as usize];
        let lines = lock(&board).lines(Instant::now(), style, spinner);
        // Writing to memory does not fail.
        let _ = out.write_str(&lines.join("\n"));
    };
    // The template is ours and has no fault; without one, nothing is drawn.
    if let Ok(template) = ProgressStyle::with_template("{board}") {
        bar.set_style(template.with_key("board", draw));
        bar.enable_steady_tick(FRAME);
    }
    bar
}

/// A thread that looks for steps that take long, until the sender is dropped.
fn looking(board: &Arc<Mutex<Board>>, printer: &Printer) -> mpsc::Sender<()> {
    let (sender, receiver) = mpsc::channel();
    let (board, printer) = (Arc::clone(board), printer.clone());
    thread::spawn(move || {
        while receiver.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            let lines = lock(&board).overdue(Instant::now());
            for line in lines {
                printer.status(&line);
            }
        }
    });
    sender
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

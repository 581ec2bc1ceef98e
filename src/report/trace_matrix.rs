//! Many traces as a matrix: who gets where, and by which door.
//!
//! ```text
//! as plans/lab.toml wants it
//!
//!                     bucket.data  ssm
//!   instance.one      NAT          NAT
//!   instance.two      gateway      ✗ time-out
//!   subnet.private-3  interface    ?
//!
//!   NAT         by a NAT gateway, 0.062 USD/GB
//!   ✗ time-out  the connection is never answered
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::fitting::{columns, cut, padded, wrapped};
use super::listing::{Run, counted};
use super::style::{Ink, Style};
use super::trace_price::{short, tariff};
use super::trace_scene::Scene;
use crate::trace::{Door, Goal, Origin, Symptom, Trace, Verdict};

/// The widest that a name of a row, and of a column, is shown.
const ROW: usize = 32;
const COLUMN: usize = 24;
/// Between two columns.
const GAP: usize = 2;

/// What stands where a row meets a column.
struct Cell {
    text: String,
    ink: Ink,
    meaning: String,
}

/// Traces as a matrix. Each pair of origin and goal is there once at most.
#[must_use]
pub fn matrix(traces: &[Trace], scene: &Scene<'_>, style: Style) -> String {
    let table = Table::new(traces, scene);
    let mut lines = wrapped(&scene.network_words(), style.width);
    for line in &mut lines {
        *line = style.paint(Ink::Faint, line);
    }
    lines.push(String::new());
    for block in table.blocks(style.width) {
        lines.extend(table.block(&block, style));
        lines.push(String::new());
    }
    lines.extend(table.legend(style));
    lines.extend(wrapped(&count(traces), style.width));
    let mut text = String::new();
    for line in lines {
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The matrix, before it is cut to the width.
struct Table {
    rows: Vec<(Origin, String)>,
    columns: Vec<(Goal, String)>,
    cells: BTreeMap<(Origin, Goal), Cell>,
}

impl Table {
    fn new(traces: &[Trace], scene: &Scene<'_>) -> Self {
        let from = traces.iter().map(|trace| &trace.question.from);
        let to = traces.iter().map(|trace| &trace.question.to);
        let rows: BTreeSet<_> = from.collect();
        let rows = rows.into_iter().map(|it| (it.clone(), scene.origin(it)));
        let columns: BTreeSet<_> = to.collect();
        let columns = columns.into_iter().map(|it| (it.clone(), scene.goal(it)));
        let (mut rows, mut columns): (Vec<_>, Vec<_>) = (rows.collect(), columns.collect());
        rows.sort_by_cached_key(|(origin, label)| {
            place(matches!(origin, Origin::Subnet(_)), label)
        });
        columns.sort_by_cached_key(|(goal, label)| place(matches!(goal, Goal::Service(_)), label));
        let cells = traces.iter().map(|trace| {
            let pair = (trace.question.from.clone(), trace.question.to.clone());
            (pair, cell(trace, scene))
        });
        Self {
            rows,
            columns,
            cells: cells.collect(),
        }
    }

    fn first_width(&self) -> usize {
        let widths = self.rows.iter().map(|(_, label)| columns(label));
        widths.max().unwrap_or(0).min(ROW)
    }

    fn width(&self, column: &(Goal, String)) -> usize {
        let (goal, label) = column;
        let cells = self.cells.iter().filter(|((_, to), _)| to == goal);
        let widest = cells.map(|(_, cell)| columns(&cell.text)).max();
        columns(label).min(COLUMN).max(widest.unwrap_or(0))
    }

    /// The columns that fit beside each other, each with its width: at least one.
    fn blocks(&self, width: usize) -> Vec<Vec<(&(Goal, String), usize)>> {
        let first = 2 + self.first_width();
        let mut blocks = Vec::new();
        let mut block = Vec::new();
        let mut taken = first;
        for column in &self.columns {
            let own = self.width(column);
            if taken + GAP + own > width && !block.is_empty() {
                blocks.push(std::mem::take(&mut block));
                taken = first;
            }
            taken += GAP + own;
            block.push((column, own));
        }
        if !block.is_empty() {
            blocks.push(block);
        }
        blocks
    }

    fn block(&self, block: &[(&(Goal, String), usize)], style: Style) -> Vec<String> {
        let first = self.first_width();
        let gap = " ".repeat(GAP);
        let mut head = format!("  {}", " ".repeat(first));
        for ((_, label), width) in block {
            let label = padded(&cut(label, *width), *width);
            head.push_str(&format!("{gap}{}", style.paint(Ink::Strong, &label)));
        }
        let rows = self.rows.iter().map(|(origin, label)| {
            let mut line = format!("  {}", padded(&cut(label, first), first));
            for ((goal, _), width) in block {
                let cell = self.cells.get(&(origin.clone(), goal.clone()));
                let painted = match cell {
                    Some(cell) => style.paint(cell.ink, &padded(&cell.text, *width)),
                    None => " ".repeat(*width),
                };
                line.push_str(&format!("{gap}{painted}"));
            }
            line
        });
        std::iter::once(head).chain(rows).collect()
    }

    /// What the cells mean, once each.
    fn legend(&self, style: Style) -> Vec<String> {
        let meanings: BTreeMap<_, _> = self
            .cells
            .values()
            .map(|cell| (cell.text.as_str(), (cell.ink, cell.meaning.as_str())))
            .collect();
        if meanings.is_empty() {
            return Vec::new();
        }
        let width = meanings.keys().map(|text| columns(text)).max().unwrap_or(0);
        let mut lines = Vec::new();
        for (text, (ink, meaning)) in meanings {
            let start = format!("  {}  ", style.paint(ink, &padded(text, width)));
            let room = style.width.saturating_sub(width + 4);
            for (place, line) in wrapped(meaning, room).iter().enumerate() {
                lines.push(match place {
                    0 => format!("{start}{line}"),
                    _ => format!("{}{line}", " ".repeat(width + 4)),
                });
            }
        }
        lines.push(String::new());
        lines
    }
}

/// Where a row or column stands: as people count, one sort after the other.
fn place(second: bool, label: &str) -> (bool, Vec<Run>) {
    (second, counted(label))
}

fn cell(trace: &Trace, scene: &Scene<'_>) -> Cell {
    let door = trace.door();
    match &trace.verdict {
        Verdict::Reachable => Cell {
            text: door.map_or("✓", word).to_owned(),
            ink: Ink::Good,
            meaning: match door {
                Some(door) => by(door, trace, scene),
                None => "reachable".to_owned(),
            },
        },
        Verdict::Blocked(block) => {
            let (text, meaning) = match block.symptom {
                Symptom::NameNotFound => ("✗ no name", "the name is not found"),
                Symptom::TimeOut => ("✗ time-out", "the connection is never answered"),
                Symptom::AccessDenied => ("✗ denied", "the answer is AccessDenied"),
                Symptom::CertificateMismatch => ("✗ TLS", "the certificate is for other names"),
                Symptom::WrongRegion => ("✗ region", "the bucket is in another region"),
            };
            Cell {
                text: text.to_owned(),
                ink: Ink::Bad,
                meaning: meaning.to_owned(),
            }
        }
        Verdict::Unknown(_) => Cell {
            text: match door {
                Some(door) => format!("? {}", word(door)),
                None => "?".to_owned(),
            },
            ink: Ink::Change,
            meaning: match door {
                Some(door) => format!("perhaps {}", by(door, trace, scene)),
                None => "it is not known".to_owned(),
            },
        },
    }
}

/// A door in one word.
const fn word(door: &Door) -> &'static str {
    match door {
        Door::InternetGateway(_) => "internet",
        Door::NatGateway(_) => "NAT",
        Door::GatewayEndpoint(_) => "gateway",
        Door::InterfaceEndpoint(_) => "interface",
        Door::Other(_) => "other",
    }
}

fn by(door: &Door, trace: &Trace, scene: &Scene<'_>) -> String {
    let price = tariff(trace, scene).and_then(|tariff| tariff.per_gb);
    let noun = match door {
        Door::InternetGateway(_) => "an internet gateway",
        Door::NatGateway(_) => "a NAT gateway",
        Door::GatewayEndpoint(_) => "a gateway endpoint",
        Door::InterfaceEndpoint(_) => "an interface endpoint",
        Door::Other(_) => return "by something that is followed no further".to_owned(),
    };
    format!("by {noun}, {}", short(price))
}

fn count(traces: &[Trace]) -> String {
    let count = |wanted: fn(&Verdict) -> bool| {
        let found = traces.iter().filter(|trace| wanted(&trace.verdict));
        found.count()
    };
    let reachable = count(|it| *it == Verdict::Reachable);
    let blocked = count(|it| matches!(it, Verdict::Blocked(_)));
    let unknown = count(|it| matches!(it, Verdict::Unknown(_)));
    format!(
        "{} asked: {reachable} reachable, {blocked} blocked, {unknown} not known.",
        match traces.len() {
            1 => "1 way".to_owned(),
            many => format!("{many} ways"),
        }
    )
}

#[cfg(test)]
mod tests;

//! Drift for people.
//!
//! ```text
//! three-ways in ap-northeast-1, account 123456789012
//!
//!   ~ subnet.private-1  subnet-0a1b           changed: what it was → what it is
//!       map_public_ip: false → true
//!
//!   - elastic_ip.nat  eipalloc-0a1b           gone
//!       it is gone, or has lost this stack's tags
//!
//!     route_table.public
//!     - route:0.0.0.0/0  it is gone
//!     ? route 10.9.0.0/16 via pcx-0a1b        foreign: left alone
//!
//! Drift: 1 changed, 2 gone, 0 appeared, 1 foreign.
//! ```

use std::collections::BTreeMap;

use super::drift_facts::{DriftFacts, Said};
use super::fitting::{columns, harmless, wrapped};
use super::listing::Ranks;
use super::sheet::label;
use super::style::{Ink, Style};
use crate::kind::{Foreign, Registry};
use crate::model::Address;
use crate::plan::{Drift, Drifted, Happened, Stranger};

/// How far what is said of a table, and of a part, stands in.
const TABLE: usize = 6;
const PART: usize = 8;

/// All that has drifted of one table.
#[derive(Default)]
struct Sheet<'d> {
    own: Vec<&'d Drifted>,
    parts: Vec<&'d Drifted>,
    foreign: Vec<&'d Stranger>,
}

/// The drift as text. With `full`, long policies are not cut.
#[must_use]
pub fn drift(drift: &Drift, registry: Registry, style: Style, full: bool) -> String {
    let nothing = drift.objects.is_empty() && drift.foreign.is_empty();
    let mut text = String::new();
    if !nothing {
        let place = format!("{}, account {}", drift.place.region, drift.place.account);
        text = format!("{} in {place}\n\n", style.paint(Ink::Strong, &drift.stack));
        let writer = Writer {
            facts: DriftFacts::new(drift, registry, style, full),
            style,
        };
        for (address, sheet) in sheets(drift, registry) {
            for line in writer.sheet(&address, &sheet) {
                text.push_str(line.trim_end());
                text.push('\n');
            }
            text.push('\n');
        }
    }
    for note in notes(drift) {
        for line in wrapped(&note, style.width) {
            text.push_str(&line);
            text.push('\n');
        }
        text.push('\n');
    }
    for line in wrapped(&end(drift), style.width) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// Says by the way, beneath a plan, that there is something of others.
#[must_use]
pub fn left_alone(foreign: &[Foreign]) -> Option<String> {
    let first = foreign.first()?;
    let alike = foreign
        .iter()
        .all(|it| (&it.noun, &it.within) == (&first.noun, &first.within));
    let objects: std::collections::BTreeSet<_> = foreign.iter().map(|it| &it.within).collect();
    let what = match (alike, foreign.len()) {
        (true, 1) => format!("1 foreign {} in {} is", first.noun, first.within),
        (true, many) => format!("{many} foreign {}s in {} are", first.noun, first.within),
        (false, many) => match objects.len() {
            1 => format!("{many} foreign things in {} are", first.within),
            objects => format!("{many} foreign things in {objects} objects are"),
        },
    };
    Some(format!(
        "{what} left alone: `s3net drift` shows what others did."
    ))
}

fn sheets(drift: &Drift, registry: Registry) -> Vec<(Address, Sheet<'_>)> {
    let ranks = Ranks::new(registry);
    let mut sheets: BTreeMap<Address, Sheet<'_>> = BTreeMap::new();
    for object in &drift.objects {
        let sheet = sheets.entry(object.address.table()).or_default();
        match object.address.part {
            None => sheet.own.push(object),
            Some(_) => sheet.parts.push(object),
        }
    }
    for stranger in &drift.foreign {
        let within = stranger.what.within.table();
        sheets.entry(within).or_default().foreign.push(stranger);
    }
    let mut sheets: Vec<_> = sheets.into_iter().collect();
    for (_, sheet) in &mut sheets {
        sheet
            .parts
            .sort_by_cached_key(|it| ranks.place(&it.address));
    }
    sheets.sort_by_cached_key(|(address, _)| ranks.place(address));
    sheets
}

struct Writer<'d> {
    facts: DriftFacts<'d>,
    style: Style,
}

impl Writer<'_> {
    fn sheet(&self, address: &Address, sheet: &Sheet<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        if sheet.own.is_empty() {
            let name = self.style.paint(Ink::Strong, &address.to_string());
            lines.push(format!("    {name}"));
        }
        for object in &sheet.own {
            let name = self.style.paint(Ink::Strong, &address.to_string());
            let id = self.style.paint(Ink::Faint, &harmless(&object.id));
            lines.push(format!("{} {name}  {id}", self.symbol(object, 3)));
            let said = self.facts.of(object, self.style.width - TABLE);
            lines.extend(hung(said, TABLE));
        }
        let table_is_gone = sheet.own.iter().any(|it| it.happened == Happened::Gone);
        let goes_along = |it: &&&Drifted| table_is_gone && it.happened == Happened::Gone;
        let along: Vec<_> = sheet.parts.iter().filter(goes_along).collect();
        if !along.is_empty() {
            let labels: Vec<_> = along.iter().map(|it| label(&it.address)).collect();
            let text = format!("with {}", labels.join(", "));
            let said = wrapped(&text, self.style.width - TABLE);
            lines.extend(said.iter().map(|it| format!("{}{it}", " ".repeat(TABLE))));
        }
        for part in sheet.parts.iter().filter(|it| !goes_along(it)) {
            lines.extend(self.part(part));
        }
        for stranger in &sheet.foreign {
            lines.extend(self.stranger(&stranger.what));
        }
        lines
    }

    /// A part: on one line where that fits.
    fn part(&self, object: &Drifted) -> Vec<String> {
        let start = format!("{} {}", self.symbol(object, 5), label(&object.address));
        let said = self.facts.of(object, self.style.width - PART);
        let taken = 6 + columns(&label(&object.address)) + 2;
        if let [
            Said {
                columns: Some(more),
                lines,
            },
        ] = &said[..]
            && taken + more <= self.style.width
        {
            return vec![format!("{start}  {}", lines.concat())];
        }
        let mut lines = vec![start];
        lines.extend(hung(said, PART));
        lines
    }

    fn stranger(&self, what: &Foreign) -> Vec<String> {
        let mark = self.style.paint(Ink::Hint, "?");
        let text = format!("{} {}", what.noun, harmless(&what.what));
        let text = match &what.owner {
            Some(owner) => format!("{text} (likely owner: {})", harmless(owner)),
            None => text,
        };
        let lines = wrapped(&text, self.style.width - PART);
        let start = |n| match n {
            0 => format!("    {mark} "),
            _ => " ".repeat(PART),
        };
        let lines = lines.iter().enumerate();
        lines
            .map(|(n, line)| format!("{}{line}", start(n)))
            .collect()
    }

    fn symbol(&self, object: &Drifted, width: usize) -> String {
        let (text, ink) = match &object.happened {
            _ if !object.counts() => (".", Ink::Faint),
            _ if object.only_foreign_tags() => ("?", Ink::Hint),
            Happened::Changed | Happened::Renewed(_) => ("~", Ink::Change),
            Happened::Gone => ("-", Ink::Bad),
            Happened::Appeared => ("+", Ink::Good),
        };
        let painted = self.style.paint(ink, text);
        format!("{}{painted}", " ".repeat(width - text.len()))
    }
}

fn hung(said: Vec<Said>, indent: usize) -> Vec<String> {
    let start = " ".repeat(indent);
    let lines = said.into_iter().flat_map(|it| it.lines);
    lines.map(|line| format!("{start}{line}")).collect()
}

/// What is to be known beside what differs.
fn notes(drift: &Drift) -> Vec<String> {
    let mut notes = Vec::new();
    if drift.by_file > 0 && drift.by_file == drift.compared {
        notes.push(
            "The state knows nothing of this stack, so it was compared with the file. \
             `s3net state rebuild` makes a state from what lives."
                .to_owned(),
        );
    }
    if !drift.unfinished.is_empty() {
        let left = drift.unfinished.iter().map(ToString::to_string);
        let left = left.collect::<Vec<_>>().join(", ");
        notes.push(format!(
            "Not compared, since an interrupted run left it half done: {left}."
        ));
    }
    notes
}

fn end(drift: &Drift) -> String {
    let Drift { stack, place, .. } = drift;
    let (region, account) = (&place.region, &place.account);
    if drift.is_any() {
        let ours = || {
            let objects = drift.objects.iter();
            objects.filter(|it| it.counts() && !it.only_foreign_tags())
        };
        let count =
            |wanted: fn(&Happened) -> bool| ours().filter(|it| wanted(&it.happened)).count();
        let tagged = drift.objects.iter().filter(|it| it.only_foreign_tags());
        return format!(
            "Drift: {} changed, {} gone, {} appeared, {} foreign.",
            count(|it| matches!(it, Happened::Changed | Happened::Renewed(_))),
            count(|it| *it == Happened::Gone),
            count(|it| *it == Happened::Appeared),
            drift.foreign.len() + tagged.count()
        );
    }
    if drift.compared == 0 {
        return format!(
            "Nothing to compare: nothing of {stack} lives in {region}, account {account}."
        );
    }
    let objects = match drift.compared {
        1 => "1 object".to_owned(),
        many => format!("{many} objects"),
    };
    let as_what = match drift.by_file == drift.compared {
        true => "as the file wants it",
        false => "as the last run left it",
    };
    let but = match drift.objects.is_empty() {
        true => "",
        false => ", but for what is ignored",
    };
    format!("No drift. The live network of {stack} is {as_what}{but}: {objects} in {region}.")
}

#[cfg(test)]
mod tests;

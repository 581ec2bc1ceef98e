//! How one table of a plan is set: its line, what is to be known of it, and
//! its parts beneath it.

use super::facts::{Content, FORCES, Fact, Facts};
use super::fitting::{columns, harmless, padded, wrapped};
use super::listing::{Deed, Entry, Table};
use super::style::{Ink, Style};
use crate::kind::Registry;
use crate::model::Address;
use crate::plan::Plan;

/// How far the facts of a table, and of a part, stand in.
const TABLE: usize = 6;
const PART: usize = 8;
/// How much farther a fact stands in where it goes on on another line.
const HANG: usize = 2;
/// Names up to so many columns have what is said of them in one column.
const COMMON: usize = 32;

/// A plan on its way to text.
pub struct Sheet<'p> {
    facts: Facts<'p>,
    /// The columns that the addresses of what goes take.
    going: usize,
    style: Style,
    full: bool,
}

impl<'p> Sheet<'p> {
    /// A sheet for the tables of a plan.
    #[must_use]
    pub fn new(
        plan: &'p Plan,
        registry: Registry,
        style: Style,
        full: bool,
        tables: &[Table<'p>],
    ) -> Self {
        let own = tables.iter().flat_map(|table| &table.own);
        let going = own.filter(|entry| entry.deed.goes());
        let widths = going.map(|entry| columns(&entry.step.address.to_string()));
        Self {
            going: widths.filter(|width| *width <= COMMON).max().unwrap_or(0),
            facts: Facts::new(plan, registry, style, full, tables),
            style,
            full,
        }
    }

    /// What is to be said beneath all tables, line by line.
    #[must_use]
    pub fn foot(&self) -> Vec<String> {
        let shared = self.facts.shared_tags();
        if shared.is_empty() {
            return Vec::new();
        }
        let text = format!("New objects also get the tags {shared}.");
        let mut lines = wrapped(&text, self.style.width);
        lines.push(String::new());
        lines
    }

    /// The lines of one table.
    #[must_use]
    pub fn table(&self, table: &Table<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        if table.own.is_empty() {
            lines.push(format!("    {}", self.strong(&table.address.to_string())));
        }
        for entry in &table.own {
            lines.push(self.head(entry));
            lines.extend(self.reason(entry, TABLE));
            let room = self.style.width.saturating_sub(TABLE);
            lines.extend(self.block(&self.facts.of(entry, room), TABLE));
        }
        let (following, telling): (Vec<_>, Vec<_>) = table
            .parts
            .iter()
            .partition(|part| !self.full && self.follows(table, part));
        lines.extend(self.following(&following));
        let labels = telling
            .iter()
            .map(|part| columns(&label(&part.step.address)));
        let common = labels.filter(|width| *width <= COMMON).max();
        for part in telling {
            lines.extend(self.part(part, common.unwrap_or(0)));
        }
        lines
    }

    /// The line of a table: what becomes of it, its address, its id.
    fn head(&self, entry: &Entry<'_>) -> String {
        let symbol = self.symbol(entry.deed, 3);
        let width = if entry.deed.goes() { self.going } else { 0 };
        let address = self.strong(&padded(&entry.step.address.to_string(), width));
        let id = match (entry.deed, &entry.step.id) {
            (Deed::Create, _) | (_, None) => String::new(),
            (_, Some(id)) => format!("  {}", self.faint(&harmless(id))),
        };
        format!("{symbol} {address}{id}")
    }

    /// Why it meets its fate, where that is not plain.
    fn reason(&self, entry: &Entry<'_>, indent: usize) -> Vec<String> {
        let text = match entry.deed {
            Deed::Replace {
                reason,
                new_first: false,
            } => format!("replace: {}", harmless(reason)),
            Deed::Replace {
                reason,
                new_first: true,
            } => format!("replace, the new one first: {}", harmless(reason)),
            Deed::Delete { surplus: true } => {
                "a second object with this address; the other one stays".to_owned()
            }
            Deed::Forget => "left as it is; s3net takes its tags off and forgets it".to_owned(),
            Deed::Adopt if entry.step.address.part.is_none() => {
                "adopted: it is there already, and becomes this stack's".to_owned()
            }
            Deed::Update if entry.step.given_back && entry.step.address.part.is_none() => {
                "given back: s3net takes its tags off and forgets it".to_owned()
            }
            Deed::Create | Deed::Adopt | Deed::Update | Deed::Delete { surplus: false } => {
                return Vec::new();
            }
        };
        let lines = wrapped(&text, self.style.width.saturating_sub(indent));
        let start = " ".repeat(indent);
        lines
            .iter()
            .map(|line| format!("{start}{}", self.style.paint(Ink::Change, line)))
            .collect()
    }

    /// A part: on one line where that fits.
    fn part(&self, entry: &Entry<'_>, common: usize) -> Vec<String> {
        let symbol = self.symbol(entry.deed, 5);
        let name = label(&entry.step.address);
        let facts = self.facts.of(entry, self.style.width.saturating_sub(PART));
        let reason = self.reason(entry, PART);
        if reason.is_empty()
            && let Some((plain, painted)) = one_line(&facts)
        {
            let name = padded(&name, common);
            // The symbol's columns, and the gaps around the name.
            if 5 + 1 + columns(&name) + 2 + columns(&plain) <= self.style.width {
                return vec![format!("{symbol} {name}  {painted}")];
            }
        }
        let mut lines = vec![format!("{symbol} {name}")];
        lines.extend(reason);
        lines.extend(self.block(&facts, PART));
        lines
    }

    /// Whether what becomes of the table says all about a part: it goes along,
    /// or is made anew for no other reason than that its table is, and what
    /// else it refers to.
    fn follows(&self, table: &Table<'_>, part: &Entry<'_>) -> bool {
        let because_of_others = || {
            part.step.differences.iter().all(|change| {
                let target = part.step.inputs.target(&change.field);
                target.is_some_and(|target| self.facts.is_made_anew(target))
            })
        };
        table.own.iter().any(|own| match (own.deed, part.deed) {
            (Deed::Delete { .. }, Deed::Delete { .. }) | (Deed::Forget, Deed::Forget) => true,
            (Deed::Replace { .. }, Deed::Replace { .. }) => because_of_others(),
            _ => false,
        })
    }

    /// The parts of which their table's fate says all.
    fn following(&self, parts: &[&Entry<'_>]) -> Vec<String> {
        if parts.is_empty() {
            return Vec::new();
        }
        let labels: Vec<_> = parts.iter().map(|part| label(&part.step.address)).collect();
        let text = format!("with {}", labels.join(", "));
        wrapped(&text, self.style.width.saturating_sub(TABLE))
            .iter()
            .map(|line| format!("{}{}", " ".repeat(TABLE), self.faint(line)))
            .collect()
    }

    /// Facts, each on a line of its own or on several.
    fn block(&self, facts: &[Fact], indent: usize) -> Vec<String> {
        let start = " ".repeat(indent);
        let of_values = facts.iter().filter(|fact| fact.is_value);
        let width = of_values.map(|fact| columns(&fact.name)).max().unwrap_or(0);
        let mut lines = Vec::new();
        for fact in facts {
            let name = if fact.is_value {
                format!("{} =", padded(&fact.name, width))
            } else {
                format!("{}:", fact.name)
            };
            let forces = if fact.forces { FORCES } else { "" };
            let mark = match fact.forces {
                true => self.style.paint(Ink::Change, forces),
                false => String::new(),
            };
            let room = self.style.width.saturating_sub(indent);
            match &fact.content {
                Content::Words { plain, .. }
                    if !fact.is_value
                        && columns(&name) + 1 + columns(plain) + columns(forces) > room =>
                {
                    let text = format!("{name} {plain}{forces}");
                    let broken = wrapped(&text, room.saturating_sub(HANG)).into_iter();
                    lines.extend(broken.enumerate().map(|(index, line)| match index {
                        0 => format!("{start}{line}"),
                        _ => format!("{start}{}{line}", " ".repeat(HANG)),
                    }));
                }
                Content::Words { painted, .. } => {
                    lines.push(format!("{start}{name} {painted}{mark}"));
                }
                Content::Lines(inner) if fact.is_value => {
                    for (index, line) in inner.iter().enumerate() {
                        lines.push(match index {
                            0 => format!("{start}{name} {line}"),
                            _ => format!("{start}{line}"),
                        });
                    }
                }
                Content::Lines(inner) => {
                    lines.push(format!("{start}{name}{mark}"));
                    lines.extend(inner.iter().map(|line| format!("{start}  {line}")));
                }
            }
        }
        lines
    }

    fn symbol(&self, deed: Deed<'_>, width: usize) -> String {
        let (text, inks) = match deed {
            Deed::Create => ("+", &[Ink::Good][..]),
            Deed::Adopt => (">", &[Ink::Good][..]),
            Deed::Update => ("~", &[Ink::Change][..]),
            Deed::Replace {
                new_first: false, ..
            } => ("-/+", &[Ink::Bad, Ink::Faint, Ink::Good][..]),
            Deed::Replace {
                new_first: true, ..
            } => ("+/-", &[Ink::Good, Ink::Faint, Ink::Bad][..]),
            Deed::Delete { .. } => ("-", &[Ink::Bad][..]),
            Deed::Forget => (".", &[Ink::Change][..]),
        };
        let painted: String = text
            .chars()
            .zip(inks)
            .map(|(character, ink)| self.style.paint(*ink, &character.to_string()))
            .collect();
        format!("{}{painted}", " ".repeat(width - text.len()))
    }

    fn strong(&self, text: &str) -> String {
        self.style.paint(Ink::Strong, &harmless(text))
    }

    fn faint(&self, text: &str) -> String {
        self.style.paint(Ink::Faint, text)
    }
}

/// A part's own piece of its address.
#[must_use]
pub fn label(address: &Address) -> String {
    match &address.part {
        Some(part) if part.key.is_empty() => part.label.clone(),
        Some(part) => format!("{}:{}", part.label, harmless(&part.key)),
        None => String::new(),
    }
}

/// All facts in one line, as measured and as painted.
fn one_line(facts: &[Fact]) -> Option<(String, String)> {
    let mut both = (Vec::new(), Vec::new());
    for fact in facts {
        let Content::Words { plain, painted } = &fact.content else {
            return None;
        };
        let sign = if fact.is_value { " =" } else { ":" };
        both.0.push(format!("{}{sign} {plain}", fact.name));
        both.1.push(format!("{}{sign} {painted}", fact.name));
    }
    Some((both.0.join(", "), both.1.join(", ")))
}

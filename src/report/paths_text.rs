//! How ways change, for people: the path diff beside a plan's steps.
//!
//! ```text
//! Ways that change:
//!   subnet.private-1 → bucket.data: NAT gateway ⇒ gateway endpoint
//!       (0.062 USD/GB ⇒ 0)
//!   instance.three → bucket.data: none ⇒ interface endpoint by its own name
//!       (0.01 USD/GB)
//! ```

use std::collections::BTreeSet;

use super::fitting::{harmless, wrapped};
use super::style::{Ink, Style};
use super::trace_price;
use crate::trace::{Door, Passage, PathChange, Works};

/// How many changes are told without `--full`.
const SHOWN: usize = 12;

/// Several origins that change alike on the way to one bucket.
struct Group<'a> {
    from: Vec<&'a str>,
    change: &'a PathChange,
}

/// The ways that change, grouped where they change alike; empty for none.
#[must_use]
pub fn changes(changes: &[PathChange], region: &str, style: Style, full: bool) -> String {
    if changes.is_empty() {
        return String::new();
    }
    let groups = grouped(changes);
    let shown = if full {
        groups.len()
    } else {
        SHOWN.min(groups.len())
    };
    let mut text = format!("\n{}\n", style.paint(Ink::Strong, "Ways that change:"));
    for group in &groups[..shown] {
        for line in lines(group, region, style) {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    if shown < groups.len() {
        let more = groups.len() - shown;
        text.push_str(&format!("  … and {more} more; --full shows them\n"));
    }
    text.push('\n');
    text
}

fn grouped(changes: &[PathChange]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for change in changes {
        let alike = groups.iter_mut().find(|group| {
            let it = group.change;
            it.to == change.to && it.before == change.before && it.after == change.after
        });
        match alike {
            Some(group) => group.from.push(&change.from),
            None => groups.push(Group {
                from: vec![&change.from],
                change,
            }),
        }
    }
    groups
}

fn lines(group: &Group<'_>, region: &str, style: Style) -> Vec<String> {
    let PathChange {
        to, before, after, ..
    } = group.change;
    let from: Vec<String> = group.from.iter().map(|it| harmless(it)).collect();
    let (old, new) = (
        words(before.as_ref(), after.as_ref()),
        words(after.as_ref(), before.as_ref()),
    );
    let price = price(before.as_ref(), after.as_ref(), region);
    let text = format!(
        "{} → {}: {old} ⇒ {new}{price}",
        from.join(", "),
        harmless(to)
    );
    let mut lines = hanging(&text, 2, 6, style.width);
    if let Some(Works::No(why)) = after.as_ref().map(|it| &it.works) {
        lines.extend(hanging(&harmless(why), 6, 6, style.width));
    }
    if let Some(Works::Unknown(why)) = after.as_ref().map(|it| &it.works) {
        lines.extend(hanging(&harmless(why), 6, 6, style.width));
    }
    lines
}

/// A text in lines, the first of which is indented less than the others.
fn hanging(text: &str, first: usize, others: usize, width: usize) -> Vec<String> {
    let mut lines = wrapped(text, width.saturating_sub(others)).into_iter();
    let head = lines
        .next()
        .map(|line| format!("{}{line}", " ".repeat(first)));
    let rest = lines.map(|line| format!("{}{line}", " ".repeat(others)));
    head.into_iter().chain(rest).collect()
}

/// How a call goes, in a few words; with names where both sides have one kind of
/// door.
fn words(passage: Option<&Passage>, other: Option<&Passage>) -> String {
    let Some(passage) = passage else {
        return "none".to_owned();
    };
    let kind = |passage: Option<&Passage>| {
        let door = passage.and_then(|it| it.door.as_ref());
        door.map(Door::kind)
    };
    match (&passage.works, &passage.door) {
        (Works::No(_), _) => "blocked".to_owned(),
        (Works::Unknown(_), None) => "not known".to_owned(),
        (Works::Unknown(_), Some(door)) => format!("perhaps {}", door.noun()),
        (Works::Yes, None) => "reachable".to_owned(),
        (Works::Yes, Some(door)) => {
            let twice = other.is_some() && kind(Some(passage)) == kind(other);
            let name = match twice {
                true => harmless(door.key()),
                false => door.noun().to_owned(),
            };
            match passage.by_endpoint_name {
                true => format!("{name} by its own name"),
                false => name,
            }
        }
    }
}

/// ` (0.062 USD/GB ⇒ 0)`, or nothing where no price is known.
fn price(before: Option<&Passage>, after: Option<&Passage>, region: &str) -> String {
    let of = |passage: Option<&Passage>| {
        let passage = passage.filter(|it| it.works == Works::Yes)?;
        trace_price::per_gb(passage.door.as_ref()?, region)
    };
    match (of(before), of(after)) {
        (Some(one), Some(other)) if one == other => String::new(),
        (Some(one), Some(other)) => format!(" ({one} USD/GB ⇒ {other})"),
        (None, Some(price)) => format!(" ({price} USD/GB)"),
        _ => String::new(),
    }
}

/// What to do about connections that break.
pub const RETRY: &str = "clients that retry notice nothing";

/// What breaks when the ways change; nothing where nothing does.
#[must_use]
pub fn broken_connections(changes: &[PathChange]) -> Option<String> {
    let broken = changes.iter().filter(|change| change.breaks_connections());
    let from: BTreeSet<&str> = broken.map(|change| change.from.as_str()).collect();
    if from.is_empty() {
        return None;
    }
    let from: Vec<String> = from.into_iter().map(harmless).collect();
    Some(format!(
        "open connections to S3 from {} break when their way changes",
        from.join(", ")
    ))
}

#[cfg(test)]
mod tests;

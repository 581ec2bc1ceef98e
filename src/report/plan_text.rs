//! A plan for people.
//!
//! ```text
//! three-ways in ap-northeast-1, account 123456789012
//!
//!   + subnet.private-1                            made
//!       vpc  = vpc.main
//!       cidr = 10.0.1.0/24
//!
//!   > vpc.main  vpc-0a1b                          adopted
//!
//!   ~ gateway_endpoint.s3  vpce-0a1b              changed in place
//!       route_tables: [route_table.a] → [route_table.a, route_table.b]
//!
//! -/+ subnet.private-2  subnet-0a1b               made anew, the old one first
//!       replace: AWS cannot change a subnet's IPv4 block
//!       cidr: 10.0.2.0/24 → 10.0.9.0/24  <- forces it
//!
//! +/- security_group.endpoint  sg-0a1b            made anew, the new one first
//!   - elastic_ip.nat  eipalloc-0a1b               deleted
//!   . bucket.data  my-data                        left to itself
//! ```

use super::drift_text;
use super::fitting::wrapped;
use super::forecast;
use super::left_out;
use super::lifetime_text;
use super::listing::tables;
use super::occasion::Occasion;
use super::sheet::Sheet;
use super::style::{Ink, Style};
use crate::kind::Registry;
use crate::plan::{Plan, Totals};

/// The plan as text, as much of it as the occasion wants.
#[must_use]
pub fn plan(plan: &Plan, registry: Registry, style: Style, occasion: Occasion) -> String {
    let full = occasion.is_full();
    if plan.is_empty() {
        return set(&nothing_to_do(plan), style)
            + &lifetime_text::line(plan, style, occasion)
            + &left_out::text(plan, registry, style, occasion)
            + &left_alone(plan, style);
    }
    let tables = tables(plan, registry);
    let sheet = Sheet::new(plan, registry, style, full, &tables);
    let place = format!("{}, account {}", plan.place.region, plan.place.account);
    let mut text = format!("{} in {place}\n", style.paint(Ink::Strong, &plan.stack));
    // What only goes is a list; what is made or changed has something to say.
    let mut entries = tables
        .iter()
        .flat_map(|table| table.own.iter().chain(&table.parts));
    let is_list = !full && entries.all(|entry| entry.deed.goes());
    let mut roomy = true;
    for table in &tables {
        let lines = sheet.table(table);
        if roomy || (lines.len() > 1 && !is_list) {
            text.push('\n');
        }
        roomy = lines.len() > 1 && !is_list;
        for line in lines {
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text.push('\n');
    for line in sheet.foot() {
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str(&lifetime_text::line(plan, style, occasion));
    text.push_str(&totals(&plan.totals(), style));
    text.push('\n');
    if let Some(estimate) = forecast::in_words(plan, registry) {
        for line in wrapped(&estimate, style.width) {
            text.push_str(&style.paint(Ink::Faint, &line));
            text.push('\n');
        }
    }
    text.push_str(&left_out::text(plan, registry, style, occasion));
    text.push_str(&left_alone(plan, style));
    text
}

/// What others have put into our objects.
fn left_alone(plan: &Plan, style: Style) -> String {
    let said = drift_text::left_alone(&plan.foreign);
    said.map_or_else(String::new, |said| set(&said, style))
}

/// A sentence, set in lines.
fn set(said: &str, style: Style) -> String {
    let lines = wrapped(said, style.width).into_iter();
    lines.map(|line| line + "\n").collect()
}

fn nothing_to_do(plan: &Plan) -> String {
    let Totals { keep, .. } = plan.totals();
    let (stack, region, account) = (&plan.stack, &plan.place.region, &plan.place.account);
    if !plan.left_out.is_empty() {
        return format!(
            "No changes. What was asked for of {stack} is as it should be in {region}."
        );
    }
    if keep == 0 {
        return format!("Nothing to do: nothing of {stack} lives in {region}, account {account}.");
    }
    let objects = if keep == 1 { "object" } else { "objects" };
    format!("No changes. The live network is as {stack} wants it: {keep} {objects} in {region}.")
}

/// `Plan: 33 to create, 0 to change, 0 to replace, 0 to destroy.`
fn totals(totals: &Totals, style: Style) -> String {
    let mut counts = vec![
        (totals.create, "to create", Ink::Good),
        (totals.update, "to change", Ink::Change),
        (totals.replace, "to replace", Ink::Change),
        (totals.delete, "to destroy", Ink::Bad),
    ];
    if totals.adopt > 0 {
        counts.insert(0, (totals.adopt, "to adopt", Ink::Good));
    }
    if totals.forget > 0 {
        let what = match totals.forget {
            1 => "to leave to itself",
            _ => "to leave to themselves",
        };
        counts.push((totals.forget, what, Ink::Change));
    }
    let start = "Plan: ";
    let mut text = style.paint(Ink::Strong, start.trim_end()) + " ";
    let mut column = start.len();
    for (place, (count, what, ink)) in counts.iter().enumerate() {
        let count_text = format!("{count} {what}");
        // A comma or the full stop comes behind it.
        let width = count_text.len() + 1;
        if place > 0 && column + 1 + width > style.width {
            text.push_str(&format!("\n{:column$}", "", column = start.len()));
            column = start.len();
        } else if place > 0 {
            text.push(' ');
            column += 1;
        }
        column += width;
        text.push_str(&match count {
            0 => count_text,
            _ => style.paint(*ink, &count_text),
        });
        text.push(if place + 1 < counts.len() { ',' } else { '.' });
    }
    text
}

#[cfg(test)]
mod tests;

//! Stacks with a lifetime, for people.
//!
//! ```text
//! Stacks with a lifetime in ap-northeast-1, account 123456789012
//!
//!   lab-7       ended 2 h 5 min ago, 2026-11-22 14:00 UTC
//!               costs by the hour: 3 × instance, nat_gateway
//!               and 4 × route_table, 4 × subnet, vpc
//!   three-ways  3 h 20 min left, until 2026-11-22 19:25 UTC
//!               …
//!
//! 1 is over, 1 goes on.
//! ```

use std::collections::BTreeMap;

use super::fitting::{columns, harmless, padded, wrapped};
use super::reap_json::Fate;
use super::style::{Ink, Style};
use crate::model::Place;
use crate::model::lifetime::{told, words};
use crate::refresh::{Aged, Verdict};

/// The kinds that cost by the hour for as long as they live, whatever goes
/// through them (AWS's price lists of EC2, Amazon VPC and AWS PrivateLink; an
/// IPv4 address costs since February 2024, whether it is used or not).
pub const COSTLY: &[&str] = &[
    "elastic_ip",
    "instance",
    "interface_endpoint",
    "nat_gateway",
];

/// What to do about a stack of which it is not clear whether it is over.
const CLEARED: &str = "who has its file makes it clear: `s3net apply FILE --renew` writes the \
                       tag anew, `s3net destroy FILE` takes the stack down";

/// Names up to so many columns have what is said of them in one column.
const COMMON: usize = 24;

/// The stacks of one place, a paragraph each.
#[must_use]
pub fn list(place: &Place, stacks: &[&Aged], style: Style) -> String {
    let head = format!(
        "Stacks with a lifetime in {}, account {}",
        harmless(&place.region),
        harmless(&place.account)
    );
    let mut text = style.paint(Ink::Strong, &head) + "\n\n";
    let widths = stacks.iter().map(|stack| columns(&stack.stack));
    let width = widths.filter(|width| *width <= COMMON).max().unwrap_or(0);
    for stack in stacks {
        let name = padded(&harmless(&stack.stack), width);
        let indent = 4 + width;
        let room = style.width.saturating_sub(indent);
        let start = format!("  {}  ", style.paint(Ink::Strong, &name));
        let ink = match stack.verdict {
            Verdict::Expired(_) => Ink::Bad,
            Verdict::Alive(_) => Ink::Good,
            Verdict::Unclear(_) => Ink::Change,
        };
        let verdict = paragraph(&headline(stack), room);
        let verdict = verdict.iter().map(|line| style.paint(ink, line));
        let more = facts(stack);
        let more = more.iter().flat_map(|fact| paragraph(fact, room));
        for (number, line) in verdict.chain(more).enumerate() {
            match number {
                0 => text.push_str(&format!("{start}{line}\n")),
                _ => text.push_str(&format!("{}{line}\n", " ".repeat(indent))),
            }
        }
    }
    text.push('\n');
    text.push_str(&totals(stacks));
    text.push('\n');
    text
}

fn paragraph(text: &str, room: usize) -> Vec<String> {
    wrapped(&harmless(text), room)
}

/// What is first said of a stack.
fn headline(stack: &Aged) -> String {
    let until = stack.until.map(told).unwrap_or_default();
    match &stack.verdict {
        Verdict::Expired(ago) => format!("ended {} ago, {until}", words(*ago)),
        Verdict::Alive(left) => format!("{} left, until {until}", words(*left)),
        Verdict::Unclear(_) => "not clear, so it is left alone".to_owned(),
    }
}

/// What is said beneath.
fn facts(stack: &Aged) -> Vec<String> {
    let mut lines = match &stack.verdict {
        Verdict::Unclear(reasons) => reasons
            .iter()
            .map(String::as_str)
            .chain([CLEARED])
            .map(str::to_owned)
            .collect(),
        Verdict::Expired(_) | Verdict::Alive(_) => Vec::new(),
    };
    let of = |costly: bool| {
        let kinds = stack.objects.iter();
        let kinds = kinds.filter(|(kind, _)| COSTLY.contains(&kind.as_str()) == costly);
        counted(kinds)
    };
    let (costly, others) = (of(true), of(false));
    if !costly.is_empty() {
        lines.push(format!("costs by the hour: {costly}"));
    }
    if !others.is_empty() {
        let and = if costly.is_empty() { "" } else { "and " };
        lines.push(format!("{and}{others}"));
    }
    lines
}

/// `3 × instance, nat_gateway`
fn counted<'a>(kinds: impl Iterator<Item = (&'a String, &'a usize)>) -> String {
    let words = kinds.map(|(kind, count)| match count {
        1 => kind.clone(),
        count => format!("{count} × {kind}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

fn totals(stacks: &[&Aged]) -> String {
    let count = |is: fn(&Verdict) -> bool| stacks.iter().filter(|s| is(&s.verdict)).count();
    let over = count(|verdict| matches!(verdict, Verdict::Expired(_)));
    let alive = count(|verdict| matches!(verdict, Verdict::Alive(_)));
    let unclear = count(|verdict| matches!(verdict, Verdict::Unclear(_)));
    let go = |count| if count == 1 { "goes on" } else { "go on" };
    let are = |count| if count == 1 { "is" } else { "are" };
    let mut said = vec![
        format!("{over} {} over", are(over)),
        format!("{alive} {}", go(alive)),
    ];
    if unclear > 0 {
        said.push(format!("{unclear} {} not clear", are(unclear)));
    }
    format!("{}.", said.join(", "))
}

/// Why a stack is not taken down, as sentence fragments.
#[must_use]
pub fn said(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Expired(ago) => vec![format!("its lifetime ended {} ago", words(*ago))],
        Verdict::Alive(left) => vec![format!("it has {} left by now", words(*left))],
        Verdict::Unclear(reasons) => reasons.clone(),
    }
}

/// What became of several stacks.
#[must_use]
pub fn reaped(fates: &[Fate]) -> String {
    let first = fates.first().map(|fate| &fate.region);
    let several = fates.iter().any(|fate| Some(&fate.region) != first);
    let mut by_result: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for Fate {
        stack,
        region,
        result,
    } in fates
    {
        let stacks = by_result.entry(*result).or_default();
        stacks.push(match several {
            true => format!("{stack} in {region}"),
            false => stack.clone(),
        });
    }
    let lines = by_result.into_iter().map(|(result, stacks)| {
        let what = match result {
            "gone" => "Gone",
            "kept" => "Left, since it is not over any more",
            "locked" => "Left, since another run works on it",
            "declined" => "Left, since nobody approved",
            "interrupted" => "Interrupted",
            _ => "Not gone",
        };
        format!("{what}: {}", stacks.join(", "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn aged(stack: &str, verdict: Verdict, objects: &[(&str, usize)]) -> Aged {
        Aged {
            stack: stack.into(),
            until: Some("2026-11-22T14:00:00Z".parse().unwrap()),
            verdict,
            objects: objects.iter().map(|(k, n)| ((*k).into(), *n)).collect(),
        }
    }

    #[test]
    fn a_list_of_stacks() {
        let lab = aged(
            "lab-7",
            Verdict::Expired(Duration::from_secs(7_500)),
            &[
                ("elastic_ip", 1),
                ("instance", 3),
                ("nat_gateway", 1),
                ("route_table", 4),
                ("subnet", 4),
                ("vpc", 1),
            ],
        );
        let left = Verdict::Alive(Duration::from_secs(12_000));
        let ways = aged("three-ways", left, &[("bucket", 1)]);
        let doubt = "`next week` on vpc.main (vpc-0a1b2c3d4e5f60718) is no end of a lifetime";
        let odd = aged("odd", Verdict::Unclear(vec![doubt.into()]), &[("vpc", 1)]);
        let place = Place {
            account: "123456789012".into(),
            region: "ap-northeast-1".into(),
        };
        let text = list(&place, &[&lab, &odd, &ways], Style::PLAIN);
        assert!(text.lines().all(|line| columns(line) <= 80), "{text}");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn what_became_of_stacks_of_several_regions_tells_which() {
        let fate = |stack: &str, region: &str, result| Fate {
            stack: stack.into(),
            region: region.into(),
            result,
        };
        let (here, there) = ("eu-west-1", "us-east-1");
        let one = [fate("lab", here, "gone"), fate("web", here, "gone")];
        assert_eq!(reaped(&one), "Gone: lab, web");
        let two = [
            fate("lab", here, "gone"),
            fate("lab", there, "gone"),
            fate("web", there, "kept"),
        ];
        assert_eq!(
            reaped(&two),
            "Gone: lab in eu-west-1, lab in us-east-1\n\
             Left, since it is not over any more: web in us-east-1"
        );
    }
}

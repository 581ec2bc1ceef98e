//! What became of an interrupted run's calls, in words and as JSON.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::json::FORMAT_VERSION;
use crate::model::Action;
use crate::refresh::{Became, Expected, Resumed};

/// What is being looked for that AWS may not show yet.
#[must_use]
pub fn waiting(expected: &Expected, longest: Duration) -> String {
    let what = match &expected.id {
        Some(id) => format!("{} ({id}), made a moment ago", expected.address),
        None => format!(
            "{}, which an interrupted run may have made a moment ago",
            expected.address
        ),
    };
    format!(
        "AWS does not show {what}. It may not show it yet: looking for it, {} s at most.",
        longest.as_secs().max(1)
    )
}

/// What became of each open call: a line each.
#[must_use]
pub fn resumed(calls: &[Resumed]) -> String {
    let mut lines: Vec<String> = calls.iter().map(line).collect();
    lines.push(String::new());
    lines.join("\n")
}

fn line(call: &Resumed) -> String {
    let (node, run) = (&call.address, since(call.run));
    let by = format!("by the interrupted run of {run}");
    match &call.became {
        Became::Adopted(id) => format!("adopted {node} ({id}), created {by}"),
        Became::Several(ids) => format!(
            "{node} was created more than once {by}: {}; the plan keeps one",
            ids.join(", ")
        ),
        Became::Unfinished(id) => format!("found {node} ({id}), created {by} and not waited for"),
        Became::NotMade => match call.action {
            Action::Adopt => format!("{node} was not adopted {by}"),
            _ => format!("{node} was not created {by}"),
        },
        Became::Unseen => format!("{node} is not seen yet, and safe to ask for again: begun {by}"),
        Became::Changed(id) => {
            let done = match call.action {
                Action::Adopt => "adopted",
                _ => "changed",
            };
            format!("{node} ({id}) was being {done} {by}")
        }
        Became::Gone => format!("{node} was deleted {by}"),
        Became::StillThere(id) => format!("{node} ({id}) was not deleted {by}"),
    }
}

/// The time of a run: its day too, where that is not today.
fn since(run: Timestamp) -> String {
    let day = "%Y-%m-%d";
    let today = Timestamp::now().strftime(day).to_string() == run.strftime(day).to_string();
    let form = if today {
        "%H:%M UTC"
    } else {
        "%Y-%m-%d %H:%M UTC"
    };
    run.strftime(form).to_string()
}

/// The same as one document.
#[must_use]
pub fn resumed_document(calls: &[Resumed]) -> Value {
    json!({
        "format_version": FORMAT_VERSION,
        "document": "resumed",
        "calls": calls.iter().map(call_document).collect::<Vec<_>>(),
    })
}

fn call_document(call: &Resumed) -> Value {
    let (became, ids) = match &call.became {
        Became::Adopted(id) => ("adopted", vec![id]),
        Became::Several(ids) => ("several", ids.iter().collect()),
        Became::Unfinished(id) => ("unfinished", vec![id]),
        Became::NotMade => ("not_made", vec![]),
        Became::Unseen => ("unseen", vec![]),
        Became::Changed(id) => ("changed", vec![id]),
        Became::Gone => ("gone", vec![]),
        Became::StillThere(id) => ("still_there", vec![id]),
    };
    json!({
        "address": call.address,
        "action": call.action,
        "became": became,
        "ids": ids,
        "command": call.command,
        "run": call.run,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Address};

    #[test]
    fn every_end_is_told_in_a_line_and_in_the_document() {
        let id = || "eipalloc-1".to_owned();
        let ends = [
            Became::Adopted(id()),
            Became::Several(vec![id(), "eipalloc-2".to_owned()]),
            Became::Unfinished(id()),
            Became::NotMade,
            Became::Unseen,
            Became::Changed(id()),
            Became::Gone,
            Became::StillThere(id()),
        ];
        let calls: Vec<Resumed> = ends
            .into_iter()
            .map(|became| Resumed {
                address: Address::new("elastic_ip", "nat"),
                action: Action::Create,
                became,
                command: "s3net apply".to_owned(),
                run: "2026-03-04T14:02:09Z".parse().unwrap(),
            })
            .collect();
        insta::assert_snapshot!(resumed(&calls), @r"
        adopted elastic_ip.nat (eipalloc-1), created by the interrupted run of 2026-03-04 14:02 UTC
        elastic_ip.nat was created more than once by the interrupted run of 2026-03-04 14:02 UTC: eipalloc-1, eipalloc-2; the plan keeps one
        found elastic_ip.nat (eipalloc-1), created by the interrupted run of 2026-03-04 14:02 UTC and not waited for
        elastic_ip.nat was not created by the interrupted run of 2026-03-04 14:02 UTC
        elastic_ip.nat is not seen yet, and safe to ask for again: begun by the interrupted run of 2026-03-04 14:02 UTC
        elastic_ip.nat (eipalloc-1) was being changed by the interrupted run of 2026-03-04 14:02 UTC
        elastic_ip.nat was deleted by the interrupted run of 2026-03-04 14:02 UTC
        elastic_ip.nat (eipalloc-1) was not deleted by the interrupted run of 2026-03-04 14:02 UTC
        ");
        assert_eq!(
            resumed_document(&calls)["calls"].as_array().unwrap().len(),
            8
        );
    }
}

//! How a run is taken back, in words and as JSON.
//!
//! The plan of a rollback is shown as every plan is; here is what stands around
//! it, and what no rollback brings back.

use serde_json::{Value, json};

use super::fitting::harmless;
use super::json::{FORMAT_VERSION, changes, totals};
use super::switch_text;
use crate::plan::Plan;
use crate::plan::rollback::Lost;

/// What a run would lose for good, told before it begins; none where it loses
/// nothing. The problem and the advice.
#[must_use]
pub fn limits(lost: &[Lost]) -> Option<(String, &'static str)> {
    (!lost.is_empty()).then(|| {
        (
            format!(
                "a rollback could not bring back everything that this plan deletes: {}",
                named(lost)
            ),
            "a rollback makes the objects again, with new ids, and without these",
        )
    })
}

/// The line above the rollback's plan.
#[must_use]
pub fn beginning(plan: &Plan) -> String {
    format!(
        "\nRolling back: {} goes back to what it was before this run.\n",
        plan.stack
    )
}

/// Where the run had changed nothing.
pub const NOTHING: &str = "Nothing to roll back: this run has changed nothing.";

/// What there is at the end of a rollback that got through.
#[must_use]
pub fn ending(plan: &Plan, lost: &[Lost]) -> String {
    let but = match lost {
        [] => String::new(),
        lost => format!(", but for {}", named(lost)),
    };
    format!(
        "Rolled back: {} is as it was before this run{but}.",
        plan.stack
    )
}

/// `bucket.data (the objects in it), elastic_ip.nat (its address 192.0.2.7)`
fn named(lost: &[Lost]) -> String {
    let named = lost.iter().map(|lost| {
        let what = harmless(&lost.what);
        format!("{} ({what})", lost.address)
    });
    named.collect::<Vec<_>>().join(", ")
}

/// The plan of a rollback as one document.
#[must_use]
pub fn document(plan: &Plan, lost: &[Lost]) -> Value {
    let lost = lost.iter();
    json!({
        "format_version": FORMAT_VERSION,
        "document": "rollback",
        "stack": plan.stack,
        "place": plan.place,
        "totals": totals(plan),
        "changes": changes(plan),
        "switches": switch_text::array(plan),
        "lost": lost
            .map(|lost| json!({ "address": lost.address, "what": lost.what }))
            .collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Address;

    #[test]
    fn what_is_lost_is_told_by_name() {
        assert_eq!(limits(&[]), None);
        let lost = [Lost {
            address: Address::new("bucket", "data"),
            what: "the objects in it".into(),
        }];
        let (problem, _) = limits(&lost).unwrap();
        assert!(problem.ends_with("deletes: bucket.data (the objects in it)"));
    }
}

//! However long names are, lines fit.

use super::super::*;
use super::SHORT;
use crate::model::{Action, tags};
use crate::report::samples::{Sample, id_of, registry};

/// A group with a name of some length, and what refers to it; the group is made
/// anew, or only renamed.
fn referring(group: &str, description: &str) -> Sample {
    let rule = format!("security_group.web/ingress:tcp:443:{group}");
    let other = "security_group.web/ingress:tcp:80";
    Sample::new()
        .wants("security_group.web", [])
        .has("security_group.web", "sg-0a1b2c3d4e5f60718", [])
        .wants(&rule, [("description", "new".into())])
        .has(&rule, "sgr-1", [("description", "old".into())])
        .wants(other, [("source_group", id_of(group))])
        .has(
            other,
            "sgr-2",
            [("source_group", "sg-1a2b3c4d5e6f70819".into())],
        )
        .wants(
            "route_table.t/association:one",
            [("route_table", id_of(group))],
        )
        .has(
            "route_table.t/association:one",
            "rtbassoc-1",
            [("route_table", "sg-1a2b3c4d5e6f70819".into())],
        )
        .wants("route_table.t", [])
        .has("route_table.t", "rtb-1", [])
        .wants(group, [("description", description.into())])
        .has(
            group,
            "sg-1a2b3c4d5e6f70819",
            [("description", "a group".into())],
        )
}

#[test]
fn what_is_said_of_moves_and_parts_fits_at_any_length() {
    let colored = Style {
        color: true,
        ..Style::PLAIN
    };
    for length in 1..40 {
        let group = format!("security_group.{}", "g".repeat(length));
        for description in ["a group", "another description of it"] {
            let mut plan = referring(&group, description).plan();
            for place in plan.steps.steps() {
                let step = plan.steps.node_mut(place);
                if step.action == Action::Keep {
                    step.action = Action::Update;
                }
                if step.action == Action::Update {
                    let renamed = step.address.to_string();
                    step.was = Some(step.address.clone());
                    step.tag_change.set.insert(tags::ADDRESS.into(), renamed);
                }
            }
            for style in [Style::PLAIN, colored] {
                let text = crate::report::plan_text::plan(&plan, registry(), style, SHORT);
                let text = anstream::adapter::strip_str(&text).to_string();
                let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
                let said = format!(
                    "address: security_group.web/ingress:tcp:443:{group} so far; the object stays"
                );
                assert!(flat.contains(&said), "`{said}` is not in\n{text}");
                for line in text.lines() {
                    // A word stays whole, however long it is.
                    let one_word = line.split_whitespace().count() == 1;
                    let columns = crate::report::fitting::columns(line);
                    assert!(one_word || columns <= 80, "{line}\n\n{text}");
                }
            }
        }
    }
}

#[test]
fn totals_of_many_fates_fit() {
    let all = Totals {
        adopt: 1,
        create: 36,
        forget: 3,
        ..Totals::default()
    };
    assert_eq!(
        totals(&all, Style::PLAIN),
        "Plan: 1 to adopt, 36 to create, 0 to change, 0 to replace, 0 to destroy,\n      3 to \
         leave to themselves."
    );
}

//! Expectations that no network can meet, or that ask something of nothing.

use super::{Diagnostic, Doorway, Expectation, Span, Target};

/// Tells every contradiction in one expectation.
pub(super) fn of(expectation: &Expectation, problems: &mut Vec<Diagnostic>) {
    let at = |key: &str| place(expectation, key);
    if !expectation.reachable {
        for key in ["via", "not_via", "private"] {
            if let Some(span) = expectation.spans.get(key) {
                problems.push(
                    Diagnostic::error(span.clone(), format!("`{key}` and `reachable = false`"))
                        .here("says how it is reached")
                        .also(at("reachable"), "says that it is not")
                        .remedy("remove one of them; two expectations may say two things"),
                );
            }
        }
        return;
    }
    for via in &expectation.via {
        let mut excluding = expectation.not_via.iter();
        if let Some(not) = excluding.find(|not| not.covers(via)) {
            problems.push(
                Diagnostic::error(at("via"), format!("by {via}, and not by {not}"))
                    .here("by it")
                    .also(at("not_via"), "not by it")
                    .remedy("remove one of them"),
            );
        }
    }
    privacy(expectation, problems);
    let endpoint = |door: &Doorway| door.kind() == "interface_endpoint";
    let own_name = expectation.naming.as_deref() == Some("endpoint");
    if own_name && !expectation.via.is_empty() && !expectation.via.iter().any(endpoint) {
        problems.push(
            Diagnostic::error(at("via"), "an endpoint's own name leads to that endpoint")
                .here("another door")
                .also(at("name"), "by the endpoint's own name")
                .remedy("remove `name`, or expect an interface endpoint"),
        );
    }
    actions(expectation, problems);
}

/// Doors that are never, or always, private.
fn privacy(expectation: &Expectation, problems: &mut Vec<Diagnostic>) {
    let public = |door: &Doorway| matches!(door.kind(), "nat_gateway" | "internet_gateway");
    let doors = &expectation.via;
    let (all_public, all_private) = (
        !doors.is_empty() && doors.iter().all(public),
        !doors.is_empty() && !doors.iter().any(public),
    );
    let (problem, is) = match expectation.private {
        Some(true) if all_public => (
            "`private = true`, and by a public door",
            "leads over public addresses",
        ),
        Some(false) if all_private => (
            "`private = false`, and by a private door",
            "is private by nature",
        ),
        _ => return,
    };
    let (via, private) = (place(expectation, "via"), place(expectation, "private"));
    problems.push(
        Diagnostic::error(private, problem)
            .here("expects the opposite")
            .also(via, is)
            .remedy("remove one of them"),
    );
}

/// Actions of one service at another one.
fn actions(expectation: &Expectation, problems: &mut Vec<Diagnostic>) {
    for action in &expectation.actions {
        let of_s3 = action
            .split_once(':')
            .is_some_and(|(service, _)| service.eq_ignore_ascii_case("s3"));
        let wrong = expectation.to.iter().find(|target| match target {
            Target::Bucket(_) | Target::Named(_) => !of_s3,
            Target::Service(name) => of_s3 != (name == "s3"),
        });
        if let Some(target) = wrong {
            problems.push(
                Diagnostic::error(
                    place(expectation, "action"),
                    format!("{action} is nothing that {target} does"),
                )
                .also(place(expectation, "to"), "expected of this")
                .remedy("write an expectation of its own for each service"),
            );
        }
    }
}

fn place(expectation: &Expectation, key: &str) -> Span {
    let span = expectation.spans.get(key);
    span.unwrap_or(&expectation.span).clone()
}

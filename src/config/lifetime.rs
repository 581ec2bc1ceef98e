//! A stack that is to end by itself has nothing that must not be destroyed.
//!
//! `s3net reap` finds such a stack by its tags, on machines that have never seen
//! this file, so nothing there could know of a `prevent_destroy`.

use std::time::Duration;

use crate::kind::Stack;
use crate::model::{Diagnostic, Span};

pub(super) fn check(ttl: Option<&(Duration, Span)>, stack: &Stack) -> Vec<Diagnostic> {
    let Some((_, stated)) = ttl else {
        return Vec::new();
    };
    let tables = stack.nodes.iter().filter(|(a, _)| a.part.is_none());
    tables
        .filter(|(_, node)| node.lifecycle.prevent_destroy)
        .map(|(address, node)| {
            let span = node.span_of("lifecycle");
            let problem = format!("{address} must not be destroyed, and its stack has a lifetime");
            Diagnostic::error(span, problem)
                .also(stated.clone(), "the lifetime")
                .because(
                    "`s3net reap` finds expired stacks by their tags alone, where this file is \
                     not known",
                )
                .remedy(
                    "put what must outlive the others into a stack without `ttl`, and refer to \
                     it with [existing]",
                )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::config::load::tests::loaded;

    const PLAN: &str = r#"
[variables]
hours = "8"
[stack]
name = "lab"
region = "ap-northeast-1"
ttl = "${var.hours}h"
[vpc.main]
cidr = "10.0.0.0/16"
lifecycle = { prevent_destroy = true }
"#;

    #[test]
    fn what_must_stay_has_no_place_in_a_stack_that_ends() {
        let told = loaded(PLAN).diagnostics;
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].problem.starts_with("vpc.main must not be"));
        let sound = loaded(&PLAN.replace("prevent_destroy = true", ""));
        assert_eq!(sound.diagnostics, []);
        assert_eq!(sound.desired.unwrap().ttl.unwrap().as_secs(), 28_800);
        let stays = loaded(&PLAN.replace("ttl =", "# ttl ="));
        assert_eq!(stays.diagnostics, []);
        assert_eq!(stays.desired.unwrap().ttl, None);
        let bare = loaded(&PLAN.replace("\"${var.hours}h\"", "8"));
        let remedy = bare.diagnostics[0].remedy.as_deref();
        assert!(remedy.unwrap().contains("`ttl = \"8h\"`"), "{remedy:?}");
    }
}

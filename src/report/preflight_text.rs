//! What a preflight found, for people and for programs.
//!
//! ```text
//! Preflight: 2 things would fail, 1 may fail.
//! error: the credentials may not ec2:CreateNatGateway
//!        (nat_gateway.main)
//! cause: AWS refuses its dry run: …
//! hint:  allow ec2:CreateNatGateway to arn:aws:iam::…:user/ann
//! ```

use serde_json::{Value, json};

use super::json::FORMAT_VERSION;
use super::style::{Ink, Style};
use crate::model::{Address, Place};
use crate::preflight::{Finding, Preflight, Severity};

/// How many nodes of one finding are named.
const NAMED: usize = 4;

/// Everything that was found. Nothing where that is nothing, unless the reader
/// asked for it.
#[must_use]
pub fn text(preflight: &Preflight, asked_for: bool, style: Style) -> String {
    let mut text = match (preflight.findings.is_empty(), asked_for) {
        (true, false) => return String::new(),
        _ => style.paint(Ink::Strong, &summary(preflight)),
    };
    text.push('\n');
    for finding in &preflight.findings {
        let (word, ink) = match finding.severity {
            Severity::Error => ("error:", Ink::Bad),
            Severity::Warning => ("warning:", Ink::Change),
            Severity::Note => ("note:", Ink::Hint),
        };
        text.push_str(&style.paragraph(word, ink, &headline(finding)));
        if let Some(cause) = &finding.cause {
            text.push_str(&style.paragraph("cause:", Ink::Strong, cause));
        }
        if let Some(remedy) = &finding.remedy {
            text.push_str(&style.paragraph("hint:", Ink::Hint, remedy));
        }
    }
    text
}

fn summary(preflight: &Preflight) -> String {
    let things = |count: usize| match count {
        1 => "1 thing".to_owned(),
        count => format!("{count} things"),
    };
    let asked = |count: usize, noun: &str| match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    };
    let fail = preflight.count(Severity::Error);
    let may = preflight.count(Severity::Warning);
    match (fail, may) {
        (0, 0) => {
            let actions = asked(preflight.actions, "action");
            let quotas = asked(preflight.quotas, "quota");
            let (found, but) = match preflight.count(Severity::Note) {
                0 => ("nothing stands in the way", ""),
                _ => (
                    "nothing found that stands in the way",
                    "; not all could be asked",
                ),
            };
            format!("Preflight: {found} ({actions} and {quotas} asked{but}).")
        }
        (fail, 0) => format!("Preflight: {} would fail.", things(fail)),
        (0, may) => format!("Preflight: {} may fail.", things(may)),
        (fail, may) => format!("Preflight: {} would fail, {may} may fail.", things(fail)),
    }
}

/// The problem and whose it is.
fn headline(finding: &Finding) -> String {
    if finding.addresses.is_empty() {
        return finding.problem.clone();
    }
    let named = finding.addresses.iter().take(NAMED);
    let mut named = named.map(Address::to_string).collect::<Vec<_>>().join(", ");
    if finding.addresses.len() > NAMED {
        named.push_str(&format!(" and {} more", finding.addresses.len() - NAMED));
    }
    format!("{} ({named})", finding.problem)
}

/// The same as one document.
#[must_use]
pub fn document(preflight: &Preflight, stack: &str, place: &Place) -> Value {
    let findings = preflight.findings.iter().map(|finding| {
        json!({
            "severity": finding.severity.word(),
            "check": finding.check.word(),
            "addresses": finding.addresses,
            "problem": finding.problem,
            "cause": finding.cause,
            "remedy": finding.remedy,
        })
    });
    json!({
        "format_version": FORMAT_VERSION,
        "document": "preflight",
        "stack": stack,
        "place": place,
        "passed": !preflight.fails(),
        "asked": {
            "actions": preflight.actions,
            "quotas": preflight.quotas,
        },
        "findings": findings.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preflight::Check;

    fn finding(severity: Severity, nodes: usize) -> Finding {
        let node = |number: usize| Address::new("subnet", &format!("s{number}"));
        Finding {
            severity,
            check: Check::Permission,
            addresses: (0..nodes).map(node).collect(),
            problem: "the credentials may not ec2:CreateSubnet".to_owned(),
            cause: Some("AWS refuses its dry run: You are not authorized".to_owned()),
            remedy: Some("allow ec2:CreateSubnet to arn:aws:iam::1:user/ann".to_owned()),
        }
    }

    #[test]
    fn silence_unless_something_was_found_or_asked_for() {
        let nothing = Preflight {
            actions: 15,
            quotas: 9,
            ..Preflight::default()
        };
        assert_eq!(text(&nothing, false, Style::PLAIN), "");
        assert_eq!(
            text(&nothing, true, Style::PLAIN),
            "Preflight: nothing stands in the way (15 actions and 9 quotas asked).\n"
        );
    }

    #[test]
    fn what_could_not_be_asked_is_not_counted_as_free() {
        let partly = Preflight {
            actions: 1,
            quotas: 0,
            findings: vec![finding(Severity::Note, 0)],
        };
        let told = text(&partly, true, Style::PLAIN);
        let first = told.lines().next();
        assert_eq!(
            first,
            Some(
                "Preflight: nothing found that stands in the way (1 action and 0 quotas \
                 asked; not all could be asked)."
            )
        );
    }

    #[test]
    fn a_finding_has_its_problem_cause_remedy_and_nodes() {
        let found = Preflight {
            findings: vec![finding(Severity::Error, 6), finding(Severity::Warning, 1)],
            ..Preflight::default()
        };
        let expected = "\
Preflight: 1 thing would fail, 1 may fail.
error: the credentials may not ec2:CreateSubnet (subnet.s0, subnet.s1,
       subnet.s2, subnet.s3 and 2 more)
cause: AWS refuses its dry run: You are not authorized
hint:  allow ec2:CreateSubnet to arn:aws:iam::1:user/ann
warning: the credentials may not ec2:CreateSubnet (subnet.s0)
cause: AWS refuses its dry run: You are not authorized
hint:  allow ec2:CreateSubnet to arn:aws:iam::1:user/ann
";
        assert_eq!(text(&found, false, Style::PLAIN), expected);
    }
}

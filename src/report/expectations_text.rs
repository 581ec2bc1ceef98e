//! What came of the file's expectations, for people.
//!
//! ```text
//! 3 expectations hold.
//!
//! error: instance.one goes to bucket.data by nat_gateway.main, not by …      what
//!     ╭─[plans/x.toml:12:1]                                                  where
//!  12 │ via = "gateway_endpoint.s3"
//!     ╰────
//!   help: add route_table.private-1 to `route_tables` of gateway_endpoint.s3
//!
//!   instance.one → bucket.data, by data.s3.ap-northeast-1.amazonaws.com      how
//!     name    answers with public addresses of S3
//!     route   route_table.private-1 decides, by the longest prefix
//! ```

use super::diagnostic;
use super::fitting::{harmless, padded, wrapped};
use super::style::{Ink, Style};
use crate::config::Desired;
use crate::model::{Diagnostic, Expectation, Span};
use crate::trace::{Case, Checked, Hop, Miss, Outcome, Passes, Stage, Symptom, Trace, Verdict};

/// How many further cases of one expectation are told, a line each.
const LISTED: usize = 8;

/// `3 expectations hold.`, or how many do not.
#[must_use]
pub fn summary(checked: &[Checked]) -> String {
    let all = checked.len();
    let failing = checked.iter().filter(|it| !it.holds()).count();
    match (failing, all) {
        (0, 0) => String::new(),
        (0, 1) => "1 expectation holds.".to_owned(),
        (0, all) => format!("{all} expectations hold."),
        (1, 1) => "the expectation fails".to_owned(),
        (1, all) => format!("1 of {all} expectations fails"),
        (failing, all) => format!("{failing} of {all} expectations fail"),
    }
}

/// The expectations that fail only because what they need is left out, in one
/// sentence; nothing where there are none.
#[must_use]
pub fn waiting(desired: &Desired, checked: &[Checked], waiting: &[bool]) -> Option<String> {
    let each = desired.expectations.iter().zip(checked).zip(waiting);
    let first = |((expectation, it), _): ((&Expectation, &Checked), _)| {
        it.failing.first().map(|case| sentence(expectation, case))
    };
    let cases: Vec<String> = each
        .filter(|(_, waits)| **waits)
        .filter_map(first)
        .collect();
    let (count, verb, it) = match cases.len() {
        0 => return None,
        1 => ("1 expectation".to_owned(), "does", "it needs"),
        count => (format!("{count} expectations"), "do", "they need"),
    };
    let named = cases.iter().take(LISTED).map(String::as_str);
    Some(format!(
        "{count} {verb} not hold yet, since what {it} is left out: {}",
        named.collect::<Vec<_>>().join("; ")
    ))
}

/// Every failing expectation but those that wait for what is left out: at its
/// place in the file, with its trace.
#[must_use]
pub fn failures(desired: &Desired, checked: &[Checked], waiting: &[bool], style: Style) -> String {
    let waits = |at: usize| waiting.get(at).copied().unwrap_or_default();
    let each = desired.expectations.iter().zip(checked);
    let judged = each.enumerate().filter(|(at, _)| !waits(*at));
    let failing = judged
        .map(|(_, it)| it)
        .filter_map(|(expectation, it)| Some((expectation, it, it.failing.first()?)));
    let mut text = String::new();
    for (expectation, checked, first) in failing {
        let drawing = diagnostic::Style {
            color: style.color,
            width: style.width,
        };
        let told = told(desired, expectation, first);
        text.push_str(&diagnostic::draw(&desired.source, &told, drawing));
        text.push('\n');
        for line in way(first, style) {
            text.push_str(line.trim_end());
            text.push('\n');
        }
        for line in others(expectation, checked, style) {
            text.push_str(&line);
            text.push('\n');
        }
        text.push('\n');
    }
    text
}

/// A failing case as a problem of the file.
fn told(desired: &Desired, expectation: &Expectation, case: &Case) -> Diagnostic {
    let span = place(expectation, case);
    let mut told = Diagnostic::error(span, sentence(expectation, case));
    if let Verdict::Blocked(block) = &case.trace.verdict
        && expectation.reachable
    {
        told = told.because(format!("{}: {}", seen(block.symptom), block.problem));
        let spot = block.spot.as_ref();
        if let Some(span) = spot.and_then(|spot| desired.place_of(spot)) {
            told = told.also(span, "what blocks it");
        }
    }
    if let Outcome::Unknown(why) = &case.outcome {
        told = told
            .because(why.join("; "))
            .remedy("only what is certain meets an expectation");
    }
    match &case.remedy {
        Some(remedy) => told.remedy(remedy.clone()),
        None => told,
    }
}

/// The key of the expectation that is not met, or its header.
fn place(expectation: &Expectation, case: &Case) -> Span {
    let key = match &case.outcome {
        // What leads it wrong says more than where it then ends.
        Outcome::Broken(misses) => match misses.iter().find(|miss| **miss != Miss::Blocked) {
            Some(Miss::OtherDoor) => "via",
            Some(Miss::ForbiddenDoor) => "not_via",
            Some(Miss::Public | Miss::Private) => "private",
            Some(Miss::Reached | Miss::Blocked) | None => "reachable",
        },
        Outcome::Met | Outcome::Unknown(_) => "",
    };
    let span = expectation.spans.get(key);
    span.unwrap_or(&expectation.span).clone()
}

/// What is the matter with a case, as a sentence fragment.
pub(super) fn sentence(expectation: &Expectation, case: &Case) -> String {
    let (from, to) = (&case.from, &case.to);
    let action = case.action.as_deref();
    let action = action.map_or_else(String::new, |action| format!(" for {action}"));
    let misses = match &case.outcome {
        Outcome::Broken(misses) => misses.as_slice(),
        Outcome::Unknown(_) | Outcome::Met => {
            return format!("whether {from} reaches {to}{action} as expected is not known");
        }
    };
    let verb = match case.trace.verdict {
        Verdict::Reachable => "reaches",
        Verdict::Blocked(_) => "does not reach",
        Verdict::Unknown(_) => "goes to",
    };
    let mut sentence = format!("{from} {verb} {to}{action}");
    if misses == [Miss::Blocked] {
        return sentence;
    }
    if misses.contains(&Miss::Blocked) {
        sentence.push_str(", and goes");
    }
    if let Some(door) = &case.door {
        sentence.push_str(&format!(" by {door}"));
    }
    for miss in misses {
        match miss {
            Miss::OtherDoor => {
                let doors: Vec<String> = expectation.via.iter().map(ToString::to_string).collect();
                sentence.push_str(&format!(", not by {}", doors.join(" or ")));
            }
            Miss::Public => sentence.push_str(", over public addresses"),
            Miss::Private => sentence.push_str(", privately"),
            Miss::Blocked | Miss::Reached | Miss::ForbiddenDoor => {}
        }
    }
    sentence
}

/// What a client sees.
const fn seen(symptom: Symptom) -> &'static str {
    match symptom {
        Symptom::NameNotFound => "the name is not found",
        Symptom::TimeOut => "the connection times out",
        Symptom::AccessDenied => "AccessDenied",
        Symptom::CertificateMismatch => "the certificate is not for this name",
        Symptom::WrongRegion => "PermanentRedirect",
    }
}

/// The trace in short.
fn way(case: &Case, style: Style) -> Vec<String> {
    let Trace { host, hops, .. } = &case.trace;
    let by = match host.as_str() {
        "" => String::new(),
        host => format!(", by {host}"),
    };
    let head = harmless(&format!("{} → {}{by}", case.from, case.to));
    let mut lines: Vec<String> = wrapped(&head, style.width.saturating_sub(2))
        .into_iter()
        .map(|line| format!("  {}", style.paint(Ink::Strong, &line)))
        .collect();
    if let Some(usual) = &case.trace.instead_of
        && let Verdict::Blocked(block) = &usual.verdict
    {
        let text = harmless(&format!("the usual name leads nowhere: {}", block.problem));
        let texts = wrapped(&text, style.width.saturating_sub(4));
        lines.extend(texts.into_iter().map(|line| format!("    {line}")));
    }
    let mut last = None;
    for hop in hops {
        let stage = if last == Some(hop.stage) {
            ""
        } else {
            stage(hop.stage)
        };
        last = Some(hop.stage);
        let (mark, ink) = mark(hop);
        let text = match &hop.passes {
            Passes::Unknown(why) => format!("{}: {why}", hop.text),
            _ => hop.text.clone(),
        };
        let rules = hop.rules.iter().map(|rule| rule.text.as_str());
        let rules = rules.collect::<Vec<_>>().join("; ");
        let text = match rules.as_str() {
            "" => text,
            rules => format!("{text} ({rules})"),
        };
        let texts = wrapped(&harmless(&text), style.width.saturating_sub(14));
        for (index, line) in texts.iter().enumerate() {
            let start = match index {
                0 => format!("    {}{} ", padded(stage, 8), style.paint(ink, mark)),
                _ => " ".repeat(14),
            };
            lines.push(format!("{start}{line}"));
        }
    }
    lines
}

const fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Name => "name",
        Stage::Route => "route",
        Stage::Filter => "filter",
        Stage::Policy => "policy",
    }
}

const fn mark(hop: &Hop) -> (&'static str, Ink) {
    match hop.passes {
        Passes::Yes => ("✓", Ink::Good),
        Passes::No => ("✗", Ink::Bad),
        Passes::Unknown(_) => ("?", Ink::Change),
    }
}

/// What else fails of an expectation, a line each.
fn others(expectation: &Expectation, checked: &Checked, style: Style) -> Vec<String> {
    let more: Vec<&Case> = checked.failing.iter().skip(1).collect();
    let mut lines = Vec::new();
    for case in more.iter().take(LISTED) {
        let why = match &case.outcome {
            Outcome::Unknown(why) => why.first(),
            _ => None,
        };
        let why = why.map_or_else(String::new, |why| format!(": {why}"));
        let text = harmless(&format!("also {}{why}", sentence(expectation, case)));
        for (index, line) in wrapped(&text, style.width.saturating_sub(7))
            .into_iter()
            .enumerate()
        {
            let indent = if index == 0 { "  " } else { "       " };
            lines.push(format!("{indent}{line}"));
        }
    }
    if more.len() > LISTED {
        lines.push(format!(
            "  and {} more; --json lists all",
            more.len() - LISTED
        ));
    }
    if checked.met > 0 {
        let hold = match checked.met {
            1 => "1 other way is as expected".to_owned(),
            many => format!("{many} other ways are as expected"),
        };
        lines.push(format!("  {hold}"));
    }
    lines
}

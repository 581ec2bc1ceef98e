//! The golden table: systems that people have built, and the products of the
//! methods, with the ways and verdicts that AWS's documentation gives for them.
//!
//! The cases stand in `golden/*.toml`; `golden/README.md` says how to add one. An
//! outcome is written down from the documentation, or from what was observed at
//! AWS, never from what a trace says.

mod scene;
mod table;

use std::collections::BTreeMap;
use std::path::Path;

use s3net::model::network::Network;
use s3net::trace::{
    Answer, Goal, Naming, Need, Origin, Question, SourceAddress, Symptom, Trace, Tracer, Verdict,
};

use self::table::Outcome;
pub use self::table::{Case, System};

/// Fewer cases than these must never be there.
const AT_LEAST: usize = 800;

/// The question of a case.
fn question(network: &Network, case: &Case) -> Question {
    let setting = |key: &str| case.settings.get(key).map(String::as_str);
    let from = setting("from").unwrap();
    let key = network.labelled(from).cloned();
    let key = key.unwrap_or_else(|| panic!("{}: no {from}", case.place));
    let from = match network.instances.contains_key(&key) {
        true => Origin::Instance(key),
        false => Origin::Subnet(key),
    };
    let to = setting("to").unwrap();
    let to = match (to.strip_prefix("s3://"), network.labelled(to)) {
        (Some(name), _) => Goal::Bucket(name.to_owned()),
        (None, Some(key)) => Goal::Bucket(key.clone()),
        (None, None) => Goal::Service(to.to_owned()),
    };
    let mut question = Question::new(from, to);
    question.naming = setting("name").unwrap_or("usual").parse().unwrap();
    match setting("action") {
        Some("none") => question.action = None,
        Some(action) => question.action = Some(action.to_owned()),
        None => {}
    }
    question.object = setting("object").map(str::to_owned);
    question.principal = setting("principal").map(str::to_owned);
    question.tls = setting("tls") != Some("false");
    question
}

/// What a trace says, in the words of the golden files.
fn seen(network: &Network, trace: &Trace) -> Outcome {
    let label = |key: &str| network.label(key).to_owned();
    let (verdict, blocked_at, says) = match &trace.verdict {
        Verdict::Reachable => ("reachable", None, None),
        Verdict::Unknown(why) => ("unknown", None, Some(why.join("; "))),
        Verdict::Blocked(block) => {
            let spot = block.spot.as_ref();
            let spot = spot.map(|spot| format!("{} {}", spot.address, spot.field));
            let verdict = match block.symptom {
                Symptom::NameNotFound => "name not found",
                Symptom::TimeOut => "time-out",
                Symptom::AccessDenied => "AccessDenied",
                Symptom::CertificateMismatch => "certificate",
                Symptom::WrongRegion => "redirect",
            };
            let spot = spot.map(|spot| spot.trim().to_owned());
            (verdict, spot, Some(block.problem.clone()))
        }
    };
    let needs = trace.needs.iter().map(|need| match need {
        Need::Region(region) => format!("--region {region}"),
        Need::EndpointUrl(url) => format!("--endpoint-url {url}"),
        Need::NoProxy(host) => format!("NO_PROXY {host}"),
    });
    Outcome {
        answer: Some(match &trace.answer {
            Answer::Public => "public".to_owned(),
            Answer::Endpoint(key) => label(key),
            Answer::Addresses => "addresses".to_owned(),
            Answer::NoName(zone) => format!("NXDOMAIN of {}", label(zone)),
            Answer::NoResolver => "no resolver".to_owned(),
            Answer::Unknown => "unknown".to_owned(),
        }),
        door: Some(
            trace
                .door()
                .map_or("none".to_owned(), |door| label(door.key())),
        ),
        verdict: verdict.to_owned(),
        private: trace.way.as_ref().map(|way| way.private),
        source: trace.way.as_ref().map(|way| match way.source {
            SourceAddress::Public(Some(address)) => address.to_string(),
            SourceAddress::Public(None) => "public".to_owned(),
            SourceAddress::Private(block) => {
                let one = block.prefix_len() == block.max_prefix_len();
                let text = block.to_string();
                if one { block.addr().to_string() } else { text }
            }
            SourceAddress::Unknown => "unknown".to_owned(),
        }),
        needs: Some(needs.collect()),
        blocked_at,
        says,
    }
}

/// How what is seen differs from what is expected.
fn differences(expected: &Outcome, seen: &Outcome) -> Vec<String> {
    let mut found = Vec::new();
    let mut differ = |what: &str, expected: String, seen: String| {
        if expected != seen {
            found.push(format!(
                "{what}: expected {expected}, the trace says {seen}"
            ));
        }
    };
    let text = |it: &Option<String>| it.clone().unwrap_or_else(|| "nothing".to_owned());
    differ("verdict", expected.verdict.clone(), seen.verdict.clone());
    for (what, one, other) in [
        ("answer", &expected.answer, &seen.answer),
        ("door", &expected.door, &seen.door),
        ("source", &expected.source, &seen.source),
        ("blocked at", &expected.blocked_at, &seen.blocked_at),
    ] {
        if one.is_some() {
            differ(what, text(one), text(other));
        }
    }
    if expected.private.is_some() {
        let private = |it: Option<bool>| format!("{it:?}");
        differ("private", private(expected.private), private(seen.private));
    }
    if expected.needs.is_some() {
        let needs = |it: &Outcome| format!("{:?}", it.needs);
        differ("needs", needs(expected), needs(seen));
    }
    if let Some(part) = &expected.says
        && !text(&seen.says).contains(part.as_str())
    {
        differ("says", part.clone(), text(&seen.says));
    }
    found
}

/// The networks of plans that were read, with the account.
type Read = BTreeMap<(String, String), Result<Network, String>>;

/// What is wrong with a case; nothing where it is as expected.
fn run(system: &System, case: &Case, read: &mut Read) -> Option<String> {
    let Some(expected) = system.outcome.get(&case.word) else {
        return Some(format!("{}: no outcome `{}`", case.place, case.word));
    };
    let (plan, facts) = system.scene(&case.settings);
    let told = |differences: &[String], more: &str| {
        let differences = differences.join("\n  ");
        Some(format!(
            "{}\n  {differences}\n  because: {}\n{more}",
            case.place, case.why
        ))
    };
    let account = case.settings.get("account").map_or("", String::as_str);
    let network = read
        .entry((plan.clone(), account.to_owned()))
        .or_insert_with(|| scene::of_plan(&plan, account));
    let mut network = match network.clone() {
        Ok(network) => network,
        Err(problem) => {
            let refused = Outcome {
                verdict: "refused".to_owned(),
                says: Some(problem.clone()),
                ..Outcome::default()
            };
            let found = differences(expected, &refused);
            return if found.is_empty() {
                None
            } else {
                told(&found, &problem)
            };
        }
    };
    for fact in facts {
        scene::add(&mut network, fact);
    }
    let question = question(&network, case);
    let trace = Tracer::new(&network).trace(&question);
    let mut found = differences(expected, &seen(&network, &trace));
    if trace.naming == Naming::Usual {
        found.push("a trace says by which name it went".to_owned());
    }
    match found.is_empty() {
        true => None,
        false => told(&found, &format!("{trace:#?}")),
    }
}

/// Every golden file with its name, in the order of names.
pub fn systems() -> Vec<(String, System)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden");
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = files
        .map(|it| it.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "toml"))
        .collect();
    files.sort();
    let named = files.iter().map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let system = System::read(&name, &std::fs::read_to_string(path).unwrap());
        (name, system)
    });
    named.collect()
}

/// The network of a plan without an account, or what is wrong with the plan.
pub fn offline(plan: &str) -> Result<Network, String> {
    scene::of_plan(plan, "")
}

#[test]
fn every_case_of_the_golden_table_is_as_aws_says() {
    let systems = systems();
    let (mut count, mut failures, mut report) = (0, Vec::new(), String::new());
    for (name, system) in &systems {
        let (cases, mut read) = (system.cases(name), Read::new());
        report.push_str(&format!("{:4} cases  {}\n", cases.len(), system.title));
        count += cases.len();
        for (at, case) in cases.iter().enumerate() {
            // A case that stands there twice counts once.
            let twin = cases[..at].iter().find(|it| it.settings == case.settings);
            if let Some(twin) = twin {
                failures.push(format!("{} is {} again", case.place, twin.place));
            }
            failures.extend(run(system, case, &mut read));
        }
        let used = |word: &&String| !cases.iter().any(|case| case.word == **word);
        let unused: Vec<&String> = system.outcome.keys().filter(used).collect();
        assert!(unused.is_empty(), "{name}: no case has {unused:?}");
    }
    print!("{report}");
    assert!(
        failures.is_empty(),
        "{}\n{} failures",
        failures.join("\n\n"),
        failures.len()
    );
    assert!(count >= AT_LEAST, "{count} cases are fewer than {AT_LEAST}");
    println!("{count} cases of {} systems are as AWS says", systems.len());
}

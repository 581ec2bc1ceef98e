//! The file formats under random bytes and, more telling, under damage that
//! knows their structure: lines and tokens of a real plan, values of a real
//! snapshot, records of a real journal with their checksums made right again.
//! Whatever comes is an answer or an error, never a panic, and what is read
//! stays as it is on disk.
//!
//! Each test makes 1,000 cases; `S3NET_FUZZ_CASES` asks for more. A failing
//! case is shrunk and printed.

mod damage;
mod hostile_answers;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use s3net::config::{self, Options, Source};
use s3net::kinds::registry;
use s3net::model::{Address, Attributes, Place};
use s3net::plan::{NO_WISHES, Plan, World, plan};
use s3net::report::{Occasion, Style, diagnostic, json, plan_text};
use s3net::state::{Remembered, Snapshot, Store, journal, parse_snapshot};
use sha2::{Digest, Sha256};

use damage::cuts;

/// How many cases each test makes.
fn cases() -> u32 {
    let stated = std::env::var("S3NET_FUZZ_CASES").ok();
    stated.and_then(|it| it.parse().ok()).unwrap_or(1_000)
}

/// Tries a property on many cases.
fn try_all<S: Strategy>(cases: u32, of: S, property: impl Fn(S::Value) -> Result<(), TestCaseError>)
where
    S::Value: std::fmt::Debug,
{
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config).run(&of, property).unwrap();
}

/// Every plan of the examples and of the mistakes that are told.
fn plan_files() -> &'static [(PathBuf, String)] {
    static FILES: OnceLock<Vec<(PathBuf, String)>> = OnceLock::new();
    FILES.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        for folder in ["plans", "tests/it/bad"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                if path.extension().is_some_and(|it| it == "toml") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    found.push((path, text));
                }
            }
        }
        found.sort();
        found
    })
}

fn place() -> Place {
    Place {
        account: "111122223333".into(),
        region: "ap-northeast-1".into(),
    }
}

/// Reads a text as a plan, draws what is wrong with it, and plans it.
fn read_plan(path: &Path, text: String) -> Option<Plan> {
    let options = Options {
        region: Some("ap-northeast-1".into()),
        ..Options::default()
    };
    let source = Source {
        name: path.display().to_string(),
        text,
    };
    let folder = path.parent().unwrap();
    let loaded = config::parse(source, folder, &options, registry());
    let style = diagnostic::Style {
        color: false,
        width: 80,
    };
    let _ = diagnostic::render(&loaded.source, &loaded.diagnostics, style);
    let desired = loaded.desired?;
    let place = place();
    let made = plan(&World {
        registry: registry(),
        place: &place,
        wanted: &desired.stack,
        existing: &Default::default(),
        live: &[],
        remembered: &Snapshot::new("fuzz"),
        destroy: false,
        wishes: &NO_WISHES,
    })
    .ok()?;
    let _ = plan_text::plan(
        &made,
        registry(),
        Style::PLAIN,
        Occasion::Made { full: true },
    );
    let _ = json::plan_document(&made, json::Ahead::default());
    Some(made)
}

#[test]
fn damaged_plans_give_a_plan_or_mistakes() {
    let files = plan_files();
    let whole = files
        .iter()
        .filter_map(|(path, text)| read_plan(path, text.clone()));
    assert!(whole.count() >= 3, "the examples themselves can be planned");
    try_all(cases(), (0..files.len(), cuts(5)), |(file, cuts)| {
        let (path, text) = &files[file];
        read_plan(path, damage::of_text(text, &cuts));
        Ok(())
    });
}

#[test]
fn any_text_is_a_plan_or_has_mistakes() {
    let text = prop_oneof!["\\PC{0,200}", "[\\[\\]{}=.\"'a-z0-9\n$# ]{0,200}"];
    try_all(cases(), text, |text| {
        read_plan(Path::new("plans/fuzz.toml"), text);
        Ok(())
    });
}

#[test]
fn bytes_that_are_no_plan_are_told_and_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.toml");
    try_all(
        cases(),
        prop::collection::vec(any::<u8>(), 0..300),
        |bytes| {
            std::fs::write(&path, &bytes)?;
            let _ = config::load(&path, &Options::default(), registry());
            prop_assert_eq!(std::fs::read(&path)?, bytes);
            Ok(())
        },
    );
}

/// What a run remembers of a few nodes.
fn snapshot() -> Snapshot {
    let mut snapshot = Snapshot::new("lab");
    snapshot.place = Some(place());
    for (address, id) in [
        ("vpc.main", "vpc-1"),
        ("subnet.a", "subnet-1"),
        ("route_table.a/route:0.0.0.0/0", "rtb-1"),
        ("bucket.data/policy", "data"),
    ] {
        let address: Address = address.parse().unwrap();
        let mut node = Remembered {
            id: id.into(),
            attributes: Attributes::new()
                .with("cidr", "10.0.0.0/16")
                .with("on", true),
            ..Remembered::default()
        };
        node.tags.insert("Name".into(), "é \u{202e}".into());
        snapshot.generations.insert(address.clone(), 3);
        snapshot.nodes.insert(address, node);
    }
    snapshot
}

/// Reads state from a folder; what lies there must stay as it is.
fn read_state(bytes: &[u8], file: &str) -> Result<bool, TestCaseError> {
    static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.worker_threads(1).build().unwrap()
    });
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("lab").join(file);
    std::fs::create_dir_all(path.parent().unwrap())?;
    std::fs::write(&path, bytes)?;
    let store = Store::in_folder(folder.path(), "lab");
    let read = runtime.block_on(store.read("lab"));
    if let Err(error) = &read {
        // What is said of it can be drawn, and says what to do.
        prop_assert!(!error.to_string().is_empty() && !error.remedy().is_empty());
    }
    prop_assert_eq!(std::fs::read(&path)?, bytes);
    Ok(read.is_ok())
}

#[test]
fn a_damaged_snapshot_is_read_or_refused_and_stays() {
    let whole = serde_json::to_value(snapshot()).unwrap();
    let text = serde_json::to_string_pretty(&whole).unwrap();
    assert!(
        read_state(text.as_bytes(), "state.json").unwrap(),
        "it can be read whole"
    );
    try_all(cases(), (any::<bool>(), cuts(4)), |(by_value, cuts)| {
        let damaged = match by_value {
            true => damage::of_json(&whole, &cuts).to_string().into_bytes(),
            false => damage::of_bytes(text.as_bytes(), &cuts),
        };
        read_state(&damaged, "state.json").map(|_| ())
    });
    try_all(
        cases(),
        prop::collection::vec(any::<u8>(), 0..300),
        |bytes| {
            let _ = parse_snapshot("state.json", &bytes, "lab");
            Ok(())
        },
    );
}

/// The JSON of a journal's records, whole.
fn records() -> Vec<serde_json::Value> {
    let snapshot = snapshot();
    let node = serde_json::to_value(&snapshot.nodes[&"vpc.main".parse().unwrap()]).unwrap();
    let at = "2026-11-22T01:02:03Z";
    let started = |call: u64, action: &str, id: Option<&str>| {
        serde_json::json!({
            "record": "started", "call": call, "at": at, "address": format!("subnet.s{call}"),
            "action": action, "generation": 1, "token": "s3net-0a1b", "parameters": "0a1b",
            "id": id, "name": null,
        })
    };
    vec![
        serde_json::json!({
            "record": "opened", "format_version": 1, "stack": "lab", "place": snapshot.place,
            "lineage": snapshot.lineage, "serial": 7, "command": "s3net apply", "at": at,
        }),
        started(1, "create", None),
        serde_json::json!({ "record": "made", "call": 1, "at": at, "node": node }),
        started(2, "delete", Some("subnet-2")),
        serde_json::json!({ "record": "settled", "call": 1, "node": node }),
        serde_json::json!({ "record": "failed", "call": 2, "reason": "DependencyViolation" }),
        started(3, "update", Some("subnet-3")),
    ]
}

/// Records as a journal's lines, with right checksums whatever stands in them.
fn lines(records: &[serde_json::Value]) -> Vec<u8> {
    let mut chain: Vec<u8> = Vec::new();
    let mut text = Vec::new();
    for record in records {
        let json = record.to_string();
        let mut hash = Sha256::new();
        hash.update(&chain);
        hash.update(json.as_bytes());
        chain = hash.finalize().to_vec();
        let sum: String = chain
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        text.extend(format!("{sum} {json}\n").into_bytes());
    }
    text
}

#[test]
fn a_damaged_journal_is_replayed_or_refused_and_stays() {
    let whole = records();
    let replayed = |text: &[u8]| {
        let parsed = journal::parse("journal", text)?;
        journal::replay("journal", parsed)
    };
    let open = replayed(&lines(&whole)).unwrap().unwrap().open;
    assert_eq!(open.len(), 1, "the journal of the test itself is sound");
    let moves = prop::collection::vec((0..whole.len(), 0..whole.len(), 0..4u8), 0..3);
    try_all(
        cases(),
        (cuts(3), moves, any::<bool>()),
        |(cuts, moves, sound)| {
            let mut records = whole.clone();
            for (from, to, how) in moves {
                let (from, to) = (from % records.len(), to % records.len());
                match how {
                    0 => records.swap(from, to),
                    1 => records.insert(to, records[from].clone()),
                    2 if records.len() > 1 => {
                        records.remove(from);
                    }
                    _ => records[to] = damage::of_json(&records[from], &cuts),
                }
            }
            // With the checksums made right, damage reaches the replay.
            let text = match sound {
                true => lines(&records),
                false => damage::of_bytes(&lines(&records), &cuts),
            };
            let _ = replayed(&text);
            read_state(&text, "journal.jsonl").map(|_| ())
        },
    );
}

#[test]
fn an_address_of_any_text_is_one_or_none() {
    let text = prop_oneof!["\\PC{0,60}", "[a-z_.:/0-9-]{0,60}"];
    try_all(cases(), text, |text| {
        if let Ok(address) = text.parse::<Address>() {
            prop_assert_eq!(address.to_string().parse::<Address>().ok(), Some(address));
        }
        Ok(())
    });
}

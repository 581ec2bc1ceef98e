//! The layers and the house rules, held by reading the sources.
//!
//! ```text
//!            model ◄── everyone
//!   graph   aws ◄── kind ◄── kinds
//!     ▲      ▲       ▲ ▲
//!     │      │    state│config
//!     │      │       ▲ │
//!     └── plan ◄── apply    refresh    local
//!            ▲        ▲        ▲         ▲
//!            └─ report ◄───── cli ───────┘
//! ```

#![expect(clippy::expect_used, reason = "what cannot be read fails the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which layers each layer may import. A layer may always import itself.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("graph", &["model"]),
    ("trace", &["model"]),
    ("cost", &["model"]),
    ("local", &["model"]),
    ("aws", &["model"]),
    ("state", &["model", "aws"]),
    ("kind", &["model", "aws"]),
    ("kinds", &["model", "aws", "kind"]),
    ("config", &["model", "kind"]),
    ("draft", &["model", "kind"]),
    ("takeover", &["model", "aws", "kind", "draft"]),
    ("cloudformation", &["model", "kind", "draft"]),
    ("terraform", &["model", "kind"]),
    ("plan", &["model", "graph", "kind", "state"]),
    ("refresh", &["model", "aws", "kind", "state"]),
    ("apply", &["model", "graph", "aws", "kind", "state", "plan"]),
    ("preflight", &["model", "graph", "aws", "kind", "plan"]),
    // It draws whatever the others say, and asks nobody anything.
    (
        "report",
        &[
            "model",
            "graph",
            "aws",
            "kind",
            "state",
            "plan",
            "preflight",
            "refresh",
            "apply",
            "config",
            "trace",
            "cost",
            "cloudformation",
            "terraform",
            "takeover",
        ],
    ),
    ("lib", &[]),
    ("main", &["cli"]),
];

/// The longest file that still says one thing. The aim is 400.
const LONGEST: usize = 420;

/// A source file: its path from the repository's root, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The layer that it is part of: the folder or file below `src`.
    fn layer(&self) -> &str {
        let below = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let first = below.split('/').next().unwrap_or(below);
        first.strip_suffix(".rs").unwrap_or(first)
    }

    /// Whether all of it is for unit tests: `tests.rs`, `samples.rs`, and what
    /// is below them.
    fn is_for_tests(&self) -> bool {
        let mut parts = self.path.trim_end_matches(".rs").split('/');
        parts.any(|part| ["tests", "samples"].contains(&part))
    }

    /// Its code, line by line, without comments and without its unit tests,
    /// which may borrow from any layer.
    fn code(&self) -> impl Iterator<Item = &str> {
        let lines = if self.is_for_tests() { 0 } else { usize::MAX };
        self.text
            .lines()
            .take(lines)
            .take_while(|line| line.trim() != "#[cfg(test)]")
            .map(|line| line.split("//").next().unwrap_or_default())
    }
}

/// Every Rust file below a folder.
fn sources(folder: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut folders, mut found) = (vec![root.join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).expect("the folder can be read");
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                found.push(source(root, &path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty());
    found
}

fn source(root: &Path, path: &PathBuf) -> Source {
    let below = path.strip_prefix(root).expect("it is below the root");
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    Source {
        path: parts.join("/"),
        text: fs::read_to_string(path).expect("the file can be read"),
    }
}

/// The names that follow `from` and `::` in a code: `crate::plan`, and each of
/// `crate::{plan, state::Store}`.
fn imported(code: &str, from: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices(&format!("{from}::")) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = code[at + from.len() + 2..].trim_start();
        let Some(list) = rest.strip_prefix('{') else {
            names.insert(first_word(rest));
            continue;
        };
        let (mut depth, mut start) = (0, 0);
        for (place, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' | ',' if depth == 0 => {
                    names.insert(first_word(list[start..place].trim_start()));
                    start = place + 1;
                    if c == '}' {
                        break;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
    }
    names.remove("");
    names
}

fn first_word(text: &str) -> String {
    let word = |c: &char| c.is_alphanumeric() || *c == '_';
    text.chars().take_while(word).collect()
}

/// Fails with every break of a rule at once.
fn assert_none(rule: &str, breaks: impl IntoIterator<Item = String>) {
    let breaks: Vec<String> = breaks.into_iter().collect();
    assert!(breaks.is_empty(), "{rule}:\n  {}", breaks.join("\n  "));
}

#[test]
fn imports_are_read_in_every_form() {
    let names = imported(
        "use crate::plan; use crate::{\n  model::{Address, Tags},\n state::Store, aws};\n crate::kind::x(), mycrate::no",
        "crate",
    );
    let expected = ["aws", "kind", "model", "plan", "state"];
    assert!(names.iter().eq(expected), "{names:?}");
}

#[test]
fn each_layer_imports_only_what_is_below_it() {
    let mut breaks = Vec::new();
    for file in sources("src") {
        let layer = file.layer();
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == layer) else {
            if layer != "cli" {
                breaks.push(format!("{}: the layer {layer} has no rule", file.path));
            }
            continue;
        };
        let code: String = file.code().collect::<Vec<_>>().join("\n");
        let from = if layer == "main" { "s3net" } else { "crate" };
        let names = imported(&code, from).into_iter();
        // A name in capitals is an item of the crate's root, not a layer.
        let layers = names.filter(|name| name.starts_with(char::is_lowercase));
        for name in layers.filter(|name| name != layer && !allowed.contains(&name.as_str())) {
            breaks.push(format!("{} imports {name}", file.path));
        }
    }
    assert_none("a layer imports only what is below it", breaks);
}

#[test]
fn kinds_do_not_import_each_other() {
    let files = sources("src/kinds");
    let list = &files.iter().find(|file| file.path == "src/kinds/mod.rs");
    let list = list.expect("the registry").text.split("registry! {").nth(1);
    let list = list
        .and_then(|rest| rest.split('}').next())
        .expect("a list of kinds");
    let kinds: BTreeSet<&str> = list
        .lines()
        .filter_map(|line| Some(line.trim().split_once("::")?.0))
        .collect();
    assert!(kinds.contains("vpc"), "{kinds:?}");
    let mut breaks = Vec::new();
    for file in files.iter().filter(|file| file.path != "src/kinds/mod.rs") {
        let below = file
            .path
            .trim_start_matches("src/kinds/")
            .trim_end_matches(".rs");
        let (own, depth) = match below.split_once('/') {
            Some((own, rest)) => (own, 2 + rest.matches('/').count()),
            None => (below, 1),
        };
        let code: String = file.code().collect::<Vec<_>>().join("\n");
        let up = vec!["super"; depth].join("::");
        let mut names = imported(&code, "crate::kinds");
        names.extend(imported(&code, &up));
        for name in names
            .iter()
            .filter(|n| kinds.contains(n.as_str()) && *n != own)
        {
            breaks.push(format!("{} imports the kind {name}", file.path));
        }
    }
    assert_none("kinds meet by name only", breaks);
}

#[test]
fn sdk_types_appear_where_calls_are_made() {
    let files = sources("src");
    let elsewhere = files
        .iter()
        .filter(|file| !["aws", "kinds"].contains(&file.layer()));
    let named = elsewhere.filter(|file| file.text.contains("aws_sdk_"));
    assert_none(
        "the SDK is named in src/aws and src/kinds only",
        named.map(|file| file.path.clone()),
    );
}

#[test]
fn files_are_short() {
    let files = sources("src").into_iter().chain(sources("tests"));
    let long = files.filter_map(|file| {
        let lines = file.text.lines().count();
        (lines > LONGEST).then(|| format!("{} has {lines} lines", file.path))
    });
    assert_none(&format!("no file is longer than {LONGEST} lines"), long);
}

#[test]
fn only_the_report_prints_and_only_the_top_exits() {
    let mut breaks = Vec::new();
    for file in sources("src") {
        if ["report", "main"].contains(&file.layer()) {
            continue;
        }
        for line in file.code() {
            let words = ["println!", "print!", "dbg!", "process::exit"];
            for word in words.into_iter().filter(|word| line.contains(word)) {
                // The third Ctrl-C ends the process at once, wherever it is.
                if (file.path.as_str(), word) != ("src/cli/signals.rs", "process::exit") {
                    breaks.push(format!("{}: {word}", file.path));
                }
            }
        }
    }
    assert_none("one printer, one exit", breaks);
}

#[test]
fn modules_have_names_of_their_own() {
    let names = [
        "utils", "util", "common", "helpers", "helper", "manager", "misc",
    ];
    let files = sources("src").into_iter().chain(sources("tests"));
    let nameless = files.filter(|file| {
        let mut parts = file.path.trim_end_matches(".rs").split('/');
        parts.any(|part| names.contains(&part))
    });
    assert_none(
        "a module is named for what it is",
        nameless.map(|file| file.path),
    );
}

#[test]
fn every_file_says_what_it_is() {
    let files = sources("src").into_iter().chain(sources("tests"));
    let silent = files.filter(|file| !file.text.starts_with("//!"));
    assert_none(
        "a file begins with its //! documentation",
        silent.map(|file| file.path),
    );
}

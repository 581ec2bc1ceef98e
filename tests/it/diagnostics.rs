//! What a user sees of each mistake: one file a mistake, one snapshot a file.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use s3net::config::{self, Options, Source};
use s3net::report::diagnostic::{Style, render};

/// What `s3net validate` says of a file, at 80 columns without colour.
fn shown(name: &str) -> String {
    let path: PathBuf = ["tests", "it", "bad", &format!("{name}.toml")]
        .iter()
        .collect();
    let loaded = config::load(&path, &Options::default(), s3net::kinds::registry()).unwrap();
    let sound = !loaded
        .diagnostics
        .iter()
        .any(s3net::model::Diagnostic::is_error);
    assert_eq!(
        loaded.desired.is_some(),
        sound,
        "errors and a stack exclude each other"
    );
    let style = Style {
        color: false,
        width: 80,
    };
    render(&loaded.source, &loaded.diagnostics, style)
}

/// Makes a test of each file, and a list to hold against the folder.
macro_rules! mistakes {
    ($($name:ident,)*) => {
        const FILES: &[&str] = &[$(stringify!($name),)*];
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!(shown(stringify!($name)));
            }
        )*
    };
}

mistakes! {
    bad_cidr,
    bucket_name,
    cycle,
    cycle_of_outputs,
    dangling_reference,
    duplicates,
    empty,
    endpoints,
    existing,
    expectation_contradictions,
    expectations,
    host_bits,
    imports,
    interpolation,
    lifecycle,
    many,
    missing_key,
    moves,
    nat_gateway,
    no_profile,
    no_region,
    no_stack,
    nothing,
    one_expectation,
    one_import,
    overlapping_subnets,
    policies,
    routes,
    security_group,
    stack_values,
    state_bucket,
    subnet_outside_vpc,
    syntax,
    unclosed_list,
    unknown_key,
    unknown_kind,
    variables,
    wrong_kind,
    wrong_type,
    zones,
}

#[test]
fn every_file_with_a_mistake_is_shown() {
    let files: BTreeSet<String> = std::fs::read_dir(Path::new("tests/it/bad"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    let listed: BTreeSet<String> = FILES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(files, listed);
}

#[test]
fn every_plan_is_sound() {
    for entry in std::fs::read_dir("plans").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "toml") {
            continue;
        }
        let registry = s3net::kinds::registry();
        let loaded = config::load(&path, &Options::default(), registry).unwrap();
        assert_eq!(loaded.diagnostics, [], "{}", path.display());
    }
}

#[test]
fn every_example_is_sound() {
    let registry = s3net::kinds::registry();
    for kind in registry.tables() {
        let about = kind.about();
        let source = Source {
            name: about.name.to_owned(),
            text: format!(
                "[stack]\nname = \"example\"\nregion = \"us-east-1\"\n{}",
                about.example
            ),
        };
        let loaded = config::parse(source, Path::new("."), &Options::default(), registry);
        assert_eq!(loaded.diagnostics, [], "{}", about.name);
    }
}

/// Every plan of the repository, sound or not, to make mistakes in.
fn seeds() -> Vec<String> {
    let mut files: Vec<PathBuf> = ["plans", "tests/it/bad"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

/// One way to spoil a text.
#[derive(Debug, Clone)]
enum Spoil {
    Cut(usize, usize),
    Repeat(usize, usize),
    Insert(usize, &'static str),
}

const SCRAPS: &[&str] = &[
    "\"",
    "'",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "=",
    ".",
    ",",
    "#",
    "\n",
    "\r\n",
    "${",
    "}",
    "$${",
    "€",
    "${var.x}",
    "${vpc.main.id}",
    "${bucket.data.name}",
    "${subnet.a.cidr}",
    "\"\"\"",
    "0",
    "-1",
    "10.0.0.0/16",
    "true",
    "existing.",
    "vpc",
    "main",
    "[stack]",
    "tags",
    "arn:",
    "*",
    "\\",
    "\u{0}",
    "\u{feff}",
    "name = ",
    "= 1979-05-27T07:32:00Z",
    "policy = '{'",
];

fn spoil() -> impl Strategy<Value = Spoil> {
    prop_oneof![
        (any::<usize>(), 1..40_usize).prop_map(|(at, length)| Spoil::Cut(at, length)),
        (any::<usize>(), 1..200_usize).prop_map(|(at, length)| Spoil::Repeat(at, length)),
        (any::<usize>(), prop::sample::select(SCRAPS))
            .prop_map(|(at, text)| Spoil::Insert(at, text)),
    ]
}

fn spoiled(text: &str, spoils: &[Spoil]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for spoil in spoils {
        let length = characters.len();
        let place = |at: usize| if length == 0 { 0 } else { at % length };
        match *spoil {
            Spoil::Cut(at, count) => {
                let from = place(at);
                characters.drain(from..(from + count).min(length));
            }
            Spoil::Repeat(at, count) => {
                let from = place(at);
                let piece = characters[from..(from + count).min(length)].to_vec();
                let to = place(at / 7);
                characters.splice(to..to, piece);
            }
            Spoil::Insert(at, text) => {
                let to = place(at);
                characters.splice(to..to, text.chars());
            }
        }
    }
    characters.into_iter().collect()
}

/// Parses and draws; whatever the text, there is a stack or an error.
fn survives(text: String) -> Result<(), TestCaseError> {
    let source = Source {
        name: "random.toml".to_owned(),
        text,
    };
    let registry = s3net::kinds::registry();
    let loaded = config::parse(source, Path::new("plans"), &Options::default(), registry);
    let errors = loaded
        .diagnostics
        .iter()
        .any(s3net::model::Diagnostic::is_error);
    prop_assert_eq!(loaded.desired.is_none(), errors);
    for diagnostic in &loaded.diagnostics {
        for label in &diagnostic.labels {
            prop_assert!(
                loaded.source.text.get(label.span.clone()).is_some(),
                "{:?}",
                diagnostic
            );
        }
    }
    let style = Style {
        color: true,
        width: 80,
    };
    let drawn = render(&loaded.source, &loaded.diagnostics, style);
    prop_assert_eq!(drawn.is_empty(), loaded.diagnostics.is_empty());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_spoiled_plan_breaks_the_parser(
        seed in any::<prop::sample::Index>(),
        spoils in prop::collection::vec(spoil(), 1..6),
    ) {
        let seeds = seeds();
        let seed: &String = seed.get(&seeds);
        survives(spoiled(seed, &spoils))?;
    }

    #[test]
    fn no_random_bytes_break_the_parser(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        survives(String::from_utf8_lossy(&bytes).into_owned())?;
    }

    #[test]
    fn no_random_scraps_break_the_parser(
        scraps in prop::collection::vec(prop::sample::select(SCRAPS), 0..40),
    ) {
        survives(scraps.concat())?;
    }
}

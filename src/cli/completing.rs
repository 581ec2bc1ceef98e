//! What a shell offers for a word of the command line: addresses of the file
//! that stands on the same line and of its state, and kinds.
//!
//! ```text
//! s3net plan plans/lab.toml --target sub<TAB>
//!            └─ read, without any call ──► subnet.private-1  subnet.public …
//!               └─ state/lab/state.json ──► subnet.old
//! ```
//!
//! A file that is half written still has table headers, and those are offered
//! then. Nothing is ever said here: a shell shows what a completion prints.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter};

use futures_util::FutureExt;

use super::arguments::name_and_value;
use super::keeping::{in_folder, location, state_of};
use crate::config::{self, Loaded, Options};
use crate::kinds::registry;
use crate::model::expectation::ORIGINS;
use crate::model::{Address, StateLocation, services};

/// Says which word is completed, where a shell says so.
const INDEX: &str = "_CLAP_COMPLETE_INDEX";
/// A region for files that state none: what is completed has none in it.
const ANY_REGION: &str = "us-east-1";

/// Offers the addresses of the file and of what the state remembers: tables, and
/// the parts of a table once that is written out.
pub fn addresses(current: &OsStr) -> Vec<CompletionCandidate> {
    let words = words();
    let Some(file) = file(&words) else {
        return Vec::new();
    };
    let mut known = addresses_in(&file);
    known.extend(remembered(&file, &words));
    let Some(text) = current.to_str() else {
        return Vec::new();
    };
    let tables = known.iter().filter(|it| it.part.is_none());
    let mut offered: Vec<String> = tables.map(ToString::to_string).collect();
    let whole = offered.iter().any(|table| table == text);
    if whole || text.contains('/') {
        let parts = known.iter().filter(|it| it.part.is_some());
        offered.extend(parts.map(ToString::to_string));
    }
    beginning(text, offered)
}

/// Offers the kinds.
pub fn kinds(current: &OsStr) -> Vec<CompletionCandidate> {
    let text = current.to_str().unwrap_or_default();
    beginning(text, registry().names().map(str::to_owned).collect())
}

/// Completes the words of `trace`: the file, from where, to where.
#[derive(Debug, Clone, Copy)]
pub struct Ways;

impl ValueCompleter for Ways {
    fn complete(&self, current: &OsStr) -> Vec<CompletionCandidate> {
        let words = words();
        let Some(file) = file(&words) else {
            return PathCompleter::file().complete(current);
        };
        let Some(text) = current.to_str() else {
            return Vec::new();
        };
        let known = addresses_in(&file);
        let tables = known.iter().filter(|it| it.part.is_none());
        let starts = |it: &Address| ORIGINS.contains(&it.kind.as_str());
        let (origins, others): (Vec<&Address>, Vec<&Address>) = tables.partition(|it| starts(it));
        let from_is_there = words.iter().filter_map(|word| word.to_str()).any(|word| {
            let kind = word.split_once('.').map(|(kind, _)| kind);
            kind.is_some_and(|kind| ORIGINS.contains(&kind))
        });
        let offered: Vec<String> = if from_is_there {
            let buckets = others.iter().filter(|it| it.kind == "bucket");
            let buckets = buckets.map(ToString::to_string);
            let services = services::KNOWN.iter().map(ToString::to_string);
            buckets.chain(services).collect()
        } else {
            origins.iter().map(ToString::to_string).collect()
        };
        beginning(text, offered)
    }
}

/// Those that begin as the word does.
fn beginning(text: &str, offered: Vec<String>) -> Vec<CompletionCandidate> {
    let fitting = offered.into_iter().filter(|it| it.starts_with(text));
    fitting.map(CompletionCandidate::new).collect()
}

/// The words of the command line that is completed, before the one at the cursor.
fn words() -> Vec<OsString> {
    let mut words: Vec<OsString> = std::env::args_os().collect();
    if let Some(end) = words.iter().position(|word| word == "--") {
        words.drain(..=end);
    }
    let index = std::env::var(INDEX).ok();
    let index = index.and_then(|index| index.parse::<usize>().ok());
    words.truncate(index.unwrap_or(words.len().saturating_sub(1)));
    words
}

/// The plan file among the words: the first that is one, behind the program.
fn file(words: &[OsString]) -> Option<File> {
    let paths = words.iter().skip(1).map(|word| at_home(Path::new(word)));
    let path = paths.into_iter().find(|path| path.is_file())?;
    // A shell may give `--var` and its value as one word or as two.
    let texts = words.iter().filter_map(|word| word.to_str());
    let texts = texts.map(|text| text.strip_prefix("--var=").unwrap_or(text));
    let variables = texts.filter(|text| !text.starts_with('-'));
    let variables = variables.filter_map(|text| name_and_value(text).ok());
    Some((path, variables.collect()))
}

/// A path as the shell means it, which leaves `~` to the program here.
fn at_home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), std::env::var_os("HOME")) {
        (Ok(below), Some(home)) => Path::new(&home).join(below),
        _ => path.to_owned(),
    }
}

/// A plan file and the variables that the line sets.
type File = (PathBuf, BTreeMap<String, String>);

/// What the file says; nothing of one that cannot be read.
fn loaded((path, variables): &File) -> Option<Loaded> {
    let options = Options {
        variables: variables.clone(),
        // Words that look like a variable and are none do no harm.
        from_environment: variables.keys().cloned().collect(),
        region: Some(ANY_REGION.to_owned()),
    };
    config::load(path, &options, registry()).ok()
}

/// Every address of a file; of one that has mistakes, its tables.
fn addresses_in(file: &File) -> BTreeSet<Address> {
    let Some(loaded) = loaded(file) else {
        return BTreeSet::new();
    };
    if let Some(desired) = loaded.desired {
        return desired.stack.nodes.into_keys().collect();
    }
    let tables = loaded.source.text.parse::<toml::Table>();
    let tables = tables.unwrap_or_default();
    let registry = registry();
    let known = registry.names().filter_map(|kind| {
        let names = tables.get(kind)?.as_table()?;
        Some(names.keys().map(move |name| Address::new(kind, name)))
    });
    known.flatten().collect()
}

/// Every address that the state of the file's stack remembers, where it is in a
/// folder of this machine: a table that has left the file is known there alone.
fn remembered(file: &File, words: &[OsString]) -> Vec<Address> {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let beside = words.iter().skip_while(|word| **word != "--state").nth(1);
    let joined = words.iter().find_map(|word| word.strip_prefix("--state="));
    let stated = joined.or(beside.copied()).map(str::to_owned);
    let stated = stated.or_else(|| std::env::var("S3NET_STATE").ok());
    let stated = stated.and_then(|place| location(&place).ok());
    let Some(desired) = loaded(file).and_then(|loaded| loaded.desired) else {
        return Vec::new();
    };
    let StateLocation::Folder(folder) = state_of(&desired, stated.as_ref()) else {
        return Vec::new();
    };
    let stack = &desired.stack.name;
    let store = in_folder(&folder, stack, words.contains(&"--local"));
    // A folder of this machine answers at once.
    let kept = store.read(stack).now_or_never();
    let kept = kept.and_then(Result::ok);
    kept.map_or_else(Vec::new, |kept| kept.snapshot.nodes.into_keys().collect())
}

//! From a file to a desired stack: the order in which things become known.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::damage::Damages;
use super::declarations::declarations;
use super::document::Table;
use super::given::given;
use super::lifetime;
use super::reading::{Found, Known, Reading};
use super::stack_table::StackTable;
use super::state_bucket;
use super::substitution::{redirect, substitute};
use super::syntax::{line_around, read};
use super::tags::StatedTags;
use super::variables::Variables;
use super::{Desired, Existing, Import, Loaded, Options, Source};
use crate::kind::{Registry, Stack};
use crate::model::{Address, Diagnostic, Span};

/// Why a plan file could not even be looked at.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is not there, or not ours to read.
    #[error("cannot read {path}: {reason}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: std::io::Error,
    },
    /// It is no text.
    #[error("{path} is not UTF-8 text: byte {place} begins no character", path = path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The first byte that is wrong, counted from 0.
        place: usize,
    },
}

/// Reads a plan file and everything it names.
///
/// # Errors
/// If the file cannot be read or is not text. Mistakes in the plan are no
/// errors of this function: they are diagnostics of what it gives back.
pub fn load(path: &Path, options: &Options, registry: Registry) -> Result<Loaded, LoadError> {
    let bytes = std::fs::read(path).map_err(|reason| LoadError::Unreadable {
        path: path.to_owned(),
        reason,
    })?;
    let text = String::from_utf8(bytes).map_err(|error| LoadError::NotText {
        path: path.to_owned(),
        place: error.utf8_error().valid_up_to(),
    })?;
    let source = Source {
        name: path.display().to_string(),
        text,
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    Ok(parse(source, folder, options, registry))
}

/// Reads a plan's text. `folder` is what its policy files are relative to;
/// reading those is all the input and output that happens here.
#[must_use]
pub fn parse(source: Source, folder: &Path, options: &Options, registry: Registry) -> Loaded {
    let (root, mut problems) = read(&source.text);
    let broken: Vec<Span> = problems
        .iter()
        .flat_map(|problem| &problem.labels)
        .map(|label| line_around(&source.text, label.span.start))
        .collect();
    let mut meaning = Vec::new();
    let desired = understand(
        &source,
        &root,
        folder,
        options,
        registry,
        &broken,
        &mut meaning,
    );
    // What stands on a line that is not TOML is told as such alone.
    meaning.retain(|problem| {
        !problem.labels.iter().any(|label| {
            broken
                .iter()
                .any(|line| label.span.start <= line.end && line.start <= label.span.end)
        })
    });
    problems.append(&mut meaning);
    problems.sort_by(|a, b| {
        place(a)
            .cmp(&place(b))
            .then_with(|| a.problem.cmp(&b.problem))
    });
    problems.dedup();
    let sound = !problems.iter().any(Diagnostic::is_error);
    Loaded {
        source,
        diagnostics: problems,
        desired: desired.filter(|_| sound),
    }
}

fn place(problem: &Diagnostic) -> (usize, usize) {
    problem
        .labels
        .first()
        .map_or((0, 0), |label| (label.span.start, label.span.end))
}

fn understand(
    source: &Source,
    root: &Table,
    folder: &Path,
    options: &Options,
    registry: Registry,
    broken: &[Span],
    problems: &mut Vec<Diagnostic>,
) -> Option<Desired> {
    let file = source.text.as_str();
    let broken = !broken.is_empty();
    let fallback = root
        .get("stack")
        .map_or(0..0, super::document::Entry::place);
    let mut absent = Vec::new();
    let variables = Variables::read(root.get("variables"), options, &fallback, file, &mut absent);
    let stack = StackTable::read(root, options, &variables, file, &mut absent);
    if !broken {
        problems.append(&mut absent);
    }
    let headers = declarations(root, registry, problems);
    let region = stack.region.clone().or_else(|| options.region.clone());
    let reading = Reading {
        registry,
        file,
        folder,
        broken,
        variables,
        stack,
        region,
        existing: headers
            .existing
            .iter()
            .map(|(address, entry)| (address.clone(), entry.place()))
            .collect(),
        tables: headers.tables,
        known: Known::default(),
    };
    let mut found = Found::default();
    let stack_tags = match reading.stack.tags {
        Some(entry) => reading.tags(entry, &mut found),
        None => StatedTags::new(),
    };
    let mut existing = BTreeMap::new();
    for (address, entry) in &headers.existing {
        if let Some(query) = reading.existing(address, entry, &mut found) {
            existing.insert(address.clone(), query);
        }
    }
    problems.append(&mut found.problems);
    let expectations = reading.expectations(root, problems);
    let imports = reading.imports(root, problems);
    let moved = reading.moved(root, problems);
    let removed = reading.removed(root, &moved, problems);

    let mut stack = Stack {
        name: reading.stack.name.clone(),
        region: reading.region.clone().unwrap_or_default(),
        there_already: there_already(&imports, &existing),
        ..Stack::default()
    };
    let mut damages = Damages::default();
    for (address, declaration) in &reading.tables {
        let table = reading.table(address, declaration, &stack_tags, problems);
        if let Some(damage) = table.damage {
            damages.0.insert(address.clone(), damage);
        }
        stack.nodes.extend(table.nodes);
    }
    if broken {
        return None;
    }
    redirect(&mut stack.nodes, &reading.existing);
    substitute(&mut stack.nodes, registry);
    reading.check(&stack, &damages, problems);
    problems.extend(state_bucket::check(reading.stack.state.as_ref(), &stack));
    problems.extend(lifetime::check(reading.stack.ttl.as_ref(), &stack));
    if stack.nodes.is_empty() && !problems.iter().any(Diagnostic::is_error) {
        problems.push(
            Diagnostic::warning(reading.stack.span.clone(), "the file asks for nothing")
                .because("it has no table but [stack], so a plan destroys whatever the stack has"),
        );
    }
    Some(Desired {
        stack,
        region: reading.stack.region.clone(),
        account: reading.stack.account.clone(),
        state: reading.stack.state.as_ref().map(|(place, _)| place.clone()),
        ttl: reading.stack.ttl.as_ref().map(|(ttl, _)| *ttl),
        existing,
        expectations,
        imports,
        moved,
        removed,
        source: source.clone(),
        text_hash: hash(file),
        given: given(root, options),
    })
}

/// What the file says is there already.
fn there_already(imports: &[Import], existing: &BTreeMap<Address, Existing>) -> BTreeSet<Address> {
    let adopted = imports.iter().map(|import| &import.to);
    adopted.chain(existing.keys()).cloned().collect()
}

/// The SHA-256 of a text, in hexadecimal.
fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::Value;

    /// What becomes of a text.
    pub(crate) fn loaded(text: &str) -> Loaded {
        let source = Source {
            name: "plan.toml".to_owned(),
            text: text.to_owned(),
        };
        let registry = crate::kinds::registry();
        parse(source, Path::new("."), &Options::default(), registry)
    }

    const PLAN: &str = r#"
[stack]
name = "lab-${var.letter}"
region = "ap-northeast-1"
tags = { Project = "${stack.name}" }

[variables]
letter = "x"
block = "10.0"

[existing.vpc.shared]
tags = { Name = "shared" }

[vpc.main]
cidr = "${var.block}.0.0/16"

[subnet.one]
vpc = "main"
cidr = "${var.block}.1.0/24"
zone = "a"
tags = { Name = "first", Block = "${subnet.one.cidr}" }
lifecycle = { prevent_destroy = true, ignore = ["map_public_ip"] }

[subnet.two]
vpc = "existing.vpc.shared"
cidr = "${var.block}.1.0/24"
zone = "${subnet.one.zone}"
"#;

    #[test]
    fn a_sound_plan_becomes_nodes() {
        let loaded = loaded(PLAN);
        assert_eq!(loaded.diagnostics, []);
        let desired = loaded.desired.unwrap();
        assert_eq!(desired.stack.name, "lab-x");
        let one = desired.stack.get(&Address::new("subnet", "one")).unwrap();
        assert_eq!(one.inputs.text("cidr"), Some("10.0.1.0/24"));
        assert_eq!(one.inputs.text("zone"), Some("ap-northeast-1a"));
        assert_eq!(one.inputs.bool("map_public_ip"), Some(false));
        assert_eq!(one.inputs.target("vpc"), Some(&Address::new("vpc", "main")));
        assert_eq!(one.tags["Name"], "first");
        assert_eq!(one.tags["Project"], "lab-x");
        assert_eq!(one.tags["Block"], "10.0.1.0/24");
        assert_eq!(one.tags["s3net:stack"], "lab-x");
        assert_eq!(one.tags["s3net:address"], "subnet.one");
        assert!(one.lifecycle.prevent_destroy);
        let two = desired.stack.get(&Address::new("subnet", "two")).unwrap();
        assert_eq!(
            two.inputs.get("zone"),
            Some(&Value::text("ap-northeast-1a"))
        );
        assert_eq!(two.tags["Name"], "lab-x-two");
        let shared = Address::existing("vpc", "shared");
        assert_eq!(two.inputs.target("vpc"), Some(&shared));
        assert_eq!(desired.existing[&shared].query.tags["Name"], "shared");
        assert_eq!(desired.text_hash.len(), 64);
    }

    #[test]
    fn a_plan_without_tables_is_sound_and_warned_of() {
        let loaded = loaded("[stack]\nname = \"x\"\nregion = \"us-east-1\"\n");
        assert_eq!(loaded.diagnostics.len(), 1);
        assert!(loaded.desired.is_some());
    }
}

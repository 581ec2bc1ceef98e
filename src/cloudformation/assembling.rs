//! From resources to the draft: tables first, then the parts of tables, until
//! every table has what it needs.

use super::node::{Entry, Holds, Node};
use super::note::{Note, Weight};
use super::properties::{Context, Properties};
use super::scope::{Gone, Key, World};
use super::tables::Tables;
use super::types::Becomes;
use super::{Imported, nesting, variables};
use crate::draft::{Draft, DraftStack};
use crate::kind::Registry;
use crate::model::Value;

/// The longest line of a comment.
const WIDTH: usize = 84;
/// Entries of a resource that are read elsewhere, or say nothing more.
const KNOWN: &[&str] = &["Type", "Properties", "Condition"];
/// Sections of a template that are read elsewhere, or say nothing more.
const SECTIONS: &[&str] = &[
    "AWSTemplateFormatVersion",
    "Description",
    "Parameters",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
];

/// Takes everything over.
pub(super) fn assemble(world: &mut World<'_>, registry: Registry) -> Imported {
    let (tables, mut notes) = loop {
        let (mut tables, mut notes) = once(world, registry);
        let lacking = lacking(&mut tables, &mut notes, registry);
        if lacking.is_empty() {
            break (tables, notes);
        }
        let lacking = lacking.into_iter();
        world
            .gone
            .extend(lacking.map(|(key, why)| (key, Gone::left(why))));
    };
    for scope in 0..world.scopes.len() {
        sections(world, scope, &mut notes);
    }
    left_out(world, &mut notes);
    let tables = tables.into_tables();
    let variables = variables::of(world, &tables, &mut notes);
    let files: Vec<&str> = world.scopes.iter().map(|it| it.file.as_str()).collect();
    let place = |note: &Note| files.iter().position(|file| *file == note.file);
    notes.sort_by_key(|note| (place(note), note.line));
    notes.dedup();
    let mut draft = Draft {
        comments: head(world),
        stack: DraftStack {
            name: world.request.stack.clone(),
            region: world.request.region.clone(),
            ..DraftStack::default()
        },
        variables,
        tables,
        ..Draft::default()
    };
    comment(&mut draft, &notes);
    Imported { draft, notes }
}

/// Takes over what is not known to be left out.
fn once(world: &World<'_>, registry: Registry) -> (Tables, Vec<Note>) {
    let mut tables = Tables::default();
    let mut notes = Vec::new();
    for parts in [false, true] {
        for scope in 0..world.scopes.len() {
            for resource in world.section(scope, "Resources") {
                let key = (scope, resource.key.clone());
                let Some(kind) = nesting::type_of(resource) else {
                    continue;
                };
                let is_part = matches!(kind.becomes, Becomes::Part | Becomes::Stack);
                if is_part != parts || world.gone.contains_key(&key) {
                    continue;
                }
                let address = world.addresses.get(&key).cloned();
                if let Some(address) = &address {
                    tables.at(address);
                    tables.origins.insert(address.clone(), (key, resource.line));
                }
                let mut cx = Context {
                    world,
                    registry,
                    scope,
                    id: resource.key.clone(),
                    named: kind.name,
                    line: resource.line,
                    address,
                    notes: &mut notes,
                };
                let mut properties = Properties::of(resource.node.get("Properties"), "");
                (kind.map)(&mut cx, &mut properties, &mut tables);
                properties.end(&mut cx);
                attributes(&mut cx, resource, &mut tables);
            }
        }
    }
    (tables, notes)
}

/// What a resource says beside its properties.
fn attributes(cx: &mut Context<'_>, resource: &Entry, tables: &mut Tables) {
    for entry in resource.node.entries() {
        let line = entry.line;
        match (entry.key.as_str(), entry.node.text()) {
            (known, _) if KNOWN.contains(&known) => {}
            // Told once for the file.
            ("DependsOn", _) => {}
            ("DeletionPolicy", Some("Delete")) | ("UpdateReplacePolicy", Some("Delete")) => {}
            ("DeletionPolicy", Some("Retain" | "RetainExceptOnCreate")) => {
                let own = cx
                    .address
                    .clone()
                    .filter(|_| cx.world.addresses.contains_key(&cx.key()));
                match own {
                    Some(address) => {
                        tables.at(&address).lifecycle.forget_on_remove = true;
                        let text = "kept when its table leaves the file; \
                                    `s3net destroy` would still delete it";
                        cx.note(Weight::Changed, line, "DeletionPolicy", text);
                    }
                    None => cx.left(line, "DeletionPolicy", "a part goes with its table"),
                }
            }
            (key, _) => cx.left(line, key, "s3net has no such setting"),
        }
    }
}

/// Resources without which the next round is to be tried, and why.
fn lacking(tables: &mut Tables, notes: &mut Vec<Note>, registry: Registry) -> Vec<(Key, String)> {
    let mut lacking = Vec::new();
    let mut alone = Vec::new();
    for table in tables.iter() {
        let Some(kind) = registry.table(&table.address.kind) else {
            continue;
        };
        let is_there = |name: &str| {
            let value = table.fields.get(name);
            value.is_some_and(|value| !matches!(value, Value::List(items) if items.is_empty()))
        };
        let mut required = kind.fields().iter().filter(|field| field.required);
        let missing = required
            .find(|field| !is_there(field.name))
            .map(|it| it.name);
        let nobody = table.address.kind == "role" && !is_there("service") && !is_there("trust");
        let Some(field) = missing.or(nobody.then_some("trust")) else {
            continue;
        };
        let Some((key, line)) = tables.origins.get(&table.address) else {
            continue;
        };
        let of_table = |note: &&Note| {
            note.weight == Weight::Left && note.table.as_ref() == Some(&table.address)
        };
        let why = match notes.iter().find(of_table) {
            Some(note) => format!("{} ({})", note.text, note.subject),
            None => format!("a plan file needs its `{field}`"),
        };
        match table.address.kind == "alias_record" {
            // Nothing refers to a record, and a group has several.
            true => alone.push((table.address.clone(), key.clone(), *line, why)),
            false => lacking.push((key.clone(), why)),
        }
    }
    for (address, key, line, why) in alone {
        tables.remove(&address);
        let subject = format!("{} (AWS::Route53 record)", key.1);
        let file = notes.iter().find(|it| it.table.as_ref() == Some(&address));
        let file = file.map(|it| it.file.clone()).unwrap_or_default();
        notes.retain(|note| note.table.as_ref() != Some(&address));
        notes.push(Note {
            weight: Weight::Left,
            file,
            line,
            subject,
            text: why,
            table: None,
        });
    }
    lacking
}

/// What the sections of a template say beside resources and parameters.
fn sections(world: &World<'_>, scope: usize, notes: &mut Vec<Note>) {
    let Some(template) = world.scopes.get(scope) else {
        return;
    };
    let mut note = |weight, line, subject: &str, text: String| {
        notes.push(Note {
            weight,
            file: template.file.clone(),
            line,
            subject: subject.to_owned(),
            text,
            table: None,
        });
    };
    for entry in template.root.entries() {
        if !SECTIONS.contains(&entry.key.as_str()) {
            let text = "a plan file has no such section".to_owned();
            note(Weight::Left, entry.line, &entry.key, text);
        }
    }
    let ordered: Vec<&Entry> = world
        .section(scope, "Resources")
        .iter()
        .filter(|it| it.node.get("DependsOn").is_some())
        .collect();
    if let [first, ..] = ordered.as_slice() {
        let text = match ordered.len() {
            1 => "not needed: s3net knows by itself what comes first".to_owned(),
            many => format!("not needed in {many} places: s3net knows by itself what comes first"),
        };
        note(Weight::Word, first.line, "DependsOn", text);
    }
    if scope > 0 {
        return;
    }
    for entry in world.section(scope, "Outputs") {
        let value = entry.node.get("Value");
        let value = value.map(|it| world.value(scope, it, 0));
        let text = match value {
            Some(Ok(value)) => {
                let value = super::value::in_words(&value);
                format!("a plan file has no outputs; this one is {value}")
            }
            Some(Err(fault)) => format!("a plan file has no outputs; {}", fault.text),
            None => "a plan file has no outputs".to_owned(),
        };
        note(
            Weight::Left,
            entry.line,
            &format!("Outputs.{}", entry.key),
            text,
        );
    }
}

/// Notes for the resources that are left out.
fn left_out(world: &World<'_>, notes: &mut Vec<Note>) {
    for ((scope, id), gone) in &world.gone {
        let entry = world.entry(*scope, "Resources", id);
        let kind = entry
            .and_then(|it| it.node.get("Type"))
            .and_then(Node::text);
        let file = world.scopes.get(*scope).map(|it| it.file.clone());
        notes.push(Note {
            weight: gone.weight,
            file: file.unwrap_or_default(),
            line: entry.map_or(1, |it| it.line),
            subject: kind.map_or_else(|| id.clone(), |kind| format!("{id} ({kind})")),
            text: gone.why.clone(),
            table: None,
        });
    }
}

/// What stands at the head of the file.
fn head(world: &World<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let root = world.scopes.first();
    if let Some(description) = root.and_then(|it| it.root.get("Description"))
        && let Holds::Text(text) = &description.holds
    {
        let paragraphs = text.lines().map(|line| wrapped(line, ""));
        lines.extend(paragraphs.flatten());
        lines.push(String::new());
    }
    let files: Vec<&str> = world.scopes.iter().map(|it| it.file.as_str()).collect();
    let from = match files.as_slice() {
        [] => String::new(),
        [only] => format!("Taken over from the CloudFormation template {only}."),
        [first, nested @ ..] => {
            let nested = nested.join(", ");
            format!("Taken over from the CloudFormation template {first}, with {nested}.")
        }
    };
    lines.extend(wrapped(&from, ""));
    lines
}

/// Puts each note above its table, or at the head of the file.
fn comment(draft: &mut Draft, notes: &[Note]) {
    let mut above = Vec::new();
    for note in notes {
        let text = format!("{} ({}:{})", note.sentence(), note.file, note.line);
        let lines = wrapped(&text, "  ");
        let mut tables = draft.tables.iter_mut();
        match tables.find(|table| Some(&table.address) == note.table.as_ref()) {
            Some(table) => table.comments.extend(lines),
            None if variables::has_comment(note, &draft.variables) => {}
            None => above.extend(lines),
        }
    }
    if !above.is_empty() {
        draft.comments.push(String::new());
        draft.comments.extend(above);
    }
}

/// A text in lines, those after the first moved in.
pub(super) fn wrapped(text: &str, indent: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDTH => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) => lines.push(format!("{indent}{word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

//! From what was found to a draft: names, references, comments.

use std::collections::BTreeSet;

use super::referring::{Known, renamed};
use super::tagging::{shared, stated};
use super::{Drafted, Gathered};
use crate::draft::{Draft, DraftLookUp, DraftStack, DraftTable, Names, sound};
use crate::kind::{Kind, Query, Registry, Standing};
use crate::model::tags::NAME;
use crate::model::{Address, Place, Tags};

/// What the file is to be called and for.
#[derive(Debug)]
pub struct Naming<'a> {
    /// The stack's name.
    pub stack: &'a str,
    /// What the VPC's own name comes to as a name: the stack's, but where that
    /// was taken.
    pub called: &'a str,
    /// The file's path, for what the comments say.
    pub file: &'a str,
    /// Where the VPC is.
    pub place: &'a Place,
}

/// An object and its table's or look-up's address.
struct Placed {
    kind: &'static dyn Kind,
    address: Address,
    standing: Standing,
}

/// Makes a draft of what was found.
#[must_use]
pub fn draft(gathered: Gathered, naming: &Naming<'_>, registry: Registry) -> Drafted {
    let mut left_out = gathered.left_out;
    let placed = placed(gathered.objects, naming.called, registry);
    let mut known = Known::default();
    for object in &placed {
        known.add(&object.address, &object.standing.id);
    }
    // A rule is known by what it says: of a group that is only looked up, its id.
    let named = |id: &str| known.of(id).filter(|it| !it.existing).cloned();
    let mut tables = Vec::new();
    for object in placed.iter().filter(|object| !object.address.existing) {
        let mut lost = Vec::new();
        let fields = object.kind.fields();
        let mut values = renamed(
            &object.address,
            fields,
            &object.standing.fields,
            &known,
            &mut lost,
        );
        object.kind.rename(&object.address, &mut values, &named);
        let missing = fields
            .iter()
            .find(|it| it.required && values.get(it.name).is_none());
        if let Some(field) = missing {
            left_out.push(format!(
                "{}: no plan file can say its `{}`",
                object.standing.id, field.name
            ));
            continue;
        }
        let mut table = table(object, naming.stack);
        table.fields = values;
        for what in object.standing.left_out.iter().chain(&lost) {
            table.comments.push(format!("Not in this file: {what}"));
            left_out.push(format!("{}: {what}", object.address));
        }
        tables.push(table);
    }
    let taggable = |table: &&mut DraftTable| {
        registry
            .of(&table.address)
            .is_some_and(|kind| kind.about().tagged)
    };
    let mut all: Vec<&mut Tags> = tables
        .iter_mut()
        .filter(taggable)
        .map(|table| &mut table.tags)
        .collect();
    let common = shared(&mut all);
    let existing = look_ups(&placed, &tables);
    for object in placed.iter().filter(|object| object.address.existing) {
        if let Some(why) = &object.standing.kept_by_aws {
            left_out.push(format!(
                "{} {}: {why}",
                object.kind.about().name,
                object.standing.id
            ));
        }
    }
    // What has no tags is known by what it stands in, and needs no adopting.
    let imports = placed.iter().filter(|object| {
        let mut written = tables.iter();
        object.kind.about().tagged && written.any(|table| table.address == object.address)
    });
    let imports = imports.map(|object| (object.address.clone(), object.standing.id.clone()));
    let draft = Draft {
        imports: imports.collect(),
        comments: head(&gathered.vpc, naming, &left_out, &placed),
        stack: DraftStack {
            name: naming.stack.to_owned(),
            region: Some(naming.place.region.clone()),
            account: Some(naming.place.account.clone()),
            tags: common,
        },
        variables: Vec::new(),
        existing,
        tables,
    };
    Drafted { draft, left_out }
}

/// Gives every object its address, in the order of the registry and of names.
fn placed(
    objects: Vec<(&'static str, Vec<Standing>)>,
    called: &str,
    registry: Registry,
) -> Vec<Placed> {
    let mut names = Names::default();
    let mut placed = Vec::new();
    for (name, mut standings) in objects {
        let Some(kind) = registry.table(name) else {
            continue;
        };
        // Those of one name by what they are: a subnet's block, for one.
        standings.sort_by_cached_key(|it| {
            let wish = wish(it, called);
            (wish.is_empty(), wish, it.fields.0.clone(), it.id.clone())
        });
        let only = standings.len() == 1;
        for standing in standings {
            let last = name.rsplit('_').next().unwrap_or(name);
            let fallback = if only { "main" } else { last };
            let mut address = names.take(name, &wish(&standing, called), fallback);
            address.existing = standing.kept_by_aws.is_some();
            placed.push(Placed {
                kind,
                address,
                standing,
            });
        }
    }
    placed
}

/// What an object would like to be called: its name without the network's before
/// it, as s3net itself names things.
fn wish(standing: &Standing, called: &str) -> String {
    let name = standing
        .tags
        .get(NAME)
        .filter(|name| !name.trim().is_empty());
    let name = name.or(standing.called.as_ref());
    // As a name, but whole: what is cut off may be what tells it apart.
    let name = sound(name.map_or("", String::as_str));
    // A network called like its stack is the main one of it.
    if !name.is_empty() && name == called {
        return "main".to_owned();
    }
    let short = name.strip_prefix(called);
    let short = short.and_then(|rest| rest.strip_prefix('-'));
    short.map(str::to_owned).unwrap_or(name)
}

/// A table with its comments, tags and life, without its fields.
fn table(object: &Placed, stack: &str) -> DraftTable {
    let standing = &object.standing;
    let mut table = DraftTable::new(object.address.clone());
    let mut notes = Vec::new();
    table.tags = stated(&object.address, &standing.tags, stack, &mut notes);
    let mut first = standing.id.clone();
    for note in standing.notes.iter().chain(&notes) {
        // Short notes share the id's line.
        if table.comments.is_empty() && first.len() + note.len() < 70 {
            first = format!("{first}, {note}");
        } else {
            table.comments.push(note.clone());
        }
    }
    table.comments.insert(0, first);
    table.lifecycle.ignore.clone_from(&standing.ignore);
    table
}

/// What AWS keeps itself and tables refer to, or live by: the main route table,
/// where it leads somewhere and a subnet has no other.
fn look_ups(placed: &[Placed], tables: &[DraftTable]) -> Vec<DraftLookUp> {
    let mut referred = BTreeSet::new();
    let mut steered = BTreeSet::new();
    for table in tables {
        table.fields.each_reference(&mut |reference| {
            referred.insert(&reference.target);
            if table.address.kind == "route_table" {
                steered.insert(&reference.target);
            }
        });
    }
    let mut subnets = tables.iter().filter(|table| table.address.kind == "subnet");
    let main_steers = subnets.any(|subnet| !steered.contains(&subnet.address));
    let leads = |object: &Placed| {
        object.address.kind == "route_table" && !object.standing.fields.list("routes").is_empty()
    };
    let kept = placed.iter().filter(|object| {
        referred.contains(&object.address)
            || object.address.existing && main_steers && leads(object)
    });
    kept.filter_map(|object| {
        let why = object.standing.kept_by_aws.as_ref()?;
        let mut comments = vec![capitalised(why)];
        comments.extend(object.standing.notes.iter().map(|note| format!("  {note}")));
        Some(DraftLookUp {
            address: object.address.clone(),
            query: Query {
                id: Some(object.standing.id.clone()),
                ..Query::default()
            },
            comments,
        })
    })
    .collect()
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// What stands above everything.
fn head(vpc: &str, naming: &Naming<'_>, left_out: &[String], placed: &[Placed]) -> Vec<String> {
    let mut lines = vec![
        format!("What stands in VPC {vpc}, written by `s3net import --vpc {vpc}`."),
        String::new(),
        "The [[import]] blocks at the end say which live object each table is. The first"
            .to_owned(),
        format!(
            "`s3net apply {}` adopts them: it writes s3net's tags, on",
            naming.file
        ),
        "rules and profiles also their table's, and changes nothing else. After that the"
            .to_owned(),
        "blocks may go.".to_owned(),
    ];
    if left_out.is_empty() {
        return lines;
    }
    lines.push(String::new());
    lines.push("Not in this file, and left as it is:".to_owned());
    for what in left_out {
        lines.push(format!("  - {what}"));
        for object in placed.iter().filter(|it| it.standing.kept_by_aws.is_some()) {
            let own = format!("{} {}: ", object.kind.about().name, object.standing.id);
            if what.starts_with(&own) {
                let notes = object.standing.notes.iter();
                lines.extend(notes.map(|note| format!("      {note}")));
            }
        }
    }
    lines
}

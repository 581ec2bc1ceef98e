//! From one template to all: which resources there are, under which addresses,
//! and the templates of nested stacks.
//!
//! ```text
//! scope 0 ─► conditions ─► addresses ─► nested stacks ─► scope 1, scope 2, …
//! ```

use std::path::{Component, Path, PathBuf};

use super::node::{Entry, Holds, Node};
use super::note::Weight;
use super::properties::{Context, Properties};
use super::scope::{Gone, Scope, World};
use super::tables::Tables;
use super::types::{self, Becomes, Type};
use super::{Refused, endpoints, intrinsics, yaml};
use crate::draft::Names;
use crate::model::address::is_name;
use crate::model::{Address, Diagnostic};

/// More templates than any stack has.
const MOST: usize = 100;
/// Deeper than anybody nests.
const DEEPEST: usize = 8;

/// Reads a template into a scope.
///
/// # Errors
/// What is wrong with it as a template.
pub(super) fn scope(
    file: &str,
    text: &str,
    folder: &Path,
    parent: Option<(usize, String)>,
) -> Result<Scope, Box<Refused>> {
    let refused = |problem: Diagnostic| {
        Box::new(Refused {
            file: file.to_owned(),
            text: text.to_owned(),
            problem,
        })
    };
    let mut root = yaml::read(text).map_err(|problem| refused(*problem))?;
    unrolled(&mut root);
    let resources = root.get("Resources");
    if resources.is_none_or(|it| it.entries().is_empty()) {
        let span = resources.map_or(0..0, |it| it.span.clone());
        let problem = Diagnostic::error(span, "this is no CloudFormation template")
            .because("it has no map `Resources` with anything in it");
        return Err(refused(problem.remedy("name a template, in YAML or JSON")));
    }
    let entries = resources.map(Node::entries).unwrap_or_default().iter();
    for entry in entries.filter(|it| !intrinsics::is_call(&it.key)) {
        if entry.node.get("Type").and_then(Node::text).is_none() {
            let problem = Diagnostic::error(
                entry.node.span.clone(),
                format!("the resource {} has no `Type`", entry.key),
            )
            .because("every resource of a template is a map with a type");
            return Err(refused(problem));
        }
    }
    Ok(Scope {
        file: file.to_owned(),
        folder: folder.to_owned(),
        path: plain(&folder.join(Path::new(file).file_name().unwrap_or_default())),
        root,
        parent,
        children: Default::default(),
    })
}

/// A section with nothing in it but a loop or a macro reads like a function; it is
/// a map like any other section.
fn unrolled(root: &mut Node) {
    let Holds::Map(sections) = &mut root.holds else {
        return;
    };
    for section in sections {
        let node = &mut section.node;
        if let Holds::Call(name, with) = &node.holds
            && intrinsics::is_call(name)
        {
            let only = Entry {
                key: name.clone(),
                line: node.line,
                node: Node::clone(with),
            };
            node.holds = Holds::Map(vec![only]);
        }
    }
}

/// A path without steps back and forth.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for step in path.components() {
        let goes_back = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        match step {
            Component::CurDir => {}
            Component::ParentDir if goes_back => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    plain
}

/// Finds every resource and its address, and reads nested templates.
///
/// # Errors
/// A nested template is none.
pub(super) fn grow(world: &mut World<'_>) -> Result<(), Box<Refused>> {
    let mut names = Taken::default();
    let mut next = 0;
    while next < world.scopes.len() {
        let resources: Vec<Entry> = world.section(next, "Resources").to_vec();
        for resource in &resources {
            let key = (next, resource.key.clone());
            match place(world, next, resource, &mut names) {
                Ok(Some(address)) => {
                    world.addresses.insert(key, address);
                }
                Ok(None) => {}
                Err(gone) => {
                    world.gone.insert(key, gone);
                }
            }
        }
        for resource in &resources {
            let key = (next, resource.key.clone());
            if world.gone.contains_key(&key)
                || type_of(resource).is_none_or(|it| it.becomes != Becomes::Stack)
            {
                continue;
            }
            match nested(world, next, resource)? {
                Ok(child) => {
                    let index = world.scopes.len();
                    world.scopes.push(child);
                    if let Some(scope) = world.scopes.get_mut(next) {
                        scope.children.insert(resource.key.clone(), index);
                    }
                }
                Err(why) => {
                    world.gone.insert(key, Gone::left(why));
                }
            }
        }
        next += 1;
    }
    Ok(())
}

/// The type of a resource, if kinds of ours cover it.
pub(super) fn type_of(resource: &Entry) -> Option<&'static Type> {
    types::of(resource.node.get("Type")?.text()?)
}

/// The address that a resource gets, if it becomes a table.
///
/// # Errors
/// Why it is left out.
fn place(
    world: &World<'_>,
    scope: usize,
    resource: &Entry,
    names: &mut Taken,
) -> Result<Option<Address>, Gone> {
    let node = &resource.node;
    if intrinsics::is_call(&resource.key) {
        let why = "only CloudFormation makes resources of it";
        return Err(Gone::left(why));
    }
    if let Some(name) = node.get("Condition").and_then(Node::text) {
        match intrinsics::condition(world, scope, name, node, 0) {
            Ok(true) => {}
            Ok(false) => {
                return Err(Gone {
                    why: format!("not wanted: its condition {name} does not hold"),
                    weight: Weight::Word,
                });
            }
            Err(fault) => {
                let why = format!("its condition {name} cannot be decided: {}", fault.text);
                return Err(Gone::left(why));
            }
        }
    }
    let Some(kind) = type_of(resource) else {
        return Err(Gone::left("s3net has no kind for this type"));
    };
    let table = match kind.becomes {
        Becomes::Table(table) => table,
        Becomes::Part | Becomes::Stack => return Ok(None),
        Becomes::Endpoint => {
            let stated = node
                .get("Properties")
                .and_then(|it| it.get("VpcEndpointType"));
            let stated = stated.map(|it| {
                let value = world.value(scope, it, 0)?;
                world.settled_text(it, value, 0)
            });
            let stated = stated.transpose().map_err(|fault| Gone::left(fault.text))?;
            endpoints::kind_of(stated.as_deref())
                .ok_or_else(|| Gone::left("s3net has no endpoints of this sort"))?
        }
    };
    let parent = world.scopes.get(scope).and_then(|it| it.parent.as_ref());
    Ok(Some(names.take(
        table,
        &resource.key,
        parent.map(|(_, stack)| stack.as_str()),
    )))
}

/// The names that are taken.
#[derive(Default)]
struct Taken {
    plain: std::collections::BTreeSet<Address>,
    names: Names,
}

impl Taken {
    /// An address for a logical id; one that is taken gets the nested stack's id
    /// before it.
    fn take(&mut self, kind: &str, id: &str, stack: Option<&str>) -> Address {
        let plain = Address::new(kind, id);
        let wish = match stack {
            Some(stack) if self.plain.contains(&plain) => format!("{stack}-{id}"),
            _ => id.to_owned(),
        };
        let address = self.names.take(kind, &wish, kind);
        if is_name(id) {
            self.plain.insert(plain);
        }
        address
    }
}

/// Reads the template of a nested stack.
///
/// # Errors
/// The inner one says why it is left out; the outer one, what is wrong with it.
fn nested(
    world: &World<'_>,
    scope: usize,
    resource: &Entry,
) -> Result<Result<Scope, String>, Box<Refused>> {
    let Some(outer) = world.scopes.get(scope) else {
        return Ok(Err("it has no template".to_owned()));
    };
    let url = resource
        .node
        .get("Properties")
        .and_then(|it| it.get("TemplateURL"));
    let Some(url) = url else {
        return Ok(Err("it has no `TemplateURL`".to_owned()));
    };
    let path = world
        .value(scope, url, 0)
        .and_then(|it| world.settled_text(url, it, 0));
    let path = match path {
        Ok(path) => path,
        Err(fault) => return Ok(Err(format!("its template is not known: {}", fault.text))),
    };
    if path.contains("://") {
        return Ok(Err(format!(
            "its template is at {path}: download it, and write its path relative to {}",
            outer.file
        )));
    }
    let path = path.trim_start_matches("./").to_owned();
    let whole = outer.folder.join(&path);
    let mut depth = 0;
    let mut above = Some(outer);
    while let Some(scope) = above {
        depth += 1;
        if scope.path == plain(&whole) {
            return Ok(Err(format!(
                "its template {path} is one that it stands in, so it would never end"
            )));
        }
        let parent = scope.parent.as_ref();
        above = parent.and_then(|(parent, _)| world.scopes.get(*parent));
    }
    if depth > DEEPEST || world.scopes.len() >= MOST {
        return Ok(Err("templates are nested too deeply".to_owned()));
    }
    let text = match (world.request.read)(&whole) {
        Ok(text) => text,
        Err(why) => return Ok(Err(format!("its template {path} cannot be read: {why}"))),
    };
    let folder = whole.parent().unwrap_or(&outer.folder);
    let name = Path::new(&outer.file).parent().map(|it| it.join(&path));
    let name = name.map_or(path, |it| it.display().to_string());
    scope_of(&name, &text, folder, (scope, resource.key.clone())).map(Ok)
}

fn scope_of(
    file: &str,
    text: &str,
    folder: &Path,
    parent: (usize, String),
) -> Result<Scope, Box<Refused>> {
    scope(file, text, folder, Some(parent))
}

/// Takes the properties of a nested stack: its resources are taken over by
/// themselves.
pub(super) fn stack(cx: &mut Context<'_>, p: &mut Properties<'_>, _tables: &mut Tables) {
    p.node("TemplateURL");
    let passed = p.node("Parameters");
    let world = cx.world;
    let child = world
        .scopes
        .get(cx.scope)
        .and_then(|it| it.children.get(&cx.id));
    let Some(child) = child else { return };
    for entry in passed.map(Node::entries).unwrap_or_default() {
        if world.entry(*child, "Parameters", &entry.key).is_none() {
            let path = format!("Parameters.{}", entry.key);
            cx.left(
                entry.line,
                &path,
                "the nested template has no such parameter",
            );
        }
    }
}

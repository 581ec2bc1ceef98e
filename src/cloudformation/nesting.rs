//! From one template to all: which resources there are, under which addresses,
//! and the templates of nested stacks.
//!
//! ```text
//! scope 0 ─► conditions ─► addresses ─► nested stacks ─► scope 1, scope 2, …
//! ```

use std::path::Path;

use super::node::{Entry, Node};
use super::properties::{Context, Properties};
use super::scope::{Scope, World};
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
    let root = yaml::read(text).map_err(|problem| refused(*problem))?;
    let resources = root.get("Resources");
    if resources.is_none_or(|it| it.entries().is_empty()) {
        let span = resources.map_or(0..0, |it| it.span.clone());
        let problem = Diagnostic::error(span, "this is no CloudFormation template")
            .because("it has no map `Resources` with anything in it");
        return Err(refused(problem.remedy("name a template, in YAML or JSON")));
    }
    for entry in resources.map(Node::entries).unwrap_or_default() {
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
        root,
        parent,
        children: Default::default(),
    })
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
                Err(why) => {
                    world.gone.insert(key, why);
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
                    world.gone.insert(key, why);
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
) -> Result<Option<Address>, String> {
    let node = &resource.node;
    if let Some(name) = node.get("Condition").and_then(Node::text) {
        match intrinsics::condition(world, scope, name, node, 0) {
            Ok(true) => {}
            Ok(false) => return Err(format!("its condition {name} does not hold")),
            Err(fault) => {
                return Err(format!(
                    "its condition {name} cannot be decided: {}",
                    fault.text
                ));
            }
        }
    }
    let Some(kind) = type_of(resource) else {
        return Err("s3net has no kind for this type".to_owned());
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
                world.settled_text(it, value)
            });
            let stated = stated.transpose().map_err(|fault| fault.text)?;
            endpoints::kind_of(stated.as_deref())
                .ok_or_else(|| "s3net has no endpoints of this sort".to_owned())?
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
        .and_then(|it| world.settled_text(url, it));
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
    let mut depth = 0;
    let mut above = Some(scope);
    while let Some(index) = above {
        depth += 1;
        let parent = world.scopes.get(index).and_then(|it| it.parent.as_ref());
        above = parent.map(|(parent, _)| *parent);
    }
    if depth > DEEPEST || world.scopes.len() >= MOST {
        return Ok(Err(
            "templates are nested in circles, or too deeply".to_owned()
        ));
    }
    let path = path.trim_start_matches("./").to_owned();
    let whole = outer.folder.join(&path);
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

//! The files of an export.

use hcl::{Attribute, Block, Body, Expression, Structure};

use super::expressions::{Writer, key_of, path_of};
use super::form::Form;
use super::layout::text;
use super::shapes::Shaping;
use super::{Exported, IMPORTS, Resource, Wish};
use crate::kind::{Kind, Live, Node};
use crate::model::{Address, Tags};

/// Terraform's own version that knows `import` blocks.
const TERRAFORM: &str = ">= 1.5";
/// The provider's version that knows every resource used here.
const PROVIDER: &str = ">= 5.0";

/// Writes a stack as Terraform's configuration.
///
/// # Errors
/// It cannot be written as HCL.
pub fn export(wish: &Wish<'_>) -> Result<Exported, String> {
    let writer = Writer::new(wish);
    let mut exported = Exported::default();
    let mut resources = String::new();
    let mut imports = String::new();
    for (address, node) in in_order(wish) {
        let live = wish.live.get(address).copied();
        let (Some(kind), Some((form, name))) =
            (wish.registry.of(address), writer.names.get(address))
        else {
            let why = "this version has no Terraform form of its kind".to_owned();
            exported.left_out.push((address.clone(), why));
            continue;
        };
        let node = &as_it_stays(node, kind, live);
        let mut shaping = Shaping {
            writer: &writer,
            address,
            node,
            live,
            body: Vec::new(),
            comments: vec![address.to_string()],
            ignored: ignored(node, form),
        };
        let shaped = shape(&mut shaping, kind, form);
        if let Err(why) = shaped {
            exported.left_out.push((address.clone(), why));
            continue;
        }
        let Shaping { body, comments, .. } = shaping;
        let block = labelled("resource", &[form.named, name], body);
        resources.push('\n');
        resources.push_str(&text(&comments, &block)?);
        let import_id = live.and_then(|live| (form.import)(live));
        let path = format!("{}.{name}", form.named);
        if let Some(id) = &import_id {
            let body = vec![argument("to", path_of(&path)?), argument("id", id.as_str())];
            imports.push_str(&text(&[], &labelled("import", &[], body))?);
            imports.push('\n');
        }
        exported.resources.push(Resource {
            address: address.clone(),
            terraform: path,
            import_id,
        });
    }
    let mut main = head(wish, &writer)?;
    main.push_str(&resources);
    for (address, why) in &exported.left_out {
        main.push_str(&format!("\n# Not exported: {address}: {why}\n"));
    }
    exported.variables = writer.variables.borrow().keys().cloned().collect();
    exported.files.insert("main.tf", main);
    if wish.place.is_some() && !imports.is_empty() {
        let imports = imports.trim_end().to_owned() + "\n";
        exported.files.insert(IMPORTS, imports);
    }
    exported.files.insert("README.md", readme(wish, &exported));
    Ok(exported)
}

/// The nodes, tables in the order of the registry, parts behind their tables.
fn in_order<'a>(wish: &'a Wish<'_>) -> Vec<(&'a Address, &'a Node)> {
    let kinds: Vec<&str> = wish.registry.names().collect();
    let place = |address: &Address| kinds.iter().position(|kind| *kind == address.kind);
    let mut nodes: Vec<_> = wish.stack.nodes.iter().collect();
    nodes.sort_by_key(|(address, _)| place(address));
    nodes
}

/// A node with what s3net leaves alone as it lives: Terraform is to find nothing to
/// change there either.
fn as_it_stays(node: &Node, kind: &'static dyn Kind, live: Option<&Live>) -> Node {
    let mut node = node.clone();
    let Some(live) = live else { return node };
    let alone = |name: &str| {
        let ignored = node.lifecycle.ignore.iter().any(|it| it == name);
        ignored || node.derived.contains(name)
    };
    let fields = kind.fields().iter().map(|field| field.name);
    let alone: Vec<&str> = fields.filter(|name| alone(name)).collect();
    for name in alone {
        match live.attributes.get(name) {
            Some(value) => node.inputs.set(name, value.clone()),
            None => drop(node.inputs.0.remove(name)),
        }
    }
    node
}

/// What Terraform is to leave alone, because the file says so.
fn ignored(node: &Node, form: &Form) -> Vec<&'static str> {
    let fields = node.lifecycle.ignore.iter();
    fields.flat_map(|field| form.names_of(field)).collect()
}

/// Everything inside a resource's block.
fn shape(shaping: &mut Shaping<'_>, kind: &'static dyn Kind, form: &Form) -> Result<(), String> {
    for (field, name) in form.arguments {
        // An empty text stands for none.
        if shaping.node.inputs.text(field) != Some("") {
            shaping.copy(field, name)?;
        }
    }
    (form.shape)(shaping)?;
    let tags = match shaping.live {
        Some(live) if !live.tags.is_empty() => live.tags.clone(),
        _ => shaping.node.tags.clone(),
    };
    if form.tags && !tags.is_empty() {
        shaping.set("tags", object(&tags));
    }
    lifecycle(shaping)?;
    let mut after = Vec::new();
    for order in kind.orders(shaping.node, shaping.writer.wish.stack) {
        let Some(path) = shaping.writer.names.path(&order.after) else {
            continue;
        };
        let known = refers_to(shaping.node, &order.after);
        if !known && !after.contains(&path) {
            shaping
                .comments
                .push(format!("after {}: {}", order.after, order.reason));
            after.push(path);
        }
    }
    if !after.is_empty() {
        let paths: Result<Vec<_>, _> = after.iter().map(|path| path_of(path)).collect();
        shaping.set("depends_on", Expression::Array(paths?));
    }
    Ok(())
}

/// What the file says of the resource's life, as far as Terraform knows it.
fn lifecycle(shaping: &mut Shaping<'_>) -> Result<(), String> {
    let mut body = Vec::new();
    if shaping.node.lifecycle.prevent_destroy {
        body.push(argument("prevent_destroy", true));
    }
    if shaping.node.lifecycle.create_before_destroy {
        body.push(argument("create_before_destroy", true));
    }
    let mut names = Vec::new();
    for name in std::mem::take(&mut shaping.ignored) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if !names.is_empty() {
        let names: Result<Vec<_>, _> = names.into_iter().map(path_of).collect();
        body.push(argument("ignore_changes", Expression::Array(names?)));
    }
    if !body.is_empty() {
        shaping.body.push(labelled("lifecycle", &[], body));
    }
    Ok(())
}

/// Whether a node names another, so that Terraform knows the order by itself.
fn refers_to(node: &Node, other: &Address) -> bool {
    let mut found = false;
    node.inputs
        .each_reference(&mut |reference| found |= reference.target == *other);
    found
}

fn object(tags: &Tags) -> Expression {
    let mut object = hcl::Object::new();
    for (key, value) in tags {
        object.insert(key_of(key), Expression::String(value.clone()));
    }
    Expression::Object(object)
}

/// What stands before the resources: versions, provider, variables, data.
fn head(wish: &Wish<'_>, writer: &Writer<'_>) -> Result<String, String> {
    let mut aws = hcl::Object::new();
    aws.insert(key_of("source"), Expression::from("hashicorp/aws"));
    aws.insert(key_of("version"), Expression::from(PROVIDER));
    let providers = labelled(
        "required_providers",
        &[],
        vec![argument("aws", Expression::Object(aws))],
    );
    let terraform = vec![argument("required_version", TERRAFORM), providers];
    let title = format!("The stack {}, exported by s3net.", wish.stack.name);
    let mut out = text(&[title], &labelled("terraform", &[], terraform))?;
    let region = argument("region", wish.stack.region.as_str());
    out.push('\n');
    out.push_str(&text(&[], &labelled("provider", &["aws"], vec![region]))?);
    for (name, variable) in writer.variables.borrow().iter() {
        let mut body = vec![
            argument("description", variable.about.as_str()),
            argument("type", path_of("string")?),
        ];
        if variable.secret {
            body.push(argument("sensitive", true));
        }
        out.push('\n');
        out.push_str(&text(&[], &labelled("variable", &[name], body))?);
    }
    if writer.asks_account.get() {
        let data = labelled("data", &["aws_caller_identity", "current"], Vec::new());
        out.push('\n');
        out.push_str(&text(&[], &data)?);
    }
    for (name, path) in writer.parameters.borrow().iter() {
        let body = vec![argument("name", path.as_str())];
        out.push('\n');
        out.push_str(&text(
            &[],
            &labelled("data", &["aws_ssm_parameter", name], body),
        )?);
    }
    Ok(out)
}

fn readme(wish: &Wish<'_>, exported: &Exported) -> String {
    let name = &wish.stack.name;
    let lives = exported.files.contains_key(IMPORTS);
    let mut text = format!(
        "# {name}\n\nThe stack `{name}` in {}, as Terraform's configuration.\n\n",
        wish.stack.region
    );
    if lives {
        text.push_str(
            "1. `terraform init`\n\
             2. `terraform plan`: it imports every resource and changes nothing.\n\
             3. `terraform apply`, then delete `imports.tf`.\n\n\
             From then on only one of the two should change these objects. s3net knows its\n\
             own by the tags `s3net:stack` and `s3net:address`; take them out of `main.tf`\n\
             when you have given up s3net's state.\n",
        );
    } else {
        text.push_str(
            "1. `terraform init`\n\
             2. `terraform plan`: nothing is imported, so it makes everything anew.\n",
        );
    }
    if !exported.variables.is_empty() {
        text.push_str("\nTerraform asks for the values of these variables:\n\n");
        for name in &exported.variables {
            text.push_str(&format!("- `{name}`\n"));
        }
    }
    if !exported.left_out.is_empty() {
        text.push_str("\nNot exported:\n\n");
        for (address, why) in &exported.left_out {
            text.push_str(&format!("- `{address}`: {why}\n"));
        }
    }
    text
}

fn argument(name: &str, expression: impl Into<Expression>) -> Structure {
    Attribute::new(hcl::Identifier::sanitized(name), expression).into()
}

fn labelled(name: &str, labels: &[&str], body: Vec<Structure>) -> Structure {
    let mut block = Block::new(hcl::Identifier::sanitized(name));
    block.labels = labels
        .iter()
        .map(|label| hcl::BlockLabel::from(*label))
        .collect();
    block.body = Body::from(body);
    block.into()
}

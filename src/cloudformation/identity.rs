//! Roles, their policies and their instance profiles.

use super::fitting::shown;
use super::note::Weight;
use super::properties::{Context, Properties};
use super::tables::Tables;
use super::value::entries;
use crate::model::{Address, Value};

pub(super) fn role(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let Some(address) = cx.address.clone() else {
        return;
    };
    p.copy(
        cx,
        tables,
        &[
            ("RoleName", "name"),
            ("Path", "path"),
            ("Description", "description"),
            ("MaxSessionDuration", "max_session_duration"),
            ("PermissionsBoundary", "permissions_boundary"),
        ],
    );
    if let Some(taken) = p.take(cx, "AssumeRolePolicyDocument") {
        match service_of(&taken.value) {
            Some(service) => tables.set(&address, "service", Value::text(service)),
            None => cx.put(tables, &address, "trust", taken),
        }
    }
    for arn in p.each_value(cx, "ManagedPolicyArns") {
        tables.add(&address, "managed_policies", short(arn));
    }
    for (mut policy, _) in p.each(cx, "Policies") {
        inline(cx, &mut policy, tables, &address);
        policy.end(cx);
    }
    // A profile that no resource makes would be one too many.
    if tables.at(&address).fields.text("service") == Some("ec2") {
        tables.set(&address, "instance_profile", Value::Bool(false));
    }
    p.tags(cx, tables, "Tags");
}

/// Takes an inline policy over into its role.
fn inline(cx: &mut Context<'_>, policy: &mut Properties<'_>, tables: &mut Tables, role: &Address) {
    let name = policy.text(cx, "PolicyName");
    let document = policy.take(cx, "PolicyDocument");
    let (Some((name, _)), Some(document)) = (name, document) else {
        return;
    };
    let known = tables.at(role).fields.get("inline_policies").cloned();
    let mut policies = entries(known.unwrap_or(Value::Null));
    policies.insert(name, short_policy(document.value));
    tables.set(role, "inline_policies", Value::Map(policies));
}

pub(super) fn policy(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let roles = p.each_value(cx, "Roles");
    attach(cx, p, tables, roles);
}

pub(super) fn role_policy(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let roles = p.each_value(cx, "RoleName");
    attach(cx, p, tables, roles);
}

fn attach(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables, roles: Vec<Value>) {
    let mut taken = 0;
    for value in roles {
        match role_in(&value) {
            Some(role) => {
                cx.address = Some(role.clone());
                let mut copy = p.clone();
                inline(cx, &mut copy, tables, &role);
                taken += 1;
            }
            None => {
                let why = format!("{} is no role of this template", shown(&value));
                cx.left(cx.line, "Roles", why);
            }
        }
    }
    if taken > 0 {
        p.take(cx, "PolicyName");
        p.take(cx, "PolicyDocument");
    }
}

pub(super) fn instance_profile(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let roles = p.each_value(cx, "Roles");
    let Some(role) = roles.first().and_then(role_in) else {
        cx.left(cx.line, "", "its role is none of this template");
        return;
    };
    cx.address = Some(role.clone());
    // A plan file means one for roles of EC2 unless it says otherwise.
    let usual = tables.at(&role).fields.text("service") == Some("ec2");
    let stated = if usual {
        Value::Null
    } else {
        Value::Bool(true)
    };
    tables.set(&role, "instance_profile", stated);
    for (property, same) in [("InstanceProfileName", "name"), ("Path", "path")] {
        if let Some(taken) = p.take(cx, property)
            && tables.at(&role).fields.get(same) != Some(&taken.value)
        {
            let text = format!("the profile has the {same} of its role instead");
            cx.note(Weight::Changed, taken.line, &taken.path, text);
        }
    }
}

/// The role of this template that a value names.
fn role_in(value: &Value) -> Option<Address> {
    match value {
        Value::Reference(reference) if reference.target.kind == "role" => {
            Some(reference.target.clone())
        }
        _ => None,
    }
}

/// The service that may take a role, where its trust policy says no more than
/// that.
fn service_of(document: &Value) -> Option<String> {
    let statements = document.as_map()?.get("Statement")?;
    let statement = match statements {
        Value::List(items) => match items.as_slice() {
            [only] => only,
            _ => return None,
        },
        one => one,
    };
    let statement = statement.as_map()?;
    let usual = ["Effect", "Principal", "Action", "Sid"];
    let only = |value: &Value| match value {
        Value::List(items) if items.len() == 1 => items.first()?.as_text().map(str::to_owned),
        other => other.as_text().map(str::to_owned),
    };
    let says = |key: &str, text: &str| statement.get(key).and_then(only).as_deref() == Some(text);
    let plain = statement.keys().all(|key| usual.contains(&key.as_str()))
        && says("Effect", "Allow")
        && says("Action", "sts:AssumeRole");
    let principal = statement.get("Principal")?.as_map()?;
    if !plain || principal.len() != 1 {
        return None;
    }
    let service = only(principal.get("Service")?)?;
    service.strip_suffix(".amazonaws.com").map(str::to_owned)
}

/// One of AWS's own policies by its name.
fn short(arn: Value) -> Value {
    let text = arn.as_text();
    let name = text.and_then(|text| text.strip_prefix("arn:aws:iam::aws:policy/"));
    match name {
        Some(name) if !name.contains('/') => Value::text(name),
        _ => arn,
    }
}

/// A document that allows actions on a bucket and its objects, or on everything,
/// in the words that plan files have for it.
fn short_policy(document: Value) -> Value {
    shorthand(&document).unwrap_or(document)
}

fn shorthand(document: &Value) -> Option<Value> {
    let statement = match document.as_map()?.get("Statement")? {
        Value::List(items) => match items.as_slice() {
            [only] => only.as_map()?,
            _ => return None,
        },
        one => one.as_map()?,
    };
    let usual = ["Effect", "Action", "Resource"];
    if !statement.keys().all(|key| usual.contains(&key.as_str()))
        || statement.get("Effect")?.as_text() != Some("Allow")
    {
        return None;
    }
    let actions = match statement.get("Action")? {
        Value::List(items) => items.clone(),
        one => vec![one.clone()],
    };
    let resources = statement.get("Resource")?;
    let bucket = super::storage::with_its_objects(resources)?;
    Some(super::value::map([
        ("allow", Value::List(actions)),
        ("on", Value::texts([bucket.to_string()])),
    ]))
}

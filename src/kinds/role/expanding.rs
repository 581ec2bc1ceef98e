//! What a role's table stands for: the role, its policies and its profile.

use super::path_of;
use crate::kind::Declared;
use crate::model::place::partition;
use crate::model::{Attributes, Diagnostic, Piece, Value, policy};

pub(super) fn expand(table: &mut Declared) {
    if table.inputs.get("name").is_none() {
        let name = format!("{}-{}", table.stack, table.address.name);
        table.inputs.set("name", name);
    }
    if table.inputs.get("path").is_none() {
        let path = path_of(&table.stack);
        table.inputs.set("path", path);
    }
    if let Some(boundary) = table.inputs.get("permissions_boundary") {
        let boundary = whole_arn(boundary, &table.region);
        table.inputs.set("permissions_boundary", boundary);
    }
    let is_for_instances = trust(table);
    let part = Attributes::new().with("role", table.own_id());
    for (index, stated) in table
        .inputs
        .list("managed_policies")
        .to_vec()
        .iter()
        .enumerate()
    {
        let field = format!("managed_policies[{index}]");
        if stated
            .as_text()
            .is_some_and(|it| it.starts_with("arn:") && !it.contains(":policy/"))
        {
            table.problems.push(
                Diagnostic::error(table.span_of(&field), "this is no policy's ARN")
                    .because("a policy's ARN has `:policy/` before its name")
                    .remedy("write it whole, or just the name of one of AWS's own policies"),
            );
            continue;
        }
        let Some(name) = name_of(stated) else {
            table.problems.push(
                Diagnostic::error(table.span_of(&field), "this policy's name is not known yet")
                    .because("the name tells the role's policies apart before any call is made")
                    .remedy("write the ARN with the policy's name in it"),
            );
            continue;
        };
        let arn = whole_arn(stated, &table.region);
        table.part(
            "managed_policy",
            &name,
            &field,
            part.clone().with("policy_arn", arn),
        );
    }
    let inline = table.inputs.get("inline_policies").and_then(Value::as_map);
    for (name, document) in inline.cloned().unwrap_or_default() {
        let field = format!("inline_policies.{name}");
        let inputs = part.clone().with("name", name.as_str());
        table.part(
            "inline_policy",
            &name,
            &field,
            inputs.with("policy", document),
        );
    }
    if table
        .inputs
        .bool("instance_profile")
        .unwrap_or(is_for_instances)
    {
        let mut inputs = part;
        for same in ["name", "path"] {
            if let Some(value) = table.inputs.get(same) {
                inputs.set(same, value.clone());
            }
        }
        table.part("instance_profile", "", "instance_profile", inputs);
    }
}

/// Makes `service` a trust policy; tells whether it is EC2, whose instances
/// need a profile.
fn trust(table: &mut Declared) -> bool {
    let service = table.inputs.get("service").cloned();
    match (&service, table.inputs.get("trust")) {
        (Some(_), Some(_)) => table.problems.push(
            Diagnostic::error(
                table.span_of("trust"),
                "a role has `service` or `trust`, not both",
            )
            .also(
                table.span_of("service"),
                "`service` is short for a trust policy",
            )
            .remedy("keep one of them"),
        ),
        (None, None) => table.problems.push(
            Diagnostic::error(
                table.span.clone(),
                format!("nobody can take {}", table.address),
            )
            .because("a role needs a trust policy, which says who may take it")
            .remedy("add `service = \"ec2\"`, or the whole document as `trust`"),
        ),
        _ => {}
    }
    match service.as_ref().map(Value::as_text) {
        Some(Some(service)) => {
            let principal = principal_of(service, &table.region);
            table
                .inputs
                .set("trust", policy::trust_of_service(&principal));
            service == "ec2" || principal.starts_with("ec2.amazonaws.com")
        }
        Some(None) => {
            table.problems.push(
                Diagnostic::error(table.span_of("service"), "the service must be known now")
                    .remedy("write its name, such as \"ec2\""),
            );
            false
        }
        None => false,
    }
}

/// A service's principal. EC2's carries the suffix of its partition's host
/// names, the others' are the same in all partitions.
pub(super) fn principal_of(service: &str, region: &str) -> String {
    if service.contains('.') {
        return service.to_owned();
    }
    let suffix = match (service, partition(region)) {
        ("ec2", "aws-cn") => "amazonaws.com.cn",
        _ => "amazonaws.com",
    };
    format!("{service}.{suffix}")
}

/// A policy's ARN; a mere name is that of one of AWS's own policies.
pub(super) fn whole_arn(policy: &Value, region: &str) -> Value {
    match policy {
        Value::String(name) if !name.is_empty() && !name.starts_with("arn:") => {
            format!("arn:{}:iam::aws:policy/{name}", partition(region)).into()
        }
        other => other.clone(),
    }
}

/// A policy's name: what follows the last `/` of its ARN or path.
pub(super) fn name_of(policy: &Value) -> Option<String> {
    let text = match policy {
        Value::String(text) => text,
        Value::Template(pieces) => match pieces.last()? {
            // The name must be whole: the slash before it has to be known too.
            Piece::Text(text) if text.contains('/') => text,
            _ => return None,
        },
        _ => return None,
    };
    let name = text.rsplit('/').next()?;
    (!name.is_empty()).then(|| name.to_owned())
}

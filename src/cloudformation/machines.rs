//! Instances.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::fitting::shown;
use super::node::Holds;
use super::properties::{Context, Properties};
use super::tables::Tables;
use crate::model::{Reference, Value};

pub(super) fn instance(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let Some(address) = cx.address.clone() else {
        return;
    };
    p.copy(
        cx,
        tables,
        &[
            ("SubnetId", "subnet"),
            ("SecurityGroupIds", "security_groups"),
            ("InstanceType", "type"),
            ("ImageId", "image"),
            ("KeyName", "key_pair"),
            ("SourceDestCheck", "source_dest_check"),
            ("Monitoring", "monitoring"),
            ("PrivateIpAddress", "private_ip"),
        ],
    );
    for (index, (mut interface, line)) in p.each(cx, "NetworkInterfaces").into_iter().enumerate() {
        if index > 0 {
            cx.left(
                line,
                "NetworkInterfaces",
                "an instance has one network interface here",
            );
            continue;
        }
        interface.only(cx, "DeviceIndex", &["0"]);
        interface.only(cx, "DeleteOnTermination", &["true"]);
        interface.copy(
            cx,
            tables,
            &[
                ("SubnetId", "subnet"),
                ("GroupSet", "security_groups"),
                ("AssociatePublicIpAddress", "public_ip"),
                ("PrivateIpAddress", "private_ip"),
            ],
        );
        interface.end(cx);
    }
    if let Some(mut options) = p.inside(cx, "MetadataOptions") {
        options.copy(cx, tables, &[("HttpTokens", "metadata_tokens")]);
        options.only(cx, "HttpEndpoint", &["enabled"]);
        options.end(cx);
    }
    if let Some(taken) = p.take(cx, "IamInstanceProfile") {
        match &taken.value {
            Value::Reference(reference) if reference.target.kind == "role" => {
                let role = Reference::id(reference.target.clone());
                tables.set(&address, "role", Value::Reference(role));
            }
            Value::String(_) => cx.put(tables, &address, "instance_profile", taken),
            Value::Reference(reference) if reference.attribute.is_empty() => {
                cx.put(tables, &address, "instance_profile", taken);
            }
            other => {
                let why = format!("{} is no profile of this template", shown(other));
                cx.left(taken.line, &taken.path, why);
            }
        }
    }
    user_data(cx, p, tables);
    p.tags(cx, tables, "Tags");
}

/// A plan file has user data as it is, a template encoded.
fn user_data(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let Some(address) = cx.address.clone() else {
        return;
    };
    let Some(node) = p.node("UserData") else {
        return;
    };
    if let Holds::Call(name, inner) = &node.holds
        && name == "Fn::Base64"
    {
        if let Some(value) = cx.value("UserData", inner) {
            tables.set(&address, "user_data", value);
        }
        return;
    }
    let encoded = cx.value("UserData", node);
    let text = encoded.as_ref().and_then(Value::as_text);
    let plain = text.and_then(|text| STANDARD.decode(text).ok());
    match plain.map(String::from_utf8) {
        Some(Ok(plain)) => tables.set(&address, "user_data", Value::text(plain)),
        _ if encoded.is_some() => cx.left(node.line, "UserData", "it is no base64 of a text"),
        _ => {}
    }
}

//! Buckets and their settings.

use super::fitting::shown;
use super::note::Weight;
use super::properties::{Context, Properties};
use super::tables::Tables;
use super::value::joined;
use crate::draft;
use crate::model::{Address, Piece, Value};

/// The four switches of a public access block.
const SWITCHES: &[&str] = &[
    "BlockPublicAcls",
    "BlockPublicPolicy",
    "IgnorePublicAcls",
    "RestrictPublicBuckets",
];

pub(super) fn bucket(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let Some(address) = cx.address.clone() else {
        return;
    };
    p.copy(cx, tables, &[("BucketName", "name")]);
    if tables.at(&address).fields.get("name").is_none() {
        name(cx, tables, &address);
    }
    p.only(cx, "AccessControl", &["Private"]);
    if let Some(mut block) = p.inside(cx, "PublicAccessBlockConfiguration") {
        let switches: Vec<bool> = SWITCHES
            .iter()
            .map(|it| block.truth(cx, it).unwrap_or(false))
            .collect();
        let all = switches.iter().all(|on| *on);
        if !all && switches.iter().any(|on| *on) {
            let text = "some switches are on and some off: all are on here";
            cx.note(
                Weight::Changed,
                cx.line,
                "PublicAccessBlockConfiguration",
                text,
            );
        }
        let any = switches.iter().any(|on| *on);
        tables.set(&address, "block_public_access", Value::Bool(any));
        block.end(cx);
    }
    if let Some(mut versioning) = p.inside(cx, "VersioningConfiguration") {
        if let Some((status, _)) = versioning.text(cx, "Status") {
            tables.set(&address, "versioning", Value::Bool(status == "Enabled"));
        }
        versioning.end(cx);
    }
    encryption(cx, p, tables, &address);
    p.tags(cx, tables, "Tags");
}

/// A name for a bucket that CloudFormation would have given one.
fn name(cx: &mut Context<'_>, tables: &mut Tables, address: &Address) {
    let own: String = cx
        .id
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let own = own.get(..own.len().min(20)).unwrap_or_default().to_owned();
    let stack = match draft::stack_name() {
        Value::Reference(reference) => Piece::Reference(reference),
        _ => return,
    };
    let pieces = [stack, Piece::Text(format!("-{own}-")), Piece::Account];
    if let Some(name) = joined(pieces) {
        tables.set(address, "name", name);
        let text = "the template leaves its name to CloudFormation, a plan file must state one";
        cx.note(Weight::Changed, cx.line, "", text);
    }
}

fn encryption(
    cx: &mut Context<'_>,
    p: &mut Properties<'_>,
    tables: &mut Tables,
    address: &Address,
) {
    let Some(mut encryption) = p.inside(cx, "BucketEncryption") else {
        return;
    };
    let rules = encryption.each(cx, "ServerSideEncryptionConfiguration");
    for (mut rule, _) in rules.into_iter().take(1) {
        if let Some(mut way) = rule.inside(cx, "ServerSideEncryptionByDefault") {
            if let Some(mut taken) = way.take(cx, "SSEAlgorithm") {
                if taken.value == Value::text("aws:kms:dsse") {
                    let text = "`aws:kms:dsse` becomes `aws:kms`";
                    cx.note(Weight::Changed, taken.line, &taken.path, text);
                    taken.value = Value::text("aws:kms");
                }
                cx.put(tables, address, "encryption", taken);
            }
            if let Some(taken) = way.take(cx, "KMSMasterKeyID") {
                cx.put(tables, address, "kms_key", taken);
            }
            way.end(cx);
        }
        rule.end(cx);
    }
    encryption.end(cx);
}

pub(super) fn bucket_policy(cx: &mut Context<'_>, p: &mut Properties<'_>, tables: &mut Tables) {
    let bucket = p.take(cx, "Bucket");
    let document = p.take(cx, "PolicyDocument");
    let Some(bucket) = bucket else { return };
    match &bucket.value {
        Value::Reference(reference) if reference.target.kind == "bucket" => {
            cx.address = Some(reference.target.clone());
            if let Some(document) = document {
                tables.set(&reference.target, "policy", document.value);
            }
        }
        other => {
            let why = format!("{} is no bucket of this template", shown(other));
            cx.left(bucket.line, "", why);
        }
    }
}

/// The bucket whose ARN and whose objects' ARNs these resources are, both and
/// nothing else.
pub(super) fn with_its_objects(resources: &Value) -> Option<Address> {
    let Value::List(items) = resources else {
        return None;
    };
    let mut whole = [None, None];
    for item in items {
        let (place, bucket) = match item {
            Value::Reference(reference) if reference.attribute == "arn" => (0, &reference.target),
            Value::Template(pieces) => match pieces.as_slice() {
                [Piece::Reference(reference), Piece::Text(rest)]
                    if reference.attribute == "arn" && rest == "/*" =>
                {
                    (1, &reference.target)
                }
                [Piece::Text(arn), Piece::Reference(reference)]
                    if reference.attribute == "name" && arn == "arn:aws:s3:::" =>
                {
                    (0, &reference.target)
                }
                [
                    Piece::Text(arn),
                    Piece::Reference(reference),
                    Piece::Text(rest),
                ] if reference.attribute == "name" && arn == "arn:aws:s3:::" && rest == "/*" => {
                    (1, &reference.target)
                }
                _ => return None,
            },
            _ => return None,
        };
        if bucket.kind != "bucket" {
            return None;
        }
        whole[place] = Some(bucket);
    }
    match whole {
        [Some(one), Some(other)] if one == other => Some(one.clone()),
        _ => None,
    }
}

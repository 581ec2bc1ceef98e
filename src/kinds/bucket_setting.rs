//! What the settings of a bucket share: not a kind, but what each of them needs
//! to find itself and to stand in line.
//!
//! S3 takes one setting of a bucket at a time and answers `OperationAborted` to
//! a second one, so each setting waits for those before it:
//!
//! ```text
//! public_access_block ─► versioning ─► encryption ─► policy
//! ```

use crate::aws::CallError;
use crate::aws::rehearsal::Rehearsals;
use crate::kind::{Field, Intent, Live, Node, Order, Scope, Stack, Type};
use crate::model::{Address, Attributes};

/// The labels of the settings, in the order in which they are made.
const IN_LINE: [&str; 4] = ["public_access_block", "versioning", "encryption", "policy"];

/// The field by which a setting knows its bucket.
pub(super) const BUCKET: Field =
    Field::new("bucket", Type::reference(&["bucket"], &[]), "The bucket.")
        .required()
        .replaces("the setting belongs to its bucket");

/// Notes an action on the bucket that a field names. S3 has no dry runs.
pub(super) fn rehearse(
    step: &Intent<'_>,
    field: &str,
    action: &'static str,
    calls: &mut Rehearsals,
) {
    if let Some(name) = step.text(field).or(step.live.text(field)).or(step.id) {
        let bucket = format!("arn:{}:s3:::{name}", step.place.partition());
        calls.needs(step.address, action, &bucket);
    }
}

/// The settings with one label that the file wants or the state remembers, of
/// the buckets that are there and ours: each one's address and bucket.
pub(super) async fn known(
    scope: &Scope<'_>,
    label: &str,
) -> Result<Vec<(Address, String)>, CallError> {
    told_apart(scope, label, true).await
}

/// The settings with one label that the stack's buckets may have, and that
/// neither the file wants nor the state remembers.
pub(super) async fn others(
    scope: &Scope<'_>,
    label: &str,
) -> Result<Vec<(Address, String)>, CallError> {
    told_apart(scope, label, false).await
}

async fn told_apart(
    scope: &Scope<'_>,
    label: &str,
    is_known: bool,
) -> Result<Vec<(Address, String)>, CallError> {
    let buckets = scope.wanted_of("bucket", "");
    let buckets = buckets.map(|(address, of)| (address, &of.inputs, of.id.as_deref()));
    let reads = scope
        .shared
        .buckets(scope.aws, scope.stack, scope.place, buckets);
    Ok(reads
        .await?
        .iter()
        .filter(|bucket| {
            let mut tables = bucket.named_by.iter().chain([&bucket.address]);
            tables.any(|table| scope.wanted.contains_key(&table.part(label, ""))) == is_known
        })
        .map(|bucket| (bucket.address.part(label, ""), bucket.name.clone()))
        .collect())
}

/// A setting that S3 showed, if it did.
pub(super) fn shown(address: Address, bucket: &str, found: Option<Attributes>) -> Option<Live> {
    let id = id_of(address.label(), bucket);
    found.map(|found| Live::keyed(address, id, found))
}

/// The id of a setting, for which S3 has none.
pub(super) fn id_of(label: &str, bucket: &str) -> String {
    format!("{bucket}/{label}")
}

/// The name of a setting's bucket.
pub(super) fn bucket_of(inputs: &Attributes) -> Result<&str, CallError> {
    inputs
        .text("bucket")
        .ok_or_else(|| CallError::internal("a setting does not say of which bucket"))
}

/// The settings that come before the one with a label.
pub(super) fn after_others(label: &str, node: &Node, stack: &Stack) -> Vec<Order> {
    let Some(bucket) = node.inputs.target("bucket") else {
        return Vec::new();
    };
    IN_LINE
        .into_iter()
        .take_while(|before| *before != label)
        .map(|before| bucket.part(before, ""))
        .filter(|before| stack.get(before).is_some())
        .map(|after| Order {
            after,
            reason: "S3 takes one setting of a bucket at a time",
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Reference, Value};

    #[test]
    fn settings_stand_in_line() {
        let bucket = Address::new("bucket", "data");
        let node = Node {
            inputs: Attributes::new()
                .with("bucket", Value::Reference(Reference::id(bucket.clone()))),
            ..Node::default()
        };
        let mut stack = Stack::default();
        for label in ["public_access_block", "encryption", "policy"] {
            stack.nodes.insert(bucket.part(label, ""), node.clone());
        }
        let before = |label| {
            let orders = after_others(label, &node, &stack);
            let labels = orders.iter().map(|order| order.after.label().to_owned());
            labels.collect::<Vec<_>>()
        };
        assert!(before("public_access_block").is_empty());
        assert_eq!(before("versioning"), ["public_access_block"]);
        assert_eq!(before("policy"), ["public_access_block", "encryption"]);
    }
}

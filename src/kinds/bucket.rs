//! A bucket, with its settings as parts.
//!
//! S3 keeps each setting apart from the bucket, and answers `OperationAborted`
//! to a second write while it is busy with a first, so the parts follow one
//! another. The public access block comes before the policy: it decides which
//! policies S3 accepts.
//!
//! ```text
//! bucket ─► public_access_block ─► versioning ─► encryption ─► policy
//! ```
//!
//! In us-east-1 only, CreateBucket for a bucket that one owns already answers
//! with success and resets its access control list (Amazon S3 API reference,
//! CreateBucket), so there the name is asked for first.

use std::time::Duration;

use async_trait::async_trait;

use super::bucket_setting;
use crate::aws::buckets::{BUCKET_PROPAGATION, bucket_tags, retag_bucket};
use crate::aws::rehearsal::Rehearsals;
use crate::aws::{Call, CallError, Seen, on};
use crate::kind::{
    About, Area, Declared, Default, Field, Intent, Kind, Live, Node, Obstacle, Output, PolicyUse,
    Query, Scope, Stack, Standings, Told, Type,
};
use crate::model::network::Network;
use crate::model::tags::TagChange;
use crate::model::{
    Action, Address, Attributes, Diagnostic, Piece, Place, Reference, Tags, Value, policy,
};

mod looking;
mod making;
mod name;
mod taken;
mod telling;
#[cfg(test)]
mod tests;

/// `[bucket.<name>]`
pub struct Bucket;

const FIELDS: &[Field] = &[
    Field::new("name", Type::Text, "Its name, which is unique in all of AWS.")
        .required()
        .replaces("AWS cannot rename a bucket"),
    Field::new(
        "force_destroy",
        Type::Bool,
        "Whether destroying the bucket deletes every object in it.",
    )
    .default(Default::Bool(false)),
    Field::new(
        "block_public_access",
        Type::Bool,
        "Whether S3 refuses every kind of public access.",
    )
    .default(Default::Bool(true))
    .expanded(),
    Field::new(
        "versioning",
        Type::Bool,
        "Whether old versions of objects are kept; `false` suspends it, for AWS cannot turn it off again.",
    )
    .expanded(),
    Field::new(
        "encryption",
        Type::OneOf(&["AES256", "aws:kms"]),
        "How new objects are encrypted: with S3's own keys or with a KMS key.",
    )
    .default(Default::Text("AES256"))
    .expanded(),
    Field::new(
        "kms_key",
        Type::Text,
        "The KMS key's ARN, id or alias; S3's own KMS key without it.",
    )
    .expanded(),
    Field::new(
        "policy",
        Type::Policy(PolicyUse::Resource),
        "Who may do what with it.",
    )
    .expanded(),
    Field::new(
        "require_tls",
        Type::Bool,
        "Whether its policy refuses calls that do not come over TLS.",
    )
    .default(Default::Bool(false))
    .expanded(),
];

const OUTPUTS: &[Output] = &[
    Output {
        name: "arn",
        doc: "Its ARN.",
    },
    Output {
        name: "domain_name",
        doc: "Its own host name in its region, `<name>.s3.<region>.amazonaws.com`.",
    },
];

/// The tag that remembers `force_destroy`, which AWS has no field for.
const FORCE_DESTROY: &str = "s3net:force-destroy";
/// How long emptying a bucket may take.
const EMPTYING: Duration = Duration::from_secs(3600);

#[async_trait]
impl Kind for Bucket {
    fn about(&self) -> About {
        About {
            name: "bucket",
            summary: "A store of objects in one region, with its settings.",
            example: "[bucket.data]\nname = \"three-ways-data\"\nversioning = true\nrequire_tls = true\n",
            part_of: None,
            tagged: true,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn outputs(&self) -> &'static [Output] {
        OUTPUTS
    }

    fn expand(&self, table: &mut Declared) {
        let inputs = table.inputs.clone();
        let part = Attributes::new().with("bucket", table.own_id());
        if inputs.bool("force_destroy") == Some(true) {
            table.tags.insert(FORCE_DESTROY.into(), "true".into());
        }
        let block = inputs.bool("block_public_access").unwrap_or(true);
        let blocked = part
            .clone()
            .with("block_public_acls", block)
            .with("ignore_public_acls", block)
            .with("block_public_policy", block)
            .with("restrict_public_buckets", block);
        table.part("public_access_block", "", "block_public_access", blocked);
        if let Some(enabled) = inputs.bool("versioning") {
            let versioning = part.clone().with("enabled", enabled);
            table.part("versioning", "", "versioning", versioning);
        }
        let algorithm = inputs.text("encryption").unwrap_or("AES256");
        let mut encryption = part.clone().with("algorithm", algorithm);
        if let Some(key) = inputs.get("kms_key") {
            if algorithm != "aws:kms" {
                table.problems.push(
                    Diagnostic::error(table.span_of("kms_key"), "this key would not be used")
                        .because(format!(
                            "`encryption` is \"{algorithm}\", which takes no key"
                        ))
                        .remedy("set `encryption = \"aws:kms\"`, or remove `kms_key`"),
                );
            }
            encryption.set("kms_key", key.clone());
        }
        table.part("encryption", "", "encryption", encryption);
        if let Some(document) = whole_policy(&table.address, &inputs) {
            let field = match inputs.get("policy") {
                Some(_) => "policy",
                None => "require_tls",
            };
            table.part("policy", "", field, part.with("policy", document));
        }
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        // The account's place in a name is kept by any twelve digits.
        let name = node.inputs.get("name").and_then(|name| {
            let name = name.resolve(Some("123456789012"), &|_| None);
            name.as_text().map(str::to_owned)
        });
        let Some(name) = name else { return };
        let span = node.span_of("name");
        if let Some(fault) = name::fault_of(&name) {
            problems.push(
                Diagnostic::error(span, format!("`{name}` cannot be a bucket's name"))
                    .because(fault)
                    .remedy("use 3 to 63 of a–z, 0–9 and `-`, a letter or digit first and last"),
            );
            return;
        }
        if name.contains('.') {
            problems.push(
                Diagnostic::warning(span.clone(), format!("bucket name `{name}` has a dot"))
                    .because(
                        "S3's certificate is for one label before `.s3`, so HTTPS to this \
                         bucket's own host name fails",
                    )
                    .remedy("use `-` instead"),
            );
        }
        for (other, twin) in stack.of_kind("bucket").filter(|(_, twin)| {
            twin.span.start < node.span.start && twin.inputs.get("name") == node.inputs.get("name")
        }) {
            problems.push(
                Diagnostic::error(span.clone(), format!("`{name}` is {other}'s name already"))
                    .here("the second")
                    .also(twin.span_of("name"), "the first")
                    .remedy("bucket names are unique: choose another"),
            );
        }
    }

    fn predict(&self, inputs: &Attributes, place: &Place) -> Attributes {
        inputs
            .text("name")
            .map_or_else(Attributes::new, |name| outputs(name, place))
    }

    fn certain_id(&self, inputs: &Attributes) -> Option<String> {
        inputs.text("name").map(str::to_owned)
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        telling::tell(told, network);
    }

    fn lost_with(&self, live: &Attributes) -> Option<String> {
        // Without it, S3 deletes empty buckets only.
        let forced = live.bool("force_destroy") == Some(true);
        forced.then(|| "the objects in it".to_owned())
    }

    fn natural_key(&self) -> &'static [&'static str] {
        &["name"]
    }

    fn found_by_name(&self) -> bool {
        true
    }

    fn tagged_elsewhere(&self) -> bool {
        true
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let actions: &[&str] = match step.action {
            Action::Create => &["s3:CreateBucket"],
            Action::Delete => &["s3:DeleteBucket"],
            _ if step.tag_change.is_empty() => &[],
            _ => &["s3:PutBucketTagging"],
        };
        for action in actions {
            bucket_setting::rehearse(step, "name", action, calls);
        }
    }

    async fn obstacles(&self, steps: &[Intent<'_>]) -> Result<Vec<Obstacle>, CallError> {
        taken::obstacles(steps).await
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let known = scope.wanted_of("bucket", "");
        let known = known.map(|(address, of)| (address, &of.inputs, of.id.as_deref()));
        let reads = scope
            .shared
            .buckets(scope.aws, scope.stack, scope.place, known);
        Ok(reads
            .await?
            .iter()
            .map(|bucket| Live {
                address: Some(bucket.address.clone()),
                id: bucket.name.clone(),
                attributes: attributes(&bucket.name, &bucket.tags, scope.place),
                tags: bucket.tags.clone(),
                ..Live::default()
            })
            .collect())
    }

    async fn look_up(&self, scope: &Scope<'_>, query: &Query) -> Result<Vec<Live>, CallError> {
        looking::look_up(scope, query).await
    }

    async fn standing(&self, scope: &Scope<'_>, area: &Area) -> Result<Standings, CallError> {
        looking::standing(scope, area).await
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let name = inputs
            .text("name")
            .ok_or_else(|| CallError::internal("the bucket has no name"))?;
        making::make_or_adopt(call, name).await?;
        Ok(name.to_owned())
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        id: &str,
        _inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let tags = call
            .wait_for("the bucket to be known", BUCKET_PROPAGATION, || async {
                Ok(match bucket_tags(call.aws, call.place, id).await? {
                    Some(tags) => Seen::Ready(tags),
                    None => Seen::Pending("not yet known".into()),
                })
            })
            .await?;
        let missing = TagChange {
            set: call
                .tags
                .iter()
                .filter(|(key, value)| tags.get(*key) != Some(value))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            remove: Vec::new(),
        };
        if !missing.is_empty() {
            retag_bucket(call, id, &missing).await?;
        }
        Ok(outputs(id, call.place))
    }

    async fn retag(&self, call: &Call<'_>, id: &str, change: &TagChange) -> Result<(), CallError> {
        retag_bucket(call, id, change).await
    }

    async fn delete(&self, call: &Call<'_>, id: &str, live: &Attributes) -> Result<(), CallError> {
        let forced = live.bool("force_destroy") == Some(true);
        let limit = if forced { EMPTYING } else { BUCKET_PROPAGATION };
        let passing = |error: &CallError| {
            error.is(&["OperationAborted"]) || forced && error.is(&["BucketNotEmpty"])
        };
        let request = call.aws.s3.delete_bucket().bucket(id);
        let request = request.expected_bucket_owner(&call.place.account);
        let deleted = call
            .retry("the bucket to be deletable", limit, passing, || async {
                let sent = request.clone().send().await.map_err(on("DeleteBucket"));
                if forced && sent.as_ref().is_err_and(|it| it.is(&["BucketNotEmpty"])) {
                    call.empty_bucket(id).await?;
                }
                sent.map(|_| ())
            })
            .await;
        match deleted {
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) if error.is(&["BucketNotEmpty"]) => {
                // A read that fails must not hide why the delete did.
                let contents = call.bucket_contents(id).await.unwrap_or_default();
                return Err(CallError::Held {
                    id: id.to_owned(),
                    holders: contents.into_iter().collect(),
                    refusal: Box::new(error),
                });
            }
            other => other?,
        }
        call.wait_for("the bucket to be gone", BUCKET_PROPAGATION, || async {
            Ok(match bucket_tags(call.aws, call.place, id).await? {
                None => Seen::Ready(()),
                Some(_) => Seen::Pending("still there".into()),
            })
        })
        .await
    }
}

/// The one document that the `policy` and `require_tls` fields make together.
fn whole_policy(address: &Address, inputs: &Attributes) -> Option<Value> {
    let stated = inputs.get("policy");
    if inputs.bool("require_tls") != Some(true) {
        return stated.cloned();
    }
    let arn = Reference {
        target: address.clone(),
        attribute: "arn".to_owned(),
    };
    let objects = vec![Piece::Reference(arn.clone()), Piece::Text("/*".to_owned())];
    let refusal = policy::refuse_without_tls(arn.into(), Value::Template(objects));
    Some(match stated {
        Some(document) => policy::with_statement(document, refusal),
        None => policy::document(vec![refusal]),
    })
}

fn outputs(name: &str, place: &Place) -> Attributes {
    let host = format!("{name}.s3.{}.{}", place.region, place.dns_suffix());
    Attributes::new()
        .with("arn", format!("arn:{}:s3:::{name}", place.partition()))
        .with("domain_name", host)
}

fn attributes(name: &str, tags: &Tags, place: &Place) -> Attributes {
    let forced = tags.get(FORCE_DESTROY).is_some_and(|value| value == "true");
    outputs(name, place)
        .with("name", name)
        .with("force_destroy", forced)
}

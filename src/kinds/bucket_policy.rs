//! A bucket's policy.
//!
//! It is the last of a bucket's settings to be made and the first to go: a
//! policy may refuse everything that does not come through an endpoint, and
//! then it would refuse the rest of the work too.

use async_trait::async_trait;

use super::bucket_setting::{self, BUCKET, after_others, bucket_of, id_of, known, others, shown};
use crate::aws::buckets::BUCKET_PROPAGATION;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::{Aws, Call, CallError, Seen, on};
use crate::kind::{
    About, Change, Field, Foreign, Intent, Kind, Live, Node, Order, PartOf, PolicyUse, Scope,
    Stack, Standing, Told, Type,
};
use crate::model::network::{self, Network};
use crate::model::policy::{Caller, Lockout};
use crate::model::{
    Action, Address, Attributes, Diagnostic, Piece, Place, Reference, Value, policy,
};

/// A bucket's `policy` part.
pub struct BucketPolicy;

const LABEL: &str = "policy";

const FIELDS: &[Field] = &[
    BUCKET,
    Field::new(
        "policy",
        Type::Policy(PolicyUse::Resource),
        "The document, the statement of `require_tls` included.",
    )
    .required(),
];

/// The longest document that S3 takes, in bytes (S3 user guide, "Bucket policies").
const LONGEST: usize = 20 * 1024;

#[async_trait]
impl Kind for BucketPolicy {
    fn about(&self) -> About {
        About {
            name: "bucket_policy",
            summary: "Who may do what with a bucket.",
            example: "",
            part_of: Some(PartOf {
                table: "bucket",
                label: LABEL,
            }),
            tagged: false,
            contained: false,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn check(&self, node: &Node, stack: &Stack, problems: &mut Vec<Diagnostic>) {
        let Some(document) = node.inputs.get("policy") else {
            return;
        };
        let length = policy::to_json_text(document).len();
        if length > LONGEST {
            problems.push(
                Diagnostic::error(node.span_of("policy"), "this policy is too long for S3")
                    .because(format!("it has {length} bytes, and S3 takes {LONGEST}"))
                    .remedy("put several actions or resources into one statement"),
            );
        }
        let statements = policy::statements(document);
        if let Some(bucket) = node.inputs.target("bucket") {
            let name = stack.get(bucket).and_then(|it| it.inputs.text("name"));
            let mut resources = statements
                .iter()
                .flat_map(|it| policy::values(it, "Resource"));
            if let Some(stray) = resources.find(|resource| strays(resource, bucket, name)) {
                let stray = stray.to_json();
                problems.push(
                    Diagnostic::error(node.span_of("policy"), "this policy is of another bucket too")
                        .because(format!(
                            "{stray} is not {bucket}, and S3 takes only the bucket's own ARN and its objects'"
                        ))
                        .remedy("move that statement to the other bucket's policy"),
                );
            }
        }
    }

    fn shuts_out(&self, wanted: &Attributes, place: &Place, caller: &Caller) -> Vec<Lockout> {
        let Some(document) = wanted.get("policy") else {
            return Vec::new();
        };
        let bucket = wanted.text("bucket");
        let arn = bucket.map(|it| format!("arn:{}:s3:::{it}", place.partition()));
        policy::lockouts(document, arn.as_deref(), caller)
    }

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        if let Some(bucket) = network.buckets.get_mut(&told.key_in("bucket")) {
            bucket.policy = network::BucketPolicy {
                document: told.policy_in("policy"),
                spot: told.spot(""),
            };
        }
    }

    fn orders(&self, node: &Node, stack: &Stack) -> Vec<Order> {
        after_others(LABEL, node, stack)
    }

    fn natural_key(&self) -> &'static [&'static str] {
        &["bucket"]
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        let action = match step.action {
            Action::Delete => "s3:DeleteBucketPolicy",
            _ => "s3:PutBucketPolicy",
        };
        bucket_setting::rehearse(step, "bucket", action, calls);
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let known = known(scope, LABEL).await?;
        let others = match scope.thorough {
            true => others(scope, LABEL).await?,
            false => Vec::new(),
        };
        let reads = known.iter().map(|(address, bucket)| async move {
            let found = read(scope.aws, scope.place, bucket).await?;
            Ok::<_, CallError>(shown(address.clone(), bucket, found))
        });
        let strange = others.iter().map(|(address, bucket)| async move {
            let found = read(scope.aws, scope.place, bucket).await?;
            Ok(found.map(|found| {
                let what = Foreign::new(&address.table(), "bucket policy", in_words(&found));
                Live::foreign(id_of(LABEL, bucket), what).showing(found)
            }))
        });
        let (found, strange) = tokio::try_join!(
            futures_util::future::try_join_all(reads),
            futures_util::future::try_join_all(strange),
        )?;
        Ok(found.into_iter().chain(strange).flatten().collect())
    }

    async fn rejoin(&self, scope: &Scope<'_>, table: &mut Standing) -> Result<(), CallError> {
        let found = read(scope.aws, scope.place, &table.id).await?;
        if let Some(policy) = found.as_ref().and_then(|found| found.get("policy")) {
            table.fields.set("policy", policy.clone());
        }
        Ok(())
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let bucket = bucket_of(inputs)?;
        put(call, bucket, inputs).await?;
        Ok(id_of(LABEL, bucket))
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        _id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let bucket = bucket_of(inputs)?;
        call.wait_for("the policy to be known", BUCKET_PROPAGATION, || async {
            match read(call.aws, call.place, bucket).await {
                Ok(Some(_)) => Ok(Seen::Ready(())),
                Ok(None) => Ok(Seen::Pending("not yet known".into())),
                // It is in force, against us too.
                Err(error) if error.is(&["AccessDenied"]) => Ok(Seen::Ready(())),
                Err(error) => Err(error),
            }
        })
        .await?;
        Ok(Attributes::new())
    }

    async fn update(
        &self,
        call: &Call<'_>,
        id: &str,
        change: &Change,
    ) -> Result<String, CallError> {
        put(call, bucket_of(&change.after)?, &change.after).await?;
        Ok(id.to_owned())
    }

    async fn delete(&self, call: &Call<'_>, _id: &str, live: &Attributes) -> Result<(), CallError> {
        let bucket = bucket_of(live)?;
        let request = call.aws.s3.delete_bucket_policy().bucket(bucket);
        let request = request.expected_bucket_owner(&call.place.account);
        let deleted = call
            .write_bucket(bucket, || async {
                let sent = request.clone().send().await;
                sent.map_err(on("DeleteBucketPolicy"))
            })
            .await;
        match deleted {
            Err(error) if error.is_not_found() => return Ok(()),
            other => other.map(|_| ())?,
        }
        call.wait_for("the policy to be gone", BUCKET_PROPAGATION, || async {
            Ok(match read(call.aws, call.place, bucket).await? {
                None => Seen::Ready(()),
                Some(_) => Seen::Pending("still there".into()),
            })
        })
        .await
    }
}

/// What a policy of others is about.
fn in_words(found: &Attributes) -> String {
    let document = found.get("policy");
    let statements = document.map_or(0, |document| policy::statements(document).len());
    match statements {
        1 => "of one statement".to_owned(),
        several => format!("of {several} statements"),
    }
}

/// Whether a resource is of another bucket, as far as that is certain before
/// any call is made.
fn strays(resource: &Value, bucket: &Address, name: Option<&str>) -> bool {
    let other = |reference: &Reference| {
        reference.target.kind == "bucket"
            && reference.attribute == "arn"
            && reference.target != *bucket
    };
    match resource {
        Value::Reference(reference) => other(reference),
        Value::Template(pieces) => match pieces.first() {
            Some(Piece::Reference(reference)) => other(reference),
            _ => false,
        },
        Value::String(arn) => {
            let of = arn.split_once(":s3:::").map(|(_, path)| path);
            let of = of.and_then(|path| path.split('/').next());
            of.zip(name)
                .is_some_and(|(of, name)| of != name && !of.contains(['*', '?', '$']))
        }
        _ => false,
    }
}

async fn put(call: &Call<'_>, bucket: &str, inputs: &Attributes) -> Result<(), CallError> {
    let document = inputs.get("policy").cloned().unwrap_or(Value::Null);
    let request = call
        .aws
        .s3
        .put_bucket_policy()
        .bucket(bucket)
        .expected_bucket_owner(&call.place.account)
        .policy(policy::to_json_text(&document));
    let passing = |error: &CallError| {
        call.bucket_is_settling(bucket, error) || call.awaits_principal(&document, error)
    };
    let what = "the bucket to take its policy";
    call.retry(what, BUCKET_PROPAGATION, passing, || async {
        let sent = request.clone().send().await;
        sent.map(|_| ()).map_err(on("PutBucketPolicy"))
    })
    .await
}

async fn read(aws: &Aws, place: &Place, bucket: &str) -> Result<Option<Attributes>, CallError> {
    let sent = aws
        .s3
        .get_bucket_policy()
        .bucket(bucket)
        .expected_bucket_owner(&place.account)
        .send()
        .await;
    let answer = match sent.map_err(on("GetBucketPolicy")) {
        Ok(answer) => answer,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(text) = answer.policy() else {
        return Ok(None);
    };
    let document = policy::parse(text)
        .map_err(|error| CallError::internal(format!("S3 gave a policy that is {error}")))?;
    Ok(Some(
        Attributes::new()
            .with("bucket", bucket)
            .with("policy", document),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_of_another_bucket_is_told() {
        let bucket = Address::new("bucket", "data");
        let arn = |name: &str| {
            let target = Address::new("bucket", name);
            let attribute = "arn".to_owned();
            Reference { target, attribute }
        };
        let objects = |name: &str| {
            Value::Template(vec![
                Piece::Reference(arn(name)),
                Piece::Text("/*".to_owned()),
            ])
        };
        let strays = |resource: &Value| strays(resource, &bucket, Some("x"));
        assert!(!strays(&arn("data").into()) && !strays(&objects("data")));
        assert!(strays(&arn("logs").into()) && strays(&objects("logs")));
        for own in ["*", "arn:aws:s3:::x", "arn:aws:s3:::x/*", "arn:aws:s3:::*"] {
            assert!(!strays(&own.into()), "{own}");
        }
        assert!(strays(&"arn:aws:s3:::y/*".into()));
    }
}

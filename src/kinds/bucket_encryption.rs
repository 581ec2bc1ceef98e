//! How a bucket encrypts new objects.
//!
//! Every bucket has an encryption: `AES256` with S3's own keys unless stated
//! (S3 user guide, "Setting default server-side encryption behavior"), and
//! deleting the setting brings that back. A put replaces the whole rule, so
//! what an update does not change (the bucket key, refused encryption types) is
//! read first and put again.

use async_trait::async_trait;
use aws_sdk_s3::types::{
    ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
    ServerSideEncryptionRule,
};

use super::bucket_setting::{self, BUCKET, after_others, bucket_of, id_of, known, shown};
use crate::aws::buckets::BUCKET_PROPAGATION;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::{Aws, Call, CallError, Seen, on};
use crate::kind::{
    About, Change, Field, Intent, Kind, Live, Node, Order, PartOf, Scope, Stack, Standing, Type,
};
use crate::model::{Attributes, Place};

/// A bucket's `encryption` part.
pub struct Encryption;

const LABEL: &str = "encryption";

const FIELDS: &[Field] = &[
    BUCKET,
    Field::new(
        "algorithm",
        Type::OneOf(&["AES256", "aws:kms"]),
        "With S3's own keys or with a KMS key.",
    )
    .required(),
    Field::new("kms_key", Type::Text, "The KMS key's ARN, id or alias."),
];

#[async_trait]
impl Kind for Encryption {
    fn about(&self) -> About {
        About {
            name: "bucket_encryption",
            summary: "How a bucket encrypts new objects.",
            example: "",
            part_of: Some(PartOf {
                table: "bucket",
                label: LABEL,
            }),
            tagged: false,
            contained: true,
        }
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn orders(&self, node: &Node, stack: &Stack) -> Vec<Order> {
        after_others(LABEL, node, stack)
    }

    fn natural_key(&self) -> &'static [&'static str] {
        &["bucket"]
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        bucket_setting::rehearse(step, "bucket", "s3:PutEncryptionConfiguration", calls);
    }

    async fn find(&self, scope: &Scope<'_>) -> Result<Vec<Live>, CallError> {
        let known = known(scope, LABEL).await?.into_iter();
        let reads = known.map(|(address, bucket)| async move {
            let found = read(scope.aws, scope.place, &bucket).await?;
            Ok::<_, CallError>(shown(address, &bucket, found))
        });
        let found = futures_util::future::try_join_all(reads).await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn rejoin(&self, scope: &Scope<'_>, table: &mut Standing) -> Result<(), CallError> {
        let Some(rule) = rule(scope.aws, scope.place, &table.id).await? else {
            return Ok(());
        };
        // Without a KMS key it does nothing.
        let is_by_kms = |it: &ServerSideEncryptionByDefault| {
            *it.sse_algorithm() != ServerSideEncryption::Aes256
        };
        let by_default = rule.apply_server_side_encryption_by_default();
        if rule.bucket_key_enabled() == Some(true) && by_default.is_some_and(is_by_kms) {
            table
                .left_out
                .push("its bucket key, which is on".to_owned());
        }
        let Some(found) = attributes(&table.id, rule) else {
            return Ok(());
        };
        match found.text("algorithm") {
            Some(algorithm @ ("AES256" | "aws:kms")) => {
                table.fields.set("encryption", algorithm);
                table.fields.set_text("kms_key", found.text("kms_key"));
            }
            other => {
                let algorithm = other.unwrap_or("an unknown way");
                table
                    .left_out
                    .push(format!("its encryption by {algorithm}"));
                table
                    .ignore
                    .extend(["algorithm", "kms_key"].map(str::to_owned));
            }
        }
        Ok(())
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let bucket = bucket_of(inputs)?;
        put(call, bucket, inputs, None).await?;
        Ok(id_of(LABEL, bucket))
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        _id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let bucket = bucket_of(inputs)?;
        call.wait_for("the encryption to be known", BUCKET_PROPAGATION, || async {
            let found = read(call.aws, call.place, bucket).await?;
            let found = found.as_ref().and_then(|it| it.text("algorithm"));
            Ok(match found {
                Some(algorithm) if Some(algorithm) == inputs.text("algorithm") => Seen::Ready(()),
                other => Seen::Pending(other.unwrap_or("not yet known").to_owned()),
            })
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
        let bucket = bucket_of(&change.after)?;
        let rule = rule(call.aws, call.place, bucket).await?;
        put(call, bucket, &change.after, rule.as_ref()).await?;
        Ok(id.to_owned())
    }

    async fn delete(&self, call: &Call<'_>, _id: &str, live: &Attributes) -> Result<(), CallError> {
        let bucket = bucket_of(live)?;
        let request = call.aws.s3.delete_bucket_encryption().bucket(bucket);
        let request = request.expected_bucket_owner(&call.place.account);
        let deleted = call
            .write_bucket(bucket, || async {
                let sent = request.clone().send().await;
                sent.map_err(on("DeleteBucketEncryption"))
            })
            .await;
        match deleted {
            Err(error) if error.is_not_found() => Ok(()),
            other => other.map(|_| ()),
        }
    }
}

async fn put(
    call: &Call<'_>,
    bucket: &str,
    inputs: &Attributes,
    before: Option<&ServerSideEncryptionRule>,
) -> Result<(), CallError> {
    let algorithm = inputs.text("algorithm").unwrap_or("AES256");
    let encryption = ServerSideEncryptionByDefault::builder()
        .sse_algorithm(ServerSideEncryption::from(algorithm))
        .set_kms_master_key_id(inputs.text("kms_key").map(str::to_owned))
        .build()
        .map_err(|error| CallError::internal(error.to_string()))?;
    let rule = ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(encryption)
        .set_bucket_key_enabled(before.and_then(ServerSideEncryptionRule::bucket_key_enabled))
        .set_blocked_encryption_types(before.and_then(|it| it.blocked_encryption_types().cloned()))
        .build();
    let configuration = ServerSideEncryptionConfiguration::builder()
        .rules(rule)
        .build()
        .map_err(|error| CallError::internal(error.to_string()))?;
    let request = call
        .aws
        .s3
        .put_bucket_encryption()
        .bucket(bucket)
        .expected_bucket_owner(&call.place.account)
        .server_side_encryption_configuration(configuration);
    call.write_bucket(bucket, || async {
        let sent = request.clone().send().await;
        sent.map(|_| ()).map_err(on("PutBucketEncryption"))
    })
    .await
}

/// The bucket's one rule; nothing where there is no such bucket.
async fn rule(
    aws: &Aws,
    place: &Place,
    bucket: &str,
) -> Result<Option<ServerSideEncryptionRule>, CallError> {
    let sent = aws
        .s3
        .get_bucket_encryption()
        .bucket(bucket)
        .expected_bucket_owner(&place.account)
        .send()
        .await;
    let answer = match sent.map_err(on("GetBucketEncryption")) {
        Ok(answer) => answer,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let configuration = answer.server_side_encryption_configuration();
    Ok(configuration.and_then(|it| it.rules().first().cloned()))
}

async fn read(aws: &Aws, place: &Place, bucket: &str) -> Result<Option<Attributes>, CallError> {
    let rule = rule(aws, place, bucket).await?;
    Ok(rule.and_then(|rule| attributes(bucket, rule)))
}

fn attributes(bucket: &str, rule: ServerSideEncryptionRule) -> Option<Attributes> {
    let encryption = rule.apply_server_side_encryption_by_default?;
    let mut attributes = Attributes::new()
        .with("bucket", bucket)
        .with("algorithm", encryption.sse_algorithm().as_str());
    attributes.set_text("kms_key", encryption.kms_master_key_id());
    Some(attributes)
}

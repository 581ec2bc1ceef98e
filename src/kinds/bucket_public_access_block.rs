//! A bucket's public access block: four switches that keep the public out.
//!
//! It comes first among the settings, since `block_public_policy` decides which
//! policies S3 accepts (S3 user guide, "Blocking public access"). New buckets
//! have all four on; stating them keeps them so.

use async_trait::async_trait;
use aws_sdk_s3::types::PublicAccessBlockConfiguration;

use super::bucket_setting::{self, BUCKET, bucket_of, id_of, known, shown};
use crate::aws::buckets::BUCKET_PROPAGATION;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::{Aws, Call, CallError, Seen, on};
use crate::kind::{About, Change, Field, Intent, Kind, Live, PartOf, Scope, Standing, Told, Type};
use crate::model::network::{self, Known, Network};
use crate::model::{Attributes, Place};

/// A bucket's `public_access_block` part.
pub struct PublicAccessBlock;

const LABEL: &str = "public_access_block";

const FIELDS: &[Field] = &[
    BUCKET,
    Field::new(
        "block_public_acls",
        Type::Bool,
        "Whether S3 refuses access control lists that open it to the public.",
    )
    .required(),
    Field::new(
        "ignore_public_acls",
        Type::Bool,
        "Whether such lists that are there already are ignored.",
    )
    .required(),
    Field::new(
        "block_public_policy",
        Type::Bool,
        "Whether S3 refuses policies that open it to the public.",
    )
    .required(),
    Field::new(
        "restrict_public_buckets",
        Type::Bool,
        "Whether such a policy that is there already lets only the account in.",
    )
    .required(),
];

/// The four switches.
const SWITCHES: &[&str] = &[
    "block_public_acls",
    "ignore_public_acls",
    "block_public_policy",
    "restrict_public_buckets",
];

#[async_trait]
impl Kind for PublicAccessBlock {
    fn about(&self) -> About {
        About {
            name: "bucket_public_access_block",
            summary: "The switches that keep the public out of a bucket.",
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

    fn tell(&self, told: &Told<'_>, network: &mut Network) {
        let on = |switch: &str| told.attributes.bool(switch).unwrap_or(false);
        if let Some(bucket) = network.buckets.get_mut(&told.key_in("bucket")) {
            bucket.block = Known::Is(network::PublicAccessBlock {
                block_public_acls: on("block_public_acls"),
                ignore_public_acls: on("ignore_public_acls"),
                block_public_policy: on("block_public_policy"),
                restrict_public_buckets: on("restrict_public_buckets"),
            });
        }
    }

    fn natural_key(&self) -> &'static [&'static str] {
        &["bucket"]
    }

    fn rehearse(&self, step: &Intent<'_>, calls: &mut Rehearsals) {
        bucket_setting::rehearse(step, "bucket", "s3:PutBucketPublicAccessBlock", calls);
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
        let found = read(scope.aws, scope.place, &table.id)
            .await?
            .unwrap_or_default();
        let on = |switch: &&&str| found.bool(switch).unwrap_or(false);
        let all = SWITCHES.iter().filter(on).count();
        // One field stands for the four, so a mixture is left as it is.
        table.fields.set("block_public_access", all > 0);
        if all > 0 && all < SWITCHES.len() {
            let off = SWITCHES.iter().filter(|switch| !on(switch));
            table.ignore.extend(off.map(|switch| (*switch).to_owned()));
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
        let what = "the public access block to be known";
        call.wait_for(what, BUCKET_PROPAGATION, || async {
            Ok(match read(call.aws, call.place, bucket).await? {
                Some(found) if found == *inputs => Seen::Ready(()),
                Some(_) => Seen::Pending("the former one".into()),
                None => Seen::Pending("not yet known".into()),
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
        put(call, bucket_of(&change.after)?, &change.after).await?;
        Ok(id.to_owned())
    }

    async fn delete(&self, call: &Call<'_>, _id: &str, live: &Attributes) -> Result<(), CallError> {
        let bucket = bucket_of(live)?;
        let request = call.aws.s3.delete_public_access_block().bucket(bucket);
        let request = request.expected_bucket_owner(&call.place.account);
        let deleted = call
            .write_bucket(bucket, || async {
                let sent = request.clone().send().await;
                sent.map_err(on("DeletePublicAccessBlock"))
            })
            .await;
        match deleted {
            Err(error) if error.is_not_found() => Ok(()),
            other => other.map(|_| ()),
        }
    }
}

async fn put(call: &Call<'_>, bucket: &str, inputs: &Attributes) -> Result<(), CallError> {
    let configuration = PublicAccessBlockConfiguration::builder()
        .set_block_public_acls(inputs.bool("block_public_acls"))
        .set_ignore_public_acls(inputs.bool("ignore_public_acls"))
        .set_block_public_policy(inputs.bool("block_public_policy"))
        .set_restrict_public_buckets(inputs.bool("restrict_public_buckets"))
        .build();
    let request = call
        .aws
        .s3
        .put_public_access_block()
        .bucket(bucket)
        .expected_bucket_owner(&call.place.account)
        .public_access_block_configuration(configuration);
    call.write_bucket(bucket, || async {
        let sent = request.clone().send().await;
        sent.map(|_| ()).map_err(on("PutPublicAccessBlock"))
    })
    .await
}

async fn read(aws: &Aws, place: &Place, bucket: &str) -> Result<Option<Attributes>, CallError> {
    let sent = aws
        .s3
        .get_public_access_block()
        .bucket(bucket)
        .expected_bucket_owner(&place.account)
        .send()
        .await;
    let answer = match sent.map_err(on("GetPublicAccessBlock")) {
        Ok(answer) => answer,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(answer.public_access_block_configuration().map(|found| {
        let is = |switch: Option<bool>| switch.unwrap_or(false);
        Attributes::new()
            .with("bucket", bucket)
            .with("block_public_acls", is(found.block_public_acls()))
            .with("ignore_public_acls", is(found.ignore_public_acls()))
            .with("block_public_policy", is(found.block_public_policy()))
            .with(
                "restrict_public_buckets",
                is(found.restrict_public_buckets()),
            )
    }))
}

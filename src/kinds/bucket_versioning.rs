//! Whether a bucket keeps old versions of its objects.
//!
//! A bucket is born without versioning. Once on, it can be suspended but never
//! be as it was (S3 user guide, "Using versioning in S3 buckets"), so `false`
//! means "not kept from now on": never on and suspended are both fine.

use async_trait::async_trait;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};

use super::bucket_setting::{self, BUCKET, after_others, bucket_of, id_of, known, shown};
use crate::aws::buckets::BUCKET_PROPAGATION;
use crate::aws::rehearsal::Rehearsals;
use crate::aws::{Aws, Call, CallError, Seen, on};
use crate::kind::{
    About, Change, Field, Intent, Kind, Live, Node, Order, PartOf, Scope, Stack, Standing, Type,
};
use crate::model::{Attributes, Place};

/// A bucket's `versioning` part.
pub struct Versioning;

const LABEL: &str = "versioning";

const FIELDS: &[Field] = &[
    BUCKET,
    Field::new("enabled", Type::Bool, "Whether old versions are kept.").required(),
];

#[async_trait]
impl Kind for Versioning {
    fn about(&self) -> About {
        About {
            name: "bucket_versioning",
            summary: "Whether a bucket keeps old versions of its objects.",
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
        bucket_setting::rehearse(step, "bucket", "s3:PutBucketVersioning", calls);
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
        // A bucket that never had versions, or has them suspended, need not say so.
        if is_on(scope.aws, scope.place, &table.id).await? == Some(true) {
            table.fields.set("versioning", true);
        }
        Ok(())
    }

    async fn create(&self, call: &Call<'_>, inputs: &Attributes) -> Result<String, CallError> {
        let bucket = bucket_of(inputs)?;
        // Suspending what was never on would leave a mark that cannot be taken
        // away; `settle` looks whether it is needed.
        if inputs.bool("enabled") == Some(true) {
            put(call, bucket, true).await?;
        }
        Ok(id_of(LABEL, bucket))
    }

    async fn settle(
        &self,
        call: &Call<'_>,
        _id: &str,
        inputs: &Attributes,
    ) -> Result<Attributes, CallError> {
        let bucket = bucket_of(inputs)?;
        let wanted = inputs.bool("enabled").unwrap_or(false);
        if !wanted && is_on(call.aws, call.place, bucket).await? == Some(true) {
            put(call, bucket, false).await?;
        }
        call.wait_for("versioning to be known", BUCKET_PROPAGATION, || async {
            Ok(match is_on(call.aws, call.place, bucket).await? {
                Some(on) if on == wanted => Seen::Ready(()),
                _ => Seen::Pending("not yet known".into()),
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
        let wanted = change.after.bool("enabled").unwrap_or(false);
        put(call, bucket_of(&change.after)?, wanted).await?;
        Ok(id.to_owned())
    }

    async fn delete(&self, call: &Call<'_>, _id: &str, live: &Attributes) -> Result<(), CallError> {
        let bucket = bucket_of(live)?;
        if live.bool("enabled") != Some(true) {
            return Ok(());
        }
        match put(call, bucket, false).await {
            Err(error) if error.is_not_found() => Ok(()),
            other => other,
        }
    }
}

async fn put(call: &Call<'_>, bucket: &str, enabled: bool) -> Result<(), CallError> {
    let status = match enabled {
        true => BucketVersioningStatus::Enabled,
        false => BucketVersioningStatus::Suspended,
    };
    let request = call
        .aws
        .s3
        .put_bucket_versioning()
        .bucket(bucket)
        .expected_bucket_owner(&call.place.account)
        .versioning_configuration(VersioningConfiguration::builder().status(status).build());
    call.write_bucket(bucket, || async {
        let sent = request.clone().send().await;
        sent.map(|_| ()).map_err(on("PutBucketVersioning"))
    })
    .await
}

/// Whether versions are kept; nothing where there is no such bucket.
async fn is_on(aws: &Aws, place: &Place, bucket: &str) -> Result<Option<bool>, CallError> {
    let sent = aws
        .s3
        .get_bucket_versioning()
        .bucket(bucket)
        .expected_bucket_owner(&place.account)
        .send()
        .await;
    match sent.map_err(on("GetBucketVersioning")) {
        Ok(answer) => Ok(Some(
            answer.status() == Some(&BucketVersioningStatus::Enabled),
        )),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn read(aws: &Aws, place: &Place, bucket: &str) -> Result<Option<Attributes>, CallError> {
    let on = is_on(aws, place, bucket).await?;
    Ok(on.map(|on| Attributes::new().with("bucket", bucket).with("enabled", on)))
}

//! Making a bucket under a name that may be taken.

use std::time::Duration;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};

use crate::aws::buckets::{bucket_tags, is_elsewhere, to_s3};
use crate::aws::{Call, CallError, Creation, on};
use crate::model::Tags;

/// The one region that is not named when a bucket is made in it.
const FIRST_REGION: &str = "us-east-1";
/// How long S3 may hold the name of a bucket that was just deleted.
const NAME_HELD: Duration = Duration::from_secs(1200);

/// Makes the bucket, or takes the one that an earlier run of ours made.
pub(super) async fn make_or_adopt(call: &Call<'_>, name: &str) -> Result<(), CallError> {
    if call.place.region == FIRST_REGION {
        match bucket_tags(call.aws, call.place, name).await {
            Ok(None) => {}
            Ok(Some(tags)) => {
                return call.adopt(name, &tags, refused("BucketAlreadyOwnedByYou", name));
            }
            Err(error) if is_elsewhere(&error) => {
                return Err(refused("BucketAlreadyExists", name));
            }
            Err(error) => return Err(error),
        }
    }
    let create = || async {
        match make(call, name, call.tags).await {
            // Tags at creation need s3:TagResource; `settle` writes them then.
            Err(error) if error.is(&["AccessDenied"]) => {
                let made = make(call, name, &Tags::new()).await;
                made.map_err(|why| if why.is_ambiguous() { why } else { error })
            }
            other => other,
        }
    };
    let look = || async {
        match bucket_tags(call.aws, call.place, name).await {
            Ok(tags) => call.adopted("CreateBucket", name, tags),
            // The account's own, but in another region.
            Err(why) if is_elsewhere(&why) => Err(refused("BucketAlreadyOwnedByYou", name)),
            Err(why) => Err(why),
        }
    };
    let creation = Creation {
        what: "the bucket",
        taken: &["BucketAlreadyOwnedByYou"],
    };
    call.create_once(creation, create, look).await?;
    Ok(())
}

async fn make(call: &Call<'_>, name: &str, tags: &Tags) -> Result<String, CallError> {
    let elsewhere = call.place.region != FIRST_REGION;
    let region = BucketLocationConstraint::from(call.place.region.as_str());
    let configuration = CreateBucketConfiguration::builder()
        .set_location_constraint(elsewhere.then_some(region))
        .set_tags((!tags.is_empty()).then_some(to_s3(tags)?))
        .build();
    let stated = elsewhere || !tags.is_empty();
    let request = call
        .aws
        .s3
        .create_bucket()
        .bucket(name)
        .set_create_bucket_configuration(stated.then_some(configuration));
    call.retry(
        "the bucket's name to be free",
        NAME_HELD,
        |error| error.is(&["OperationAborted"]),
        || async {
            let sent = request.clone().send().await;
            sent.map(|_| name.to_owned()).map_err(on("CreateBucket"))
        },
    )
    .await
}

fn refused(code: &str, name: &str) -> CallError {
    CallError::Refused {
        operation: "CreateBucket",
        code: code.to_owned(),
        message: format!(
            "{name} is another account's or another region's, or its policy shuts these credentials out"
        ),
        request_id: None,
    }
}

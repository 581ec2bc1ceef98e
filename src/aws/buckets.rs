//! What a bucket and its settings share: whose it is, its tags, its retries.
//!
//! S3 has no read of "every bucket with this tag", so a bucket is found by its
//! name, and one read of its tags tells both whether it exists and whose it is.
//! The settings' kinds ask here too: a bucket that is not there, or not ours,
//! costs one call, and its settings none.
//!
//! ```text
//! names wanted ─► GetBucketTagging each ─┬─ our stack's tag ─► ours
//!                                        ├─ other tags       ─► not ours
//!                                        └─ NoSuchBucket     ─► not there
//! ```
//!
//! Every call names the account it expects to own the bucket: names are global,
//! and a stranger's bucket could carry tags that look like ours.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::types::{Tag, Tagging};

use super::error::on;
use super::named::{Known, address_in, is_of, names};
use super::{Aws, Call, CallError, SharedReads};
use crate::model::tags::TagChange;
use crate::model::{Address, Place, Tags};

/// How long S3 may take to know a bucket everywhere, and to finish one change
/// of a setting before it takes the next.
pub const BUCKET_PROPAGATION: Duration = Duration::from_secs(120);

/// A bucket that carries our stack's tag.
#[derive(Debug, Clone)]
pub struct OwnBucket {
    /// The node it is, by its tag.
    pub address: Address,
    /// The nodes whose name it has: others than `address` where its table was
    /// given another name in the file.
    pub named_by: Vec<Address>,
    /// Its name, which is its id.
    pub name: String,
    /// Its tags, without those of AWS itself.
    pub tags: Tags,
}

impl SharedReads {
    /// The stack's buckets among those that are wanted or remembered.
    ///
    /// # Errors
    /// AWS's refusal. Being refused a bucket that no state remembers is none:
    /// somebody else has the name.
    pub async fn buckets<'a>(
        &self,
        aws: &Aws,
        stack: &str,
        place: &Place,
        known: impl IntoIterator<Item = Known<'a>>,
    ) -> Result<Arc<Vec<OwnBucket>>, CallError> {
        self.buckets
            .get_or_try_init(|| async {
                let mut names = names(place, known);
                let adopted = self.adoptions.ids(&["bucket"]);
                for name in &adopted {
                    names.entry((*name).to_owned()).or_default();
                }
                let adopted = &adopted;
                let reads = names.into_iter().map(|(name, by)| async move {
                    let expected = by.remembered || adopted.contains(&name.as_str());
                    let found = match bucket_tags(aws, place, &name).await {
                        Err(error) if is_elsewhere(&error) && !expected => None,
                        other => other?,
                    };
                    let Some(mut found) = found else {
                        return Ok(None);
                    };
                    found.retain(|key, _| !key.starts_with("aws:"));
                    self.adoptions
                        .claim(stack, &["bucket"], &[&name], &mut found);
                    // A bucket that an earlier run made without tags, since the
                    // credentials may not tag at creation, and broke off.
                    let untagged = by.remembered && found.is_empty();
                    if !untagged && !is_of(stack, place, &found) {
                        return Ok(None);
                    }
                    let first = by.addresses.first().cloned();
                    Ok(address_in(&found).or(first).map(|address| OwnBucket {
                        address,
                        named_by: by.addresses,
                        name,
                        tags: found,
                    }))
                });
                let found = futures_util::future::try_join_all(reads).await?;
                Ok(Arc::new(found.into_iter().flatten().collect()))
            })
            .await
            .cloned()
    }
}

/// Whether S3 refuses because the bucket is another account's or region's.
#[must_use]
pub fn is_elsewhere(error: &CallError) -> bool {
    error.is(&[
        "AccessDenied",
        "Forbidden",
        "PermanentRedirect",
        "AuthorizationHeaderMalformed",
        "IllegalLocationConstraintException",
    ])
}

/// Every tag of a bucket, AWS's own too; nothing where there is no such bucket.
///
/// # Errors
/// AWS's refusal.
pub async fn bucket_tags(
    aws: &Aws,
    place: &Place,
    bucket: &str,
) -> Result<Option<Tags>, CallError> {
    let answer = aws
        .s3
        .get_bucket_tagging()
        .bucket(bucket)
        .expected_bucket_owner(&place.account)
        .send()
        .await
        .map_err(on("GetBucketTagging"));
    match answer {
        Ok(answer) => Ok(Some(
            answer
                .tag_set()
                .iter()
                .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
                .collect(),
        )),
        Err(error) if error.is(&["NoSuchTagSet"]) => Ok(Some(Tags::new())),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Tags in S3's form.
///
/// # Errors
/// A tag without a key or value, which ours never are.
pub fn to_s3(tags: &Tags) -> Result<Vec<Tag>, CallError> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(|error| CallError::internal(error.to_string()))
}

/// Changes a bucket's tags. PutBucketTagging replaces the whole set, so what
/// others have put there is read first and put again (Amazon S3 API reference).
///
/// # Errors
/// AWS's refusal.
pub async fn retag_bucket(
    call: &Call<'_>,
    bucket: &str,
    change: &TagChange,
) -> Result<(), CallError> {
    let s3 = &call.aws.s3;
    let account = &call.place.account;
    let mut set = bucket_tags(call.aws, call.place, bucket)
        .await?
        .unwrap_or_default();
    set.retain(|key, _| !change.remove.contains(key));
    set.extend(change.set.clone());
    if set.is_empty() {
        let request = s3.delete_bucket_tagging().bucket(bucket);
        let request = request.expected_bucket_owner(account);
        return call
            .write_bucket(bucket, || async {
                let sent = request.clone().send().await;
                sent.map(|_| ()).map_err(on("DeleteBucketTagging"))
            })
            .await;
    }
    let tagging = Tagging::builder()
        .set_tag_set(Some(to_s3(&set)?))
        .build()
        .map_err(|error| CallError::internal(error.to_string()))?;
    let request = s3.put_bucket_tagging().bucket(bucket).tagging(tagging);
    let request = request.expected_bucket_owner(account);
    call.write_bucket(bucket, || async {
        let sent = request.clone().send().await;
        sent.map(|_| ()).map_err(on("PutBucketTagging"))
    })
    .await
}

impl Call<'_> {
    /// Repeats a write to a bucket while S3 is busy with another one, or has
    /// not yet heard everywhere that this run made the bucket.
    ///
    /// # Errors
    /// The write's last error.
    pub async fn write_bucket<T, F, R>(&self, bucket: &str, write: F) -> Result<T, CallError>
    where
        F: FnMut() -> R,
        R: Future<Output = Result<T, CallError>>,
    {
        self.retry(
            "the bucket to take settings",
            BUCKET_PROPAGATION,
            |error| self.bucket_is_settling(bucket, error),
            write,
        )
        .await
    }

    /// Whether S3's refusal passes by itself.
    #[must_use]
    pub fn bucket_is_settling(&self, bucket: &str, error: &CallError) -> bool {
        error.is(&["OperationAborted"])
            || error.is(&["NoSuchBucket"]) && self.created_one_named_in(bucket)
    }
}

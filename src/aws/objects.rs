//! Objects of a bucket, read and written under conditions.
//!
//! What state on S3 needs: a write that happens only if nobody else wrote before.
//! S3 decides that itself, atomically (Amazon S3 user guide, "Conditional
//! requests"), so no other service is needed to keep two runs apart.
//!
//! ```text
//! put(key, text, Absent)        If-None-Match: *    only where there is nothing
//! put(key, text, Tagged(tag))   If-Match: tag       only over what was read
//! delete(key, tag)              If-Match: tag       only what was read
//! ```
//!
//! The SDK resends a request whose answer was lost. Then a write meets itself and
//! is refused; so after a refusal what is there is compared with what was sent.
//!
//! Encryption is left to the bucket: S3 encrypts every new object since January
//! 2023, and a header of ours would undo a bucket's choice of a KMS key.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::Region;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, Delete, ObjectIdentifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;

use super::error::on;
use super::fence::UnderConditions;
use super::{Aws, CallError};

/// How often a write that S3 calls a conflict is tried: it says so while another
/// write to the same key is under way (Amazon S3 API reference, PutObject).
const CONFLICTS: u32 = 6;

/// How many objects DeleteObjects takes at once (Amazon S3 API reference).
const DELETED_AT_ONCE: usize = 1000;

/// The objects of one bucket.
#[derive(Debug, Clone)]
pub struct Objects {
    s3: Client,
    bucket: String,
}

/// An object as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// What is in it.
    pub bytes: Vec<u8>,
    /// Its entity tag, which another content never has.
    pub tag: String,
    /// When it was written, by the clock of S3, in seconds since 1970.
    pub written: i64,
    /// When it was read, by the same clock, where S3 has told.
    pub read: Option<i64>,
}

/// What must hold for a write to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Nothing is there.
    Absent,
    /// The object with this entity tag is there.
    Tagged(String),
}

/// What came of a write or a delete under a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// It is done. A write says the new entity tag.
    Yes(String),
    /// Another content is there.
    Refused,
}

impl Objects {
    /// The objects of a bucket, wherever it is. Makes one call, or two where the
    /// bucket is in another region than the stack.
    ///
    /// # Errors
    /// S3's refusal: `NoSuchBucket`, `AccessDenied`, and others.
    pub async fn open(aws: &Aws, bucket: &str) -> Result<Self, CallError> {
        let judged = aws.s3.config().to_builder().interceptor(UnderConditions);
        Self::find(&Client::from_conf(judged.build()), bucket).await
    }

    async fn find(s3: &Client, bucket: &str) -> Result<Self, CallError> {
        let Err(asked) = s3.head_bucket().bucket(bucket).send().await else {
            return Ok(Self {
                s3: s3.clone(),
                bucket: bucket.to_owned(),
            });
        };
        // An answer to HEAD has no body, so all that S3 says is in its head: every
        // answer names the bucket's region, a refusal too.
        let answer = asked.raw_response();
        let status = answer.map(|answer| answer.status().as_u16());
        let region = answer.and_then(|answer| answer.headers().get("x-amz-bucket-region"));
        let ours = s3.config().region().map(AsRef::as_ref);
        match (region, status) {
            (Some(region), Some(301 | 307 | 400 | 403)) if Some(region) != ours => {
                let there = s3.config().to_builder();
                let there = there.region(Region::new(region.to_owned())).build();
                Box::pin(Self::find(&Client::from_conf(there), bucket)).await
            }
            (_, status) => Err(named(on("HeadBucket")(asked), status, bucket)),
        }
    }

    /// Reads an object; none where there is none.
    ///
    /// # Errors
    /// Any answer but that there is no such key.
    pub async fn get(&self, key: &str) -> Result<Option<Object>, CallError> {
        let clock = Clock::default();
        let request = self.s3.get_object().bucket(&self.bucket).key(key);
        let asked = request.customize().interceptor(clock.clone()).send().await;
        let answer = match asked.map_err(on("GetObject")) {
            Ok(answer) => answer,
            Err(error) if error.is(&["NoSuchKey"]) => return Ok(None),
            Err(error) => return Err(error),
        };
        let tag = answer.e_tag().unwrap_or_default().to_owned();
        let written = answer.last_modified().map_or(i64::MAX, DateTime::secs);
        let bytes = answer.body.collect().await;
        let bytes = bytes.map_err(|error| CallError::NoAnswer {
            operation: "GetObject",
            sent: true,
            reason: error.to_string(),
        })?;
        Ok(Some(Object {
            bytes: bytes.to_vec(),
            tag,
            written,
            read: clock.told(),
        }))
    }

    /// Writes an object if a condition holds.
    ///
    /// # Errors
    /// S3's refusal for another reason. Where S3 did not answer, the object may
    /// have been written.
    pub async fn put(
        &self,
        key: &str,
        bytes: &[u8],
        condition: &Condition,
    ) -> Result<Done, CallError> {
        let refused = repeated(|| async {
            let request = self.s3.put_object().bucket(&self.bucket).key(key);
            let request = match condition {
                Condition::Absent => request.if_none_match("*"),
                Condition::Tagged(tag) => request.if_match(tag),
            };
            let request = request.body(ByteStream::from(bytes.to_vec()));
            let answer = request.send().await.map_err(on("PutObject"))?;
            let tag = answer.e_tag().map(str::to_owned);
            tag.ok_or_else(|| CallError::internal("PutObject gave no ETag"))
        });
        match refused.await {
            Ok(tag) => Ok(Done::Yes(tag)),
            Err(error) if is_another(&error) || error.is(&["NoSuchKey"]) => {
                // Perhaps by our own write, whose answer was lost.
                let there = self.get(key).await?;
                let own = there.filter(|there| there.bytes == bytes);
                Ok(own.map_or(Done::Refused, |own| Done::Yes(own.tag)))
            }
            Err(error) => Err(error),
        }
    }

    /// Deletes an object that has an entity tag; none is as good.
    ///
    /// # Errors
    /// S3's refusal for another reason than another content.
    pub async fn delete(&self, key: &str, tag: &str) -> Result<Done, CallError> {
        let gone = repeated(|| async {
            let request = self.s3.delete_object().bucket(&self.bucket).key(key);
            let answer = request.if_match(tag).send().await;
            answer.map(drop).map_err(on("DeleteObject"))
        });
        match gone.await {
            Ok(()) => Ok(Done::Yes(String::new())),
            Err(error) if error.is(&["NoSuchKey"]) => Ok(Done::Yes(String::new())),
            Err(error) if is_another(&error) => Ok(Done::Refused),
            Err(error) => Err(error),
        }
    }

    /// The keys that begin with a text, in order. S3 lists what was written at
    /// once (Amazon S3 user guide, "Amazon S3 data consistency model").
    ///
    /// # Errors
    /// S3's refusal.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, CallError> {
        let request = self.s3.list_objects_v2().bucket(&self.bucket);
        let mut pages = request.prefix(prefix).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(on("ListObjectsV2"))?;
            let keys = page.contents().iter().filter_map(|object| object.key());
            found.extend(keys.map(str::to_owned));
        }
        found.sort();
        Ok(found)
    }

    /// Deletes objects, whatever is in them.
    ///
    /// # Errors
    /// S3's refusal.
    pub async fn delete_all(&self, keys: &[String]) -> Result<(), CallError> {
        let unsound = |error: aws_sdk_s3::error::BuildError| CallError::internal(error.to_string());
        for keys in keys.chunks(DELETED_AT_ONCE) {
            let objects = keys
                .iter()
                .map(|key| ObjectIdentifier::builder().key(key).build())
                .collect::<Result<_, _>>()
                .map_err(unsound)?;
            let list = Delete::builder().set_objects(Some(objects)).quiet(true);
            let request = self.s3.delete_objects().bucket(&self.bucket);
            let request = request.delete(list.build().map_err(unsound)?);
            request.send().await.map_err(on("DeleteObjects"))?;
        }
        Ok(())
    }

    /// Whether the bucket keeps former versions; none where we may not ask.
    ///
    /// # Errors
    /// S3's refusal for another reason.
    pub async fn versioned(&self) -> Result<Option<bool>, CallError> {
        let request = self.s3.get_bucket_versioning().bucket(&self.bucket);
        match request.send().await.map_err(on("GetBucketVersioning")) {
            Ok(answer) => Ok(Some(
                answer.status() == Some(&BucketVersioningStatus::Enabled),
            )),
            Err(error) if error.is(&["AccessDenied"]) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether S3 says that the condition does not hold.
fn is_another(error: &CallError) -> bool {
    error.is(&["PreconditionFailed", "ConditionalRequestConflict"])
}

/// Repeats what S3 calls a conflict with another write.
async fn repeated<T, F, R>(mut work: F) -> Result<T, CallError>
where
    F: FnMut() -> R,
    R: Future<Output = Result<T, CallError>>,
{
    let mut tried = 1;
    loop {
        match work().await {
            Err(error)
                if tried < CONFLICTS
                    && error.is(&["ConditionalRequestConflict", "OperationAborted"]) =>
            {
                tokio::time::sleep(Duration::from_millis(50) * 2_u32.pow(tried)).await;
                tried += 1;
            }
            done_or_refused => return done_or_refused,
        }
    }
}

/// Gives the answer to HEAD the code that its missing body would have.
fn named(error: CallError, status: Option<u16>, bucket: &str) -> CallError {
    let (code, message) = match status {
        Some(404) => (
            "NoSuchBucket",
            format!("the bucket {bucket} does not exist"),
        ),
        Some(403) => (
            "AccessDenied",
            format!("the bucket {bucket} is not to be listed by these credentials"),
        ),
        _ => return error,
    };
    CallError::Refused {
        operation: "HeadBucket",
        code: code.to_owned(),
        message,
        request_id: error.request_id().map(str::to_owned),
    }
}

/// Hears what time it is at S3: the `Date` of the last answer.
#[derive(Debug, Clone, Default)]
struct Clock(Arc<Mutex<Option<i64>>>);

impl Clock {
    fn told(&self) -> Option<i64> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for Clock {
    fn name(&self) -> &'static str {
        "Clock"
    }

    fn read_after_transmit(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date.map(|date| date.secs());
        Ok(())
    }
}

#[cfg(test)]
mod tests;

//! Settings of a bucket that no field covers, in words.
//!
//! An import tells of them, so that nobody believes the file to be the whole
//! bucket. S3 has a read for each; all are asked side by side, and only then.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;

use aws_sdk_s3::types::{BucketAccelerateStatus, ObjectOwnership};
use futures_util::future::join_all;

use super::error::on;
use super::{Aws, CallError};
use crate::model::Place;

type Words = Result<Option<String>, CallError>;
type Read<'a> = Pin<Box<dyn Future<Output = Words> + Send + 'a>>;

/// Codes by which S3 says that a bucket has no such setting.
const NOT_SET: &[&str] = &[
    "NoSuchCORSConfiguration",
    "NoSuchLifecycleConfiguration",
    "NoSuchWebsiteConfiguration",
    "ObjectLockConfigurationNotFoundError",
    "OwnershipControlsNotFoundError",
    "ReplicationConfigurationNotFoundError",
];

/// A bucket that is asked.
struct Asked<'a> {
    aws: &'a Aws,
    bucket: &'a str,
    owner: &'a str,
}

/// What a bucket has that a plan file cannot say, a sentence fragment each; what
/// AWS does not tell too.
pub async fn beyond_a_file(aws: &Aws, place: &Place, bucket: &str) -> Vec<String> {
    let asked = Asked {
        aws,
        bucket,
        owner: &place.account,
    };
    let reads: Vec<(&str, Read<'_>)> = vec![
        ("lifecycle rules", Box::pin(asked.lifecycle())),
        ("replication", Box::pin(asked.replication())),
        ("notifications", Box::pin(asked.notifications())),
        ("access logging", Box::pin(asked.logging())),
        ("website", Box::pin(asked.website())),
        ("CORS rules", Box::pin(asked.cors())),
        ("acceleration", Box::pin(asked.acceleration())),
        ("Object Lock", Box::pin(asked.object_lock())),
        ("object ownership", Box::pin(asked.ownership())),
    ];
    let (names, reads): (Vec<&str>, Vec<Read<'_>>) = reads.into_iter().unzip();
    let mut all = Vec::new();
    let mut untold: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, read) in names.into_iter().zip(join_all(reads).await) {
        match read {
            Ok(found) => all.extend(found),
            Err(error) if error.is(NOT_SET) => {}
            // It is only told of: no import ends for it.
            Err(error) => {
                let names = untold.entry(error.code().to_owned()).or_default();
                names.push(name);
            }
        }
    }
    all.extend(untold.into_iter().map(|(code, names)| {
        let names = names.join(", ");
        format!("its {names}, if any: AWS does not tell ({code})")
    }));
    all
}

/// `its lifecycle rule`, `its 2 lifecycle rules`; nothing of none.
fn counted(count: usize, noun: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("its {noun}")),
        _ => Some(format!("its {count} {noun}s")),
    }
}

impl Asked<'_> {
    async fn lifecycle(&self) -> Words {
        let request = self.aws.s3.get_bucket_lifecycle_configuration();
        let request = request
            .bucket(self.bucket)
            .expected_bucket_owner(self.owner);
        let answer = request.send().await;
        let answer = answer.map_err(on("GetBucketLifecycleConfiguration"))?;
        Ok(counted(answer.rules().len(), "lifecycle rule"))
    }

    async fn replication(&self) -> Words {
        let request = self.aws.s3.get_bucket_replication();
        let request = request
            .bucket(self.bucket)
            .expected_bucket_owner(self.owner);
        let answer = request.send().await.map_err(on("GetBucketReplication"))?;
        let rules = answer.replication_configuration();
        Ok(rules.and_then(|it| counted(it.rules().len(), "replication rule")))
    }

    async fn notifications(&self) -> Words {
        let request = self.aws.s3.get_bucket_notification_configuration();
        let request = request
            .bucket(self.bucket)
            .expected_bucket_owner(self.owner);
        let answer = request.send().await;
        let answer = answer.map_err(on("GetBucketNotificationConfiguration"))?;
        let count = answer.topic_configurations().len()
            + answer.queue_configurations().len()
            + answer.lambda_function_configurations().len()
            + usize::from(answer.event_bridge_configuration().is_some());
        Ok(counted(count, "notification"))
    }

    async fn logging(&self) -> Words {
        let request = self.aws.s3.get_bucket_logging();
        let request = request
            .bucket(self.bucket)
            .expected_bucket_owner(self.owner);
        let answer = request.send().await.map_err(on("GetBucketLogging"))?;
        let enabled = answer.logging_enabled();
        Ok(enabled.map(|it| format!("its access logging to {}", it.target_bucket())))
    }

    async fn website(&self) -> Words {
        let request = self.aws.s3.get_bucket_website();
        let request = request
            .bucket(self.bucket)
            .expected_bucket_owner(self.owner);
        let answer = request.send().await.map_err(on("GetBucketWebsite"))?;
        let is_set = answer.index_document().is_some()
            || answer.redirect_all_requests_to().is_some()
            || answer.error_document().is_some();
        Ok(is_set.then(|| "its website".to_owned()))
    }

    async fn cors(&self) -> Words {
        let request = self.aws.s3.get_bucket_cors();
        let request = request
            .bucket(self.bucket)
            .expected_bucket_owner(self.owner);
        let answer = request.send().await.map_err(on("GetBucketCors"))?;
        Ok(counted(answer.cors_rules().len(), "CORS rule"))
    }

    async fn acceleration(&self) -> Words {
        let request = self.aws.s3.get_bucket_accelerate_configuration();
        let request = request
            .bucket(self.bucket)
            .expected_bucket_owner(self.owner);
        let answer = request.send().await;
        let answer = answer.map_err(on("GetBucketAccelerateConfiguration"))?;
        let is_on = answer.status() == Some(&BucketAccelerateStatus::Enabled);
        Ok(is_on.then(|| "its transfer acceleration".to_owned()))
    }

    async fn object_lock(&self) -> Words {
        let request = self.aws.s3.get_object_lock_configuration();
        let request = request
            .bucket(self.bucket)
            .expected_bucket_owner(self.owner);
        let answer = request.send().await;
        let answer = answer.map_err(on("GetObjectLockConfiguration"))?;
        let locked = answer.object_lock_configuration();
        Ok(locked.map(|_| "its Object Lock".to_owned()))
    }

    /// Anything but what S3 gives every new bucket.
    async fn ownership(&self) -> Words {
        let request = self.aws.s3.get_bucket_ownership_controls();
        let request = request
            .bucket(self.bucket)
            .expected_bucket_owner(self.owner);
        let answer = request.send().await;
        let answer = answer.map_err(on("GetBucketOwnershipControls"))?;
        let controls = answer.ownership_controls();
        let rules = controls.into_iter().flat_map(|it| it.rules());
        let mut others = rules
            .map(|rule| rule.object_ownership())
            .filter(|owner| **owner != ObjectOwnership::BucketOwnerEnforced);
        Ok(others
            .next()
            .map(|owner| format!("its object ownership {owner}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_reads_well() {
        assert_eq!(counted(0, "CORS rule"), None);
        assert_eq!(counted(1, "CORS rule").as_deref(), Some("its CORS rule"));
        assert_eq!(counted(3, "CORS rule").as_deref(), Some("its 3 CORS rules"));
    }
}

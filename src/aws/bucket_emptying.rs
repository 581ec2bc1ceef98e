//! Emptying a bucket that is to be deleted with everything in it.
//!
//! S3 deletes empty buckets only. Every version, every delete marker and every
//! upload that was begun and not ended must go first, a thousand a call
//! (Amazon S3 API reference, DeleteObjects).

use std::time::Instant;

use aws_sdk_s3::types::{Delete, ObjectIdentifier};

use super::error::on;
use super::{Call, CallError};

/// How many uploads are ended side by side.
const SIDE_BY_SIDE: usize = 16;

impl Call<'_> {
    /// Deletes everything in a bucket, saying how much is gone so far. A bucket
    /// that is not there is empty.
    ///
    /// # Errors
    /// AWS's refusal, of a call or of one object (an object under legal hold
    /// stays), or [`CallError::Interrupted`].
    pub async fn empty_bucket(&self, bucket: &str) -> Result<(), CallError> {
        let start = Instant::now();
        let mut gone = 0;
        loop {
            let what = format!("{bucket} to be emptied ({gone} objects gone)");
            if self.pulse.stop.is_cancelled() {
                return Err(CallError::Interrupted { what });
            }
            self.pulse.waiting(&what, start.elapsed());
            // What is deleted leaves the list, so the first page is always next.
            match self.delete_page(bucket).await {
                Ok(0) => break,
                Ok(deleted) => gone += deleted,
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        match self.end_uploads(bucket).await {
            Err(error) if error.is_not_found() => Ok(()),
            other => other,
        }
    }

    async fn delete_page(&self, bucket: &str) -> Result<usize, CallError> {
        let account = &self.place.account;
        let page = self
            .aws
            .s3
            .list_object_versions()
            .bucket(bucket)
            .expected_bucket_owner(account)
            .send()
            .await
            .map_err(on("ListObjectVersions"))?;
        let versions = page.versions().iter().map(|it| (it.key(), it.version_id()));
        let markers = page
            .delete_markers()
            .iter()
            .map(|it| (it.key(), it.version_id()));
        let objects = versions
            .chain(markers)
            .map(|(key, version)| {
                ObjectIdentifier::builder()
                    .set_key(key.map(str::to_owned))
                    .set_version_id(version.map(str::to_owned))
                    .build()
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| CallError::internal(error.to_string()))?;
        if objects.is_empty() {
            return Ok(0);
        }
        let count = objects.len();
        let delete = Delete::builder()
            .set_objects(Some(objects))
            .quiet(true)
            .build()
            .map_err(|error| CallError::internal(error.to_string()))?;
        let answer = self
            .aws
            .s3
            .delete_objects()
            .bucket(bucket)
            .expected_bucket_owner(account)
            .delete(delete)
            .send()
            .await
            .map_err(on("DeleteObjects"))?;
        match answer.errors().first() {
            None => Ok(count),
            Some(error) => Err(CallError::Refused {
                operation: "DeleteObjects",
                code: error.code().unwrap_or("Unknown").to_owned(),
                message: format!(
                    "{}: {}",
                    error.key().unwrap_or("?"),
                    error.message().unwrap_or("no message")
                ),
                request_id: None,
            }),
        }
    }

    async fn end_uploads(&self, bucket: &str) -> Result<(), CallError> {
        let s3 = &self.aws.s3;
        let account = &self.place.account;
        loop {
            let page = s3
                .list_multipart_uploads()
                .bucket(bucket)
                .expected_bucket_owner(account)
                .send()
                .await
                .map_err(on("ListMultipartUploads"))?;
            if page.uploads().is_empty() {
                return Ok(());
            }
            for chunk in page.uploads().chunks(SIDE_BY_SIDE) {
                let ends = chunk.iter().map(|upload| async {
                    let ended = s3
                        .abort_multipart_upload()
                        .bucket(bucket)
                        .expected_bucket_owner(account)
                        .set_key(upload.key().map(str::to_owned))
                        .set_upload_id(upload.upload_id().map(str::to_owned))
                        .send()
                        .await
                        .map_err(on("AbortMultipartUpload"));
                    match ended {
                        // Ended by its owner meanwhile.
                        Err(error) if error.is(&["NoSuchUpload"]) => Ok(()),
                        other => other.map(|_| ()),
                    }
                });
                futures_util::future::try_join_all(ends).await?;
            }
        }
    }
}

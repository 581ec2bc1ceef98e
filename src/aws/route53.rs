//! Route 53: names, changes, records and tags, as both of its kinds need them.
//!
//! ```text
//! change ─► PENDING ─► INSYNC     every name server of Route 53 knows it
//! ```
//!
//! Route 53 takes five calls a second of an account and one change of a zone
//! at a time (Route 53 developer guide, "Quotas"), so refusals that pass by
//! themselves are repeated. It shows names in lower case, with a trailing dot,
//! and `*` as `\052`; [`plain_name`] brings them to the form that people write.

use std::future::Future;
use std::time::Duration;

use aws_sdk_route53::operation::change_resource_record_sets::ChangeResourceRecordSetsError;
use aws_sdk_route53::types::{
    Change, ChangeAction, ChangeBatch, ChangeStatus, ResourceRecordSet, RrType, Tag,
    TagResourceType,
};

use super::error::on;
use super::{Aws, Call, CallError, Seen};
use crate::model::tags::{self, TagChange};

/// How long Route 53 may be busy with other changes.
const BUSY: Duration = Duration::from_secs(300);
/// How long a change may take to reach every name server; a minute is usual.
const IN_SYNC: Duration = Duration::from_secs(1800);
/// How many tags one call writes or removes (Route 53 API reference,
/// ChangeTagsForResource).
const TAGS_PER_CALL: usize = 10;

/// An id without the path that Route 53 puts before it.
#[must_use]
pub fn bare_id(id: &str) -> &str {
    id.rsplit_once('/').map_or(id, |(_, bare)| bare)
}

/// The ARN of a zone, as policies name it.
#[must_use]
pub fn zone_arn(id: &str) -> String {
    format!("arn:aws:route53:::hostedzone/{}", bare_id(id))
}

/// A name as people write it: lower case, no trailing dot, `*` for `\052`.
#[must_use]
pub fn plain_name(name: &str) -> String {
    name.trim_end_matches('.')
        .replace("\\052", "*")
        .to_ascii_lowercase()
}

/// Whether a record is one that every zone has and that goes with it.
#[must_use]
pub fn is_the_zones_own(record: &ResourceRecordSet, zone: &str) -> bool {
    matches!(record.r#type(), RrType::Ns | RrType::Soa)
        && plain_name(record.name()) == plain_name(zone)
}

/// Removes, then writes tags of a zone, ten at a time.
///
/// # Errors
/// AWS's refusal.
pub async fn retag(call: &Call<'_>, zone: &str, change: &TagChange) -> Result<(), CallError> {
    let request = call
        .aws
        .route53
        .change_tags_for_resource()
        .resource_type(TagResourceType::Hostedzone)
        .resource_id(zone);
    let mut requests = Vec::new();
    for keys in change.remove.chunks(TAGS_PER_CALL) {
        requests.push(request.clone().set_remove_tag_keys(Some(keys.to_vec())));
    }
    // Ours first: a zone that is half tagged is still known by them.
    let (ours, others): (Vec<_>, Vec<_>) = change
        .set
        .iter()
        .partition(|(key, _)| key.starts_with(tags::PREFIX));
    let all: Vec<Tag> = ours
        .into_iter()
        .chain(others)
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect();
    for some in all.chunks(TAGS_PER_CALL) {
        requests.push(request.clone().set_add_tags(Some(some.to_vec())));
    }
    for request in &requests {
        patiently(call, || async {
            let sent = request.clone().send().await;
            sent.map(|_| ()).map_err(on("ChangeTagsForResource"))
        })
        .await?;
    }
    Ok(())
}

/// Repeats a call while Route 53 is busy with other changes, or does not yet
/// know the zone that this run made.
///
/// # Errors
/// The call's last error.
pub async fn patiently<T, F, R>(call: &Call<'_>, send: F) -> Result<T, CallError>
where
    F: Fn() -> R,
    R: Future<Output = Result<T, CallError>>,
{
    let busy = |error: &CallError| {
        error.is(&[
            "PriorRequestNotComplete",
            "Throttling",
            "ThrottlingException",
            "ConcurrentModification",
        ])
    };
    // A zone, or a VPC, which has a code of its own.
    let young = |error: &CallError| {
        (error.is_not_found() || error.is(&["InvalidVPCId"]))
            && call.created_one_named_in(error.message())
    };
    let send = &send;
    call.retry("Route 53 to take the change", BUSY, busy, || {
        call.retry("the zone to be known", call.aws.patience(), young, send)
    })
    .await
}

/// Waits until every name server knows a change.
///
/// # Errors
/// AWS's refusal. A change that Route 53 has forgotten is an old one.
pub async fn until_in_sync(call: &Call<'_>, change: &str) -> Result<(), CallError> {
    let change = bare_id(change);
    call.wait_for("Route 53 to spread the change", IN_SYNC, || async {
        let answer = call.aws.route53.get_change().id(change).send().await;
        let answer = match answer.map_err(on("GetChange")) {
            Ok(answer) => answer,
            Err(error) if error.is(&["NoSuchChange"]) => return Ok(Seen::Ready(())),
            Err(error) => return Err(error),
        };
        Ok(match answer.change_info().map(|info| info.status()) {
            Some(ChangeStatus::Insync) => Seen::Ready(()),
            Some(other) => Seen::Pending(other.as_str().to_owned()),
            None => Seen::Pending("unknown".to_owned()),
        })
    })
    .await
}

/// Every record of a zone.
///
/// # Errors
/// AWS's refusal.
pub async fn records(aws: &Aws, zone: &str) -> Result<Vec<ResourceRecordSet>, CallError> {
    let mut found = Vec::new();
    let mut request = aws.route53.list_resource_record_sets().hosted_zone_id(zone);
    loop {
        let answer = request.clone().send().await;
        let answer = answer.map_err(on("ListResourceRecordSets"))?;
        found.extend(answer.resource_record_sets().iter().cloned());
        if !answer.is_truncated() {
            return Ok(found);
        }
        request = request
            .set_start_record_name(answer.next_record_name().map(str::to_owned))
            .set_start_record_type(answer.next_record_type().cloned())
            .set_start_record_identifier(answer.next_record_identifier().map(str::to_owned));
    }
}

/// One record of a zone, by name and type.
///
/// # Errors
/// AWS's refusal; an unknown zone is one.
pub async fn record(
    aws: &Aws,
    zone: &str,
    name: &str,
    kind: &RrType,
) -> Result<Option<ResourceRecordSet>, CallError> {
    let answer = aws
        .route53
        .list_resource_record_sets()
        .hosted_zone_id(zone)
        .start_record_name(name)
        .start_record_type(kind.clone())
        .max_items(1)
        .send()
        .await
        .map_err(on("ListResourceRecordSets"))?;
    // The list begins at the name, whether or not there is such a record.
    let mut found = answer.resource_record_sets().iter();
    Ok(found
        .find(|it| plain_name(it.name()) == plain_name(name) && it.r#type() == kind)
        .cloned())
}

/// Changes records of a zone, all or none; gives the change's id.
///
/// # Errors
/// AWS's refusal, with every message of `InvalidChangeBatch`.
pub async fn change_records(
    call: &Call<'_>,
    zone: &str,
    action: ChangeAction,
    records: &[ResourceRecordSet],
) -> Result<String, CallError> {
    let mut batch = ChangeBatch::builder();
    for record in records {
        let change = Change::builder()
            .action(action.clone())
            .resource_record_set(record.clone())
            .build()
            .map_err(|error| CallError::internal(error.to_string()))?;
        batch = batch.changes(change);
    }
    let batch = batch
        .build()
        .map_err(|error| CallError::internal(error.to_string()))?;
    let request = call
        .aws
        .route53
        .change_resource_record_sets()
        .hosted_zone_id(zone)
        .change_batch(batch);
    let request = &request;
    let answer = patiently(call, || async {
        request.clone().send().await.map_err(|refusal| {
            // This one error keeps its texts in a list of its own.
            let messages = match refusal.as_service_error() {
                Some(ChangeResourceRecordSetsError::InvalidChangeBatch(batch)) => {
                    batch.messages().join("; ")
                }
                _ => String::new(),
            };
            let mut error = on("ChangeResourceRecordSets")(refusal);
            if let CallError::Refused { message, .. } = &mut error
                && !messages.is_empty()
            {
                *message = messages;
            }
            error
        })
    })
    .await?;
    Ok(answer
        .change_info()
        .map(|info| bare_id(info.id()).to_owned())
        .unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_lose_what_route_53_adds() {
        assert_eq!(bare_id("/hostedzone/Z1"), "Z1");
        assert_eq!(bare_id("Z1"), "Z1");
        assert_eq!(
            plain_name("\\052.Data.s3.Amazonaws.com."),
            "*.data.s3.amazonaws.com"
        );
        assert_eq!(plain_name("a.b"), "a.b");
    }
}

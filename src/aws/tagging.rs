//! Tags to and from EC2's forms. Other services' kinds have their own calls.

use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};

use super::error::on;
use super::rehearsal::Rehearsals;
use super::{Aws, Call, CallError};
use crate::model::tags::{self, TagChange};
use crate::model::{Address, Tags};

/// EC2 tags as ours, without those of AWS itself (`aws:` keys).
#[must_use]
pub fn from_ec2(tags: &[Tag]) -> Tags {
    tags.iter()
        .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned())))
        .filter(|(key, _)| !key.starts_with("aws:"))
        .collect()
}

/// Tags in EC2's form.
#[must_use]
pub fn to_ec2(tags: &Tags) -> Vec<Tag> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

/// Tags for a creation call of EC2.
#[must_use]
pub fn specification(resource: ResourceType, tags: &Tags) -> TagSpecification {
    TagSpecification::builder()
        .resource_type(resource)
        .set_tags(Some(to_ec2(tags)))
        .build()
}

/// An EC2 filter.
#[must_use]
pub fn filter(
    name: impl Into<String>,
    values: impl IntoIterator<Item = impl Into<String>>,
) -> Filter {
    Filter::builder()
        .name(name)
        .set_values(Some(values.into_iter().map(Into::into).collect()))
        .build()
}

/// Notes the calls that [`retag_ec2`] will make.
pub fn rehearse_ec2(
    aws: &Aws,
    address: &Address,
    id: &str,
    change: &TagChange,
    calls: &mut Rehearsals,
) {
    if !change.set.is_empty() {
        let request = aws.ec2.create_tags().resources(id).dry_run(true);
        let request = request.set_tags(Some(to_ec2(&change.set)));
        calls.dry_run(address, "ec2:CreateTags", ("", true), request.send());
    }
    if !change.remove.is_empty() {
        let gone = change.remove.iter().map(|key| Tag::builder().key(key));
        let gone = gone
            .map(aws_sdk_ec2::types::builders::TagBuilder::build)
            .collect();
        let request = aws.ec2.delete_tags().resources(id).dry_run(true);
        let request = request.set_tags(Some(gone));
        calls.dry_run(address, "ec2:DeleteTags", ("", true), request.send());
    }
}

/// The EC2 filter that lets only a stack's objects through.
#[must_use]
pub fn of_stack(stack: &str) -> Filter {
    filter(format!("tag:{}", tags::STACK), [stack])
}

/// The EC2 filter that lets only what this very creation made through.
#[must_use]
pub fn of_creation(call: &Call<'_>) -> Filter {
    filter(format!("tag:{}", tags::TOKEN), [call.mark()])
}

/// EC2 filters for a look-up by tags.
#[must_use]
pub fn with_tags(wanted: &Tags) -> Vec<Filter> {
    wanted
        .iter()
        .map(|(key, value)| filter(format!("tag:{key}"), [value]))
        .collect()
}

/// Removes, then writes tags of an EC2 object.
///
/// # Errors
/// AWS's refusal, once a just-created id has had time to be known.
pub async fn retag_ec2(call: &Call<'_>, id: &str, change: &TagChange) -> Result<(), CallError> {
    let ec2 = &call.aws.ec2;
    if !change.remove.is_empty() {
        let keys = change
            .remove
            .iter()
            .map(|key| Tag::builder().key(key).build());
        ec2.delete_tags()
            .resources(id)
            .set_tags(Some(keys.collect()))
            .send()
            .await
            .map_err(on("DeleteTags"))?;
    }
    if !change.set.is_empty() {
        // CreateTags has a code of its own for an id that it does not know yet.
        let young = |error: &CallError| {
            (error.is_not_found() || error.is(&["InvalidID"])) && call.created_one_named_in(id)
        };
        call.retry(
            "the object to be known",
            call.aws.patience(),
            young,
            || async {
                ec2.create_tags()
                    .resources(id)
                    .set_tags(Some(to_ec2(&change.set)))
                    .send()
                    .await
                    .map_err(on("CreateTags"))
            },
        )
        .await?;
    }
    Ok(())
}

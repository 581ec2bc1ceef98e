//! Takes every mark of s3net off an account's objects and forgets the state, as
//! if somebody had built them by hand.

use aws_sdk_ec2::types::Tag;
use aws_sdk_route53::types::TagResourceType;
use s3net::aws::Aws;

use crate::lab::Lab;

/// What s3net's own tags begin with.
const MARK: &str = "s3net:";

/// Strips the account and throws the state away.
pub(super) async fn as_if_by_hand(lab: &Lab) {
    let aws = lab.aws().await;
    ec2(&aws).await;
    buckets(&aws).await;
    roles(&aws).await;
    zones(&aws).await;
    std::fs::remove_dir_all(lab.folder.path().join("state")).unwrap();
}

async fn ec2(aws: &Aws) {
    let tags = aws.ec2.describe_tags().into_paginator().items().send();
    let tags: Vec<_> = tags.collect::<Result<_, _>>().await.unwrap();
    let mut ids: Vec<&str> = tags
        .iter()
        .filter(|tag| tag.key().is_some_and(|key| key.starts_with(MARK)))
        .filter_map(|tag| tag.resource_id())
        .collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        let own = tags.iter().filter(|tag| tag.resource_id() == Some(id));
        let keys = own
            .filter_map(|tag| tag.key())
            .filter(|key| key.starts_with(MARK));
        let keys = keys.map(|key| Tag::builder().key(key).build()).collect();
        let request = aws.ec2.delete_tags().resources(id);
        request.set_tags(Some(keys)).send().await.unwrap();
    }
}

async fn buckets(aws: &Aws) {
    for bucket in aws.s3.list_buckets().send().await.unwrap().buckets() {
        let name = bucket.name().unwrap();
        let Ok(answer) = aws.s3.get_bucket_tagging().bucket(name).send().await else {
            continue;
        };
        let kept: Vec<_> = answer
            .tag_set()
            .iter()
            .filter(|tag| !tag.key().starts_with(MARK))
            .cloned()
            .collect();
        let tagging = aws_sdk_s3::types::Tagging::builder();
        let tagging = tagging.set_tag_set(Some(kept)).build().unwrap();
        let request = aws.s3.put_bucket_tagging().bucket(name);
        request.tagging(tagging).send().await.unwrap();
    }
}

async fn roles(aws: &Aws) {
    for role in aws.iam.list_roles().send().await.unwrap().roles() {
        let name = role.role_name();
        let tags = aws
            .iam
            .list_role_tags()
            .role_name(name)
            .send()
            .await
            .unwrap();
        let keys = tags.tags().iter().map(|tag| tag.key().to_owned());
        let keys: Vec<String> = keys.filter(|key| key.starts_with(MARK)).collect();
        let request = aws.iam.untag_role().role_name(name);
        request.set_tag_keys(Some(keys)).send().await.unwrap();
    }
    let profiles = aws.iam.list_instance_profiles().send().await.unwrap();
    for profile in profiles.instance_profiles() {
        let name = profile.instance_profile_name();
        let request = aws.iam.get_instance_profile().instance_profile_name(name);
        let answer = request.send().await.unwrap();
        let tags = answer.instance_profile().unwrap().tags().iter();
        let keys = tags.map(|tag| tag.key().to_owned());
        let keys: Vec<String> = keys.filter(|key| key.starts_with(MARK)).collect();
        let request = aws.iam.untag_instance_profile().instance_profile_name(name);
        request.set_tag_keys(Some(keys)).send().await.unwrap();
    }
}

async fn zones(aws: &Aws) {
    let zones = aws.route53.list_hosted_zones().send().await.unwrap();
    for zone in zones.hosted_zones() {
        let id = zone.id().rsplit('/').next().unwrap();
        let request = aws.route53.list_tags_for_resource().resource_id(id);
        let request = request.resource_type(TagResourceType::Hostedzone);
        let answer = request.send().await.unwrap();
        let tags = answer.resource_tag_set().unwrap().tags().iter();
        let keys = tags
            .filter_map(|tag| tag.key())
            .filter(|key| key.starts_with(MARK));
        let keys: Vec<String> = keys.map(str::to_owned).collect();
        if keys.is_empty() {
            continue;
        }
        let request = aws.route53.change_tags_for_resource().resource_id(id);
        let request = request.resource_type(TagResourceType::Hostedzone);
        request
            .set_remove_tag_keys(Some(keys))
            .send()
            .await
            .unwrap();
    }
}

//! What stands around a VPC's own objects and cannot be in the file is told.

use aws_sdk_ec2::types::{IamInstanceProfileSpecification, ResourceType};
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, CorsConfiguration, CorsRule, ExpirationStatus,
    LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use s3net::aws::Aws;

use super::by_hand::{subnet, tags};
use super::{adopts_and_is_done, import, written};
use crate::lab::{Lab, Ran};

#[track_caller]
fn tells(ran: &Ran, text: &str, what: &str) {
    let told = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(what), "`{what}` is not in\n{}", ran.err);
    assert!(text.contains(what), "`{what}` is not in\n{text}");
}

async fn role(aws: &Aws) {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let role = aws.iam.create_role().role_name("HandRole");
    let role = role.assume_role_policy_document(trust);
    role.send().await.unwrap();
    let profile = aws.iam.create_instance_profile();
    let profile = profile.instance_profile_name("HandProfile");
    profile.send().await.unwrap();
    let join = aws.iam.add_role_to_instance_profile();
    let join = join.instance_profile_name("HandProfile");
    join.role_name("HandRole").send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_and_roles_of_instances_are_told() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let ec2 = &aws.ec2;
    let request = ec2.create_vpc().cidr_block("10.9.0.0/16");
    let request = request.tag_specifications(tags(ResourceType::Vpc, &[("Name", "lone")]));
    let vpc = request.send().await.unwrap();
    let vpc = vpc.vpc().unwrap().vpc_id().unwrap().to_owned();
    let public = subnet(&aws, &vpc, "10.9.0.0/24", "a", None).await;
    let gateway = ec2.create_internet_gateway().send().await.unwrap();
    let gateway = gateway.internet_gateway().unwrap().internet_gateway_id();
    let attach = ec2
        .attach_internet_gateway()
        .internet_gateway_id(gateway.unwrap());
    attach.vpc_id(&vpc).send().await.unwrap();
    role(&aws).await;
    let images = ec2.describe_images().owners("amazon").send().await.unwrap();
    let image = images.images()[0].image_id().unwrap();
    let request = ec2
        .run_instances()
        .image_id(image)
        .min_count(1)
        .max_count(1);
    let request = request.instance_type("t3.small".into()).subnet_id(&public);
    let profile = IamInstanceProfileSpecification::builder().name("HandProfile");
    let made = request.iam_instance_profile(profile.build()).send().await;
    let instance = made.unwrap().instances()[0]
        .instance_id()
        .unwrap()
        .to_owned();
    let address = ec2.allocate_address().domain("vpc".into());
    let named = tags(ResourceType::ElasticIp, &[("Name", "front")]);
    let address = address.tag_specifications(named).send().await.unwrap();
    let id = address.allocation_id().unwrap();
    let join = ec2.associate_address().allocation_id(id);
    join.instance_id(&instance).send().await.unwrap();
    // One that nobody has is none of the VPC's.
    let spare = ec2.allocate_address().domain("vpc".into()).send().await;
    let spare = spare.unwrap().allocation_id.unwrap();

    let ran = import(&lab, &vpc, &[]).exits(0);
    let text = written(&lab);
    let public = address.public_ip().unwrap();
    tells(
        &ran,
        &text,
        &format!("Elastic IP {id} \"front\", {public} of {instance}"),
    );
    tells(
        &ran,
        &text,
        "instance.main: its role HandRole: the profile HandProfile has another name or path than the role",
    );
    assert!(
        text.contains("instance_profile = \"HandProfile\""),
        "{text}"
    );
    assert!(!text.contains(&spare), "{text}");
    adopts_and_is_done(&lab);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_a_bucket_that_no_field_covers_are_told() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let s3 = &aws.s3;
    let vpc = aws.ec2.create_vpc().cidr_block("10.9.0.0/16").send().await;
    let vpc = vpc.unwrap().vpc.unwrap().vpc_id.unwrap();
    let (full, plain) = (lab.bucket(), format!("plain-{}", lab.bucket()));
    for bucket in [&full, &plain] {
        let place = aws_sdk_s3::types::CreateBucketConfiguration::builder();
        let place = place.location_constraint("ap-northeast-1".into()).build();
        let request = s3.create_bucket().bucket(bucket);
        let request = request.create_bucket_configuration(place);
        request.send().await.unwrap();
    }
    let rule = |id: &str| {
        let rule = LifecycleRule::builder().id(id);
        let rule = rule.status(ExpirationStatus::Enabled);
        let rule = rule.filter(LifecycleRuleFilter::builder().prefix(id).build());
        let end = LifecycleExpiration::builder().days(30).build();
        rule.expiration(end).build().unwrap()
    };
    let rules = BucketLifecycleConfiguration::builder();
    let rules = rules.rules(rule("a")).rules(rule("b")).build().unwrap();
    let request = s3.put_bucket_lifecycle_configuration().bucket(&full);
    let request = request.lifecycle_configuration(rules);
    request.send().await.unwrap();
    let rule = CorsRule::builder().allowed_methods("GET");
    let rule = rule.allowed_origins("*").build().unwrap();
    let rules = CorsConfiguration::builder().cors_rules(rule);
    let request = s3.put_bucket_cors().bucket(&full);
    let request = request.cors_configuration(rules.build().unwrap());
    request.send().await.unwrap();
    let by = ServerSideEncryptionByDefault::builder();
    let by = by.sse_algorithm(ServerSideEncryption::AwsKms).build();
    let rule = ServerSideEncryptionRule::builder().bucket_key_enabled(true);
    let rule = rule.apply_server_side_encryption_by_default(by.unwrap());
    let rules = ServerSideEncryptionConfiguration::builder().rules(rule.build());
    let request = s3.put_bucket_encryption().bucket(&full);
    let request = request.server_side_encryption_configuration(rules.build().unwrap());
    request.send().await.unwrap();

    let ran = import(&lab, &vpc, &["--bucket", &full, "--bucket", &plain]).exits(0);
    let text = written(&lab);
    for what in [
        "its 2 lifecycle rules",
        "its CORS rule",
        "its bucket key, which is on",
    ] {
        tells(&ran, &text, &format!("bucket.{full}: {what}"));
        assert!(
            text.contains(&format!("# Not in this file: {what}")),
            "{text}"
        );
    }
    assert!(!text.contains(&format!("bucket.{plain}: ")), "{text}");
    adopts_and_is_done(&lab);
    let kept = s3.get_bucket_lifecycle_configuration().bucket(&full);
    assert_eq!(kept.send().await.unwrap().rules().len(), 2);
}

//! Holders outside EC2: profiles of roles, records of zones, files of buckets.

use s3net::aws::Aws;

use super::{HEAD, says};
use crate::lab::Lab;

#[tokio::test]
async fn holders_of_roles_zones_and_buckets_are_named_too() {
    let lab = Lab::new();
    lab.write(&format!(
        "{HEAD}[role.app]\nservice = \"ec2\"\n\n\
         [private_zone.inner]\nname = \"inner.example\"\nvpcs = [\"main\"]\n\n\
         [bucket.data]\nname = \"{}\"\n",
        lab.bucket()
    ));
    lab.apply().exits(0);
    let aws = lab.aws().await;
    let roles = aws.iam.list_roles().send().await.unwrap();
    let role = roles.roles()[0].role_name().to_owned();
    let request = aws.iam.create_instance_profile();
    let request = request.instance_profile_name("theirs");
    request.send().await.unwrap();
    let request = aws.iam.add_role_to_instance_profile().role_name(&role);
    let request = request.instance_profile_name("theirs");
    request.send().await.unwrap();
    let zones = aws.route53.list_hosted_zones().send().await.unwrap();
    let zone = zones.hosted_zones()[0].id().to_owned();
    plant_record(&aws, &zone).await;
    for key in ["a.txt", "it's b.txt"] {
        let body = aws_sdk_s3::primitives::ByteStream::from_static(b"x");
        let request = aws.s3.put_object().bucket(lab.bucket()).key(key);
        request.body(body).send().await.unwrap();
    }

    let ran = lab.verb("destroy", &["--auto-approve"]).exits(1);
    says(
        &ran,
        &[
            "instance profile theirs, not made by s3net",
            "aws iam remove-role-from-instance-profile",
            "record db.inner.example A, not made by s3net",
            "aws route53 change-resource-record-sets",
            "'{\"Changes\":[{\"Action\":\"DELETE\"",
            "2 object versions, such as a.txt, it's b.txt",
            "force_destroy = true",
        ],
    );
    let profiles = aws
        .iam
        .get_instance_profile()
        .instance_profile_name("theirs");
    let profile = profiles.send().await.unwrap();
    assert_eq!(
        profile.instance_profile().unwrap().roles()[0].role_name(),
        role
    );
    let request = aws.s3.list_objects_v2().bucket(lab.bucket());
    assert_eq!(request.send().await.unwrap().contents().len(), 2);
    let request = aws
        .route53
        .list_resource_record_sets()
        .hosted_zone_id(&zone);
    let records = request.send().await.unwrap();
    let theirs = |it: &&aws_sdk_route53::types::ResourceRecordSet| it.name() == "db.inner.example.";
    assert_eq!(
        records.resource_record_sets().iter().filter(theirs).count(),
        1
    );
}

async fn plant_record(aws: &Aws, zone: &str) {
    use aws_sdk_route53::types::{
        Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType,
    };
    let record = ResourceRecordSet::builder()
        .name("db.inner.example")
        .r#type(RrType::A)
        .ttl(60)
        .resource_records(
            ResourceRecord::builder()
                .value("192.0.2.1")
                .build()
                .unwrap(),
        )
        .build()
        .unwrap();
    let change = Change::builder()
        .action(ChangeAction::Create)
        .resource_record_set(record)
        .build()
        .unwrap();
    let batch = ChangeBatch::builder().changes(change).build().unwrap();
    let request = aws.route53.change_resource_record_sets();
    let request = request.hosted_zone_id(zone).change_batch(batch);
    request.send().await.unwrap();
}

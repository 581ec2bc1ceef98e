//! What a service of AWS planted in our VPC.

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification, VpcEndpointType};

use super::{HEAD, destroyed, group, our_vpc, says};
use crate::lab::Lab;

#[tokio::test]
async fn what_guard_duty_planted_is_named_and_left_alone() {
    let lab = Lab::new();
    lab.write(HEAD);
    lab.apply().exits(0);
    let aws = lab.aws().await;
    let vpc = our_vpc(&aws).await.vpc_id().unwrap().to_owned();
    let group_name = format!("GuardDutyManagedSecurityGroup-{vpc}");
    let request = aws.ec2.create_security_group().group_name(&group_name);
    let request = request.description("planted").vpc_id(&vpc);
    let planted_group = request.send().await.unwrap();
    let planted_group = planted_group.group_id().unwrap();
    let subnet = aws
        .ec2
        .create_subnet()
        .vpc_id(&vpc)
        .cidr_block("10.0.9.0/24");
    let subnet = subnet.send().await.unwrap();
    let managed = Tag::builder().key("GuardDutyManaged").value("true").build();
    let tags = TagSpecification::builder().resource_type(ResourceType::VpcEndpoint);
    let made = aws
        .ec2
        .create_vpc_endpoint()
        .vpc_id(&vpc)
        .service_name("com.amazonaws.ap-northeast-1.ec2")
        .vpc_endpoint_type(VpcEndpointType::Interface)
        .subnet_ids(subnet.subnet().unwrap().subnet_id().unwrap())
        .security_group_ids(planted_group)
        .private_dns_enabled(false)
        .tag_specifications(tags.tags(managed).build())
        .send()
        .await
        .unwrap();
    let endpoint = made.vpc_endpoint().unwrap().vpc_endpoint_id().unwrap();
    aws.ec2.describe_vpc_endpoints().send().await.unwrap();
    let planted = || async {
        let endpoints = aws.ec2.describe_vpc_endpoints().send().await.unwrap();
        format!(
            "{:?} {:?}",
            endpoints.vpc_endpoints(),
            group(&aws, "GuardDuty").await
        )
    };
    let before = planted().await;
    assert!(before.contains(endpoint), "{before}");

    let ran = destroyed(&lab, "vpc.main", "DeleteVpc").await.exits(1);
    says(
        &ran,
        &[
            &format!(
                "VPC endpoint {endpoint} (com.amazonaws.ap-northeast-1.ec2), put there by Amazon GuardDuty"
            ),
            &format!(
                "security group {planted_group} ({group_name}), put there by Amazon GuardDuty"
            ),
            "turn GuardDuty's automated agent off",
            "aws ec2 delete-vpc-endpoints",
            "aws ec2 delete-security-group",
            "aws ec2 delete-subnet",
        ],
    );
    assert_eq!(
        before,
        planted().await,
        "what GuardDuty planted was touched"
    );
}

//! A VPC made by raw calls, with what people do to networks: names that are no
//! names, two of one name, objects that s3net has no kind for.

use aws_sdk_ec2::types::{
    IpPermission, IpRange, ResourceType, Tag, TagSpecification, UserIdGroupPair,
};
use s3net::aws::Aws;
use serde_json::{Value, json};

use super::{FILE, adopts_and_is_done, import, settled, written};
use crate::lab::Lab;

pub(super) fn tags(resource: ResourceType, tags: &[(&str, &str)]) -> TagSpecification {
    let tags = tags
        .iter()
        .map(|(key, value)| Tag::builder().key(*key).value(*value).build());
    TagSpecification::builder()
        .resource_type(resource)
        .set_tags(Some(tags.collect()))
        .build()
}

/// A subnet that somebody has made, and called something or nothing.
pub(super) async fn subnet(
    aws: &Aws,
    vpc: &str,
    block: &str,
    zone: &str,
    name: Option<&str>,
) -> String {
    let named: Vec<(&str, &str)> = name.iter().map(|name| ("Name", *name)).collect();
    let request = aws.ec2.create_subnet().vpc_id(vpc).cidr_block(block);
    let request = request.availability_zone(format!("ap-northeast-1{zone}"));
    let request = match named.is_empty() {
        true => request,
        false => request.tag_specifications(tags(ResourceType::Subnet, &named)),
    };
    let made = request.send().await.unwrap();
    made.subnet().unwrap().subnet_id().unwrap().to_owned()
}

/// Builds the network; gives its VPC's id and its bucket.
async fn build(lab: &Lab) -> (String, String) {
    let aws = lab.aws().await;
    let ec2 = &aws.ec2;
    let name = [("Name", "Büro \"alt\""), ("Note", "two\nlines, \"quoted\"")];
    let request = ec2.create_vpc().cidr_block("10.9.0.0/16");
    let made = request
        .tag_specifications(tags(ResourceType::Vpc, &name))
        .send()
        .await
        .unwrap();
    let vpc = made.vpc().unwrap().vpc_id().unwrap().to_owned();
    let one = subnet(&aws, &vpc, "10.9.1.0/24", "a", Some("app ${tier}")).await;
    let two = subnet(&aws, &vpc, "10.9.2.0/24", "c", Some("app ${tier}")).await;
    let bare = subnet(&aws, &vpc, "10.9.3.0/24", "d", None).await;

    let made = ec2.create_internet_gateway().send().await.unwrap();
    let gateway = made
        .internet_gateway()
        .unwrap()
        .internet_gateway_id()
        .unwrap()
        .to_owned();
    let request = ec2.attach_internet_gateway().internet_gateway_id(&gateway);
    request.vpc_id(&vpc).send().await.unwrap();
    // The main table leads to the internet, as a console's wizard leaves it.
    let request = ec2.describe_route_tables();
    let tables = request.send().await.unwrap();
    let main = tables
        .route_tables()
        .iter()
        .find(|table| table.vpc_id() == Some(&vpc));
    let main = main.unwrap().route_table_id().unwrap().to_owned();
    let request = ec2
        .create_route()
        .route_table_id(&main)
        .gateway_id(&gateway);
    request
        .destination_cidr_block("0.0.0.0/0")
        .send()
        .await
        .unwrap();

    let made = ec2.create_route_table().vpc_id(&vpc).send().await.unwrap();
    let table = made
        .route_table()
        .unwrap()
        .route_table_id()
        .unwrap()
        .to_owned();
    for subnet in [&one, &two] {
        let request = ec2.associate_route_table().route_table_id(&table);
        request.subnet_id(subnet).send().await.unwrap();
    }
    peering(&aws, &vpc, &table).await;

    let made = ec2
        .create_security_group()
        .vpc_id(&vpc)
        .group_name("Web servers (old)");
    let made = made.description("web (old)").send().await.unwrap();
    let group = made.group_id().unwrap().to_owned();
    rules(&aws, &group, &vpc).await;

    let bucket = format!("hand-{}", lab.account);
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint("ap-northeast-1".into())
        .build();
    let request = aws.s3.create_bucket().bucket(&bucket);
    request
        .create_bucket_configuration(place)
        .send()
        .await
        .unwrap();
    let endpoint_policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "Home", "Effect": "Allow", "Principal": "*",
            "Action": ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
            "Resource": [format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/home/${{aws:username}}/*")],
        }],
    });
    let made = ec2
        .create_vpc_endpoint()
        .vpc_id(&vpc)
        .service_name("com.amazonaws.ap-northeast-1.s3")
        .route_table_ids(&table)
        .route_table_ids(&main)
        .policy_document(endpoint_policy.to_string())
        .send()
        .await
        .unwrap();
    let endpoint = made
        .vpc_endpoint()
        .unwrap()
        .vpc_endpoint_id()
        .unwrap()
        .to_owned();
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject",
            "Resource": format!("arn:aws:s3:::{bucket}/secret/*"),
            "Condition": { "StringNotEquals": { "aws:SourceVpce": endpoint } },
        }],
    });
    let request = aws.s3.put_bucket_policy().bucket(&bucket);
    request.policy(policy.to_string()).send().await.unwrap();

    let made = ec2.create_network_acl().vpc_id(&vpc);
    let strict = tags(ResourceType::NetworkAcl, &[("Name", "strict")]);
    made.tag_specifications(strict).send().await.unwrap();
    // A machine in the default group, in the subnet without a name.
    let images = ec2.describe_images().owners("amazon").send().await.unwrap();
    let image = images
        .images()
        .first()
        .unwrap()
        .image_id()
        .unwrap()
        .to_owned();
    let request = ec2
        .run_instances()
        .image_id(image)
        .min_count(1)
        .max_count(1);
    let request = request.instance_type("t3.small".into()).subnet_id(&bare);
    request.user_data("c2VjcmV0").send().await.unwrap();
    (vpc, bucket)
}

async fn peering(aws: &Aws, vpc: &str, table: &str) {
    let ec2 = &aws.ec2;
    let other = ec2
        .create_vpc()
        .cidr_block("10.200.0.0/16")
        .send()
        .await
        .unwrap();
    let other = other.vpc().unwrap().vpc_id().unwrap().to_owned();
    let request = ec2
        .create_vpc_peering_connection()
        .vpc_id(vpc)
        .peer_vpc_id(&other);
    let made = request.send().await.unwrap();
    let made = made.vpc_peering_connection().unwrap();
    let id = made.vpc_peering_connection_id().unwrap().to_owned();
    let request = ec2.accept_vpc_peering_connection();
    request.vpc_peering_connection_id(&id).send().await.unwrap();
    let request = ec2
        .create_route()
        .route_table_id(table)
        .vpc_peering_connection_id(&id);
    request
        .destination_cidr_block("10.200.0.0/16")
        .send()
        .await
        .unwrap();
}

async fn rules(aws: &Aws, group: &str, vpc: &str) {
    let range = |block: &str, note: &str| {
        let range = IpRange::builder().cidr_ip(block);
        range.description(note).build()
    };
    let https = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(443)
        .to_port(443);
    let https = https.ip_ranges(range("0.0.0.0/0", "everybody")).build();
    let own = UserIdGroupPair::builder().group_id(group).build();
    let own = IpPermission::builder()
        .ip_protocol("-1")
        .user_id_group_pairs(own)
        .build();
    let ping = IpPermission::builder()
        .ip_protocol("icmp")
        .from_port(8)
        .to_port(-1);
    let ping = ping.ip_ranges(range("10.0.0.0/8", "")).build();
    let groups = aws.ec2.describe_security_groups().send().await.unwrap();
    let default = groups
        .security_groups()
        .iter()
        .find(|it| it.vpc_id() == Some(vpc) && it.group_name() == Some("default"));
    let default = UserIdGroupPair::builder().group_id(default.unwrap().group_id().unwrap());
    let ssh = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(22)
        .to_port(22);
    let ssh = ssh.user_id_group_pairs(default.build()).build();
    for rule in [https, own, ping, ssh] {
        let request = aws.ec2.authorize_security_group_ingress().group_id(group);
        request.ip_permissions(rule).send().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_do_to_networks_is_written_or_told() {
    let lab = Lab::new();
    let (vpc, bucket) = build(&lab).await;
    let ran = import(&lab, &vpc, &[]).exits(0);
    let text = written(&lab);
    insta::assert_snapshot!("by_hand", settled(&lab, &text));
    // What has no kind is told in the file and to the user.
    for what in ["peering connection pcx-", "network ACL acl-"] {
        assert!(
            text.contains(what) && ran.err.contains(what),
            "{what}\n{}",
            ran.err
        );
    }
    assert!(
        !text.contains("c2VjcmV0") && !text.contains("secret\""),
        "{text}"
    );
    assert!(text.contains(&format!("name = \"{bucket}\"")));
    adopts_and_is_done(&lab);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_never_written_over_unasked() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let made = aws
        .ec2
        .create_vpc()
        .cidr_block("10.0.0.0/16")
        .send()
        .await
        .unwrap();
    let vpc = made.vpc().unwrap().vpc_id().unwrap();
    let file = lab.folder.path().join(FILE);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "mine").unwrap();
    let refused = import(&lab, vpc, &[]).exits(1);
    assert!(
        refused.err.contains("plans/existing.toml is there already"),
        "{}",
        refused.err
    );
    assert_eq!(written(&lab), "mine");
    let ran = import(&lab, vpc, &["--force", "--json"]).exits(0);
    assert!(written(&lab).contains("[vpc.main]"), "{}", written(&lab));
    let told: Value = serde_json::from_str(ran.out.trim()).unwrap();
    assert_eq!(told["document"], "import");
    assert_eq!(told["file"], FILE);
    assert_eq!(
        told["tables"],
        json!([{ "address": "vpc.main", "id": vpc }])
    );
    let names: Vec<_> = std::fs::read_dir(file.parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_not_free_is_refused() {
    let lab = Lab::with_plan("three-ways.toml");
    let none = import(&lab, "vpc-0123456789abcdef0", &[]).exits(1);
    assert!(
        none.err.contains("there is no VPC vpc-0123456789abcdef0"),
        "{}",
        none.err
    );
    assert!(!lab.folder.path().join(FILE).exists());
    lab.apply().exits(0);
    let vpc = super::only_vpc(&lab).await;
    let taken = import(&lab, &vpc, &[]).exits(1);
    assert!(taken.err.contains("is s3net's already"), "{}", taken.err);
}

//! `--adopt`: what was just written is adopted at once, and nothing else is done.

use std::process::Stdio;
use std::time::{Duration, Instant};

use aws_sdk_ec2::types::{AttributeBooleanValue, IpPermission, IpRange, ResourceType};
use s3net::aws::Aws;
use serde_json::json;

use super::by_hand::{subnet, tags};
use super::{FILE, import};
use crate::lab::{Lab, Ran, endpoint};

/// A VPC with one subnet, and a group whose tags its rules do not have; gives the
/// first two's ids.
async fn build(aws: &Aws) -> (String, String) {
    let request = aws.ec2.create_vpc().cidr_block("10.9.0.0/16");
    let request = request.tag_specifications(tags(ResourceType::Vpc, &[("Name", "lone")]));
    let vpc = request.send().await.unwrap().vpc.unwrap().vpc_id.unwrap();
    let subnet = subnet(aws, &vpc, "10.9.0.0/24", "a", None).await;
    let named = [("Name", "web"), ("Owner", "office")];
    let group = aws.ec2.create_security_group().vpc_id(&vpc);
    let group = group.group_name("web").description("of the office");
    let group = group.tag_specifications(tags(ResourceType::SecurityGroup, &named));
    let group = group.send().await.unwrap().group_id.unwrap();
    let range = IpRange::builder().cidr_ip("10.0.0.0/8").build();
    let rule = IpPermission::builder().ip_protocol("tcp").ip_ranges(range);
    let rule = rule.from_port(443).to_port(443).build();
    let request = aws.ec2.authorize_security_group_ingress();
    let request = request.group_id(&group).ip_permissions(rule);
    request.send().await.unwrap();
    (vpc, subnet)
}

/// How many objects bear a tag of s3net.
async fn marked(aws: &Aws) -> usize {
    let tags = aws.ec2.describe_tags().send().await.unwrap();
    let ours = |key: Option<&str>| key == Some("s3net:address");
    tags.tags().iter().filter(|tag| ours(tag.key())).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_is_adopted_as_it_is_written() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let (vpc, _) = build(&aws).await;
    // Without a word of the user nothing is adopted.
    let ran = import(&lab, &vpc, &["--adopt"]).exits(1);
    assert!(ran.err.contains("--auto-approve"), "{}", ran.err);
    assert_eq!(marked(&aws).await, 0);
    import(&lab, &vpc, &["--adopt", "--auto-approve", "--force"]).exits(0);
    // The VPC, the subnet, the group and its two rules.
    assert_eq!(marked(&aws).await, 5);
    lab.run(&["plan", FILE, "--local", "--detailed-exitcode"])
        .exits(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_by_then_is_not_changed() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let (vpc, subnet) = build(&aws).await;
    endpoint();
    // The second question who asks is that of the plan.
    lab.fault(json!({ "action": "sts:GetCallerIdentity", "nth": 2, "delay": 6 }));
    let args = [
        "import",
        "--local",
        "--region",
        "ap-northeast-1",
        "--vpc",
        &vpc,
        "--write",
        FILE,
        "--adopt",
        "--auto-approve",
    ];
    let child = lab
        .command(&args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let file = lab.folder.path().join(FILE);
    let start = Instant::now();
    while !file.exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "no file comes");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let on = AttributeBooleanValue::builder().value(true).build();
    let request = aws.ec2.modify_subnet_attribute().subnet_id(&subnet);
    let request = request.map_public_ip_on_launch(on);
    request.send().await.unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap()).exits(1);
    assert_eq!(lab.faults_to_come(), 0);
    let told = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        told.contains("the plan of the written file would do more than adopt"),
        "{}",
        ran.err
    );
    assert_eq!(marked(&aws).await, 0);
    let found = aws.ec2.describe_subnets().subnet_ids(&subnet);
    let found = found.send().await.unwrap();
    assert_eq!(found.subnets()[0].map_public_ip_on_launch(), Some(true));
    let listed = lab.run(&["state", "list", FILE, "--local"]).exits(0);
    assert_eq!(listed.out, "");
}

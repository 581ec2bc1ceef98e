//! What AWS itself says of an account, by raw reads: every attribute and tag
//! that an update of three-ways can touch, in words without ids.

use aws_sdk_ec2::types::{Tag, VpcAttributeName};
use s3net::aws::Aws;

use crate::kill::census::census;

/// One line an object, sorted: what it is tied to, its tags, its texts.
pub async fn picture(aws: &Aws) -> Vec<String> {
    let ec2 = &aws.ec2;
    let mut lines = census(aws, "no such account").await;
    for vpc in ec2.describe_vpcs().send().await.unwrap().vpcs() {
        let id = vpc.vpc_id().unwrap();
        lines.push(tags("vpc", vpc.tags()));
        for name in [
            VpcAttributeName::EnableDnsHostnames,
            VpcAttributeName::EnableDnsSupport,
        ] {
            let asked = ec2
                .describe_vpc_attribute()
                .vpc_id(id)
                .attribute(name.clone());
            let told = asked.send().await.unwrap();
            let set = told.enable_dns_hostnames().or(told.enable_dns_support());
            lines.push(format!("{id} {name} {:?}", set.and_then(|it| it.value())));
        }
    }
    for subnet in ec2.describe_subnets().send().await.unwrap().subnets() {
        let public = subnet.map_public_ip_on_launch();
        let zone = subnet.availability_zone();
        lines.push(tags("subnet", subnet.tags()) + &format!(" {zone:?} {public:?}"));
    }
    for table in ec2
        .describe_route_tables()
        .send()
        .await
        .unwrap()
        .route_tables()
    {
        lines.push(tags("table", table.tags()));
    }
    for group in ec2
        .describe_security_groups()
        .send()
        .await
        .unwrap()
        .security_groups()
    {
        let about = group.description();
        lines.push(tags("group", group.tags()) + &format!(" {about:?}"));
    }
    for address in ec2.describe_addresses().send().await.unwrap().addresses() {
        lines.push(tags("address", address.tags()) + &format!(" {:?}", address.public_ip()));
    }
    for nat in ec2
        .describe_nat_gateways()
        .send()
        .await
        .unwrap()
        .nat_gateways()
    {
        lines.push(tags("nat", nat.tags()));
    }
    for endpoint in ec2
        .describe_vpc_endpoints()
        .send()
        .await
        .unwrap()
        .vpc_endpoints()
    {
        let state = endpoint.state().unwrap().as_str().to_lowercase();
        if state != "deleted" {
            let dns = endpoint.private_dns_enabled();
            let policy = endpoint.policy_document();
            lines.push(tags("endpoint", endpoint.tags()) + &format!(" {dns:?} {policy:?}"));
        }
    }
    let reservations = ec2.describe_instances().send().await.unwrap();
    let instances = reservations
        .reservations()
        .iter()
        .flat_map(|r| r.instances());
    for instance in instances {
        let state = instance.state().and_then(|it| it.name()).unwrap();
        if state.as_str() != "terminated" {
            lines.push(
                tags("instance", instance.tags())
                    + &format!(
                        " {:?} {:?} {:?} {:?}",
                        instance.private_ip_address(),
                        instance.instance_type(),
                        instance.image_id(),
                        instance.source_dest_check(),
                    ),
            );
        }
    }
    for role in aws.iam.list_roles().send().await.unwrap().roles() {
        let name = role.role_name();
        let all = aws
            .iam
            .list_role_tags()
            .role_name(name)
            .send()
            .await
            .unwrap();
        let mut all: Vec<String> = all
            .tags()
            .iter()
            .map(|tag| format!("{}={}", tag.key(), tag.value()))
            .collect();
        all.sort();
        lines.push(format!("role {name} {}", all.join(" ")));
        let policies = aws
            .iam
            .list_role_policies()
            .role_name(name)
            .send()
            .await
            .unwrap();
        for policy in policies.policy_names() {
            let asked = aws
                .iam
                .get_role_policy()
                .role_name(name)
                .policy_name(policy);
            let document = asked.send().await.unwrap();
            lines.push(format!("policy {policy} {}", document.policy_document()));
        }
    }
    for bucket in aws.s3.list_buckets().send().await.unwrap().buckets() {
        let name = bucket.name().unwrap();
        let all = aws
            .s3
            .get_bucket_tagging()
            .bucket(name)
            .send()
            .await
            .unwrap();
        let mut all: Vec<String> = all
            .tag_set()
            .iter()
            .map(|tag| format!("{}={}", tag.key(), tag.value()))
            .collect();
        all.sort();
        lines.push(format!("bucket {name} {}", all.join(" ")));
    }
    lines.sort();
    lines
}

/// An object's tags, without what its creation alone writes.
fn tags(what: &str, tags: &[Tag]) -> String {
    let kept = tags.iter().filter(|tag| tag.key() != Some("s3net:token"));
    let mut kept: Vec<String> = kept
        .map(|tag| format!("{}={}", tag.key().unwrap(), tag.value().unwrap()))
        .collect();
    kept.sort();
    format!("{what} {}", kept.join(" "))
}

/// A text with `#` for the digits of AWS's ids: what is made again has others.
pub fn without_ids(text: &str) -> String {
    let mut words = String::new();
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let hex = word.trim_end_matches(|c: char| !c.is_alphanumeric());
        let is_id = hex.len() >= 8 && hex.chars().all(|c| c.is_ascii_hexdigit());
        words.push_str(if is_id { "#" } else { word });
    }
    words
}

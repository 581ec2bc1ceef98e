//! Objects that others made become a stack's own: `[[import]]`.

use aws_sdk_ec2::types::{IpPermission, IpRange, Tag};
use aws_sdk_s3::types::{
    BucketLocationConstraint, BucketVersioningStatus, CreateBucketConfiguration,
    PublicAccessBlockConfiguration, VersioningConfiguration,
};
use s3net::aws::Aws;
use serde_json::Value;

use crate::lab::Lab;

mod by_id;
mod failed;

/// What somebody has built by hand, by its ids.
pub struct Found {
    /// Of its VPC.
    pub vpc: String,
    /// Of the subnet in it.
    pub subnet: String,
    /// Of the internet gateway that is attached to it.
    pub gateway: String,
    /// Of the route table by which the subnet lives.
    pub table: String,
    /// Of the security group.
    pub group: String,
}

impl Found {
    /// A VPC with a subnet that goes out, a group, a bucket and a role, in which
    /// more stands than the file will want: a route, a rule and a tag.
    pub async fn build(aws: &Aws, bucket: &str) -> Self {
        let ec2 = &aws.ec2;
        let vpc = ec2.create_vpc().cidr_block("10.0.0.0/16");
        let vpc = vpc.send().await.unwrap().vpc.unwrap().vpc_id.unwrap();
        for on in [true, false] {
            let value = aws_sdk_ec2::types::AttributeBooleanValue::builder();
            let value = value.value(true).build();
            let change = ec2.modify_vpc_attribute().vpc_id(&vpc);
            let change = match on {
                true => change.enable_dns_support(value),
                false => change.enable_dns_hostnames(value),
            };
            change.send().await.unwrap();
        }
        let subnet = ec2.create_subnet().vpc_id(&vpc).cidr_block("10.0.1.0/24");
        let subnet = subnet.availability_zone("ap-northeast-1a").send().await;
        let subnet = subnet.unwrap().subnet.unwrap().subnet_id.unwrap();
        let gateway = ec2.create_internet_gateway().send().await.unwrap();
        let gateway = gateway
            .internet_gateway
            .unwrap()
            .internet_gateway_id
            .unwrap();
        let attach = ec2.attach_internet_gateway().vpc_id(&vpc);
        attach.internet_gateway_id(&gateway).send().await.unwrap();
        let table = ec2.create_route_table().vpc_id(&vpc).send().await.unwrap();
        let table = table.route_table.unwrap().route_table_id.unwrap();
        for to in ["0.0.0.0/0", "192.0.2.0/24"] {
            let route = ec2.create_route().route_table_id(&table);
            let route = route.destination_cidr_block(to).gateway_id(&gateway);
            route.send().await.unwrap();
        }
        let join = ec2.associate_route_table().route_table_id(&table);
        join.subnet_id(&subnet).send().await.unwrap();
        let group = ec2.create_security_group().vpc_id(&vpc).group_name("web");
        let group = group.description("the office's").send().await.unwrap();
        let group = group.group_id.unwrap();
        for port in [443, 22] {
            let range = IpRange::builder().cidr_ip("10.0.0.0/8").build();
            let rule = IpPermission::builder().ip_protocol("tcp").ip_ranges(range);
            let rule = rule.from_port(port).to_port(port).build();
            let request = ec2.authorize_security_group_ingress().group_id(&group);
            request.ip_permissions(rule).send().await.unwrap();
        }
        let tag = Tag::builder().key("CostCentre").value("7").build();
        let tags = ec2.create_tags().resources(&vpc).resources(&group);
        tags.tags(tag).send().await.unwrap();
        let region = BucketLocationConstraint::ApNortheast1;
        let place = CreateBucketConfiguration::builder().location_constraint(region);
        let made = aws.s3.create_bucket().bucket(bucket);
        let made = made.create_bucket_configuration(place.build());
        made.send().await.unwrap();
        let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled);
        let request = aws.s3.put_bucket_versioning().bucket(bucket);
        let request = request.versioning_configuration(on.build());
        request.send().await.unwrap();
        let block = PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true);
        let request = aws.s3.put_public_access_block().bucket(bucket);
        let request = request.public_access_block_configuration(block.build());
        request.send().await.unwrap();
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        let role = aws.iam.create_role().role_name("office");
        let role = role.assume_role_policy_document(trust);
        role.send().await.unwrap();
        let profile = aws.iam.create_instance_profile();
        let profile = profile.instance_profile_name("office");
        profile.send().await.unwrap();
        let join = aws.iam.add_role_to_instance_profile().role_name("office");
        join.instance_profile_name("office").send().await.unwrap();
        Self {
            vpc,
            subnet,
            gateway,
            table,
            group,
        }
    }

    /// The file that wants all of it.
    pub fn file(&self, bucket: &str) -> String {
        let imports = [
            ("vpc.main", self.vpc.as_str()),
            ("subnet.one", &self.subnet),
            ("internet_gateway.main", &self.gateway),
            ("route_table.public", &self.table),
            ("security_group.web", &self.group),
            ("bucket.data", bucket),
            ("role.office", "office"),
        ];
        let imports = imports.map(|(to, id)| format!("[[import]]\nto = \"{to}\"\nid = \"{id}\"\n"));
        format!(
            "{FILE}\n[bucket.data]\nname = \"{bucket}\"\nversioning = true\n\n{}",
            imports.join("\n")
        )
    }
}

const FILE: &str = r#"
[stack]
name = "adopting"
region = "ap-northeast-1"

[vpc.main]
cidr = "10.0.0.0/16"

[subnet.one]
vpc = "main"
cidr = "10.0.1.0/24"
zone = "a"

[internet_gateway.main]
vpc = "main"

[route_table.public]
vpc = "main"
subnets = ["one"]
routes = [{ to = "0.0.0.0/0", via = "internet_gateway.main" }]

[security_group.web]
vpc = "main"
ingress = [{ port = 443, from = "10.0.0.0/8" }]

[role.office]
service = "ec2"
name = "office"
path = "/"
"#;

async fn tags_of(aws: &Aws, id: &str) -> std::collections::BTreeMap<String, String> {
    let by = aws_sdk_ec2::types::Filter::builder()
        .name("resource-id")
        .values(id);
    let found = aws
        .ec2
        .describe_tags()
        .filters(by.build())
        .send()
        .await
        .unwrap();
    let tags = found.tags().iter();
    let tags = tags.map(|tag| {
        (
            tag.key().unwrap().to_owned(),
            tag.value().unwrap().to_owned(),
        )
    });
    tags.collect()
}

/// Everything that a plan changes, as `action address`.
fn changes(plan: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(plan.lines().next().unwrap()).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let changes = document["changes"].as_array().unwrap().iter();
    let mut changes: Vec<String> = changes
        .map(|change| format!("{} {}", text(&change["action"]), text(&change["address"])))
        .collect();
    changes.sort();
    changes
}

#[tokio::test]
async fn a_network_built_by_hand_becomes_a_stack() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let found = Found::build(&aws, &lab.bucket()).await;
    lab.write(&found.file(&lab.bucket()));
    let planned = lab.verb("plan", &["--json"]).exits(0);
    assert_eq!(
        changes(&planned.out),
        [
            "adopt bucket.data",
            "adopt internet_gateway.main",
            "adopt role.office",
            "adopt role.office/instance_profile",
            "adopt route_table.public",
            "adopt security_group.web",
            "adopt security_group.web/egress:all:all:0.0.0.0/0",
            "adopt security_group.web/ingress:tcp:443:10.0.0.0/8",
            "adopt subnet.one",
            "adopt vpc.main",
        ]
    );
    let shown = lab.plan().exits(2);
    for text in [
        format!("  > vpc.main  {}", found.vpc).as_str(),
        "Plan: 10 to adopt, 0 to create, 0 to change, 0 to replace, 0 to destroy.",
        "2 foreign things in 2 objects are left alone",
    ] {
        assert!(
            shown.out.contains(text),
            "`{text}` is not in\n{}",
            shown.out
        );
    }
    lab.apply().exits(0);
    // The block says nothing more, and may stay or go.
    lab.plan().exits(0);
    let tags = tags_of(&aws, &found.vpc).await;
    assert_eq!(tags["s3net:address"], "vpc.main");
    assert_eq!(tags["CostCentre"], "7");
    // What belongs to no region says which one its stack lives in.
    let role = aws.iam.get_role().role_name("office").send().await.unwrap();
    let region = role.role().unwrap().tags().iter();
    let region = region.filter(|tag| tag.key() == "s3net:region");
    let region: Vec<&str> = region.map(|tag| tag.value()).collect();
    assert_eq!(region, ["ap-northeast-1"]);
    let text = lab.text();
    let (wanted, _) = text.split_once("[[import]]").unwrap();
    lab.write(wanted);
    lab.plan().exits(0);
    // What was beyond the file is still there.
    let table = aws
        .ec2
        .describe_route_tables()
        .route_table_ids(&found.table);
    let table = table.send().await.unwrap();
    let routes = table.route_tables()[0].routes().iter();
    let to: Vec<&str> = routes
        .filter_map(|route| route.destination_cidr_block())
        .collect();
    assert!(to.contains(&"192.0.2.0/24"), "{to:?}");
    // Without the state, the tags still tell.
    std::fs::remove_dir_all(lab.folder.path().join("state")).unwrap();
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

#[tokio::test]
async fn what_differs_is_changed_as_it_is_adopted() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let found = Found::build(&aws, &lab.bucket()).await;
    lab.write(&found.file(&lab.bucket()));
    lab.edit("zone = \"a\"", "zone = \"a\"\nmap_public_ip = true");
    lab.edit(
        "ingress = [{ port = 443, from = \"10.0.0.0/8\" }]",
        "ingress = [{ port = 443, from = \"10.0.0.0/8\" }, { port = 80, from = \"10.0.0.0/8\" }]",
    );
    let shown = lab.plan().exits(2);
    for text in [
        "map_public_ip: false → true",
        "Plan: 10 to adopt, 1 to create, 0 to change, 0 to replace, 0 to destroy.",
    ] {
        assert!(
            shown.out.contains(text),
            "`{text}` is not in\n{}",
            shown.out
        );
    }
    lab.apply().exits(0);
    lab.plan().exits(0);
    let subnet = aws.ec2.describe_subnets().subnet_ids(&found.subnet);
    let subnet = subnet.send().await.unwrap();
    assert_eq!(subnet.subnets()[0].map_public_ip_on_launch(), Some(true));
}

#[tokio::test]
async fn what_cannot_be_adopted_is_refused_and_nothing_is_changed() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let found = Found::build(&aws, &lab.bucket()).await;
    let file = found.file(&lab.bucket());
    let refused = |says: &[&str]| {
        lab.calls();
        let ran = lab.apply().exits(1);
        let told = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in says {
            assert!(told.contains(text), "`{text}` is not in\n{}", ran.err);
        }
        ran
    };
    // It would be made anew.
    lab.write(&file.replace("10.0.1.0/24", "10.0.2.0/24"));
    refused(&[
        &format!("subnet.one cannot adopt {}: `cidr` differs", found.subnet),
        "adopting never destroys",
    ]);
    // What stands in it would be deleted.
    lab.write(&file.replace("subnets = [\"one\"]\n", ""));
    refused(&["the file does not list route_table.public/association:one"]);
    // There is no such thing.
    lab.write(&file.replace(&found.vpc, "vpc-0000000000000000f"));
    refused(&["vpc.main cannot adopt vpc-0000000000000000f: account"]);
    assert_eq!(tags_of(&aws, &found.vpc).await.len(), 1);
    // It is another's.
    lab.write(&file);
    lab.apply().exits(0);
    lab.edit("name = \"adopting\"", "name = \"another\"");
    refused(&[
        &format!(
            "vpc.main cannot adopt {}: it is vpc.main of s3net's stack adopting",
            found.vpc
        ),
        "let that stack forget it first",
    ]);
    // It is ours elsewhere.
    lab.edit("name = \"another\"", "name = \"adopting\"");
    lab.write(&format!(
        "{}\n[subnet.two]\nvpc = \"main\"\ncidr = \"10.0.7.0/24\"\nzone = \"a\"\n",
        lab.text()
            .replace("to = \"subnet.one\"", "to = \"subnet.two\"")
    ));
    refused(&["it is subnet.one of this stack already"]);
}

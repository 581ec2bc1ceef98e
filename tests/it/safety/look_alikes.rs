//! Twins of the stack's own objects, of another stack or of nobody, beside it
//! through apply, change and destroy: described field by field before and
//! after, they are the same.

use aws_sdk_ec2::types::{DomainType, Filter, ResourceType, Tag, TagSpecification};
use s3net::aws::Aws;

use crate::lab::Lab;

/// Whose a twin is made to look.
#[derive(Clone, Copy)]
enum Look {
    /// Tags of another stack, with the same addresses.
    AnotherStack,
    /// No tag but the name.
    Nobody,
}

impl Look {
    fn tags(self, kind: &str, name: &str) -> Vec<Tag> {
        let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build();
        let mut tags = vec![tag("Name", &format!("three-ways-{name}"))];
        if let Self::AnotherStack = self {
            tags.push(tag("s3net:stack", "three-ways-2"));
            tags.push(tag("s3net:address", &format!("{kind}.{name}")));
        }
        tags
    }

    fn specification(self, resource: ResourceType, kind: &str, name: &str) -> TagSpecification {
        TagSpecification::builder()
            .resource_type(resource)
            .set_tags(Some(self.tags(kind, name)))
            .build()
    }
}

/// Builds a network that looks like the stack's; gives its VPC's id.
async fn network(aws: &Aws, look: Look) -> String {
    let ec2 = &aws.ec2;
    let made = ec2
        .create_vpc()
        .cidr_block("10.0.0.0/16")
        .tag_specifications(look.specification(ResourceType::Vpc, "vpc", "main"))
        .send()
        .await
        .unwrap();
    let vpc = made.vpc().unwrap().vpc_id().unwrap().to_owned();
    let made = ec2
        .create_subnet()
        .vpc_id(&vpc)
        .cidr_block("10.0.1.0/24")
        .availability_zone("ap-northeast-1a")
        .tag_specifications(look.specification(ResourceType::Subnet, "subnet", "private-1"))
        .send()
        .await
        .unwrap();
    let subnet = made.subnet().unwrap().subnet_id().unwrap().to_owned();
    let made = ec2
        .create_internet_gateway()
        .tag_specifications(look.specification(
            ResourceType::InternetGateway,
            "internet_gateway",
            "main",
        ))
        .send()
        .await
        .unwrap();
    let gateway = made
        .internet_gateway()
        .unwrap()
        .internet_gateway_id()
        .unwrap();
    let request = ec2.attach_internet_gateway().internet_gateway_id(gateway);
    request.vpc_id(&vpc).send().await.unwrap();
    let table = look.specification(ResourceType::RouteTable, "route_table", "private-1");
    let request = ec2
        .create_route_table()
        .vpc_id(&vpc)
        .tag_specifications(table);
    let made = request.send().await.unwrap();
    let table = made
        .route_table()
        .unwrap()
        .route_table_id()
        .unwrap()
        .to_owned();
    let request = ec2
        .create_route()
        .route_table_id(&table)
        .gateway_id(gateway);
    request
        .destination_cidr_block("0.0.0.0/0")
        .send()
        .await
        .unwrap();
    let request = ec2.associate_route_table().route_table_id(&table);
    request.subnet_id(&subnet).send().await.unwrap();
    let made = ec2
        .create_security_group()
        .group_name("three-ways-instance")
        .description("The three instances")
        .vpc_id(&vpc)
        .tag_specifications(look.specification(
            ResourceType::SecurityGroup,
            "security_group",
            "instance",
        ))
        .send()
        .await
        .unwrap();
    let group = made.group_id().unwrap().to_owned();
    let request = ec2.authorize_security_group_ingress().group_id(&group);
    let request = request.ip_protocol("tcp").from_port(443).to_port(443);
    request.cidr_ip("10.0.0.0/16").send().await.unwrap();
    ec2.create_vpc_endpoint()
        .vpc_id(&vpc)
        .service_name("com.amazonaws.ap-northeast-1.s3")
        .route_table_ids(&table)
        .tag_specifications(look.specification(ResourceType::VpcEndpoint, "gateway_endpoint", "s3"))
        .send()
        .await
        .unwrap();
    ec2.allocate_address()
        .domain(DomainType::Vpc)
        .tag_specifications(look.specification(ResourceType::ElasticIp, "elastic_ip", "nat"))
        .send()
        .await
        .unwrap();
    let images = ec2.describe_images().send().await.unwrap();
    ec2.run_instances()
        .image_id(images.images()[0].image_id().unwrap())
        .subnet_id(&subnet)
        .security_group_ids(&group)
        .min_count(1)
        .max_count(1)
        .tag_specifications(look.specification(ResourceType::Instance, "instance", "one"))
        .send()
        .await
        .unwrap();
    vpc
}

/// A bucket and a role of somebody else with names like the stack's.
async fn by_name(aws: &Aws, bucket: &str) {
    use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
    let place = CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::ApNortheast1)
        .build();
    let request = aws.s3.create_bucket().bucket(bucket);
    request
        .create_bucket_configuration(place)
        .send()
        .await
        .unwrap();
    let body = aws_sdk_s3::primitives::ByteStream::from_static(b"theirs");
    let request = aws.s3.put_object().bucket(bucket).key("theirs");
    request.body(body).send().await.unwrap();
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let request = aws.iam.create_role().role_name("three-ways-instance-2");
    let request = request.path("/s3net/three-ways-2/");
    request
        .assume_role_policy_document(trust)
        .send()
        .await
        .unwrap();
}

async fn zone(aws: &Aws, vpc: &str) -> String {
    use aws_sdk_route53::types::{Vpc, VpcRegion};
    let vpc = Vpc::builder()
        .vpc_id(vpc)
        .vpc_region(VpcRegion::ApNortheast1);
    let request = aws.route53.create_hosted_zone().name("inner.example");
    let request = request.vpc(vpc.build()).caller_reference(vpc_reference());
    let made = request.send().await.unwrap();
    made.hosted_zone().unwrap().id().to_owned()
}

fn vpc_reference() -> String {
    format!("{:?}", std::time::SystemTime::now())
}

/// Every field of everything that is not the stack's, as AWS tells it.
async fn portrait(aws: &Aws, vpcs: &[String], bucket: &str, zone: &str) -> Vec<String> {
    let ec2 = &aws.ec2;
    let here = |name: &str| {
        let filter = Filter::builder().name(name).set_values(Some(vpcs.to_vec()));
        filter.build()
    };
    let mut lines = Vec::new();
    let mut add = |of: &str, item: String| lines.push(format!("{of}: {item}"));
    let answer = ec2
        .describe_vpcs()
        .filters(here("vpc-id"))
        .send()
        .await
        .unwrap();
    answer
        .vpcs()
        .iter()
        .for_each(|it| add("vpc", format!("{it:?}")));
    let answer = ec2
        .describe_subnets()
        .filters(here("vpc-id"))
        .send()
        .await
        .unwrap();
    answer
        .subnets()
        .iter()
        .for_each(|it| add("subnet", format!("{it:?}")));
    let answer = ec2
        .describe_route_tables()
        .filters(here("vpc-id"))
        .send()
        .await
        .unwrap();
    answer
        .route_tables()
        .iter()
        .for_each(|it| add("table", format!("{it:?}")));
    let answer = ec2
        .describe_security_groups()
        .filters(here("vpc-id"))
        .send()
        .await
        .unwrap();
    answer
        .security_groups()
        .iter()
        .for_each(|it| add("group", format!("{it:?}")));
    let answer = ec2
        .describe_vpc_endpoints()
        .filters(here("vpc-id"))
        .send()
        .await
        .unwrap();
    answer
        .vpc_endpoints()
        .iter()
        .for_each(|it| add("endpoint", format!("{it:?}")));
    let answer = ec2
        .describe_network_interfaces()
        .filters(here("vpc-id"))
        .send()
        .await
        .unwrap();
    answer
        .network_interfaces()
        .iter()
        .for_each(|it| add("interface", format!("{it:?}")));
    let answer = ec2
        .describe_internet_gateways()
        .filters(here("attachment.vpc-id"))
        .send()
        .await;
    answer
        .unwrap()
        .internet_gateways()
        .iter()
        .for_each(|it| add("gateway", format!("{it:?}")));
    let answer = ec2
        .describe_instances()
        .filters(here("vpc-id"))
        .send()
        .await
        .unwrap();
    for reservation in answer.reservations() {
        reservation
            .instances()
            .iter()
            .for_each(|it| add("instance", format!("{it:?}")));
    }
    let answer = ec2.describe_addresses().send().await.unwrap();
    for address in answer.addresses() {
        let ours = |it: &Tag| it.key() == Some("s3net:stack") && it.value() == Some("three-ways");
        if !address.tags().iter().any(ours) {
            add("address", format!("{address:?}"));
        }
    }
    let answer = aws
        .s3
        .list_objects_v2()
        .bucket(bucket)
        .send()
        .await
        .unwrap();
    answer
        .contents()
        .iter()
        .for_each(|it| add("object", format!("{it:?}")));
    let answer = aws
        .iam
        .get_role()
        .role_name("three-ways-instance-2")
        .send()
        .await
        .unwrap();
    add("role", format!("{:?}", answer.role()));
    let answer = aws.route53.get_hosted_zone().id(zone).send().await.unwrap();
    add(
        "zone",
        format!("{:?} {:?}", answer.hosted_zone(), answer.vpcs()),
    );
    let answer = aws
        .route53
        .list_resource_record_sets()
        .hosted_zone_id(zone)
        .send()
        .await;
    add(
        "records",
        format!("{:?}", answer.unwrap().resource_record_sets()),
    );
    lines.sort();
    lines
}

#[tokio::test]
async fn look_alikes_stay_untouched_through_apply_change_and_destroy() {
    let lab = Lab::with_plan("three-ways.toml");
    lab.expect_nothing();
    let text = lab.text();
    lab.write(&format!(
        "{text}\n[private_zone.inner]\nname = \"inner.example\"\nvpcs = [\"main\"]\n"
    ));
    let aws = lab.aws().await;
    let vpcs = [
        network(&aws, Look::AnotherStack).await,
        network(&aws, Look::Nobody).await,
    ];
    let bucket = format!("{}-2", lab.bucket());
    by_name(&aws, &bucket).await;
    let zone = zone(&aws, &vpcs[1]).await;
    // What is pending is shown so once.
    portrait(&aws, &vpcs, &bucket, &zone).await;
    let before = portrait(&aws, &vpcs, &bucket, &zone).await;
    let same = |when: &str, after: Vec<String>| {
        let changed: Vec<_> = after.iter().filter(|it| !before.contains(it)).collect();
        assert!(
            changed.is_empty(),
            "{when}, these are new or changed: {changed:#?}"
        );
        assert_eq!(before.len(), after.len(), "{when}, something is gone");
    };

    lab.apply().exits(0);
    same("after apply", portrait(&aws, &vpcs, &bucket, &zone).await);
    lab.plan().exits(0);
    // They do look alike: ours have the same names.
    let groups = aws.ec2.describe_security_groups().send().await.unwrap();
    let named = groups.security_groups().iter();
    let named = named.filter(|it| it.group_name() == Some("three-ways-instance"));
    assert_eq!(named.count(), 3);

    // A change in place, a replacement, and a removal.
    lab.edit(
        "from = \"security_group.instance\"",
        "from = \"10.0.0.0/16\"",
    );
    lab.edit("cidr = \"10.0.3.0/24\"", "cidr = \"10.0.9.0/24\"");
    lab.edit(
        "routes = [{ to = \"0.0.0.0/0\", via = \"nat_gateway.main\" }]\n",
        "",
    );
    lab.apply().exits(0);
    same(
        "after a change",
        portrait(&aws, &vpcs, &bucket, &zone).await,
    );
    lab.destroy().exits(0);
    same("after destroy", portrait(&aws, &vpcs, &bucket, &zone).await);
}

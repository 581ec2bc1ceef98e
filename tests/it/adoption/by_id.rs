//! `import ADDRESS ID`, for every kind that has it: made by plain calls, imported
//! by its id or name, and nothing is left to plan.

use aws_sdk_ec2::types::{IamInstanceProfileSpecification, VpcEndpointType};
use aws_sdk_route53::types::{Vpc, VpcRegion};
use s3net::aws::Aws;
use s3net::kinds::registry;

use super::Found;
use crate::lab::{Lab, made_nat_gateway};

/// What stands beside what [`Found`] builds.
const MORE: &str = r#"
[subnet.two]
vpc = "main"
cidr = "10.0.2.0/24"
zone = "a"

[elastic_ip.nat]

[nat_gateway.main]
subnet = "one"
elastic_ip = "nat"

[route_table.private]
vpc = "main"
subnets = ["two"]
routes = [{ to = "0.0.0.0/0", via = "nat_gateway.main" }]

[gateway_endpoint.s3]
vpc = "main"
service = "s3"
route_tables = ["private"]

[interface_endpoint.s3]
vpc = "main"
service = "s3"
subnets = ["two"]
security_groups = ["web"]
private_dns = false

[private_zone.data]
name = "data.example"
vpcs = ["main"]
comment = ""

[instance.one]
subnet = "two"
security_groups = ["web"]
role = "office"
type = "t3.small"
image = "IMAGE"
metadata_tokens = "optional"
"#;

/// The tables of the file, each with the id or name of its object, and the image
/// of the instance.
async fn built(aws: &Aws, bucket: &str) -> (Vec<(&'static str, String)>, String) {
    let Found {
        vpc,
        subnet,
        gateway,
        table,
        group,
    } = Found::build(aws, bucket).await;
    let ec2 = &aws.ec2;
    let two = ec2.create_subnet().vpc_id(&vpc).cidr_block("10.0.2.0/24");
    let two = two.availability_zone("ap-northeast-1a").send().await;
    let two = two.unwrap().subnet.unwrap().subnet_id.unwrap();
    let (address, nat) = made_nat_gateway(aws, &subnet).await;
    let private = ec2.create_route_table().vpc_id(&vpc).send().await.unwrap();
    let private = private.route_table.unwrap().route_table_id.unwrap();
    let join = ec2.associate_route_table().route_table_id(&private);
    join.subnet_id(&two).send().await.unwrap();
    let route = ec2.create_route().route_table_id(&private);
    let route = route.destination_cidr_block("0.0.0.0/0");
    route.nat_gateway_id(&nat).send().await.unwrap();
    let s3 = "com.amazonaws.ap-northeast-1.s3";
    let by_gateway = ec2.create_vpc_endpoint().vpc_id(&vpc).service_name(s3);
    let by_gateway = by_gateway.route_table_ids(&private).send().await.unwrap();
    let by_gateway = by_gateway.vpc_endpoint.unwrap().vpc_endpoint_id.unwrap();
    let by_interface = ec2
        .create_vpc_endpoint()
        .vpc_id(&vpc)
        .service_name(s3)
        .vpc_endpoint_type(VpcEndpointType::Interface)
        .subnet_ids(&two)
        .security_group_ids(&group)
        .private_dns_enabled(false);
    let by_interface = by_interface.send().await.unwrap().vpc_endpoint.unwrap();
    let by_interface = by_interface.vpc_endpoint_id.unwrap();
    let of_vpc = Vpc::builder().vpc_id(&vpc);
    let of_vpc = of_vpc.vpc_region(VpcRegion::ApNortheast1).build();
    let zone = aws.route53.create_hosted_zone().name("data.example");
    let zone = zone.caller_reference(&vpc).vpc(of_vpc).send().await;
    let zone = zone.unwrap().hosted_zone.unwrap().id;
    let images = ec2.describe_images().owners("amazon").send().await.unwrap();
    let image = images.images()[0].image_id().unwrap().to_owned();
    let profile = IamInstanceProfileSpecification::builder().name("office");
    let instance = ec2
        .run_instances()
        .image_id(&image)
        .min_count(1)
        .max_count(1)
        .instance_type("t3.small".into())
        .subnet_id(&two)
        .security_group_ids(&group)
        .iam_instance_profile(profile.build());
    let instance = instance.send().await.unwrap();
    let instance = instance.instances()[0].instance_id().unwrap().to_owned();
    let all = vec![
        ("vpc.main", vpc),
        ("subnet.one", subnet),
        ("subnet.two", two),
        ("internet_gateway.main", gateway),
        ("route_table.public", table),
        ("elastic_ip.nat", address),
        ("nat_gateway.main", nat),
        ("route_table.private", private),
        ("security_group.web", group),
        ("gateway_endpoint.s3", by_gateway),
        ("interface_endpoint.s3", by_interface),
        // With the path that Route 53 itself puts before its ids.
        ("private_zone.data", zone),
        ("role.office", "office".to_owned()),
        ("instance.one", instance),
        ("bucket.data", bucket.to_owned()),
    ];
    (all, image)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_imported_by_its_id() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let (tables, image) = built(&aws, &lab.bucket()).await;
    let kind = |table: &str| table.split('.').next().unwrap().to_owned();
    for known in registry().tables().map(|kind| kind.about()) {
        let tried = tables.iter().any(|(table, _)| kind(table) == known.name);
        assert_eq!(tried, known.tagged, "{}", known.name);
    }
    let wanted = super::FILE.to_owned() + &MORE.replace("IMAGE", &image);
    let bucket = lab.bucket();
    lab.write(&format!(
        "{wanted}\n[bucket.data]\nname = \"{bucket}\"\nversioning = true\n"
    ));
    for (table, id) in &tables {
        lab.calls();
        let args = [
            "import",
            "plan.toml",
            table,
            id,
            "--local",
            "--auto-approve",
        ];
        lab.run(&args).exits(0);
        let calls = lab.calls()["counts"].as_object().unwrap().clone();
        let changing = calls.keys().filter(|call| {
            let action = call.rsplit(':').next().unwrap_or_default();
            let reads = ["Describe", "Get", "List", "Head", "Simulate"];
            !reads.iter().any(|read| action.starts_with(read))
        });
        let writing = |call: &String| call.contains("Tag");
        let others: Vec<&String> = changing.filter(|call| !writing(call)).collect();
        assert!(others.is_empty(), "{table}: {others:?}");
        // A second time there is nothing to do.
        let again = lab.run(&args).exits(0);
        let told = format!("{table} is this stack's already.");
        assert!(again.err.contains(&told), "{}", again.err);
    }
    lab.plan().exits(0);
    // The tags alone tell, too.
    std::fs::remove_dir_all(lab.folder.path().join("state")).unwrap();
    lab.plan().exits(0);
    // Also where the table that names a zone has left the file with the state.
    let text = lab.text();
    let (before, after) = text.split_once("[private_zone.data]").unwrap();
    let (_, after) = after.split_once("[instance.one]").unwrap();
    lab.write(&format!("{before}[instance.one]{after}"));
    let rebuilt = lab.run(&["state", "rebuild", "plan.toml", "--local", "--auto-approve"]);
    let rebuilt = rebuilt.exits(0);
    assert!(rebuilt.out.contains("private_zone.data"), "{}", rebuilt.out);
    lab.write(&text);
    lab.plan().exits(0);
    lab.destroy().exits(0);
}

//! A VPC whose public subnet lives by the main route table, as a console's
//! wizard leaves it: its NAT gateway's way out stands in no table of the file.

use aws_sdk_ec2::types::ResourceType;
use s3net::aws::Aws;

use super::by_hand::{subnet, tags};
use super::{FILE, adopts_and_is_done, import, written};
use crate::lab::{Lab, made_nat_gateway};

/// A private subnet whose instance goes out by a NAT gateway; gives the VPC and
/// its main table.
async fn build(aws: &Aws) -> (String, String) {
    let ec2 = &aws.ec2;
    let request = ec2.create_vpc().cidr_block("10.9.0.0/16");
    let request = request.tag_specifications(tags(ResourceType::Vpc, &[("Name", "plain")]));
    let vpc = request.send().await.unwrap();
    let vpc = vpc.vpc().unwrap().vpc_id().unwrap().to_owned();
    let public = subnet(aws, &vpc, "10.9.0.0/24", "a", Some("public")).await;
    let private = subnet(aws, &vpc, "10.9.1.0/24", "a", Some("private")).await;
    let gateway = ec2.create_internet_gateway().send().await.unwrap();
    let gateway = gateway.internet_gateway().unwrap().internet_gateway_id();
    let gateway = gateway.unwrap().to_owned();
    let attach = ec2.attach_internet_gateway().internet_gateway_id(&gateway);
    attach.vpc_id(&vpc).send().await.unwrap();
    let tables = ec2.describe_route_tables().send().await.unwrap();
    let main = tables.route_tables().iter();
    let main = main.clone().find(|it| it.vpc_id() == Some(&vpc)).unwrap();
    let main = main.route_table_id().unwrap().to_owned();
    let out = ec2
        .create_route()
        .route_table_id(&main)
        .gateway_id(&gateway);
    let out = out.destination_cidr_block("0.0.0.0/0");
    out.send().await.unwrap();
    let (_, nat) = made_nat_gateway(aws, &public).await;
    let table = ec2.create_route_table().vpc_id(&vpc).send().await.unwrap();
    let table = table.route_table().unwrap().route_table_id();
    let table = table.unwrap().to_owned();
    let join = ec2.associate_route_table().route_table_id(&table);
    join.subnet_id(&private).send().await.unwrap();
    let route = ec2
        .create_route()
        .route_table_id(&table)
        .nat_gateway_id(&nat);
    let route = route.destination_cidr_block("0.0.0.0/0");
    route.send().await.unwrap();
    let images = ec2.describe_images().owners("amazon").send().await.unwrap();
    let image = images.images()[0].image_id().unwrap();
    let request = ec2
        .run_instances()
        .image_id(image)
        .min_count(1)
        .max_count(1);
    let request = request.instance_type("t3.small".into()).subnet_id(&private);
    request.send().await.unwrap();
    (vpc, main)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nat_gateway_by_the_main_table_can_be_planned() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let (vpc, main) = build(&aws).await;
    import(&lab, &vpc, &[]).exits(0);
    let text = written(&lab);
    assert!(
        text.contains(&format!("[existing.route_table.main]\nid = \"{main}\"")),
        "{text}"
    );
    let expecting = |text: &str| {
        let more =
            "[[expect]]\nfrom = \"instance.main\"\nto = \"ssm\"\nvia = \"nat_gateway.main\"\n";
        let path = lab.folder.path().join(FILE);
        std::fs::write(path, format!("{text}\n{more}")).unwrap();
    };
    // The plan judges by what stands in the live table.
    expecting(&text);
    adopts_and_is_done(&lab);
    // Once all is adopted the blocks may go.
    let (wanted, _) = text.split_once("\n[[import]]").unwrap();
    expecting(wanted);
    let plan = ["plan", FILE, "--local", "--detailed-exitcode"];
    lab.run(&plan).exits(0);
    let request = aws.ec2.delete_route().route_table_id(&main);
    let request = request.destination_cidr_block("0.0.0.0/0");
    request.send().await.unwrap();
    let broken = lab.run(&plan).exits(3);
    let told = broken.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        told.contains("has no route to the internet"),
        "{}",
        broken.err
    );
}

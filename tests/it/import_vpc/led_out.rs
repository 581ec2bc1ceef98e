//! A public subnet that leads out by something that no plan file can name (a
//! carrier gateway; the local endpoint has no firewalls), and a NAT gateway in it.

use aws_sdk_ec2::types::ResourceType;
use s3net::aws::Aws;

use super::by_hand::{subnet, tags};
use super::{FILE, adopts_and_is_done, import, written};
use crate::lab::{Lab, made_nat_gateway};

/// Builds the VPC; gives its id and that of what it is led out by.
async fn build(aws: &Aws) -> (String, String) {
    let ec2 = &aws.ec2;
    let request = ec2.create_vpc().cidr_block("10.9.0.0/16");
    let request = request.tag_specifications(tags(ResourceType::Vpc, &[("Name", "walled")]));
    let vpc = request.send().await.unwrap().vpc.unwrap().vpc_id.unwrap();
    let public = subnet(aws, &vpc, "10.9.0.0/24", "a", Some("public")).await;
    let gateway = ec2.create_internet_gateway().send().await.unwrap();
    let gateway = gateway.internet_gateway.unwrap().internet_gateway_id;
    let attach = ec2.attach_internet_gateway().vpc_id(&vpc);
    let attach = attach.internet_gateway_id(gateway.unwrap());
    attach.send().await.unwrap();
    let carrier = ec2.create_carrier_gateway().vpc_id(&vpc);
    let carrier = carrier.send().await.unwrap().carrier_gateway.unwrap();
    let carrier = carrier.carrier_gateway_id.unwrap();
    let table = ec2.create_route_table().vpc_id(&vpc).send().await.unwrap();
    let table = table.route_table.unwrap().route_table_id.unwrap();
    let join = ec2.associate_route_table().route_table_id(&table);
    join.subnet_id(&public).send().await.unwrap();
    let out = ec2.create_route().route_table_id(&table);
    let out = out.destination_cidr_block("0.0.0.0/0");
    out.carrier_gateway_id(&carrier).send().await.unwrap();
    made_nat_gateway(aws, &public).await;
    (vpc, carrier)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nat_gateway_led_out_by_what_no_file_can_say_is_adopted() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let (vpc, carrier) = build(&aws).await;
    let ran = import(&lab, &vpc, &[]).exits(0);
    let text = written(&lab);
    let route = format!("the route to 0.0.0.0/0 via {carrier}");
    for told in [&ran.err, &text] {
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(&route), "{told}");
    }
    assert!(text.contains("its [[import]] is to stay"), "{text}");
    let warned = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        warned.contains(
            "warning: a public NAT gateway in a subnet without a route to an internet gateway"
        ),
        "{}",
        ran.err
    );
    adopts_and_is_done(&lab);
    // The file alone would be a mistake: nobody else made the gateway then.
    let (wanted, _) = text.split_once("\n[[import]]").unwrap();
    std::fs::write(lab.folder.path().join(FILE), wanted).unwrap();
    let refused = lab.run(&["plan", FILE, "--local"]).exits(1);
    assert!(refused.err.contains("error"), "{}", refused.err);
}

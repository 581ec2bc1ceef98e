//! What AWS refuses to remove for a while, or until somebody does something.

use std::time::Duration;

use aws_sdk_ec2::types::DomainType;
use aws_sdk_s3::primitives::ByteStream;
use serde_json::json;

use super::{
    ENDPOINT, NAT, Running, block_on, ends_well, lab, nothing_left, refusals, says, until,
};
use crate::lab::Lab;

#[test]
fn an_address_is_released_when_aws_lets_go_of_it() {
    let lab = lab(&[NAT]);
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.settings(json!({ "release_trouble_seconds": 3 }));
    lab.destroy().exits(0);
    let seen = refusals(&lab);
    for code in [
        "AuthFailure",
        "InvalidIPAddress.InUse",
        "InvalidNetworkInterfaceID.NotFound",
    ] {
        let name = format!("ReleaseAddress {code}");
        assert!(seen.contains_key(&name), "{name}: {seen:?}");
    }
    nothing_left(&lab);
}

#[test]
fn interfaces_that_outlive_their_endpoint_are_waited_for() {
    let lab = lab(&[ENDPOINT]);
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.settings(json!({ "lingering_interface_seconds": 3 }));
    lab.destroy().exits(0);
    let seen = refusals(&lab);
    for action in ["DeleteSubnet", "DeleteSecurityGroup"] {
        let name = format!("{action} DependencyViolation");
        assert!(seen.contains_key(&name), "{name}: {seen:?}");
    }
    nothing_left(&lab);
}

/// A NAT gateway that takes its time to go, and an address of somebody else's.
#[test]
fn a_gateway_is_detached_when_no_public_address_is_mapped() {
    let lab = lab(&[NAT]);
    lab.apply().exits(0);
    lab.settings(json!({ "deleting_seconds": { "nat_gateway": 2 } }));
    let (interface, association, address) = block_on(foreign_address(&lab));
    refusals(&lab);
    let run = Running::planned(&lab, "destroy");
    let detach = "DetachInternetGateway DependencyViolation";
    let mut seen = refusals(&lab);
    until(detach, || {
        seen.append(&mut refusals(&lab));
        seen.contains_key(detach)
    });
    std::thread::sleep(Duration::from_secs(1));
    block_on(async {
        let ec2 = lab.aws().await.ec2;
        let free = ec2.disassociate_address().association_id(association);
        free.send().await.unwrap();
        let release = ec2.release_address().allocation_id(address);
        release.send().await.unwrap();
        let delete = ec2.delete_network_interface();
        let delete = delete.network_interface_id(interface);
        delete.send().await.unwrap();
    });
    run.ended().exits(0);
    nothing_left(&lab);
}

/// An interface in our subnet with a public address, neither of them ours.
async fn foreign_address(lab: &Lab) -> (String, String, String) {
    let ec2 = lab.aws().await.ec2;
    let subnets = ec2.describe_subnets().send().await.unwrap();
    let ours = |s: &&aws_sdk_ec2::types::Subnet| s.cidr_block() == Some("10.0.0.0/24");
    let subnet = subnets.subnets().iter().find(ours).unwrap();
    let interface = ec2.create_network_interface();
    let interface = interface.subnet_id(subnet.subnet_id().unwrap());
    let interface = interface.send().await.unwrap();
    let interface = interface.network_interface().unwrap();
    let interface = interface.network_interface_id().unwrap().to_owned();
    let address = ec2.allocate_address().domain(DomainType::Vpc);
    let address = address.send().await.unwrap();
    let address = address.allocation_id().unwrap().to_owned();
    let associate = ec2.associate_address().allocation_id(&address);
    let associate = associate.network_interface_id(&interface);
    let association = associate.send().await.unwrap();
    let association = association.association_id().unwrap().to_owned();
    (interface, association, address)
}

#[test]
fn groups_that_refer_to_each_other_go() {
    let lab = lab(&[r#"
[security_group.a]
vpc = "main"
description = "a"
ingress = [
  { protocol = "tcp", port = 443, from = "security_group.b" },
  { protocol = "tcp", port = 80, from = "security_group.a" },
]
egress = [{ protocol = "tcp", port = 443, to = "security_group.c" }]

[security_group.b]
vpc = "main"
description = "b"
ingress = [{ protocol = "tcp", port = 443, from = "security_group.c" }]

[security_group.c]
vpc = "main"
description = "c"
ingress = [{ protocol = "tcp", port = 443, from = "security_group.a" }]
"#]);
    lab.apply().exits(0);
    refusals(&lab);
    ends_well(&lab);
    // The rules go first, so that no group is refused.
    let seen = refusals(&lab);
    assert!(
        !seen.contains_key("DeleteSecurityGroup DependencyViolation"),
        "{seen:?}"
    );
}

#[test]
fn a_bucket_that_is_not_empty_stays_and_says_so() {
    let lab = Lab::new();
    let bucket = lab.bucket();
    lab.write(&format!(
        "[stack]\nname = \"faults\"\nregion = \"ap-northeast-1\"\n\n[bucket.data]\nname = \"{bucket}\"\n"
    ));
    lab.apply().exits(0);
    block_on(async {
        let put = lab.aws().await.s3.put_object().bucket(&bucket).key("kept");
        put.body(ByteStream::from_static(b"x"))
            .send()
            .await
            .unwrap();
    });
    let refused = lab.destroy().exits(1);
    says(&refused, "bucket.data was not deleted");
    says(&refused, "BucketNotEmpty");
    says(&refused, "set `force_destroy = true` on the bucket");
    // Its object is still there, and its settings come back.
    let kept = block_on(async {
        let s3 = lab.aws().await.s3;
        s3.head_object().bucket(&bucket).key("kept").send().await
    });
    assert!(kept.is_ok(), "{kept:?}");
    lab.apply().exits(0);
    lab.plan().exits(0);
    lab.edit(
        &format!("name = \"{bucket}\""),
        &format!("name = \"{bucket}\"\nforce_destroy = true"),
    );
    lab.apply().exits(0);
    ends_well(&lab);
}

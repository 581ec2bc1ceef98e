//! Objects that AWS accepts and that then fail.

use serde_json::json;

use super::{ENDPOINT, NAT, block_on, ends_well, lab, says};

#[test]
fn a_failed_nat_gateway_is_replaced_and_the_reason_shown() {
    let lab = lab(&[NAT]);
    lab.fault(json!({
        "action": "ec2:CreateNatGateway", "becomes": "failed",
        "code": "InternalError", "message": "Network error, please try again."
    }));
    let reason = "InternalError: Network error, please try again.";
    let failed = lab.apply().exits(1);
    says(&failed, "nat_gateway.main (nat-");
    says(&failed, "was created, and is not ready");
    says(&failed, reason);
    // The next plan says why it is replaced, and by one that is new.
    let planned = lab.plan().exits(2);
    assert!(
        planned.out.contains(&format!("replace: {reason}")),
        "{}",
        planned.out
    );
    lab.apply().exits(0);
    let states = block_on(async {
        let nats = lab.aws().await.ec2.describe_nat_gateways().send().await;
        let nats = nats.unwrap();
        let states = nats.nat_gateways().iter().filter_map(|n| n.state());
        let mut states: Vec<_> = states.map(|s| s.as_str().to_owned()).collect();
        states.sort();
        states
    });
    assert_eq!(states, ["available", "deleted"]);
    ends_well(&lab);
}

#[test]
fn a_failed_endpoint_is_replaced_and_the_reason_shown() {
    let lab = lab(&[ENDPOINT]);
    lab.fault(json!({
        "action": "ec2:CreateVpcEndpoint", "becomes": "failed",
        "code": "InternalError", "message": "No capacity."
    }));
    let failed = lab.apply().exits(1);
    says(&failed, "interface_endpoint.s3 (vpce-");
    says(&failed, "was created, and is not ready");
    says(&failed, "its state is failed: InternalError: No capacity.");
    let planned = lab.plan().exits(2);
    assert!(planned.out.contains("No capacity."), "{}", planned.out);
    lab.apply().exits(0);
    ends_well(&lab);
}

#[test]
fn a_rejected_endpoint_is_replaced() {
    let lab = lab(&[ENDPOINT]);
    lab.fault(json!({ "action": "ec2:CreateVpcEndpoint", "becomes": "rejected" }));
    let failed = lab.apply().exits(1);
    says(&failed, "its state is rejected");
    lab.apply().exits(0);
    ends_well(&lab);
}

#[test]
fn what_has_failed_is_destroyed() {
    let lab = lab(&[NAT, ENDPOINT]);
    for action in ["ec2:CreateNatGateway", "ec2:CreateVpcEndpoint"] {
        lab.fault(json!({ "action": action, "becomes": "failed" }));
    }
    lab.apply().exits(1);
    lab.destroy().exits(0);
    super::nothing_left(&lab);
}

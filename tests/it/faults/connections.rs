//! Answers that do not come: 500 and 503, a connection that is closed or reset
//! before the work or after it, an answer that breaks off in the middle.
//!
//! Each is ordered for the first call of *every* action that builds or removes
//! three-ways, all in one run.

use serde_json::{Value, json};

use super::{ends_well, objects, refusals, undisturbed};
use crate::lab::Lab;

const BUILDING: &[&str] = &[
    "ec2:CreateVpc",
    "ec2:ModifyVpcAttribute",
    "ec2:CreateSubnet",
    "ec2:CreateInternetGateway",
    "ec2:AttachInternetGateway",
    "ec2:AllocateAddress",
    "ec2:CreateNatGateway",
    "ec2:CreateRouteTable",
    "ec2:CreateRoute",
    "ec2:AssociateRouteTable",
    "ec2:CreateVpcEndpoint",
    "ec2:CreateSecurityGroup",
    "ec2:AuthorizeSecurityGroupIngress",
    "ec2:RunInstances",
    "s3:CreateBucket",
    "s3:PutBucketEncryption",
    "s3:PutPublicAccessBlock",
    "iam:CreateRole",
    "iam:AttachRolePolicy",
    "iam:PutRolePolicy",
    "iam:CreateInstanceProfile",
    "iam:AddRoleToInstanceProfile",
];

const REMOVING: &[&str] = &[
    "ec2:TerminateInstances",
    "ec2:DeleteNatGateway",
    "ec2:DeleteVpcEndpoints",
    "ec2:DisassociateRouteTable",
    "ec2:DeleteRouteTable",
    "ec2:ReleaseAddress",
    "ec2:DetachInternetGateway",
    "ec2:DeleteInternetGateway",
    "ec2:DeleteSubnet",
    "ec2:DeleteSecurityGroup",
    "ec2:DeleteVpc",
    "s3:DeleteBucket",
    "iam:RemoveRoleFromInstanceProfile",
    "iam:DeleteInstanceProfile",
    "iam:DetachRolePolicy",
    "iam:DeleteRolePolicy",
    "iam:DeleteRole",
];

/// Builds and removes three-ways while each of these actions fails once so.
fn survives(fault: &Value, code: &str) {
    let lab = Lab::with_plan("three-ways.toml");
    let order = |actions: &[&str]| {
        for action in actions {
            let mut fault = fault.clone();
            fault["action"] = json!(action);
            lab.fault(fault);
        }
    };
    order(BUILDING);
    lab.apply().exits(0);
    let seen = refusals(&lab);
    let met = seen.iter().filter(|(name, _)| name.ends_with(code));
    let met: usize = met.map(|(_, count)| *count).sum();
    assert!(met >= BUILDING.len(), "{met} of the faults: {seen:?}");
    assert_eq!(objects(&lab), undisturbed());
    lab.plan().exits(0);
    order(REMOVING);
    ends_well(&lab);
}

#[test]
fn a_500_of_every_action() {
    let code = "InternalError";
    survives(&json!({ "status": 500, "code": code }), code);
}

#[test]
fn a_503_of_every_action() {
    let code = "ServiceUnavailable";
    survives(&json!({ "status": 503, "code": code }), code);
}

#[test]
fn a_500_after_the_work_of_every_action() {
    let code = "InternalError";
    survives(&json!({ "status": 500, "code": code, "after": true }), code);
}

#[test]
fn a_connection_closed_before_the_work_of_every_action() {
    survives(&json!({ "drop": true }), "ConnectionDropped");
}

#[test]
fn a_connection_reset_before_the_work_of_every_action() {
    survives(&json!({ "reset": true }), "ConnectionDropped");
}

#[test]
fn a_connection_reset_after_the_work_of_every_action() {
    survives(
        &json!({ "reset": true, "after": true }),
        "ConnectionDropped",
    );
}

#[test]
fn an_answer_of_every_action_that_breaks_off() {
    survives(&json!({ "truncate": true }), "AnswerTruncated");
}

//! Objects that somebody else deletes between our plan and our call.
//!
//! The call that is about the object is slowed down, and the object deleted while
//! it is on its way.

use aws_sdk_ec2::types::RouteTable;

use super::{ENDPOINT, NAT, Running, block_on, ends_well, lab, nothing_left, says, slow, until};
use crate::lab::Lab;

/// Runs a verb; `act` comes between its plan and the call.
fn between<T>(
    lab: &Lab,
    verb: &str,
    action: &str,
    act: impl Future<Output = T>,
) -> crate::lab::Ran {
    slow(lab, action);
    let run = Running::planned(lab, verb);
    until("the call is on its way", || lab.faults_to_come() == 0);
    block_on(act);
    run.ended()
}

async fn delete_subnet(lab: &Lab) {
    let ec2 = lab.aws().await.ec2;
    let subnets = ec2.describe_subnets().send().await.unwrap();
    for subnet in subnets.subnets() {
        if subnet.cidr_block() == Some("10.0.0.0/24") {
            let delete = ec2.delete_subnet().subnet_id(subnet.subnet_id().unwrap());
            delete.send().await.unwrap();
        }
    }
}

#[test]
fn a_subnet_that_is_gone_is_named_and_made_anew() {
    let lab = lab(&[]);
    lab.apply().exits(0);
    lab.write(&(lab.text() + ENDPOINT));
    let ran = between(&lab, "apply", "ec2:CreateVpcEndpoint", delete_subnet(&lab)).exits(1);
    says(&ran, "interface_endpoint.s3 was not created");
    says(&ran, "InvalidSubnetId.NotFound");
    says(&ran, "deleted since the plan was made: run again");
    let next = lab.apply().exits(0);
    says(&next, "2 created");
    ends_well(&lab);
}

const SPARE: &str = r#"
[route_table.spare]
vpc = "main"
routes = [{ to = "10.9.0.0/16", via = "internet_gateway.main" }]
"#;

/// The tables of the account that have this route.
async fn with_route(lab: &Lab, to: &str) -> Vec<RouteTable> {
    let tables = lab.aws().await.ec2.describe_route_tables().send().await;
    let tables = tables.unwrap();
    let has = |table: &&RouteTable| {
        let mut routes = table.routes().iter();
        routes.any(|route| route.destination_cidr_block() == Some(to))
    };
    tables.route_tables().iter().filter(has).cloned().collect()
}

async fn delete_route(lab: &Lab, to: &str) {
    for table in with_route(lab, to).await {
        let delete = lab.aws().await.ec2.delete_route();
        let delete = delete.route_table_id(table.route_table_id().unwrap());
        delete.destination_cidr_block(to).send().await.unwrap();
    }
}

#[test]
fn a_route_that_is_gone_is_put_back() {
    let lab = lab(&[NAT, SPARE]);
    lab.apply().exits(0);
    lab.edit(
        "\"10.9.0.0/16\", via = \"internet_gateway.main\"",
        "\"10.9.0.0/16\", via = \"nat_gateway.main\"",
    );
    let gone = delete_route(&lab, "10.9.0.0/16");
    // Either it is made in its place at once, or by the next run.
    let ran = between(&lab, "apply", "ec2:ReplaceRoute", gone);
    if ran.code != 0 {
        says(&ran, "route_table.spare/route:10.9.0.0/16");
        lab.apply().exits(0);
    }
    assert_eq!(block_on(with_route(&lab, "10.9.0.0/16")).len(), 1);
    ends_well(&lab);
}

const ROLE: &str = r#"
[stack]
name = "faults"
region = "ap-northeast-1"

[bucket.data]
name = "@"

[role.instance]
service = "ec2"
inline_policies = { s3 = { allow = ["s3:GetObject"], on = ["bucket.data"] } }
"#;

fn role_lab() -> Lab {
    let lab = Lab::new();
    lab.write(&ROLE.replace('@', &lab.bucket()));
    lab.apply().exits(0);
    lab
}

async fn delete_role_policy(lab: &Lab) {
    let iam = lab.aws().await.iam;
    let delete = iam.delete_role_policy().role_name("faults-instance");
    delete.policy_name("s3").send().await.unwrap();
}

#[test]
fn a_policy_of_a_role_that_is_gone_is_written_again() {
    let lab = role_lab();
    lab.edit("s3:GetObject", "s3:PutObject");
    let gone = delete_role_policy(&lab);
    between(&lab, "apply", "iam:PutRolePolicy", gone).exits(0);
    lab.plan().exits(0);
    // And one that is to go may be gone.
    let line = "inline_policies = { s3 = { allow = [\"s3:PutObject\"], on = [\"bucket.data\"] } }";
    lab.edit(line, "");
    let gone = delete_role_policy(&lab);
    between(&lab, "apply", "iam:DeleteRolePolicy", gone).exits(0);
    ends_well(&lab);
}

#[test]
fn a_bucket_that_is_gone_is_named_and_made_anew() {
    let lab = role_lab();
    lab.edit("[role.instance]", "versioning = true\n\n[role.instance]");
    let gone = async {
        let delete = lab.aws().await.s3.delete_bucket().bucket(lab.bucket());
        delete.send().await.unwrap();
    };
    let ran = between(&lab, "apply", "s3:PutBucketVersioning", gone).exits(1);
    says(&ran, "bucket.data/versioning");
    says(&ran, "NoSuchBucket");
    says(&ran, "deleted since the plan was made: run again");
    lab.apply().exits(0);
    ends_well(&lab);
}

/// Everything that a destroy wants to delete may be gone already.
#[test]
fn what_is_gone_before_its_deletion_is_done() {
    let lab = lab(&[NAT, ENDPOINT]);
    lab.apply().exits(0);
    let gone = async {
        delete_route(&lab, "0.0.0.0/0").await;
        let ec2 = lab.aws().await.ec2;
        for table in ec2
            .describe_route_tables()
            .send()
            .await
            .unwrap()
            .route_tables()
        {
            let theirs = table.associations().iter();
            for association in theirs.filter(|a| a.subnet_id().is_some()) {
                let end = ec2.disassociate_route_table();
                let end = end.association_id(association.route_table_association_id().unwrap());
                end.send().await.unwrap();
                let delete = ec2.delete_route_table();
                let delete = delete.route_table_id(table.route_table_id().unwrap());
                delete.send().await.unwrap();
            }
        }
    };
    between(&lab, "destroy", "ec2:DisassociateRouteTable", gone).exits(0);
    nothing_left(&lab);
}

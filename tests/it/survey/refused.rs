//! What a survey says of what it may not read, and of what is not there.

use super::*;

#[tokio::test]
async fn what_may_not_be_read_is_told_as_not_known() {
    let lab = Lab::with_plan("three-ways.toml");
    let (aws, whole) = three_ways(&lab).await;
    let area = Area {
        vpcs: whole.vpcs.keys().cloned().collect(),
        buckets: one(&lab.bucket()),
        ..Area::default()
    };
    let place = place(&aws).await;
    let vpc = whole.vpcs.keys().next().unwrap();
    let refuse = |action: &str| {
        let code = match action.starts_with("ec2:") {
            true => "UnauthorizedOperation",
            false => "AccessDenied",
        };
        lab.fault(json!({"action": action, "code": code, "status": 403, "message": "no"}));
    };

    // Things that questions come upon when they are not there.
    for action in [
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeRouteTables",
        "iam:GetInstanceProfile",
        "s3:GetBucketPolicy",
        "s3:HeadBucket",
    ] {
        refuse(action);
    }
    let network = survey(&aws, &place, &area).await.unwrap();
    assert_eq!(lab.faults_to_come(), 0);
    assert_eq!(
        network.unread[vpc],
        "the credentials may not read route tables; the credentials may not read network ACLs"
    );
    for subnet in network.subnets.values() {
        let acl = subnet.network_acl.as_ref().unwrap();
        assert!(!network.network_acls.contains_key(acl));
        assert_eq!(network.table_of(subnet), None);
    }
    for instance in network.instances.values() {
        assert!(matches!(instance.role, Known::Not(_)), "{instance:?}");
    }
    let bucket = &network.buckets[&lab.bucket()];
    // The block can still be read, and says whose it is.
    assert_eq!(bucket.account, Known::Is(place.account.clone()));
    assert_eq!(
        bucket.policy.document,
        Known::Not("the credentials may not read the bucket's policy".to_owned())
    );

    // Things that would make another way of every way.
    for action in [
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcAttribute",
        "route53:ListHostedZonesByVPC",
    ] {
        refuse(action);
        let network = survey(&aws, &place, &area).await.unwrap();
        assert!(network.vpcs.is_empty(), "{action}");
        let reason = &network.unread[vpc];
        assert!(
            reason.starts_with("the credentials may not read"),
            "{reason}"
        );
    }

    // A failure is not a refusal. The deepest call first: what a failed survey has
    // under way must not take the next one's fault.
    for (action, code) in [
        ("iam:GetRole", "NoSuchEntity"),
        ("ec2:DescribeNetworkAcls", "InvalidParameterValue"),
    ] {
        lab.fault(json!({"action": action, "code": code, "status": 400, "message": "no"}));
        let error = survey(&aws, &place, &area).await.unwrap_err();
        assert_eq!(error.code(), code);
    }
}

#[tokio::test]
async fn names_that_nothing_has_are_errors_or_told() {
    let lab = Lab::new();
    let aws = lab.aws().await;
    let place = self::place(&aws).await;
    let unknown = "0123456789abcdef0";
    for (area, code) in [
        (
            Area {
                vpcs: one(&format!("vpc-{unknown}")),
                ..Area::default()
            },
            "InvalidVpcID.NotFound",
        ),
        (
            Area {
                subnets: one(&format!("subnet-{unknown}")),
                ..Area::default()
            },
            "InvalidSubnetID.NotFound",
        ),
        (
            Area {
                instances: one(&format!("i-{unknown}")),
                ..Area::default()
            },
            "InvalidInstanceID.NotFound",
        ),
        (
            Area {
                roles: one("nobody"),
                ..Area::default()
            },
            "NoSuchEntity",
        ),
    ] {
        let error = survey(&aws, &place, &area).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.is_not_found());
    }
    // In an account of its own: what the failed surveys had under way may still
    // be counted.
    let lab = Lab::new();
    let aws = lab.aws().await;
    let place = self::place(&aws).await;
    let area = Area {
        buckets: one(&lab.bucket()),
        ..Area::default()
    };
    lab.calls();
    let network = survey(&aws, &place, &area).await.unwrap();
    assert_eq!(counts(&lab).values().sum::<u64>(), 3);
    let reason = Known::Not("there is no bucket of this name".to_owned());
    assert_eq!(network.buckets[&lab.bucket()].region, reason);
}

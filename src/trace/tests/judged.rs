//! Policies on the way.

use super::networks::three_ways;
use super::*;
use crate::model::Value;
use crate::model::network::{Known, NamedPolicy, Role};
use crate::model::policy;

fn document(json: &str) -> Value {
    policy::parse(json).unwrap()
}

fn may(network: &Network, from: &str, action: &str) -> Trace {
    Tracer::new(network).trace(&Question {
        action: Some(action.into()),
        ..Question::new(Origin::Instance(from.into()), Goal::Bucket("data".into()))
    })
}

/// The instances have a role that may do everything with the bucket.
fn with_role(network: &mut Network) {
    let account = network.place.account.clone();
    let own = document(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*",
            "Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]}]}"#,
    );
    network.roles.insert(
        "instance".into(),
        Role {
            arn: format!("arn:aws:iam::{account}:role/lab/instance"),
            policies: vec![NamedPolicy {
                name: "inline policy s3".into(),
                document: Known::Is(own),
                spot: None,
            }],
            ..Role::default()
        },
    );
    for instance in network.instances.values_mut() {
        instance.role = Known::Is(Some("instance".into()));
    }
}

#[test]
fn the_role_decides_what_an_instance_may() {
    let mut network = three_ways();
    with_role(&mut network);
    for from in ["i-nat", "i-gateway", "i-interface"] {
        let trace = may(&network, from, "s3:GetObject");
        assert!(trace.is_reachable(), "{trace:#?}");
        assert!(trace.assumes.is_empty(), "{trace:#?}");
    }
    network.roles.get_mut("instance").unwrap().policies.clear();
    let trace = may(&network, "i-nat", "s3:GetObject");
    assert_eq!(blocked(&trace), (Stage::Policy, Symptom::AccessDenied));
    network.instances.get_mut("i-nat").unwrap().role = Known::Is(None);
    let trace = may(&network, "i-nat", "s3:GetObject");
    assert!(trace.is_reachable(), "{trace:#?}");
    assert!(!trace.assumes.is_empty());
}

#[test]
fn an_endpoints_policy_counts_behind_it_alone() {
    let mut network = three_ways();
    with_role(&mut network);
    let other = document(
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*",
            "Resource":["arn:aws:s3:::other","arn:aws:s3:::other/*"]}]}"#,
    );
    network.gateway_endpoints.get_mut("vpce-g").unwrap().policy = Known::Is(Some(other));
    let trace = may(&network, "i-gateway", "s3:GetObject");
    assert_eq!(blocked(&trace), (Stage::Policy, Symptom::AccessDenied));
    assert!(may(&network, "i-nat", "s3:GetObject").is_reachable());
    let own = document(
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*",
            "Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]}]}"#,
    );
    network.gateway_endpoints.get_mut("vpce-g").unwrap().policy = Known::Is(Some(own));
    assert!(may(&network, "i-gateway", "s3:ListBucket").is_reachable());
    network.gateway_endpoints.get_mut("vpce-g").unwrap().policy = Known::Not("refused".into());
    let trace = may(&network, "i-gateway", "s3:ListBucket");
    assert!(matches!(trace.verdict, Verdict::Unknown(_)), "{trace:#?}");
}

#[test]
fn a_bucket_that_wants_an_endpoint_refuses_the_others() {
    let mut network = three_ways();
    with_role(&mut network);
    let only = document(
        r#"{"Statement":[{"Sid":"OnlyEndpoint","Effect":"Deny","Principal":"*","Action":"s3:*",
            "Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"],
            "Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-g"}}}]}"#,
    );
    let bucket = network.buckets.get_mut("data").unwrap();
    bucket.policy.document = Known::Is(Some(only));
    assert!(may(&network, "i-gateway", "s3:GetObject").is_reachable());
    for from in ["i-nat", "i-interface"] {
        let trace = may(&network, from, "s3:GetObject");
        assert_eq!(blocked(&trace), (Stage::Policy, Symptom::AccessDenied));
        let Verdict::Blocked(block) = &trace.verdict else {
            unreachable!()
        };
        assert!(block.problem.contains("OnlyEndpoint"), "{}", block.problem);
    }
}

#[test]
fn the_same_holds_before_the_account_is_known() {
    let mut network = three_ways();
    network.place.account = "(account)".into();
    for bucket in network.buckets.values_mut() {
        bucket.account = Known::Is("(account)".into());
    }
    with_role(&mut network);
    let trace = may(&network, "i-gateway", "s3:GetObject");
    assert!(trace.is_reachable(), "{trace:#?}");
    network.instances.get_mut("i-gateway").unwrap().role = Known::Is(None);
    let trace = may(&network, "i-gateway", "s3:GetObject");
    assert!(trace.is_reachable(), "{trace:#?}");
}

#[test]
fn a_policy_for_some_objects_leaves_any_object_open() {
    let mut network = three_ways();
    with_role(&mut network);
    let logs = document(
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",
            "Resource":"arn:aws:s3:::data/logs/*"}]}"#,
    );
    network.gateway_endpoints.get_mut("vpce-g").unwrap().policy = Known::Is(Some(logs));
    let trace = may(&network, "i-gateway", "s3:GetObject");
    assert!(matches!(trace.verdict, Verdict::Unknown(_)), "{trace:#?}");
    for (object, allowed) in [("logs/today", true), ("other", false)] {
        let trace = Tracer::new(&network).trace(&Question {
            object: Some(object.into()),
            ..Question::new(
                Origin::Instance("i-gateway".into()),
                Goal::Bucket("data".into()),
            )
        });
        assert_eq!(trace.is_reachable(), allowed, "{trace:#?}");
    }
}

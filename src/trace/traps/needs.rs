//! Endpoints' policies that keep out what machines need beside the file's own
//! buckets: packages, and the agent that operators enter by.

use std::collections::BTreeSet;

use super::{Trap, TrapKind};
use crate::model::Value;
use crate::model::network::{Known, Network};
use crate::model::policy::{self, Judgement, Policies, Principal, Request, Source};
use crate::trace::{Door, Goal, Naming, Origin, Question, Tracer, Verdict};

/// Buckets that a machine itself needs: of Amazon Linux's packages (Amazon Linux
/// user guide, "Repositories and S3 endpoints") and of Systems Manager's agent
/// (Systems Manager user guide, "SSM Agent communications with AWS managed S3
/// buckets").
fn needed_buckets(region: &str) -> [(TrapKind, &'static str, Vec<String>); 2] {
    [
        (
            TrapKind::RepositoriesBlocked,
            "the package repositories of Amazon Linux",
            vec![
                format!("al2023-repos-{region}-de612dc2"),
                format!("amazonlinux-2-repos-{region}"),
            ],
        ),
        (
            TrapKind::SystemsManagerBlocked,
            "the buckets that Systems Manager's agent is updated from",
            vec![
                format!("amazon-ssm-{region}"),
                format!("amazon-ssm-packages-{region}"),
            ],
        ),
    ]
}

/// Endpoints' policies that keep out what machines behind them need, where S3's
/// own names lead through them.
pub(super) fn blocked(network: &Network, tracer: &Tracer<'_>, found: &mut Vec<Trap>) {
    let doors = used_by_instances(network, tracer);
    for door in doors {
        let key = door.key();
        let (policy, spot) = match &door {
            Door::GatewayEndpoint(_) => {
                let it = network.gateway_endpoints.get(key);
                (it.map(|it| &it.policy), it.and_then(|it| it.spot.clone()))
            }
            _ => {
                let it = network.interface_endpoints.get(key);
                (it.map(|it| &it.policy), it.and_then(|it| it.spot.clone()))
            }
        };
        let Some(Known::Is(Some(document))) = policy else {
            continue;
        };
        let spot = spot.map(|mut spot| {
            spot.field = "policy";
            spot
        });
        for (kind, what, buckets) in needed_buckets(&network.place.region) {
            let shut: Vec<&String> = buckets
                .iter()
                .filter(|bucket| keeps_out(network, document, bucket))
                .collect();
            let Some(first) = shut.first() else { continue };
            found.push(Trap {
                kind,
                problem: format!(
                    "the policy of {} keeps the instances behind it from {what} ({first})",
                    network.label(key)
                ),
                remedy: format!(
                    "allow s3:GetObject on arn:{}:s3:::{first}/* in it too",
                    network.place.partition()
                ),
                spot: spot.clone(),
            });
        }
    }
}

/// The endpoints that instances' calls to S3's own names go through.
fn used_by_instances(network: &Network, tracer: &Tracer<'_>) -> BTreeSet<Door> {
    let mut doors = BTreeSet::new();
    for key in network.instances.keys() {
        let question = Question {
            naming: Naming::Host(any_bucket_host(network)),
            action: None,
            ..Question::new(Origin::Instance(key.clone()), Goal::Service("s3".into()))
        };
        let trace = tracer.trace(&question);
        if matches!(trace.verdict, Verdict::Blocked(_)) {
            continue;
        }
        if let Some(door @ (Door::GatewayEndpoint(_) | Door::InterfaceEndpoint(_))) = trace.door() {
            doors.insert(door.clone());
        }
    }
    doors
}

fn any_bucket_host(network: &Network) -> String {
    let region = &network.place.region;
    format!(
        "amazon-ssm-{region}.s3.{region}.{}",
        network.place.dns_suffix()
    )
}

/// Whether an endpoint's policy certainly refuses reading a bucket's objects.
fn keeps_out(network: &Network, document: &Value, bucket: &str) -> bool {
    let everything = policy::document(vec![policy::allow_everything()]);
    let unbounded = policy::document(vec![policy::allow_everything_of_ones_own()]);
    let account = network.place.account.clone();
    let policies = Policies {
        identity: Some(vec![Source::new("caller's own policies", &unbounded)]),
        endpoint: Some(Source::new("policy", document)),
        resource: Some(Source::new("bucket's policy", &everything)),
        resource_account: None,
        ..Policies::default()
    };
    let request = Request {
        action: "s3:GetObject".into(),
        resource: Some(format!(
            "arn:{}:s3:::{bucket}{}",
            network.place.partition(),
            policy::ANY_OBJECT
        )),
        principal: Principal::Somebody {
            account: Some(account).filter(|it| !it.is_empty()),
        },
        keys: policy::Keys::new(),
    };
    matches!(policy::judge(&policies, &request), Judgement::Denied(_))
}

//! VPC endpoints as AWS tells of them, and the calls both endpoint kinds share.
//!
//! ```text
//! create ─► pending ─► available        a change: available ─► pending ─► available
//!              └─► failed, rejected, expired: only a new one helps
//! delete ─► deleting ─► deleted, or not found
//! ```
//!
//! An endpoint takes one change at a time and answers `OperationInProgress` to
//! a second one. While it is `deleting`, an interface endpoint still holds its
//! subnets and groups; only `deleted` lets them go (Amazon EC2 API reference,
//! ModifyVpcEndpoint and DeleteVpcEndpoints). States come in two spellings,
//! `Available` in the API's model and `available` in its answers.

use std::future::Future;
use std::time::Duration;

use aws_sdk_ec2::operation::RequestId;
use aws_sdk_ec2::operation::modify_vpc_endpoint::builders::ModifyVpcEndpointFluentBuilder;
use aws_sdk_ec2::types::{DnsEntry, Filter, State, VpcEndpoint};

use super::error::on;
use super::{Aws, Call, CallError, Seen};
use crate::model::{Attributes, Value, policy};

/// How long an endpoint may take to be made, changed or deleted.
const LIMIT: Duration = Duration::from_secs(900);
/// How long a VPC may take to show what was just changed in it.
const NEIGHBOURS: Duration = Duration::from_secs(30);

/// A service's whole name: `s3` means the region's own S3.
#[must_use]
pub fn service_name(service: &str, region: &str) -> String {
    if service.starts_with("vpce-svc-") {
        format!("com.amazonaws.vpce.{region}.{service}")
    } else if ["com.", "cn.com.", "aws."]
        .iter()
        .any(|start| service.starts_with(start))
    {
        service.to_owned()
    } else {
        format!("com.amazonaws.{region}.{service}")
    }
}

/// The short name of a region's own AWS service, such as `s3` or `ecr.api`;
/// nothing for the services of others or of another region.
#[must_use]
pub fn short_name<'a>(service: &'a str, region: &str) -> Option<&'a str> {
    service
        .strip_prefix("cn.")
        .unwrap_or(service)
        .strip_prefix("com.amazonaws.")?
        .strip_prefix(region)?
        .strip_prefix('.')
}

/// The endpoint's state in lower case.
#[must_use]
pub fn state(endpoint: &VpcEndpoint) -> String {
    endpoint
        .state()
        .map_or("unknown", State::as_str)
        .to_ascii_lowercase()
}

/// Whether the endpoint is gone, or as good as gone.
#[must_use]
pub fn is_going(endpoint: &VpcEndpoint) -> bool {
    matches!(state(endpoint).as_str(), "deleted" | "deleting")
}

/// Why the endpoint can only be replaced, if it is beyond repair.
#[must_use]
pub fn broken(endpoint: &VpcEndpoint) -> Option<String> {
    let state = state(endpoint);
    let told = endpoint.last_error().map(|error| {
        let code = error.code().unwrap_or("no code");
        format!("{code}: {}", error.message().unwrap_or("no message"))
    });
    let told = told.or_else(|| endpoint.failure_reason().map(str::to_owned));
    match state.as_str() {
        "failed" | "rejected" | "expired" => Some(match told {
            Some(told) => format!("its state is {state}: {told}"),
            None => format!("its state is {state}"),
        }),
        _ => None,
    }
}

/// The policy of an endpoint that states none, in the form that AWS gives a
/// gateway endpoint's (AWS PrivateLink guide, "Default endpoint policy").
#[must_use]
pub fn full_access() -> Value {
    full_access_of(Some("2008-10-17"))
}

fn full_access_of(version: Option<&str>) -> Value {
    let statement = [
        ("Effect", "Allow"),
        ("Principal", "*"),
        ("Action", "*"),
        ("Resource", "*"),
    ]
    .map(|(name, value)| (name.to_owned(), Value::from(value)));
    let statements = Value::List(vec![Value::Map(statement.into_iter().collect())]);
    let version = version.map(|version| ("Version".to_owned(), version.into()));
    let entries = version
        .into_iter()
        .chain([("Statement".to_owned(), statements)]);
    Value::Map(entries.collect())
}

/// Whether a policy allows everything. AWS gives gateway endpoints such a
/// policy with an old version and interface endpoints one without a version;
/// without variables in it, the version says nothing.
#[must_use]
pub fn is_full_access(document: &Value) -> bool {
    [None, Some("2008-10-17"), Some(policy::VERSION)]
        .iter()
        .any(|version| policy::same(document, &full_access_of(*version)))
}

/// An endpoint's policy as a document; every full-access policy in one form.
#[must_use]
pub fn policy_of(endpoint: &VpcEndpoint) -> Value {
    let Some(text) = endpoint.policy_document().filter(|text| !text.is_empty()) else {
        return full_access();
    };
    match policy::parse(text) {
        Ok(document) if is_full_access(&document) => full_access(),
        Ok(document) => document,
        Err(_) => Value::text(text),
    }
}

/// The text of a policy for a call; nothing where the policy allows everything,
/// which is what AWS does without one (some services take no policy at all).
#[must_use]
pub fn policy_text(document: Option<&Value>) -> Option<String> {
    document
        .filter(|document| !is_full_access(document))
        .map(policy::to_json_text)
}

/// The endpoint's own name that holds for all its zones, with the hosted zone
/// to alias to. AWS lists it among zonal and private names; only its first
/// label is the endpoint's id and one more word:
/// `*.vpce-0a1b-c2d3.s3.REGION…`, beside `*.vpce-0a1b-c2d3-ZONE.s3.REGION…`.
#[must_use]
pub fn regional_entry(endpoint: &VpcEndpoint) -> Option<&DnsEntry> {
    let id = endpoint.vpc_endpoint_id()?;
    endpoint.dns_entries().iter().find(|entry| {
        entry
            .dns_name()
            .map(|name| name.strip_prefix("*.").unwrap_or(name))
            .and_then(|name| name.split('.').next())
            .and_then(|label| label.strip_prefix(id)?.strip_prefix('-'))
            .is_some_and(|word| !word.contains('-'))
    })
}

/// What a set field gains and loses, in the form of a modify call's parameters.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SetChange {
    /// What is wanted and not there.
    pub add: Option<Vec<String>>,
    /// What is there and not wanted.
    pub remove: Option<Vec<String>>,
}

impl SetChange {
    /// What takes a set field from one form to another.
    #[must_use]
    pub fn of(before: &Attributes, after: &Attributes, field: &str) -> Self {
        let (before, after) = (before.texts(field), after.texts(field));
        let without = |these: &[String], those: &[String]| {
            let rest: Vec<String> = these
                .iter()
                .filter(|it| !those.contains(it))
                .cloned()
                .collect();
            (!rest.is_empty()).then_some(rest)
        };
        Self {
            add: without(&after, &before),
            remove: without(&before, &after),
        }
    }
}

/// Reads endpoints by filters, by id, or by both.
///
/// # Errors
/// AWS's refusal; an unknown id is one.
pub async fn describe(
    aws: &Aws,
    filters: Vec<Filter>,
    id: Option<&str>,
) -> Result<Vec<VpcEndpoint>, CallError> {
    aws.ec2
        .describe_vpc_endpoints()
        .set_filters((!filters.is_empty()).then_some(filters))
        .set_vpc_endpoint_ids(id.map(|id| vec![id.to_owned()]))
        .into_paginator()
        .items()
        .send()
        .collect::<Result<_, _>>()
        .await
        .map_err(on("DescribeVpcEndpoints"))
}

/// Repeats a creating or changing call while an earlier change is under way,
/// or while the VPC does not yet show what it needs: its DNS attributes, its
/// gateway endpoint, a route table or a name that another endpoint gave up.
///
/// # Errors
/// The call's last error.
pub async fn once_free<T, F, R>(call: &Call<'_>, send: F) -> Result<T, CallError>
where
    F: Fn() -> R,
    R: Future<Output = Result<T, CallError>>,
{
    let send = &send;
    call.retry("the endpoint's last change to end", LIMIT, is_changing, || {
        call.retry("the VPC to be ready", NEIGHBOURS, waits_for_vpc, || {
            call.once_known("what it stands on to be known", send)
        })
    })
    .await
}

fn is_changing(error: &CallError) -> bool {
    error.is(&["OperationInProgress"])
}

fn waits_for_vpc(error: &CallError) -> bool {
    let told = error.message();
    error.is(&["RouteAlreadyExists"])
        || error.is(&["InvalidParameter"])
            && ["enableDns", "conflicting DNS domain", "gateway endpoint"]
                .iter()
                .any(|word| told.to_ascii_lowercase().contains(&word.to_ascii_lowercase()))
}

/// Sends one change of an endpoint, when it takes one.
///
/// # Errors
/// AWS's refusal.
pub async fn modify(
    call: &Call<'_>,
    request: ModifyVpcEndpointFluentBuilder,
) -> Result<(), CallError> {
    let request = &request;
    once_free(call, || async {
        let sent = request.clone().send().await;
        sent.map(|_| ()).map_err(on("ModifyVpcEndpoint"))
    })
    .await
}

/// Waits until an endpoint is available, or until it is the other side's turn
/// to accept it.
///
/// # Errors
/// [`CallError::Failed`] with AWS's reason where it never will be.
pub async fn until_available(call: &Call<'_>, id: &str) -> Result<VpcEndpoint, CallError> {
    call.wait_for("the endpoint to be available", LIMIT, || async {
        let found = match describe(call.aws, Vec::new(), Some(id)).await {
            Ok(found) => found.into_iter().next(),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error),
        };
        let Some(endpoint) = found else {
            return Ok(Seen::Pending("not yet known".to_owned()));
        };
        let failed = |reason| CallError::Failed {
            what: id.to_owned(),
            reason,
        };
        if let Some(reason) = broken(&endpoint) {
            return Err(failed(reason));
        }
        if is_going(&endpoint) {
            return Err(failed("somebody has deleted it".to_owned()));
        }
        Ok(match state(&endpoint).as_str() {
            "available" | "pendingacceptance" => Seen::Ready(endpoint),
            other => Seen::Pending(other.to_owned()),
        })
    })
    .await
}

/// Deletes an endpoint and waits until it holds nothing any more.
///
/// # Errors
/// AWS's refusal, which DeleteVpcEndpoints tells inside a successful answer.
pub async fn delete(call: &Call<'_>, id: &str) -> Result<(), CallError> {
    let what = "the endpoint's last change to end";
    let deleted = call.retry(what, LIMIT, is_changing, || async {
        let request = call.aws.ec2.delete_vpc_endpoints().vpc_endpoint_ids(id);
        let answer = request.send().await.map_err(on("DeleteVpcEndpoints"))?;
        match answer.unsuccessful().iter().find_map(|item| item.error()) {
            None => Ok(()),
            Some(error) => Err(CallError::Refused {
                operation: "DeleteVpcEndpoints",
                code: error.code().unwrap_or("Unknown").to_owned(),
                message: error.message().unwrap_or("no message").to_owned(),
                request_id: answer.request_id().map(str::to_owned),
            }),
        }
    });
    match deleted.await {
        Ok(()) => {}
        Err(error) if error.is_not_found() => return Ok(()),
        Err(error) => return Err(error),
    }
    call.wait_for("the endpoint to be gone", LIMIT, || async {
        match describe(call.aws, Vec::new(), Some(id)).await {
            Ok(found) => Ok(match found.first().map(state) {
                None => Seen::Ready(()),
                Some(state) if state == "deleted" => Seen::Ready(()),
                Some(state) => Seen::Pending(state),
            }),
            Err(error) if error.is_not_found() => Ok(Seen::Ready(())),
            Err(error) => Err(error),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::LastError;

    #[test]
    fn short_service_names_are_made_whole() {
        let whole = |service| service_name(service, "ap-northeast-1");
        assert_eq!(whole("s3"), "com.amazonaws.ap-northeast-1.s3");
        assert_eq!(whole("ecr.api"), "com.amazonaws.ap-northeast-1.ecr.api");
        assert_eq!(
            whole("vpce-svc-0a"),
            "com.amazonaws.vpce.ap-northeast-1.vpce-svc-0a"
        );
        for stated in ["com.amazonaws.us-east-1.s3", "aws.sagemaker.us-east-1.studio"] {
            assert_eq!(whole(stated), stated);
        }
        for service in ["s3", "ecr.api"] {
            assert_eq!(short_name(&whole(service), "ap-northeast-1"), Some(service));
        }
        assert_eq!(short_name(&whole("s3"), "us-east-1"), None);
        assert_eq!(short_name(&whole("vpce-svc-0a"), "ap-northeast-1"), None);
    }

    #[test]
    fn states_are_read_in_either_spelling() {
        let in_state = |text: &str| VpcEndpoint::builder().state(State::from(text)).build();
        for text in ["deleting", "Deleting", "deleted", "Deleted"] {
            assert!(is_going(&in_state(text)), "{text}");
        }
        assert_eq!(state(&in_state("PendingAcceptance")), "pendingacceptance");
        assert_eq!(broken(&in_state("available")), None);
        assert_eq!(
            broken(&in_state("Rejected")).as_deref(),
            Some("its state is rejected")
        );
        let failed = VpcEndpoint::builder()
            .state(State::Failed)
            .last_error(LastError::builder().code("X").message("no luck").build())
            .build();
        assert_eq!(
            broken(&failed).as_deref(),
            Some("its state is failed: X: no luck")
        );
    }

    #[test]
    fn every_full_access_policy_is_one_policy() {
        let of_gateway = r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;
        let of_interface =
            r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;
        for text in [of_gateway, of_interface] {
            let endpoint = VpcEndpoint::builder().policy_document(text).build();
            assert_eq!(policy_of(&endpoint), full_access());
        }
        assert_eq!(policy_of(&VpcEndpoint::builder().build()), full_access());
        assert_eq!(policy_text(Some(&full_access())), None);
        assert_eq!(policy_text(None), None);

        let narrow = r#"{"Statement":[{"Action":"s3:*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;
        let endpoint = VpcEndpoint::builder().policy_document(narrow).build();
        let document = policy_of(&endpoint);
        assert_ne!(document, full_access());
        let text = policy_text(Some(&document)).unwrap();
        assert_eq!(policy::parse(&text).unwrap(), document);
    }

    #[test]
    fn the_regional_name_is_found_among_the_others() {
        let entry = |name: &str, zone: &str| {
            DnsEntry::builder()
                .dns_name(name)
                .hosted_zone_id(zone)
                .build()
        };
        let endpoint = VpcEndpoint::builder()
            .vpc_endpoint_id("vpce-0a1b")
            .dns_entries(entry("s3.ap-northeast-1.amazonaws.com", "ZP"))
            .dns_entries(entry(
                "*.vpce-0a1b-c2d3-ap-northeast-1a.s3.ap-northeast-1.vpce.amazonaws.com",
                "ZA",
            ))
            .dns_entries(entry(
                "*.vpce-0a1b-c2d3.s3.ap-northeast-1.vpce.amazonaws.com",
                "ZR",
            ))
            .build();
        let found = regional_entry(&endpoint).unwrap();
        assert_eq!(found.hosted_zone_id(), Some("ZR"));
        assert!(regional_entry(&VpcEndpoint::builder().build()).is_none());
    }

    #[test]
    fn a_set_changes_by_what_differs() {
        let set = |items: &[&str]| {
            Attributes::new().with("subnets", Value::texts(items.iter().copied()))
        };
        let change = SetChange::of(&set(&["a", "b"]), &set(&["b", "c"]), "subnets");
        assert_eq!(change.add, Some(vec!["c".to_owned()]));
        assert_eq!(change.remove, Some(vec!["a".to_owned()]));
        let nothing = SetChange::of(&set(&["a", "b"]), &set(&["b", "a"]), "subnets");
        assert_eq!(nothing, SetChange::default());
    }

    #[test]
    fn only_passing_refusals_are_repeated() {
        let refused = |code: &str, message: &str| CallError::Refused {
            operation: "CreateVpcEndpoint",
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: None,
        };
        assert!(waits_for_vpc(&refused("RouteAlreadyExists", "route table rtb-1 …")));
        assert!(waits_for_vpc(&refused(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames"
        )));
        assert!(!waits_for_vpc(&refused("InvalidParameter", "no such type")));
        assert!(is_changing(&refused("OperationInProgress", "")));
    }
}

//! VPC endpoints as AWS tells of them: names, states, policies.
//!
//! States come in two spellings, `Available` in the API's model and `available`
//! in its answers. Default policies come in two forms, with an old version for
//! gateway endpoints and without one for interface endpoints. Names come in a
//! list without order: the regional one, zonal ones, private ones.

use std::sync::Arc;

use aws_sdk_ec2::types::{DnsEntry, Filter, State, VpcEndpoint};

use super::error::on;
use super::{Aws, CallError, SharedReads};
use crate::model::{Attributes, Place, Value, policy};

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

/// The names that private DNS of a region's own AWS service answers, each with all
/// names below it; nothing for other services.
#[must_use]
pub fn private_names(service: &str, region: &str) -> Vec<String> {
    let place = Place {
        account: String::new(),
        region: region.to_owned(),
    };
    let suffix = place.dns_suffix();
    match short_name(service, region) {
        None => Vec::new(),
        Some("s3") => ["s3", "s3-control", "s3-accesspoint"]
            .iter()
            .map(|name| format!("{name}.{region}.{suffix}"))
            .collect(),
        // `ecr.api` answers `api.ecr.…`.
        Some(short) => {
            let labels: Vec<&str> = short.rsplit('.').collect();
            vec![format!("{}.{region}.{suffix}", labels.join("."))]
        }
    }
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

/// Turns what AWS says of an endpoint into what a person would state: the short
/// name of the region's own service, no policy where it allows everything, and
/// no word on addresses where they are IPv4.
pub fn as_stated(fields: &mut Attributes, region: &str) {
    let short = fields.text("service").and_then(|it| short_name(it, region));
    if let Some(short) = short.map(str::to_owned) {
        fields.set("service", short);
    }
    if fields.get("policy").is_none_or(is_full_access) {
        fields.0.remove("policy");
    }
    for field in ["ip_address_type", "dns_record_ip_type"] {
        if matches!(fields.text(field), Some("ipv4" | "service-defined")) {
            fields.0.remove(field);
        }
    }
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

impl SharedReads {
    /// The stack's VPC endpoints of all types, those that are going included.
    ///
    /// # Errors
    /// AWS's refusal.
    pub async fn vpc_endpoints(
        &self,
        aws: &Aws,
        stack: &str,
    ) -> Result<Arc<Vec<VpcEndpoint>>, CallError> {
        self.vpc_endpoints
            .get_or_try_init(|| async {
                let read = |by| describe(aws, vec![by], None);
                self.adoptions.with_own(stack, read).await.map(Arc::new)
            })
            .await
            .cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::LastError;

    #[test]
    fn names_that_private_dns_answers() {
        const REGION: &str = "ap-northeast-1";
        let of = |short: &str| private_names(&format!("com.amazonaws.{REGION}.{short}"), REGION);
        assert_eq!(of("ssm"), ["ssm.ap-northeast-1.amazonaws.com"]);
        assert_eq!(of("ecr.api"), ["api.ecr.ap-northeast-1.amazonaws.com"]);
        assert_eq!(of("s3")[0], "s3.ap-northeast-1.amazonaws.com");
        assert!(private_names("com.example.x", REGION).is_empty());
    }

    #[test]
    fn short_service_names_are_made_whole() {
        let whole = |service| service_name(service, "ap-northeast-1");
        assert_eq!(whole("s3"), "com.amazonaws.ap-northeast-1.s3");
        assert_eq!(whole("ecr.api"), "com.amazonaws.ap-northeast-1.ecr.api");
        assert_eq!(
            whole("vpce-svc-0a"),
            "com.amazonaws.vpce.ap-northeast-1.vpce-svc-0a"
        );
        for stated in [
            "com.amazonaws.us-east-1.s3",
            "aws.sagemaker.us-east-1.studio",
        ] {
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

        let narrow =
            r#"{"Statement":[{"Action":"s3:*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;
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
}

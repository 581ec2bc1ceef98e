//! Host names: what a client calls, and what a certificate covers.

use super::question::{Goal, Naming};
use crate::model::Place;
use crate::model::network::{InterfaceEndpoint, short_service};

/// What a part of a name stands as that only apply will know.
pub(super) const LATER: &str = "…";

/// The bucket or service that is called, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Callee {
    /// The bucket's name, for buckets.
    pub bucket: Option<String>,
    /// The service's short name, `s3` for buckets.
    pub service: String,
    /// Its region.
    pub region: String,
}

impl Callee {
    /// The service's whole name in its region.
    pub(super) fn service_name(&self) -> String {
        let prefix = match crate::model::place::partition(&self.region) {
            "aws-cn" => "cn.com.amazonaws",
            _ => "com.amazonaws",
        };
        format!("{prefix}.{}.{}", self.region, self.service)
    }

    fn suffix(&self) -> &'static str {
        suffix_of(&self.region)
    }

    /// The name that a client calls, where that does not depend on an endpoint.
    pub(super) fn host(&self, naming: &Naming, account: &str) -> String {
        let (region, suffix) = (&self.region, self.suffix());
        let Some(bucket) = &self.bucket else {
            return match naming {
                Naming::Host(host) => host.clone(),
                _ => format!("{}.{suffix}", service_host(&self.service, region)),
            };
        };
        match naming {
            Naming::Usual | Naming::Bucket | Naming::Endpoint => {
                format!("{bucket}.s3.{region}.{suffix}")
            }
            Naming::Path => format!("s3.{region}.{suffix}"),
            Naming::Global => format!("{bucket}.s3.{suffix}"),
            Naming::Dualstack => format!("{bucket}.s3.dualstack.{region}.{suffix}"),
            Naming::AccessPoint => format!("{bucket}-{account}.s3-accesspoint.{region}.{suffix}"),
            Naming::Control => format!("{account}.s3-control.{region}.{suffix}"),
            Naming::Host(host) => host.clone(),
        }
    }
}

/// The suffix of a region's host names.
fn suffix_of(region: &str) -> &'static str {
    let place = Place {
        account: String::new(),
        region: region.to_owned(),
    };
    place.dns_suffix()
}

/// A service's host name without the suffix. Parts of the short name stand the
/// other way round in it: `ecr.api` is called at `api.ecr.REGION`. Some services
/// have one name for all regions (AWS general reference, "Service endpoints").
fn service_host(short: &str, region: &str) -> String {
    if matches!(short, "iam" | "route53" | "cloudfront" | "organizations") {
        return short.to_owned();
    }
    let parts: Vec<&str> = short.rsplit('.').collect();
    format!("{}.{region}", parts.join("."))
}

/// The names that private DNS of an interface endpoint answers for, each with
/// all names below it. For S3 these are the regional names only: neither the
/// legacy global name nor dual-stack ones (Amazon S3 user guide, "Private DNS").
pub(super) fn private_names(endpoint: &InterfaceEndpoint) -> Vec<String> {
    let short = short_service(&endpoint.service);
    let region = region_of(&endpoint.service);
    let suffix = suffix_of(region);
    match short {
        "s3" => ["s3", "s3-control", "s3-accesspoint"]
            .map(|name| format!("{name}.{region}.{suffix}"))
            .to_vec(),
        _ => vec![format!("{}.{suffix}", service_host(short, region))],
    }
}

/// The region in a service's whole name.
pub(super) fn region_of(service: &str) -> &str {
    service
        .strip_prefix("com.amazonaws.")
        .or_else(|| service.strip_prefix("cn.com.amazonaws."))
        .and_then(|rest| rest.split_once('.'))
        .map_or("", |(region, _)| region)
}

/// The endpoint's own name for a purpose: `bucket`, `accesspoint`, `control`,
/// or for other services the plain one.
pub(super) fn endpoint_host(endpoint: &InterfaceEndpoint, naming: &Naming) -> String {
    let short = short_service(&endpoint.service);
    let region = region_of(&endpoint.service);
    let own = endpoint
        .dns_name
        .clone()
        .unwrap_or_else(|| format!("vpce-{LATER}.{short}.{region}.vpce.amazonaws.com"));
    match (short, naming) {
        ("s3", Naming::AccessPoint) => format!("accesspoint.{own}"),
        ("s3", Naming::Control) => format!("control.{own}"),
        ("s3", _) => format!("bucket.{own}"),
        _ => own,
    }
}

/// The endpoint's id in one of its own names: `vpce-0abc` of
/// `bucket.vpce-0abc-xyz.s3.eu-west-1.vpce.amazonaws.com`.
pub(super) fn endpoint_id(host: &str) -> Option<&str> {
    if !host.contains(".vpce.amazonaws.com") {
        return None;
    }
    let label = host.split('.').find(|label| label.starts_with("vpce-"))?;
    let end = label[5..].find('-').map_or(label.len(), |at| at + 5);
    Some(&label[..end])
}

/// Whether S3's certificate covers a host name. A wildcard stands for one label,
/// so a bucket with a dot in its name is not covered by its virtual-hosted name
/// (Amazon S3 user guide, "Virtual hosting of buckets").
pub(super) fn certificate_covers(host: &str, suffix: &str) -> bool {
    let Some(before) = host
        .strip_suffix(suffix)
        .and_then(|it| it.strip_suffix('.'))
    else {
        return false;
    };
    let labels: Vec<&str> = before.split('.').collect();
    let service = labels.iter().position(|label| {
        matches!(*label, "s3" | "s3-control" | "s3-accesspoint") || label.starts_with("s3-")
    });
    // In an endpoint's own name the endpoint stands before the service.
    if let Some(endpoint) = labels.iter().position(|label| label.starts_with("vpce-")) {
        return endpoint <= 2;
    }
    service.is_some_and(|at| at <= 1)
}

/// What goes to a bucket or a service of the region.
pub(super) fn callee(goal: &Goal, place: &Place, bucket: Option<(&str, &str)>) -> Callee {
    match (goal, bucket) {
        (Goal::Bucket(_), Some((name, region))) => Callee {
            bucket: Some(name.to_owned()),
            service: "s3".to_owned(),
            region: region.to_owned(),
        },
        (Goal::Bucket(name), None) => Callee {
            bucket: Some(name.clone()),
            service: "s3".to_owned(),
            region: place.region.clone(),
        },
        (Goal::Service(service), _) => Callee {
            bucket: None,
            service: service.clone(),
            region: place.region.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoints_own_name_tells_its_id() {
        let host = "bucket.vpce-0ab-xyz.s3.eu-west-1.vpce.amazonaws.com";
        assert_eq!(endpoint_id(host), Some("vpce-0ab"));
        let zonal = "bucket.vpce-0ab-xyz-eu-west-1a.s3.eu-west-1.vpce.amazonaws.com";
        assert_eq!(endpoint_id(zonal), Some("vpce-0ab"));
        assert_eq!(endpoint_id("b.s3.eu-west-1.amazonaws.com"), None);
    }

    #[test]
    fn a_certificate_covers_one_label() {
        let suffix = "amazonaws.com";
        for (host, covered) in [
            ("data.s3.eu-west-1.amazonaws.com", true),
            ("my.data.s3.eu-west-1.amazonaws.com", false),
            ("s3.eu-west-1.amazonaws.com", true),
            ("bucket.vpce-0ab-x.s3.eu-west-1.vpce.amazonaws.com", true),
            ("data.s3.amazonaws.com", true),
            ("data.s3.dualstack.eu-west-1.amazonaws.com", true),
            ("storage.internal.example", false),
        ] {
            assert_eq!(certificate_covers(host, suffix), covered, "{host}");
        }
    }

    #[test]
    fn services_are_called_by_their_hosts() {
        assert_eq!(service_host("ecr.api", "eu-west-1"), "api.ecr.eu-west-1");
        assert_eq!(service_host("ssm", "eu-west-1"), "ssm.eu-west-1");
        assert_eq!(service_host("iam", "eu-west-1"), "iam");
    }
}

//! What AWS says of an interface endpoint, in the form of the plan file.

use aws_sdk_ec2::types::{VpcEndpoint, VpcEndpointType};

use super::{ONLY_INBOUND, is_s3};
use crate::aws::tagging::from_ec2;
use crate::aws::vpc_endpoints::{self, regional_entry};
use crate::kind::Live;
use crate::model::{Attributes, Value};

/// Whether it is an interface endpoint, and not going.
pub(super) fn is_interface(endpoint: &VpcEndpoint) -> bool {
    endpoint.vpc_endpoint_type() == Some(&VpcEndpointType::Interface)
        && !vpc_endpoints::is_going(endpoint)
}

/// What the endpoint has that others may use.
pub(super) fn outputs(endpoint: &VpcEndpoint, region: &str) -> Attributes {
    let mut attributes = Attributes::new();
    let Some(entry) = regional_entry(endpoint) else {
        return attributes;
    };
    attributes.set_text("dns_name", entry.dns_name());
    attributes.set_text("hosted_zone_id", entry.hosted_zone_id());
    if let Some(name) = entry.dns_name()
        && is_s3(endpoint.service_name(), region)
    {
        let name = name.strip_prefix("*.").unwrap_or(name);
        attributes.set("bucket_url", format!("https://bucket.{name}"));
    }
    attributes
}

/// The endpoint as the planner sees it.
pub(super) fn live(endpoint: &VpcEndpoint, region: &str) -> Live {
    let private_dns = endpoint.private_dns_enabled().unwrap_or(false);
    let options = endpoint.dns_options();
    // Without private DNS the option says nothing, whatever AWS keeps there.
    let only_inbound = private_dns
        && options
            .and_then(|options| options.private_dns_only_for_inbound_resolver_endpoint())
            .unwrap_or(false);
    let groups = endpoint
        .groups()
        .iter()
        .filter_map(|group| group.group_id());
    let mut attributes = outputs(endpoint, region)
        .with("policy", vpc_endpoints::policy_of(endpoint))
        .with(
            "subnets",
            Value::texts(endpoint.subnet_ids().iter().map(String::as_str)),
        )
        .with("security_groups", Value::texts(groups))
        .with("private_dns", private_dns)
        .with(ONLY_INBOUND, only_inbound);
    attributes.set_text("vpc", endpoint.vpc_id());
    attributes.set_text("service", endpoint.service_name());
    let lower = |text: &str| text.to_ascii_lowercase();
    let addresses = endpoint.ip_address_type().map(|it| lower(it.as_str()));
    attributes.set_text("ip_address_type", addresses.as_deref());
    let records = options
        .and_then(|options| options.dns_record_ip_type())
        .map(|it| lower(it.as_str()));
    attributes.set_text("dns_record_ip_type", records.as_deref());
    let mut live = Live::tagged(
        endpoint.vpc_endpoint_id().unwrap_or_default(),
        from_ec2(endpoint.tags()),
        attributes,
    );
    live.broken = vpc_endpoints::broken(endpoint);
    live
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{DnsEntry, DnsOptions, IpAddressType};

    const REGION: &str = "ap-northeast-1";

    #[test]
    fn a_live_endpoint_reads_like_a_stated_one() {
        let endpoint = VpcEndpoint::builder()
            .vpc_endpoint_id("vpce-0a1b")
            .service_name("com.amazonaws.ap-northeast-1.s3")
            .ip_address_type(IpAddressType::from("Ipv4"))
            .private_dns_enabled(false)
            .dns_options(
                DnsOptions::builder()
                    .private_dns_only_for_inbound_resolver_endpoint(true)
                    .build(),
            )
            .dns_entries(
                DnsEntry::builder()
                    .dns_name("*.vpce-0a1b-c2d3.s3.ap-northeast-1.vpce.amazonaws.com")
                    .hosted_zone_id("Z2E726K9Y6RL4W")
                    .build(),
            )
            .build();
        let live = live(&endpoint, REGION).attributes;
        assert_eq!(live.bool("private_dns"), Some(false));
        assert_eq!(live.bool(ONLY_INBOUND), Some(false));
        assert_eq!(live.text("ip_address_type"), Some("ipv4"));
        assert_eq!(live.text("hosted_zone_id"), Some("Z2E726K9Y6RL4W"));
        assert_eq!(
            live.text("bucket_url"),
            Some("https://bucket.vpce-0a1b-c2d3.s3.ap-northeast-1.vpce.amazonaws.com")
        );
    }
}

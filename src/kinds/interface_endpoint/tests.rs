//! What a table and a live endpoint say alike.

use super::*;

const REGION: &str = "ap-northeast-1";

fn inputs(service: &str) -> Attributes {
    Attributes::new().with("service", vpc_endpoints::service_name(service, REGION))
}

#[test]
fn s3_always_states_its_dns_options() {
    let options = dns_options(&inputs("s3"), REGION).unwrap();
    assert_eq!(
        options.private_dns_only_for_inbound_resolver_endpoint(),
        Some(false)
    );
    assert!(dns_options(&inputs("ssm"), REGION).is_none());
    let stated = inputs("ssm").with("dns_record_ip_type", "dualstack");
    let options = dns_options(&stated, REGION).unwrap();
    assert_eq!(
        options.dns_record_ip_type(),
        Some(&DnsRecordIpType::Dualstack)
    );
    assert_eq!(
        options.private_dns_only_for_inbound_resolver_endpoint(),
        None
    );
}

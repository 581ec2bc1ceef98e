//! NAT gateways as the planner meets them.

use super::*;

#[test]
fn a_failed_one_is_broken_and_says_why() {
    let failed = Described::builder()
        .nat_gateway_id("nat-1")
        .state(NatGatewayState::Failed)
        .failure_code("Gateway.NotAttached")
        .failure_message("Network vpc-1 has no Internet gateway attached")
        .build();
    assert_eq!(
        live(&failed).broken.as_deref(),
        Some("Gateway.NotAttached: Network vpc-1 has no Internet gateway attached")
    );
}

#[test]
fn the_first_address_is_the_primary_one() {
    let address = |id: &str, primary: bool| {
        NatGatewayAddress::builder()
            .allocation_id(id)
            .is_primary(primary)
            .build()
    };
    let gateway = Described::builder()
        .nat_gateway_addresses(address("eipalloc-2", false))
        .nat_gateway_addresses(address("eipalloc-1", true))
        .build();
    let live = live(&gateway);
    assert_eq!(live.attributes.text("elastic_ip"), Some("eipalloc-1"));
    assert_eq!(live.attributes.text("connectivity"), Some("public"));
    assert_eq!(live.broken, None);
}

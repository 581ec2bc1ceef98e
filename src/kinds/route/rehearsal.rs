//! The calls of a route, as dry runs.

use super::super::route_target::{Destination, Target};
use crate::aws::rehearsal::{Rehearsals, stand_in};
use crate::kind::Intent;
use crate::model::Action;

/// What a target that is still to be made stands in as. Which kind of gateway it
/// is makes no difference to the permission.
const GATEWAY: &str = "igw";

pub(super) fn rehearse(step: &Intent<'_>, calls: &mut Rehearsals) {
    let ec2 = &step.aws.ec2;
    let table = step.id_in("route_table", "rtb");
    let destination = Destination::of(step.text("to").unwrap_or("0.0.0.0/0"));
    if step.action == Action::Delete {
        let request = ec2
            .delete_route()
            .dry_run(true)
            .route_table_id(table)
            .set_destination_cidr_block(destination.ipv4)
            .set_destination_ipv6_cidr_block(destination.ipv6)
            .set_destination_prefix_list_id(destination.prefix_list);
        calls.dry_run(step.address, "ec2:DeleteRoute", ("", true), request.send());
        return;
    }
    let real = step.knows(&["route_table", "via"]);
    let via = step
        .text("via")
        .map_or_else(|| stand_in(GATEWAY), str::to_owned);
    let Ok(target) = Target::of(&via) else {
        return;
    };
    if step.action == Action::Create {
        let request = ec2
            .create_route()
            .dry_run(true)
            .route_table_id(table)
            .set_destination_cidr_block(destination.ipv4)
            .set_destination_ipv6_cidr_block(destination.ipv6)
            .set_destination_prefix_list_id(destination.prefix_list)
            .set_gateway_id(target.gateway)
            .set_nat_gateway_id(target.nat_gateway)
            .set_instance_id(target.instance)
            .set_network_interface_id(target.network_interface)
            .set_transit_gateway_id(target.transit_gateway)
            .set_vpc_peering_connection_id(target.peering);
        calls.dry_run(step.address, "ec2:CreateRoute", ("", real), request.send());
    } else {
        let request = ec2
            .replace_route()
            .dry_run(true)
            .route_table_id(table)
            .set_destination_cidr_block(destination.ipv4)
            .set_destination_ipv6_cidr_block(destination.ipv6)
            .set_destination_prefix_list_id(destination.prefix_list)
            .set_gateway_id(target.gateway)
            .set_nat_gateway_id(target.nat_gateway)
            .set_instance_id(target.instance)
            .set_network_interface_id(target.network_interface)
            .set_transit_gateway_id(target.transit_gateway)
            .set_vpc_peering_connection_id(target.peering);
        calls.dry_run(step.address, "ec2:ReplaceRoute", ("", real), request.send());
    }
}

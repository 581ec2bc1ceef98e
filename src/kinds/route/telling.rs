//! What a route tells: where it leads and by what.

use super::super::route_target::BLACK_HOLE;
use crate::kind::Told;
use crate::model::network::{Destination, Network, Route, Via, stood_for};

pub(super) fn tell(told: &Told<'_>, network: &mut Network) {
    let inputs = told.attributes;
    let table = network.route_tables.get_mut(&told.key_in("route_table"));
    let (Some(table), Some(to)) = (table, inputs.text("to").and_then(destination)) else {
        return;
    };
    let via = told.key_in("via");
    let (via, blackhole) = match via.strip_suffix(BLACK_HOLE) {
        Some(id) => (id.to_owned(), true),
        None => (via, false),
    };
    table.routes.push(Route {
        to,
        via: target(via),
        blackhole,
        propagated: false,
        spot: told.spot(""),
    });
}

fn destination(to: &str) -> Option<Destination> {
    if to.starts_with("pl-") {
        return Some(Destination::PrefixList(to.to_owned()));
    }
    to.parse().ok().map(Destination::Block)
}

/// What a key stands for, by the prefix of AWS's ids or by its stand-in.
fn target(key: String) -> Via {
    let kind = match stood_for(&key) {
        Some(address) => address.kind,
        None => match key.split('-').next().unwrap_or_default() {
            "igw" => "internet_gateway",
            "nat" => "nat_gateway",
            "i" => "instance",
            _ => "",
        }
        .to_owned(),
    };
    match kind.as_str() {
        "internet_gateway" => Via::InternetGateway(key),
        "nat_gateway" => Via::NatGateway(key),
        "instance" => Via::Instance(key),
        _ => Via::Other(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_known_by_its_id_or_its_stand_in() {
        for (key, via) in [
            ("igw-1", Via::InternetGateway("igw-1".into())),
            ("nat-1", Via::NatGateway("nat-1".into())),
            ("i-1", Via::Instance("i-1".into())),
            ("tgw-1", Via::Other("tgw-1".into())),
            ("vpce-1", Via::Other("vpce-1".into())),
            (
                "(nat_gateway.main)",
                Via::NatGateway("(nat_gateway.main)".into()),
            ),
            (
                "(existing.internet_gateway.x)",
                Via::InternetGateway("(existing.internet_gateway.x)".into()),
            ),
        ] {
            assert_eq!(target(key.to_owned()), via);
        }
    }

    #[test]
    fn a_destination_is_a_block_or_a_prefix_list() {
        let everywhere = "0.0.0.0/0".parse().unwrap();
        assert_eq!(
            destination("0.0.0.0/0"),
            Some(Destination::Block(everywhere))
        );
        let list = Destination::PrefixList("pl-1".into());
        assert_eq!(destination("pl-1"), Some(list));
        assert_eq!(destination("nonsense"), None);
    }
}

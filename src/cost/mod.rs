//! What the ways out of a VPC cost: list prices, embedded and dated.
//!
//! ```text
//! prices.toml ─► per_gb(way, region)    a GB through the door
//!             └► per_hour(way, region)  the door itself, whether used or not
//! ```
//!
//! A figure that the table does not have is none, and never a guess. Nothing is
//! asked of AWS. What AWS charges between zones and between regions is not in it.

mod price;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;

pub use price::Price;

/// By what traffic leaves a VPC for a service of the same region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// An internet gateway.
    InternetGateway,
    /// A NAT gateway.
    NatGateway,
    /// A gateway endpoint.
    GatewayEndpoint,
    /// An interface endpoint.
    InterfaceEndpoint,
}

/// The table, as the file has it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    as_of: String,
    regions: BTreeMap<String, Region>,
}

/// The prices of one region, in US dollars; nothing where one is not known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Region {
    nat_hour: Option<Price>,
    nat_gb: Option<Price>,
    interface_hour: Option<Price>,
    interface_gb: Option<Price>,
}

/// The price of a GB by a way to a service of the same region, in US dollars;
/// nothing where it is not known. (Amazon VPC pricing; AWS `PrivateLink` pricing,
/// of which it is the first tier.)
#[must_use]
pub fn per_gb(way: Way, region: &str) -> Option<Price> {
    match way {
        Way::InternetGateway | Way::GatewayEndpoint => Some(Price::FREE),
        Way::NatGateway => table().regions.get(region)?.nat_gb,
        Way::InterfaceEndpoint => table().regions.get(region)?.interface_gb,
    }
}

/// The price of the door itself for an hour, in US dollars; of an interface
/// endpoint for each zone that it is in. Nothing where it is not known.
#[must_use]
pub fn per_hour(way: Way, region: &str) -> Option<Price> {
    match way {
        Way::InternetGateway | Way::GatewayEndpoint => Some(Price::FREE),
        Way::NatGateway => table().regions.get(region)?.nat_hour,
        Way::InterfaceEndpoint => table().regions.get(region)?.interface_hour,
    }
}

/// The month that the prices are of: `2026-11`.
#[must_use]
pub fn as_of() -> &'static str {
    &table().as_of
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    // The table is part of the program, and a test reads it whole: were it
    // broken, no price would be known.
    TABLE.get_or_init(|| toml::from_str(include_str!("prices.toml")).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_can_be_read() {
        let table: Table = toml::from_str(include_str!("prices.toml")).unwrap();
        assert!(table.as_of.starts_with("20") && table.as_of.len() == 7);
        assert!(table.regions.len() >= 8);
        let names = table.regions.keys();
        assert!(names.clone().all(|name| name.split('-').count() == 3));
    }

    #[test]
    fn a_price_is_what_the_table_says_or_nothing() {
        let tokyo = |way| per_gb(way, "ap-northeast-1").unwrap().to_string();
        assert_eq!(tokyo(Way::NatGateway), "0.062");
        assert_eq!(tokyo(Way::InterfaceEndpoint), "0.01");
        assert_eq!(tokyo(Way::GatewayEndpoint), "0");
        assert_eq!(tokyo(Way::InternetGateway), "0");
        let hour = per_hour(Way::InterfaceEndpoint, "ap-northeast-1");
        assert_eq!(hour.unwrap().to_string(), "0.014");
        assert_eq!(per_gb(Way::NatGateway, "mars-north-1"), None);
        assert_eq!(per_hour(Way::InterfaceEndpoint, "us-east-2"), None);
    }

    #[test]
    fn no_way_is_dearer_than_the_nat_gateway() {
        for region in table().regions.keys() {
            let nat = per_gb(Way::NatGateway, region).unwrap();
            for way in [Way::GatewayEndpoint, Way::InterfaceEndpoint] {
                assert!(
                    per_gb(way, region).is_none_or(|price| price < nat),
                    "{region}"
                );
            }
        }
    }
}
